// Rows of a table: RFC 4180, with commas, semicolons or tabs, whichever the first row has most of. Quoted cells may hold line
// breaks, so a row has the number of the line it begins in.

struct CSVRows {
    struct Row {
        /// From 1.
        var line: Int
        var cells: [String]
    }

    /// Why a row cannot be read.
    struct Mistake: Error {
        var line: Int
        var column: Int
        var message: String
    }

    /// Bytes of one row; a missing quotation mark must not swallow a whole file.
    static let maximumRowBytes = 4 << 20
    static let maximumCells = 1000

    private let bytes: [UInt8]
    private let separator: UInt8
    private var place: Int
    private var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        place = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var counts: [UInt8: Int] = [:]
        for byte in bytes[place...].prefix(Self.maximumRowBytes) {
            if byte == 0x0A { break }
            if [0x2C, 0x3B, 0x09].contains(byte) { counts[byte, default: 0] += 1 }
        }
        separator = counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0x2C
    }

    /// The next row that is not blank, or nil at the end.
    mutating func next() throws(Mistake) -> Row? {
        while place < bytes.count, bytes[place] == 0x0A || bytes[place] == 0x0D {
            if bytes[place] == 0x0A { line += 1 }
            place += 1
        }
        guard place < bytes.count else { return nil }
        var row = Row(line: line, cells: [])
        let start = place
        while true {
            guard row.cells.count < Self.maximumCells else {
                throw mistake(row, "more than \(Self.maximumCells) cells")
            }
            row.cells.append(try cell(row, start: start))
            guard place < bytes.count, bytes[place] == separator else { break }
            place += 1
        }
        return row
    }

    /// Goes on behind the line in which a mistake was found.
    mutating func skipLine() {
        while place < bytes.count, bytes[place] != 0x0A { place += 1 }
    }

    private mutating func cell(_ row: Row, start: Int) throws(Mistake) -> String {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
            let from = place
            while place < bytes.count, bytes[place] != separator, bytes[place] != 0x0A, bytes[place] != 0x0D { place += 1 }
            return try decoded(bytes[from..<place], row)
        }
        place += 1
        var result: [UInt8] = []
        while true {
            guard place < bytes.count, place - start < Self.maximumRowBytes else {
                throw mistake(row, "a quotation mark without its second")
            }
            let byte = bytes[place]
            place += 1
            if byte == UInt8(ascii: "\"") {
                guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { break }
                place += 1
            } else if byte == 0x0A {
                line += 1
            }
            result.append(byte)
        }
        let isEnd = place >= bytes.count || [separator, 0x0A, 0x0D].contains(bytes[place])
        guard isEnd else { throw mistake(row, "text behind a quoted cell; double the quotation marks inside it") }
        return try decoded(result[...], row)
    }

    private func decoded(_ cell: ArraySlice<UInt8>, _ row: Row) throws(Mistake) -> String {
        guard let text = String(validating: cell, as: UTF8.self) else {
            throw mistake(row, "bytes that are not UTF-8; save the table as UTF-8")
        }
        return text
    }

    private func mistake(_ row: Row, _ message: String) -> Mistake {
        Mistake(line: row.line, column: row.cells.count + 1, message: message)
    }
}
