// The tables of docs/query-language.md, row by row.

import Foundation
import Messages
import SearchCore
import Testing

@Suite struct QueryLanguageDocumentTests {
    private let today = CalendarDay(year: 2020, month: 2, day: 12)

    /// The code spans of each row of the table whose head begins with `head`, by column.
    private func rows(_ head: String) throws -> [[String]] {
        let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        let folder = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: folder.appendingPathComponent("docs/query-language.md"), encoding: .utf8)
        let lines = page.components(separatedBy: "\n").drop { !$0.hasPrefix("| " + head) }.dropFirst(2)
        return lines.prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.replacingOccurrences(of: "\\|", with: "\u{1}").split(separator: "|")
            return cells.map { $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "\u{1}", with: "|") }
        }
    }

    private func code(_ cell: String) -> [String] {
        cell.components(separatedBy: "`").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    }

    @Test func everyExampleOfTheFirstTableAndOfDatesParses() throws {
        let parser = QueryParser(today: today)
        var count = 0
        for row in try rows("you write | it finds") + rows("you write | it means") {
            for example in code(row[0]) {
                #expect(throws: Never.self, "\(example)") { try parser.parse(example) }
                count += 1
            }
        }
        #expect(count >= 20)
    }

    @Test func textAndJSONAreTheSameTree() throws {
        let table = try rows("text | JSON")
        #expect(table.count >= 15)
        for row in table {
            let (text, json) = (code(row[0])[0], code(row[1])[0])
            let query = try QueryParser().parse(text)
            #expect(try JSONDecoder().decode(Query.self, from: Data(json.utf8)) == query, "\(text)")
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let written = try JSONSerialization.jsonObject(with: encoder.encode(query)) as? NSDictionary
            #expect(written == (try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary), "\(text)")
        }
    }

    @Test func everyMistakeIsAnsweredAtItsPlace() throws {
        let table = try rows("you write | the place")
        #expect(table.count >= 12)
        for row in table {
            let (text, place) = (code(row[0])[0], code(row[1])[0])
            do {
                let query = try QueryParser().parse(text)
                Issue.record("\(text) was read as \(query)")
            } catch {
                #expect(error.code == .invalidQuery)
                #expect(error.message.hasPrefix(row[2]), "\(text): \(error.message)")
                let range = try #require(error.range)
                #expect(String(decoding: Array(text.utf8)[range], as: UTF8.self) == place, "\(text)")
            }
        }
    }

    @Test func treesArePrintedAsThePageSays() throws {
        let table = try rows("you write | it was understood as")
        #expect(table.count >= 10)
        for row in table {
            let (text, printed) = (code(row[0])[0], code(row[1])[0])
            #expect(QueryPrinter().print(try QueryParser().parse(text)) == printed, "\(text)")
        }
    }

    @Test func theTableOfFieldsIsTheRealOne() throws {
        let table = try rows("field | also")
        let all = QueryFields.bulletins.all
        #expect(table.map { code($0[0])[0] } == all.map(\.name))
        #expect(table.map { $0[2] } == all.map(\.kind.rawValue))
        for (row, field) in zip(table, all) {
            for alias in row[1].split(separator: " ") {
                #expect(QueryFields.bulletins.field(named: String(alias)) == field, "\(alias)")
            }
        }
    }
}
