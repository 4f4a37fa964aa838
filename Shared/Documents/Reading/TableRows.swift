// Tables of a page, row by row.
//
// Poppler reads a table column by column, as it reads prose. A visual row is all lines of one height. It is tabular where it
// has at least three short cells, or two of which one is a number. Three tabular rows below each other, single cells
// between them tolerated, are a table: its rows come from top to bottom, cells parted by tabs, at the place of its first
// line. Columns of prose are not taken for tables, because their lines are long.

/// Puts the rows of tables together.
struct TableRows {
    /// Cells of prose columns have more characters on average than this.
    private static let cellCharacters = 11.0
    /// Tabular rows that make a table.
    private static let fewestRows = 3
    /// Rows of one cell that may stand between tabular rows: wrapped names, subtitles.
    private static let gapRows = 2

    private let lines: [LayoutLine]
    /// Indices into `lines`, from top to bottom; each row from left to right.
    private var rows: [[Int]] = []

    /// The page's lines in reading order, rows of tables joined.
    /// - Complexity: O(n log n) in the number of lines, but for pages made of overlapping lines.
    static func order(_ lines: [LayoutLine]) -> [LayoutLine] {
        TableRows(lines).order()
    }

    private init(_ lines: [LayoutLine]) {
        self.lines = lines
        var band: (top: Double, bottom: Double)?
        for index in lines.indices.sorted(by: { lines[$0].box.top < lines[$1].box.top }) {
            let box = lines[index].box
            if let open = band, min(open.bottom, box.bottom) - max(open.top, box.top) > box.height * 0.5 {
                rows[rows.count - 1].append(index)
            } else {
                rows.append([index])
                band = (box.top, box.bottom)
            }
        }
        for row in rows.indices { rows[row].sort { lines[$0].box.left < lines[$1].box.left } }
    }

    private func order() -> [LayoutLine] {
        let tables = tables()
        guard !tables.isEmpty else { return lines }
        var tableOf: [Int: Int] = [:]
        for (number, table) in tables.enumerated() {
            for row in table { for line in rows[row] { tableOf[line] = number } }
        }
        var isWritten = [Bool](repeating: false, count: tables.count)
        var result: [LayoutLine] = []
        for index in lines.indices {
            guard let number = tableOf[index] else {
                result.append(lines[index])
                continue
            }
            guard !isWritten[number] else { continue }
            isWritten[number] = true
            result += tables[number].map { joined(rows[$0]) }
        }
        return result
    }

    /// Ranges of rows that are tables, ascending.
    private func tables() -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start: Int?
        var last = 0
        var count = 0
        for index in 0...rows.count {
            let row = index < rows.count ? rows[index] : []
            if isTabular(row) {
                if start == nil { (start, count) = (index, 0) }
                last = index
                count += 1
            } else if let first = start, index == rows.count || index - last > Self.gapRows || row.count > 1 || isWide(row) {
                if count >= Self.fewestRows { found.append(first..<(last + 1)) }
                start = nil
            }
        }
        return found
    }

    private func isWide(_ row: [Int]) -> Bool {
        row.contains { Self.characters(lines[$0].text) > 24 }
    }

    private func isTabular(_ row: [Int]) -> Bool {
        guard row.count >= 2 else { return false }
        let numbers = row.count { Self.isNumber(lines[$0].text) }
        let characters = row.reduce(0) { $0 + Self.characters(lines[$1].text) }
        if row.count == 2 { return numbers >= 1 && characters <= 60 }
        return numbers * 2 >= row.count || Double(characters) / Double(row.count) <= Self.cellCharacters
    }

    private func joined(_ row: [Int]) -> LayoutLine {
        var line = lines[row[0]]
        for index in row.dropFirst() {
            line.text += [0x09] + lines[index].text
            line.box.right = max(line.box.right, lines[index].box.right)
        }
        return line
    }

    private static func characters(_ text: [UInt8]) -> Int { text.count { $0 & 0xC0 != 0x80 } }

    /// Digits with signs, marks and units around them, and nothing else of length.
    private static func isNumber(_ text: [UInt8]) -> Bool {
        let digits = text.count { (0x30...0x39).contains($0) }
        return digits > 0 && digits * 2 >= characters(text) || text == [0x2D] || text == Array("－".utf8)
    }
}
