// One run: builds the index of queries, sends the stream through it, and compares with running every query.

import Foundation
import Messages
import SearchCore

struct MatchingRun {
    let corpus: String
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

        var maker = QueryMaker(Array(known), seed: seed)
        let sources = (0..<queries).map { _ in QueryIndex.Source(q: maker.next()) }
        let memory = memoryMegabytes()
        var clock = threadSeconds()
        var index = QueryIndex(schema: .bulletins, today: nil)
        let frequencies = KeyFrequencies([before])
        for (number, source) in sources.enumerated() { try index.add(Int64(number), source, frequencies: frequencies) }
        let building = threadSeconds() - clock
        say(
            "\(index.count) queries, \(index.unanchoredCount) of them need nothing; index built in \(rounded(building)) s, \(memoryMegabytes() - memory) MB"
        )

        let stream = Array(all.suffix(items)).enumerated().map { $1.document($0) }
        let segments = try stride(from: 0, to: stream.count, by: step).map { start in
            try segment(Array(stream[start..<min(start + step, stream.count)]), folder, "s\(start)")
        }
        let matcher = QueryMatcher(index)
        // Once to have the plans of usual candidates compiled, as in a worker that has run for a while.
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
        let count = stream.count
        say(
            "\(count) items in steps of \(step): \(rounded(matching)) s, \(Int(Double(count) / matching)) items a second on one core, \(alerts) alerts"
        )
        say(
            "  plans run on segments: \(opened) against \(queries * segments.count), \(Int(Double(queries * segments.count) / Double(max(1, opened)))) times fewer"
        )
        say(
            "  queries looked at in full an item: \(rounded(Double(evaluations) / Double(count))) against \(queries), \(Int(Double(queries * count) / Double(max(1, evaluations)))) times fewer"
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
