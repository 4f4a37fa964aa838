// Checks a query tree and brings it to its one normal form, whether it came as text or as JSON.
//
// A normal tree has: fields by their names in the index; no `and` in an `and`, no `or` in an `or`, none of fewer than two
// parts; no `all` in an `and` and no `none` in an `or`; no double negation, no negated `all` or `none`; no boost by 1;
// `term` for keyword fields and `text`, `phrase` for text fields; ranges that hold something, with the unbounded side
// marked as included.
//
// Invariants:
//  (1) A normal tree finds what the tree finds that it was made of.
//  (2) Normalising twice changes nothing; parsing what `QueryPrinter` prints of a normal tree gives that tree.
//  (3) A normal tree is within `limits`, so that evaluating it recursively is safe.

import Analysis
import Geography
package import Messages

/// Checks and normalises trees for one collection.
package struct QueryNormalizer: Sendable {
    package let fields: QueryFields
    package let limits: QueryLimits
    private let analyzer = Analyzer()

    package init(fields: QueryFields = .bulletins, limits: QueryLimits = .standard) {
        self.fields = fields
        self.limits = limits
    }

    /// The normal form of `query`.
    ///
    /// - Throws: `invalidQuery` for a field that is not there or cannot be asked so, or a value out of its range;
    ///   `queryTooComplex` beyond a limit.
    package func normalized(_ query: Query) throws(KuaibaoError) -> Query {
        var clauses = 0
        return try node(query, depth: 1, &clauses)
    }

    private func node(_ query: Query, depth: Int, _ clauses: inout Int) throws(KuaibaoError) -> Query {
        guard depth <= limits.treeDepth else {
            throw QueryRefusal.tooComplex(
                "the query is more than \(limits.treeDepth) levels deep", fix: "write it flatter")
        }
        switch query {
        case .all, .none: return query
        case .and(let parts): return try conjunction(parts, depth: depth, &clauses)
        case .or(let parts): return try disjunction(parts, depth: depth, &clauses)
        case .not(let part):
            switch try node(part, depth: depth + 1, &clauses) {
            case .all: return .none
            case .none: return .all
            case .not(let inner): return inner
            case let inner: return .not(inner)
            }
        case .boost(let part, let factor):
            guard factor > 0, factor <= limits.boost else {
                throw QueryRefusal.invalid(
                    "the boost \(factor) is not above 0 and up to \(limits.boost)", fix: "use a factor such as 2")
            }
            let inner = try node(part, depth: depth + 1, &clauses)
            return factor == 1 || inner == .none ? inner : .boost(inner, factor: factor)
        default:
            clauses += 1
            guard clauses <= limits.clauses else {
                throw QueryRefusal.tooComplex(
                    "the query has more than \(limits.clauses) terms", fix: "split it into several queries")
            }
            return try leaf(query)
        }
    }

    private func conjunction(_ parts: [Query], depth: Int, _ clauses: inout Int) throws(KuaibaoError) -> Query {
        var result: [Query] = []
        var findsNothing = false
        for part in parts {
            switch try node(part, depth: depth + 1, &clauses) {
            case .all: continue
            case .none: findsNothing = true
            case .and(let inner): result += inner
            case let inner: result.append(inner)
            }
        }
        if findsNothing { return .none }
        return result.isEmpty ? .all : result.count == 1 ? result[0] : .and(result)
    }

    private func disjunction(_ parts: [Query], depth: Int, _ clauses: inout Int) throws(KuaibaoError) -> Query {
        var result: [Query] = []
        for part in parts {
            switch try node(part, depth: depth + 1, &clauses) {
            case .none: continue
            case .or(let inner): result += inner
            case let inner: result.append(inner)
            }
        }
        return result.isEmpty ? .none : result.count == 1 ? result[0] : .or(result)
    }

    // MARK: Leaves

    private func leaf(_ query: Query) throws(KuaibaoError) -> Query {
        switch query {
        case .text(let value, let name):
            if let field = try wordField(name), field.kind == .keyword { return try term(value, field) }
            try checkSearchable(value)
            return .text(value, field: try wordField(name)?.name)
        case .phrase(let value, let name, let slop):
            if let field = try wordField(name), field.kind == .keyword, slop == 0 { return try term(value, field) }
            try check(slop, in: 0...limits.slop, "the slop")
            try checkSearchable(value)
            return .phrase(value, field: try wordField(name, .text)?.name, slop: slop)
        case .prefix(let value, let name):
            let field = try wordField(name)
            if value.isEmpty {
                guard let field else { return .all }
                guard field.kind == .keyword else {
                    throw QueryRefusal.invalid(
                        "\(field.name):* asks for any text at all", fix: "leave it out, or write a word before the *")
                }
                return .prefix("", field: field.name)
            }
            try checkSearchable(value)
            return .prefix(value, field: field?.name)
        case .wildcard(let value, let name):
            try checkLength(value)
            return try wildcard(WildcardPattern(value), try wordField(name))
        case .fuzzy(let value, let name, let edits):
            try check(edits, in: 1...limits.edits, "the number of mistakes")
            try checkSearchable(value)
            return .fuzzy(value, field: try wordField(name)?.name, edits: edits)
        case .term(let value, let name):
            let field = try field(name, [.keyword, .text])
            if field.kind == .keyword { return try term(value, field) }
            try checkSearchable(value)
            return .phrase(value, field: field.name, slop: 0)
        case .dates(let range, let name): return .dates(try checked(range), field: try field(name, [.date]).name)
        case .monthDay(let month, let day, let name):
            guard CalendarDay(year: 2000, month: month, day: day ?? 1) != nil else {
                let date = PartialDate(month: month, day: day).text
                throw QueryRefusal.invalid("there is no day \(date)", fix: "use a month of 1…12 and a day it has")
            }
            return .monthDay(month: month, day: day, field: try field(name, [.date]).name)
        case .numbers(let range, let name):
            return .numbers(try checked(range), field: try field(name, [.number]).name)
        case .within(let shape, let name):
            let field = try field(name, [.point])
            if let problem = ShapeTest(shape).problem { throw QueryRefusal.invalid(problem, fix: QueryPlaceReader.fix) }
            return .within(shape, field: field.name)
        case .covers(let point, let name):
            let field = try field(name, [.area])
            guard point.isValid else { throw QueryRefusal.invalid("the point is no place", fix: QueryPlaceReader.fix) }
            return .covers(point, field: field.name)
        case .figure(let subject, let range, let unit):
            try checkSearchable(subject)
            try checkLength(unit)
            return .figure(subject: subject, range: try checked(range), unit: unit)
        case .all, .none, .and, .or, .not, .boost: return query
        }
    }

    private func wildcard(_ pattern: WildcardPattern, _ field: QueryField?) throws(KuaibaoError) -> Query {
        let isKeyword = field?.kind == .keyword
        if !pattern.hasGaps { return try leaf(.text(pattern.literal, field: field?.name)) }
        if pattern.isPrefix { return try leaf(.prefix(pattern.literal, field: field?.name)) }
        if pattern.pieces.isEmpty, pattern.gaps[0].least == 0 { return try leaf(.prefix("", field: field?.name)) }
        if let problem = Self.problem(of: pattern, isKeyword: isKeyword) { throw problem }
        guard !isKeyword, case .chain = WildcardShape(pattern, analyzer) else {
            return .wildcard(pattern.text, field: field?.name)
        }
        // Chinese has no word ends: what stands before and behind is anything.
        let inner = pattern.trimmed
        if !inner.hasGaps { return try leaf(.phrase(inner.literal, field: field?.name, slop: 0)) }
        return .wildcard(inner.text, field: field?.name)
    }

    /// What is wrong with a pattern, if anything.
    static func problem(of pattern: WildcardPattern, isKeyword: Bool) -> KuaibaoError? {
        let shown = QueryRefusal.quoted(pattern.text)
        guard pattern.length <= WildcardPattern.limit else {
            return QueryRefusal.tooComplex(
                "the pattern \(shown) has more than \(WildcardPattern.limit) characters and signs", fix: "shorten it")
        }
        guard let first = pattern.gaps.first, let last = pattern.gaps.last, !pattern.pieces.isEmpty, first.least == 0,
            last.least == 0
        else {
            return QueryRefusal.invalid(
                "the ? of \(shown) needs a character before and after it", fix: "use * at the end of a word, as in covid*")
        }
        if isKeyword { return nil }
        guard let shape = WildcardShape(pattern, analyzer) else {
            return QueryRefusal.invalid(
                "\(shown) is no pattern of one word, nor of Chinese characters",
                fix: "use letters and digits alone, or characters around each * and ?; \\* searches for the sign")
        }
        let hasMarks = pattern.gaps.contains { $0.least > 0 }
        guard hasMarks else { return nil }
        guard pattern.pieces.allSatisfy({ $0.unicodeScalars.allSatisfy(WildcardPattern.isWordCharacter) }) else {
            return QueryRefusal.invalid(
                "a word with ? can have letters, digits and characters only, \(shown) has others", fix: "leave them out")
        }
        // What is left without the ends that go must still read as a pattern.
        let inner = if case .chain = shape { pattern.trimmed } else { pattern }
        guard inner.hasOpenGaps || !PlanCompiler.isProse(inner.text) else {
            return QueryRefusal.invalid("\(shown) reads as a question or a long text", fix: "shorten it, or use *")
        }
        return nil
    }

    private static let analyzer = Analyzer()

    private func term(_ value: String, _ field: QueryField) throws(KuaibaoError) -> Query {
        try checkLength(value)
        let stored = field.values.isEmpty ? nil : field.values[analyzer.folded(value)]
        return .term(stored ?? value, field: field.name)
    }

    /// The field of a node about words; nil where it names none.
    private func wordField(_ name: String?, _ kinds: QueryFieldKind...) throws(KuaibaoError) -> QueryField? {
        guard let name else { return nil }
        return try field(name, kinds.isEmpty ? [.text, .keyword] : kinds)
    }

    private func field(_ name: String, _ kinds: [QueryFieldKind]) throws(KuaibaoError) -> QueryField {
        guard let field = fields.field(named: name) else {
            let nearest = fields.nearest(to: name).map { "; did you mean \($0)?" } ?? ""
            throw QueryRefusal.invalid(
                "there is no field \(QueryRefusal.quoted(name))\(nearest)",
                fix: "use one of \(fields.all.map(\.name).joined(separator: ", "))")
        }
        guard kinds.contains(field.kind) else {
            throw QueryRefusal.invalid(
                "\(field.name) is a \(field.kind.rawValue) field and cannot be asked so",
                fix: "use a \(kinds.map(\.rawValue).joined(separator: " or ")) field")
        }
        return field
    }

    // MARK: Values

    private func check(_ number: Int, in range: ClosedRange<Int>, _ name: String) throws(KuaibaoError) {
        guard range.contains(number) else {
            throw QueryRefusal.invalid(
                "\(name) is \(number)", fix: "use a number from \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private func checkLength(_ value: String) throws(KuaibaoError) {
        guard value.utf8.count <= limits.bytes else {
            throw QueryRefusal.tooComplex(
                "a value has \(value.utf8.count) bytes, more than \(limits.bytes)", fix: "shorten it")
        }
    }

    private func checkSearchable(_ value: String) throws(KuaibaoError) {
        try checkLength(value)
        guard !analyzer.queryUnits(value).isEmpty else {
            throw QueryRefusal.invalid(
                "\(QueryRefusal.quoted(value)) has no word or character to search for", fix: "remove it or add a word")
        }
    }

    private func checked(_ range: DateRange) throws(KuaibaoError) -> DateRange {
        for (bound, offset) in [(range.lower, 0), (range.upper, 1)] {
            guard let bound else { continue }
            let (day, isOver) = bound.subtractingReportingOverflow(offset)
            guard !isOver, CalendarDay(daysSince1970: day) != nil else {
                throw QueryRefusal.invalid("the day \(bound) is outside the years 1…9999", fix: "use a nearer date")
            }
        }
        if let lower = range.lower, let upper = range.upper, lower >= upper {
            throw QueryRefusal.invalid("a date range ends before it begins", fix: "swap its dates")
        }
        return range
    }

    private func checked(_ range: NumberRange) throws(KuaibaoError) -> NumberRange {
        var result = range
        if let lower = range.lower, lower == -.infinity { result.lower = nil }
        if let upper = range.upper, upper == .infinity { result.upper = nil }
        if result.lower == nil { result.includesLower = true }
        if result.upper == nil { result.includesUpper = true }
        guard [result.lower, result.upper].allSatisfy({ $0?.isFinite ?? true }), !result.isEmpty else {
            throw QueryRefusal.invalid("a number range holds no number", fix: "swap its bounds")
        }
        return result
    }
}
