// What changed between two editions, clause by clause.

import Messages
import Testing

@testable import Console

@Suite struct EditionChangesTests {
    @Test func textsAreComparedClauseByClause() {
        #expect(
            EditionChanges.clauses("措施：甲国、乙国、丙国。", "措施：乙国、丙国、丁国。") == [
                .same("措施"), .same("："), .gone("甲国"), .gone("、"), .same("乙国"), .same("、"), .same("丙国"),
                .come("、"), .come("丁国"), .same("。"),
            ])
        #expect(EditionChanges.clauses("", "新") == [.come("新")])
        #expect(EditionChanges.clauses("旧", "") == [.gone("旧")])
        #expect(EditionChanges.clauses("同。", "同。") == [.same("同"), .same("。")])
    }

    @Test func newChangedAndGoneAreTold() {
        let changes = EditionChanges(
            before: [["a"]: ["n": .integer(1), "t": .string("x")], ["b"]: ["n": .integer(2)], ["c"]: ["n": .integer(3)]],
            after: [["a"]: ["n": .integer(1), "t": .string("y")], ["b"]: ["n": .integer(2)], ["d"]: ["n": .integer(4)]],
            order: ["n", "t"])
        #expect(
            changes.changed == [
                .init(key: ["a"], kind: .changed, fields: [.init(name: "t", before: "x", after: "y")]),
                .init(key: ["c"], kind: .gone, fields: [.init(name: "n", before: "3", after: "")]),
                .init(key: ["d"], kind: .new, fields: [.init(name: "n", before: "", after: "4")]),
            ])
        #expect(changes.unchanged == 1)
    }
}
