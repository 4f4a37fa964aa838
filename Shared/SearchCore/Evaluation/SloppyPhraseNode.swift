// A phrase whose units may have other positions among them: single characters and words, in order.
//
// Documents come from the lists of the units. The positions of a character are those of the pairs that begin with it and
// of the character at edges (`TextField.positionLists`): hundreds of lists, so they are gathered for many windows at once.

/// A phrase with slop in one field.
final class SloppyPhraseNode: WindowNode {
    private let context: SegmentContext
    private let norms: ByteView
    private let scorer: LeafScorer
    /// A list a unit, in the order of the phrase.
    private let units: [TermNode]
    /// The gathered positions of the units that are characters; nil for words.
    private let characters: [CharacterPositions?]
    /// Unit numbers, the rarest list first.
    private let order: [Int]
    private let slop: Int
    private let span: UInt32
    private let positions: ScratchBuffer<PositionBuffer>
    private let places: ScratchBuffer<Int>
    private let frequencies: ScratchBuffer<UInt32>
    /// The batch whose positions are gathered; -1 at first.
    private var batch = -1

    /// Windows whose positions are gathered together: opening some hundred lists a character costs about as much as
    /// reading them over so many documents.
    private static let batchWindows = 16

    init(
        _ context: SegmentContext, _ phrase: Phrase, _ lists: [PostingList], text: TextField, scorer: LeafScorer
    ) throws(SearchCoreError) {
        self.context = context
        norms = text.norms
        self.scorer = scorer
        units = lists.map { TermNode(context, $0, norms: text.norms, scorer: scorer) }
        order = lists.indices.sorted { lists[$0].info.documentFrequency < lists[$1].info.documentFrequency }
        var known: [[UInt8]: CharacterPositions] = [:]
        var characters: [CharacterPositions?] = []
        for unit in phrase.units {
            guard unit.key.first == TermTier.character.rawValue else {
                characters.append(nil)
                continue
            }
            if known[unit.key] == nil {
                known[unit.key] = CharacterPositions(
                    try text.positionLists(ofCharacter: unit.key), documents: min(Self.batchWindows * Window.size, context.documentCount))
            }
            characters.append(known[unit.key])
        }
        self.characters = characters
        slop = phrase.slop
        span = phrase.span
        positions = context.arena.buffer(of: PositionBuffer.self, count: lists.count)
        places = context.arena.buffer(of: Int.self, count: lists.count)
        frequencies = context.arena.buffer(of: UInt32.self, count: Window.size)
        for unit in lists.indices {
            unsafe (positions.base + unit).initialize(to: PositionBuffer(arena: context.arena))
        }
        super.init(context)
    }

    override var cost: Int { units[order[0]].cost * 16 }

    override var exactCount: Int? { nil }
    override var readsPositions: Bool { true }

    override var isCorrupt: Bool { units.contains { $0.isCorrupt } || characters.contains { $0?.isCorrupt ?? false } }

    override func nextCandidate(from: UInt32) -> UInt32 {
        var candidate = from
        for unit in order {
            candidate = units[unit].nextCandidate(from: candidate)
            if candidate == endOfList { return candidate }
        }
        return candidate
    }

    override func rewind() {
        for unit in units { unit.rewind() }
    }

    /// The least bound of the units, over all windows of the batch: so windows of one batch are asked for together.
    override func upperBound(_ window: Int) -> Int64 {
        let first = window / Self.batchWindows * Self.batchWindows
        let end = min(first + Self.batchWindows, Window.count(documentCount: context.documentCount))
        guard bound(window) >= 0 else { return -1 }
        return (first..<end).reduce(-1) { max($0, bound($1)) }
    }

    private func bound(_ window: Int) -> Int64 {
        var bound = Int64(scorer.largest)
        for unit in order {
            bound = min(bound, units[unit].upperBound(window))
            if bound < 0 { return bound }
        }
        return bound
    }

    override func match(_ start: UInt32, within: WindowBits) {
        find(start, within) { _, _ in true }
    }

    override func matchAndScore(_ start: UInt32, within: WindowBits, into scores: WindowScores, _ goal: ScoreGoal) {
        find(start, within) { place, frequency in
            // What is in the scores already, and the most that this phrase can add, before positions are read.
            let most = scorer.contribution(frequency: frequency, norm: norms.uncheckedUInt8(at: Int(start) &+ place))
            return Int64(scores[place]) &+ Int64(most) &+ goal.headroom >= goal.needed
        }
        score(start, mask: matched, into: scores)
    }

    override func score(_ start: UInt32, mask: WindowBits, into scores: WindowScores) {
        mask.forEachMember { place in
            guard matched.contains(place) else { return }
            scores[place] &+= scorer.contribution(
                frequency: frequencies[place], norm: norms.uncheckedUInt8(at: Int(start) &+ place))
        }
    }

    /// Finds the documents of the window that hold the phrase and are worth a look at their positions.
    /// - Parameter isWorth: asked with the place and the least frequency of the units, for documents with all units.
    private func find(_ start: UInt32, _ within: WindowBits, _ isWorth: (Int, UInt32) -> Bool) {
        matched.clear()
        let wanted = Int(start) / Window.size / Self.batchWindows
        if wanted != batch {
            guard narrow(start, within) != nil else { return }
            gather(wanted)
        }
        guard let candidates = narrow(start, within) else { return }
        for unit in units { unit.cursor.seek(to: start) }
        candidates.forEachMember { place in
            let document = start &+ UInt32(place)
            var least = UInt32.max
            for unit in order {
                units[unit].cursor.advance(to: document)
                // A damaged list may have ended.
                guard units[unit].cursor.document == document else { return }
                least = min(least, units[unit].cursor.frequency())
            }
            guard isWorth(place, least) else { return }
            for unit in units.indices {
                if let characters = characters[unit] {
                    characters.positions(of: document, into: &positions[unit], arena: context.arena)
                } else {
                    units[unit].cursor.positions(into: &positions[unit], arena: context.arena)
                }
                if positions[unit].count == 0 { return }
            }
            let frequency = PhraseFrequency.sloppy(positions, span: span, slop: slop, places)
            if frequency > 0 {
                matched.insert(place)
                frequencies[place] = frequency
            }
        }
    }

    /// The documents of `within` that all units have; nil when there is none.
    private func narrow(_ start: UInt32, _ within: WindowBits) -> WindowBits? {
        var candidates = within
        for unit in order {
            units[unit].match(start, within: candidates)
            candidates = units[unit].matched
            if candidates.isEmptyWindow { return nil }
        }
        return candidates
    }

    /// Gathers the positions of the characters over a batch of windows, in the documents that have all units.
    private func gather(_ wanted: Int) {
        batch = wanted
        guard characters.contains(where: { $0 != nil }) else { return }
        let first = wanted * Self.batchWindows
        let end = min(first + Self.batchWindows, Window.count(documentCount: context.documentCount))
        let all = context.arena.buffer(of: UInt64.self, count: Window.words)
        all.fill(UInt64.max)
        let documents = context.arena.buffer(of: UInt64.self, count: Self.batchWindows * Window.words)
        documents.fill(0)
        for window in first..<end {
            guard let found = narrow(UInt32(window * Window.size), all) else { continue }
            for word in 0..<Window.words { documents[(window - first) * Window.words + word] = found[word] }
        }
        for (unit, gathered) in characters.enumerated() {
            // A character that stands twice in the phrase is gathered once.
            if let gathered, !characters[..<unit].contains(where: { $0 === gathered }) {
                gathered.gather(from: UInt32(first * Window.size), documents, arena: context.arena)
            }
        }
    }
}

/// The positions of one character in many documents, gathered from the lists that have them.
final class CharacterPositions {
    private let lists: [PostingList]
    private var start: UInt32 = 0
    /// Documents gathered at most.
    private let documentCount: Int
    /// By document - start, one more: where its positions begin in `values`.
    private var places: [UInt32]
    /// Positions of each document, ascending, some twice.
    private var values: [UInt32] = []
    private var entries: [(document: UInt32, position: UInt32)] = []
    private(set) var isCorrupt = false

    init(_ lists: [PostingList], documents: Int) {
        self.lists = lists
        documentCount = documents
        places = []
    }

    /// Reads the positions in the documents `start + i` of the set `wanted`.
    /// - Complexity: O(lists + postings in the range + positions).
    func gather(from start: UInt32, _ wanted: ScratchBuffer<UInt64>, arena: ScratchArena) {
        self.start = start
        entries.removeAll(keepingCapacity: true)
        let buffers = CursorBuffers(.positions, arena: arena)
        var positions = PositionBuffer(arena: arena)
        for list in lists {
            var cursor = PostingCursor(list, buffers)
            cursor.advance(to: start)
            while cursor.document &- start < UInt32(documentCount) {
                let place = Int(cursor.document &- start)
                if wanted[place &>> 6] &>> UInt64(place & 63) & 1 == 1 {
                    cursor.positions(into: &positions, arena: arena)
                    for index in 0..<positions.count { entries.append((UInt32(place), positions[index])) }
                }
                cursor.next()
            }
            isCorrupt = isCorrupt || cursor.isCorrupt
        }
        sort()
    }

    /// A document's positions, ascending, each once.
    func positions(of document: UInt32, into buffer: inout PositionBuffer, arena: ScratchArena) {
        buffer.count = 0
        let place = Int(document &- start)
        guard place + 1 < places.count else { return }
        let range = Int(places[place])..<Int(places[place + 1])
        buffer.reserve(range.count, arena: arena)
        for index in range where buffer.count == 0 || buffer[buffer.count - 1] != values[index] {
            buffer.append(values[index])
        }
    }

    /// Orders the entries by document, then by position: counting, then insertion, as a document has few.
    private func sort() {
        places = [UInt32](repeating: 0, count: documentCount + 1)
        for entry in entries { places[Int(entry.document) + 1] += 1 }
        for place in 1...documentCount { places[place] += places[place - 1] }
        values = [UInt32](repeating: 0, count: entries.count)
        var next = places
        for entry in entries {
            let first = Int(places[Int(entry.document)])
            var slot = Int(next[Int(entry.document)])
            next[Int(entry.document)] += 1
            while slot > first, values[slot - 1] > entry.position {
                values[slot] = values[slot - 1]
                slot -= 1
            }
            values[slot] = entry.position
        }
    }
}
