// zstd of whole arrays.

import CZstd

/// One-shot compression.
enum Zstd {
    static func compress(_ bytes: [UInt8]) throws(SearchCoreError) -> [UInt8] {
        let limit = ZSTD_compressBound(bytes.count)
        var size = 0
        let out = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, used in
            size = unsafe bytes.withUnsafeBytes {
                unsafe ZSTD_compress(
                    buffer.baseAddress, limit, $0.baseAddress, $0.count, DocumentStoreFormat.compressionLevel)
            }
            used = ZSTD_isError(size) == 0 ? size : 0
        }
        guard ZSTD_isError(size) == 0 else {
            throw SearchCoreError(.io, "zstd refuses \(bytes.count) bytes: \(unsafe String(cString: ZSTD_getErrorName(size)))")
        }
        return out
    }
}

/// Decompresses one array after the other; its working memory, about 100 KB, is made once.
@safe
final class ZstdDecoder {
    private let context: OpaquePointer?

    init() {
        unsafe context = ZSTD_createDCtx()
    }

    deinit {
        unsafe ZSTD_freeDCtx(context)
    }

    /// - Throws: `corrupt` unless exactly `count` bytes come out.
    func decompress(_ view: ByteView, count: Int) throws(SearchCoreError) -> [UInt8] {
        var size = 0
        // In bounds: zstd writes at most `count` bytes and reads only the view's; without a context it answers an error.
        let out = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            size = unsafe ZSTD_decompressDCtx(context, buffer.baseAddress, count, view.base, view.count)
            used = ZSTD_isError(size) == 0 ? size : 0
        }
        guard ZSTD_isError(size) == 0, out.count == count else {
            throw SearchCoreError(.corrupt, "a compressed block does not hold \(count) bytes")
        }
        return out
    }
}
