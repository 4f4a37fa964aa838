// Questions and long texts: what counts as one, and what ranks.

import Analysis
import Messages
import Testing

@testable import SearchCore

@Suite struct ProseTests {
    private func found(_ text: String, in documents: [IndexDocument], ranking: RankingParameters = .standard) throws -> [String] {
        let folder = TemporaryFolder()
        let reader = try makeSegment(documents, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        let plan = SearchPlan(query: try QueryParser().parse(text), limit: 10)
        let hits = try Searcher(schema: .bulletins, ranking: ranking).search(plan, in: snapshot).hits
        #expect(try Searcher(schema: .bulletins, evaluator: .exhaustive, ranking: ranking).search(plan, in: snapshot).hits == hits)
        return hits.map(\.place.documentID)
    }

    @Test(arguments: [
        ("姚明多高？", true), ("谁发明了电灯", false), ("是谁发明了电灯", true), ("复工复产", false), ("上海市复工政策", true),
        ("什么", false), ("哪里？", false), ("复工 复产 开学 通勤", false), ("几何", false), ("covid-19", false),
    ])
    func questionsAndLongTextsAreProse(_ text: String, _ expected: Bool) {
        #expect(PlanCompiler.isProse(text) == expected, "\(text)")
    }

    @Test(arguments: [("什么", true), ("哪年", true), ("几何", false), ("几年", true), ("如何", true), ("任何", false), ("疫情", false), ("有何处", false)])
    func askingWords(_ term: String, _ expected: Bool) {
        #expect(QuestionWords.asks(term) == expected, "\(term)")
    }

    @Test func noWordOfAQuestionIsACondition() throws {
        let documents = [
            bulletin("right", body: "姚明身高二米二六，是一名篮球运动员。"), bulletin("wrong", body: "刘翔是一名田径运动员。"),
        ]
        #expect(try found("篮球运动员姚明 的身高 是多少？", in: documents).first == "right")
        #expect(try found("姚明多高？", in: documents) == ["right"])
    }

    @Test func aQuotationInASentenceIsNoConditionAndOneApartIs() throws {
        let documents = [bulletin("a", body: "笛卡尔写道：我思，故我在。"), bulletin("b", body: "苏格拉底喝了毒酒。")]
        #expect(try found("哪位哲学家说过“我思故我在”？", in: documents).first == "a")
        #expect(try found("哪位哲学家说过 “我思故我在”", in: documents) == [])
    }

    @Test func whatStandsTogetherIsBetterThanWhatIsScattered() throws {
        let filler = String(repeating: "其余各项工作照常进行，", count: 12)
        let documents = [
            bulletin("scattered", body: "核酸检测已完成。" + filler + "采样点名单另行公布。" + filler + "开放时间不变。"),
            bulletin("together", body: filler + "核酸采样点名单和开放时间如下，检测照常。" + filler),
        ]
        #expect(try found("核酸检测采样点名单和开放时间在哪里", in: documents) == ["together", "scattered"])
    }

    @Test func askingWordsHardlyCount() throws {
        var documents = (0..<20).map { bulletin("d\($0)", body: "市场监管部门公布抽检结果第\($0)批。") }
        documents.append(bulletin("asks", body: "什么是抽检，怎么办理，多少钱。"))
        documents.append(bulletin("tells", body: "全市抽检不合格食品由市场监管部门下架处理。"))
        #expect(try found("什么部门下架处理抽检不合格的食品？怎么处理？", in: documents).first == "tells")
    }

    @Test func pairsThatMeetByChanceCountLessThanWords() throws {
        let folder = TemporaryFolder()
        // 防控 always together; 的工 is 的 and 工, each common without the other.
        let documents = (0..<40).map { bulletin("d\($0)", body: $0 % 4 == 0 ? "防控的工作" : ($0 % 2 == 0 ? "工人" : "他的")) }
        let reader = try makeSegment(documents, in: folder, name: "s")
        let snapshot = IndexSnapshot(views: [try SegmentView(id: "s", reader: reader, liveDocs: nil)])
        let statistics = try Searcher(schema: .bulletins).statistics(for: .text("疫情防控的工作安排表", field: nil), in: snapshot)
        func association(_ pair: String) -> Double {
            let characters = pair.map { TermTier.unigramKey($0) }
            return statistics.association(of: TermTier.bigramKey(pair), characters[0], characters[1])
        }
        #expect(association("防控") > 0.95)
        #expect(association("的工") < 0.3)
        #expect(association("情防") == 1, "a pair that nobody has says nothing")
    }
}

extension TermTier {
    fileprivate static func unigramKey(_ character: Character) -> [UInt8] {
        [TermTier(.unigram).rawValue] + Array(String(character).utf8)
    }

    fileprivate static func bigramKey(_ pair: String) -> [UInt8] { [TermTier(.bigram).rawValue] + Array(pair.utf8) }
}
