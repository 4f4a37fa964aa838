// The query language's parser: from text to tree, by recursive descent over glyphs.
//
//     query      = [or]                                           ; nothing at all finds everything
//     or         = and *( ("OR" / "||" / "|" / "或者") and)
//     and        = unary *( ["AND" / "&&" / "并且"] unary)         ; side by side means AND, which binds before OR
//     unary      = *( "-" / "!" / "NOT" / "不含") boosted
//     boosted    = primary ["^" number]
//     primary    = "(" or ")" / field / comparison / "*" / phrase / word
//     field      = name ":" ( "(" or ")" / value)                 ; the name also holds inside the brackets
//     comparison = name (">" / ">=" / "<" / "<=" / "=") value     ; a date or number field, else a figure's subject
//     phrase     = quote text quote ["~" slop]
//     word       = text / text "*" / text "~" [edits] / pattern
//     pattern    = text with "*" anywhere, or "?" between two letters, digits or characters of it
//
// Signs may be full width; a backslash takes the next character as it is. `AND`, `OR` and `NOT` are capitals; the
// Chinese ones stand alone. docs/query-language.md tells it to people, with examples that the tests run.
//
// Invariants:
//  (1) Every mistake is an error with the range of bytes it stands in; nothing is ignored but words of punctuation alone.
//  (2) Recursion happens only at brackets and is bounded by `limits.depth`; time is O(bytes · names of a field).
//  (3) The tree is normal: printing it and parsing it again gives the same tree.

package import Messages

/// Parses queries for one collection.
package struct QueryParser: Sendable {
    package let fields: QueryFields
    package let limits: QueryLimits
    /// The day that 今天 means; nil refuses relative dates.
    package let today: CalendarDay?

    package init(fields: QueryFields = .bulletins, limits: QueryLimits = .standard, today: CalendarDay? = nil) {
        self.fields = fields
        self.limits = limits
        self.today = today
    }

    /// Parses a query.
    ///
    /// - Throws: `invalidQuery` with the place of the mistake, what was expected and what to write instead;
    ///   `queryTooComplex` beyond a limit.
    package func parse(_ text: String) throws(KuaibaoError) -> Query {
        let count = text.utf8.count
        guard count <= limits.bytes else {
            throw QueryRefusal.tooComplex(
                "the query has \(count) bytes, more than \(limits.bytes)", fix: "shorten it, or send several queries",
                range: 0..<count)
        }
        var run = QueryParserRun(glyphs: QueryGlyphs.read(text), end: count, parser: self)
        let query = try run.whole()
        do {
            return try QueryNormalizer(fields: fields, limits: limits).normalized(query)
        } catch {
            // What only the tree shows, such as its depth, concerns the whole text.
            throw KuaibaoError(error.code, error.message, fix: error.fix, range: error.range ?? 0..<count)
        }
    }
}

/// One parse.
struct QueryParserRun {
    let glyphs: [QueryGlyph]
    /// The number of bytes in the query.
    let end: Int
    let parser: QueryParser
    var index = 0
    private var clauses = 0

    init(glyphs: [QueryGlyph], end: Int, parser: QueryParser) {
        self.glyphs = glyphs
        self.end = end
        self.parser = parser
    }

    /// The signs that connect or negate, by how they are written.
    enum Operator { case and, or, not }

    mutating func whole() throws(KuaibaoError) -> Query {
        if let last = glyphs.last, last.sign == "\\" {
            throw QueryRefusal.invalid(
                "the backslash at the end has no character after it", fix: "remove it, or write \\\\ to search for one",
                range: last.range)
        }
        skipSpaces()
        guard index < glyphs.count else { return .all }
        if glyphs[index].sign == ")" { throw unopened() }
        let query = try or(field: nil, depth: 0)
        guard index == glyphs.count else { throw unopened() }
        return query
    }

    private func unopened() -> KuaibaoError {
        QueryRefusal.invalid(
            "the closing bracket has no opening one", fix: "remove it, or put the text in quotes",
            range: glyphs[index].range)
    }

    // MARK: Connectives

    private mutating func or(field: QueryField?, depth: Int) throws(KuaibaoError) -> Query {
        var parts = [try and(field: field, depth: depth)]
        while let (kind, length) = operatorHere(), kind == .or {
            let sign = take(length)
            skipSpaces()
            try expectOperand(after: sign)
            parts.append(try and(field: field, depth: depth))
        }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func and(field: QueryField?, depth: Int) throws(KuaibaoError) -> Query {
        let start = index
        var parts: [Query] = []
        passOverPunctuation()
        while index < glyphs.count, glyphs[index].sign != ")" {
            if !parts.isEmpty, let (kind, length) = operatorHere(), kind != .not {
                if kind == .or { break }
                let sign = take(length)
                skipSpaces()
                try expectOperand(after: sign)
            }
            parts.append(try unary(field: field, depth: depth))
            passOverPunctuation()
        }
        guard !parts.isEmpty else {
            throw QueryRefusal.invalid(
                "\(QueryRefusal.quoted(QueryGlyphs.text(glyphs[start..<index]))) has no word or character to search for",
                fix: "add a word", range: range(start..<index))
        }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func unary(field: QueryField?, depth: Int) throws(KuaibaoError) -> Query {
        var negations = 0
        while let (kind, length) = operatorHere(), !isMonthDay(field) {
            guard kind == .not else {
                let sign = take(length)
                let text = QueryGlyphs.text(glyphs[sign])
                throw QueryRefusal.invalid(
                    "\(text) needs a term before it", fix: "remove it, or write \"\(text)\" to search for the word",
                    range: range(sign))
            }
            let sign = take(length)
            skipSpaces()
            try expectOperand(after: sign)
            negations += 1
            try checkDepth(depth + negations, at: range(sign))
        }
        var query = try boosted(field: field, depth: depth + negations)
        for _ in 0..<negations { query = .not(query) }
        return query
    }

    /// Whether the cursor is at a date of an unknown year, --02-08, among the values of a date field.
    private func isMonthDay(_ field: QueryField?) -> Bool {
        field?.kind == .date && index + 1 < glyphs.count && glyphs[index].sign == "-" && glyphs[index + 1].sign == "-"
    }

    private mutating func boosted(field: QueryField?, depth: Int) throws(KuaibaoError) -> Query {
        let query = try primary(field: field, depth: depth)
        guard index < glyphs.count, glyphs[index].sign == "^" else { return query }
        let sign = glyphs[index].range
        index += 1
        let start = index
        while index < glyphs.count, glyphs[index].isDigit || ".eE+-".unicodeScalars.contains(glyphs[index].sign) {
            index += 1
        }
        let text = String(String.UnicodeScalarView(glyphs[start..<index].map(\.sign)))
        guard let factor = Float(text), factor > 0, factor <= parser.limits.boost else {
            let place = start < index ? range(start..<index) : sign
            throw QueryRefusal.invalid(
                "the boost \(QueryRefusal.quoted(text)) is not a number above 0 and up to \(parser.limits.boost)",
                fix: "write for example ^2 after the term", range: place)
        }
        return .boost(query, factor: factor)
    }

    /// Checks that a term can begin here, after an operator.
    private func expectOperand(after sign: Range<Int>) throws(KuaibaoError) {
        if index < glyphs.count, glyphs[index].sign != ")" { return }
        let text = QueryGlyphs.text(glyphs[sign])
        throw QueryRefusal.invalid(
            "\(text) needs a term after it", fix: "add a term, or write \"\(text)\" to search for it",
            range: range(sign))
    }

    // MARK: Primaries

    private mutating func primary(field: QueryField?, depth: Int) throws(KuaibaoError) -> Query {
        let sign = glyphs[index].sign
        if field == nil, let sentence = sentenceHere() {
            try countClause(range(sentence))
            index = sentence.upperBound
            return .text(QueryGlyphs.text(glyphs[sentence]), field: nil)
        }
        if sign == "(" { return try group(field: field, depth: depth) }
        if let closing = QueryGlyphs.closing(sign) {
            let quoted = try quotation(closing: closing)
            return try phrase(quoted, field: field)
        }
        if comparisonHere() != nil {
            throw QueryRefusal.invalid(
                "the comparison has nothing before it", fix: "write a field or a subject first, as in 复工率>70%",
                range: glyphs[index].range)
        }
        if sign == ":" || sign == "^" {
            throw QueryRefusal.invalid(
                "a term cannot begin with \(QueryGlyphs.text(glyphs[index...index]))",
                fix: "write a field's name before it, or put the text in quotes", range: glyphs[index].range)
        }
        let word = wordHere()
        if let named = try namedValue(word, depth: depth) { return named }
        index = word.upperBound
        return try leaf(word, field: field)
    }

    private mutating func group(field: QueryField?, depth: Int) throws(KuaibaoError) -> Query {
        let opening = glyphs[index].range
        try checkDepth(depth + 1, at: opening)
        index += 1
        skipSpaces()
        guard index < glyphs.count, glyphs[index].sign != ")" else {
            throw QueryRefusal.invalid(
                index < glyphs.count ? "the brackets are empty" : "the bracket is not closed",
                fix: "put a term between ( and )",
                range: opening.lowerBound..<(index < glyphs.count ? glyphs[index].range.upperBound : end))
        }
        let query = try or(field: field, depth: depth + 1)
        guard index < glyphs.count else {
            throw QueryRefusal.invalid(
                "the bracket is not closed", fix: "add ) where the group ends, or put the text in quotes",
                range: opening)
        }
        index += 1
        return query
    }

    /// `name:value` or `name>value`, if the word at the cursor is a name; nil leaves the cursor at the word.
    private mutating func namedValue(_ word: Range<Int>, depth: Int) throws(KuaibaoError) -> Query? {
        let hasEscape = glyphs[word].contains(where: \.isEscaped)
        let name = QueryGlyphs.text(glyphs[word])
        let next = indexAfterSpaces(word.upperBound)
        guard !word.isEmpty, next < glyphs.count else { return nil }
        if glyphs[next].sign == ":", next == word.upperBound, !hasEscape {
            guard let field = parser.fields.field(named: name) else { throw unknownField(name, range(word)) }
            index = next + 1
            skipSpaces()
            try expectValue(of: name, from: word.lowerBound)
            if let (comparison, length) = comparisonHere() {
                index += length
                return try compared(name, field, comparison, from: word.lowerBound)
            }
            return try primaryOfField(field, depth: depth)
        }
        guard let (comparison, length) = comparison(at: next) else { return nil }
        index = next + length
        return try compared(name, hasEscape ? nil : parser.fields.field(named: name), comparison, from: word.lowerBound)
    }

    /// A value after `name:`: a group, a phrase or a word, in which no other name is read.
    private mutating func primaryOfField(_ field: QueryField, depth: Int) throws(KuaibaoError) -> Query {
        let sign = glyphs[index].sign
        if sign == "(" { return try group(field: field, depth: depth) }
        if let closing = QueryGlyphs.closing(sign) {
            let quoted = try quotation(closing: closing)
            return try phrase(quoted, field: field)
        }
        let word = rawWordHere()
        guard !word.isEmpty else {
            throw QueryRefusal.invalid(
                "\(field.name) needs a value, found \(QueryGlyphs.text(glyphs[index...index]))",
                fix: "put the value in quotes", range: glyphs[index].range)
        }
        index = word.upperBound
        return try leaf(word, field: field)
    }

    private func unknownField(_ name: String, _ range: Range<Int>) -> KuaibaoError {
        let nearest = parser.fields.nearest(to: name).map { "; did you mean \($0)?" } ?? ""
        let known = parser.fields.all.map { field in field.aliases.first.map { "\(field.name) \($0)" } ?? field.name }
        return QueryRefusal.invalid(
            "there is no field \(QueryRefusal.quoted(name))\(nearest)",
            fix: "use one of \(known.joined(separator: ", ")), or quote the text to search for it as it is",
            range: range)
    }

    // MARK: Bounds

    /// Counts a leaf.
    mutating func countClause(_ range: Range<Int>) throws(KuaibaoError) {
        clauses += 1
        guard clauses <= parser.limits.clauses else {
            throw QueryRefusal.tooComplex(
                "the query has more than \(parser.limits.clauses) terms", fix: "split it into several queries",
                range: range)
        }
    }

    private func checkDepth(_ depth: Int, at range: Range<Int>) throws(KuaibaoError) {
        guard depth <= parser.limits.depth else {
            throw QueryRefusal.tooComplex(
                "brackets and negations are more than \(parser.limits.depth) deep", fix: "write the query flatter",
                range: range)
        }
    }
}
