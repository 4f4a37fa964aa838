// Records of declared collections in MessagePack: written directly, without asking each value to encode itself.

import Foundation
import Messages
import Testing

/// The same values through Codable alone: what was written before, and what other codecs write.
private struct Plain: Codable, Equatable {
    let value: JSONValue

    init(_ value: JSONValue) { self.value = value }
    init(from decoder: any Decoder) throws { value = try JSONValue(from: decoder) }
    func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}

@Suite struct RecordCodingTests {
    private static let values: [JSONValue] = [
        .null, .boolean(true), .boolean(false), .integer(0), .integer(.min), .integer(.max), .number(36.5), .number(-1e300),
        .string(""), .string("社区"), .list([]), .list([.integer(1), .list([.null]), .string("x")]), .object([:]),
        .object(["lat": .number(31.2), "lon": .number(121.4)]),
        .list((0..<70_000).map { .integer(Int64($0)) }),
        .object(Dictionary((0..<20).map { ("k\($0)", .integer($0)) }, uniquingKeysWith: { $1 })),
    ]

    @Test(arguments: values.indices) func valuesComeBackAsThroughCodable(_ place: Int) throws {
        let value = Self.values[place]
        let direct = try MessagePackEncoder.encode(value)
        #expect(try MessagePackDecoder.decode(JSONValue.self, from: direct) == value)
        #expect(try MessagePackDecoder.decode(Plain.self, from: direct) == Plain(value))
        let plain = try MessagePackEncoder.encode(Plain(value))
        #expect(try MessagePackDecoder.decode(JSONValue.self, from: plain) == value)
        #expect(plain.count == direct.count)
    }

    @Test func brokenValuesAreErrors() throws {
        let whole = try MessagePackEncoder.encode(["a": Self.values[11]])
        for end in 0..<whole.count {
            #expect(throws: DecodingError.self) {
                try MessagePackDecoder.decode([String: JSONValue].self, from: Array(whole[..<end]))
            }
        }
        let deep = [UInt8](repeating: 0x91, count: 100_000) + [0xc0]
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(JSONValue.self, from: deep) }
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode([String: JSONValue].self, from: [0x90]) }
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(JSONValue.self, from: [0xc4, 1, 7]) }
        #expect(throws: DecodingError.self) {
            try MessagePackDecoder.decode(JSONValue.self, from: [0xcf, 255, 255, 255, 255, 255, 255, 255, 255])
        }
        let nested = (0..<100).reduce(JSONValue.null) { value, _ in .list([value]) }
        #expect(throws: (any Error).self) { try MessagePackEncoder.encode(nested) }
    }

    @Test(arguments: [0, 1, 127, 128, 70_000, 1 << 40] as [Int64])
    func anItemRecordWithAGapIsTheSameOnceItIsFilled(offset: Int64) throws {
        let description = DocumentDescription(
            identity: "DJ-1", contentType: RecordMediaType.checkedWhole, hints: ["a": "b"], acceptedAt: 7, trace: "t")
        for content in [RecordContent(values: ["社区": .string("五里桥")], isPatch: true), nil] {
            let (bytes, gap) = try ItemsRecord.encodeWithGap(head: try description.encode(), record: content)
            let parsed = ParsedAppend(partition: 0, payload: bytes, offsetPlace: gap)
            #expect(parsed.isWellFormed)
            let completion = parsed.completion(in: "c", rawOffset: offset)
            let batch = try #require(completion.appends.first?.batch)
            #expect(batch.batchID == "raw/\(offset)")
            let expected = ItemsRecord(
                document: description, version: offset, parsed: content == nil ? ItemsRecord.removal : ItemsRecord.ofRecord,
                record: content)
            #expect(try MessagePackDecoder.decode(ItemsRecord.self, from: batch.payload) == expected)
        }
    }
}
