// One run: builds the index of queries, sends the stream through it, and compares with running every query.

import Foundation
import Messages
import SearchCore

/// Which queries are left standing; `Queries.swift` says what they are.
enum QueryMix: String, CaseIterable { case desk, broad }

struct MatchingRun {
    let corpus: String
    let mixes: [QueryMix]
    let queries: Int
    let items: Int
    let step: Int
    let baseline: Int
    let seed: UInt64

    func run() throws {
        let decoder = JSONDecoder()
        let lines = try Data(contentsOf: URL(fileURLWithPath: corpus), options: .mappedIfSafe).split(separator: 0x0A)
        let all = try lines.map { try decoder.decode(CorpusItem.self, from: $0) }
        guard all.count > items * 2 else {
            throw KuaibaoError(.invalidRequest, "a corpus of \(all.count) items", fix: "give a larger one")
        }
        let known = all.dropLast(items)
        let folder = NSTemporaryDirectory() + "watch-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let before = try segment(known.suffix(10_000).enumerated().map { $1.document($0) }, folder, "before")

        let titles = Titles(Array(known))
        let words = TitleWords(titles)
        let stream = Array(all.suffix(items)).enumerated().map { $1.document($0) }
        let segments = try stride(from: 0, to: stream.count, by: step).map { start in
            try segment(Array(stream[start..<min(start + step, stream.count)]), folder, "s\(start)")
        }
        for mix in mixes {
            var maker = QueryMaker(titles, words, seed: seed)
            let sources = (0..<queries).map { _ in
                QueryIndex.Source(q: mix == .desk ? maker.desk() : maker.broad())
            }
            say("\(mix.rawValue): for example \(sources.prefix(6).map(\.q).joined(separator: " · "))")
            try run(sources, before, segments)
        }
    }

    private func run(_ sources: [QueryIndex.Source], _ before: SegmentReader, _ segments: [SegmentReader]) throws {
        let memory = memoryMegabytes()
        var clock = threadSeconds()
        var index = QueryIndex(schema: .bulletins, today: nil)
        let frequencies = KeyFrequencies([before])
        for (number, source) in sources.enumerated() { try index.add(Int64(number), source, frequencies: frequencies) }
        let building = threadSeconds() - clock
        say(
            "\(index.count) queries, \(index.unanchoredCount) of them need nothing; index built in \(rounded(building)) s, \(memoryMegabytes() - memory) MB"
        )

        let matcher = QueryMatcher(index)
        // Once to have what is kept between steps, as in a worker that has run for a while.
        for reader in segments.prefix(max(1, segments.count / 10)) { _ = try match(matcher, reader) }
        clock = threadSeconds()
        var (evaluations, opened, alerts) = (0, 0, 0)
        var results: [QueryMatcher.Result] = []
        for reader in segments {
            let result = try match(matcher, reader)
            evaluations += result.evaluations
            opened += result.plansOpened
            alerts += result.matches.reduce(0) { $0 + $1.queries.count }
            results.append(result)
        }
        let matching = threadSeconds() - clock
        let count = segments.reduce(0) { $0 + $1.documentCount }
        say(
            "\(count) items in steps of \(step): \(rounded(matching)) s, \(Int(Double(count) / matching)) items a second on one core, \(Int(Double(alerts) / matching)) alerts a second"
        )
        let matched = results.flatMap { $0.matches.map(\.queries.count) }
        let perItem = (matched + [Int](repeating: 0, count: count - matched.count)).sorted()
        let some = Set(results.flatMap { $0.matches.flatMap(\.queries) }).count
        say(
            "  matches of an item: mean \(rounded(Double(alerts) / Double(count))), median \(perItem[count / 2]), p90 \(perItem[count * 9 / 10]), most \(perItem.last ?? 0); \(some) queries matched something, \(alerts) alerts"
        )
        say(
            "  queries looked at for an item: \(rounded(Double(evaluations) / Double(count))) against \(sources.count), \(Int(Double(sources.count * count) / Double(max(1, evaluations)))) times fewer"
        )
        say(
            "  plans opened on segments: \(opened) against \(sources.count * segments.count), \(Int(Double(sources.count * segments.count) / Double(max(1, opened)))) times fewer"
        )

        let searcher = Searcher(schema: .bulletins)
        clock = threadSeconds()
        for (reader, result) in zip(segments, results).prefix(baseline) {
            let snapshot = IndexSnapshot(views: [try SegmentView(id: reader.segmentID, reader: reader, liveDocs: nil)])
            var found: [DocID: [Int64]] = [:]
            for (number, source) in sources.enumerated() {
                let plan = SearchPlan(query: try source.query(today: nil), limit: reader.documentCount)
                for hit in try searcher.search(plan, in: snapshot).hits {
                    found[hit.reference.docID, default: []].append(Int64(number))
                }
            }
            let own = Dictionary(uniqueKeysWithValues: result.matches.map { ($0.document, $0.queries) })
            guard found == own else {
                throw KuaibaoError(
                    .internal, "the matches of segment \(reader.segmentID) differ", fix: "this is a defect")
            }
        }
        guard baseline > 0 else { return }
        let running = (threadSeconds() - clock) / Double(min(baseline, segments.count)) * Double(segments.count)
        say(
            "each query on each segment: \(rounded(running)) s, \(rounded(Double(count) / running)) items a second (\(min(baseline, segments.count)) of \(segments.count) segments run, the same matches), \(Int(running / matching)) times slower"
        )
    }

    private func match(_ matcher: QueryMatcher, _ reader: SegmentReader) throws -> QueryMatcher.Result {
        try matcher.match(reader, documents: (0..<DocID(reader.documentCount)).map { $0 })
    }

    private func segment(_ documents: [IndexDocument], _ folder: String, _ name: String) throws -> SegmentReader {
        var builder = SegmentBuilder(schema: .bulletins)
        for document in documents { try builder.add(document) }
        let path = folder + "/" + name + ".seg"
        _ = try builder.write(to: path, segmentID: name)
        return try SegmentReader.open(path: path)
    }

    private func rounded(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
