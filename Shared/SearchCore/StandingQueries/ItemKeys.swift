// Of some documents of a segment the keys that standing queries ask for, and the positions that their phrases need.
//
// The segment's dictionaries are read once, in their order; what is found is then ordered by document. All of it lies in four
// arrays: nothing is allocated for a document or a key.

/// The keys of some documents.
struct ItemKeys {
    /// Numbers of keys, document by document.
    private(set) var numbers: [Int32] = []
    /// By entry of `numbers`: where its positions are in `values`.
    private var ranges: [Range<Int>] = []
    /// By document: where its entries begin; one more at the end.
    private var starts: [Int] = []
    /// Positions, ascending for each key of a document.
    private(set) var values: [UInt32] = []

    /// What the dictionaries gave, before it is ordered.
    private struct Found {
        var item: Int32
        var number: Int32
        var positions: Range<Int>
    }

    private var found: [Found] = []
    /// The same for positions of single characters, of which there are several lists.
    private var pieces: [Found] = []
    /// By document from the first one on: its place among those asked for, or -1.
    private var places: [Int32]
    private let first: DocID

    /// - Parameter documents: ascending, of this segment, at least one.
    /// - Complexity: O(terms of the segment + postings of keys that are asked for).
    /// - Throws: `corrupt`.
    init(_ reader: SegmentReader, _ documents: ArraySlice<DocID>, _ index: QueryIndex) throws(SearchCoreError) {
        first = documents.first ?? 0
        places = [Int32](repeating: -1, count: Int((documents.last ?? 0) - first) + 1)
        for (place, document) in documents.enumerated() { places[Int(document - first)] = Int32(place) }
        for field in reader.schema.fields.indices {
            if let text = reader.texts[field] {
                try add(text.dictionary, index, key: { QueryKey(field: field, $0) }) { (info) throws(SearchCoreError) in
                    try text.list(info)
                }
                if index.readsCharacters { try addCharacters(text, field, index) }
            } else if let keyword = reader.keywords[field] {
                let key = { (term: [UInt8]) in QueryKey(field: field, Array(KeywordTerm.lookup(term[...]))) }
                try add(keyword.dictionary, index, key: key) { (info) throws(SearchCoreError) in try keyword.list(info)
                }
            } else if let figures = reader.figures[field] {
                try add(figures, field, index)
            }
        }
        order(documents.count)
    }

    @inline(__always)
    func entries(ofItem place: Int) -> Range<Int> { starts[place]..<starts[place + 1] }

    /// Places in `values` of the positions of an entry.
    @inline(__always)
    func positions(at entry: Int) -> Range<Int> { ranges[entry] }

    /// Whether a position is among those of a range.
    @inline(__always)
    func holds(_ position: UInt32, _ range: Range<Int>) -> Bool {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low < range.upperBound && values[low] == position
    }

    /// The last of the positions of a range that is below `position`.
    @inline(__always)
    func last(below position: UInt32, _ range: Range<Int>) -> UInt32? {
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < position { low = middle + 1 } else { high = middle }
        }
        return low > range.lowerBound ? values[low - 1] : nil
    }

    private mutating func add(
        _ dictionary: TermDictionary, _ index: QueryIndex, key: ([UInt8]) -> QueryKey,
        list: (TermInfo) throws(SearchCoreError) -> PostingList
    ) throws(SearchCoreError) {
        let arena = ScratchArena()
        let buffers = CursorBuffers(dictionary.detail, arena: arena)
        var positions = PositionBuffer(arena: arena)
        var terms = try dictionary.iterate()
        while try terms.next() {
            guard let number = index.number(of: key(terms.term)) else { continue }
            // A character whose positions are wanted is noted with them.
            let isCharacter = dictionary.detail == .positions && terms.term.first == TermTier.character.rawValue
            if isCharacter, index.readsPositions(number) { continue }
            let reads = dictionary.detail == .positions && index.readsPositions(number)
            try note(number, try list(terms.info), buffers) { (cursor, values) in
                guard reads else { return }
                cursor.positions(into: &positions, arena: arena)
                for place in 0..<positions.count { values.append(positions[place]) }
            }
        }
        withExtendedLifetime(arena) {}
    }

    /// Notes characters whose positions are wanted: where a pair begins with one, and where one is at the edge of a run.
    private mutating func addCharacters(
        _ text: TextField, _ field: Int, _ index: QueryIndex
    ) throws(SearchCoreError) {
        let arena = ScratchArena()
        let buffers = CursorBuffers(text.dictionary.detail, arena: arena)
        var positions = PositionBuffer(arena: arena)
        var terms = try text.dictionary.iterate(
            from: try text.dictionary.lowerBound([TermTier.edge.rawValue]).ordinal)
        var character: ArraySlice<UInt8> = []
        var number: Int32?
        while try terms.next() {
            let tier = terms.term[0]
            if tier > TermTier.pair.rawValue { break }
            guard tier == TermTier.edge.rawValue || tier == TermTier.pair.rawValue else { continue }
            let next = TermTier.firstCharacter(of: terms.term)
            if next != character {
                character = next
                let known = index.number(of: QueryKey(field: field, [TermTier.character.rawValue] + next))
                number = known.flatMap { index.readsPositions($0) ? $0 : nil }
            }
            guard let number else { continue }
            try note(number, try text.list(terms.info), buffers, isPiece: true) { (cursor, values) in
                cursor.positions(into: &positions, arena: arena)
                for place in 0..<positions.count { values.append(positions[place]) }
            }
        }
        withExtendedLifetime(arena) {}
    }

    private mutating func add(
        _ figures: FigureField, _ field: Int, _ index: QueryIndex
    ) throws(SearchCoreError) {
        let arena = ScratchArena()
        let buffers = CursorBuffers(figures.keys.dictionary.detail, arena: arena)
        var terms = try figures.keys.dictionary.iterate()
        while try terms.next() {
            var numbers: Set<Int32> = []
            FigurePieces.forEach(KeywordTerm.lookup(terms.term.dropFirst())) { piece in
                if let number = index.number(of: QueryKey(field: field, isPiece: true, Array(piece))) {
                    numbers.insert(number)
                }
            }
            for number in numbers { try note(number, try figures.keys.list(terms.info), buffers) { _, _ in } }
        }
        withExtendedLifetime(arena) {}
    }

    @inline(__always)
    private mutating func note(
        _ number: Int32, _ list: PostingList, _ buffers: CursorBuffers, isPiece: Bool = false,
        _ read: (inout PostingCursor, inout [UInt32]) -> Void
    ) throws(SearchCoreError) {
        var cursor = PostingCursor(list, buffers)
        cursor.advance(to: first)
        while cursor.document != endOfList, Int(cursor.document - first) < places.count {
            let place = places[Int(cursor.document - first)]
            if place >= 0 {
                let start = values.count
                read(&cursor, &values)
                let entry = Found(item: place, number: number, positions: start..<values.count)
                if isPiece { pieces.append(entry) } else { found.append(entry) }
            }
            cursor.next()
        }
        if cursor.isCorrupt {
            throw SearchCoreError(.corrupt, "a posting list of a new segment is damaged; build it again")
        }
    }

    /// Puts the positions of each character of a document together, ascending and once each.
    private mutating func joinPieces() {
        pieces.sort { ($0.item, $0.number) < ($1.item, $1.number) }
        var first = 0
        while first < pieces.count {
            var end = first
            var joined: [UInt32] = []
            while end < pieces.count, pieces[end].item == pieces[first].item, pieces[end].number == pieces[first].number {
                joined += values[pieces[end].positions]
                end += 1
            }
            joined.sort()
            let start = values.count
            for position in joined where values.count == start || values[values.count - 1] != position {
                values.append(position)
            }
            found.append(
                Found(item: pieces[first].item, number: pieces[first].number, positions: start..<values.count))
            first = end
        }
        pieces = []
    }

    /// Orders what was found by document: a counting sort.
    private mutating func order(_ count: Int) {
        joinPieces()
        starts = [Int](repeating: 0, count: count + 1)
        for entry in found { starts[Int(entry.item) + 1] += 1 }
        for place in 0..<count { starts[place + 1] += starts[place] }
        var next = starts
        numbers = [Int32](repeating: 0, count: found.count)
        ranges = [Range<Int>](repeating: 0..<0, count: found.count)
        for entry in found {
            let place = next[Int(entry.item)]
            next[Int(entry.item)] += 1
            numbers[place] = entry.number
            ranges[place] = entry.positions
        }
        found = []
    }
}
