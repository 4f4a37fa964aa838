// The table of figures, its trend, and what does not agree.

import Digest
import Foundation
import Messages
import Testing

@Suite struct FigureTests {
    private func table(
        _ items: [StoredItem], isAll: Bool = true, _ isWanted: @escaping @Sendable (Figure) -> Bool = { _ in true }
    )
        -> FigureTable
    {
        FigureCompiler(.init(query: "测试", isAll: isAll), isWanted: isWanted).compile(items)
    }

    private func stated(_ name: String, _ text: String, date: PartialDate? = nil) throws -> [StoredItem] {
        var items = try parsed(Array(text.utf8), name: name)
        for index in items.indices where date != nil {
            items[index].item.published = date.map { Found($0, Basis(rule: "label", certainty: 1)) }
        }
        return items
    }

    @Test func theSeedsHaveFourPopulationsOfOneIndicator() throws {
        let table = table(try Seeds.items(), isAll: false) { $0.unit == "%" && $0.subject.contains("复工") }
        #expect(
            table.rows.map { "\($0.subject) \($0.quote) \($0.date ?? "-") \($0.mentions)" } == [
                "张江工业园区企业已经如期正常复工复产 85% 2020-03-04 1", "软件和信息服务业企业复工 80%以上 --02-12 1",
                "工业重点企业复工率 超过 70% --05-04 2", "重点企业复工率 超过90% --05-04 1",
            ])
        #expect(table.rows.map(\.dateBasis) == ["published", "latest-day", "latest-day", "latest-day"])
        #expect(Set(table.rows.map(\.date)).count == 3, "three dates")
        #expect(table.isNamed && table.left > 30)
        #expect(table.contradictions.isEmpty)
    }

    @Test(arguments: [
        ([PartialDate(month: 2, day: 12), PartialDate(month: 2, day: 10)], "--02-12"),
        // Days without a year are of the year of writing, those with one may be of any.
        ([PartialDate(year: 2003, month: 4, day: 5), PartialDate(month: 2, day: 10)], "--02-10"),
        ([PartialDate(year: 2020, month: 2, day: 10), PartialDate(year: 2020, month: 3, day: 1)], "2020-03-01"),
        // Which of the two came first nobody knows.
        ([PartialDate(month: 1, day: 3), PartialDate(month: 12, day: 30)], nil),
        ([PartialDate(year: 2020), PartialDate(year: 2020, month: 2)], nil),
        ([], nil),
    ])
    func anItemWithoutADateLendsItsFiguresTheLatestDayThatItNames(days: [PartialDate], date: String?) throws {
        let item = Item(
            ordinal: 0, title: "", body: "有80家企业开工。", events: days.map { Found($0, Basis(rule: "text", certainty: 1)) },
            figures: [stating("80家", 80)], range: ByteRange(0, 0))
        let row = try #require(table([stored(item, "a")]).rows.first)
        #expect(row.date == date && row.dateBasis == (date == nil ? nil : "latest-day"))
    }

    @Test func theLatestDayContradictsNothing() {
        let items = [("a", 80.0), ("b", 90.0)].map { name, value in
            stored(
                Item(
                    ordinal: 0, title: "", body: "", events: [Found(PartialDate(month: 2, day: 12), Basis(rule: "text", certainty: 1))],
                    figures: [stating("\(Int(value))家", value)], range: ByteRange(0, 0)), name)
        }
        #expect(table(items).rows.count == 2 && table(items).contradictions.isEmpty)
        let dated = items.map { stored in
            var stored = stored
            stored.item.published = Found(PartialDate(month: 2, day: 12), Basis(rule: "label", certainty: 1))
            return stored
        }
        #expect(table(dated).contradictions.count == 1, "with dates of their own they do")
    }

    @Test(arguments: 0..<200)
    func exclusionsAreThoseOfEveryPair(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        let figures = (0..<Int.random(in: 0...12, using: &generator)).map { _ -> Figure in
            let ends = [Int.random(in: 0...6, using: &generator), Int.random(in: 0...6, using: &generator)].sorted()
            var figure = stating("约", 0)
            figure.lower = Bool.random(using: &generator) || ends[0] > 3 ? Double(ends[0]) : nil
            figure.upper = Bool.random(using: &generator) || ends[0] < 3 ? Double(ends[1]) : nil
            figure.includesLower = ends[0] == ends[1] || Bool.random(using: &generator)
            figure.includesUpper = ends[0] == ends[1] || Bool.random(using: &generator)
            return figure
        }
        let day = Found(PartialDate(year: 2022, month: 5, day: 4), Basis(rule: "label", certainty: 1))
        let items = figures.enumerated().map { number, figure in
            var item = Item(ordinal: 0, title: "", body: "", figures: [figure], range: ByteRange(0, 0))
            item.published = day
            return stored(item, String(UnicodeScalar(UInt8(97 + number))))
        }
        func isBelow(_ left: Figure, _ right: Figure) -> Bool {
            guard let upper = left.upper, let lower = right.lower else { return false }
            return upper < lower || upper == lower && !(left.includesUpper && right.includesLower)
        }
        let excluded = figures.indices.filter { place in
            figures.contains { isBelow($0, figures[place]) || isBelow(figures[place], $0) }
        }
        #expect(table(items).contradictions.flatMap(\.rows) == excluded.map { $0 + 1 }, "seed \(seed)")
    }

    private func stating(_ quote: String, _ value: Double) -> Figure {
        Figure(
            subject: "复工企业数量", lower: value, upper: value, includesLower: true, includesUpper: true, unit: "家",
            comparator: "", quote: quote, range: ByteRange(0, 0))
    }

    private func stored(_ item: Item, _ name: String) -> StoredItem {
        StoredItem(document: DocumentDescription(identity: name, sourceAddress: name), format: "text", item: item)
    }

    @Test func quotesAndSentencesAreVerbatim() throws {
        let items = try Seeds.items()
        let table = table(items)
        let texts = Dictionary(
            uniqueKeysWithValues: items.map {
                ("\($0.document.identity)#\($0.item.ordinal)", $0.item.title + "\n" + $0.item.body)
            })
        #expect(table.rows.count > 50)
        for row in table.rows {
            #expect(texts[row.id]?.contains(row.sentence) == true, "\(row.quote)")
            #expect(row.sentence.contains(row.quote))
        }
        #expect(table.rows.map(\.number) == Array(1...table.rows.count))
    }

    @Test func zonesOfASentenceAreAddedUp() throws {
        let items = try Seeds.items().filter { $0.document.identity.hasPrefix("004") }
        let sums = table(items).sums
        #expect(sums.contains { $0.lower == 80_953 && $0.agrees == nil })
    }

    @Test func aSumThatDoesNotAddUpIsTold() throws {
        let right = try stated("a", "全区复工情况\n\n全区共有企业300家，其中工业企业100家，服务企业150家。")
        #expect(table(right).sums.map(\.agrees) == [true])
        let wrong = try stated("b", "全区复工情况\n\n全区共有企业300家，包括工业企业100家，服务企业150家。")
        #expect(table(wrong).sums.map(\.agrees) == [false])
        let over = try stated("c", "全区复工情况\n\n全区共有企业300家，其中工业企业200家，服务企业150家。")
        #expect(table(over).sums.map(\.agrees) == [false])
    }

    @Test func claimsOfOneDayThatExcludeEachOtherAreShownSideBySide() throws {
        let day = PartialDate(year: 2022, month: 5, day: 4)
        let items =
            try stated("a", "采样点开放\n\n全市已开放常态化采样点4500多个。", date: day)
            + stated("b", "采样点开放\n\n全市已开放常态化采样点3000个。", date: day)
            + stated("c", "采样点开放\n\n全市已开放常态化采样点5000个。", date: day)
            + stated("d", "采样点开放\n\n全市已开放常态化采样点9000个。", date: PartialDate(year: 2022, month: 5, day: 9))
        let found = table(items).contradictions
        #expect(found.count == 1 && found[0].rows.count == 3)
        #expect(found[0].words.contains("“4500多个”") && found[0].words.contains("“3000个”"))
    }

    @Test func theTrendHasTheRowsOfTheMostFrequentUnitInTime() throws {
        let items =
            try stated("b", "复工\n\n企业复工率80%。", date: PartialDate(year: 2020, month: 3))
            + stated("a", "复工\n\n企业复工率60%，涉及企业30家。", date: PartialDate(year: 2020, month: 2, day: 20))
            + stated("c", "复工\n\n企业复工率90%。", date: PartialDate(month: 4, day: 1))
        let table = table(items)
        #expect(table.trend.map(\.date) == ["2020-02-20", "2020-03"])
        #expect(table.trend.map(\.lower) == [60, 80])
        #expect(table.trend.map(\.dayNumber) == [18312, 18322])
    }

    @Test func theOrderOfTheItemsDoesNotMatter() throws {
        var generator = Generator(seed: 3)
        let items = try Seeds.items()
        #expect(table(items.shuffled(using: &generator)) == table(items))
    }

    @Test func aQueryThatNamesNoFigureShowsAllFiguresOfTheItems() throws {
        let table = table(try Seeds.items(), isAll: false) { _ in false }
        #expect(!table.isNamed && table.left == 0 && table.rows.count > 50)
    }
}
