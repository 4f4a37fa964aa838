// The window evaluator against the exhaustive one, on random collections and queries.

import Messages
import Testing

@testable import SearchCore

@Suite struct OracleTests {
    /// Documents cut into segments, some deleted.
    private func snapshot(
        seed: UInt64, count: Int, segments: Int, deleted percent: Int, in folder: TemporaryFolder
    ) throws -> IndexSnapshot {
        var corpus = RandomCorpus(seed: seed)
        let documents = (0..<count).map { corpus.document($0) }
        var views: [SegmentView] = []
        var start = 0
        for segment in 0..<segments {
            let end = segment == segments - 1 ? count : start + corpus.generator.below(max(1, count - start))
            let reader = try makeSegment(Array(documents[start..<end]), in: folder, name: "s\(segment)")
            var live = LiveDocs(documentCount: end - start)
            for document in 0..<UInt32(end - start) where corpus.generator.chance(percent) { live.delete(document) }
            views.append(try SegmentView(id: "s\(segment)", reader: reader, liveDocs: live))
            start = end
        }
        return IndexSnapshot(views: views)
    }

    @Test(arguments: [
        (1, 300, 1, 0), (2, 300, 3, 0), (3, 300, 3, 20), (4, 5000, 1, 0), (5, 5000, 2, 10), (6, 9000, 1, 1),
    ])
    func windowsEqualTheExhaustiveEvaluator(_ seed: Int, _ count: Int, _ segments: Int, _ deleted: Int) throws {
        let folder = TemporaryFolder()
        let snapshot = try snapshot(
            seed: UInt64(seed), count: count, segments: segments, deleted: deleted, in: folder)
        var corpus = RandomCorpus(seed: UInt64(seed) &+ 1000)
        let fast = Searcher(schema: .bulletins)
        let slow = Searcher(schema: .bulletins, evaluator: .exhaustive)
        var answered = 0
        let rounds = count > 1000 ? 60 : 200
        for round in 0..<rounds {
            let query = corpus.query()
            let order: HitOrder =
                corpus.generator.chance(70)
                ? .relevance : .date(field: "published", isDescending: corpus.generator.chance(50))
            var plan = SearchPlan(
                query: query, limit: 1 + corpus.generator.below(20), offset: corpus.generator.below(5), order: order,
                facets: ["source", "department", "published"], histogramField: "published")
            let expected = try slow.search(plan, in: snapshot)
            let found = try fast.search(plan, in: snapshot)
            #expect(found == expected, "seed \(seed) round \(round) \(query)")
            answered += expected.total > 0 ? 1 : 0
            // Without counters and totals documents may be passed over, but never hits.
            plan.facets = []
            plan.histogramField = nil
            plan.total = .atLeast
            let passed = try fast.search(plan, in: snapshot)
            #expect(passed.hits == expected.hits, "seed \(seed) round \(round) \(query)")
            #expect(passed.total <= expected.total && (!passed.isTotalExact || passed.total == expected.total))
            // Continuing behind a hit gives the hits after it.
            if let middle = expected.hits.dropFirst(expected.hits.count / 2).first {
                plan.after = middle.place
                let rest = try fast.search(plan, in: snapshot)
                let tail = expected.hits.dropFirst(expected.hits.count / 2 + 1)
                #expect(Array(rest.hits.prefix(tail.count)) == Array(tail), "seed \(seed) round \(round) \(query)")
            }
            if found != expected || passed.hits != expected.hits { return }
        }
        #expect(answered > rounds / 2, "seed \(seed): too few queries have answers to compare anything")
    }

    /// Lists of many blocks: a term alone is read block by block, conjunctions are scored while they are counted.
    @Test(arguments: [(41, 0), (42, 10)])
    func frequentTermsAndTheirConjunctions(_ seed: Int, _ deleted: Int) throws {
        let folder = TemporaryFolder()
        let snapshot = try snapshot(seed: UInt64(seed), count: 9000, segments: 2, deleted: deleted, in: folder)
        var generator = SeededGenerator(seed: UInt64(seed))
        let fast = Searcher(schema: .bulletins)
        let slow = Searcher(schema: .bulletins, evaluator: .exhaustive)
        let characters = RandomCorpus.characters
        var most = 0
        for round in 0..<80 {
            var words: [Query] = []
            for _ in 0...(round % 3) { words.append(.text(String(characters[generator.below(6)]), field: "body")) }
            var query = round % 4 == 3 ? Query.or(words) : .and(words)
            if generator.chance(20) { query = .and([query, .term("上海发布", field: "source")]) }
            let limits: [Int] = [1, 3, 10, 200]
            var plan = SearchPlan(query: query, limit: limits[generator.below(4)])
            let expected = try slow.search(plan, in: snapshot)
            most = max(most, expected.total)
            #expect(try fast.search(plan, in: snapshot) == expected, "seed \(seed) round \(round) \(query)")
            plan.total = .atLeast
            let passed = try fast.search(plan, in: snapshot)
            #expect(passed.hits == expected.hits, "seed \(seed) round \(round) \(query)")
            #expect(passed.total <= expected.total)
            if let middle = expected.hits.dropFirst(expected.hits.count / 2).first {
                plan.after = middle.place
                #expect(
                    try fast.search(plan, in: snapshot).hits == slow.search(plan, in: snapshot).hits,
                    "seed \(seed) round \(round) \(query)")
            }
        }
        #expect(most > 40 * PostingFormat.blockSize / 2, "too few documents hold a word to skip any")
    }

    /// Phrases that many documents have, some of them often, alone and beside other conditions: batches of documents are joined.
    @Test(arguments: [(61, 0), (62, 10), (63, 60)])
    func frequentPhrases(_ seed: Int, _ deleted: Int) throws {
        let folder = TemporaryFolder()
        let snapshot = try snapshot(seed: UInt64(seed), count: 7000, segments: 2, deleted: deleted, in: folder)
        var generator = SeededGenerator(seed: UInt64(seed))
        let fast = Searcher(schema: .bulletins)
        let slow = Searcher(schema: .bulletins, evaluator: .exhaustive)
        let characters = RandomCorpus.characters
        var frequent = 0
        for round in 0..<70 {
            let length = 2 + generator.below(3)
            let piece = String((0..<length).map { _ in characters[generator.below(round % 5 == 0 ? 9 : 3)] })
            var query = Query.phrase(piece, field: generator.chance(70) ? "body" : nil, slop: 0)
            switch generator.below(5) {
            case 0: query = .and([query, .text(String(characters[generator.below(4)]), field: "body")])
            case 1: query = .or([query, .phrase("疫情防", field: "body", slop: 0), .text("新冠", field: "title")])
            case 2: query = .and([query, .term("上海发布", field: "source")])
            default: break
            }
            let limits: [Int] = [1, 3, 10, 300]
            var plan = SearchPlan(query: query, limit: limits[generator.below(4)], facets: generator.chance(30) ? ["source"] : [])
            let expected = try slow.search(plan, in: snapshot)
            if expected.total > 200 { frequent += 1 }
            #expect(try fast.search(plan, in: snapshot) == expected, "seed \(seed) round \(round) \(query)")
            plan.total = .atLeast
            plan.facets = []
            let passed = try fast.search(plan, in: snapshot)
            #expect(passed.hits == expected.hits, "seed \(seed) round \(round) \(query)")
            #expect(passed.total <= expected.total)
            if let middle = expected.hits.dropFirst(expected.hits.count / 2).first {
                plan.after = middle.place
                #expect(
                    try fast.search(plan, in: snapshot).hits == slow.search(plan, in: snapshot).hits,
                    "seed \(seed) round \(round) \(query)")
            }
        }
        #expect(frequent > 25, "too few phrases are frequent")
    }

    /// Lists of less than a block, merged without windows; some of several fields, some beside a list of many blocks.
    @Test(arguments: [(51, 0), (52, 30)])
    func rareTermsAndWhatIsMadeOfThem(_ seed: Int, _ deleted: Int) throws {
        let folder = TemporaryFolder()
        let snapshot = try snapshot(seed: UInt64(seed), count: 9000, segments: 2, deleted: deleted, in: folder)
        var generator = SeededGenerator(seed: UInt64(seed))
        let fast = Searcher(schema: .bulletins)
        let slow = Searcher(schema: .bulletins, evaluator: .exhaustive)
        let characters = RandomCorpus.characters
        var short = 0
        for round in 0..<120 {
            var words: [Query] = []
            for _ in 0...(round % 4) {
                // Pairs of the rarer characters.
                let pair = (0..<2).map { _ in characters[characters.count - 1 - generator.below(9)] }
                words.append(.text(String(pair), field: generator.chance(50) ? "body" : nil))
            }
            if generator.chance(15) { words.append(.text(String(characters[0]), field: "body")) }
            let query = round % 3 == 0 ? Query.and(words) : .or(words)
            let limits: [Int] = [0, 1, 10, 500]
            var plan = SearchPlan(
                query: query, limit: limits[generator.below(4)],
                facets: generator.chance(50) ? ["source", "published"] : [],
                histogramField: generator.chance(50) ? "published" : nil)
            let expected = try slow.search(plan, in: snapshot)
            if expected.total > 0, expected.total < PostingFormat.blockSize { short += 1 }
            #expect(try fast.search(plan, in: snapshot) == expected, "seed \(seed) round \(round) \(query)")
            plan.total = .atLeast
            plan.facets = []
            plan.histogramField = nil
            let passed = try fast.search(plan, in: snapshot)
            #expect(passed.hits == expected.hits, "seed \(seed) round \(round) \(query)")
            #expect(passed.total <= expected.total && (!passed.isTotalExact || passed.total == expected.total))
            if let middle = expected.hits.dropFirst(expected.hits.count / 2).first {
                plan.after = middle.place
                #expect(
                    try fast.search(plan, in: snapshot).hits == slow.search(plan, in: snapshot).hits,
                    "seed \(seed) round \(round) \(query)")
            }
        }
        #expect(short > 20, "too few queries have a short answer")
    }

    /// A collapsed search is the whole result with only the first hit of each value, or of each pair of values.
    @Test(arguments: [31, 32, 33])
    func aCollapsedSearchHasTheFirstOfEachValue(_ seed: Int) throws {
        let folder = TemporaryFolder()
        let snapshot = try snapshot(seed: UInt64(seed), count: 500, segments: 4, deleted: 10, in: folder)
        var corpus = RandomCorpus(seed: UInt64(seed) &+ 1000)
        let slow = Searcher(schema: .bulletins, evaluator: .exhaustive)
        func values(_ hit: Hit, _ names: [String]) throws -> [String]? {
            let view = try #require(snapshot.views.first { $0.id == hit.reference.segmentID })
            var result: [String] = []
            for name in names {
                let index = try #require(view.reader.schema.index(of: name))
                let field = try #require(view.reader.keywords[index])
                guard let value = field.column.all(hit.reference.docID).first else { return nil }
                try field.dictionary.forEachTerm(at: [Int(value)]) { _, key in result.append(KeywordTerm.value(key)) }
            }
            return result
        }
        var collapsed = 0
        for round in 0..<100 {
            let query = corpus.query()
            let order: HitOrder =
                corpus.generator.chance(50)
                ? .relevance : .date(field: "published", isDescending: corpus.generator.chance(50))
            let fields = [["source"], ["department"], ["department", "source"]][corpus.generator.below(3)]
            let all = try slow.search(
                SearchPlan(query: query, limit: 600, order: order, facets: ["source"]), in: snapshot)
            var seen: Set<[String]> = []
            let expected = try all.hits.filter { try values($0, fields).map { seen.insert($0).inserted } ?? true }
            let limit = 1 + corpus.generator.below(8)
            let offset = corpus.generator.below(4)
            let plan = SearchPlan(
                query: query, limit: limit, offset: offset, order: order, facets: ["source"], collapse: fields)
            for searcher in [Searcher(schema: .bulletins), slow] {
                let found = try searcher.search(plan, in: snapshot)
                #expect(
                    found.hits.map(\.place) == expected.prefix(offset + limit).map(\.place),
                    "seed \(seed) round \(round) \(fields) \(query)")
                #expect(found.hits.map(\.score) == expected.prefix(offset + limit).map(\.score))
                #expect(try found.hits.allSatisfy { try $0.group == values($0, fields) })
                #expect(found.total == all.total && found.facets == all.facets)
            }
            // Two workers, each with some segments.
            var halves = plan
            halves.statistics = try slow.statistics(for: query, in: snapshot)
            let parts = try [snapshot.views.prefix(2), snapshot.views.dropFirst(2)].map {
                try slow.search(halves, in: IndexSnapshot(views: Array($0)))
            }
            let merged = PartialResult.merge(parts, limit: limit, offset: offset)
            #expect(merged.hits.map(\.place) == expected.dropFirst(offset).prefix(limit).map(\.place))
            collapsed += expected.count < all.hits.count ? 1 : 0
        }
        #expect(collapsed > 50, "seed \(seed): too few results have anything to collapse")
        #expect(throws: SearchCoreError.self) {
            try slow.search(SearchPlan(query: .all, collapse: ["published"]), in: snapshot)
        }
    }

    @Test(arguments: [11, 12, 13])
    func everySplitOverSegmentsAndWorkersGivesTheSameResult(_ seed: Int) throws {
        let folder = TemporaryFolder()
        var corpus = RandomCorpus(seed: UInt64(seed))
        let documents = (0..<400).map { corpus.document($0) }
        let whole = IndexSnapshot(views: [
            try SegmentView(
                id: "whole", reader: try makeSegment(documents, in: folder, name: "whole"), liveDocs: nil)
        ])
        var parts: [SegmentView] = []
        for part in 0..<5 {
            let reader = try makeSegment(Array(documents[(part * 80)..<(part * 80 + 80)]), in: folder, name: "p\(part)")
            parts.append(try SegmentView(id: "p\(part)", reader: reader, liveDocs: nil))
        }
        let searcher = Searcher(schema: .bulletins)
        for round in 0..<100 {
            let query = corpus.query()
            var plan = SearchPlan(query: query, limit: 10, facets: ["source"], histogramField: "published")
            let expected = try searcher.search(plan, in: whole)
            let workers = [IndexSnapshot(views: [parts[3], parts[0]]), IndexSnapshot(views: [parts[1], parts[4], parts[2]])]
            var statistics = CollectionStatistics()
            for worker in workers { statistics.merge(try searcher.statistics(for: query, in: worker)) }
            plan.statistics = statistics
            var answers: [PartialResult] = []
            for worker in workers { answers.append(try searcher.search(plan, in: worker)) }
            let merged = PartialResult.merge(answers, limit: plan.limit, offset: plan.offset)
            #expect(merged.hits.map(\.place) == expected.hits.map(\.place), "seed \(seed) round \(round) \(query)")
            #expect(merged.hits.map(\.score) == expected.hits.map(\.score), "seed \(seed) round \(round) \(query)")
            #expect(merged.total == expected.total && merged.facets == expected.facets)
            #expect(merged.histogram == expected.histogram)
        }
    }

    @Test(arguments: [21, 22, 23])
    func mergesChangeNeitherHitsNorScores(_ seed: Int) throws {
        let folder = TemporaryFolder()
        let before = try snapshot(seed: UInt64(seed), count: 600, segments: 4, deleted: 15, in: folder)
        let merger = try SegmentMerger(before.views.map { MergeInput(reader: $0.reader, liveDocs: $0.liveDocs) })
        let (summary, mappings) = try merger.write(to: folder.file("merged.seg"), segmentID: "merged")
        #expect(summary.documentCount == before.liveCount)
        #expect(mappings.count == before.views.count)
        let reader = try SegmentReader.open(path: folder.file("merged.seg"))
        try reader.verifyAll()
        let after = IndexSnapshot(views: [try SegmentView(id: "merged", reader: reader, liveDocs: nil)])
        let searcher = Searcher(schema: .bulletins)
        var corpus = RandomCorpus(seed: UInt64(seed) &+ 1000)
        for round in 0..<100 {
            let query = corpus.query()
            let plan = SearchPlan(query: query, limit: 50, facets: ["source"], histogramField: "published")
            let old = try searcher.search(plan, in: before)
            let new = try searcher.search(plan, in: after)
            #expect(new.hits.map(\.place) == old.hits.map(\.place), "seed \(seed) round \(round) \(query)")
            #expect(new.hits.map(\.score) == old.hits.map(\.score))
            #expect(new.total == old.total && new.facets == old.facets && new.histogram == old.histogram)
            let stored = try searcher.fetch(new.hits.map(\.reference), in: after)
            #expect(stored == (try searcher.fetch(old.hits.map(\.reference), in: before)))
        }
        for (view, mapping) in zip(before.views, mappings) {
            for (old, new) in mapping.newDocuments.enumerated() where new != DocumentMapping.dropped {
                #expect(try view.reader.documentID(of: UInt32(old)) == reader.documentID(of: new))
                #expect(view.reader.version(of: UInt32(old)) == reader.version(of: new))
            }
        }
    }
}
