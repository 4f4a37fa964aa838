// `kuaibao compare`: what changed between two days, of records that have editions.

import ArgumentParser
import Foundation
import Messages

struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare", abstract: "两个日期之间，各条记录的版本有何变化。 What changed between two days in records with editions.",
        discussion: """
            例 Example:
              kuaibao compare '告知书:RJ-01' --collection notices --from 2020-03-03 --to 2020-03-05
            """)

    @OptionGroup var gateway: GatewayOptions
    @Option(help: "集合。 Collection.") var collection: String
    @Option(help: "先前的日期。 The earlier day, 2020-03-03.") var from: String
    @Option(help: "后来的日期。 The later day.") var to: String
    @Argument(help: "检索式，选出要比较的记录。 The query that chooses the records.") var query: [String]

    /// Records of each of the two answers; the gateway tells no more editions apart.
    private static let limit = 400

    func run() async throws {
        let client = try gateway.client()
        let path = CollectionCommand.path(collection)
        let shown = try await client.get(path, as: ShownCollection.self).value
        let dates = Set(shown.fields.filter { $0.type == "date" }.map(\.name))
        let keys = (shown.identity ?? []).filter { !dates.contains($0) }
        func editions(_ day: String) async throws -> [[String]: [String: Messages.JSONValue]] {
            let parameters = [
                ("q", query.joined(separator: " ")), ("asOf", day), ("limit", "\(Self.limit)"),
            ]
            let reply = try await client.get(path + "/search", parameters, as: SearchReply.self).value
            let values = reply.hits.compactMap { $0.record?.values }
            return Dictionary(
                values.map { values in (keys.map { values[$0].flatMap(SearchCommand.text) ?? "" }, values) },
                uniquingKeysWith: { first, _ in first })
        }
        let (before, after) = (try await editions(from), try await editions(to))
        let changes = EditionChanges(before: before, after: after, order: shown.fields.map(\.name))
        if gateway.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Terminal.write([UInt8](try encoder.encode(changes.changed)) + [0x0A])
        }
        for change in changes.changed {
            let kind = change.kind == .changed ? "" : change.kind == .new ? "（新 new）" : "（不再符合 matches no more）"
            Terminal.write(Terminal.styled(change.key.joined(separator: " · "), .bold) + kind)
            for field in change.fields {
                let parts = EditionChanges.clauses(field.before, field.after).map { part in
                    switch part {
                    case .same(let text): text
                    case .gone(let text): Terminal.styled("[-\(text)-]", .bad)
                    case .come(let text): Terminal.styled("[+\(text)+]", .good)
                    }
                }
                Terminal.write("   \(Terminal.styled(field.name, .dim))  \(parts.joined())")
            }
        }
        Terminal.write(
            Terminal.styled("\(changes.changed.count) 条有变 changed · \(changes.unchanged) 条未变 unchanged", .dim))
    }
}

/// What differs between two sets of editions, by the key of what they are editions of.
struct EditionChanges {
    struct Field: Encodable, Equatable {
        let name: String
        let before: String
        let after: String
    }

    enum Kind: String, Encodable { case new, changed, gone }

    struct Change: Encodable, Equatable {
        let key: [String]
        let kind: Kind
        let fields: [Field]
    }

    enum Part: Equatable {
        case same(String)
        case gone(String)
        case come(String)
    }

    /// Ascending by key.
    let changed: [Change]
    let unchanged: Int

    /// - Parameter order: of the fields.
    init(
        before: [[String]: [String: Messages.JSONValue]], after: [[String]: [String: Messages.JSONValue]],
        order: [String]
    ) {
        var changed: [Change] = []
        var unchanged = 0
        for key in Set(before.keys).union(after.keys).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let (old, new) = (before[key], after[key])
            let fields = order.compactMap { name -> Field? in
                let (first, second) = (
                    old?[name].flatMap(SearchCommand.text) ?? "", new?[name].flatMap(SearchCommand.text) ?? ""
                )
                return first == second ? nil : Field(name: name, before: first, after: second)
            }
            guard !fields.isEmpty else {
                unchanged += 1
                continue
            }
            changed.append(
                Change(key: key, kind: old == nil ? .new : new == nil ? .gone : .changed, fields: fields))
        }
        self.changed = changed
        self.unchanged = unchanged
    }

    /// Two texts clause by clause, the fewest changes (Myers, "An O(ND) Difference Algorithm", 1986, in the standard library).
    static func clauses(_ before: String, _ after: String) -> [Part] {
        let (old, new) = (pieces(before), pieces(after))
        let difference = new.difference(from: old)
        let gone = Set(difference.removals.map { if case .remove(let offset, _, _) = $0 { offset } else { 0 } })
        let come = Set(difference.insertions.map { if case .insert(let offset, _, _) = $0 { offset } else { 0 } })
        var parts: [Part] = []
        var (left, right) = (0, 0)
        while left < old.count || right < new.count {
            if left < old.count, gone.contains(left) {
                parts.append(.gone(old[left]))
                left += 1
            } else if right < new.count, come.contains(right) {
                parts.append(.come(new[right]))
                right += 1
            } else {
                parts.append(.same(new[right]))
                left += 1
                right += 1
            }
        }
        return parts
    }

    /// Clauses and the signs between them, each a piece of its own.
    private static func pieces(_ text: String) -> [String] {
        var pieces = [""]
        for character in text {
            if "，。；：、！？,.;:!? \n".contains(character) {
                pieces.append(String(character))
                pieces.append("")
            } else {
                pieces[pieces.count - 1].append(character)
            }
        }
        return pieces.filter { !$0.isEmpty }
    }
}
