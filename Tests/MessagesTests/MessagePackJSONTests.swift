// JSON made of MessagePack is the JSON that Foundation writes, read as a value.

import Foundation
import Testing

@testable import Messages

@Suite struct MessagePackJSONTests {
    private func expectSame(_ value: some Encodable, _ what: String) throws {
        let ours = try JSONDecoder().decode(JSONValue.self, from: Data(try MessagePackJSON.encode(value)))
        let theirs = try JSONDecoder().decode(JSONValue.self, from: try JSONEncoder().encode(value))
        #expect(ours == theirs, "\(what)")
    }

    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func anyValueIsWrittenAsFoundationWritesIt(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        try expectSame(generator.json(depth: 5), "seed \(seed)")
    }

    private struct Everything: Encodable {
        var bytes: [UInt64] = [0, 127, 128, 255, 256, 65_535, 65_536, .max]
        var signed: [Int64] = [-1, -32, -33, -128, -129, -32_768, -32_769, .min, .max]
        var reals: [Double] = [0, -0.5, 0.1, 3, 1e21, 1e-7, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        var singles: [Float] = [0.1, 2, 1e30]
        var texts = ["", "a\u{0}\u{1F}\u{7F}\"\\/\u{8}\u{c}\n\r\t", "复工😀", String(repeating: "长", count: 30_000)]
        var none: Int?
        var map = ["键\"": 1]
        var nested: [[String: [Int]]] = [[:], ["a": []]]
        var error = KuaibaoError(.invalidQuery, "m", fix: "f", range: 1..<4)
    }

    @Test func everySizeAndSignIsWritten() throws {
        try expectSame(Everything(), "everything")
        #expect(String(decoding: try MessagePackJSON.encode([1.0, 2.5, -0.0]), as: UTF8.self) == "[1,2.5,-0]")
        #expect(String(decoding: try MessagePackJSON.encode("\u{1b}"), as: UTF8.self) == "\"\\u001b\"")
    }

    @Test func whatHasNoJSONIsRefused() {
        #expect(throws: EncodingError.self) { try MessagePackJSON.encode([Double.nan]) }
        #expect(throws: EncodingError.self) { try MessagePackJSON.encode(["a": -Double.infinity]) }
        #expect(throws: EncodingError.self) { try MessagePackJSON.encode(["bytes": [1, 2] as [UInt8]]) }
        for bytes in [[], [0xc1], [0x81], [0x81, 0x01, 0x01], [0xa5, 0x61], [0xdb, 0xff, 0xff, 0xff, 0xff], [0x01, 0x01]] as [[UInt8]] {
            #expect(MessagePackJSON.text(of: bytes) == nil, "\(bytes)")
        }
        #expect(MessagePackJSON.text(of: Array(repeating: 0x91, count: 100_000)) == nil)
    }
}
