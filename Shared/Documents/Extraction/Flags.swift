// Doubts about items, by name.
//
//     wrong-body       the body belongs to another item: a long paragraph of it stands in another item as well, none of the
//                      title's own words occurs in the body, and the bodies named by the two items differ so that the text
//                      speaks of the other one's
//     repeated-clause  a clause stands twice in the body
//     count-mismatch   a line announces a number of points (…十条：) and another number of them is listed
//     sum-mismatch     the parts of a sum that a sentence states do not make its total (see SumCheck)
//     ocr-spaces       recognised text with spaces inside its words
//
// A title's own words are its pairs of neighbouring ideographs that fewer than a quarter of the page's items hold.

import Messages

/// Marks doubtful items.
enum Flags {
    /// Appends flags to `items` and takes the signature of a body that is not the item's own.
    /// - Parameters:
    ///   - clauses: what was read of each item's body.
    ///   - leads: whether a line of each body but its last ends with a colon.
    ///   - isRecognised: whether the text was recognised.
    /// - Complexity: linear in the length of all bodies.
    static func mark(_ items: inout [Item], clauses: [ClauseReader], leads: [Bool], isRecognised: Bool) {
        let wrong = wrongBodies(items, clauses)
        for index in items.indices {
            if wrong.contains(index) {
                items[index].flags.append("wrong-body")
                items[index].signature = nil
                items[index].doubts.append(
                    Doubt(
                        flag: "wrong-body",
                        detail: "the text also stands in another item, and no word of its own of this title is in it",
                        quote: items[index].title))
            }
            if let clause = clauses[index].repeated {
                items[index].flags.append("repeated-clause")
                items[index].doubts.append(
                    Doubt(flag: "repeated-clause", detail: "the clause stands twice", quote: clause))
            }
            // A lead stands before a line break; few bodies have one.
            if leads[index], let doubt = miscount(items[index].body) {
                items[index].flags.append("count-mismatch")
                items[index].doubts.append(doubt)
            }
            if items[index].doubts.contains(where: { $0.flag == "sum-mismatch" }) {
                items[index].flags.append("sum-mismatch")
            }
            if isRecognised { items[index].flags.append("ocr-spaces") }
        }
    }

    // MARK: Wrong bodies

    private static func wrongBodies(_ items: [Item], _ clauses: [ClauseReader]) -> Set<Int> {
        let shared = sharedParagraphs(clauses)
        guard !shared.isEmpty else { return [] }
        // Most items that share a paragraph share it rightly; only titles that are foreign to their body need the words
        // of all items counted.
        let titles = Dictionary(uniqueKeysWithValues: Set(shared.joined()).map { ($0, TitleWords(items[$0].title)) })
        let suspects = titles.filter {
            $0.value.count >= 3 && $0.value.found(in: items[$0.key].body) * 2 <= $0.value.count
        }
        guard !suspects.isEmpty else { return [] }
        let common = commonPairs(of: titles.values, in: items)
        let coverages = titles.mapValues { $0.without(common) }
        var wrong: Set<Int> = []
        for group in shared {
            for index in group where suspects[index] != nil && isWrong(index, among: group, items, coverages) {
                wrong.insert(index)
            }
        }
        return wrong
    }

    /// Groups of items, ascending, that have a long paragraph in common.
    private static func sharedParagraphs(_ clauses: [ClauseReader]) -> [[Int]] {
        guard clauses.count > 1 else { return [] }
        var holders: [UInt64: [Int]] = [:]
        for (index, reader) in clauses.enumerated() {
            for hash in reader.paragraphs where holders[hash]?.last != index { holders[hash, default: []].append(index) }
        }
        return holders.values.filter { $0.count > 1 }
    }

    private static func isWrong(_ index: Int, among group: [Int], _ items: [Item], _ titles: [Int: TitleWords]) -> Bool
    {
        guard let own = titles[index], own.count >= 3, own.found(in: items[index].body) * 20 <= own.count else {
            return false
        }
        return group.contains { other in
            guard other != index, let theirs = titles[other] else { return false }
            let found = theirs.found(in: items[other].body)
            guard found > 0 else { return false }
            return namesOther(items[index], items[other]) ?? (found * 6 >= theirs.count)
        }
    }

    /// Whether the body of `item` speaks of the body that issued `other` and not of its own; nil where that is not known.
    private static func namesOther(_ item: Item, _ other: Item) -> Bool? {
        guard let own = issuer(item), let their = issuer(other), own != their else { return nil }
        let (ownCore, theirCore) = (OrganReader.core(of: own), OrganReader.core(of: their))
        guard !ownCore.isEmpty, !theirCore.isEmpty else { return nil }
        return item.body.range(of: ownCore) == nil && item.body.range(of: theirCore) != nil
    }

    private static func issuer(_ item: Item) -> String? { item.department?.value ?? item.sources.first?.value }

    /// Items of a page whose words are counted; a page with more is sampled evenly.
    private static let mostSampled = 256

    /// The words of `titles` that at least a quarter of the items hold.
    private static func commonPairs(of titles: Dictionary<Int, TitleWords>.Values, in items: [Item]) -> Set<UInt64> {
        let all = TitleWords(merging: titles)
        var counts: [UInt64: Int] = [:]
        let step = max(1, items.count / mostSampled)
        let sample = stride(from: 0, to: items.count, by: step).map { items[$0] }
        for item in sample {
            for pair in all.pairs(in: item.title).union(all.pairs(in: item.body)) { counts[pair, default: 0] += 1 }
        }
        let threshold = max(3, sample.count / 4)
        return Set(counts.filter { $0.value >= threshold }.keys)
    }

    /// Pairs of neighbouring ideographs of titles, for finding them in running text.
    private struct TitleWords {
        private var words: Set<UInt64> = []
        /// Whether a character is the second of any pair; spares most look-ups.
        private var isSecond = [Bool](repeating: false, count: 0x10000)

        var count: Int { words.count }

        init(_ title: String) {
            forEachPair(of: title) { add($0) }
        }

        init(merging titles: Dictionary<Int, TitleWords>.Values) {
            for title in titles { title.words.forEach { add($0) } }
        }

        func without(_ common: Set<UInt64>) -> TitleWords {
            var result = self
            result.words.subtract(common)
            return result
        }

        /// How many of the pairs stand in `text`.
        func found(in text: String) -> Int { pairs(in: text).count }

        /// The pairs that stand in `text`.
        func pairs(in text: String) -> Set<UInt64> {
            var found: Set<UInt64> = []
            forEachPair(of: text) { pair in
                let second = Int(pair & 0xFFFF_FFFF)
                if second < 0x10000, isSecond[second], words.contains(pair) { found.insert(pair) }
            }
            return found
        }

        private mutating func add(_ pair: UInt64) {
            words.insert(pair)
            let second = Int(pair & 0xFFFF_FFFF)
            if second < 0x10000 { isSecond[second] = true }
        }
    }

    private static func forEachPair(of text: String, _ body: (UInt64) -> Void) {
        let kinds = CharacterClass.lookup
        var last: UInt32?
        for scalar in text.unicodeScalars {
            guard kinds[scalar.value].contains(.ideograph) else {
                last = nil
                continue
            }
            if let last { body(UInt64(last) << 32 | UInt64(scalar.value)) }
            last = scalar.value
        }
    }

    // MARK: Counts

    /// Units in which points are announced.
    private static let pointUnits = ScalarSet("项条点个")

    /// The doubt where a line that ends with a colon announces another number of points than the list after it has.
    private static func miscount(_ text: String) -> Doubt? {
        let body = Array(text.utf8)
        var position = 0
        while position < body.count {
            let (end, next) = LineScanner.line(in: body, from: position, to: body.count)
            defer { position = next }
            // ： is EF BC 9A.
            let isLead =
                end > position && body[end - 1] == 0x3A
                || end - position >= 3 && body[end - 1] == 0x9A && body[end - 2] == 0xBC && body[end - 3] == 0xEF
            guard isLead,
                let announced = announcedCount(String(decoding: body[max(position, end - 180)..<end], as: UTF8.self))
            else { continue }
            let listed = listLength(body, from: next)
            if listed >= 2, listed != announced {
                let line = String(decoding: body[max(position, end - 180)..<end], as: UTF8.self)
                return Doubt(
                    flag: "count-mismatch", detail: "\(announced) announced, \(listed) listed", quote: line)
            }
        }
        return nil
    }

    private static func announcedCount(_ line: String) -> Int? {
        let scalars = line.unicodeScalars.map(\.value)
        var announced: Int?
        var index = 0
        while index < scalars.count {
            guard !CharacterClass.of(scalars[index]).isDisjoint(with: [.digit, .chineseNumeral]),
                let number = NumberReader.read(scalars, at: index)
            else {
                index += 1
                continue
            }
            let isExact = !number.isOpen && !number.isEstimate && number.reach == nil && number.value >= 2 && number.value <= 99
            if isExact, number.end < scalars.count, pointUnits.contains(scalars[number.end]) {
                announced = Int(number.value)
            }
            index = max(number.end, index + 1)
        }
        return announced
    }

    /// How many lines in a row from `start` on begin with the same kind of mark or number.
    private static func listLength(_ body: [UInt8], from start: Int) -> Int {
        var (position, count) = (start, 0)
        var kind: UInt32?
        while position < body.count {
            let (end, next) = LineScanner.line(in: body, from: position, to: body.count)
            guard let mark = listMark(String(decoding: body[position..<min(end, position + 32)], as: UTF8.self)),
                kind == nil || kind == mark
            else { return count }
            kind = mark
            count += 1
            position = next
        }
        return count
    }

    private static func listMark(_ line: String) -> UInt32? {
        let scalars = Array(line.unicodeScalars.prefix(8).map(\.value))
        let numbering = ParagraphReader.numbering(scalars)
        if numbering != .none { return UInt32(numbering.rawValue) }
        guard let first = scalars.first, (0x2022...0x27BF).contains(first), first != 0x2026 else { return nil }
        return first
    }
}
