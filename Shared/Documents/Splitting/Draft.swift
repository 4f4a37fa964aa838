// What the splitters produce: items as paragraphs, and what the paragraphs between them are.

import Messages

/// An item before its text is assembled.
struct Draft: Sendable {
    /// Paragraphs of the title, in order.
    var title: [Int] = []
    /// The title's half-open range in `Reading.text` where it is a part of a paragraph: `标题：…`.
    var titleRange: Range<Int>?
    /// Paragraphs of the body, in order.
    var body: [Int] = []
    /// Paragraphs of the span that state something about the item, such as the cell of its source.
    var statements: [Int] = []
    /// The least range of paragraphs that is the item's own, half-open; holds `title` and `body`.
    var span: Range<Int>
    var published: Found<PartialDate>?
    var department: Found<String>?
    var sources: [Found<String>] = []
    var flags: [String] = []
    /// The item's range of the decoded document where that is more than its paragraphs.
    var decodedRange: Range<Int>?

    /// Items of these title and body paragraphs; nil where there is none of either.
    init?(title: [Int], body: [Int]) {
        guard let first = (title + body).min(), let last = (title + body).max() else { return nil }
        self.title = title
        self.body = body
        span = first..<(last + 1)
    }

    /// The same item in a document in which its paragraphs have numbers higher by `offset`.
    func moved(by offset: Int) -> Draft {
        var result = self
        result.title = title.map { $0 + offset }
        result.body = body.map { $0 + offset }
        result.statements = statements.map { $0 + offset }
        result.span = (span.lowerBound + offset)..<(span.upperBound + offset)
        return result
    }
}

/// A document as items and what is between them.
struct Split: Sendable {
    var drafts: [Draft] = []
    /// Why a paragraph outside every item's span is not in one.
    var marks: [Int: Mark] = [:]
    var warnings: [String] = []

    struct Mark: Sendable {
        var role: Remainder.Role
        var name: String

        init(_ role: Remainder.Role, _ name: String) {
            self.role = role
            self.name = name
        }
    }
}

/// What every splitter works on. A class, because all of them hold it.
final class SplitContext: Sendable {
    let reading: Reading
    let paragraphs: Paragraphs
    let dictionaries: Dictionaries
    let sourceReader: SourceReader
    let description: DocumentDescription

    init(reading: Reading, paragraphs: Paragraphs, dictionaries: Dictionaries, description: DocumentDescription) {
        self.reading = reading
        self.paragraphs = paragraphs
        self.dictionaries = dictionaries
        self.description = description
        sourceReader = SourceReader(dictionaries: dictionaries)
    }

    private init(_ whole: SplitContext, reading: Reading, paragraphs: Paragraphs) {
        self.reading = reading
        self.paragraphs = paragraphs
        dictionaries = whole.dictionaries
        sourceReader = whole.sourceReader
        description = whole.description
    }

    /// A stretch of the paragraphs as a document of its own, numbered from 0. What the page states as a whole does not
    /// count in it.
    func slice(_ range: Range<Int>) -> SplitContext {
        var part = Paragraphs(all: Array(paragraphs.all[range]), isRecognised: paragraphs.isRecognised)
        for index in range {
            part.dates[index - range.lowerBound] = paragraphs.dates[index]
            part.labels[index - range.lowerBound] = paragraphs.labels[index]
        }
        var reading = reading
        reading.metadata = PageMetadata()
        return SplitContext(self, reading: reading, paragraphs: part)
    }

    /// From the first to the last paragraph of running text in `span`; empty where it has none.
    func runningText(in span: Range<Int>) -> Range<Int> {
        guard let first = span.first(where: { paragraphs.all[$0].isProse }),
            let last = span.last(where: { paragraphs.all[$0].isProse })
        else { return span.lowerBound..<span.lowerBound }
        return first..<(last + 1)
    }

    /// Whether a label or source line states something about its item or page, instead of being part of the text:
    /// `时间：…` between two paragraphs of running text announces an event.
    /// - Parameter text: `runningText(in:)` of the item.
    func isStatement(_ index: Int, text: Range<Int>) -> Bool {
        guard paragraphs.all[index].kind == .label else { return paragraphs.all[index].kind == .source }
        let labels = paragraphs.labels[index] ?? []
        return !text.contains(index) || labels.contains { $0.field == .source || $0.isPlain }
    }

    /// The text of a paragraph as scalar values.
    func scalars(_ paragraph: Int) -> ScalarText {
        var text = ScalarText()
        for line in paragraphs.all[paragraph].lines { text.append(reading.text, reading.lines[line].text) }
        return text
    }

    /// The first characters of a paragraph, at most `prefix` of them.
    func scalars(_ paragraph: Int, prefix: Int) -> [UInt32] {
        guard let line = paragraphs.all[paragraph].lines.first else { return [] }
        let range = reading.lines[line].text
        var text = ScalarText()
        text.append(reading.text, range.lowerBound..<min(range.upperBound, range.lowerBound + prefix * 4))
        return Array(text.scalars.prefix(prefix))
    }

    /// Where a paragraph stands in the original.
    func range(_ paragraph: Int) -> ByteRange {
        let lines = paragraphs.all[paragraph].lines
        return reading.original(
            reading.lines[lines.lowerBound].text.lowerBound..<reading.lines[lines.upperBound - 1].text.upperBound)
    }

    /// Whether a paragraph could end with a source in brackets, by its last bytes: ）, 】, ) or ].
    func mayEndWithSource(_ paragraph: Int) -> Bool {
        guard let line = paragraphs.all[paragraph].lines.last else { return false }
        let end = reading.lines[line].text.upperBound
        guard end >= 3 else { return false }
        let last = reading.text[end - 1]
        return last == 0x29 || last == 0x5D
            || reading.text[end - 3] == 0xEF && reading.text[end - 2] == 0xBC && last == 0x89
            || reading.text[end - 3] == 0xE3 && reading.text[end - 2] == 0x80 && last == 0x91
    }

    /// Whether 来源 stands near the end of a paragraph.
    func mayEndWithLabel(_ paragraph: Int) -> Bool {
        guard let line = paragraphs.all[paragraph].lines.last else { return false }
        let range = reading.lines[line].text
        guard range.count > 24 else { return false }
        // Most paragraphs end with 。, E3 80 82, and no name does.
        if reading.text[range.upperBound - 1] == 0x82, reading.text[range.upperBound - 2] == 0x80 { return false }
        // 源 is E6 BA 90.
        for index in max(range.lowerBound, range.upperBound - 96)..<(range.upperBound - 2)
        where reading.text[index] == 0xE6 && reading.text[index + 1] == 0xBA && reading.text[index + 2] == 0x90 { return true }
        return false
    }

    /// The names that the source labels of a paragraph list.
    func sources(_ paragraph: Int, rule: String = "source-line", certainty: Double = 1) -> [Found<String>] {
        var found: [Found<String>] = []
        for label in paragraphs.labels[paragraph] ?? [] where label.field == .source {
            var text = ScalarText()
            text.append(reading.text, label.value)
            guard let (reposter, origin) = Self.repost(text.scalars) else {
                found += names(text, 0..<text.count, rule: rule, certainty: certainty)
                continue
            }
            found += names(text, origin, rule: rule, certainty: certainty)
            found += names(text, reposter, rule: "repost", certainty: certainty)
        }
        return found
    }

    private static let repostWords = ["转自", "转载自", "转载", "综合自", "整理自", "原载", "摘自"].map { $0.unicodeScalars.map(\.value) }

    /// The two names of `上海黄浦（转自“豫园股份”微信公众号）`; nil for a line of another form.
    private static func repost(_ scalars: [UInt32]) -> (reposter: Range<Int>, origin: Range<Int>)? {
        guard let open = scalars.firstIndex(where: { $0 == 0xFF08 || $0 == 0x28 }), open > 1,
            let word = repostWords.first(where: { scalars[(open + 1)...].starts(with: $0) })
        else { return nil }
        let start = open + 1 + word.count
        let end = scalars[start...].firstIndex { $0 == 0xFF09 || $0 == 0x29 } ?? scalars.count
        return end > start + 1 ? (0..<open, start..<end) : nil
    }

    /// The outlet that a story's head names.
    func outlet(ofHead paragraph: Int, certainty: Double = 0.7) -> [Found<String>] {
        var text = scalars(paragraph)
        var match = StoryHead.match(text.scalars, length: text.count, dictionaries: dictionaries)
        if match == nil, paragraphs.isRecognised {
            text.removeInnerSpaces()
            match = StoryHead.match(text.scalars, length: text.count, dictionaries: dictionaries, isSpaced: true)
        }
        guard let match, !match.outlet.isEmpty else { return [] }
        return names(text, match.outlet, rule: "story-head", certainty: certainty)
    }

    /// The names in a range of scalars, with their places.
    func names(_ text: ScalarText, _ range: Range<Int>, rule: String, certainty: Double) -> [Found<String>] {
        sourceReader.names(text.scalars, range).map { name in
            Found(
                name.text, Basis(rule: rule, range: reading.original(text.textRange(name.range)), certainty: certainty))
        }
    }

    /// The date that the labels of a paragraph state. When a text was published comes before when it was written, which
    /// is less sure to be the date that is asked for.
    func published(_ paragraph: Int) -> Found<PartialDate>? {
        let labels = (paragraphs.labels[paragraph] ?? []).filter { $0.field == .published }
        for label in labels.filter({ !$0.isSecondary }) + labels.filter(\.isSecondary) {
            let text = String(decoding: reading.text[label.value], as: UTF8.self)
            if let date = TimestampReader.read(text, shortYears: reading.shortYears) {
                let certainty = label.isSecondary ? 0.85 : 0.95
                return Found(date, Basis(rule: "label", range: reading.original(label.value), certainty: certainty))
            }
        }
        return nil
    }
}
