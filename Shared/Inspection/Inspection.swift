// What was made of one document, laid over its text: what `kuaibao inspect` shows.
//
// Three layers lie over the text. Segments: every byte is in one item, heading or discard. Fields: values that were read,
// each where it stands; they may overlap. Readable: what became text; the rest of an item is markup or white space.
// `spans` cuts the text at every border of the three layers, so that a report writes each span once with all it is.

package import Messages

/// A parsed document and its text, ready to be shown.
package struct Inspection: Sendable {
    /// What a stretch of the text is: exactly one for every byte.
    package enum Role: Sendable, Hashable {
        case item(Int)
        case heading(String)
        case discard(String)
    }

    /// A stretch of the text with one role.
    package struct Segment: Sendable, Hashable {
        package var range: Range<Int>
        package var role: Role
        /// Bytes of the original, which may be encoded otherwise than the text.
        package var originalBytes: Int
    }

    /// A value that was read from the text.
    package struct Field: Sendable, Hashable {
        package enum Kind: String, Sendable, CaseIterable {
            case published, event, department, source, figure, question
        }

        package var range: Range<Int>
        package var kind: Kind
        package var item: Int
        /// What was made of the text: a date, a name, an interval.
        package var value: String
        /// The rule that read it.
        package var rule: String
    }

    /// A stretch of the text that is the same in all three layers.
    package struct Span: Sendable, Hashable {
        package var range: Range<Int>
        /// Index into `segments`.
        package var segment: Int
        /// Indices into `fields`, ascending.
        package var fields: [Int]
        package var isReadable: Bool
    }

    package let name: String
    package let byteCount: Int
    package let text: [UInt8]
    package let parsed: ParsedDocument
    package let segments: [Segment]
    package let fields: [Field]
    /// Offsets at which a line or block of readable text starts.
    package let lineStarts: Set<Int>
    private let readable: [Range<Int>]

    /// - Parameters:
    ///   - name: the file's name, as shown.
    ///   - byteCount: length of the original in bytes.
    ///   - text: the decoded text, UTF-8.
    ///   - readable: parts of the text that were read, ascending and disjoint.
    ///   - lineStarts: offsets in the text at which its lines or blocks start.
    ///   - place: the half-open range of the text that a range of the original became.
    package init(
        name: String, byteCount: Int, text: [UInt8], parsed: ParsedDocument, readable: [Range<Int>],
        lineStarts: Set<Int>, place: (ByteRange) -> Range<Int>
    ) {
        self.name = name
        self.byteCount = byteCount
        self.text = text
        self.parsed = parsed
        self.readable = readable
        self.lineStarts = lineStarts
        segments = Self.segments(parsed, textCount: text.count, place)
        fields = parsed.items.flatMap { Self.fields($0, place) }.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// The text cut at the borders of all layers, in order.
    /// - Complexity: O(n log n) in the number of segments, fields and readable ranges.
    package func spans() -> [Span] {
        var borders = Set<Int>()
        for range in segments.map(\.range) + fields.map(\.range) + readable {
            borders.insert(min(range.lowerBound, text.count))
            borders.insert(min(range.upperBound, text.count))
        }
        let cuts = borders.sorted()
        var spans: [Span] = []
        spans.reserveCapacity(cuts.count)
        var (segment, reading, nextField) = (0, 0, 0)
        var open: [Int] = []
        for (lower, upper) in zip(cuts, cuts.dropFirst()) {
            while segment + 1 < segments.count, segments[segment].range.upperBound <= lower { segment += 1 }
            while reading < readable.count, readable[reading].upperBound <= lower { reading += 1 }
            open.removeAll { fields[$0].range.upperBound <= lower }
            while nextField < fields.count, fields[nextField].range.lowerBound <= lower {
                if fields[nextField].range.upperBound > lower { open.append(nextField) }
                nextField += 1
            }
            guard segment < segments.count, segments[segment].range.contains(lower) else { continue }
            let isReadable = reading < readable.count && readable[reading].contains(lower)
            spans.append(Span(range: lower..<upper, segment: segment, fields: open, isReadable: isReadable))
        }
        return spans
    }

    /// The text at `range`.
    package func string(_ range: Range<Int>) -> String {
        String(decoding: text[range.clamped(to: 0..<text.count)], as: UTF8.self)
    }

    /// Segments as a reader sees them: neighbouring discards are one run, everything else is a run of its own. Half-open
    /// ranges of indices into `segments`, together all of them.
    package var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, segment) in segments.enumerated() {
            if case .discard = segment.role, let last = runs.last, case .discard = segments[last.lowerBound].role {
                runs[runs.count - 1] = last.lowerBound..<(index + 1)
            } else {
                runs.append(index..<(index + 1))
            }
        }
        return runs
    }

    /// Bytes of the original in items, headings and discards; together they are all of them.
    package var shares: (items: Int, headings: Int, discards: Int) {
        var shares = (items: 0, headings: 0, discards: 0)
        for segment in segments {
            switch segment.role {
            case .item: shares.items += segment.originalBytes
            case .heading: shares.headings += segment.originalBytes
            case .discard: shares.discards += segment.originalBytes
            }
        }
        return shares
    }

    private static func segments(
        _ parsed: ParsedDocument, textCount: Int, _ place: (ByteRange) -> Range<Int>
    ) -> [Segment] {
        var segments = parsed.items.map {
            Segment(range: place($0.range), role: .item($0.ordinal), originalBytes: $0.range.upper - $0.range.lower)
        }
        for remainder in parsed.remainders {
            let role: Role = remainder.role == .heading ? .heading(remainder.name) : .discard(remainder.name)
            segments.append(
                Segment(
                    range: place(remainder.range), role: role,
                    originalBytes: remainder.range.upper - remainder.range.lower))
        }
        segments.sort { $0.range.lowerBound < $1.range.lowerBound }
        return segments
    }

    private static func fields(_ item: Item, _ place: (ByteRange) -> Range<Int>) -> [Field] {
        var fields: [Field] = []
        func add(_ kind: Field.Kind, _ range: ByteRange?, _ value: String, _ rule: String) {
            guard let range, range.lower < range.upper else { return }
            let found = place(range)
            guard !found.isEmpty else { return }
            fields.append(Field(range: found, kind: kind, item: item.ordinal, value: value, rule: rule))
        }
        if let published = item.published {
            add(.published, published.basis.range, published.value.text, published.basis.rule)
        }
        if let department = item.department {
            add(.department, department.basis.range, department.value, department.basis.rule)
        }
        for source in item.sources { add(.source, source.basis.range, source.value, source.basis.rule) }
        for event in item.events { add(.event, event.basis.range, event.value.text, event.basis.rule) }
        for figure in item.figures { add(.figure, figure.range, FigureText.describe(figure), figure.comparator) }
        for pair in item.questions { add(.question, pair.range, pair.question, "") }
        return fields
    }
}
