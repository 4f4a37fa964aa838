// A value that is passed on as bytes is the value that was sent, in every coder.

import Foundation
import Testing

@testable import Messages

@Suite struct EncodedValueTests {
    private struct Parcel<Content: Codable>: Codable {
        var before: Int
        var contents: [Content]
        var after: String
    }

    /// The values as they are, passed on twice, and read again: equal, and the same bytes and JSON as without passing on.
    @Test(arguments: 1...200 as ClosedRange<UInt64>)
    func whatIsPassedOnIsWhatWasSent(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let values = generator.many(upTo: 20) { $0.json(depth: 4) }
        let plain = Parcel(before: generator.integer(), contents: values, after: generator.text(upTo: 40))
        let sent = try MessagePackEncoder.encode(plain)
        let passed = try MessagePackDecoder.decode(Parcel<EncodedValue<JSONValue>>.self, from: sent)
        // Whole numbers come back as integers.
        let read = try MessagePackDecoder.decode(Parcel<JSONValue>.self, from: sent).contents
        #expect(passed.before == plain.before && passed.after == plain.after, "seed \(seed)")
        #expect(try passed.contents.map { try $0.value() } == read, "seed \(seed)")
        #expect(try MessagePackEncoder.encode(passed) == sent, "seed \(seed)")
        #expect(try MessagePackJSON.encode(passed) == MessagePackJSON.encode(plain), "seed \(seed)")
        let wrapped = Parcel(before: plain.before, contents: try values.map { try EncodedValue($0) }, after: plain.after)
        #expect(try MessagePackDecoder.decode(Parcel<JSONValue>.self, from: MessagePackEncoder.encode(wrapped)).contents == read)
    }

    @Test func otherCodersSeeTheValue() throws {
        let value = try EncodedValue(JSONValue.object(["标题": .string("复工"), "n": .list([.integer(3), .null])]))
        let text = try JSONEncoder().encode([value])
        #expect(try JSONDecoder().decode([JSONValue].self, from: text) == [value.value()])
        #expect(try JSONDecoder().decode([EncodedValue<JSONValue>].self, from: text).map { try $0.value() } == [value.value()])
        #expect(try MessagePackDecoder.decode(EncodedValue<JSONValue>.self, from: value.bytes).bytes == value.bytes)
    }

    @Test func whatIsNoWholeValueIsRefused() throws {
        let sent = try MessagePackEncoder.encode(Parcel(before: 1, contents: ["abc", "复工"], after: "z"))
        for length in 0..<sent.count {
            #expect(throws: DecodingError.self, "\(length) bytes") {
                try MessagePackDecoder.decode(Parcel<EncodedValue<String>>.self, from: Array(sent.prefix(length)))
            }
        }
        // Deeper than the format goes.
        let deep = [UInt8](repeating: 0x91, count: 70) + [0xc0]
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(EncodedValue<JSONValue>.self, from: deep) }
        // A string that is none is told when it is read.
        let passed = try MessagePackDecoder.decode(EncodedValue<String>.self, from: [0xa1, 0xff])
        #expect(throws: DecodingError.self) { try passed.value() }
    }
}
