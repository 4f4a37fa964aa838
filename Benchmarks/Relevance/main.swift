// The command line of `relevance-bench`.

import Foundation
import SearchCore

var folders: [URL] = []
var isBodyOnly = false
var isAblation = false
var worst = 0
var titles: String?
var misspelt: (gold: String, glyphs: String)?
var arguments = CommandLine.arguments.dropFirst().makeIterator()
while let argument = arguments.next() {
    switch argument {
    case "--body": isBodyOnly = true
    case "--ablation": isAblation = true
    case "--titles": titles = arguments.next()
    case "--corrections":
        if let gold = arguments.next(), let glyphs = arguments.next() { misspelt = (gold, glyphs) }
    case "--worst": worst = arguments.next().flatMap { Int($0) } ?? 0
    default: folders.append(URL(fileURLWithPath: argument))
    }
}
if let titles { try SuggestionBench.run(titles) }
guard !folders.isEmpty || titles != nil else {
    print("usage: relevance-bench DIR… [--body] [--ablation] [--worst N] [--titles FILE] [--corrections GOLD GLYPHS]")
    exit(2)
}
let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("relevance-\(getpid())")
try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
defer { try? FileManager.default.removeItem(at: scratch) }

let collections = try folders.map { try TestCollection(folder: $0, isBodyOnly: isBodyOnly, scratch: scratch) }
if let misspelt {
    try CorrectionBench.run(gold: misspelt.gold, glyphs: misspelt.glyphs, collections: collections)
}
let runs = folders.isEmpty || misspelt != nil ? [] : isAblation ? RelevanceBench.ablation : [("standard", RankingParameters.standard)]
for (name, ranking) in runs {
    var line = name.padding(toLength: 32, withPad: " ", startingAt: 0)
    for collection in collections {
        let score = RelevanceBench.measure(collection, ranking)
        let count = Double(collection.questions.count)
        let middle = score.microseconds.isEmpty ? 0 : score.microseconds[score.microseconds.count / 2]
        let late = score.microseconds.isEmpty ? 0 : score.microseconds[score.microseconds.count * 99 / 100]
        line += String(format: "  %.4f", score.reciprocalRanks / count)
        guard !isAblation else { continue }
        print(
            collection.name,
            String(
                format: "MRR@10 %.4f  first %.4f  found %.4f  empty %d  refused %d  p50 %.0f us  p99 %.0f us",
                score.reciprocalRanks / count, Double(score.first) / count, Double(score.found) / count, score.empty,
                score.refused, middle, late))
        for (rank, question) in score.worst.prefix(worst) { print("   ", rank.map(String.init) ?? "-", question) }
    }
    if isAblation { print(line) }
}
