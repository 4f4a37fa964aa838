// Compressed answers: what a client may ask for, and that what it unpacks is what it would have got.

import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import QueryService

@Suite struct CompressionTests {
    @Test(
        arguments: [
            (nil, nil), ("", nil), ("gzip", "gzip"), ("GZIP", "gzip"), ("deflate", "deflate"),
            ("gzip, deflate, br", "gzip"),
            ("deflate;q=1, gzip;q=0.5", "deflate"), ("gzip;q=0", nil), ("*", "gzip"), ("*;q=0", nil),
            ("gzip;q=0, *", "deflate"),
            ("identity", nil), ("identity, gzip;q=0.5", nil), ("br", nil), ("x-gzip", "gzip"), ("gzip;q=nonsense", nil),
            (";;;,,,q=", nil), (" gzip ; q=0.1 ", "gzip"),
        ] as [(String?, String?)])
    func theBestCodingIsTaken(_ header: String?, _ expected: String?) {
        #expect(ContentCoding(accepted: header)?.rawValue == expected)
    }

    @Test(arguments: [
        ("application/json; charset=utf-8", true), ("application/x-ndjson", true), ("text/csv", true),
        ("application/yaml", true),
        ("text/event-stream", false), ("application/octet-stream", false), ("application/pdf", false),
        ("image/svg+xml", true),
    ])
    func whatShrinksIsCompressed(_ type: String, _ expected: Bool) {
        #expect(ContentCoding.isWorthwhile(type) == expected)
        #expect(!ContentCoding.isWorthwhile(nil))
    }

    private static func response(_ body: ResponseBody, _ type: String = "application/json") -> Response {
        var response = Response(status: .ok, body: body)
        response.headers[.contentType] = type
        return response
    }

    private final class Written {
        var bytes: [UInt8] = []
    }

    private struct Sink: ResponseBodyWriter {
        let written: Written
        mutating func write(_ buffer: ByteBuffer) async throws { written.bytes += Array(buffer.readableBytesView) }
        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }

    /// What Python's zlib, another implementation's user, makes of the bytes; nil where there is no Python.
    private static func inflated(_ bytes: [UInt8], _ coding: ContentCoding) throws -> [UInt8]? {
        guard let python = ProcessInfo.processInfo.environment["KUAIBAO_TEST_PYTHON"] else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        let bits = coding == .gzip ? 31 : 15
        process.arguments = [
            "-c", "import sys,zlib; sys.stdout.buffer.write(zlib.decompress(sys.stdin.buffer.read(), \(bits)))",
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Small enough for the pipe's buffer on one side: the bytes are compressed.
        input.fileHandleForWriting.write(Data(bytes))
        try input.fileHandleForWriting.close()
        let result = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? Array(result) : nil
    }

    @Test(arguments: ContentCoding.allCases, [1024, 40_000, 3_000_000])
    func whatIsUnpackedIsTheAnswer(_ coding: ContentCoding, _ count: Int) async throws {
        let compression = Compression(leastBytes: 1000)
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 40 &* 31) }
        for isStream in [false, true] {
            let body =
                isStream
                ? ResponseBody { writer in
                    for start in stride(from: 0, to: count, by: 9000) {
                        try await writer.write(ByteBuffer(bytes: bytes[start..<min(start + 9000, count)]))
                    }
                    try await writer.finish(nil)
                } : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
            let response = try await compression.applied(
                to: Self.response(body), accepting: coding.rawValue, isHead: false)
            #expect(
                response.headers[.contentEncoding] == coding.rawValue && response.headers[.vary] == "Accept-Encoding")
            let written = Written()
            try await response.body.write(Sink(written: written))
            #expect(written.bytes.count < count / 2)
            if let length = response.body.contentLength { #expect(length == written.bytes.count) }
            if let inflated = try Self.inflated(written.bytes, coding) { #expect(inflated == bytes) }
        }
        let counters = compression.counters
        #expect(counters.compressed == 2 && counters.bytesIn == 2 * count && counters.bytesOut < count)
    }

    @Test func answersOfOthersGoAsTheyAre() async throws {
        let compression = Compression(leastBytes: 1000)
        let large = ResponseBody(byteBuffer: ByteBuffer(bytes: [UInt8](repeating: 65, count: 5000)))
        func coded(_ response: Response, _ accepting: String?, isHead: Bool = false) async throws -> String? {
            try await compression.applied(to: response, accepting: accepting, isHead: isHead).headers[.contentEncoding]
        }
        #expect(try await coded(Self.response(large), nil) == nil)
        #expect(try await coded(Self.response(large, "text/event-stream"), "gzip") == nil)
        #expect(try await coded(Self.response(large), "gzip", isHead: true) == nil)
        #expect(try await coded(Self.response(ResponseBody(byteBuffer: ByteBuffer(string: "{}"))), "gzip") == nil)
        #expect(
            try await Compression(leastBytes: 0).applied(to: Self.response(large), accepting: "gzip", isHead: false)
                .headers[.contentEncoding] == nil)
        // No more at once than the bound: streams that nobody has read yet hold their places.
        let stream = ResponseBody { writer in try await writer.finish(nil) }
        var open: [Response] = []
        for _ in 0..<Compression.streamLimit {
            open.append(try await compression.applied(to: Self.response(stream), accepting: "gzip", isHead: false))
        }
        #expect(open.allSatisfy { $0.headers[.contentEncoding] == "gzip" })
        #expect(try await coded(Self.response(stream), "gzip") == nil)
        #expect(compression.counters.passedOver == 1)
        for response in open { try await response.body.write(Sink(written: Written())) }
        #expect(try await coded(Self.response(stream), "gzip") == "gzip")
    }
}
