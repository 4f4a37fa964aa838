// CSV (RFC 4180): every row under the header is a record.
//
// The separator is the comma, the semicolon or the tab, whichever the first row has most. A first row with no name that
// `RecordField` or the caller's mapping knows is data like the others; its cells are then called by their number.

import Messages

/// Reads comma-separated values.
struct CSVReader {
    private let source: [UInt8]
    private let end: Int
    private let separator: UInt8
    private var position: Int

    /// Reads `range` of the decoded document.
    /// - Throws: `documentTooLarge` for more lines than the limits allow.
    static func read(_ decoded: DecodedText, _ range: Range<Int>, limits: ParserLimits, dictionaries: Dictionaries, mapping: FieldMapping)
        throws(DocumentError) -> Reading
    {
        var reader = CSVReader(decoded.bytes, range)
        var sink = RecordSink(decoded: decoded, limits: limits, dictionaries: dictionaries, mapping: mapping)
        var names: [String] = []
        var isFirst = true
        while let row = reader.nextRow() {
            if isFirst {
                isFirst = false
                let header = row.cells.map { String(decoding: $0.value, as: UTF8.self) }
                if header.contains(where: { RecordField(name: $0, mapping) != .other }) {
                    names = header
                    continue
                }
            }
            var members: [RecordMember] = []
            for (index, cell) in row.cells.enumerated() {
                var member = cell
                member.name = index < names.count ? names[index] : "\(index + 1)"
                members.append(member)
            }
            try sink.add(members, at: row.place)
        }
        return sink.finish(format: .csv)
    }

    private init(_ source: [UInt8], _ range: Range<Int>) {
        self.source = source
        end = range.upperBound
        position = range.lowerBound
        let (firstEnd, _) = LineScanner.line(in: source, from: position, to: end)
        let first = source[position..<firstEnd]
        let counts = [UInt8(0x2C), 0x3B, 0x09].map { mark in (mark, first.count { $0 == mark }) }
        separator = counts.max { $0.1 < $1.1 }?.0 ?? 0x2C
    }

    /// The next row that is not empty; nil at the end.
    private mutating func nextRow() -> (cells: [RecordMember], place: Range<Int>)? {
        while position < end, source[position] == 0x0A || source[position] == 0x0D { position += 1 }
        guard position < end else { return nil }
        let start = position
        var cells: [RecordMember] = []
        while true {
            cells.append(nextCell())
            guard position < end, source[position] == separator else { break }
            position += 1
        }
        let place = start..<position
        if position < end, source[position] == 0x0D { position += 1 }
        if position < end, source[position] == 0x0A { position += 1 }
        return (cells, place)
    }

    /// The cell at the position, which is left on the separator or line break after it.
    private mutating func nextCell() -> RecordMember {
        if position < end, source[position] == 0x22 { return quotedCell() }
        let start = position
        while position < end, source[position] != separator, source[position] != 0x0A, source[position] != 0x0D {
            position += 1
        }
        return RecordMember(name: "", value: Array(source[start..<position]), place: start..<position, isVerbatim: true)
    }

    private mutating func quotedCell() -> RecordMember {
        position += 1
        let start = position
        var value: [UInt8] = []
        var hasEscapes = false
        while position < end {
            if source[position] == 0x22 {
                guard position + 1 < end, source[position + 1] == 0x22 else { break }
                hasEscapes = true
                position += 1
            }
            value.append(source[position])
            position += 1
        }
        let place = start..<position
        // What stands between the closing quote and the separator is no part of the cell.
        while position < end, source[position] != separator, source[position] != 0x0A, source[position] != 0x0D {
            position += 1
        }
        return RecordMember(name: "", value: value, place: place, isVerbatim: !hasEscapes)
    }
}
