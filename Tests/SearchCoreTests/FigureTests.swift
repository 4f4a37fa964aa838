// Conditions on figures, and keyword values whose spellings differ.

import Messages
import Testing

@testable import SearchCore

@Suite struct FigureTests {
    private static func figure(
        _ subject: String, _ lower: Double?, _ upper: Double?, unit: String, open: Bool = false
    ) -> Figure {
        Figure(
            subject: subject, lower: lower, upper: upper, includesLower: !open, includesUpper: !open, unit: unit,
            comparator: "", quote: "", range: ByteRange(0, 0))
    }

    private static func snapshot(_ documents: [[Figure]], in folder: TemporaryFolder) throws -> IndexSnapshot {
        let reader = try makeSegment(
            documents.enumerated().map { number, figures in
                var document = bulletin("d\(number)", body: "正文")
                document.fields["figure"] = .figures(figures)
                return document
            }, in: folder, name: "f")
        return IndexSnapshot(views: [try SegmentView(id: "f", reader: reader, liveDocs: nil)])
    }

    private static func found(_ query: Query, in snapshot: IndexSnapshot) throws -> [String] {
        try Searcher(schema: .bulletins).search(SearchPlan(query: query), in: snapshot).hits.map(\.place.documentID)
    }

    @Test func aConditionMeetsIntervalsThatShareANumber() throws {
        let folder = TemporaryFolder()
        let snapshot = try Self.snapshot(
            [
                [Self.figure("企业复工率", 71, 71, unit: "%")],
                [Self.figure("复工率", 70, 70, unit: "%")],
                [Self.figure("复工率", 60, nil, unit: "%", open: true)],
                [Self.figure("复工率", 65, 70, unit: "%", open: true)],
                [Self.figure("复产率", 90, 90, unit: "%"), Self.figure("复工率", 90, 90, unit: "家")],
                [],
            ], in: folder)
        func query(_ lower: Double?, _ upper: Double?, _ isIncluded: Bool, _ unit: String) -> Query {
            .figure(
                subject: "復工率",
                range: NumberRange(lower: lower, upper: upper, includesLower: isIncluded, includesUpper: isIncluded), unit: unit)
        }
        #expect(try Self.found(query(70, nil, false, "%"), in: snapshot) == ["d0", "d2"])
        #expect(try Self.found(query(70, nil, true, "%"), in: snapshot) == ["d0", "d1", "d2"])
        #expect(try Self.found(query(70, nil, false, ""), in: snapshot) == ["d0", "d2", "d4"])
        #expect(try Self.found(query(nil, 70, false, "%"), in: snapshot) == ["d2", "d3"])
        #expect(try Self.found(query(nil, 60, true, "%"), in: snapshot) == [])
        #expect(try Self.found(query(80, 70, true, "%"), in: snapshot) == [])
        #expect(try Self.found(.not(query(nil, nil, true, "")), in: snapshot) == ["d5"])
    }

    @Test func theConditionSaysTheSameOfOneFigure() {
        let condition = FigureCondition(
            subject: "复工率", range: NumberRange(lower: 70, upper: nil, includesLower: false), unit: "%")
        #expect(condition.holds(Self.figure("企業復工率", 71, 71, unit: "％")))
        #expect(!condition.holds(Self.figure("企业复工率", 70, 70, unit: "%")))
        #expect(!condition.holds(Self.figure("复产率", 71, 71, unit: "%")))
        #expect(!condition.holds(Self.figure("复工率", 71, 71, unit: "家")))
        #expect(!condition.holds(Self.figure("复工率", .nan, .nan, unit: "%")))
    }

    @Test func figuresSurviveAMergeThatDropsDocuments() throws {
        let folder = TemporaryFolder()
        let before = try Self.snapshot(
            (0..<40).map { [Self.figure("数\($0 % 7)", Double($0), Double($0 + 3), unit: "家")] }, in: folder)
        var live = LiveDocs(documentCount: 40)
        for document in stride(from: 0 as UInt32, to: 40, by: 3) { live.delete(document) }
        let reader = before.views[0].reader
        _ = try SegmentMerger([MergeInput(reader: reader, liveDocs: live), MergeInput(reader: reader, liveDocs: nil)])
            .write(to: folder.file("m.seg"), segmentID: "m")
        let merged = try SegmentReader.open(path: folder.file("m.seg"))
        let after = IndexSnapshot(views: [try SegmentView(id: "m", reader: merged, liveDocs: nil)])
        for subject in 0..<7 {
            for bound in 0..<45 {
                let query = Query.figure(
                    subject: "数\(subject)", range: NumberRange(lower: Double(bound), upper: nil), unit: "")
                let expected = (0..<40).filter { $0 % 7 == subject && $0 + 3 >= bound }
                let plan = SearchPlan(query: query, limit: 0)
                let total = try Searcher(schema: .bulletins).search(plan, in: after).total
                #expect(total == expected.count + expected.filter { $0 % 3 != 0 }.count)
            }
        }
    }

    @Test func everySpellingOfAKeywordIsFoundAndShownAsItIs() throws {
        let folder = TemporaryFolder()
        let reader = try makeSegment(
            [
                bulletin("a", body: "一", source: ["上海发布"]), bulletin("b", body: "二", source: ["上海發布"]),
                bulletin("c", body: "三", source: ["上海发布会"]), bulletin("d", body: "四", source: ["ＮＨＫ"]),
            ], in: folder, name: "k")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "k", reader: reader, liveDocs: nil)])
        for value in ["上海发布", "上海發布"] {
            #expect(try Self.found(.term(value, field: "source"), in: snapshot) == ["a", "b"])
        }
        #expect(try Self.found(.prefix("上海發", field: "source"), in: snapshot) == ["a", "b", "c"])
        #expect(try Self.found(.fuzzy("上海發步", field: "source", edits: 1), in: snapshot) == ["a", "b"])
        #expect(try Self.found(.term("nhk", field: "source"), in: snapshot) == ["d"])
        let all = try Searcher(schema: .bulletins).search(SearchPlan(query: .all, facets: ["source"]), in: snapshot)
        #expect(all.facets["source"]?.counts == ["上海发布": 1, "上海發布": 1, "上海发布会": 1, "ＮＨＫ": 1])
    }
}
