// The fields that a query may name, in English and Chinese, and what can be asked of each.

import Analysis

/// What a field's values are, which decides how the text after its name is read.
package enum QueryFieldKind: String, Sendable, CaseIterable {
    /// Searched by words and phrases.
    case text
    /// Compared as a whole.
    case keyword
    /// A date with its precision.
    case date
    /// A number.
    case number
    /// A place.
    case point
    /// A part of the earth's surface.
    case area
}

/// A field as the query language knows it.
package struct QueryField: Sendable, Hashable {
    /// The name in the index, in query trees and in printed queries.
    package var name: String
    /// Other names, as people type them.
    package var aliases: [String]
    package var kind: QueryFieldKind
    /// Values of a keyword field by other words for them, folded: `是` for `true`.
    package var values: [String: String] = [:]

    package init(_ name: String, _ kind: QueryFieldKind, aliases: [String] = []) {
        self.name = name
        self.aliases = aliases
        self.kind = kind
    }

    /// A field that is true or false, in the words that people use.
    package static func boolean(_ name: String, aliases: [String]) -> QueryField {
        var field = QueryField(name, .keyword, aliases: aliases)
        for word in ["是", "有", "开", "yes", "1"] { field.values[word] = "true" }
        for word in ["否", "无", "关", "no", "0"] { field.values[word] = "false" }
        return field
    }
}

/// A collection's fields by every name. Names compare folded: `標題`, `标题` and `TITLE`, `title` are the same.
package struct QueryFields: Sendable {
    package let all: [QueryField]
    private let byName: [String: Int]
    /// Every name and alias, in the fields' order, with its folded characters.
    private let names: [(name: String, folded: [Unicode.Scalar])]
    private let analyzer = Analyzer()

    /// Makes the table; where two fields claim a name, the first has it.
    package init(_ fields: [QueryField]) {
        all = fields
        var byName: [String: Int] = [:]
        var names: [(name: String, folded: [Unicode.Scalar])] = []
        for (index, field) in fields.enumerated() {
            for name in [field.name] + field.aliases {
                let key = analyzer.folded(name)
                if byName[key] == nil { byName[key] = index }
                names.append((name, Array(key.unicodeScalars)))
            }
        }
        self.byName = byName
        self.names = names
    }

    /// The field with this name or alias.
    package func field(named name: String) -> QueryField? {
        byName[analyzer.folded(name)].map { all[$0] }
    }

    /// The known name nearest to an unknown one: at most half its characters differ.
    package func nearest(to name: String) -> String? {
        let wanted = Array(analyzer.folded(name).unicodeScalars)
        let allowed = max(1, wanted.count / 2)
        var best: (name: String, distance: Int)?
        for (candidate, folded) in names {
            // A distance is never less than the difference of the lengths, so long words cost nothing.
            guard abs(folded.count - wanted.count) <= min(allowed, (best?.distance ?? Int.max) - 1) else { continue }
            let distance = Self.editDistance(wanted, folded)
            if distance <= allowed, distance < (best?.distance ?? Int.max) { best = (candidate, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, substitutions and swaps of neighbours between two short texts.
    ///
    /// Optimal string alignment; R. A. Wagner, M. J. Fischer, "The String-to-String Correction Problem" (1974), with
    /// swaps. - Complexity: O(first.count · second.count).
    static func editDistance(_ first: [Unicode.Scalar], _ second: [Unicode.Scalar]) -> Int {
        // Three rows in turn: two above the one that is made.
        let width = second.count + 1
        var rows = [Int](repeating: 0, count: 3 * width)
        for column in 0..<width { rows[column] = column }
        for row in 0..<first.count {
            let before = (row + 2) % 3 * width
            let above = row % 3 * width
            let current = (row + 1) % 3 * width
            rows[current] = row + 1
            for column in 0..<second.count {
                let substitution = rows[above + column] + (first[row] == second[column] ? 0 : 1)
                var cost = min(substitution, rows[above + column + 1] + 1, rows[current + column] + 1)
                let isSwap =
                    row > 0 && column > 0 && first[row] == second[column - 1] && first[row - 1] == second[column]
                if isSwap { cost = min(cost, rows[before + column - 1] + 1) }
                rows[current + column + 1] = cost
            }
        }
        return rows[first.count % 3 * width + second.count]
    }
}

extension QueryFields {
    /// The names that people type for the fields of bulletins, by the fields' names in an index.
    private static let aliases: [String: [String]] = [
        "title": ["标题", "题目"],
        "body": ["正文", "内容", "text"],
        "department": ["部门", "单位", "dept"],
        "source": ["来源", "出处"],
        "district": ["区", "地区", "区县"],
        "format": ["格式"],
        "language": ["语言", "lang"],
        "file": ["文件"],
        "flag": ["标记", "flags"],
        "published": ["日期", "发布于", "发布日期", "date"],
        "event": ["发生于", "事件日期"],
        "citation": ["引用"],
        "document": ["文档", "id"],
    ]

    /// The fields of an index, in its order, with the names that people type where there are any.
    package init(schema: IndexSchema) {
        self.init(
            schema.fields.compactMap { field in
                let kind: QueryFieldKind
                switch field.kind {
                case .text: kind = .text
                case .keyword: kind = .keyword
                case .date: kind = .date
                case .integer, .number: kind = .number
                case .point: kind = .point
                case .area: kind = .area
                // Figures are asked by their subjects.
                case .figure: return nil
                }
                return QueryField(field.name, kind, aliases: Self.aliases[field.name] ?? [])
            })
    }

    /// The built-in collection of bulletins.
    package static let bulletins = QueryFields(schema: .bulletins)
}
