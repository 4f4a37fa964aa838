// Corrections of words that find nothing: each way of mistyping, and what is left alone.

import Messages
import Testing

@testable import SearchCore

@Suite struct CorrectorTests {
    private func views(in folder: TemporaryFolder) throws -> [SegmentView] {
        let bodies = [
            "常态化疫情防控工作，企业复工复产", "疫情防控指挥部的通告", "阜阳市疫情防控", "covid vaccine notice", "复工复产指南",
        ]
        let documents = bodies.enumerated().map { bulletin("\($0.offset)", title: "通告", body: $0.element) }
        let reader = try makeSegment(documents, in: folder, name: "s")
        return [try SegmentView(id: "s", reader: reader, liveDocs: nil)]
    }

    @Test(arguments: [
        ("复工副产", "复工复产", CorrectionKind.homophone), ("夏工复产", "复工复产", .lookAlike), ("疫情房控", "疫情防控", .homophone),
        ("复工产复", "复工复产", .typo), ("复工复复产", "复工复产", .typo), ("fuyang", "阜阳", .pinyin), ("yiqingfangkong", "疫情防控", .pinyin),
        ("yqfk", "疫情防控", .pinyin), ("vacine", "vaccine", .typo), ("ocvid", "covid", .typo), ("防控指会部", "防控指挥部", .homophone),
        ("義情防控", "疫情防控", .homophone),
    ])
    func mistakesAreSeenThrough(typed: String, meant: String, kind: CorrectionKind) throws {
        let folder = TemporaryFolder()
        var corrector = Corrector(views: try views(in: folder), fields: ["title", "body"])
        let found = try corrector.candidates(for: typed, limit: 5)
        #expect(found.contains { $0.text == meant && $0.kind == kind }, "\(typed): \(found)")
    }

    /// What the index has, what is no word, and what is too long.
    @Test(arguments: [
        "复工复产", "疫情", "covid", "复", "，", "2020", "", "xyzxyzxyz", "龘靐齉", "常态化疫情房控工作指南通告企业",
        String(repeating: "a", count: 5000), "复工2020", "a",
    ])
    func othersAreLeftAlone(typed: String) throws {
        let folder = TemporaryFolder()
        var corrector = Corrector(views: try views(in: folder), fields: ["title", "body"])
        #expect(try corrector.candidates(for: typed, limit: 5).isEmpty, "\(typed)")
    }

    @Test func aFieldThatIsNotAskedGivesNothing() throws {
        let folder = TemporaryFolder()
        var corrector = Corrector(views: try views(in: folder), fields: ["title"])
        #expect(try corrector.candidates(for: "复工副产", limit: 5).isEmpty)
        var none = Corrector(views: [], fields: ["title", "body"])
        #expect(try none.candidates(for: "复工副产", limit: 5).isEmpty)
    }

    @Test func partsOfWorkersAreOneList() {
        func candidate(_ text: String, _ weight: Double) -> CorrectionCandidate {
            CorrectionCandidate(text: text, kind: .typo, cost: 0, weight: weight)
        }
        let merged = Corrector.merged([[candidate("a", 1), candidate("b", 3)], [candidate("a", 2)]], limit: 2)
        #expect(merged.map(\.text) == ["b", "a"] && merged[1].weight == 2)
    }
}
