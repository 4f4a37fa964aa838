// From an item to the query that finds its like: its rarest and most frequent words, any of them.
//
// A candidate is a pair of neighbouring Chinese characters, or a word. Its weight is how often the item has it (the title
// counts three times) times the inverse document frequency of the collection. The heaviest `queryLimit` make the query;
// each counts as its weight says, from 1 up to `factorLimit`.

import Analysis
import Foundation
import Messages
import SearchCore

enum SimilarQuery {
    /// Bytes of the body that are read; a bulletin says what it is about at its beginning.
    static let bodyBytes = 12_000
    static let titleWeight = 3
    /// Terms whose frequency in the collection is asked for; a query has at most 256.
    static let candidateLimit = 120
    static let queryLimit = 24
    /// Shortest word that counts, in bytes: `of` and digits alone say little.
    private static let wordBytes = 3
    private static let factorLimit = 4.0

    struct Candidate: Hashable, Sendable {
        var term: String
        var count: Int
    }

    /// The item's terms, the most frequent first, then in the order of their bytes.
    static func candidates(of item: Item) -> [Candidate] {
        var counts: [String: Int] = [:]
        add(item.title, times: titleWeight, to: &counts)
        add(String(decoding: item.body.utf8.prefix(bodyBytes), as: UTF8.self), times: 1, to: &counts)
        return counts.map { Candidate(term: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.term) < ($0.count, $1.term) }
            .prefix(candidateLimit).map { $0 }
    }

    /// The query whose statistics weigh the candidates; nil without any.
    ///
    /// - Parameter field: the text field that is compared.
    static func probe(_ candidates: [Candidate], field: String) -> Query? {
        candidates.isEmpty ? nil : .or(candidates.map { leaf($0.term, field) })
    }

    /// The query that finds what is like the item.
    static func query(_ candidates: [Candidate], statistics: CollectionStatistics, field: String) -> Query {
        var frequencies: [String: Int] = [:]
        // A key is the term behind one character that says of what kind it is.
        for (key, count) in statistics.documentFrequencies[field] ?? [:] {
            frequencies[String(key.dropFirst())] = count
        }
        let total = Double(max(statistics.documentCount, 1))
        let weighed = candidates.map { candidate in
            let frequency = Double(frequencies[candidate.term] ?? 0)
            return (candidate.term, Double(candidate.count) * log(1 + (total - frequency + 0.5) / (frequency + 0.5)))
        }
        let heaviest = weighed.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(queryLimit)
        let least = max(heaviest.last?.1 ?? 1, .leastNormalMagnitude)
        return .or(heaviest.map { .boost(leaf($0.0, field), factor: Float(min(factorLimit, max(1, $0.1 / least)))) })
    }

    private static func leaf(_ term: String, _ field: String) -> Query { .phrase(term, field: field, slop: 0) }

    private static func add(_ text: String, times: Int, to counts: inout [String: Int]) {
        var buffer = TokenBuffer()
        Analyzer().analyze(Array(text.utf8), into: &buffer)
        for token in buffer.tokens {
            switch token.kind {
            case .unigram, .number: continue
            case .word where Int(token.termLength) < wordBytes: continue
            case .bigram, .word: counts[String(decoding: buffer.term(token), as: UTF8.self), default: 0] += times
            }
        }
    }
}
