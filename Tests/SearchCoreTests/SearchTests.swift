// What a reader of bulletins expects of a search, by example.

import Messages
import Testing

@testable import SearchCore

@Suite struct SearchTests {
    private func find(
        _ query: Query, _ documents: [IndexDocument], order: HitOrder = .relevance
    ) throws -> [String] {
        let folder = TemporaryFolder()
        let reader = try makeSegment(documents, in: folder, name: "one")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "one", reader: reader, liveDocs: nil)])
        let result = try Searcher(schema: .bulletins).search(SearchPlan(query: query, limit: 100, order: order), in: snapshot)
        #expect(result.total == result.hits.count)
        return result.hits.map(\.place.documentID)
    }

    @Test func unspacedTermsMatchContiguously() throws {
        let documents = [bulletin("g", body: "广东广州和惠州的通知"), bulletin("h", body: "惠州广播，州长讲话"), bulletin("s", body: "广 州 新闻")]
        #expect(try find(.text("广州", field: nil), documents).sorted() == ["g", "s"])
        #expect(try find(.text("州", field: nil), documents).sorted() == ["g", "h", "s"])
    }

    @Test func runsOfUpToTheLimitMatchContiguouslyAndLongerOnesByShare() throws {
        let documents = [
            bulletin("whole", body: "关于做好企业复工复产疫情防控工作的通知"), bulletin("parts", body: "疫情防控工作的通知，企业复工"),
            bulletin("none", body: "天气晴"),
        ]
        #expect(try find(.text("复工复产疫情", field: nil), documents) == ["whole"])
        #expect(try find(.text("企业复工复产疫情防控工作", field: nil), documents) == ["whole", "parts"])
        #expect(try find(.phrase("企业复工复产疫情防控工作", field: nil, slop: 0), documents) == ["whole"])
    }

    @Test func slopCountsCharacters() throws {
        let documents = [bulletin("a", body: "常态化疫情防控"), bulletin("b", body: "常态化的全市疫情防控")]
        #expect(try find(.phrase("常态化防控", field: nil, slop: 1), documents) == [])
        #expect(try find(.phrase("常态化防控", field: nil, slop: 2), documents) == ["a"])
        #expect(try find(.phrase("常态化防控", field: nil, slop: 5), documents).sorted() == ["a", "b"])
        #expect(try find(.phrase("防控常态化", field: nil, slop: 9), documents) == [])
    }

    @Test func titlesCountMoreThanBodies() throws {
        let documents = [
            bulletin("body", title: "通知公告", body: "关于复工"), bulletin("title", title: "关于复工", body: "通知公告"),
        ]
        #expect(try find(.text("复工", field: nil), documents) == ["title", "body"])
        #expect(try find(.text("复工", field: "body"), documents) == ["body"])
    }

    @Test func spacedPiecesMustAllMatch() throws {
        let documents = [bulletin("both", title: "疫情", body: "复工"), bulletin("one", title: "疫情", body: "停工")]
        #expect(try find(.text("疫情 复工", field: nil), documents) == ["both"])
    }

    @Test func datesFollowTheirPrecision() throws {
        let documents = [
            bulletin("day", body: "一", date: PartialDate(year: 2020, month: 2, day: 8)),
            bulletin("month", body: "一", date: PartialDate(year: 2020, month: 2)),
            bulletin("yearless", body: "一", date: PartialDate(month: 2, day: 8)),
            bulletin("other", body: "一", date: PartialDate(year: 2021, month: 3, day: 1)),
            bulletin("none", body: "一"),
        ]
        let february = Query.dates(DateRange(lower: 18_293, upper: 18_322), field: "published")
        #expect(try find(february, documents).sorted() == ["day", "month"])
        let lastDays = Query.dates(DateRange(lower: 18_320, upper: 18_322), field: "published")
        #expect(try find(lastDays, documents) == ["month"])
        #expect(try find(.monthDay(month: 2, day: 8, field: "published"), documents).sorted() == ["day", "yearless"])
        #expect(try find(.monthDay(month: 2, day: nil, field: "published"), documents).sorted() == ["day", "month", "yearless"])
        #expect(
            try find(.all, documents, order: .date(field: "published", isDescending: true))
                == ["other", "day", "month", "yearless", "none"])
        #expect(
            try find(.all, documents, order: .date(field: "published", isDescending: false))
                == ["month", "day", "other", "yearless", "none"])
    }

    @Test func keywordFieldsMatchWholeValues() throws {
        let documents = [bulletin("x", body: "一", source: ["上海发布", "新华网"]), bulletin("y", body: "一", source: ["上海"])]
        #expect(try find(.term("上海发布", field: "source"), documents) == ["x"])
        #expect(try find(.prefix("上海", field: "source"), documents).sorted() == ["x", "y"])
        #expect(try find(.fuzzy("新华纲", field: "source", edits: 1), documents) == ["x"])
        #expect(try find(.and([.text("一", field: nil), .not(.term("上海", field: "source"))]), documents) == ["x"])
    }

    @Test func everySubstringOfABodyIsFound() throws {
        var corpus = RandomCorpus(seed: 99)
        let folder = TemporaryFolder()
        let documents = (0..<300).map { corpus.document($0) }
        let reader = try makeSegment(documents, in: folder, name: "one")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "one", reader: reader, liveDocs: nil)])
        let searcher = Searcher(schema: .bulletins)
        for round in 0..<500 {
            let number = corpus.generator.below(documents.count)
            guard case .text(let body)? = documents[number].fields["body"] else { continue }
            let runs = body.split { !RandomCorpus.characters.contains($0) }.filter { $0.count >= 2 }
            guard !runs.isEmpty else { continue }
            let run = Array(runs[corpus.generator.below(runs.count)])
            let length = min(run.count, 2 + corpus.generator.below(5))
            let start = corpus.generator.below(run.count - length + 1)
            let piece = String(run[start..<(start + length)])
            for query in [Query.text(piece, field: nil), .phrase(piece, field: "body", slop: 0)] {
                let result = try searcher.search(SearchPlan(query: query, limit: 300), in: snapshot)
                #expect(result.hits.contains { $0.reference.docID == UInt32(number) }, "round \(round) \(piece)")
            }
        }
    }

    @Test func equalScoresAreOrderedByIdentityNotByPlace() throws {
        let documents = ["d", "b", "a", "c"].map { bulletin($0, body: "疫情防控") }
        #expect(try find(.text("疫情", field: nil), documents) == ["a", "b", "c", "d"])
    }

    @Test func olderVersionsAreNamedForDeletion() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment(
            [
                bulletin("a", body: "旧", version: 1), bulletin("b", body: "别的", version: 1),
                bulletin("a", body: "新", version: 3, item: 0), bulletin("a", body: "新二", version: 3, item: 1),
            ], in: folder, name: "one")
        #expect(try reader.documents(withID: "a") == [0, 2, 3])
        #expect(try reader.documents(withID: "a", olderThan: 3) == [0])
        #expect(try reader.documents(withID: "c") == [])
        let live = try #require(try reader.liveDocsWithinSegment())
        #expect((0..<4).map { live.isLive($0) } == [false, true, true, true])
    }

    @Test func badQueriesAreErrorsThatSayWhy() throws {
        func code(_ query: Query) throws -> SearchCoreError.Code? {
            do {
                _ = try find(query, [bulletin("a", body: "一")])
                return nil
            } catch let error as SearchCoreError {
                return error.code
            }
        }
        #expect(try code(.text("一", field: "nope")) == .invalidQuery)
        #expect(try code(.text("一", field: "published")) == .invalidQuery)
        #expect(try code(.term("一", field: "body")) == .invalidQuery)
        #expect(try code(.boost(.all, factor: .nan)) == .invalidQuery)
        #expect(try code(.fuzzy("covid", field: nil, edits: 3)) == .invalidQuery)
        #expect(try code(.text(String(repeating: "字", count: 5000), field: nil)) == .queryTooComplex)
        #expect(try code(.or((0..<2000).map { .text("w\($0)", field: "body") })) == .queryTooComplex)
        var deep = Query.text("一", field: nil)
        for _ in 0..<100 { deep = .not(deep) }
        #expect(try code(deep) == .queryTooComplex)
        #expect(try code(.text("，", field: nil)) == nil)
    }

    @Test func cancelledSearchesEnd() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment([bulletin("a", body: "疫情")], in: folder, name: "one")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "one", reader: reader, liveDocs: nil)])
        let error = #expect(throws: SearchCoreError.self) {
            try Searcher(schema: .bulletins).search(
                SearchPlan(query: .text("疫情", field: nil)), in: snapshot, isCancelled: { true })
        }
        #expect(error?.code == .cancelled)
    }

    @Test func segmentNamesAreNeverUsedAgain() throws {
        let folder = TemporaryFolder()
        _ = try makeSegment([bulletin("a", body: "一")], in: folder, name: "one")
        let error = #expect(throws: SearchCoreError.self) {
            try makeSegment([bulletin("b", body: "二")], in: folder, name: "one")
        }
        #expect(error?.code == .nameTaken)
        #expect(try SegmentReader.open(path: folder.file("one.seg")).documentID(of: 0) == "a")
    }

    @Test func anEmptySegmentAnswersEverything() throws {
        #expect(try find(.text("疫情", field: nil), []) == [])
        #expect(try find(.not(.text("疫情", field: nil)), []) == [])
    }

    @Test func refusedDocumentsLeaveTheBuilderUnchanged() throws {
        var builder = SegmentBuilder(schema: .bulletins)
        #expect(throws: SearchCoreError.self) {
            try builder.add(IndexDocument(documentID: "", itemOrdinal: 0, version: 1, fields: [:], stored: []))
        }
        #expect(throws: SearchCoreError.self) {
            try builder.add(
                IndexDocument(documentID: "a", itemOrdinal: 0, version: 1, fields: ["body": .integers([1])], stored: []))
        }
        #expect(builder.documentCount == 0)
    }
}
