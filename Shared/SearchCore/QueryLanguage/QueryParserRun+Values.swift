// The parser's leaves: what a word, a phrase or a comparison means for the kind of its field.

import Messages

extension QueryParserRun {
    /// A word: text, a prefix, a fuzzy word, or the value of a field.
    mutating func leaf(_ word: Range<Int>, field: QueryField?) throws(KuaibaoError) -> Query {
        let place = range(word)
        try countClause(place)
        let kind = field?.kind ?? .text
        if let field, kind.isReadWhole {
            index = word.lowerBound
            let value = valueHere()
            index = value.upperBound
            return try self.value(glyphs[value], field)
        }
        let text = QueryGlyphs.text(glyphs[word])
        let name = field?.name
        if let pattern = pattern(word, kind) {
            if pattern.pieces.isEmpty, name == nil { return .all }
            if pattern.pieces.isEmpty, kind == .text, let name {
                throw QueryRefusal.invalid(
                    "\(name):* asks for any text at all", fix: "leave it out, or write a word before the *",
                    range: place)
            }
            if pattern.pieces.isEmpty || pattern.isPrefix { return .prefix(pattern.literal, field: name) }
            if let problem = QueryNormalizer.problem(of: pattern, isKeyword: kind == .keyword) {
                throw KuaibaoError(problem.code, problem.message, fix: problem.fix, range: place)
            }
            return .wildcard(pattern.text, field: name)
        }
        if let tilde = tilde(word) {
            return .fuzzy(
                QueryGlyphs.text(glyphs[word.lowerBound..<tilde]), field: name,
                edits: try edits(tilde..<word.upperBound))
        }
        if let field, kind == .keyword { return .term(text, field: field.name) }
        return .text(text, field: name)
    }

    /// Where the `~` of a fuzzy word stands: at the end, or before one number at the end. A number is no such word, so
    /// that 3~5 stays as it is.
    private func tilde(_ word: Range<Int>) -> Int? {
        var at = word.upperBound - 1
        while at > word.lowerBound, glyphs[at].isDigit { at -= 1 }
        guard at > word.lowerBound, glyphs[at].sign == "~" else { return nil }
        return glyphs[word.lowerBound..<at].allSatisfy(\.isDigit) ? nil : at
    }

    private func edits(_ suffix: Range<Int>) throws(KuaibaoError) -> Int {
        guard suffix.count > 1 else { return 1 }
        let text = QueryGlyphs.text(glyphs[suffix].dropFirst())
        let digits = String(String.UnicodeScalarView(glyphs[suffix].dropFirst().map(\.sign)))
        guard let edits = Int(digits), (1...parser.limits.edits).contains(edits) else {
            throw QueryRefusal.invalid(
                "\(QueryRefusal.quoted(text)) mistakes cannot be allowed in a word",
                fix: "write ~1 or ~\(parser.limits.edits)", range: range(suffix))
        }
        return edits
    }

    /// The pattern that a word is; nil for one without `*`, and without `?` that stand for characters.
    ///
    /// A `?` does between two characters of a word; at its ends, in other text and in a question it is punctuation.
    private func pattern(_ word: Range<Int>, _ kind: QueryFieldKind) -> WildcardPattern? {
        func isMark(_ glyph: QueryGlyph) -> Bool { glyph.scalar == "?" && !glyph.isEscaped }
        let hasStar = glyphs[word].contains { $0.sign == "*" }
        guard hasStar || tilde(word) == nil else { return nil }
        var inner = word
        while let first = glyphs[inner].first, isMark(first) { inner.removeFirst() }
        while let last = glyphs[inner].last, isMark(last) { inner.removeLast() }
        let hasMark = glyphs[inner].contains(where: isMark)
        guard hasStar || hasMark else { return nil }
        if !hasStar, kind != .keyword {
            let isPlain = glyphs[inner].allSatisfy { isMark($0) || (!$0.isEscaped && WildcardPattern.isWordCharacter($0.scalar)) }
            guard isPlain, !PlanCompiler.isProse(QueryGlyphs.text(glyphs[word])) else { return nil }
        }
        var pattern = WildcardPattern()
        for glyph in glyphs[inner] {
            if glyph.sign == "*" || isMark(glyph) {
                pattern.append(sign: glyph.sign)
            } else {
                pattern.append(glyph.scalar)
            }
        }
        // Without a star it may as well be text.
        if !hasStar, QueryNormalizer.problem(of: pattern, isKeyword: kind == .keyword) != nil { return nil }
        return pattern
    }

    /// A quotation with its slop.
    mutating func phrase(_ quoted: (text: String, whole: Range<Int>), field: QueryField?) throws(KuaibaoError) -> Query
    {
        let place = range(quoted.whole)
        try countClause(place)
        if let field, field.kind.isReadWhole {
            let inner = glyphs[quoted.whole].dropFirst().dropLast()
            guard !inner.isEmpty else {
                throw QueryRefusal.invalid("the quotes are empty", fix: "write the value between them", range: place)
            }
            return try value(inner, field)
        }
        var slop: Int?
        if index < glyphs.count, glyphs[index].sign == "~" { slop = try slopHere() }
        if let field, field.kind == .keyword {
            guard slop == nil else {
                throw QueryRefusal.invalid(
                    "\(field.name) is compared as a whole, so its value takes no ~", fix: "remove the ~", range: place)
            }
            return .term(quoted.text, field: field.name)
        }
        guard quoted.text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw QueryRefusal.invalid("the quotes are empty", fix: "write the phrase between them", range: place)
        }
        return .phrase(quoted.text, field: field?.name, slop: slop ?? 0)
    }

    private mutating func slopHere() throws(KuaibaoError) -> Int {
        let sign = index
        index += 1
        while index < glyphs.count, glyphs[index].isDigit { index += 1 }
        let digits = String(String.UnicodeScalarView(glyphs[(sign + 1)..<index].map(\.sign)))
        guard let slop = Int(digits), slop <= parser.limits.slop else {
            throw QueryRefusal.invalid(
                "a phrase's ~ needs the number of characters that may stand between, up to \(parser.limits.slop)",
                fix: "write for example ~4", range: range(sign..<index))
        }
        return slop
    }

    // MARK: Comparisons

    /// Checks that a value stands at the cursor.
    func expectValue(of name: String, from start: Int) throws(KuaibaoError) {
        if index < glyphs.count, glyphs[index].sign != ")" { return }
        let stop = max(index, start + 1)
        throw QueryRefusal.invalid(
            "\(QueryRefusal.quoted(name)) has no value after it", fix: "write one, or quote the text to search for it",
            range: range(start..<min(stop, glyphs.count)))
    }

    /// The value after a comparison, for a field or, where there is none of that name, a figure's subject.
    mutating func compared(
        _ name: String, _ field: QueryField?, _ comparison: Comparison, from start: Int
    ) throws(KuaibaoError) -> Query {
        skipSpaces()
        try expectValue(of: name, from: start)
        if let field, field.kind == .text || field.kind == .keyword {
            guard comparison == .equal else {
                throw QueryRefusal.invalid(
                    "\(field.name) has words, which cannot be greater or smaller", fix: "write \(name):value",
                    range: range(start..<index))
            }
            if let closing = QueryGlyphs.closing(glyphs[index].sign) {
                let quoted = try quotation(closing: closing)
                return try phrase(quoted, field: field)
            }
            let word = rawWordHere()
            guard !word.isEmpty else { throw missingValue(name) }
            index = word.upperBound
            return try leaf(word, field: field)
        }
        var value = valueHere()
        if value.isEmpty, QueryGlyphs.closing(glyphs[index].sign) == "\"" {
            let quoted = try quotation(closing: "\"")
            value = (quoted.whole.lowerBound + 1)..<(quoted.whole.upperBound - 1)
        } else {
            index = value.upperBound
        }
        guard !value.isEmpty else { throw missingValue(name) }
        try countClause(range(start..<index))
        let slice = glyphs[value]
        if let field, field.kind == .date { return try comparedDate(slice, field, comparison) }
        if let field, field.kind == .point || field.kind == .area {
            guard comparison == .equal else {
                throw QueryRefusal.invalid(
                    "\(field.name) has places, which cannot be greater or smaller", fix: QueryPlaceReader.fix,
                    range: range(start..<index))
            }
            return try QueryPlaceReader.query(slice, field)
        }
        let read = try comparedNumber(slice, comparison)
        guard let field else { return .figure(subject: name, range: read.bounds, unit: read.unit) }
        return try numbers(read, field, slice)
    }

    private func missingValue(_ name: String) -> KuaibaoError {
        QueryRefusal.invalid(
            "the comparison of \(QueryRefusal.quoted(name)) has no value", fix: QueryNumberReader.fix,
            range: glyphs[min(index, glyphs.count - 1)].range)
    }

    /// The value of a date or number field after its colon.
    private func value(_ slice: ArraySlice<QueryGlyph>, _ field: QueryField) throws(KuaibaoError) -> Query {
        if field.kind == .date { return try comparedDate(slice, field, .equal) }
        if field.kind == .point || field.kind == .area { return try QueryPlaceReader.query(slice, field) }
        return try numbers(try QueryNumberReader.range(slice), field, slice)
    }

    private func comparedDate(
        _ slice: ArraySlice<QueryGlyph>, _ field: QueryField, _ comparison: Comparison
    ) throws(KuaibaoError) -> Query {
        let reader = QueryDateReader(today: parser.today)
        if comparison == .equal {
            if slice.count == 1, slice.first?.sign == "*" {
                return .dates(DateRange(lower: nil, upper: nil), field: field.name)
            }
            switch try reader.value(slice) {
            case .days(let range): return .dates(range, field: field.name)
            case .monthDay(let month, let day): return .monthDay(month: month, day: day, field: field.name)
            }
        }
        let days = try reader.days(slice)
        let bounds =
            switch comparison {
            case .above: DateRange(lower: days.upper, upper: nil)
            case .atLeast: DateRange(lower: days.lower, upper: nil)
            case .below: DateRange(lower: nil, upper: days.lower)
            case .atMost, .equal: DateRange(lower: nil, upper: days.upper)
            }
        return .dates(bounds, field: field.name)
    }

    private func comparedNumber(
        _ slice: ArraySlice<QueryGlyph>, _ comparison: Comparison
    ) throws(KuaibaoError) -> QueryNumberRange {
        if comparison == .equal { return try QueryNumberReader.range(slice) }
        let number = try QueryNumberReader.number(slice)
        let bounds =
            switch comparison {
            case .above: NumberRange(lower: number.value, upper: nil, includesLower: false)
            case .atLeast: NumberRange(lower: number.value, upper: nil)
            case .below: NumberRange(lower: nil, upper: number.value, includesUpper: false)
            case .atMost, .equal: NumberRange(lower: nil, upper: number.value)
            }
        return QueryNumberRange(bounds: bounds, unit: number.unit)
    }

    private func numbers(
        _ read: QueryNumberRange, _ field: QueryField, _ slice: ArraySlice<QueryGlyph>
    ) throws(KuaibaoError) -> Query {
        guard read.unit.isEmpty else {
            throw QueryRefusal.invalid(
                "\(field.name) is a bare number; \(QueryRefusal.quoted(read.unit)) is no part of it",
                fix: "write the number alone", range: QueryDateReader.range(slice))
        }
        return .numbers(read.bounds, field: field.name)
    }
}
