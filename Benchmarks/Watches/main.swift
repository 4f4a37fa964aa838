// Standing queries against a stream of new items, side by side with running each query on each new segment.
//
//     KUAIBAO_BENCHMARKS=1 swift build -c release --product watch-bench
//     watch-bench CORPUS.jsonl [--queries 100000] [--items 2000] [--step 20] [--baseline 1] [--seed 1] [--mix desk|broad]
//
// The corpus has one object a line with `title`, `body`, `date` and `source`. Its first items are what was there before (from which
// rare terms are told from common ones), the last ones are the stream. Queries are made of the corpus's own titles, from a seed;
// `Queries.swift` has their kinds. Times are processor time of the one thread that matches. Of the baseline some segments are
// run, each with all queries, and must find exactly the same; the rest is that many times more.

import Foundation
import Messages
import SearchCore

let arguments = CommandLine.arguments

func option(_ name: String, _ preset: Int) -> Int {
    guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return preset }
    return Int(arguments[place + 1]) ?? preset
}

func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

/// Seconds of processor time of the calling thread.
func threadSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Memory of this process without mapped files, in MB.
func memoryMegabytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) / 1024
}

do {
    guard arguments.count > 1 else {
        say("watch-bench: give the corpus; Benchmarks/README.md says which")
        exit(1)
    }
    let place = arguments.firstIndex(of: "--mix")
    let mix = place.flatMap { $0 + 1 < arguments.count ? QueryMix(rawValue: arguments[$0 + 1]) : nil }
    try MatchingRun(
        corpus: arguments[1], mixes: mix.map { [$0] } ?? QueryMix.allCases, queries: option("--queries", 100_000), items: option("--items", 2000),
        step: option("--step", 20), baseline: option("--baseline", 1), seed: UInt64(option("--seed", 1))
    ).run()
} catch {
    say("watch-bench: \(error)")
    exit(1)
}
