// What recognised text may have meant: words of bulletins with one character replaced by a look-alike.
//
//     pair  = wrong "=" right       characters of one shape (迈 = 返), or whole words (挖政坚 = 控攻坚)
//     word  = a word of bulletins; every one of its characters that is the right side of a pair makes a *variant*,
//             the word with the wrong character in its place (返岗 → 迈岗)
//
// A variant that is a word itself is none, so that a text that is right stays unquestioned.

/// Variants of words and the words they stand for.
struct GlyphTable: Sendable {
    /// Wrong characters by the right one.
    private var wrong: [UInt32: [UInt32]] = [:]
    private var words: Set<String> = []
    private var wholeWords: [String] = []
    /// From variants to words.
    private(set) var variants = NameTable()
    /// Whether a variant begins with a character, by its scalar value.
    private(set) var isInitial: [Bool] = []

    /// - Parameters:
    ///   - pairs: entries `wrong = right`, one a line.
    ///   - words: entries, one a line or several parted by spaces.
    init(pairs: String, words: String) {
        for line in pairs.split(whereSeparator: \.isNewline) { note(pair: String(line)) }
        for line in words.split(whereSeparator: \.isNewline) { note(word: String(line)) }
        compile()
    }

    /// Notes an entry `wrong = right`; `compile` makes it count.
    mutating func note(pair line: String) {
        let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, parts[0] != parts[1] else { return }
        let (from, to) = (parts[0].unicodeScalars.map(\.value), parts[1].unicodeScalars.map(\.value))
        if from.count == 1, to.count == 1 {
            wrong[to[0], default: []].append(from[0])
        } else {
            wholeWords.append("\(parts[0]) = \(parts[1])")
        }
    }

    /// Notes a word, or several parted by spaces; `compile` makes them count.
    mutating func note(word line: String) {
        for word in line.split(separator: " ") where word.count >= 2 { words.insert(String(word)) }
    }

    /// Makes the variants of all that was noted.
    /// - Complexity: O(words · their characters · look-alikes of each).
    mutating func compile() {
        variants = NameTable()
        for word in words.sorted() {
            let scalars = word.unicodeScalars.map(\.value)
            for (place, scalar) in scalars.enumerated() {
                for look in wrong[scalar] ?? [] {
                    var changed = scalars
                    changed[place] = look
                    let variant = String(scalars: changed)
                    if !words.contains(variant) { variants.note(line: "\(variant) = \(word)") }
                }
            }
        }
        for entry in wholeWords { variants.note(line: entry) }
        variants.layOut()
        isInitial = [Bool](repeating: false, count: 0x10000)
        for initial in variants.initials where initial < 0x10000 { isInitial[Int(initial)] = true }
    }
}
