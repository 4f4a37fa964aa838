// Answers queries that come as lines of JSON, with the processor time that each took.
//
// A request: {"k":10,"want":"top","repeat":1,"queries":[{"op":"term","words":["疫情"]}]}; op is term, and, or, phrase, pattern (c?vid, co*d); want is
// top, count, source, month. The answer: [[microseconds, total, [document numbers]], …].

import Foundation
import Messages
import SearchCore

/// One query of a class.
struct BenchQuery: Decodable {
    var op: String
    var words: [String]

    /// The tree over the one text field.
    var query: Query {
        switch op {
        case "and": .and(words.map { .text($0, field: "text") })
        case "or": .or(words.map { .text($0, field: "text") })
        case "phrase": .phrase(words.joined(), field: "text", slop: 0)
        case "pattern": .wildcard(words.joined(), field: "text")
        default: .text(words.joined(), field: "text")
        }
    }
}

struct BenchRequest: Decodable {
    var k: Int
    var want: String
    var `repeat`: Int?
    var queries: [BenchQuery]

    func plan(_ query: BenchQuery) -> SearchPlan {
        SearchPlan(
            query: query.query, limit: k, facets: want == "source" ? ["source"] : [],
            histogramField: want == "month" ? "published" : nil, total: want == "top" ? .atLeast : .exact)
    }
}

/// An opened index folder.
struct Serving {
    let snapshot: IndexSnapshot
    let searcher: Searcher

    init(folder: String, isExhaustive: Bool = false) throws {
        let names = try Indexing.names(in: folder)
        SegmentReader.prepare(paths: names.map { Indexing.path(folder, $0) })
        snapshot = IndexSnapshot(
            views: try names.map {
                try SegmentView(id: $0, reader: try SegmentReader.open(path: Indexing.path(folder, $0)), liveDocs: nil)
            })
        searcher = Searcher(schema: try benchSchema(), evaluator: isExhaustive ? .exhaustive : .pruned)
    }

    /// Answers standard input line by line.
    func run() throws {
        while let line = readLine() {
            let request = try JSONDecoder().decode(BenchRequest.self, from: Data(line.utf8))
            var answers: [String] = []
            for query in request.queries {
                let plan = request.plan(query)
                var best = Double.infinity
                var result = PartialResult()
                for _ in 0..<max(1, request.repeat ?? 1) {
                    let started = threadSeconds()
                    result = try searcher.search(plan, in: snapshot)
                    best = min(best, threadSeconds() - started)
                }
                let found = result.hits.map(\.place.documentID).joined(separator: ",")
                answers.append("[\(best * 1e6),\(result.total),[\(found)]]")
            }
            FileHandle.standardOutput.write(Data(("[" + answers.joined(separator: ",") + "]\n").utf8))
        }
    }

    /// Queries a second of one and of two threads, by the wall clock.
    func threads(_ path: String, seconds: Double) throws {
        let request = try JSONDecoder().decode(BenchRequest.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        let plans = request.queries.map(request.plan)
        func rate(_ count: Int) -> Double {
            let started = wallSeconds()
            let done = Counter()
            DispatchQueue.concurrentPerform(iterations: count) { thread in
                var place = thread
                while wallSeconds() - started < seconds {
                    _ = try? searcher.search(plans[place % plans.count], in: snapshot)
                    place += 1
                    done.add()
                }
            }
            return Double(done.value) / (wallSeconds() - started)
        }
        _ = rate(1)
        var ones: [Double] = []
        var twos: [Double] = []
        for _ in 0..<3 {
            ones.append(rate(1))
            twos.append(rate(2))
        }
        let (one, two) = (ones.sorted()[1], twos.sorted()[1])
        print("{\"one\":\(one),\"two\":\(two),\"ratio\":\(two / one)}")
    }
}
