// From the tokens of a query's text to the terms of a phrase.
//
// The index has every pair of neighbouring characters at its position. A contiguous run of n >= 2 characters is there
// exactly where pairs that cover it are there at their distances; every second pair is enough (`PhraseCover` chooses). A
// character between words has no pair in the query, and in a text with the same neighbours it is at the edge of its run.

import Analysis

/// A token of a query with its dictionary key.
struct QueryToken: Sendable, Hashable {
    var key: [UInt8]
    var position: UInt32
    var kind: TokenKind

    var isUnigram: Bool { kind == .unigram }
    var isBigram: Bool { kind == .bigram }

    /// The tokens of a text, in the analyser's order.
    static func analyse(_ bytes: [UInt8], _ analyzer: Analyzer) -> [QueryToken] {
        var buffer = TokenBuffer()
        analyzer.analyze(bytes, into: &buffer)
        return buffer.tokens.map { token in
            QueryToken(
                key: [TermTier(token.kind).rawValue] + buffer.term(token), position: token.position, kind: token.kind)
        }
    }
}

/// Builds phrases.
enum PhraseBuilder {
    /// The contiguous phrase of the tokens: all pairs and words; a single unit for a single character, pair or word.
    /// - Precondition: there is a token.
    static func contiguous(_ tokens: [QueryToken]) throws(SearchCoreError) -> Phrase {
        let first = tokens[0].position
        let span = try checkedSpan(tokens)
        var units: [Phrase.Unit] = []
        for (index, token) in tokens.enumerated() {
            if token.isUnigram {
                guard !isInRun(tokens, index) else { continue }
                let key = tokens.count == 1 ? token.key : TermTier.key(token.key, in: .edge)
                units.append(Phrase.Unit(key: key, offset: token.position - first))
            } else {
                units.append(Phrase.Unit(key: token.key, offset: token.position - first))
            }
        }
        return Phrase(units: units, span: span, slop: 0, parts: parts(tokens))
    }

    /// The phrase of single characters and words with other positions allowed among them.
    static func sloppy(_ tokens: [QueryToken], slop: Int) throws(SearchCoreError) -> Phrase {
        let first = tokens[0].position
        let span = try checkedSpan(tokens)
        let units = tokens.filter { !$0.isBigram }.map { Phrase.Unit(key: $0.key, offset: $0.position - first) }
        return Phrase(units: units, span: span, slop: slop, parts: parts(tokens))
    }

    /// Whether the character at `index` has a neighbour in the text, so that a pair holds it.
    static func isInRun(_ tokens: [QueryToken], _ index: Int) -> Bool {
        let position = tokens[index].position
        return isBigram(tokens, at: position) || (position > 0 && isBigram(tokens, at: position - 1))
    }

    private static func isBigram(_ tokens: [QueryToken], at position: UInt32) -> Bool {
        // Tokens ascend by position: a binary search for the first token at the position, then one or two steps.
        var low = 0
        var high = tokens.count
        while low < high {
            let middle = (low + high) / 2
            if tokens[middle].position < position { low = middle + 1 } else { high = middle }
        }
        while low < tokens.count, tokens[low].position == position {
            if tokens[low].isBigram { return true }
            low += 1
        }
        return false
    }

    /// What the weight is made of. The idf of a run of n characters is taken as n / 2 times the mean idf of its pairs:
    /// pairs overlap, so their plain sum would count each inner character twice.
    private static func parts(_ tokens: [QueryToken]) -> [PhrasePart] {
        var parts: [PhrasePart] = []
        var run: [[UInt8]] = []
        var lastPair: UInt32 = 0
        func close() {
            guard !run.isEmpty else { return }
            parts.append(PhrasePart(keys: run, factor: Double(run.count + 1) / 2 / Double(run.count)))
            run = []
        }
        for (index, token) in tokens.enumerated() {
            if token.isBigram {
                if !run.isEmpty && token.position != lastPair + 1 { close() }
                run.append(token.key)
                lastPair = token.position
            } else if !token.isUnigram || !isInRun(tokens, index) {
                close()
                parts.append(PhrasePart(keys: [token.key], factor: 1))
            }
        }
        close()
        return parts
    }

    private static func checkedSpan(_ tokens: [QueryToken]) throws(SearchCoreError) -> UInt32 {
        let span = tokens[tokens.count - 1].position - tokens[0].position
        guard span < PlanLimits.maximumPhrasePositions else {
            throw SearchCoreError(
                .queryTooComplex, "a phrase of \(span + 1) positions; at most \(PlanLimits.maximumPhrasePositions)")
        }
        return span
    }
}
