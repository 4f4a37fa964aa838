// What every evaluator of one plan over one segment shares: lists, scorers, memory, the caller's patience.

/// Opens a plan's leaves in one segment.
final class SegmentContext {
    let view: SegmentView
    let reader: SegmentReader
    let plan: Plan
    let weights: Weights
    let arena = ScratchArena()
    let documentCount: Int
    private let isCancelled: () -> Bool
    private let fields: FieldMap
    private let found: FoundTerms
    private var inverses: [Int: ScratchBuffer<Float>] = [:]
    /// For whoever scores postings now.
    private(set) lazy var rows = ScoredRows(arena)

    init(
        view: SegmentView, plan: Plan, weights: Weights, fields: FieldMap = .same, found: FoundTerms = FoundTerms(),
        isCancelled: @escaping () -> Bool
    ) {
        self.view = view
        self.fields = fields
        self.found = found
        reader = view.reader
        self.plan = plan
        self.weights = weights
        documentCount = view.reader.documentCount
        self.isCancelled = isCancelled
    }

    /// - Throws: `cancelled` when the caller's deadline has passed. Called about every 4096 documents.
    func checkPatience() throws(SearchCoreError) {
        if isCancelled() { throw SearchCoreError(.cancelled, "the search was cancelled or its deadline passed") }
    }

    func damaged() -> SearchCoreError {
        SearchCoreError(.corrupt, "segment \(view.id) is damaged; copy it again")
    }

    /// Whether the segment has values of a field of the collection; the calls below are for those that it has.
    func has(_ field: Int) -> Bool { fields[field] != nil }

    /// The text field of a leaf. - Throws: `corrupt` when the segment's schema is another.
    func text(_ field: Int) throws(SearchCoreError) -> TextField {
        guard let place = fields[field], place < reader.texts.count, let text = reader.texts[place] else {
            throw SearchCoreError(.corrupt, "segment \(view.id) has no text field \(field); its schema is another")
        }
        return text
    }

    /// The list of a term in a text field of the collection; nil where the segment has none.
    func list(_ field: Int, _ key: [UInt8], of text: TextField) throws(SearchCoreError) -> PostingList? {
        guard let place = fields[field], let known = found.info(field: place, key: key) else { return try text.list(key) }
        guard let info = known else { return nil }
        return try text.list(info)
    }

    func keyword(_ field: Int) throws(SearchCoreError) -> KeywordField {
        guard let place = fields[field], place < reader.keywords.count, let keyword = reader.keywords[place] else {
            throw SearchCoreError(.corrupt, "segment \(view.id) has no keyword field \(field); its schema is another")
        }
        return keyword
    }

    func column(_ field: Int) throws(SearchCoreError) -> ColumnReader {
        guard let place = fields[field], place < reader.columns.count, let column = reader.columns[place] else {
            throw SearchCoreError(.corrupt, "segment \(view.id) has no column \(field); its schema is another")
        }
        return column
    }

    func figures(_ field: Int) throws(SearchCoreError) -> FigureField {
        guard let place = fields[field], place < reader.figures.count, let figures = reader.figures[place] else {
            throw SearchCoreError(
                .corrupt, "segment \(view.id) has no figures in field \(field); its schema is another")
        }
        return figures
    }

    /// How a leaf's postings score.
    func scorer(_ leaf: Int) throws(SearchCoreError) -> LeafScorer {
        let field = plan.leaves[leaf].field
        let average = weights.averageLengths[field]
        let inverse: ScratchBuffer<Float>
        if let known = inverses[field] {
            inverse = known
        } else {
            inverse = arena.buffer(of: Float.self, copying: weights.inverses[field])
            inverses[field] = inverse
        }
        return LeafScorer(
            weight: weights.leaves[leaf], average: average, referenceAverage: try text(field).lengths.average,
            inverse: inverse)
    }

    /// The documents of an expansion by its place in `levels`; a document is in its best level only.
    func expansion(_ field: Int, _ match: LeafMatch) throws(SearchCoreError) -> [ScratchBuffer<UInt64>] {
        let text = try text(field)
        switch match {
        case .prefix(let key):
            return try expansion(text.dictionary, .prefix(key)) { (info) throws(SearchCoreError) in try text.list(info)
            }
        case .fuzzy(let key, let edits):
            return try expansion(text.dictionary, .fuzzy(key, edits)) { (info) throws(SearchCoreError) in
                try text.list(info)
            }
        case .pattern(let pattern):
            return try expansion(text.dictionary, .pattern(pattern, tier: TermTier.word.rawValue)) { (info) throws(SearchCoreError) in
                try text.list(info)
            }
        case .chain(let chain): return [try documents(chain, in: text)]
        case .variants(let run): return try documents(run, in: text)
        case .term, .phrase, .passage: return []
        }
    }

    /// The documents of a keyword expansion.
    func expansion(_ field: Int, _ expansion: Expansion) throws(SearchCoreError) -> [ScratchBuffer<UInt64>] {
        let keyword = try keyword(field)
        return try self.expansion(keyword.dictionary, expansion) { (info) throws(SearchCoreError) in
            try keyword.list(info)
        }
    }

    /// The documents in which a chain stands.
    ///
    /// First those that have all its terms, then by positions, which are gathered for many documents at once: those of a character
    /// lie in hundreds of lists.
    private func documents(_ chain: Chain, in text: TextField) throws(SearchCoreError) -> ScratchBuffer<UInt64> {
        let found = arena.buffer(of: UInt64.self, count: wordCount)
        found.fill(0)
        var lists: [PostingList] = []
        for key in Set(chain.units.map(\.key) + chain.pairs) {
            guard let list = try text.list(key) else { return found }
            lists.append(list)
        }
        lists.sort { $0.info.documentFrequency < $1.info.documentFrequency }
        let buffers = CursorBuffers(.positions, arena: arena)
        let others = arena.buffer(of: UInt64.self, count: wordCount)
        for (place, list) in lists.enumerated() {
            try checkPatience()
            let target = place == 0 ? found : others
            if place > 0 { others.fill(0) }
            var cursor = PostingCursor(list, buffers)
            while cursor.document != endOfList {
                target[Int(cursor.document) / 64] |= 1 << UInt64(cursor.document % 64)
                cursor.next()
            }
            if cursor.isCorrupt { throw damaged() }
            if place > 0 { for word in 0..<wordCount { found[word] &= others[word] } }
        }
        for start in stride(from: 0, to: documentCount, by: Self.chainBatch) {
            try checkPatience()
            try keep(chain, in: text, from: start, of: found)
        }
        return found
    }

    /// The documents that have a run, by the number of its characters that are others; a document is in its best level only.
    private func documents(_ run: RunVariants, in text: TextField) throws(SearchCoreError) -> [ScratchBuffer<UInt64>] {
        let levels = (0...run.changes).map { _ in arena.buffer(of: UInt64.self, count: wordCount) }
        for level in levels { level.fill(0) }
        try run.forEachRun(in: text.dictionary) { (characters, changed) throws(SearchCoreError) in
            let found = try documents(Chain(run: characters), in: text)
            for word in 0..<wordCount { levels[changed][word] |= found[word] }
        }
        separate(levels)
        return levels
    }

    /// Takes out of each level what is in a better one.
    private func separate(_ levels: [ScratchBuffer<UInt64>]) {
        for level in levels.indices.dropFirst() {
            for word in 0..<wordCount {
                for better in 0..<level { levels[level][word] &= ~levels[better][word] }
            }
        }
    }

    /// Documents whose positions are gathered together.
    private static let chainBatch = 16 * Window.size

    /// Keeps, of a batch of a set, the documents in which a chain stands.
    private func keep(
        _ chain: Chain, in text: TextField, from start: Int, of found: ScratchBuffer<UInt64>
    ) throws(SearchCoreError) {
        let count = min(Self.chainBatch, documentCount - start)
        let wanted = arena.buffer(of: UInt64.self, count: Self.chainBatch / 64)
        for word in 0..<wanted.count { wanted[word] = start / 64 + word < wordCount ? found[start / 64 + word] : 0 }
        guard (0..<wanted.count).contains(where: { wanted[$0] != 0 }) else { return }
        var gathered: [[UInt8]: CharacterPositions] = [:]
        for unit in chain.units where gathered[unit.key] == nil {
            let isCharacter = unit.key.first == TermTier.character.rawValue
            let own = isCharacter ? [] : [try text.list(unit.key)].compactMap(\.self)
            let positions = CharacterPositions(
                isCharacter ? try text.positionLists(ofCharacter: unit.key) : own, documents: count)
            positions.gather(from: UInt32(start), wanted, arena: arena)
            if positions.isCorrupt { throw damaged() }
            gathered[unit.key] = positions
        }
        var buffer = PositionBuffer(arena: arena)
        for word in 0..<wanted.count {
            var rest = wanted[word]
            while rest != 0 {
                let place = word * 64 + rest.trailingZeroBitCount
                rest &= rest &- 1
                let document = UInt32(start + place)
                let places = chain.units.map { unit in
                    gathered[unit.key]?.positions(of: document, into: &buffer, arena: arena)
                    return buffer.array
                }
                if !chain.stands(places) { found[(start + place) / 64] &= ~(1 << UInt64((start + place) % 64)) }
            }
        }
    }

    /// The documents that have a figure which satisfies the condition: those whose subjects and units do, by their lists,
    /// then by the intervals.
    func documents(
        _ field: Int, _ condition: FigureCondition
    ) throws(SearchCoreError) -> ScratchBuffer<UInt64> {
        let figures = try figures(field)
        let words = wordCount
        let found = arena.buffer(of: UInt64.self, count: words)
        found.fill(0)
        let terms = try figures.ordinals(of: condition, patience: checkPatience)
        let wanted = arena.buffer(of: UInt64.self, count: figures.keys.dictionary.termCount / 64 + 1)
        wanted.fill(0)
        let buffers = CursorBuffers(.documents, arena: arena)
        for (ordinal, info) in terms {
            wanted[ordinal / 64] |= 1 << UInt64(ordinal % 64)
            var cursor = PostingCursor(try figures.keys.list(info), buffers)
            while cursor.document != endOfList {
                found[Int(cursor.document) / 64] |= 1 << UInt64(cursor.document % 64)
                cursor.next()
            }
            if cursor.isCorrupt { throw damaged() }
        }
        for word in 0..<words {
            var rest = found[word]
            while rest != 0 {
                let bit = rest & (0 &- rest)
                var holds = false
                figures.forEach(UInt32(word * 64 + rest.trailingZeroBitCount)) { ordinal, bounds in
                    let isWanted = wanted[ordinal / 64] >> UInt64(ordinal % 64) & 1 == 1
                    holds = holds || isWanted && condition.isMet(by: bounds)
                }
                if !holds { found[word] &= ~bit }
                rest ^= bit
            }
        }
        return found
    }

    /// Words of a set of the segment's documents, with whole windows.
    private var wordCount: Int { (documentCount + Window.size) / Window.size * Window.words + Window.words }

    private func expansion(
        _ dictionary: TermDictionary, _ expansion: Expansion,
        _ open: (TermInfo) throws(SearchCoreError) -> PostingList
    ) throws(SearchCoreError) -> [ScratchBuffer<UInt64>] {
        let words = wordCount
        let levels = (0...expansion.edits).map { _ in arena.buffer(of: UInt64.self, count: words) }
        for level in levels { level.fill(0) }
        let buffers = CursorBuffers(dictionary.detail, arena: arena)
        try expansion.forEachTerm(in: dictionary, patience: checkPatience) { (info, distance) throws(SearchCoreError) in
            var cursor = PostingCursor(try open(info), buffers)
            while cursor.document != endOfList {
                let word = Int(cursor.document) / 64
                levels[distance][word] |= 1 << UInt64(cursor.document % 64)
                cursor.next()
            }
            if cursor.isCorrupt { throw damaged() }
        }
        separate(levels)
        return levels
    }
}
