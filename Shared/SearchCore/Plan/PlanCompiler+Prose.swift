// Long texts and questions: what is asked in a sentence, not in search terms.
//
// Such a text matches where a share of its pairs and words does. What adds to the score, each measured in
// docs/relevance.md:
// - pairs and words, pairs by how firmly their characters go together in the collection, so that ranking knows words
//   without a dictionary;
// - single characters, as the wording of an answer differs;
// - the densest passage, where what is asked stands close together;
// - asking words hardly count: texts that answer hold them by chance.

import Analysis
import Messages

extension PlanCompiler {
    /// Whether a text is prose: a question, or one with a piece beyond the contiguous limit.
    static func isProse(_ text: String) -> Bool {
        // Two characters of three bytes or more are no question, whatever they are.
        if text.utf8.count <= 6, text.utf8.allSatisfy({ $0 >= 0x80 }) { return false }
        let analyzer = Analyzer()
        var longest = 0
        var all = 0
        for piece in pieces(of: text) {
            // A position takes at least one byte.
            guard piece.utf8.count > 1 else { continue }
            let units = analyzer.queryUnits(String(piece))
            guard let first = units.first, let last = units.last else { continue }
            let count = last.position + last.positionCount - first.position
            longest = max(longest, count)
            all += count
        }
        return longest > Analyzer.contiguousLimit || (all > shortestQuestion && QuestionWords.isQuestion(text))
    }

    /// A text cut at white space. As if written `text.split(whereSeparator: \.isWhitespace)`, without finding the borders of
    /// characters, which took a tenth of a short query.
    static func pieces(of text: String) -> [Substring] {
        text.unicodeScalars.split(whereSeparator: isWhitespace).map(Substring.init)
    }

    private static func isWhitespace(_ scalar: Unicode.Scalar) -> Bool {
        // Between these lie most letters and Han characters and no space.
        switch scalar.value {
        case 0x20, 0x09...0x0D: true
        case ..<0x85, 0x3001...: false
        default: scalar.properties.isWhitespace
        }
    }

    /// Positions above which a text that asks is taken for a question; 什么 alone is searched for.
    private static let shortestQuestion = 2

    /// The parts of a conjunction with plain texts made one where one of them is prose: a question has spaces around
    /// names and numbers, and no word of it is a condition. Phrases, fields and what is negated stay conditions.
    static func joiningProse(_ parts: [Query]) -> [Query] {
        var texts: [String] = []
        var rest: [Query] = []
        for part in parts {
            if case .text(let text, nil) = part { texts.append(text) } else { rest.append(part) }
        }
        guard texts.count > 1 else { return parts }
        let joined = texts.joined(separator: " ")
        guard texts.contains(where: isProse) || isProse(joined) else { return parts }
        return [.text(joined, field: nil)] + rest
    }

    mutating func proseNode(
        _ tokens: [QueryToken], _ fields: [Int], _ boost: Double
    ) throws(SearchCoreError) -> PlanNode {
        let terms = ProseTerms(tokens)
        guard !terms.required.isEmpty else { return .nothing }
        let ranking = ranking
        let plain = fields.filter { schema.fields[$0].weight <= 1 }
        let weights = schema.fields.map { field in
            boost * (field.weight > 1 && !plain.isEmpty ? field.weight * ranking.proseFieldShare : field.weight)
        }
        func factor(_ term: ProseTerms.Term) -> Double { term.isAsking ? ranking.questionWeight : 1 }
        func scaled(_ scale: Double) -> [Double] { weights.map { $0 * scale } }
        var parts: [PlanNode] = []
        for term in terms.required {
            let association = term.characters.map { characters in
                Association(first: characters.0, second: characters.1, chanceWeight: ranking.chanceWeight)
            }
            parts.append(try perField(fields, weights: scaled(factor(term)), .term(term.key), association))
        }
        var extras: [PlanNode] = []
        if ranking.unigramWeight > 0 {
            for term in terms.singles {
                extras.append(
                    try perField(fields, weights: scaled(ranking.unigramWeight * factor(term)), .term(term.key)))
            }
        }
        if ranking.passageWeight > 0 {
            let passage = Passage(
                members: terms.required.map { term in
                    // A character between words stands at an edge of its run.
                    let key = term.isSingle ? TermTier.key(term.key, in: .edge) : term.key
                    return Passage.Member(key: key, factor: factor(term))
                },
                width: ranking.passageWidth)
            for field in plain.isEmpty ? fields : plain {
                extras.append(try perField([field], weights: scaled(ranking.passageWeight), .passage(passage)))
            }
        }
        let minimum = max(1, Int(Double(terms.required.count) * ranking.proseShare))
        return .adding(base: .any(parts, minimum: minimum), extras: extras)
    }
}

/// The distinct terms of a long text.
struct ProseTerms {
    struct Term {
        var key: [UInt8]
        /// The keys of a pair's characters.
        var characters: ([UInt8], [UInt8])?
        var isAsking: Bool
        /// A character without neighbours.
        var isSingle: Bool
    }

    /// Pairs and words, and characters without neighbours.
    private(set) var required: [Term] = []
    /// The characters of runs.
    private(set) var singles: [Term] = []

    init(_ tokens: [QueryToken]) {
        var seen: Set<[UInt8]> = []
        var characters: [UInt32: [UInt8]] = [:]
        for token in tokens where token.isUnigram { characters[token.position] = token.key }
        for (index, token) in tokens.enumerated() {
            if required.count == PlanLimits.maximumProseTerms { break }
            guard seen.insert(token.key).inserted else { continue }
            var term = Term(key: token.key, isAsking: false, isSingle: token.isUnigram)
            if token.isUnigram || token.isBigram {
                term.isAsking = QuestionWords.asks(String(decoding: token.key.dropFirst(), as: UTF8.self))
            }
            if token.isBigram, let first = characters[token.position], let second = characters[token.position + 1] {
                term.characters = (first, second)
            }
            if token.isUnigram, PhraseBuilder.isInRun(tokens, index) {
                singles.append(term)
            } else {
                required.append(term)
            }
        }
    }
}
