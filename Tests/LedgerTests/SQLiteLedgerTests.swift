// What only the SQLite engine promises: its file, its owner, its limits, and survival of a kill.
import Foundation
import Glibc
import Ledger
import Messages
import Synchronization
import Testing

@Suite("SQLite ledger")
struct SQLiteLedgerTests {
    private func fill(_ ledger: SQLiteLedger) throws {
        try ledger.ensureCollection("c", partitions: 2)
        for number in 0..<5 {
            let batch = JournalBatch(batchID: "d\(number)", payload: [UInt8(number)])
            _ = try ledger.append(batch, to: Bench.raw, now: 10)
        }
        let items = ItemAppend(partition: 0, batch: JournalBatch(batchID: "i", recordCount: 3, payload: [7]))
        _ = try ledger.finish([Completion(collection: "c", rawOffset: 0, appends: [items])], now: 11)
        let lease = try #require(
            try ledger.acquire("c", partition: 0, holder: "h", durationMilliseconds: 100, now: 12))
        let record = SegmentRecord(
            id: "s", collection: "c", partition: 0, level: 0, documentCount: 3, startOffset: 0, endOffset: 3,
            file: SegmentFile(name: "c/s.seg", byteCount: 5, checksum: .max))
        try ledger.stage(
            StageRequest(collection: "c", partition: 0, epoch: lease.epoch, segments: [record]), now: 13)
        let advance = CheckpointDelta(startOffset: 0, endOffset: 3)
        _ = try ledger.publish(
            PublishRequest(
                collection: "c", partition: 0, epoch: lease.epoch, advance: advance, add: [record],
                documentsSearchable: 1), now: 14)
    }

    private func describe(_ ledger: SQLiteLedger) throws -> [String] {
        [
            "\(try ledger.snapshot("c"))", "\(try ledger.counts("c"))", "\(try ledger.holders("c"))",
            "\(try ledger.read(Bench.raw, from: 0, maxBatches: 99, maxBytes: 999))",
            "\(try (0..<6).map { try ledger.outcome("c", rawOffset: $0) })",
        ]
    }

    @Test("everything is there after closing and opening again")
    func reopeningKeepsEverything() throws {
        let directory = try TemporaryDirectory()
        var ledger = try SQLiteLedger(directory: directory.path, processID: 1)
        try fill(ledger)
        let before = try describe(ledger)
        try ledger.close()
        #expect(throws: LedgerError.self) { try ledger.counts("c") }
        #expect(throws: LedgerError.self) { try ledger.retryDeadLetter("c", rawOffset: 0) }
        ledger = try SQLiteLedger(directory: directory.path + "/.", processID: 1)
        #expect(try describe(ledger) == before)
        #expect(try ledger.audit("c") == [])
        #expect(try ledger.checkFile() == [])
    }

    @Test("a backup taken in use holds the same")
    func backupHoldsTheSame() throws {
        let (directory, other) = (try TemporaryDirectory(), try TemporaryDirectory())
        let ledger = try SQLiteLedger(directory: directory.path, processID: 1)
        try fill(ledger)
        try ledger.backUp(toFile: other.path + "/" + SQLiteLedger.fileName)
        #expect(throws: LedgerError.self) { try ledger.backUp(toFile: other.path + "/" + SQLiteLedger.fileName) }
        let copy = try SQLiteLedger(directory: other.path, processID: 1)
        #expect(try describe(copy) == describe(ledger))
    }

    @Test("a data directory has one owner, and the error names it")
    func directoryHasOneOwner() throws {
        let directory = try TemporaryDirectory()
        var first: SQLiteLedger? = try SQLiteLedger(directory: directory.path, processID: 4_711)
        let error = #expect(throws: LedgerError.self) { try SQLiteLedger(directory: directory.path, processID: 2) }
        #expect(error?.code == .locked(processID: 4_711))
        #expect(error?.message.contains("process 4711") == true)
        try first?.close()
        first = nil
        _ = try SQLiteLedger(directory: directory.path, processID: 3)
    }

    /// Overwrites bytes of the closed file. Offsets are those of the SQLite file header: 60 holds the user version, 68
    /// the application id, both big-endian.
    private func patch(_ directory: TemporaryDirectory, at offset: Int, _ bytes: [UInt8]) throws {
        let path = directory.path + "/" + SQLiteLedger.fileName
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        data.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test(
        "a file of a newer version, of another program, or a damaged one is refused",
        arguments: [
            (60, [0, 0, 0, 7], LedgerError.Code.tooNew), (68, [1, 2, 3, 4], .corrupt), (0, [1, 2, 3, 4], .corrupt),
        ] as [(Int, [UInt8], LedgerError.Code)])
    func strangeFilesAreRefused(_ offset: Int, _ bytes: [UInt8], _ code: LedgerError.Code) throws {
        let directory = try TemporaryDirectory()
        try SQLiteLedger(directory: directory.path, processID: 1).close()
        try patch(directory, at: offset, bytes)
        let before = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/" + SQLiteLedger.fileName))
        let error = #expect(throws: LedgerError.self) { try SQLiteLedger(directory: directory.path, processID: 1) }
        #expect(error?.code == code, "\(String(describing: error))")
        let after = try Data(contentsOf: URL(fileURLWithPath: directory.path + "/" + SQLiteLedger.fileName))
        let isUntouched = before == after
        #expect(isUntouched, "a refused file is left alone")
    }

    @Test("a full disk refuses the commit, keeps what was there, and heals when space returns")
    func fullDiskIsRefusedAndHeals() throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteLedgerOptions()
        options.quotaBytes = 2 << 20
        let ledger = try SQLiteLedger(directory: directory.path, processID: 1, options: options)
        try ledger.ensureCollection("c", partitions: 1)
        // Of bytes that no compression makes fewer.
        var generator = SeededGenerator(seed: 7)
        let payload = (0..<50_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        var acknowledged = 0
        var failure: LedgerError?
        while failure == nil, acknowledged < 1_000 {
            let batch = JournalBatch(batchID: "a\(acknowledged)", payload: payload)
            do {
                _ = try ledger.append(batch, to: Bench.alerts, now: 1)
                acknowledged += 1
            } catch let error as LedgerError { failure = error }
        }
        #expect(failure?.code == .diskFull)
        #expect(acknowledged > 10)
        #expect(try ledger.bounds(Bench.alerts) == JournalBounds(low: 0, next: Int64(acknowledged)))
        #expect(try ledger.audit("c") == [])
        #expect(ledger.failure == nil)
        _ = try ledger.trim(Bench.alerts, below: Int64(acknowledged))
        let batch = JournalBatch(batchID: "again", payload: payload)
        #expect(try ledger.append(batch, to: Bench.alerts, now: 1).firstOffset == Int64(acknowledged))
    }

    @Test("payloads that repeat themselves take less than they are, and come back whole")
    func payloadsAreCompressed() throws {
        let directory = try TemporaryDirectory()
        let ledger = try SQLiteLedger(directory: directory.path, processID: 1)
        try ledger.ensureCollection("c", partitions: 1)
        let payloads = (0..<20).map { number in Array(String(repeating: "第\(number)号公告。", count: 20_000).utf8) }
        for (number, payload) in payloads.enumerated() {
            _ = try ledger.append(JournalBatch(batchID: "p\(number)", payload: payload), to: Bench.alerts, now: 1)
        }
        let read = try ledger.read(Bench.alerts, from: 0, maxBatches: 100, maxBytes: 1 << 30).map(\.payload)
        #expect(read == payloads)
        // The limit of a read counts the bytes that come out.
        let few = try ledger.read(Bench.alerts, from: 0, maxBatches: 100, maxBytes: payloads[0].count * 2 + 100)
        #expect(few.count == 2)
        try ledger.close()
        let attributes = try FileManager.default.attributesOfItem(
            atPath: directory.path + "/" + SQLiteLedger.fileName)
        let fileBytes = try #require((attributes[.size] as? NSNumber)?.intValue)
        #expect(fileBytes < payloads.reduce(0) { $0 + $1.count } / 10)
    }

    @Test("readers beside the writer see dense offsets and balanced counts", .timeLimit(.minutes(5)))
    func readersSeeConsistentCuts() async throws {
        let directory = try TemporaryDirectory()
        let ledger = try SQLiteLedger(directory: directory.path, processID: 1)
        try ledger.ensureCollection("c", partitions: 2)
        let isDone = Flag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await blocking {
                        while !isDone.isSet {
                            #expect(try ledger.counts("c").isBalanced)
                            let batches = try ledger.read(Bench.raw, from: 0, maxBatches: 10_000, maxBytes: 1 << 20)
                            #expect(batches.map(\.firstOffset) == Array(0..<Int64(batches.count)))
                        }
                    }
                }
            }
            group.addTask {
                try await blocking {
                    defer { isDone.set() }
                    for round in 0..<100 {
                        let works = (0..<5).map { number in
                            JournalWork.append([
                                JournalAppend(Bench.raw, JournalBatch(batchID: "\(round)-\(number)", payload: [1]))
                            ])
                        }
                        _ = try ledger.commit(works, now: 1)
                        let letter = DeadLetter(reason: "r", message: "", attempts: 1)
                        _ = try ledger.finish(
                            [Completion(collection: "c", rawOffset: Int64(round), appends: [], deadLetters: [letter])],
                            now: 2)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try ledger.counts("c").accepted == 500)
    }

    // MARK: Kills

    @Test("what was acknowledged survives SIGKILL", .timeLimit(.minutes(5)), arguments: 1...4)
    func acknowledgedSurvivesKill(_ seed: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        for round in 0..<4 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = path as String, round = round as Int, seed = seed as Int] in
                try appendUntilKilled(path, round: round, seed: seed)
            }
            let ledger = try SQLiteLedger(directory: path, processID: 1)
            #expect(try ledger.checkFile() == [])
            #expect(try ledger.audit("c") == [], "seed \(seed), round \(round)")
            let lines = try String(contentsOfFile: path + "/acknowledged", encoding: .utf8).split(separator: "\n")
            #expect(lines.count > round * 5)
            for line in lines {
                let parts = line.split(separator: " ")
                let receipt = try ledger.receipt(ofBatch: String(parts[0]), in: Bench.raw)
                #expect(receipt?.firstOffset == Int64(parts[1]), "seed \(seed), round \(round), batch \(parts[0])")
            }
            #expect(try ledger.counts("c").accepted >= Int64(lines.count))
            try ledger.close()
        }
    }
}

/// Runs in a child: appends, finishes and writes down what was acknowledged, until another thread kills the process in
/// the middle of a commit.
private func appendUntilKilled(_ path: String, round: Int, seed: Int) throws {
    let ledger = try SQLiteLedger(directory: path, processID: getpid())
    try ledger.ensureCollection("c", partitions: 1)
    let log = unsafe open(path + "/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var random = SeededGenerator(seed: UInt64(seed * 100 + round))
    let target = Int.random(in: 6...60, using: &random)
    let spins = Int.random(in: 0...20_000, using: &random)
    let acknowledged = Mutex(0)
    Thread {
        while acknowledged.withLock({ $0 }) < target {}
        var rest = spins
        while rest > 0 { rest -= acknowledged.withLock { _ in 1 } }
        kill(getpid(), SIGKILL)
    }.start()
    var number = 0
    while true {
        let ids = (0..<Int.random(in: 1...4, using: &random)).map { "\(round)-\(number)-\($0)" }
        number += 1
        let works = ids.map { id in
            JournalWork.append([
                JournalAppend(Bench.raw, JournalBatch(batchID: id, payload: [UInt8](repeating: 3, count: 3_000)))
            ])
        }
        let results = try ledger.commit(works, now: 5)
        for (id, result) in zip(ids, results) {
            guard case .appended(let receipts) = try result.get(), let receipt = receipts.first else { continue }
            let line = Array("\(id) \(receipt.firstOffset)\n".utf8)
            guard unsafe write(log, line, line.count) == line.count else { continue }
            acknowledged.withLock { $0 += 1 }
            let items = ItemAppend(partition: 0, batch: JournalBatch(batchID: "i" + id, payload: [4]))
            _ = try ledger.finish(
                [Completion(collection: "c", rawOffset: receipt.firstOffset, appends: [items])], now: 6)
        }
    }
}

/// Tells other threads that something has happened.
final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

/// Runs blocking work off the cooperative threads.
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try body() }) }.start()
    }
}
