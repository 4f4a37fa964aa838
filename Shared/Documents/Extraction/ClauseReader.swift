// Clauses and paragraphs of one body, by their hashes: which clause stands twice, and which long paragraphs it has.
//
// Clauses end at a semicolon, a sentence mark or the paragraph's end; spaces and marks inside do not count. Compared by a
// 64-bit hash: two different clauses of one body with the same hash would be a chance of one in 10^12 for bodies of a
// thousand clauses, and the flag is a hint to a reader. A paragraph's hash is made of its clauses' hashes.

/// Reads the clauses of one body.
struct ClauseReader {
    /// Characters from which a clause that is repeated is no stock phrase.
    private static let longClause = 8
    /// Characters from which a paragraph that two items share is no stock phrase.
    private static let longParagraph = 40
    /// Characters kept of a repeated clause.
    private static let longestQuote = 120
    private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01B3

    /// The first clause that stands a second time.
    private(set) var repeated: String?
    /// Hashes of long paragraphs, in their order.
    private(set) var paragraphs: [UInt64] = []
    private var seen: Set<UInt64> = []
    private var clause = basis
    private var length = 0
    private var paragraph = basis
    private var paragraphLength = 0

    /// Reads on in a paragraph, and hands its characters on to `signature`: one pass instead of two, whose chains of
    /// multiplications run beside each other.
    mutating func add(_ text: ScalarText, signature: inout SignatureMaker) {
        let kinds = CharacterClass.lookup
        let scalars = text.scalars
        var (clause, length) = (clause, length)
        var start = 0
        var pass = signature.begin()
        for index in scalars.indices {
            let scalar = scalars[index]
            let kind = kinds[scalar]
            if !kind.isDisjoint(with: [.ideograph, .digit, .letter]) {
                clause = (clause ^ UInt64(scalar)) &* Self.prime
                length += 1
                pass.push(scalar, isIdeograph: kind.contains(.ideograph))
            } else if kind.contains(.sentenceEnd) {
                if note(clause, length) { quote(text, start..<index) }
                (clause, length) = (Self.basis, 0)
                start = index + 1
            }
        }
        signature.end(pass)
        (self.clause, self.length) = (clause, length)
        // A clause that goes on in the next stretch is quoted from there.
        if length >= Self.longClause, seen.contains(clause) { quote(text, start..<scalars.count) }
    }

    /// Ends the paragraph.
    mutating func endParagraph() {
        _ = note(clause, length)
        (clause, length) = (Self.basis, 0)
        if paragraphLength >= Self.longParagraph { paragraphs.append(paragraph) }
        (paragraph, paragraphLength) = (Self.basis, 0)
    }

    /// Notes a whole clause; true where it was there before.
    private mutating func note(_ hash: UInt64, _ length: Int) -> Bool {
        paragraph = (paragraph ^ hash) &* Self.prime
        paragraphLength += length
        return length >= Self.longClause && !seen.insert(hash).inserted
    }

    private mutating func quote(_ text: ScalarText, _ range: Range<Int>) {
        guard repeated == nil else { return }
        repeated = text.string(range.prefix(Self.longestQuote))
    }
}
