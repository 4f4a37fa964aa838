// Measures ranking: questions with known answers, asked as a person types them, over test collections.
//
//     relevance-bench DIR… [--body] [--ablation] [--worst N] [--titles FILE]
//
// --titles measures suggestions over a file with a title a line.
//
// Each DIR has corpus.jsonl (id, title, text), queries.tsv (id, question) and qrels.tsv (query, 0, document, relevance).
// The figure is MRR@10: the mean over the questions of 1 / rank of the first right document among ten, 0 where none is.
// A question that is refused or finds nothing counts 0.

import Foundation
import Messages
import SearchCore

/// One test collection, indexed.
struct TestCollection {
    var name: String
    var snapshot: IndexSnapshot
    var questions: [(id: String, text: String)]
    var answers: [String: Set<String>]

    private struct Row: Decodable {
        var id: String
        var title: String?
        var text: String
    }

    init(folder: URL, isBodyOnly: Bool, scratch: URL) throws {
        name = folder.lastPathComponent
        var builder = SegmentBuilder(schema: .bulletins)
        for line in try Self.lines(folder, "corpus.jsonl") {
            let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
            var fields: [String: FieldValue] = ["body": .text(row.text)]
            if !isBodyOnly, let title = row.title { fields["title"] = .text(title) }
            try builder.add(
                IndexDocument(documentID: row.id, itemOrdinal: 0, version: 1, fields: fields, stored: []))
        }
        let path = scratch.appendingPathComponent(name + ".seg").path
        _ = try builder.write(to: path, segmentID: name)
        let view = try SegmentView(id: name, reader: SegmentReader.open(path: path), liveDocs: nil)
        snapshot = IndexSnapshot(views: [view])
        questions = try Self.lines(folder, "queries.tsv").map { line in
            let parts = line.split(separator: "\t", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
        }
        answers = [:]
        for line in try Self.lines(folder, "qrels.tsv") {
            let parts = line.split(whereSeparator: \.isWhitespace)
            if parts.count >= 4, parts[3] != "0" { answers[String(parts[0]), default: []].insert(String(parts[2])) }
        }
    }

    private static func lines(_ folder: URL, _ file: String) throws -> [Substring] {
        try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8).split(separator: "\n")
    }
}

/// What one set of parameters reaches on one collection.
struct Score {
    var reciprocalRanks = 0.0
    var first = 0
    var found = 0
    var empty = 0
    var refused = 0
    var microseconds: [Double] = []
    var worst: [(rank: Int?, question: String)] = []
}

enum RelevanceBench {
    static func measure(_ collection: TestCollection, _ ranking: RankingParameters) -> Score {
        let searcher = Searcher(schema: .bulletins, ranking: ranking)
        let parser = QueryParser()
        var score = Score()
        let clock = ContinuousClock()
        for (id, text) in collection.questions {
            let start = clock.now
            guard let query = try? parser.parse(text),
                let result = try? searcher.search(
                    SearchPlan(query: query, limit: 10, total: .atLeast), in: collection.snapshot)
            else {
                score.refused += 1
                score.worst.append((nil, text))
                continue
            }
            score.microseconds.append((clock.now - start) / .microseconds(1))
            if result.hits.isEmpty { score.empty += 1 }
            let right = collection.answers[id] ?? []
            let rank = result.hits.firstIndex { right.contains($0.place.documentID) }.map { $0 + 1 }
            if let rank {
                score.reciprocalRanks += 1 / Double(rank)
                score.found += 1
                score.first += rank == 1 ? 1 : 0
            }
            if rank != 1 { score.worst.append((rank, text)) }
        }
        score.microseconds.sort()
        return score
    }

    /// The standard with one thing changed at a time.
    static var ablation: [(name: String, ranking: RankingParameters)] {
        func changed(_ change: (inout RankingParameters) -> Void) -> RankingParameters {
            var ranking = RankingParameters.standard
            change(&ranking)
            return ranking
        }
        return [
            ("standard", .standard),
            ("no single characters", changed { $0.unigramWeight = 0 }),
            ("single characters 0.4", changed { $0.unigramWeight = 0.4 }),
            ("single characters 1", changed { $0.unigramWeight = 1 }),
            ("pairs not weighed (no words)", changed { $0.chanceWeight = 1 }),
            ("chance pairs 0", changed { $0.chanceWeight = 0 }),
            ("chance pairs 0.5", changed { $0.chanceWeight = 0.5 }),
            ("no passage", changed { $0.passageWeight = 0 }),
            ("passage 0.15", changed { $0.passageWeight = 0.15 }),
            ("passage 0.6", changed { $0.passageWeight = 0.6 }),
            ("passage of 20", changed { $0.passageWidth = 20 }),
            ("passage of 80", changed { $0.passageWidth = 80 }),
            ("asking words count fully", changed { $0.questionWeight = 1 }),
            ("asking words count nothing", changed { $0.questionWeight = 0.001 }),
            ("titles in full", changed { $0.proseFieldShare = 1 }),
            ("titles 0.15", changed { $0.proseFieldShare = 0.15 }),
            ("share 0.15", changed { $0.proseShare = 0.15 }),
            ("share 0.25", changed { $0.proseShare = 0.25 }),
            (
                "pairs alone",
                changed {
                    $0.unigramWeight = 0
                    $0.chanceWeight = 1
                    $0.passageWeight = 0
                    $0.questionWeight = 1
                }
            ),
            (
                "characters and pairs alone",
                changed {
                    $0.chanceWeight = 1
                    $0.passageWeight = 0
                    $0.questionWeight = 1
                }
            ),
        ]
    }
}
