// The slow evaluator: every list read from its first posting to its last, sets merged document by document.
//
// It is the definition of what a plan matches and scores. Every other evaluator must return exactly its documents,
// scores and order; tests compare them on random inputs, and a search can be told to use this one.

import Geography
import Messages

/// A document with its score.
struct ScoredDocument: Equatable {
    var document: UInt32
    var score: Int64
}

/// Evaluates plans without skipping anything.
struct ExhaustiveEvaluator {
    private let context: SegmentContext

    init(_ context: SegmentContext) {
        self.context = context
    }

    /// All live documents that match, ascending, with their scores. - Complexity: O(postings of all leaves + documents).
    func evaluate() throws(SearchCoreError) -> [ScoredDocument] {
        let live = LiveFilter(context.view)
        return try evaluate(context.plan.root).filter { live.isLive($0.document) }
    }

    private func evaluate(_ node: PlanNode) throws(SearchCoreError) -> [ScoredDocument] {
        try context.checkPatience()
        switch node {
        case .everything:
            return (0..<UInt32(context.documentCount)).map { ScoredDocument(document: $0, score: 0) }
        case .nothing: return []
        case .leaf(let leaf): return try evaluateLeaf(leaf)
        case .filter(let filter):
            return try evaluateFilter(filter).map { ScoredDocument(document: $0, score: 0) }
        case .every(let parts): return try count(parts, minimum: parts.count)
        case .any(let parts, let minimum): return try count(parts, minimum: minimum)
        case .complement(let part):
            let matched = Set(try evaluate(part).map(\.document))
            return try evaluate(.everything).filter { !matched.contains($0.document) }
        case .adding(let base, let extras):
            var result = try evaluate(base)
            for extra in extras {
                var more: [UInt32: Int64] = [:]
                for found in try evaluate(extra) { more[found.document] = found.score }
                for index in result.indices { result[index].score += more[result[index].document] ?? 0 }
            }
            return result
        }
    }

    /// Documents in at least `minimum` of the parts, scores added.
    private func count(_ parts: [PlanNode], minimum: Int) throws(SearchCoreError) -> [ScoredDocument] {
        var sums: [UInt32: (count: Int, score: Int64)] = [:]
        for part in parts {
            for found in try evaluate(part) {
                sums[found.document, default: (0, 0)].count += 1
                sums[found.document, default: (0, 0)].score += found.score
            }
        }
        return sums.filter { $0.value.count >= minimum }
            .map { ScoredDocument(document: $0.key, score: $0.value.score) }
            .sorted { $0.document < $1.document }
    }

    private func evaluateLeaf(_ number: Int) throws(SearchCoreError) -> [ScoredDocument] {
        let leaf = context.plan.leaves[number]
        guard context.has(leaf.field) else { return [] }
        let text = try context.text(leaf.field)
        let scorer = try context.scorer(number)
        func score(_ document: UInt32, _ frequency: UInt32) -> ScoredDocument {
            let norm = text.norms.uncheckedUInt8(at: Int(document))
            return ScoredDocument(
                document: document, score: Int64(scorer.contribution(frequency: frequency, norm: norm)))
        }
        switch leaf.match {
        case .term(let key): return try frequencies(text, key).map { score($0.document, $0.frequency) }
        case .phrase(let phrase):
            var units: [[UInt32: [UInt32]]] = []
            for unit in phrase.units { units.append(try positions(text, unit.key)) }
            var result: [ScoredDocument] = []
            for document in units[0].keys.sorted() {
                let positions = units.compactMap { $0[document] }
                guard positions.count == units.count else { continue }
                let frequency = Self.phraseFrequency(positions, phrase)
                if frequency > 0 { result.append(score(document, frequency)) }
            }
            return result
        case .passage(let passage):
            var found: [UInt32: [(position: UInt32, member: Int)]] = [:]
            for (place, member) in passage.members.enumerated() {
                for (document, positions) in try positions(text, member.key) {
                    found[document, default: []] += positions.map { ($0, place) }
                }
            }
            let weights = context.weights.members[number]
            return found.keys.sorted().map { document in
                ScoredDocument(
                    document: document,
                    score: Self.passageScore(found[document] ?? [], weights, width: passage.width))
            }
        case .pattern(let pattern):
            var found: Set<UInt32> = []
            var terms = try text.dictionary.iterate()
            while try terms.next() {
                guard terms.term.first == TermTier.word.rawValue, Self.fits(terms.term.dropFirst(), pattern) else { continue }
                for posting in try frequencies(text, terms.term) { found.insert(posting.document) }
            }
            return constant(found, scorer)
        case .variants(let run):
            // By place: where which characters stand, and whether they are others.
            var places: [[UInt32: [UInt32: Int]]] = []
            for choices in run.choices {
                var there: [UInt32: [UInt32: Int]] = [:]
                for (number, choice) in choices.enumerated() {
                    for (document, positions) in try positions(text, [TermTier.character.rawValue] + choice) {
                        for position in positions { there[document, default: [:]][position] = number > 0 ? 1 : 0 }
                    }
                }
                places.append(there)
            }
            return places[0].keys.sorted().compactMap { document in
                let least = (places[0][document] ?? [:]).keys.compactMap { start -> Int? in
                    var (changed, last) = (0, 0)
                    for (offset, there) in places.enumerated() {
                        guard let change = there[document]?[start + UInt32(offset)] else { return nil }
                        if last + change > 1 { return nil }
                        (changed, last) = (changed + change, change)
                    }
                    return changed <= run.changes ? changed : nil
                }.min()
                return least.map {
                    ScoredDocument(
                        document: document,
                        score: Int64(ExpansionScore.contribution(weight: scorer.weight, distance: $0)))
                }
            }
        case .chain(let chain):
            var units: [[UInt32: [UInt32]]] = []
            for unit in chain.units { units.append(try positions(text, unit.key)) }
            let found = units[0].filter { document, places in
                places.contains { Self.stands(chain, behind: $0, from: 1, units.map { $0[document] ?? [] }) }
            }
            return constant(Set(found.keys), scorer)
        case .prefix, .fuzzy:
            let levels = try context.expansion(leaf.field, leaf.match)
            return (0..<UInt32(context.documentCount)).compactMap { document in
                for (distance, level) in levels.enumerated()
                where level[Int(document) / 64] >> UInt64(document % 64) & 1 == 1 {
                    return ScoredDocument(
                        document: document,
                        score: Int64(ExpansionScore.contribution(weight: scorer.weight, distance: distance)))
                }
                return nil
            }
        }
    }

    private func constant(_ documents: Set<UInt32>, _ scorer: LeafScorer) -> [ScoredDocument] {
        documents.sorted().map {
            ScoredDocument(
                document: $0, score: Int64(ExpansionScore.contribution(weight: scorer.weight, distance: 0)))
        }
    }

    /// Whether the whole of a text fits a pattern, by definition.
    static func fits(_ text: ArraySlice<UInt8>, _ pattern: WildcardPattern) -> Bool {
        let scalars = Array(String(decoding: text, as: UTF8.self).unicodeScalars)
        /// Whether the rest from `start` on fits from the gap before the piece at `place` on.
        func fits(_ start: Int, _ place: Int) -> Bool {
            let gap = pattern.gaps[place]
            let least = start + gap.least
            guard least <= scalars.count else { return false }
            for begin in gap.isOpen ? least...scalars.count : least...least {
                if place == pattern.pieces.count {
                    if begin == scalars.count { return true }
                    continue
                }
                let piece = Array(pattern.pieces[place].unicodeScalars)
                if scalars[begin...].starts(with: piece), fits(begin + piece.count, place + 1) { return true }
            }
            return false
        }
        return fits(0, 0)
    }

    /// Whether the units from `unit` on stand behind a place, by trying all.
    private static func stands(_ chain: Chain, behind place: UInt32, from unit: Int, _ places: [[UInt32]]) -> Bool {
        guard unit < chain.units.count else { return true }
        return places[unit].contains { next in
            next > place && chain.units[unit].distance.contains(next - place)
                && stands(chain, behind: next, from: unit + 1, places)
        }
    }

    private func frequencies(
        _ text: TextField, _ key: [UInt8]
    ) throws(SearchCoreError) -> [(document: UInt32, frequency: UInt32)] {
        guard let list = try text.list(key) else { return [] }
        var cursor = PostingCursor(list, arena: context.arena)
        var result: [(document: UInt32, frequency: UInt32)] = []
        while cursor.document != endOfList {
            result.append((cursor.document, cursor.frequency()))
            cursor.next()
        }
        if cursor.isCorrupt { throw context.damaged() }
        return result
    }

    /// All positions of a term by document. Those of a character are in the lists of pairs and edges, and in its own
    /// list are the documents.
    private func positions(_ text: TextField, _ key: [UInt8]) throws(SearchCoreError) -> [UInt32: [UInt32]] {
        guard let own = try text.list(key) else { return [:] }
        let isCharacter = key.first == TermTier.character.rawValue
        var sets: [UInt32: Set<UInt32>] = [:]
        for list in isCharacter ? try text.positionLists(ofCharacter: key) : [own] {
            var cursor = PostingCursor(list, arena: context.arena)
            var positions = PositionBuffer(arena: context.arena)
            while cursor.document != endOfList {
                let document = cursor.document
                cursor.positions(into: &positions, arena: context.arena)
                sets[document, default: []].formUnion(positions.array)
                cursor.next()
            }
            if cursor.isCorrupt { throw context.damaged() }
        }
        return sets.mapValues { $0.sorted() }
    }

    /// By definition: every passage that begins at an occurrence.
    static func passageScore(
        _ occurrences: [(position: UInt32, member: Int)], _ weights: [Int32], width: Int
    ) -> Int64 {
        occurrences.map { start in
            let within = occurrences.filter {
                $0.position >= start.position && $0.position - start.position < UInt32(width)
            }
            return Set(within.map(\.member)).reduce(Int64(0)) { $0 + Int64(weights[$1]) }
        }.max() ?? 0
    }

    /// By definition, without any order of evaluation to exploit.
    static func phraseFrequency(_ positions: [[UInt32]], _ phrase: Phrase) -> UInt32 {
        if phrase.slop == 0 {
            let starts = positions[0].filter { start in
                start >= phrase.units[0].offset
                    && zip(positions, phrase.units).allSatisfy { list, unit in
                        list.contains(start - phrase.units[0].offset + unit.offset)
                    }
            }
            return UInt32(starts.count)
        }
        // For each end the latest start; of windows one inside another only the inner counts.
        var windows: [(start: UInt32, end: UInt32)] = []
        for end in positions[positions.count - 1] {
            var start = end
            var isWhole = true
            for list in positions.dropLast().reversed() {
                guard let earlier = list.last(where: { $0 < start }) else {
                    isWhole = false
                    break
                }
                start = earlier
            }
            if isWhole { windows.append((start, end)) }
        }
        let minimal = windows.filter { window in
            !windows.contains { $0 != window && $0.start >= window.start && $0.end <= window.end }
        }
        return UInt32(minimal.filter { Int($0.end) - Int($0.start) - Int(phrase.span) <= phrase.slop }.count)
    }

    private func evaluateFilter(_ filter: Filter) throws(SearchCoreError) -> [UInt32] {
        let all = 0..<UInt32(context.documentCount)
        if let field = filter.field, !context.has(field) { return [] }
        switch filter {
        case .near(let key): return try context.reader.identity.documents(key)
        case .keyword(let field, let key):
            let keyword = try context.keyword(field)
            var result: [UInt32] = []
            for document in all
            where try Self.terms(keyword, document).contains(where: { KeywordTerm.isSpelling($0, of: key) }) {
                result.append(document)
            }
            return result
        case .keywordPrefix(let field, let key):
            let keyword = try context.keyword(field)
            var result: [UInt32] = []
            for document in all where try Self.terms(keyword, document).contains(where: { $0.starts(with: key) }) {
                result.append(document)
            }
            return result
        case .keywordPattern(let field, let pattern):
            let keyword = try context.keyword(field)
            var result: [UInt32] = []
            for document in all
            where try Self.terms(keyword, document).contains(where: { Self.fits(KeywordTerm.lookup($0.dropFirst()), pattern) }) {
                result.append(document)
            }
            return result
        case .keywordFuzzy(let field, let key, let edits):
            let keyword = try context.keyword(field)
            var distance = EditDistance(to: key.dropFirst(), limit: edits)
            var result: [UInt32] = []
            for document in all {
                let terms = try Self.terms(keyword, document)
                if terms.contains(where: { distance.distance(from: KeywordTerm.lookup($0.dropFirst())) != nil }) {
                    result.append(document)
                }
            }
            return result
        case .dates(let field, let lower, let upper):
            let column = try context.column(field)
            return all.filter { document in
                column.all(document).contains { value in
                    guard let days = PackedDate(code: value).days else { return false }
                    return (upper.map { days.lowerBound < $0 } ?? true) && (lower.map { days.upperBound >= $0 } ?? true)
                }
            }
        case .monthDay(let field, let month, let day):
            let column = try context.column(field)
            return all.filter { document in
                column.all(document).map(PackedDate.init(code:)).contains {
                    $0.month == month && (day == nil || $0.day == day)
                }
            }
        case .numbers(let field, let range):
            let column = try context.column(field)
            return all.filter { document in column.all(document).contains { range.contains($0) } }
        case .within(let field, let shape):
            let column = try context.column(field)
            return all.filter { document in
                column.all(document).contains { shape.contains(PackedPoint(code: $0).point) }
            }
        case .covers(let field, let point):
            let column = try context.column(field)
            return all.filter { document in
                let corners = column.all(document).dropFirst(2).map { PackedPoint(code: $0).point }
                return ShapeTest(.polygon(corners)).contains(point)
            }
        case .figure(let field, let condition):
            let figures = try context.figures(field)
            var result: [UInt32] = []
            for document in all {
                var rows: [(ordinal: Int, bounds: ClosedRange<Int64>)] = []
                figures.forEach(document) { rows.append(($0, $1)) }
                for row in rows {
                    let key = try figures.keys.dictionary.term(at: row.ordinal)
                    guard condition.isMet(by: key.dropFirst()), condition.isMet(by: row.bounds) else { continue }
                    result.append(document)
                    break
                }
            }
            return result
        }
    }

    private static func terms(_ keyword: KeywordField, _ document: UInt32) throws(SearchCoreError) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for ordinal in keyword.column.all(document) { result.append(try keyword.dictionary.term(at: Int(ordinal))) }
        return result
    }
}

/// What a term of an expansion contributes: the weight, less with each edit.
enum ExpansionScore {
    static func contribution(weight: Float, distance: Int) -> Int32 {
        Int32(weight / Float(1 + distance))
    }
}
