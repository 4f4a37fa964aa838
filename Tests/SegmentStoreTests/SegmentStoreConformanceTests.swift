// The laws of the segment store, for all engines.
import Foundation
import Messages
import SegmentStore
import Synchronization
import Testing

@Suite("segment store conformance")
struct SegmentStoreConformanceTests {
    static let contents: [[UInt8]] = [
        [], [0], Array("123456789".utf8), (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) },
        [UInt8](repeating: 0xA5, count: (1 << 20) + 1),
    ]

    @Test("S2 what was put is read back whole", arguments: StoreKind.allCases)
    func putIsReadBack(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        for (number, content) in Self.contents.enumerated() {
            let file = try bench.put("c/file-\(number).seg", content)
            #expect(try bench.bytes(file) == content)
            try bench.store.verify(file)
        }
        #expect(try bench.store.names() == (0..<5).map { "c/file-\($0).seg" })
    }

    @Test("S1 a name is never overwritten", arguments: StoreKind.allCases)
    func nameIsNeverOverwritten(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let file = try bench.put("c/a", [1])
        let error = #expect(throws: SegmentStoreError.self) { try bench.put("c/a", [2]) }
        #expect(error?.code == .exists)
        #expect(try bench.bytes(file) == [1])
        try bench.put("d/a", [3])
        #expect(try bench.store.names() == ["c/a", "d/a"])
    }

    @Test("S1 of many puts of one name, one wins and is whole", arguments: StoreKind.allCases)
    func oneOfManyPutsWins(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let contents = (0..<6).map { [UInt8](repeating: UInt8($0), count: 200_000) }
        let paths = try contents.enumerated().map { try bench.local($1, "source-\($0)") }
        let wins = WinList()
        DispatchQueue.concurrentPerform(iterations: 6) { number in
            if (try? bench.store.put("c/contested", fromFile: paths[number])) != nil { wins.add(number) }
        }
        let winner = try #require(wins.numbers.first)
        #expect(wins.numbers.count == 1)
        #expect(try bench.bytes(bench.describe("c/contested", contents[winner])) == contents[winner])
        #expect(try bench.store.names() == ["c/contested"])
    }

    @Test("S3 deleting the absent succeeds, and what is deleted is gone", arguments: StoreKind.allCases)
    func deletingTheAbsentSucceeds(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        try bench.store.delete("c/never")
        let file = try bench.put("c/a", [1, 2])
        _ = try bench.store.fetch(file)
        try bench.store.delete("c/a")
        try bench.store.delete("c/a")
        let error = #expect(throws: SegmentStoreError.self) { try bench.store.fetch(file) }
        #expect(error?.code == .notFound)
        #expect(throws: SegmentStoreError.self) { try bench.store.verify(file) }
        #expect(try bench.store.names() == [])
    }

    @Test("S4 a wrong length or checksum is refused", arguments: StoreKind.allCases)
    func wrongBytesAreRefused(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let file = try bench.put("c/a", [1, 2, 3])
        let found = FileFingerprint(byteCount: 3, checksum: file.checksum)
        for wrong in [(Int64(4), file.checksum), (3, file.checksum ^ 1)] {
            let other = SegmentFile(name: "c/a", byteCount: wrong.0, checksum: wrong.1)
            let expected = FileFingerprint(byteCount: wrong.0, checksum: wrong.1)
            for _ in 0..<2 {
                let error = #expect(throws: SegmentStoreError.self) { try bench.store.fetch(other) }
                #expect(error?.code == .corrupt(expected: expected, found: found))
                _ = try bench.store.fetch(file)
            }
            #expect(throws: SegmentStoreError.self) { try bench.store.verify(other) }
        }
    }

    @Test("a missing local file is named and leaves nothing", arguments: StoreKind.allCases)
    func missingLocalFile(_ kind: StoreKind) throws {
        let bench = try StoreBench(kind)
        let error = #expect(throws: SegmentStoreError.self) {
            try bench.store.put("c/a", fromFile: bench.directory.path + "/none")
        }
        #expect(error?.code == .notFound)
        #expect(try bench.store.names() == [])
        try bench.put("c/a", [1])
    }

    @Test(
        "a name that could leave the store is refused",
        arguments: [
            "", "a", "/", "c/", "/a", "c//a", "c/a/b", "../a", "c/..", "c/.hidden", "c/-a", "c/a b", "C/a", "c/a\0b",
            "c\0/a",
            ".c/a", "c/é", "c/a\n", "c/" + String(repeating: "a", count: 201), String(repeating: "c", count: 65) + "/a",
        ])
    func escapingNamesAreRefused(_ name: String) throws {
        for kind in StoreKind.allCases {
            let bench = try StoreBench(kind)
            let path = try bench.local([1])
            for body in [
                { try bench.store.put(name, fromFile: path) }, { try bench.store.delete(name) },
                { _ = try bench.store.fetch(bench.describe(name, [1])) },
                { try bench.store.verify(bench.describe(name, [1])) },
            ] {
                let error = #expect(throws: SegmentStoreError.self) { try body() }
                #expect(error?.code == .invalidName)
            }
            #expect(try bench.store.names() == [])
        }
    }

    @Test("random puts, deletes and reads agree with a dictionary", arguments: StoreKind.allCases, [UInt64](1...4))
    func agreesWithDictionary(_ kind: StoreKind, _ seed: UInt64) throws {
        let bench = try StoreBench(kind)
        var random = SeededGenerator(seed: seed)
        var oracle: [String: [UInt8]] = [:]
        for step in 0..<150 {
            let name = "\(["c", "d"].randomElement(using: &random) ?? "c")/f\(Int.random(in: 0..<12, using: &random))"
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1:
                let content = [UInt8](
                    repeating: UInt8.random(in: 0...255, using: &random), count: Int.random(in: 0...50, using: &random))
                let isPut = (try? bench.put(name, content)) != nil
                #expect(isPut == (oracle[name] == nil), "seed \(seed), step \(step)")
                oracle[name] = oracle[name] ?? content
            case 2:
                try bench.store.delete(name)
                oracle[name] = nil
            default:
                let content = oracle[name]
                let found = try? bench.bytes(bench.describe(name, content ?? [1]))
                #expect(found == content, "seed \(seed), step \(step)")
            }
        }
        #expect(try bench.store.names() == oracle.keys.sorted(), "seed \(seed)")
    }
}

private final class WinList: Sendable {
    private let list = Mutex<[Int]>([])

    func add(_ number: Int) { list.withLock { $0.append(number) } }
    var numbers: [Int] { list.withLock { $0 } }
}

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
