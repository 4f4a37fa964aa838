// The engine's side of the benchmarks; Benchmarks/README.md says how to run them. Built with KUAIBAO_BENCHMARKS=1.
//
//     bench index CORPUS FOLDER [--budget MB] [--limit N] [--mixed N] [--force]    index, one line of JSON
//     bench serve FOLDER [--exhaustive]                                queries on standard input
//     bench threads FOLDER QUERIES [--seconds N]                       one and two threads
//     bench fresh FOLDER [--count N]                                   one document added and found
//     bench cold FOLDER WORD                                           from a cold page cache
//     bench recall FOLDER CORPUS [--count N]                           random runs of characters, searched for
//     bench sites FOLDER [--sites N] [--changes N]                     nearest open sites, records changing
//     bench jobs FOLDER [--jobs N]                                     searches with a facet of 6,000 values
//     bench sizes FOLDER                                               where the bytes are

import Foundation

let arguments = CommandLine.arguments

func option(_ name: String, _ preset: Int) -> Int {
    guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return preset }
    return Int(arguments[place + 1]) ?? preset
}

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(1)
}

do {
    switch (arguments.dropFirst().first, arguments.count) {
    case ("index", 4...):
        var indexing = Indexing(folder: arguments[3], budget: option("--budget", 128) << 20)
        let mixed = option("--mixed", 0)
        try indexing.run(
            arguments[2], limit: option("--limit", Int.max), mixed: mixed > 0 ? mixed : nil,
            isForced: arguments.contains("--force"))
    case ("serve", 3...):
        try Serving(folder: arguments[2], isExhaustive: arguments.contains("--exhaustive")).run()
    case ("threads", 4...):
        try Serving(folder: arguments[2]).threads(arguments[3], seconds: Double(option("--seconds", 5)))
    case ("fresh", 3...): try Opening.fresh(arguments[2], count: option("--count", 100))
    case ("cold", 4...): try Opening.cold(arguments[2], word: arguments[3])
    case ("recall", 4...): try Recall.run(arguments[2], corpus: arguments[3], count: option("--count", 10_000))
    case ("sites", 3...):
        var sites = try Sites(folder: arguments[2], count: option("--sites", 9000))
        try sites.run(changes: option("--changes", 20_000), searches: 10)
    case ("jobs", 3...): try Jobs.run(arguments[2], count: option("--jobs", 100_000), searches: 2000)
    case ("sizes", 3...): try Indexing.sizes(arguments[2])
    default: fail("bench: index, serve, threads, fresh, cold, recall, sites, jobs or sizes; see Benchmarks/README.md")
    }
} catch {
    fail("bench: \(error)")
}
