// The report as one HTML page that needs nothing else: the original on the left, its items on the right, joined by
// colours and by a click. Without scripts it is still whole: both columns are there and the links between them work.
//
// All text of the document is escaped, and the page's content security policy forbids everything but its own style and
// script: no connection, no image, no frame.

import Messages

/// Writes an inspection as a page.
package struct PageReport {
    /// Colours of items; neighbours differ.
    private static let inkCount = 6

    private let inspection: Inspection
    private var html = ""

    package init(_ inspection: Inspection) {
        self.inspection = inspection
    }

    /// The whole page.
    package consuming func page() -> String {
        head()
        html += "<main><section class=\"original\" aria-label=\"原文 original\" tabindex=\"0\"><pre>"
        original()
        html += "</pre></section>\n<section class=\"items\" aria-label=\"条目 items\" tabindex=\"0\">\n"
        for item in inspection.parsed.items { card(item) }
        html += "</section></main>\n<script>\(PageReportStyle.script)</script>\n</body></html>\n"
        return html
    }

    // MARK: Head

    private mutating func head() {
        let parsed = inspection.parsed
        html += "<!doctype html>\n<html lang=\"zh-Hans\"><head><meta charset=\"utf-8\">\n"
        html += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
        html += "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
        html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        html += "<title>\(Self.escape(inspection.name)) · 快报 Kuaibao</title>\n"
        html += "<style>\(PageReportStyle.sheet)</style></head><body>\n<header>\n"
        html += "<div class=\"top\"><h1>\(Self.escape(inspection.name))</h1>"
        html += "<p class=\"facts\">\(fact("格式", "format", parsed.format))\(fact("编码", "encoding", parsed.encoding))"
        html += fact("字节", "bytes", FigureText.grouped(inspection.byteCount))
        html += fact("条目", "items", "\(parsed.items.count)")
        html += fact("字段", "fields", "\(inspection.fields.count)")
        if parsed.replacedSequences > 0 {
            html += fact("损坏序列", "damaged sequences", FigureText.grouped(parsed.replacedSequences), "bad")
        }
        html += "</p></div>\n"
        strip()
        legend()
        html += "</header>\n"
    }

    private func fact(_ chinese: String, _ english: String, _ value: String, _ mark: String = "") -> String {
        "<span class=\"fact \(mark)\"><b>\(Self.escape(value))</b> \(words(Phrase(chinese, english)))</span>"
    }

    /// The document as a strip: what each part of it became, by length.
    private mutating func strip() {
        html += "<nav class=\"strip\" aria-label=\"全文分布 map of the document\">"
        let total = Double(max(1, inspection.byteCount))
        for run in inspection.runs {
            let segments = inspection.segments[run]
            let bytes = segments.reduce(0) { $0 + $1.originalBytes }
            let width = Self.decimal(Double(bytes) * 100 / total)
            let name = Self.escape(label(of: inspection.segments[run.lowerBound]))
            html += "<a href=\"#s\(run.lowerBound)\" class=\"\(inkClass(inspection.segments[run.lowerBound].role))\" "
            html += "style=\"flex-grow:\(width)\" title=\"\(name) · \(FigureText.grouped(bytes)) B\"></a>"
        }
        html += "</nav>\n"
    }

    private mutating func legend() {
        html += "<div class=\"legend\">"
        for kind in Inspection.Field.Kind.allCases {
            html += "<span class=\"f \(kind.rawValue)\">\(words(ReportWords.kind(kind)))</span>"
        }
        html += "<span class=\"d\">\(words(Phrase("丢弃", "discarded")))</span>"
        for warning in inspection.parsed.warnings {
            html += "<span class=\"warn\">\(words(ReportWords.note(warning)))</span>"
        }
        html += "<span class=\"tools\"><label><input type=\"checkbox\" id=\"markup\"> "
        html += "\(words(Phrase("显示标记与丢弃", "show markup and discards")))</label> "
        html += "<button type=\"button\" id=\"language\">中 / EN</button></span></div>\n"
    }

    // MARK: The original

    /// Labels of the report stand in `b` elements, so that the rest of `pre` is the document and nothing else.
    private mutating func original() {
        let spans = inspection.spans()
        var index = 0
        for run in inspection.runs {
            open(run)
            for number in run {
                html += "<span id=\"s\(number)\" class=\"seg \(segmentClass(number))\"\(anchor(number))>"
                label(number, isAlone: run.count == 1)
                while index < spans.count, spans[index].segment == number {
                    write(spans[index])
                    index += 1
                }
                html += "</span>"
            }
            html += "</div>"
        }
    }

    private mutating func open(_ run: Range<Int>) {
        html += "<div class=\"run\">"
        guard run.count > 1 else { return }
        let bytes = run.reduce(0) { $0 + inspection.segments[$1].originalBytes }
        let count = FigureText.grouped(run.count)
        let phrase = Phrase("丢弃 \(count) 段", "\(count) parts discarded")
        html += "<b class=\"tag fold\">\(words(phrase)) · \(FigureText.grouped(bytes)) B</b>"
    }

    private func anchor(_ number: Int) -> String {
        guard case .item(let ordinal) = inspection.segments[number].role else { return "" }
        return " data-item=\"\(ordinal)\""
    }

    private func segmentClass(_ number: Int) -> String {
        let role = inspection.segments[number].role
        if case .discard(let name) = role { return "discard " + (["blank", "markup"].contains(name) ? name : "words") }
        return inkClass(role)
    }

    private mutating func label(_ number: Int, isAlone: Bool) {
        let segment = inspection.segments[number]
        switch segment.role {
        case .item(let ordinal):
            html += "<b class=\"tag\"><a id=\"o\(ordinal)\" href=\"#i\(ordinal)\">\(ordinal + 1)</a></b>"
        case .heading(let name): html += "<b class=\"tag\">\(words(ReportWords.remainder(name)))</b>"
        case .discard(let name):
            guard isAlone, name != "blank" else { return }
            let size = FigureText.grouped(segment.originalBytes)
            html += "<b class=\"tag fold\">\(words(ReportWords.remainder(name))) · \(size) B</b>"
        }
    }

    private mutating func write(_ span: Inspection.Span) {
        if isMarkedUp, inspection.lineStarts.contains(span.range.lowerBound) { html += "<br class=\"l\">" }
        let text = Self.escape(inspection.string(span.range))
        guard span.isReadable else {
            let isBlank = inspection.text[span.range].allSatisfy { $0 <= 0x20 }
            html += isBlank && !isMarkedUp ? text : "<span class=\"m\">\(text)</span>"
            return
        }
        for index in span.fields {
            let field = inspection.fields[index]
            let rule = field.rule.isEmpty ? "" : " · " + ReportWords.rule(field.rule).both
            let title = "\(ReportWords.kind(field.kind).both)：\(field.value)\(rule)"
            html += "<span class=\"f \(field.kind.rawValue)\" title=\"\(Self.escape(title))\">"
        }
        html += text + String(repeating: "</span>", count: span.fields.count)
    }

    /// Whether line breaks of the document mean nothing to its readers.
    private var isMarkedUp: Bool { !["text", "markdown"].contains(inspection.parsed.format) }

    // MARK: Items

    private mutating func card(_ item: Item) {
        let ordinal = item.ordinal
        let title = item.title.isEmpty ? words(Phrase("（无标题）", "(no title)")) : Self.escape(item.title)
        html += "<article id=\"i\(ordinal)\" class=\"card \(inkClass(.item(ordinal)))\" data-item=\"\(ordinal)\">\n"
        html += "<h2><a class=\"tag\" href=\"#o\(ordinal)\">\(ordinal + 1)</a> \(title)</h2>\n<dl>"
        if let published = item.published {
            row(.published, published.value.text, published.basis)
        } else {
            missing(.published)
        }
        if let department = item.department { row(.department, department.value, department.basis) }
        for source in item.sources { row(.source, source.value, source.basis) }
        if item.sources.isEmpty { missing(.source) }
        for event in item.events { row(.event, event.value.text, event.basis) }
        html += "</dl>\n"
        for flag in item.flags { html += "<p class=\"warn\">\(words(ReportWords.note(flag)))</p>" }
        names(item.districts, "districts", Phrase("地点", "places"))
        names(item.citations.map { "《\($0)》" }, "citations", Phrase("引用", "cites"))
        figures(item.figures)
        for pair in item.questions {
            html += "<details class=\"qa\"><summary>\(Self.escape(pair.question))</summary>"
            html += "<p>\(Self.escape(pair.answer))</p></details>"
        }
        let length = item.body.unicodeScalars.count
        html += "<details class=\"body\"><summary>\(words(Phrase("正文 \(length) 字", "body, \(length) characters"))) "
        html += "<span class=\"soft\">\(Self.escape(item.language))</span></summary>"
        html += "<p>\(Self.escape(item.body))</p></details></article>\n"
    }

    private mutating func row(_ kind: Inspection.Field.Kind, _ value: String, _ basis: Basis) {
        let percent = Int((basis.certainty * 100).rounded())
        html += "<dt>\(words(ReportWords.kind(kind)))</dt><dd><span class=\"f \(kind.rawValue)\">"
        html += "\(Self.escape(value))</span> <span class=\"soft\">\(words(ReportWords.rule(basis.rule)))</span>"
        html += "<meter min=\"0\" max=\"100\" value=\"\(percent)\" title=\"\(percent)%\"></meter></dd>"
    }

    private mutating func missing(_ kind: Inspection.Field.Kind) {
        html += "<dt>\(words(ReportWords.kind(kind)))</dt><dd class=\"soft\">\(words(Phrase("未知", "unknown")))</dd>"
    }

    private mutating func names(_ values: [String], _ name: String, _ phrase: Phrase) {
        guard !values.isEmpty else { return }
        html += "<p class=\"\(name)\"><span class=\"soft\">\(words(phrase))</span> "
        html += values.map { "<span class=\"chip\">\(Self.escape($0))</span>" }.joined(separator: " ") + "</p>"
    }

    private mutating func figures(_ figures: [Figure]) {
        guard !figures.isEmpty else { return }
        html += "<table><caption>\(words(Phrase("数字 \(figures.count)", "\(figures.count) figures")))</caption>"
        for figure in figures {
            let interval = FigureText.interval(figure) + " " + figure.unit
            html += "<tr><td>\(Self.escape(figure.subject))</td><td class=\"n\">\(Self.escape(interval))</td>"
            html += "<td class=\"soft\">\(Self.escape(figure.quote))</td></tr>"
        }
        html += "</table>"
    }

    // MARK: Words

    private func words(_ phrase: Phrase) -> String {
        let (chinese, english) = (Self.escape(phrase.chinese), Self.escape(phrase.english))
        return chinese == english ? chinese : "<i lang=\"zh\">\(chinese)</i><i lang=\"en\">\(english)</i>"
    }

    private func label(of segment: Inspection.Segment) -> String {
        switch segment.role {
        case .item(let ordinal):
            let items = inspection.parsed.items
            let title = items.indices.contains(ordinal) ? items[ordinal].title : ""
            return "\(ordinal + 1) \(title)"
        case .heading(let name), .discard(let name): return ReportWords.remainder(name).both
        }
    }

    private func inkClass(_ role: Inspection.Role) -> String {
        switch role {
        case .item(let ordinal): "item c\(ordinal % Self.inkCount)"
        case .heading: "heading"
        case .discard(let name): name == "blank" ? "discard blank" : "discard"
        }
    }

    /// A number with at most two decimal places.
    private static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Text as HTML; control characters become U+FFFD.
    static func escape(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "\r": break
            case "\n", "\t": result.append(scalar)
            default: result.append(scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : scalar)
            }
        }
        return String(result)
    }
}
