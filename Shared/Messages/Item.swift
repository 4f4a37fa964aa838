// What a parser makes of one document: items with their fields, each with the place it was read from.

/// A half-open range of bytes in the original document as it was received.
package struct ByteRange: Codable, Sendable, Hashable {
    package var lower: Int
    package var upper: Int

    package init(_ lower: Int, _ upper: Int) {
        self.lower = lower
        self.upper = upper
    }
}

/// Why a value is believed: where it was read, or by which rule it was inferred.
package struct Basis: Codable, Sendable, Hashable {
    /// The rule's name, for example `heading`, `front-matter`, `source`, `hint`, `year-in-document`.
    package var rule: String
    /// Where the evidence stands in the original; nil where the value came with the request.
    package var range: ByteRange?
    /// How sure the rule is, 0…1.
    package var certainty: Double

    package init(rule: String, range: ByteRange? = nil, certainty: Double) {
        self.rule = rule
        self.range = range
        self.certainty = certainty
    }
}

/// A calendar date as far as it is known. An unknown part is nil, never a guess.
package struct PartialDate: Codable, Sendable, Hashable {
    package var year: Int?
    package var month: Int?
    package var day: Int?
    /// Minutes after midnight, where a time of day is known.
    package var minuteOfDay: Int?
    /// Minutes east of UTC of `minuteOfDay`.
    package var utcOffsetMinutes: Int?

    package init(
        year: Int? = nil, month: Int? = nil, day: Int? = nil, minuteOfDay: Int? = nil, utcOffsetMinutes: Int? = nil
    ) {
        self.year = year
        self.month = month
        self.day = day
        self.minuteOfDay = minuteOfDay
        self.utcOffsetMinutes = utcOffsetMinutes
    }

    /// ISO 8601 with truncation from the left: `2020-02-08`, `2020-02`, `--02-08`, `2022-07-25T20:11+08:00`.
    package var text: String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        func four(_ value: Int) -> String { String(repeating: "0", count: max(0, 4 - "\(value)".count)) + "\(value)" }
        var result = year.map(four) ?? (month == nil ? "" : "-")
        if let month { result += "-" + two(month) }
        if let day { result += "-" + two(day) }
        if let minuteOfDay {
            result += "T\(two(minuteOfDay / 60)):\(two(minuteOfDay % 60))"
            if let offset = utcOffsetMinutes {
                let distance = offset.magnitude
                result += offset < 0 ? "-" : "+"
                result += "\(two(Int(distance) / 60)):\(two(Int(distance) % 60))"
            }
        }
        return result
    }
}

/// A value with its basis.
package struct Found<Value: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    package var value: Value
    package var basis: Basis

    package init(_ value: Value, _ basis: Basis) {
        self.value = value
        self.basis = basis
    }
}

/// A number stated by a text, as an interval.
package struct Figure: Codable, Sendable, Hashable {
    /// What is counted, in the text's own words.
    package var subject: String
    /// The interval's bounds; nil is unbounded.
    package var lower: Double?
    package var upper: Double?
    /// Whether the bound itself belongs to the interval.
    package var includesLower: Bool
    package var includesUpper: Bool
    /// `人次`, `家`, `%` and so on; empty where the text names none.
    package var unit: String
    /// The word that made the interval: `近`, `超过`, `多`; empty for an exact figure.
    package var comparator: String
    /// The date that the sentence gives for the figure.
    package var date: PartialDate?
    /// The text that was read, verbatim.
    package var quote: String
    /// Where `quote` stands in the original.
    package var range: ByteRange

    package init(
        subject: String, lower: Double?, upper: Double?, includesLower: Bool, includesUpper: Bool, unit: String,
        comparator: String, date: PartialDate? = nil, quote: String, range: ByteRange
    ) {
        self.subject = subject
        self.lower = lower
        self.upper = upper
        self.includesLower = includesLower
        self.includesUpper = includesUpper
        self.unit = unit
        self.comparator = comparator
        self.date = date
        self.quote = quote
        self.range = range
    }
}

/// A question and its answer, where a page sets them out so.
package struct QuestionAnswer: Codable, Sendable, Hashable {
    package var question: String
    package var answer: String
    package var range: ByteRange

    package init(question: String, answer: String, range: ByteRange) {
        self.question = question
        self.answer = answer
        self.range = range
    }
}

/// A reading of damaged text that would make sense of it. The text itself is never changed.
package struct Repair: Codable, Sendable, Hashable {
    /// Why it is offered: `glyph` (a look-alike character), `line-break`.
    package var rule: String
    /// What stands there.
    package var found: String
    /// What may have been meant.
    package var suggestion: String
    /// Where `found` stands in the original.
    package var range: ByteRange
    /// How sure the rule is, 0…1.
    package var certainty: Double

    package init(rule: String, found: String, suggestion: String, range: ByteRange, certainty: Double) {
        self.rule = rule
        self.found = found
        self.suggestion = suggestion
        self.range = range
        self.certainty = certainty
    }
}

/// Something about an item that a reader should look at, in words.
package struct Doubt: Codable, Sendable, Hashable {
    /// The flag it explains: `count-mismatch`, `wrong-body`, `repeated-clause`.
    package var flag: String
    /// What was found, with the values.
    package var detail: String
    /// The text it is about, verbatim.
    package var quote: String

    package init(flag: String, detail: String, quote: String) {
        self.flag = flag
        self.detail = detail
        self.quote = quote
    }
}

/// One dated, sourced, searchable unit of a document.
package struct Item: Sendable, Hashable {
    /// Its place in the document, from 0.
    package var ordinal: Int
    package var title: String
    package var body: String
    /// When the bulletin was issued.
    package var published: Found<PartialDate>?
    /// When what it reports happened, where the text says so.
    package var events: [Found<PartialDate>]
    package var department: Found<String>?
    package var sources: [Found<String>]
    package var districts: [String]
    /// Titles of documents cited in 《》.
    package var citations: [String]
    package var figures: [Figure]
    package var questions: [QuestionAnswer]
    /// BCP 47, for example `zh-Hans`, `zh-Hant`, `en`.
    package var language: String
    /// Doubts and findings by name, for example `wrong-body`, `ocr-spaces`, `repeated-clause`.
    package var flags: [String]
    /// Where the item stands in the original.
    package var range: ByteRange
    /// People named with an office or as speakers.
    package var people: [String]
    /// What the flags were raised for.
    package var doubts: [Doubt]
    /// Readings of damaged text.
    package var repairs: [Repair]
    /// By which near-duplicates are found; nil for an item with next to no text, or whose body is not its own.
    package var signature: Signature?

    package init(
        ordinal: Int, title: String, body: String, published: Found<PartialDate>? = nil,
        events: [Found<PartialDate>] = [], department: Found<String>? = nil, sources: [Found<String>] = [],
        districts: [String] = [], citations: [String] = [], figures: [Figure] = [], questions: [QuestionAnswer] = [],
        language: String = "und", flags: [String] = [], range: ByteRange, people: [String] = [], doubts: [Doubt] = [],
        repairs: [Repair] = [], signature: Signature? = nil
    ) {
        self.ordinal = ordinal
        self.title = title
        self.body = body
        self.published = published
        self.events = events
        self.department = department
        self.sources = sources
        self.districts = districts
        self.citations = citations
        self.figures = figures
        self.questions = questions
        self.language = language
        self.flags = flags
        self.range = range
        self.people = people
        self.doubts = doubts
        self.repairs = repairs
        self.signature = signature
    }
}

/// A part of the original that is in no item: a heading that governs items, or a named discard.
package struct Remainder: Codable, Sendable, Hashable {
    package enum Role: String, Codable, Sendable { case heading, discard }

    package var role: Role
    /// What it is: `date-heading`, `department-heading`, `preamble`, `boilerplate`, `markup`, `blank`, …
    package var name: String
    package var range: ByteRange

    package init(role: Role, name: String, range: ByteRange) {
        self.role = role
        self.name = name
        self.range = range
    }
}

/// All that was made of one document.
package struct ParsedDocument: Codable, Sendable, Hashable {
    package var items: [Item]
    /// Headings and discards; together with the items' ranges they cover every byte of the original once.
    package var remainders: [Remainder]
    /// `text`, `markdown`, `html`, …
    package var format: String
    /// The encoding the bytes were read in, by its IANA name.
    package var encoding: String
    /// Byte sequences that could not be decoded and were replaced by U+FFFD.
    package var replacedSequences: Int
    /// What a reader should know, by name and in words: `no-date`, `unknown-year`, …
    package var warnings: [String]

    package init(
        items: [Item], remainders: [Remainder], format: String, encoding: String, replacedSequences: Int = 0,
        warnings: [String] = []
    ) {
        self.items = items
        self.remainders = remainders
        self.format = format
        self.encoding = encoding
        self.replacedSequences = replacedSequences
        self.warnings = warnings
    }
}
