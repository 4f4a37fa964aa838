// A field's tokens, ready to be searched for a query's terms.

import Analysis

/// The tokens of one text, by the numbers that a `TermIndex` gives to their terms.
struct FieldTokens {
    private let buffer: TokenBuffer
    /// The tokens that take one position each, ascending: places in `buffer.tokens`.
    private var singles: [Int] = []
    /// The term number of each single; -1 for a term that nobody looks for.
    private var numbers: [Int32] = []
    /// For each term number, its places in `singles`, ascending.
    private var places: [[Int]]
    /// For each term number that is a pair, its places in `buffer.tokens`.
    private var pairs: [[Int]]

    /// - Parameter interest: what makes a run of the text worth its tokens; nil for all of the text. Runs stand further
    ///   apart here than in the text, so that no sequence reaches from one to the next: it must not hold gaps.
    init(_ text: [UInt8], terms: TermIndex, analyzer: Analyzer, interest: RunInterest?) {
        let part = text.count > Highlighter.textLimit ? Array(text[..<Highlighter.textLimit]) : text
        buffer =
            interest.map { Self.tokens(of: part, in: $0.runs(of: part), analyzer) } ?? Self.tokens(of: part, analyzer)
        places = Array(repeating: [], count: terms.terms.count)
        pairs = Array(repeating: [], count: terms.terms.count)
        singles.reserveCapacity(buffer.tokens.count)
        numbers.reserveCapacity(buffer.tokens.count)
        for (index, token) in buffer.tokens.enumerated() {
            let number = terms.number(of: token, in: buffer.termBytes)
            if token.kind == .bigram {
                if number >= 0 { pairs[number].append(index) }
            } else {
                if number >= 0 { places[number].append(singles.count) }
                singles.append(index)
                numbers.append(Int32(truncatingIfNeeded: number))
            }
        }
    }

    private static func tokens(of text: [UInt8], _ analyzer: Analyzer) -> TokenBuffer {
        var buffer = TokenBuffer()
        // A Chinese character of three bytes is two tokens.
        buffer.tokens.reserveCapacity(text.count * 2 / 3 + 16)
        buffer.termBytes.reserveCapacity(text.count + 16)
        analyzer.analyze(text, into: &buffer)
        return buffer
    }

    private static func tokens(of text: [UInt8], in runs: [Range<Int>], _ analyzer: Analyzer) -> TokenBuffer {
        var buffer = TokenBuffer()
        let count = runs.reduce(0) { $0 + $1.count }
        buffer.tokens.reserveCapacity(count * 2 / 3 + 16)
        buffer.termBytes.reserveCapacity(count + 16)
        for run in runs {
            let first = buffer.tokens.count
            // Two more than the last position: not its neighbour.
            let origin = (buffer.tokens.last?.position).map { $0 + 2 } ?? 0
            analyzer.analyze(Array(text[run]), into: &buffer)
            for place in first..<buffer.tokens.count {
                buffer.tokens[place].position += origin
                buffer.tokens[place].startByte += UInt32(run.lowerBound)
                buffer.tokens[place].endByte += UInt32(run.lowerBound)
            }
        }
        return buffer
    }

    private func token(_ single: Int) -> Token { buffer.tokens[singles[single]] }

    private func range(_ first: Token, _ last: Token) -> Range<Int> { Int(first.startByte)..<Int(last.endByte) }

    /// Where all units stand at their distances: one range each.
    func contiguous(_ units: [Needle.Unit]) -> [Range<Int>] {
        guard let first = units.first else { return [] }
        return places[first.term].compactMap { start in
            // Units and tokens both take one position each, so equal distances mean equal places.
            guard start + units.count <= singles.count else { return nil }
            let origin = Int(token(start).position)
            for (index, unit) in units.enumerated() {
                let isThere = Int(numbers[start + index]) == unit.term
                guard isThere, Int(token(start + index).position) - origin == unit.offset else { return nil }
            }
            return range(token(start), token(start + units.count - 1))
        }
    }

    /// Where the units stand in order with at most `slop` other positions among them: a range for each unit.
    ///
    /// From each start the nearest next unit is taken; none later can make the whole shorter.
    func sloppy(_ units: [Needle.Unit], slop: Int) -> [Range<Int>] {
        guard let first = units.first else { return [] }
        var result: [Range<Int>] = []
        for start in places[first.term] {
            let origin = Int(token(start).position)
            var chosen = [start]
            for (index, unit) in units.enumerated().dropFirst() {
                let previous = Int(token(chosen[index - 1]).position)
                let earliest = previous + unit.offset - units[index - 1].offset
                guard let next = place(of: unit.term, from: earliest, through: origin + unit.offset + slop) else {
                    break
                }
                chosen.append(next)
            }
            if chosen.count == units.count { result += chosen.map { range(token($0), token($0)) } }
        }
        return result
    }

    /// Where terms stand side by side, at each place one of those given, with at most `changes` that are not the first, no two of
    /// them side by side.
    func chosen(_ choices: [[Int]], changes: Int) -> [Range<Int>] {
        guard let first = choices.first else { return [] }
        var result: [Range<Int>] = []
        for term in first {
            for start in places[term] where start + choices.count <= singles.count {
                let origin = Int(token(start).position)
                let isRow = choices.indices.allSatisfy { place in
                    Int(token(start + place).position) == origin + place
                        && choices[place].contains(Int(numbers[start + place]))
                }
                guard isRow else { continue }
                let changed = choices.indices.filter { Int(numbers[start + $0]) != choices[$0][0] }
                let isApart = zip(changed, changed.dropFirst()).allSatisfy { $1 > $0 + 1 }
                if changed.count <= changes, isApart { result.append(range(token(start), token(start + choices.count - 1))) }
            }
        }
        return result
    }

    /// Where the links stand in order, each within its distance of the one before: from the first to the last, for each place of
    /// the first the nearest others.
    func chained(_ links: [Needle.Link]) -> [Range<Int>] {
        // Of a link's places, those from which the rest can be reached.
        var reaching: [[Int]] = Array(repeating: [], count: links.count)
        func next(_ place: Int, _ link: Int) -> Int? {
            let (origin, distance) = (Int(token(place).position), links[link].distance)
            return reaching[link].first {
                let gap = Int(token($0).position) - origin
                return gap > 0 && distance.contains(UInt32(gap))
            }
        }
        for link in links.indices.reversed() {
            let isLast = link == links.count - 1
            reaching[link] = places[links[link].term].filter { isLast || next($0, link + 1) != nil }
        }
        return (reaching.first ?? []).map { start in
            var last = start
            for link in links.indices.dropFirst() { last = next(last, link) ?? last }
            return range(token(start), token(last))
        }
    }

    /// The first place of a term whose position is within bounds. - Complexity: O(log occurrences).
    private func place(of term: Int, from earliest: Int, through latest: Int) -> Int? {
        let candidates = places[term]
        var low = 0
        var high = candidates.count
        while low < high {
            let middle = (low + high) / 2
            if Int(token(candidates[middle]).position) < earliest { low = middle + 1 } else { high = middle }
        }
        guard low < candidates.count, Int(token(candidates[low]).position) <= latest else { return nil }
        return candidates[low]
    }

    /// The tokens of a pair or of a term of one position.
    func occurrences(of term: Int) -> [Range<Int>] {
        pairs[term].map { range(buffer.tokens[$0], buffer.tokens[$0]) }
            + places[term].map { range(token($0), token($0)) }
    }

    /// Words and numbers whose term satisfies a condition.
    func words(where matches: (ArraySlice<UInt8>) -> Bool) -> [Range<Int>] {
        buffer.tokens.compactMap { token in
            switch token.kind {
            case .word, .number: matches(buffer.term(token)) ? range(token, token) : nil
            case .unigram, .bigram: nil
            }
        }
    }
}
