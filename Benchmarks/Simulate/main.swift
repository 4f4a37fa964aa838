// The transport's simulation at length: `simulate [--seeds 100000] [--first 1] [--mistake-seeds 2000] [--events 40]`.
//
// Runs every seed of both scenarios of `TransportSimulation`, which is the shipped state machines under virtual time, and then each
// deliberately broken variant until it is caught. Prints a line of JSON with what came out, and appends it to the file that the
// variable RELIABILITY_RESULTS names. Ends with 1 after a broken promise or an uncaught variant; the seed that is printed replays
// it, and its last events are printed.

import Foundation
import TransportSimulation

/// What all runs of one scenario came to.
struct Tally {
    var runs = 0
    var events = 0
    var virtualMilliseconds: Int64 = 0
    var realSeconds = 0.0
    var violations: [String] = []
    var landmarks: [Landmark: Int] = [:]

    /// How many times faster than real time.
    var speed: Double { realSeconds > 0 ? Double(virtualMilliseconds) / 1000 / realSeconds : 0 }

    mutating func add(_ verdict: Verdict) {
        runs += 1
        events += verdict.eventCount
        virtualMilliseconds += verdict.milliseconds
        landmarks.merge(verdict.landmarks, uniquingKeysWith: +)
        if let violation = verdict.violation { violations.append("seed \(verdict.seed), \(violation)") }
    }
}

/// The value of a flag, or its default.
func option(_ name: String, _ standard: UInt64) -> UInt64 {
    let words = CommandLine.arguments
    guard let place = words.firstIndex(of: name), place + 1 < words.count else { return standard }
    guard let value = UInt64(words[place + 1]) else {
        print("\(name) wants a number")
        exit(2)
    }
    return value
}

/// Runs seeds one after the other; a seed that breaks a promise is run again for its last events.
func tally(_ name: String, _ seeds: Range<UInt64>, _ run: (UInt64, _ isTracing: Bool) -> Verdict) -> Tally {
    var tally = Tally()
    let clock = ContinuousClock()
    let start = clock.now
    for seed in seeds {
        let verdict = run(seed, false)
        tally.add(verdict)
        if let violation = verdict.violation {
            print("\(name): seed \(seed), \(violation); the last events were")
            print(run(seed, true).trace.suffix(shownEvents).joined(separator: "\n"))
        }
        if tally.runs % 10_000 == 0 { print("  \(name): \(tally.runs) seeds, \(tally.violations.count) violations") }
    }
    tally.realSeconds = Double((clock.now - start) / .milliseconds(1)) / 1000
    return tally
}

let shownEvents = Int(clamping: option("--events", 40))
let first = option("--first", 1)
let seeds = first..<(first + option("--seeds", 100_000))
let mistakeSeeds = 1...max(1, option("--mistake-seeds", 2000))

let parse = tally("parse", seeds) { ParseScenario.run(seed: $0, isTracing: $1) }
let search = tally("search", seeds) { SearchScenario.run(seed: $0, isTracing: $1) }
var caught: [String: UInt64?] = [:]
for mistake in ParseMistake.allCases {
    caught["parse \(mistake)"] = mistakeSeeds.first { ParseScenario.run(seed: $0, mistake: mistake).violation != nil }
}
for mistake in SearchMistake.allCases {
    caught["search \(mistake)"] = mistakeSeeds.first { SearchScenario.run(seed: $0, mistake: mistake).violation != nil }
}
let missed = caught.filter { $0.value == nil }.keys.sorted()
let met = parse.landmarks.merging(search.landmarks, uniquingKeysWith: +)
let unmet = Landmark.allCases.filter { met[$0] == nil }.map(\.rawValue)

/// What goes into the results.
struct Figures: Encodable {
    let firstSeed: UInt64
    let seeds: Int
    let violations: Int
    let parseEvents: Int
    let searchEvents: Int
    let virtualHours: Int
    let realSeconds: Int
    let parseTimesRealTime: Int
    let searchTimesRealTime: Int
    let variantsCaughtAtSeed: [String: UInt64]
    let variantsMissed: [String]
    let landmarksUnmet: [String]
}

struct Line: Encodable {
    let scenario = "simulator"
    let promise = "100,000 seeds without a violation, 200 x real time; each broken variant caught within 2,000 seeds"
    let figures: Figures
}

let line = Line(
    figures: Figures(
        firstSeed: first, seeds: parse.runs, violations: parse.violations.count + search.violations.count,
        parseEvents: parse.events, searchEvents: search.events,
        virtualHours: Int((parse.virtualMilliseconds + search.virtualMilliseconds) / 3_600_000),
        realSeconds: Int(parse.realSeconds + search.realSeconds), parseTimesRealTime: Int(parse.speed),
        searchTimesRealTime: Int(search.speed), variantsCaughtAtSeed: caught.compactMapValues { $0 },
        variantsMissed: missed, landmarksUnmet: unmet))
let encoder = JSONEncoder()
encoder.outputFormatting = .sortedKeys
let text = String(decoding: (try? encoder.encode(line)) ?? Data(), as: UTF8.self)
print(text)
if let path = ProcessInfo.processInfo.environment["RELIABILITY_RESULTS"] {
    _ = FileManager.default.createFile(
        atPath: path, contents: (FileManager.default.contents(atPath: path) ?? Data()) + Data((text + "\n").utf8))
}
exit(parse.violations.isEmpty && search.violations.isEmpty && missed.isEmpty ? 0 : 1)
