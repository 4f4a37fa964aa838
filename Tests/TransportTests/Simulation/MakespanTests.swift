// How well credit shares work among unequal workers, in virtual time: one number, the same on every machine.

import Messages
import Testing
import Transport

@testable import TransportSimulation

struct MakespanTests {
    /// How many documents a batch brings; all wait in the journal from the start.
    private static let documents = 6000

    /// One worker: its threads, and how long it works on one document.
    struct Speed {
        let threads: Int
        let milliseconds: Int64
        var joinsAt: Int64 = 0
    }

    @Test func unequalWorkersFinishWithinAFewPercentOfTheIdealTime() {
        let (finished, _) = run([
            Speed(threads: 2, milliseconds: 4), Speed(threads: 2, milliseconds: 8), Speed(threads: 1, milliseconds: 30),
        ])
        // Documents a millisecond: 2/4 + 2/8 + 1/30.
        let ideal = Double(Self.documents) / (0.5 + 0.25 + 1.0 / 30)
        #expect(Double(finished) < 1.15 * ideal, "\(finished) ms, ideal \(Int(ideal)) ms")
    }

    @Test func equalWorkersFinishWithinAFewPercentOfTheIdealTime() {
        let (finished, _) = run((0..<4).map { _ in Speed(threads: 1, milliseconds: 5) })
        let ideal = Double(Self.documents) * 5 / 4
        #expect(Double(finished) < 1.05 * ideal, "\(finished) ms, ideal \(Int(ideal)) ms")
    }

    @Test func aWorkerThatIsAddedUnderLoadHasItsFirstLeaseWithinASecond() {
        let (_, firstLeases) = run([
            Speed(threads: 1, milliseconds: 10), Speed(threads: 2, milliseconds: 4, joinsAt: 5000),
        ])
        #expect((5000...6000).contains(firstLeases["w1"] ?? 0), "\(firstLeases)")
    }

    /// - Returns: when everything was done, and when each worker began its first lease.
    private func run(_ speeds: [Speed]) -> (finished: Int64, firstLeases: [String: Int64]) {
        let world = World(seed: 1, isTracing: false)
        let timing = Timing()
        let checker = ParseChecker(world: world, timing: timing)
        checker.accept(Array(repeating: .good, count: Self.documents))
        var network: SimulatedNetwork?
        let broker = SimulatedBroker(world: world) { epoch in
            ParseBroker(
                world: world, checker: checker, epoch: epoch, timing: timing, limits: LeaseQueue.Limits(),
                feedLimit: 1024, commitsFailUntil: { 0 }, network: { network })
        }
        let net = SimulatedNetwork(world: world, broker: broker)
        network = net
        var firstLeases: [String: Int64] = [:]
        for (number, speed) in speeds.enumerated() {
            let worker = SimulatedWorker(
                name: "w\(number)", window: 2 * speed.threads, threads: speed.threads, world: world, timing: timing
            ) { load, worker in
                if firstLeases[worker.name] == nil { firstLeases[worker.name] = world.now }
                return .done(after: Int64(load.ids.count) * speed.milliseconds)
            }
            worker.network = net
            world.after(speed.joinsAt) { worker.start() }
        }
        broker.start()
        _ = world.run(until: 1_000_000) { checker.isComplete }
        network = nil
        return (world.now, firstLeases)
    }
}
