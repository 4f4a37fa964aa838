// The report for a terminal: one gutter, the text in reading order, fields in colour; without colour, fields in brackets.

import Messages

/// Writes an inspection as lines of text.
package struct TerminalReport {
    /// Whether escape sequences for colour are written.
    package enum Style: Sendable { case coloured, plain }

    /// Which discards are written out; others are one line that tells their size.
    package enum Discards: Sendable { case folded, whole }

    /// Characters of a folded discard that are shown.
    private static let shortDiscard = 60

    private let inspection: Inspection
    private let style: Style
    private let discards: Discards
    private var output = ""
    /// Discards that wait to be written as one line.
    private var folded: Folded?

    private struct Folded {
        var name: String
        var text: String
        var bytes: Int
    }

    package init(_ inspection: Inspection, style: Style, discards: Discards) {
        self.inspection = inspection
        self.style = style
        self.discards = discards
    }

    /// The whole report, with a line feed at its end.
    package consuming func text() -> String {
        header()
        let spans = inspection.spans()
        var index = 0
        for (number, segment) in inspection.segments.enumerated() {
            let first = index
            while index < spans.count, spans[index].segment == number { index += 1 }
            write(segment, Array(spans[first..<index]))
        }
        writeDiscards()
        footer()
        return output
    }

    // MARK: Head and foot

    private mutating func header() {
        let parsed = inspection.parsed
        line(styled(inspection.name, .bold))
        let replaced =
            parsed.replacedSequences == 0
            ? "" : styled(" · 损坏 \(parsed.replacedSequences) damaged sequences", .alarm)
        line(
            "\(parsed.format) · \(parsed.encoding) · \(FigureText.grouped(inspection.byteCount)) 字节 bytes · "
                + "\(parsed.items.count) 条目 items" + replaced)
        for warning in parsed.warnings {
            line(styled("! \(warning)", .alarm) + styled("  \(ReportWords.note(warning).both)", .dim))
        }
        if style == .coloured {
            let legend = Inspection.Field.Kind.allCases.map { styled(ReportWords.kind($0).both, Ink($0)) }
            line(legend.joined(separator: "  "))
        }
    }

    private mutating func footer() {
        let shares = inspection.shares
        let total = max(1, inspection.byteCount)
        func share(_ bytes: Int) -> String { "\((bytes * 1000 / total + 5) / 10)%" }
        line("")
        line(
            styled(
                "条目 items \(share(shares.items)) · 标题 headings \(share(shares.headings)) · "
                    + "丢弃 discards \(share(shares.discards))", .dim))
    }

    // MARK: Segments

    private mutating func write(_ segment: Inspection.Segment, _ spans: [Inspection.Span]) {
        switch segment.role {
        case .item(let ordinal):
            guard inspection.parsed.items.indices.contains(ordinal) else { return }
            writeDiscards()
            itemHead(inspection.parsed.items[ordinal])
            body(spans, gutter: styled("▌ ", .item(ordinal)))
        case .heading(let name):
            writeDiscards()
            line("")
            let text = spans.filter(\.isReadable).map { span in
                marked(inspection.string(span.range).filter { !$0.isNewline }, span.fields.last, isReadable: true)
            }.joined()
            line(styled("■ ", .bold) + text + styled("  \(ReportWords.remainder(name).both)", .dim))
        case .discard(let name): discard(name, segment, spans)
        }
    }

    /// Neighbouring discards of one name are one line, whatever white space and markup stands between them.
    private mutating func discard(_ name: String, _ segment: Inspection.Segment, _ spans: [Inspection.Span]) {
        let text = visible(spans, isWhole: discards == .whole)
        guard discards == .folded else {
            line(styled("· \(text)  [\(label(name, segment.originalBytes))]", .dim))
            return
        }
        guard !text.isEmpty else { return }
        if let last = folded, last.name == name {
            folded = Folded(name: name, text: last.text + " | " + text, bytes: last.bytes + segment.originalBytes)
        } else {
            writeDiscards()
            folded = Folded(name: name, text: text, bytes: segment.originalBytes)
        }
    }

    private mutating func writeDiscards() {
        guard let found = folded else { return }
        folded = nil
        let end = found.text.count > Self.shortDiscard ? "…" : ""
        line(styled("· \(found.text.prefix(Self.shortDiscard))\(end)  [\(label(found.name, found.bytes))]", .dim))
    }

    private func label(_ name: String, _ bytes: Int) -> String {
        "\(ReportWords.remainder(name).both), \(FigureText.grouped(bytes)) 字节 bytes"
    }

    private mutating func itemHead(_ item: Item) {
        line("")
        let title = item.title.isEmpty ? "（无标题 no title）" : item.title
        line(styled("▌\(item.ordinal + 1) ", .item(item.ordinal)) + styled(title, .bold))
        let bar = styled("▌ ", .item(item.ordinal))
        if let published = item.published {
            line(bar + styled(published.value.text, .kind(.published)) + basis(published.basis))
        }
        if let department = item.department {
            line(bar + styled(department.value, .kind(.department)) + basis(department.basis))
        }
        for source in item.sources { line(bar + styled(source.value, .kind(.source)) + basis(source.basis)) }
        let counts = [
            (item.events.count, "事件日期 events"), (item.figures.count, "数字 figures"),
            (item.questions.count, "问答 questions"), (item.citations.count, "引文 citations"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        let places = item.districts.isEmpty ? [] : [item.districts.joined(separator: "、")]
        line(bar + styled((counts + places + [item.language]).joined(separator: " · "), .dim))
        for flag in item.flags { line(bar + styled("! \(flag)  \(ReportWords.note(flag).both)", .alarm)) }
    }

    private func basis(_ basis: Basis) -> String {
        styled("  \(ReportWords.rule(basis.rule).both) \(Int((basis.certainty * 100).rounded()))%", .dim)
    }

    private mutating func body(_ spans: [Inspection.Span], gutter: String) {
        var current = ""
        for span in spans where span.isReadable || discards == .whole {
            if inspection.lineStarts.contains(span.range.lowerBound) { flush(&current, gutter) }
            let text = inspection.string(span.range)
            let field = span.fields.last { inspection.fields[$0].kind != .question } ?? span.fields.last
            for (number, part) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                if number > 0 { flush(&current, gutter) }
                current += marked(String(part), field, isReadable: span.isReadable)
            }
        }
        flush(&current, gutter)
    }

    private mutating func flush(_ current: inout String, _ gutter: String) {
        let isEmpty = current.allSatisfy { $0 == " " || $0 == "\r" || $0 == "\t" }
        if !isEmpty { line(gutter + current) }
        current = ""
    }

    private func marked(_ text: String, _ field: Int?, isReadable: Bool) -> String {
        guard !text.isEmpty else { return "" }
        guard isReadable else { return styled(text, .dim) }
        let shown = Self.safe(text)
        guard let field else { return shown }
        let kind = inspection.fields[field].kind
        guard style == .plain else { return styled(shown, Ink(kind)) }
        return kind == .question ? shown : "[\(shown)]"
    }

    private func visible(_ spans: [Inspection.Span], isWhole: Bool = false) -> String {
        let text = spans.filter { $0.isReadable || isWhole }.map { inspection.string($0.range) }.joined()
        return text.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
    }

    // MARK: Ink

    private enum Ink {
        case bold, dim, alarm, item(Int), kind(Inspection.Field.Kind)

        init(_ kind: Inspection.Field.Kind) { self = .kind(kind) }

        var code: String {
            switch self {
            case .bold: "1"
            case .dim: "2"
            case .alarm: "33"
            case .item(let ordinal): ["36", "35", "34", "32"][ordinal % 4]
            case .kind(.published): "1;36"
            case .kind(.event): "36"
            case .kind(.department): "1;35"
            case .kind(.source): "1;32"
            case .kind(.figure): "33;4"
            case .kind(.question): "34"
            }
        }
    }

    private func styled(_ text: String, _ ink: Ink) -> String {
        let shown = Self.safe(text)
        return style == .plain || shown.isEmpty ? shown : "\u{1B}[\(ink.code)m\(shown)\u{1B}[0m"
    }

    private mutating func line(_ text: String) { output += text + "\n" }

    /// Control characters of a document could steer the terminal; they are shown as marks instead.
    static func safe(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x09: result.append(" ")
            case 0x0D: break
            case 0..<0x20, 0x7F: result.append(Unicode.Scalar(0x2400 + min(scalar.value, 0x21)) ?? "?")
            case 0x80..<0xA0, 0x202A...0x202E, 0x2066...0x2069: result.append("\u{FFFD}")
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
