// The text form of our own digests (汇编), read back line by line so that it gives the items that it was written from.
//
//     digest  = "汇编：" title LF "体例：快报汇编，按" grouping "，" extent LF *( other LF ) *group
//     group   = [ "【" heading "】" LF ] 1*( [ day LF ] entry )
//     entry   = number ". " title LF *( "　　" paragraph LF ) *( label "：" text LF )
//
// A day governs the entries after it until the next day or heading; a heading is the department of its entries where the
// digest is grouped by department. Of the labels, 来源, 部门 and 时间 are fields; the others are notes of the compiler. What
// is neither title nor paragraph is no text of an item.

import Messages

/// Reads digests.
struct CompilationReader {
    private static let opening = Array("汇编：".utf8)
    private static let signature = Array("体例：快报汇编，按".utf8)
    private static let indent: [UInt8] = [0xE3, 0x80, 0x80, 0xE3, 0x80, 0x80]
    private static let untitled = "（无题）"
    private static let unknown = "未标明"

    private let decoded: DecodedText
    private let dictionaries: Dictionaries
    private let isByDepartment: Bool
    private var lines: [Line] = []
    private var records: [Record] = []
    private var date: Found<PartialDate>?
    private var department: Found<String>?

    /// Whether the text from `start` on is a digest of ours.
    static func recognises(_ decoded: DecodedText, from start: Int) -> Bool { grouping(decoded, from: start) != nil }

    /// What a digest is grouped by, and where its second line ends.
    private static func grouping(_ decoded: DecodedText, from start: Int) -> (name: String, end: Int)? {
        let bytes = decoded.bytes
        guard bytes[start...].starts(with: opening) else { return nil }
        let (_, second) = LineScanner.line(in: bytes, from: start, to: min(bytes.count, start + 4096))
        guard bytes[second...].starts(with: signature) else { return nil }
        let (end, next) = LineScanner.line(in: bytes, from: second, to: min(bytes.count, second + 4096))
        let rest = String(decoding: bytes[(second + signature.count)..<end], as: UTF8.self)
        return (String(rest.prefix { $0 != "，" }), next)
    }

    /// Reads `range` of the decoded document; nil where it is no digest of ours.
    /// - Throws: `documentTooLarge` for more lines than the limits allow.
    static func read(_ decoded: DecodedText, _ range: Range<Int>, limits: ParserLimits, dictionaries: Dictionaries)
        throws(DocumentError) -> Reading?
    {
        guard let (name, start) = grouping(decoded, from: range.lowerBound) else { return nil }
        var reader = CompilationReader(
            decoded: decoded, dictionaries: dictionaries, isByDepartment: name == "部门")
        var position = start
        while position < range.upperBound {
            let (end, next) = LineScanner.line(in: decoded.bytes, from: position, to: range.upperBound)
            reader.take(position..<end, next: next)
            try PlainTextReader.check(reader.lines.count, limits)
            position = next
        }
        var reading = Reading(decoded: decoded, text: decoded.bytes, map: .identity, lines: reader.lines, format: .text)
        reading.records = reader.records
        reading.keepsLines = true
        return reading
    }

    private init(decoded: DecodedText, dictionaries: Dictionaries, isByDepartment: Bool) {
        self.decoded = decoded
        self.dictionaries = dictionaries
        self.isByDepartment = isByDepartment
    }

    // MARK: Lines

    private mutating func take(_ line: Range<Int>, next: Int) {
        let content = LineScanner.trim(decoded.bytes, line).range
        guard !content.isEmpty else { return }
        if decoded.bytes[line].starts(with: Self.indent) {
            guard !records.isEmpty else { return }
            appendLine(line.lowerBound..<next, content)
            return
        }
        let text = String(decoding: decoded.bytes[content], as: UTF8.self)
        if let title = titleStart(content) {
            var record = Record(source: line.lowerBound..<next, lines: lines.count..<lines.count)
            (record.published, record.department) = (date, department)
            records.append(record)
            if text.hasSuffix(" " + Self.untitled) { return }
            appendLine(line.lowerBound..<next, title..<content.upperBound)
            records[records.count - 1].titleLines = 1
        } else if text.hasPrefix("【"), text.hasSuffix("】") {
            let name = text.dropFirst().dropLast()
            let place = (content.lowerBound + 3)..<(content.upperBound - 3)
            department =
                isByDepartment && !name.hasPrefix(Self.unknown)
                ? Found(String(name), Basis(rule: "heading", range: original(place), certainty: 1)) : nil
            date = nil
        } else if let day = Self.day(text) {
            date =
                day.month == nil && day.year == nil
                ? nil : Found(day, Basis(rule: "date-heading", range: original(content), certainty: 1))
        } else if let colon = text.firstIndex(of: "："), !records.isEmpty {
            takeLabel(text[..<colon], text[text.index(after: colon)...], content)
            records[records.count - 1].source = records[records.count - 1].source.lowerBound..<next
        }
    }

    private mutating func appendLine(_ source: Range<Int>, _ text: Range<Int>) {
        var line = Line(
            sourceStart: Int32(source.lowerBound), sourceEnd: Int32(source.upperBound),
            textStart: Int32(text.lowerBound), textEnd: Int32(text.upperBound), role: .text)
        line.isIndented = true
        lines.append(line)
        let last = records.count - 1
        records[last].lines = records[last].lines.lowerBound..<lines.count
        records[last].source = records[last].source.lowerBound..<source.upperBound
    }

    /// Where the title begins in `12. 标题`; nil where the line has no number.
    private func titleStart(_ content: Range<Int>) -> Int? {
        let digits = decoded.bytes[content].prefix(7).prefix { (0x30...0x39).contains($0) }.count
        let after = content.lowerBound + digits
        guard (1...6).contains(digits), after + 2 < content.upperBound, decoded.bytes[after] == 0x2E,
            decoded.bytes[after + 1] == 0x20
        else { return nil }
        return after + 2
    }

    private mutating func takeLabel(_ label: Substring, _ value: Substring, _ content: Range<Int>) {
        let last = records.count - 1
        let start = content.lowerBound + label.utf8.count + 3
        switch label {
        case "来源":
            var position = start
            for name in value.split(separator: "、", omittingEmptySubsequences: false) {
                let place = position..<(position + name.utf8.count)
                position = place.upperBound + 3
                guard !name.isEmpty else { continue }
                let basis = Basis(rule: "source-line", range: original(place), certainty: 1)
                records[last].sources.append(Found(String(name), basis))
            }
        case "部门":
            let basis = Basis(rule: "label", range: original(start..<content.upperBound), certainty: 1)
            records[last].department = Found(String(value), basis)
        case "时间":
            guard let (minute, offset) = Self.time(value) else { return }
            records[last].published?.value.minuteOfDay = minute
            records[last].published?.value.utcOffsetMinutes = offset
        default: break
        }
    }

    private func original(_ range: Range<Int>) -> ByteRange {
        let found = decoded.original(range)
        return ByteRange(found.lowerBound, found.upperBound)
    }

    // MARK: Dates

    /// `2020年2月8日`, `2月8日`, `2020年2月`, `2020年`, and 日期不明 as a date of which nothing is known; nil for other lines.
    private static func day(_ text: String) -> PartialDate? {
        if text == "日期不明" { return PartialDate() }
        var date = PartialDate()
        var rest = text[...]
        for (mark, path) in [("年", \PartialDate.year), ("月", \PartialDate.month), ("日", \PartialDate.day)] {
            let digits = rest.prefix { ("0"..."9").contains($0) }
            guard !digits.isEmpty, digits.count <= 4, rest[digits.endIndex...].hasPrefix(mark) else { continue }
            date[keyPath: path] = Int(digits)
            rest = rest[digits.endIndex...].dropFirst()
        }
        let isEmpty = date.year == nil && date.month == nil && date.day == nil
        guard rest.isEmpty, !isEmpty, date.month.map({ (1...12).contains($0) }) ?? true,
            date.day.map({ (1...31).contains($0) }) ?? true
        else { return nil }
        return date
    }

    /// `20:11`, `20:11 +08:00`: minutes of the day and minutes east of UTC.
    private static func time(_ text: Substring) -> (minute: Int, offset: Int?)? {
        let parts = text.split(separator: " ")
        guard let first = parts.first, let minute = minutes(first), minute < 1440 else { return nil }
        guard parts.count > 1 else { return (minute, nil) }
        guard let sign = parts[1].first, sign == "+" || sign == "-", let offset = minutes(parts[1].dropFirst()) else {
            return nil
        }
        return (minute, sign == "-" ? -offset : offset)
    }

    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, parts[0].count <= 2, parts[1].count == 2, let hours = Int(parts[0]),
            let minutes = Int(parts[1]), minutes < 60
        else { return nil }
        return hours * 60 + minutes
    }
}
