// Group commit: what is grouped, what is refused, how it fails, how it ends.
import Foundation
import Ledger
import Messages
import Synchronization
import Testing

/// Before each commit of an engine: waits until it is opened, and fails as told.
private final class CommitGate: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    struct State {
        var isOpen = false
        var failures: [LedgerError.Code] = []
        var groupSizes: [Int] = []
    }

    /// How many works each commit had, so far.
    var groupSizes: [Int] { state.withLock { $0.groupSizes } }

    /// Lets every commit pass from now on.
    func open() {
        state.withLock { $0.isOpen = true }
        gate.signal()
    }

    func fail(next codes: [LedgerError.Code]) { state.withLock { $0.failures = codes } }

    func pass(_ works: Int) throws {
        let mustWait = state.withLock { state in
            state.groupSizes.append(works)
            return !state.isOpen
        }
        if mustWait {
            gate.wait()
            gate.signal()
        }
        let code = state.withLock { $0.failures.isEmpty ? nil : $0.failures.removeFirst() }
        if let code { throw LedgerError(code, "told to fail") }
    }
}

@Suite("group committer", .timeLimit(.minutes(5)))
struct GroupCommitterTests {
    private static let clock = LedgerClock(now: { 5 }, uptimeNanoseconds: { 0 })

    /// A committer on a gated engine.
    private struct Rig {
        let gate = CommitGate()
        let engine: ModelLedger
        let committer: GroupCommitter
        let failures = FailureList()

        init(_ limits: GroupCommitterLimits = GroupCommitterLimits()) throws {
            let gate = gate
            engine = ModelLedger(beforeCommit: { try gate.pass($0) })
            try engine.ensureCollection("c", partitions: 1)
            let failures = failures
            committer = GroupCommitter(engine: engine, limits: limits, clock: clock) { failures.add($0) }
        }

        func append(_ id: String, bytes: Int = 1) async throws -> AppendReceipt {
            try await committer.append(
                JournalBatch(batchID: id, payload: [UInt8](repeating: 0, count: bytes)), to: Bench.raw)
        }

        /// Waits until `count` works are queued, and the first is in the engine.
        func waitUntilQueued(_ count: Int) async {
            while committer.metrics.queuedWorks < count || gate.groupSizes.isEmpty { await Task.yield() }
        }
    }

    private final class FailureList: Sendable {
        private let list = Mutex<[LedgerError]>([])
        func add(_ failure: LedgerError) { list.withLock { $0.append(failure) } }
        var codes: [LedgerError.Code] { list.withLock { $0.map(\.code) } }
    }

    @Test("what comes in during a commit is one group")
    func callsDuringACommitAreOneGroup() async throws {
        let rig = try Rig()
        let first = Task { try await rig.append("first") }
        await rig.waitUntilQueued(0)
        let others = (0..<20).map { number in Task { try await rig.append("b\(number)") } }
        await rig.waitUntilQueued(20)
        rig.gate.open()
        #expect(try await first.value.firstOffset == 0)
        var offsets: Set<Int64> = []
        for other in others { offsets.insert(try await other.value.firstOffset) }
        #expect(offsets == Set(1...20))
        #expect(rig.gate.groupSizes == [1, 20])
        let metrics = rig.committer.metrics
        #expect(
            [metrics.commits, metrics.works, metrics.batches, metrics.records, metrics.payloadBytes] == [
                2, 21, 21, 21, 21,
            ])
        #expect(metrics.groupSizes[0] == 1 && metrics.groupSizes[4] == 1)
        #expect(metrics.queuedWorks == 0 && metrics.queuedBytes == 0)
        await rig.committer.stop()
    }

    @Test("groups keep to their limits, and one large call goes alone")
    func groupsKeepToLimits() async throws {
        var limits = GroupCommitterLimits()
        limits.groupWorks = 3
        limits.groupBytes = 100
        let rig = try Rig(limits)
        let answers = FailureList()
        let sizes = [1, 1, 1, 1, 1, 60, 60, 500, 1]
        for (number, size) in sizes.enumerated() {
            let batch = JournalBatch(batchID: "b\(number)", payload: [UInt8](repeating: 0, count: size))
            rig.committer.submit(.append([JournalAppend(Bench.raw, batch)])) { result in
                if case .failure(let error) = result { answers.add(error) }
            }
            if number == 0 { await rig.waitUntilQueued(0) }
        }
        rig.gate.open()
        await rig.committer.stop()
        #expect(rig.gate.groupSizes == [1, 3, 2, 1, 1, 1])
        #expect(answers.codes == [])
    }

    @Test("a full queue answers busy at once and goes on")
    func fullQueueIsBusy() async throws {
        var limits = GroupCommitterLimits()
        limits.queuedWorks = 3
        limits.queuedBytes = 100
        let rig = try Rig(limits)
        let first = Task { try await rig.append("first") }
        await rig.waitUntilQueued(0)
        let large = Task { try await rig.append("large", bytes: 99) }
        await rig.waitUntilQueued(1)
        await #expect(throws: LedgerError.self) { try await rig.append("too many bytes", bytes: 2) }
        let empty = [Task { try await rig.append("e1", bytes: 0) }, Task { try await rig.append("e2", bytes: 0) }]
        await rig.waitUntilQueued(3)
        let error = await #expect(throws: LedgerError.self) { try await rig.append("too many calls", bytes: 0) }
        #expect(error?.code == .busy)
        #expect(rig.committer.metrics.busyWorks == 2)
        rig.gate.open()
        _ = try await first.value
        _ = try await large.value
        for task in empty { _ = try await task.value }
        #expect(try await rig.append("later").firstOffset == 4)
        await rig.committer.stop()
    }

    @Test("after a failure of the disk nothing is acknowledged any more", arguments: [LedgerError.Code.io, .corrupt])
    func diskFailureEndsIt(_ code: LedgerError.Code) async throws {
        let rig = try Rig()
        rig.gate.fail(next: [code])
        let first = Task { try await rig.append("first") }
        await rig.waitUntilQueued(0)
        let second = Task { try await rig.append("second") }
        await rig.waitUntilQueued(1)
        rig.gate.open()
        let found = await #expect(throws: LedgerError.self) { try await first.value }
        #expect(found?.code == code)
        for body in [{ try await second.value }, { try await rig.append("third") }]
            as [@Sendable () async throws -> AppendReceipt]
        {
            let later = await #expect(throws: LedgerError.self) { try await body() }
            #expect(later?.code == .failed)
        }
        let task = await #expect(throws: LedgerError.self) { try await rig.committer.perform { _, _ in 1 } }
        #expect(task?.code == .failed)
        #expect(rig.failures.codes == [code])
        #expect(!rig.committer.isServing)
        #expect(rig.gate.groupSizes.count == 1, "the engine is left alone")
        await rig.committer.stop()
    }

    @Test("a failing task ends it too")
    func failingTaskEndsIt() async throws {
        let rig = try Rig()
        rig.gate.open()
        await #expect(throws: LedgerError.self) {
            try await rig.committer.perform { _, _ in throw LedgerError(.io, "told to fail") }
        }
        await #expect(throws: LedgerError.self) { try await rig.append("later") }
        #expect(rig.failures.codes == [.io])
        await rig.committer.stop()
    }

    @Test("a full disk fails its group alone")
    func fullDiskFailsItsGroup() async throws {
        let rig = try Rig()
        rig.gate.open()
        rig.gate.fail(next: [.diskFull])
        let error = await #expect(throws: LedgerError.self) { try await rig.append("first") }
        #expect(error?.code == .diskFull)
        #expect(try await rig.append("second").firstOffset == 0)
        #expect(rig.committer.isServing && rig.failures.codes == [])
        #expect(rig.committer.metrics.diskFullCommits == 1)
        await rig.committer.stop()
    }

    @Test("tasks run in turn with the appends, refusals pass through")
    func tasksRunInTurn() async throws {
        let rig = try Rig()
        let first = Task { try await rig.append("first") }
        await rig.waitUntilQueued(0)
        let second = Task { try await rig.append("second") }
        await rig.waitUntilQueued(1)
        let bounds = Task { try await rig.committer.perform { engine, now in (try engine.bounds(Bench.raw), now) } }
        await rig.waitUntilQueued(2)
        let third = Task { try await rig.append("third") }
        await rig.waitUntilQueued(3)
        rig.gate.open()
        #expect(try await bounds.value == (JournalBounds(low: 0, next: 2), 5))
        #expect(try await [first.value, second.value, third.value].map(\.firstOffset) == [0, 1, 2])
        #expect(rig.gate.groupSizes == [1, 1, 1])
        await #expect(throws: CatalogRefusal.unknownCollection("x")) {
            try await rig.committer.perform { engine, _ in try engine.version("x") }
        }
        #expect(try await rig.committer.read { try $0.bounds(Bench.raw).next } == 3)
        #expect(rig.committer.isServing)
        await rig.committer.stop()
    }

    @Test("an invalid call fails alone")
    func invalidCallFailsAlone() async throws {
        let rig = try Rig()
        let first = Task { try await rig.append("first") }
        await rig.waitUntilQueued(0)
        let bad = Task { try await rig.append("") }
        let good = Task { try await rig.append("good") }
        await rig.waitUntilQueued(2)
        rig.gate.open()
        _ = try await first.value
        let error = await #expect(throws: LedgerError.self) { try await bad.value }
        #expect(error?.code == .invalid)
        #expect(try await good.value.firstOffset == 1)
        #expect(rig.committer.metrics.invalidWorks == 1)
        await rig.committer.stop()
    }

    @Test("stopping does what is queued and takes nothing more")
    func stoppingDrains() async throws {
        let rig = try Rig()
        let accepted = (0..<5).map { number in Task { try await rig.append("b\(number)") } }
        while rig.committer.metrics.queuedWorks + rig.gate.groupSizes.reduce(0, +) < 5 { await Task.yield() }
        let stopped = Task { await rig.committer.stop() }
        while rig.committer.isServing { await Task.yield() }
        let error = await #expect(throws: LedgerError.self) { try await rig.append("late") }
        #expect(error?.code == .stopped)
        rig.gate.open()
        await stopped.value
        for task in accepted { _ = try await task.value }
        #expect(try rig.engine.bounds(Bench.raw).next == 5)
        await rig.committer.stop()
        await #expect(throws: LedgerError.self) { try await rig.committer.read { try $0.version("c") } }
    }

    @Test("on the SQLite engine many callers share commits and get dense offsets")
    func manyCallersShareCommits() async throws {
        let directory = try TemporaryDirectory()
        let ledger = try SQLiteLedger(directory: directory.path, processID: 1)
        try ledger.ensureCollection("c", partitions: 1)
        let committer = GroupCommitter(engine: ledger, clock: Self.clock) { _ in }
        let offsets = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for caller in 0..<16 {
                group.addTask {
                    var offsets: [Int64] = []
                    for number in 0..<40 {
                        let batch = JournalBatch(batchID: "\(caller)-\(number)", payload: [1])
                        offsets.append(try await committer.append(batch, to: Bench.raw).firstOffset)
                        if number % 10 == 0 { _ = try await committer.append(batch, to: Bench.raw) }
                    }
                    return offsets
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(offsets.sorted() == Array(0..<640))
        let metrics = committer.metrics
        #expect(metrics.commits < metrics.works)
        #expect(metrics.duplicateBatches == 64 && metrics.batches == 640)
        await committer.stop()
        #expect(try ledger.audit("c") == [])
    }
}
