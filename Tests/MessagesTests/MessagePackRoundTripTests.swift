// The MessagePack coder against the format's byte table, against Foundation's JSON coder, and against itself.

import Foundation
import Messages
import Testing

private func bytes(_ value: some Encodable) throws -> [UInt8] {
    try MessagePackEncoder.encode(value)
}

private func decoded<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
    try MessagePackDecoder.decode(type, from: bytes)
}

@Suite struct MessagePackFormatTests {
    @Test(
        arguments: [
            (0, [0x00]), (127, [0x7f]), (128, [0xcc, 0x80]), (255, [0xcc, 0xff]), (256, [0xcd, 1, 0]),
            (65_535, [0xcd, 0xff, 0xff]), (65_536, [0xce, 0, 1, 0, 0]),
            (Int(UInt32.max), [0xce, 0xff, 0xff, 0xff, 0xff]),
            (1 << 32, [0xcf, 0, 0, 0, 1, 0, 0, 0, 0]), (-1, [0xff]), (-32, [0xe0]), (-33, [0xd0, 0xdf]),
            (-128, [0xd0, 0x80]), (-129, [0xd1, 0xff, 0x7f]), (-32_768, [0xd1, 0x80, 0]),
            (-32_769, [0xd2, 0xff, 0xff, 0x7f, 0xff]), (Int.min, [0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]),
        ] as [(Int, [UInt8])])
    func integersTakeTheirShortestForm(value: Int, expected: [UInt8]) throws {
        #expect(try bytes(value) == expected)
        #expect(try decoded(Int.self, expected) == value)
    }

    @Test func everyIntegerTypeKeepsItsExtremes() throws {
        func check<Number: FixedWidthInteger & Codable>(_ type: Number.Type) throws {
            for value in [Number.min, 0, 1, Number.max] {
                #expect(try decoded(type, bytes(value)) == value)
                #expect(try decoded([String: Number].self, bytes(["k": value])) == ["k": value])
                #expect(try decoded([Number].self, bytes([value])) == [value])
            }
        }
        try check(Int8.self)
        try check(Int16.self)
        try check(Int32.self)
        try check(Int64.self)
        try check(UInt16.self)
        try check(UInt32.self)
        try check(UInt64.self)
        try check(UInt.self)
        #expect(try decoded(UInt8.self, bytes(UInt8.max)) == .max)
    }

    @Test(arguments: [0, 1, 31, 32, 255, 256, 65_535, 65_536])
    func stringsAndBinariesOfEveryHeadSizeComeBack(count: Int) throws {
        let text = String(repeating: "x", count: count)
        let data = [UInt8](repeating: 7, count: count)
        #expect(try decoded(String.self, bytes(text)) == text)
        #expect(try decoded([UInt8].self, bytes(data)) == data)
        #expect(try decoded(Data.self, bytes(Data(data))) == Data(data))
        #expect(try bytes(Data(data)) == bytes(data))
    }

    @Test(arguments: [0, 1, 15, 16, 17, 65_535, 65_536])
    func arraysAndMapsOfEveryHeadSizeComeBack(count: Int) throws {
        let numbers = Array(0..<count)
        let encoded = try bytes(numbers)
        #expect(try decoded([Int].self, encoded) == numbers)
        #expect(encoded[0] == (count < 16 ? 0x90 + UInt8(count) : count < 65_536 ? 0xdc : 0xdd))
        let map = Dictionary(uniqueKeysWithValues: numbers.map { ("key\($0)", $0) })
        #expect(try decoded([String: Int].self, bytes(map)) == map)
    }

    @Test func nestedContainersAreWidenedInTheirPlaces() throws {
        let table = (0..<40).map { row in (0..<row).map { "\(row).\($0)" } }
        #expect(try decoded([[String]].self, bytes(table)) == table)
        let deep = ["a": ["b": table], "c": ["d": table]]
        #expect(try decoded([String: [String: [[String]]]].self, bytes(deep)) == deep)
    }

    @Test func floatsKeepTheirBits() throws {
        for value in [0, -0.0, 1.5, Double.pi, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        {
            #expect(try decoded(Double.self, bytes(value)).bitPattern == value.bitPattern)
        }
        #expect(try decoded(Double.self, bytes(Double.nan)).isNaN)
        #expect(try decoded(Float.self, bytes(Float(0.1))) == 0.1)
        #expect(try bytes(Float(1)) == [0xca, 0x3f, 0x80, 0, 0])
    }

    @Test func numbersAreTakenInOtherFormsThatHoldThemExactly() throws {
        #expect(try decoded(Double.self, [0x05]) == 5)
        #expect(try decoded(Float.self, [0xff]) == -1)
        #expect(try decoded(Int.self, bytes(3.0)) == 3)
        #expect(try decoded(Int.self, [0xd3, 0, 0, 0, 0, 0, 0, 0, 9]) == 9)
        #expect(try decoded(Float.self, bytes(0.1)) == Float(0.1))
        #expect(throws: DecodingError.self) { try decoded(Int.self, bytes(3.5)) }
        #expect(throws: DecodingError.self) { try decoded(Int8.self, bytes(128)) }
        #expect(throws: DecodingError.self) { try decoded(UInt.self, bytes(-1)) }
        #expect(throws: DecodingError.self) { try decoded(Float.self, bytes(1e300)) }
        #expect(throws: DecodingError.self) { try decoded(Int.self, bytes(Double.nan)) }
    }

    @Test func byteArraysAreTakenAsNumbersToo() throws {
        #expect(try decoded([UInt8].self, [0x93, 1, 2, 0xcc, 255]) == [1, 2, 255])
    }
}

@Suite struct MessagePackCodableTests {
    private struct Inner: Codable, Equatable {
        var flag: Bool?
        var name: String?
    }

    private struct Outer: Codable, Equatable {
        var first: Int
        var inner: Inner
        var list: [Inner?]
        var map: [String: Int]?
        var data: [UInt8]
    }

    private struct Empty: Codable, Equatable {}

    private enum Choice: Codable, Equatable {
        case bare
        case single(Int)
        case named(left: String, right: [Double]?)
    }

    private class Base: Codable {
        var base = 1
        init() {}
    }

    private final class Derived: Base {
        var derived = 2
        enum CodingKeys: CodingKey { case derived }
        override init() { super.init() }
        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            derived = try container.decode(Int.self, forKey: .derived)
            try super.init(from: container.superDecoder())
        }
        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(derived, forKey: .derived)
            try super.encode(to: container.superEncoder())
        }
    }

    @Test func structsComeBackWithAndWithoutTheirOptionals() throws {
        for flag in [nil, true] {
            for map in [nil, [:], ["a": 1]] as [[String: Int]?] {
                let value = Outer(
                    first: -1, inner: Inner(flag: flag, name: flag.map { _ in "n" }), list: [nil, Inner()], map: map,
                    data: [0, 255])
                #expect(try decoded(Outer.self, bytes(value)) == value)
            }
        }
    }

    @Test func enumsEmptyTypesAndClassesComeBack() throws {
        let choices: [Choice] = [.bare, .single(1), .named(left: "l", right: nil), .named(left: "", right: [1])]
        #expect(try decoded([Choice].self, bytes(choices)) == choices)
        #expect(try bytes(Empty()) == [0x80])
        #expect(try decoded([Empty].self, bytes([Empty(), Empty()])) == [Empty(), Empty()])
        let derived = Derived()
        (derived.base, derived.derived) = (7, 8)
        let copy = try decoded(Derived.self, bytes(derived))
        #expect(copy.base == 7 && copy.derived == 8)
    }

    @Test func unknownAndReorderedKeysAreTaken() throws {
        // {"z": [1, {"q": nil}], "name": "n", 5: 6, "flag": true}
        let encoded: [UInt8] =
            [0x84, 0xa1, 0x7a, 0x92, 1, 0x81, 0xa1, 0x71, 0xc0, 0xa4] + Array("name".utf8) + [0xa1, 0x6e, 5, 6, 0xa4]
            + Array("flag".utf8) + [0xc3]
        #expect(try decoded(Inner.self, encoded) == Inner(flag: true, name: "n"))
        #expect(try decoded([Inner].self, [0x92] + encoded + encoded).count == 2)
    }

    @Test func errorsNameThePlace() throws {
        let encoded = try bytes(["inner": ["flag": "no"]])
        do {
            _ = try decoded([String: Inner].self, encoded)
            Issue.record("a string was taken for a boolean")
        } catch DecodingError.typeMismatch(_, let context) {
            #expect(context.codingPath.map(\.stringValue) == ["inner", "flag"])
            #expect(context.debugDescription.contains("byte 13"))
        }
    }

    @Test func containersThatAreUsedInterleavedAreRefused() throws {
        struct Interleaved: Encodable {
            enum Keys: CodingKey { case first, second }
            func encode(to encoder: any Encoder) throws {
                var outer = encoder.container(keyedBy: Keys.self)
                var left = outer.nestedContainer(keyedBy: Keys.self, forKey: .first)
                var right = outer.nestedContainer(keyedBy: Keys.self, forKey: .second)
                try? right.encode(1, forKey: .first)
                try? left.encode(2, forKey: .first)
            }
        }
        #expect(throws: EncodingError.self) { try bytes(Interleaved()) }
    }

    @Test func aSwallowedErrorStillFailsTheWhole() throws {
        struct Thrower: Encodable {
            func encode(to encoder: any Encoder) throws { throw KuaibaoError(.internal, "no", fix: "none") }
        }
        struct Swallower: Encodable {
            enum Keys: CodingKey { case key }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                try? container.encode(Thrower(), forKey: .key)
            }
        }
        #expect(throws: KuaibaoError.self) { try bytes(Swallower()) }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func randomValuesComeBackAsTheyDoThroughJSON(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        func check<Value: Codable & Equatable>(_ value: Value) throws {
            let json = try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
            let packed = try decoded(Value.self, bytes(value))
            #expect(packed == value, "seed \(seed)")
            #expect(packed == json, "seed \(seed)")
        }
        for _ in 0..<8 {
            try check(generator.item())
            try check(generator.document())
            try check(generator.query(depth: 4))
            try check(generator.header())
            try check(generator.error())
            try check(
                SearchRequest(
                    collection: "c", query: generator.query(depth: 2), limit: generator.maybe { $0.integer() }))
            try check(
                DocumentDescription(
                    identity: generator.text(upTo: 9), contentType: generator.maybe { $0.text(upTo: 9) },
                    hints: ["year": generator.text(upTo: 4), "": "x"], acceptedAt: Int64(generator.integer()),
                    isRemoval: Bool.random(using: &generator)))
        }
    }
}
