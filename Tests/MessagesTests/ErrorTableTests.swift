// docs/operations/errors.md is the one table of codes for people: it has every code, with its statuses, and no other.

import Foundation
import Messages
import Testing

@Suite struct ErrorTableTests {
    private struct Row: Hashable {
        let code: String
        let http: Int
        let exit: Int32
    }

    @Test func thePageHasEveryCodeWithItsStatuses() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/operations/errors.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| code | HTTP | exit |") })
        var rows: [Row] = []
        for line in lines[(start + 2)...] {
            guard line.hasPrefix("| `") else { break }
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            rows.append(
                Row(
                    code: cells[0].trimmingCharacters(in: ["`"]), http: try #require(Int(cells[1])),
                    exit: try #require(Int32(cells[2]))))
            #expect(!cells[3].isEmpty, "\(cells[0]) says when")
        }
        let codes = ErrorCode.allCases.map { Row(code: $0.rawValue, http: $0.httpStatus, exit: $0.exitStatus) }
        #expect(Set(rows) == Set(codes), "\(Set(rows).symmetricDifference(codes))")
        #expect(rows.count == codes.count, "no code stands twice")
    }

    @Test func exitStatusesLeaveSuccessAndTheShellsOwn() {
        for code in ErrorCode.allCases { #expect((2...63).contains(code.exitStatus), "\(code)") }
    }
}
