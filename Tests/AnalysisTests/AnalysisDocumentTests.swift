// The table of docs/analysis.md, row by row.

import Foundation
import Testing

@Suite struct AnalysisDocumentTests {
    @Test func everyExampleOfThePageHolds() throws {
        let here = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        let root = here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/analysis.md"), encoding: .utf8)
        let lines = page.components(separatedBy: "\n").drop { !$0.hasPrefix("| text | tokens") }.dropFirst(2)
        let rows = lines.prefix { $0.hasPrefix("|") }
        #expect(rows.count >= 10)
        for row in rows {
            let cells = row.components(separatedBy: "`")
            #expect(tokens(cells[1]).map { String($0.dropFirst(2)) }.joined(separator: " ") == cells[3], "\(cells[1])")
        }
    }
}
