// Fields of structured documents: which of a record's members are its title, text, date, source and department.
//
// Names are compared in lower case without spaces, `_` and `-`. A member that is none of these is text of the record only
// where the record has no text member: then `name: value` lines make its body, so that nothing is lost. What the caller says of a
// name (`FieldMapping`) goes before what it means by itself.

import Messages

/// What a member of a record is.
enum RecordField: Sendable {
    case title, body, published, source, department, other
    /// What the caller wants passed over.
    case none

    init(name: String, _ mapping: FieldMapping) {
        switch mapping.roles[name] {
        case .title: self = .title
        case .body: self = .body
        case .published: self = .published
        case .source: self = .source
        case .department: self = .department
        case .some(.none): self = .none
        case nil: self.init(name: name)
        }
    }

    init(name: String) {
        let key = name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" }
        self = Self.names[key] ?? Self.compound(name) ?? .other
    }

    /// The field that the last word of a compound name tells: `newsTitle`, `source_name`, 新闻标题, 来源单位. `titleImage` and
    /// 截止时间 are none.
    private static func compound(_ name: String) -> RecordField? {
        for (words, field) in chineseWords where words.contains(where: { name.hasSuffix($0) }) { return field }
        if sourceStarts.contains(where: { name.hasPrefix($0) }) { return .source }
        var words: [String] = []
        var word = ""
        for character in name {
            let isMark = character == "_" || character == "-" || character == " " || character == "."
            if isMark || character.isUppercase, !word.isEmpty {
                words.append(word)
                word = ""
            }
            if !isMark { word += character.lowercased() }
        }
        if !word.isEmpty { words.append(word) }
        if words.count > 1, words.last == "name" || words.last == "text" { words.removeLast() }
        guard let last = words.last, words.count > 1 || name.contains(where: \.isUppercase) || name.contains("_") else { return nil }
        return lastWords[last]
    }

    private static let lastWords: [String: RecordField] = [
        "title": .title, "headline": .title, "content": .body, "body": .body, "article": .body, "source": .source, "media": .source,
        "publisher": .source, "department": .department, "organ": .department, "agency": .department, "published": .published,
    ]
    private static let chineseWords: [([String], RecordField)] = [
        (["标题", "標題", "题目"], .title), (["正文", "内容", "內容", "全文"], .body),
        (["发布日期", "发布时间", "发文日期", "发稿时间", "公开日期", "公开时间", "刊发日期", "发表时间", "發布日期", "發布時間", "新闻日期", "报道时间"], .published),
        (["来源", "來源", "来源媒体", "发布媒体"], .source), (["发布单位", "发文单位", "发布部门", "责任部门", "主办部门", "责任单位"], .department),
    ]
    private static let sourceStarts = ["来源单位", "来源名称", "来源网站", "信息来源", "新闻来源"]

    private static let names: [String: RecordField] = [
        "title": .title, "标题": .title, "標題": .title, "headline": .title, "题名": .title, "题目": .title, "名称": .title,
        "公告标题": .title, "公告名称": .title, "通知标题": .title, "新闻标题": .title, "信息标题": .title, "文件名称": .title, "文件标题": .title, "文章标题": .title,
        "subject": .title,
        "name": .title,
        "body": .body, "content": .body, "text": .body, "正文": .body, "内容": .body, "內容": .body, "article": .body,
        "fulltext": .body, "公告内容": .body, "公告正文": .body, "通知内容": .body, "文章内容": .body, "信息内容": .body, "详细内容": .body, "正文内容": .body,
        "contentencoded": .body, "content:encoded": .body, "description": .body, "summary": .body, "摘要": .body,
        "digest": .body,
        "date": .published, "published": .published, "pubdate": .published, "publishdate": .published,
        "publishtime": .published,
        "publishedat": .published, "日期": .published, "时间": .published, "发布日期": .published, "发布时间": .published,
        "issued": .published, "發布日期": .published, "公告日期": .published, "公布日期": .published, "公开日期": .published, "发文日期": .published, "成文日期": .published,
        "发布时间戳": .published, "issuedate": .published, "releasedate": .published, "releasetime": .published, "pubtime": .published,
        "dc:date": .published, "time": .published, "created": .published, "createdat": .published,
        "updated": .published, "modified": .published,
        "source": .source, "来源": .source, "來源": .source, "media": .source, "媒体": .source, "site": .source,
        "发布者": .source,
        "department": .department, "部门": .department, "部門": .department, "发布机构": .department, "发文机关": .department,
        "organ": .department, "agency": .department, "dept": .department, "deptname": .department, "issuer": .department, "publisher": .department,
        "单位": .department, "單位": .department, "发布单位": .department, "發布單位": .department, "发文单位": .department, "发布部门": .department, "发文部门": .department,
        "责任单位": .department, "责任部门": .department, "主管部门": .department, "制定机关": .department, "印发机关": .department, "公告单位": .department,
        "来源单位": .source, "信息来源": .source, "文章来源": .source, "消息来源": .source,
    ]
}

/// One member of a record, its text already without escapes.
struct RecordMember {
    var name: String
    /// UTF-8 of the value.
    var value: [UInt8]
    /// Where the value stands in the decoded document, without its quotes.
    var place: Range<Int>
    /// True where `value` is `place` of the source byte by byte.
    var isVerbatim: Bool
}

/// Collects records into a reading.
struct RecordSink {
    private let decoded: DecodedText
    private let limits: ParserLimits
    private let sources: SourceReader
    private let mapping: FieldMapping
    private var text = ReadableText()
    private var lines: [Line] = []
    private var records: [Record] = []
    /// The name of the feed or file, for records that name no source.
    var outlet: Found<String>?
    /// When the feed was made; dates such as 3小时前 count from it.
    var made: PartialDate?

    init(decoded: DecodedText, limits: ParserLimits, dictionaries: Dictionaries, mapping: FieldMapping = FieldMapping()) {
        self.mapping = mapping
        self.decoded = decoded
        self.limits = limits
        sources = SourceReader(dictionaries: dictionaries)
    }

    /// Adds the record at `place`, whose members stand in document order.
    /// - Throws: `documentTooLarge` for more lines than the limits allow.
    mutating func add(_ members: [RecordMember], at place: Range<Int>) throws(DocumentError) {
        var record = Record(source: place, lines: lines.count..<lines.count)
        let titles = members.filter { RecordField(name: $0.name, mapping) == .title && !$0.value.isEmpty }
        var bodies = members.filter { RecordField(name: $0.name, mapping) == .body && !$0.value.isEmpty }
        // A summary beside the full text repeats it.
        if let longest = bodies.max(by: { $0.value.count < $1.value.count }) { bodies = [longest] }
        // Lines must rise in the text as their places do; a title after its text is put in front by its own line.
        if let title = titles.first { try addLines(of: title, role: .heading, at: place) }
        record.titleLines = lines.count - record.lines.lowerBound
        for body in bodies { try addLines(of: body, role: .text, at: place) }
        for member in members { note(member, &record) }
        if bodies.isEmpty {
            for member in members where RecordField(name: member.name, mapping) == .other && !member.value.isEmpty {
                var named = member
                named.value = Array("\(member.name)：".utf8) + member.value
                named.isVerbatim = false
                try addLines(of: named, role: .text, at: place)
            }
        }
        record.lines = record.lines.lowerBound..<lines.count
        if record.sources.isEmpty, let outlet { record.sources = [outlet] }
        if !record.lines.isEmpty { records.append(record) }
    }

    consuming func finish(format: DocumentFormat) -> Reading {
        var reading = Reading(decoded: decoded, text: text.bytes, map: text.map, lines: lines, format: format)
        reading.records = records
        return reading
    }

    private mutating func note(_ member: RecordMember, _ record: inout Record) {
        let original = decoded.original(member.place)
        let basis = Basis(rule: "field", range: ByteRange(original.lowerBound, original.upperBound), certainty: 1)
        let value = String(decoding: member.value, as: UTF8.self)
        switch RecordField(name: member.name, mapping) {
        case .published:
            if record.published == nil, let date = TimestampReader.read(value) ?? TimestampReader.epoch(value) {
                record.published = Found(date, basis)
            } else if record.published == nil, let made, let date = AgeReader.read(value, before: made) {
                record.published = Found(date, Basis(rule: "relative", range: basis.range, certainty: 0.7))
            }
        case .source:
            let scalars = value.unicodeScalars.map(\.value)
            guard scalars.count <= 200, !value.hasPrefix("http") else { return }
            record.sources += sources.names(scalars, 0..<scalars.count).map { Found($0.text, basis) }
        case .department: record.department = record.department ?? (value.isEmpty ? nil : Found(value, basis))
        case .title, .body, .other, .none: break
        }
    }

    private mutating func addLines(of member: RecordMember, role: Line.Role, at place: Range<Int>) throws(DocumentError)
    {
        if member.value.contains(0x3C), looksLikeMarkup(member.value) {
            return try addMarkup(member, role: role, at: place)
        }
        var position = 0
        while position < member.value.count {
            let (contentEnd, next) = LineScanner.line(in: member.value, from: position, to: member.value.count)
            let (content, indent) = LineScanner.trim(member.value, position..<contentEnd)
            position = next
            guard !content.isEmpty else { continue }
            let start = text.count
            if member.isVerbatim {
                let lower = member.place.lowerBound + content.lowerBound
                text.copy(decoded.bytes, lower..<(lower + content.count))
            } else {
                text.append(Array(member.value[content]), standingFor: member.place)
            }
            append(from: start, role: role, isIndented: indent >= 2, at: place)
            try PlainTextReader.check(lines.count, limits)
        }
    }

    /// Text that is itself HTML: its places are those of the whole value.
    private mutating func addMarkup(_ member: RecordMember, role: Line.Role, at place: Range<Int>) throws(DocumentError)
    {
        var blocks = MarkupBlocks(source: member.value, limits: limits)
        try blocks.read(0..<member.value.count)
        for entry in blocks.lines where entry.marginal == nil {
            let start = text.count
            text.append(Array(blocks.text.bytes[entry.line.text]), standingFor: member.place)
            append(
                from: start, role: role == .heading ? role : entry.line.role, isIndented: entry.line.isIndented,
                at: place)
            try PlainTextReader.check(lines.count, limits)
        }
    }

    private mutating func append(from start: Int, role: Line.Role, isIndented: Bool, at place: Range<Int>) {
        var line = Line(
            sourceStart: Int32(place.lowerBound), sourceEnd: Int32(place.upperBound), textStart: Int32(start),
            textEnd: Int32(text.count), role: role)
        line.level = role == .heading ? 1 : 0
        line.isIndented = isIndented
        line.blankLinesBefore = 1
        lines.append(line)
    }

    private func looksLikeMarkup(_ value: [UInt8]) -> Bool {
        let head = String(decoding: value.prefix(2000), as: UTF8.self).lowercased()
        return ["<p", "<br", "<div", "<a ", "<img", "<span", "<li", "<b>", "<strong", "<td", "</"].contains {
            head.range(of: $0) != nil
        }
    }
}
