// zlib as a stream: bytes in, compressed bytes out. The only place that knows zlib.

import CZlib
import NIOCore

/// One stream. Not shared; about 270 KB while it lives.
@safe
final class Deflater {
    /// Quick rather than small: 1…9, zlib's own default is 6.
    private static let level: Int32 = 1
    private static let memoryLevel: Int32 = 8
    /// Bits of the window; 16 more make zlib write the gzip format.
    private static let windowBits: Int32 = 15
    private static let gzipBits: Int32 = 16

    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    init(_ coding: ContentCoding) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let bits = Self.windowBits + (coding == .gzip ? Self.gzipBits : 0)
        isReady = unsafe kuaibao_deflate_init(stream, Self.level, bits, Self.memoryLevel) == Z_OK
    }

    deinit {
        if isReady { unsafe deflateEnd(stream) }
        unsafe stream.deinitialize(count: 1)
        unsafe stream.deallocate()
    }

    /// What comes out for some bytes; `isLast` ends the stream.
    ///
    /// - Throws: where zlib has no memory.
    func compress(_ bytes: ByteBuffer, isLast: Bool) throws -> ByteBuffer {
        guard isReady else { throw CompressionFailure() }
        var out = ByteBuffer()
        // In bounds: zlib reads `avail_in` bytes of the view, and writes at most the capacity that it is told.
        let limit = unsafe Int(deflateBound(stream, UInt(bytes.readableBytes))) + Self.trailerBytes
        var status = Z_OK
        let isWhole = unsafe bytes.withUnsafeReadableBytes { input -> Bool in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.pointee.avail_in = UInt32(input.count)
            unsafe out.writeWithUnsafeMutableBytes(minimumWritableBytes: limit) { output in
                unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe stream.pointee.avail_out = UInt32(output.count)
                status = unsafe deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                return unsafe output.count - Int(stream.pointee.avail_out)
            }
            let isEmpty = unsafe stream.pointee.avail_in == 0
            unsafe stream.pointee.next_in = nil
            return isEmpty
        }
        guard isWhole, status == (isLast ? Z_STREAM_END : Z_OK) else { throw CompressionFailure() }
        return out
    }

    /// Room for what the stream held back of earlier bytes: zlib's pending output of memory level 8.
    private static let trailerBytes = 1 << 17
}

/// zlib has no memory: the answer breaks off, which the client sees.
struct CompressionFailure: Error {}
