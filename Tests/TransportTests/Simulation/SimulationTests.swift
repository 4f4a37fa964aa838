// Thousands of seeded runs of the real state machines, and proof that the checkers see what they should.

import Foundation
import Testing

/// How many seeds each scenario runs: 250, or what the environment variable KUAIBAO_SIMULATION_SEEDS says.
private let seedCount = ProcessInfo.processInfo.environment["KUAIBAO_SIMULATION_SEEDS"].flatMap(UInt64.init) ?? 250

/// Seeds within which every deliberate mistake must be found.
private let mistakeSeeds: UInt64 = 2000

struct SimulationTests {
    @Test func everyAcceptedDocumentGetsExactlyOneOutcomeUnderAllFaults() {
        for seed in 1...seedCount { report(ParseScenario.run(seed: seed)) { ParseScenario.run(seed: $0, isTracing: true) } }
    }

    @Test func everyQueryEndsOnceAndIsAnsweredWhileAWorkerStays() {
        for seed in 1...seedCount { report(SearchScenario.run(seed: seed)) { SearchScenario.run(seed: $0, isTracing: true) } }
    }

    @Test(arguments: [1, 2, 3, 77] as [UInt64])
    func aSeedReplaysExactly(seed: UInt64) {
        #expect(ParseScenario.run(seed: seed).digest == ParseScenario.run(seed: seed, isTracing: true).digest)
        #expect(SearchScenario.run(seed: seed).digest == SearchScenario.run(seed: seed, isTracing: true).digest)
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

    private func report(_ verdict: Verdict, replay: (UInt64) -> Verdict) {
        guard let violation = verdict.violation else { return }
        let last = replay(verdict.seed).trace.suffix(60).joined(separator: "\n")
        Issue.record("seed \(verdict.seed), \(violation); the last events were\n\(last)")
    }
}
