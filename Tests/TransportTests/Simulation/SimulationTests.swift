// Thousands of seeded runs of the real state machines, and proof that the checkers see what they should.

import Foundation
import Testing
import TransportSimulation

/// How many seeds each scenario runs: 500, or what the environment variable KUAIBAO_SIMULATION_SEEDS says.
private let seedCount = ProcessInfo.processInfo.environment["KUAIBAO_SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 500

/// Seeds within which every deliberate mistake must be found.
private let mistakeSeeds: UInt64 = 2000

struct SimulationTests {
    @Test func everyAcceptedDocumentGetsExactlyOneOutcomeUnderAllFaults() {
        let landmarks = runAll { ParseScenario.run(seed: $0, isTracing: $1) }
        let expected: [Landmark] = [
            .brokerDied, .brokerPaused, .workerKilled, .workerStuck, .machineLost, .drained, .connectionCut,
            .resultRepeated, .commitFailed, .commitSurvivedDeath, .leaseOverdue, .handedBack, .reclaimed, .lateResult,
            .gaveUp, .grantUnsent, .submissionRepeated, .appendSurvivedDeath, .diskSlow,
        ]
        for landmark in expected { #expect(landmarks[landmark, default: 0] > 0, "\(landmark) was never met") }
    }

    @Test func everyQueryEndsOnceAndIsAnsweredWhileAWorkerStays() {
        let landmarks = runAll { SearchScenario.run(seed: $0, isTracing: $1) }
        let expected: [Landmark] = [
            .brokerDied, .brokerPaused, .workerKilled, .machineLost, .drained, .connectionCut, .resultRepeated, .hedged,
            .reassigned, .askAbandoned, .queryExpired, .queryUnserved, .lateAnswer, .queryWaited,
        ]
        for landmark in expected { #expect(landmarks[landmark, default: 0] > 0, "\(landmark) was never met") }
    }

    @Test(arguments: [1, 2, 3, 77] as [UInt64])
    func aSeedReplaysExactly(seed: UInt64) {
        #expect(ParseScenario.run(seed: seed).digest == ParseScenario.run(seed: seed, isTracing: true).digest)
        #expect(SearchScenario.run(seed: seed).digest == SearchScenario.run(seed: seed, isTracing: true).digest)
    }

    /// Between the decision to give a document up and the disk that keeps it, or between a lease's deadline and its worker's
    /// goodbye, workers leave in good order. That excuses no delivery that had failed before.
    @Test(arguments: [2210, 2368, 2932, 3440, 3555] as [UInt64])
    func aWorkerThatLeavesLateExcusesNothing(seed: UInt64) {
        #expect(ParseScenario.run(seed: seed).violation == nil)
    }

    @Test(arguments: ParseMistake.allCases)
    func aMistakeInTheParseDriverIsFound(mistake: ParseMistake) {
        let found = (1...mistakeSeeds).first { ParseScenario.run(seed: $0, mistake: mistake).violation != nil }
        #expect(found != nil, "\(mistake) was not found within \(mistakeSeeds) seeds")
    }

    @Test(arguments: SearchMistake.allCases)
    func aMistakeInTheSearchDriverIsFound(mistake: SearchMistake) {
        let found = (1...mistakeSeeds).first { SearchScenario.run(seed: $0, mistake: mistake).violation != nil }
        #expect(found != nil, "\(mistake) was not found within \(mistakeSeeds) seeds")
    }

    /// Runs all seeds. A run that breaks a promise is replayed for its last events.
    ///
    /// - Returns: what all runs met together.
    private func runAll(_ run: (_ seed: UInt64, _ isTracing: Bool) -> Verdict) -> [Landmark: Int] {
        var landmarks: [Landmark: Int] = [:]
        for seed in 1...seedCount {
            let verdict = run(seed, false)
            landmarks.merge(verdict.landmarks, uniquingKeysWith: +)
            guard let violation = verdict.violation else { continue }
            let last = run(seed, true).trace.suffix(60).joined(separator: "\n")
            Issue.record("seed \(seed), \(violation); the last events were\n\(last)")
        }
        return landmarks
    }
}
