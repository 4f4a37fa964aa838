// What a character counts as and what it is folded to, by table.
//
// A two-stage table: `blockOfPage[scalar >> 7]` names a block of 128 entries, most pages share a block. An entry is
//
//     bits 31…28  the class, `CharacterClass`
//     bits 20…0   the folded scalar; 0: the character itself; for `.letters` and `.characters` an index into
//                 `expansions`, where a count and that many scalars stand
//
// Invariants:
//  (1) The folding of a character does not depend on its neighbours, so a run of an indexed text and a query for that
//      run always get the same terms.
//  (2) It is idempotent: the folded characters fold to themselves.

/// What a character is to the analyser.
enum CharacterClass: UInt32 {
    /// Punctuation, symbols, controls, U+FFFD: between two tokens it takes one position.
    case separator = 0
    /// White space, quotation marks, hyphens, ignored marks and format characters: as if it were not there.
    case transparent = 1
    /// A character of a script written without spaces; a token of its own.
    case cjk = 2
    /// A letter of a word.
    case letter = 3
    /// A decimal digit, folded to ASCII.
    case digit = 4
    /// Folds to several characters of a word (ﬁ, ㎏).
    case letters = 5
    /// Folds to several characters, the first of them `cjk`, the rest `cjk` or `voicing` (が, ㍿).
    case characters = 6
    /// A combining kana voicing mark; it belongs to the character before.
    case voicing = 7
    /// `%` and its like: a token when it follows a number.
    case percent = 8
    /// The full stop, which may stand inside a number or between letters.
    case point = 9
    /// The comma, which may group the digits of a number.
    case comma = 10
    /// The apostrophe, which may stand inside a word.
    case apostrophe = 11
}

/// The unpacked tables; about 0.4 MB, shared by all analysers.
struct FoldingTables: Sendable {
    /// For each page of 128 scalars, its block in `entries`.
    private(set) var blockOfPage: [UInt16]
    /// Blocks of 128 entries.
    private(set) var entries: [UInt32]
    /// Counts followed by scalars.
    private(set) var expansions: [UInt32] = []

    static let shared = FoldingTables()

    private static let pageShift: UInt32 = 7
    private static let pageSize = 128
    private static let pageCount = 0x11_0000 / pageSize

    /// Unpacks `FoldingData`. Its text is ours and covered by tests, so a malformed record is skipped, not reported.
    private init() {
        blockOfPage = Array(repeating: 0, count: Self.pageCount)
        entries = Array(repeating: 0, count: Self.pageSize)
        var sharedBlocks: [UInt32: UInt16] = [:]
        for record in Self.records(FoldingData.ranges) where record.count == 3 {
            fill(record[0], record[1], entry: record[2] << 28, &sharedBlocks)
        }
        for record in Self.records(FoldingData.folds) where record.count == 6 {
            for index in 0..<record[1] {
                set(record[0] + index * record[2], record[3] << 28 | (record[4] + index * record[5]))
            }
        }
        for record in Self.records(FoldingData.expansions) where record.count > 3 {
            set(record[0], record[1] << 28 | UInt32(expansions.count))
            expansions.append(UInt32(record.count - 2))
            expansions += record[2...]
        }
        var variant: UInt32?
        for scalar in FoldingData.han.unicodeScalars where scalar.value > 0x20 {
            if let source = variant {
                set(source, CharacterClass.cjk.rawValue << 28 | scalar.value)
                variant = nil
            } else {
                variant = scalar.value
            }
        }
    }

    /// The entry of `scalar`, which is a Unicode scalar value.
    @inline(__always)
    func entry(_ scalar: UInt32) -> UInt32 {
        let page = Int(truncatingIfNeeded: scalar >> Self.pageShift)
        let offset = Int(truncatingIfNeeded: scalar & UInt32(Self.pageSize - 1))
        return entries[Int(blockOfPage[page]) &* Self.pageSize &+ offset]
    }

    /// The scalars that an entry of class `.letters` or `.characters` stands for.
    func expansion(_ entry: UInt32) -> ArraySlice<UInt32> {
        let start = Int(entry & 0x1F_FFFF)
        let count = Int(expansions[start])
        return expansions[(start + 1)..<(start + 1 + count)]
    }

    // MARK: Unpacking

    /// Gives the scalars `first...last` one entry; whole pages share a block.
    private mutating func fill(_ first: UInt32, _ last: UInt32, entry: UInt32, _ sharedBlocks: inout [UInt32: UInt16]) {
        var scalar = first
        while scalar <= last {
            let startsPage = scalar % UInt32(Self.pageSize) == 0
            guard startsPage, last - scalar >= UInt32(Self.pageSize - 1) else {
                set(scalar, entry)
                scalar += 1
                continue
            }
            let block = sharedBlocks[entry] ?? appendBlock(of: entry)
            sharedBlocks[entry] = block
            blockOfPage[Int(scalar >> Self.pageShift)] = block
            isOwned.remove(Int(scalar >> Self.pageShift))
            scalar += UInt32(Self.pageSize)
        }
    }

    private mutating func appendBlock(of entry: UInt32) -> UInt16 {
        let block = UInt16(entries.count / Self.pageSize)
        entries += Array(repeating: entry, count: Self.pageSize)
        return block
    }

    /// Pages whose block no other page shares.
    private var isOwned: Set<Int> = []

    /// Sets one scalar's entry, copying a shared block first.
    private mutating func set(_ scalar: UInt32, _ entry: UInt32) {
        let page = Int(scalar >> Self.pageShift)
        guard page < blockOfPage.count else { return }
        if isOwned.insert(page).inserted {
            let start = Int(blockOfPage[page]) * Self.pageSize
            let block = UInt16(entries.count / Self.pageSize)
            entries += Array(entries[start..<(start + Self.pageSize)])
            blockOfPage[page] = block
        }
        entries[Int(blockOfPage[page]) * Self.pageSize + Int(scalar) % Self.pageSize] = entry
    }

    /// The records of a table in text form: hexadecimal numbers with commas between them, records with white space.
    private static func records(_ text: String) -> [[UInt32]] {
        var result: [[UInt32]] = []
        var record: [UInt32] = []
        var number: UInt32?
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39: number = (number ?? 0) << 4 | UInt32(byte - 0x30)
            case 0x61...0x66: number = (number ?? 0) << 4 | UInt32(byte - 0x61 + 10)
            default:
                if let value = number { record.append(value) }
                number = nil
                if byte != 0x2C, !record.isEmpty {
                    result.append(record)
                    record = []
                }
            }
        }
        if let value = number { record.append(value) }
        if !record.isEmpty { result.append(record) }
        return result
    }
}
