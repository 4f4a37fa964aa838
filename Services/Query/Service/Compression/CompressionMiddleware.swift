// Compresses answers for clients that take it.
//
// Short answers go as they are: below `leastBytes` nothing is won. A body whose length is known and that is not large is
// compressed before its head is sent, so that the head tells the length; others are compressed as they are written. At most
// `streamLimit` at once, because each takes memory: further answers go uncompressed and are counted.

import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Answers of all endpoints pass it last.
struct CompressionMiddleware<Context: RequestContext>: RouterMiddleware {
    let compression: Compression

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        return try await compression.applied(
            to: response, accepting: request.headers[.acceptEncoding], isHead: request.method == .head)
    }
}

/// Compresses, within bounds.
final class Compression: Sendable {
    static let streamLimit = 64
    /// Bodies up to here are compressed as a whole.
    private static let wholeBytes = 1 << 20
    /// Bytes that are compressed in one go, about 0.4 ms: the threads of requests are few.
    static let stepBytes = 32 << 10

    struct Counters: Sendable {
        var compressed = 0
        /// Answers that went as they are because too many were under way.
        var passedOver = 0
        var bytesIn = 0
        var bytesOut = 0
    }

    private struct State {
        var underWay = 0
        var counters = Counters()
    }

    private let leastBytes: Int
    private let state = Mutex(State())

    /// - Parameter leastBytes: answers below are not compressed; 0 compresses none.
    init(leastBytes: Int) { self.leastBytes = leastBytes }

    var counters: Counters { state.withLock { $0.counters } }

    func applied(to response: Response, accepting header: String?, isHead: Bool) async throws -> Response {
        guard leastBytes > 0, ContentCoding.isWorthwhile(response.headers[.contentType]),
            response.headers[.contentEncoding] == nil, response.body.contentLength.map({ $0 >= leastBytes }) ?? true
        else { return response }
        var response = response
        let vary = response.headers[.vary]
        response.headers[.vary] = vary.map { $0 + ", Accept-Encoding" } ?? "Accept-Encoding"
        guard !isHead, let coding = ContentCoding(accepted: header) else { return response }
        guard begin() else { return response }
        response.headers[.contentEncoding] = coding.rawValue
        response.headers[.contentLength] = nil
        let body = response.body
        if let length = body.contentLength, length <= Self.wholeBytes {
            defer { end() }
            let collected = CollectedBody()
            try await body.write(CollectingWriter(into: collected))
            let sum = CollectedBody()
            try await CompressingWriter(to: CollectingWriter(into: sum), Deflater(coding), self).all(collected.bytes)
            response.body = ResponseBody(byteBuffer: sum.bytes)
            return response
        }
        response.body = ResponseBody { [self] writer in
            defer { end() }
            try await body.write(writer.compressed(with: Deflater(coding), self))
        }
        return response
    }

    func note(bytesIn: Int, bytesOut: Int) {
        state.withLock {
            $0.counters.bytesIn += bytesIn
            $0.counters.bytesOut += bytesOut
        }
    }

    private func begin() -> Bool {
        state.withLock { state in
            guard state.underWay < Self.streamLimit else {
                state.counters.passedOver += 1
                return false
            }
            state.underWay += 1
            state.counters.compressed += 1
            return true
        }
    }

    private func end() { state.withLock { $0.underWay -= 1 } }
}

/// Bytes of a body that was written into memory.
private final class CollectedBody {
    var bytes = ByteBuffer()
}

private struct CollectingWriter: ResponseBodyWriter {
    let body: CollectedBody

    init(into body: CollectedBody) { self.body = body }

    mutating func write(_ buffer: ByteBuffer) async throws { body.bytes.writeImmutableBuffer(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// Compresses what is written and hands it on.
private struct CompressingWriter<Parent: ResponseBodyWriter>: ResponseBodyWriter {
    private var parent: Parent
    private let deflater: Deflater
    private let compression: Compression

    init(to parent: Parent, _ deflater: Deflater, _ compression: Compression) {
        self.parent = parent
        self.deflater = deflater
        self.compression = compression
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        var rest = buffer
        while let step = rest.readSlice(length: min(rest.readableBytes, Compression.stepBytes)), step.readableBytes > 0
        {
            try await hand(on: try deflater.compress(step, isLast: false), of: step.readableBytes)
            if rest.readableBytes > 0 { await Task.yield() }
        }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await hand(on: try deflater.compress(ByteBuffer(), isLast: true), of: 0)
        try await parent.finish(trailingHeaders)
    }

    consuming func all(_ bytes: ByteBuffer) async throws {
        try await write(bytes)
        try await finish(nil)
    }

    private mutating func hand(on bytes: ByteBuffer, of count: Int) async throws {
        compression.note(bytesIn: count, bytesOut: bytes.readableBytes)
        if bytes.readableBytes > 0 { try await parent.write(bytes) }
    }
}

extension ResponseBodyWriter {
    fileprivate consuming func compressed(with deflater: Deflater, _ compression: Compression)
        -> some ResponseBodyWriter
    {
        CompressingWriter(to: self, deflater, compression)
    }
}
