// Producers, parsers, indexers, mergers, collectors and readers on one engine, crashing between any two steps. One test
// interleaves them by a seed, so that a failure can be run again; one lets them run on threads of their own.
import Foundation
import Ledger
import Messages
import Synchronization
import Testing

@Suite("ledger simulation")
struct SimulationTests {
    /// What must have happened in a run, or it proves little.
    private static let wanted = [
        "sent", "resent", "finished", "duplicate", "indexed", "merged", "deleted", "snapshots read", "trimmed",
        "trim refused",
        "indexer crashes", "merger crashes", "collector crashes", "parser crashes", "retried",
    ]

    private static func actors() -> [any SimulatedActor] {
        [
            Producer(name: "p1"), Producer(name: "p2"), Parser(), Parser(), Housekeeper(), Indexer(name: "x1"),
            Indexer(name: "x2"), Indexer(name: "x3"), Merger(name: "m1"), Merger(name: "m2"), Collector(), Collector(),
            Reader(),
            Reader(),
        ]
    }

    /// Lets everything come to rest, without crashes, and checks the end.
    private static func settle(_ world: SimulatedWorld, _ random: inout SeededGenerator) throws {
        var parser = Parser()
        parser.gives = false
        var indexer = Indexer(name: "last")
        indexer.fails = false
        for _ in 0..<6_000 {
            let counts = try world.engine.counts(SimulatedWorld.collection)
            if counts.inFlight == 0 { break }
            try parser.step(world, &random)
            try indexer.step(world, &random)
            _ = world.tick(10)
        }
        let counts = try world.engine.counts(SimulatedWorld.collection)
        let snapshot = try world.engine.snapshot(SimulatedWorld.collection)
        try world.checkCover(snapshot)
        try world.checkDocuments(snapshot)
        let live = try snapshot.partitions.reduce(0) { try $0 + (world.documents($1)?.count ?? 0) }
        guard counts.inFlight == 0, counts.isBalanced, counts.searchable == Int64(live),
            counts.liveDocuments == Int64(live),
            counts.accepted == Int64(world.acknowledgedCount)
        else {
            throw LawBroken(description: "at rest: \(counts), \(live) live, \(world.acknowledgedCount) acknowledged")
        }
        _ = world.tick(SimulatedWorld.stagedGrace + SimulatedWorld.deadGrace)
        while true {
            let garbage = try world.engine.condemn(
                now: world.tick(), deadGraceMilliseconds: SimulatedWorld.deadGrace,
                stagedGraceMilliseconds: SimulatedWorld.stagedGrace, limit: 50
            ).map(\.name)
            if garbage.isEmpty { break }
            for name in garbage { world.delete(name) }
            try world.engine.forget(garbage)
        }
        let named = snapshot.partitions.flatMap(\.segments).flatMap {
            [$0.file.name] + ($0.liveDocs.map { [$0.name] } ?? [])
        }
        guard named.sorted() == world.names else {
            throw LawBroken(description: "at rest the store has \(world.names.count) files, \(named.count) are live")
        }
    }

    /// One run in one thread; the order is the seed's.
    private static func run(_ engine: any LedgerEngine, seed: UInt64, steps: Int) throws -> SimulatedWorld {
        let world = try SimulatedWorld(engine)
        var random = SeededGenerator(seed: seed)
        var actors = actors()
        for _ in 0..<steps {
            let index = Int.random(in: 0..<actors.count, using: &random)
            try actors[index].step(world, &random)
        }
        try settle(world, &random)
        return world
    }

    @Test("the laws hold under crashes, in any order of steps", arguments: EngineKind.allCases, [UInt64](1...4))
    func lawsHoldUnderCrashes(_ kind: EngineKind, _ seed: UInt64) async throws {
        let summary = try await blocking {
            let bench = try Bench(kind)
            do {
                let world = try Self.run(bench.engine, seed: seed, steps: 4_000)
                if let ledger = bench.engine as? SQLiteLedger { #expect(try ledger.audit("c") == [], "seed \(seed)") }
                return world.summary
            } catch {
                Issue.record("seed \(seed) on \(kind): \(error)")
                return [:]
            }
        }
        for what in Self.wanted { #expect((summary[what] ?? 0) > 0, "seed \(seed) on \(kind) never: \(what)") }
    }

    @Test("the laws hold with every actor on a thread of its own", .timeLimit(.minutes(5)))
    func lawsHoldOnThreads() async throws {
        let bench = try Bench(.sqlite)
        let world = try SimulatedWorld(bench.engine)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in Self.actors().indices {
                group.addTask {
                    try await blocking {
                        var random = SeededGenerator(seed: UInt64(number))
                        var actor = Self.actors()[number]
                        for _ in 0..<250 { try actor.step(world, &random) }
                    }
                }
            }
            try await group.waitForAll()
        }
        var random = SeededGenerator(seed: 99)
        try Self.settle(world, &random)
        let ledger = try #require(bench.engine as? SQLiteLedger)
        #expect(try ledger.audit("c") == [])
    }

    @Test(
        "the simulation notices a broken engine",
        arguments: [
            Mutation.appendsTwice, .forgetsBatchesWithTrim, .trimsPastCheckpoint, .finishesTwice,
            .losesDeadLetterOnTrim,
            .ignoresEpochAndOffset, .removesWithoutLiveCheck, .ignoresLiveDocsGeneration, .condemnsAtOnce,
            .condemnsLive,
            .forgetsReplacedLiveDocs, .countsSupersededOnly,
        ])
    func simulationNoticesMutation(_ mutation: Mutation) async throws {
        let noticed = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            Thread {
                let seeds = [UInt64](1...6)
                continuation.resume(
                    returning: seeds.contains { seed in
                        (try? Self.run(ModelLedger(mutation: mutation), seed: seed, steps: 1_500)) == nil
                    })
            }.start()
        }
        #expect(noticed, "\(mutation) passes 6 runs")
    }
}
