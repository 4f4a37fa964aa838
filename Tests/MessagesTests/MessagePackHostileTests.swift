// Hostile MessagePack: lengths that lie, depth, wrong text, and random damage. Nothing may trap or allocate by a lie.

import Messages
import Testing

@Suite struct MessagePackHostileTests {
    @Test(
        arguments: [
            [], [0xc1], [0xc7, 0, 0], [0xd4, 1, 2], [0xd8] + [UInt8](repeating: 0, count: 17),
            [0xdd, 0xff, 0xff, 0xff, 0xff],
            [0xdf, 0xff, 0xff, 0xff, 0xff], [0xdb, 0xff, 0xff, 0xff, 0xff], [0xc6, 0x7f, 0xff, 0xff, 0xff, 1],
            [0xdc, 0],
            [0xcf, 1], [0xcb, 0, 0, 0, 0, 0, 0, 0], [0xa5, 0x61], [0xd9], [0x92, 1], [0x81, 0xa1, 0x61], [0x01, 0x01],
            [0x82, 0xa1, 0x61, 1],
        ] as [[UInt8]])
    func brokenBytesAreErrorsForEveryType(bytes: [UInt8]) {
        func refuses<Value: Decodable>(_ type: Value.Type) {
            #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(type, from: bytes) }
        }
        refuses(String.self)
        refuses([UInt8].self)
        refuses([String].self)
        refuses([String: Int].self)
        refuses([Double].self)
        refuses(Item.self)
        refuses(Query.self)
        refuses(Header.self)
        refuses(Bool.self)
    }

    @Test func bytesAfterTheValueAreRefused() {
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(Int.self, from: [1, 2]) }
    }

    @Test func textThatIsNotUTF8IsRefused() {
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(String.self, from: [0xa2, 0xc3, 0x28]) }
        #expect(throws: DecodingError.self) {
            try MessagePackDecoder.decode(String.self, from: [0xa3, 0xed, 0xa0, 0x80])
        }
    }

    @Test func depthIsBoundedInBothDirections() throws {
        struct Nest: Codable {
            var inner: [Nest]
        }
        func nest(_ depth: Int) -> Nest { Nest(inner: depth == 0 ? [] : [nest(depth - 1)]) }
        // A Nest of n inner ones is 2 n + 2 containers.
        let deepest = try MessagePackEncoder.encode(nest(31))
        _ = try MessagePackDecoder.decode(Nest.self, from: deepest)
        #expect(throws: EncodingError.self) { try MessagePackEncoder.encode(nest(32)) }
        let bomb = [UInt8](repeating: 0x91, count: 1 << 20)
        struct Ignoring: Decodable {}
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(Nest.self, from: bomb) }
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(Ignoring.self, from: bomb) }
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode([[Int]].self, from: bomb + [1]) }
        let hidden: [UInt8] = [0x81, 0xa1, 0x7a] + [UInt8](repeating: 0x91, count: 64) + [0xc0]
        #expect(throws: DecodingError.self) { try MessagePackDecoder.decode(Ignoring.self, from: hidden) }
        let shallow: [UInt8] = [0x81, 0xa1, 0x7a] + [UInt8](repeating: 0x91, count: 63) + [0xc0]
        _ = try MessagePackDecoder.decode(Ignoring.self, from: shallow)
    }

    @Test func manyRepeatedOrNumberedKeysAreReadInLinearTime() throws {
        // 200,000 pairs "a": nil, then as many with integer keys: each lookup finds the next pair at once.
        let count = 200_000
        var bytes: [UInt8] = [0xdf, 0, 0x03, 0x0d, 0x40]
        for index in 0..<count { bytes += index % 2 == 0 ? [0xa1, 0x61, 1] : [5, 1] }
        #expect(try MessagePackDecoder.decode([String: Int].self, from: bytes) == ["a": 1])
    }

    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func randomBytesNeverTrap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<1_000 {
            let bytes = (0..<Int.random(in: 0...48, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            accepted += attempts(bytes)
        }
        #expect(accepted > 0, "seed \(seed): not one accepted, so the test sees only the first byte")
    }

    @Test(arguments: [21, 22, 23, 24] as [UInt64])
    func damagedMessagesNeverTrap(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let samples = [
                try MessagePackEncoder.encode(generator.item()),
                try MessagePackEncoder.encode(generator.query(depth: 3)),
                try MessagePackEncoder.encode(generator.header()), try MessagePackEncoder.encode(generator.error()),
            ]
            for sample in samples {
                for _ in 0..<20 {
                    var damaged = sample
                    for _ in 0...Int.random(in: 0...2, using: &generator) {
                        damaged[Int.random(in: 0..<damaged.count, using: &generator)] ^=
                            1 << Int.random(in: 0..<8, using: &generator)
                    }
                    _ = attempts(damaged)
                    _ = attempts(Array(sample.prefix(Int.random(in: 0..<sample.count, using: &generator))))
                }
            }
        }
    }

    @Test func everyTruncationIsAnError() throws {
        var generator = SeededGenerator(seed: 31)
        let bytes = try MessagePackEncoder.encode(generator.item())
        for count in 0..<bytes.count {
            #expect(throws: DecodingError.self) {
                try MessagePackDecoder.decode(Item.self, from: Array(bytes.prefix(count)))
            }
        }
    }

    /// Decodes as every kind of type; the number of successes.
    private func attempts(_ bytes: [UInt8]) -> Int {
        func attempt<Value: Decodable>(_ type: Value.Type) -> Int {
            (try? MessagePackDecoder.decode(type, from: bytes)) == nil ? 0 : 1
        }
        return attempt(Item.self) + attempt(Query.self) + attempt(Header.self) + attempt(KuaibaoError.self)
            + attempt([String: [Int?]].self) + attempt(ParsedDocument.self) + attempt(Int.self) + attempt(String.self)
            + attempt([UInt8].self) + attempt(SearchRequest.self)
    }
}
