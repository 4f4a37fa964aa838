// An index over standing queries: for a document the queries that may match it, without running them all.
//
// A query is filed under the keys of the cheapest thing that it needs (`RequiredKeys.swift`), so that a document meets it only
// when it has one of them. Beside it stand up to two keys of the next thing that it needs: most queries that a common word
// brings up end there, after one look. What is left is a candidate, and its program (`QueryProgram.swift`) is run. A query that
// needs nothing is a candidate of every document; `unanchoredCount` tells how many there are.

package import Messages
package import Analysis

/// A set of standing queries of one schema, by number.
package struct QueryIndex: Sendable {
    /// A standing query as it is written.
    package struct Source: Sendable, Hashable {
        package var q: String
        /// What narrows it; nil for nothing.
        package var filter: String?

        package init(q: String, filter: String? = nil) {
            self.q = q
            self.filter = filter
        }

        /// A filter counts next to nothing: it narrows and does not rank.
        private static let filterFactor: Float = 0.001

        /// - Parameter expander: adds other words to those of `q`; what narrows it stays as it is.
        /// - Throws: `invalidQuery`, `queryTooComplex` with the place of the mistake.
        package func query(
            fields: QueryFields = .bulletins, today: CalendarDay?, expander: QueryExpander? = nil
        ) throws(KuaibaoError) -> Query {
            let parser = QueryParser(fields: fields, today: today)
            let typed = try parser.parse(q)
            let query = expander?.expand(typed) ?? typed
            guard let filter else { return query }
            return .and([query, .boost(try parser.parse(filter), factor: Self.filterFactor)])
        }
    }

    struct Entry: Sendable {
        let number: Int64
        let source: Source
    }

    /// A query under one of its keys.
    struct Filing: Sendable {
        let entry: Int32
        /// Keys of which a document must have one as well; the second is -1 where there is one only, both where there is none.
        let first: Int32
        let second: Int32
    }

    /// Where no program begins: the query was removed.
    static let removed = -1

    /// Entries that were removed are dropped when they are more than these and than the live ones.
    private static let deadEntries = 1000

    /// Words of all programs, 4 bytes each; places among them take 32 bits.
    private static let maximumWords = 1 << 29

    package let schema: IndexSchema
    /// The names that queries give the fields.
    package let fields: QueryFields
    /// What 今天 means in a query.
    package private(set) var today: CalendarDay?
    /// Queries that mean another thing on another day.
    private var relative: Set<Int64> = []
    private let analyzer: Analyzer
    /// Adds other words for those of a query; nil adds none.
    private let expander: QueryExpander?
    private(set) var entries: [Entry] = []
    /// By entry: the number of its query.
    private(set) var numbers: [Int64] = []
    /// By entry: where its program begins, or `removed`.
    private(set) var starts: [Int] = []
    private(set) var places: [Int64: Int32] = [:]
    /// Programs, one behind the other, and the tests of columns that they name.
    private(set) var words: [Int32] = []
    private(set) var tests: [ColumnTest] = []
    private var keyNumbers: [QueryKey: Int32] = [:]
    /// By the number of a key: the queries that are filed under it.
    private(set) var filed: [[Filing]] = []
    /// By the number of a key: whether a program reads its positions.
    private var positional: [Bool] = []
    /// Whether the positions of single characters are read.
    private(set) var readsCharacters = false
    private(set) var unanchored: [Int32] = []
    private var filter = KeyFilter()

    package init(
        schema: IndexSchema, fields: QueryFields = .bulletins, today: CalendarDay?, analyzer: Analyzer = Analyzer(),
        expander: QueryExpander? = nil
    ) {
        self.schema = schema
        self.fields = fields
        self.today = today
        self.analyzer = analyzer
        self.expander = expander
    }

    /// Queries in the index.
    package var count: Int { places.count }

    /// Queries that are candidates of every document.
    package var unanchoredCount: Int { unanchored.count { starts[Int($0)] != Self.removed } }

    /// Different keys that queries ask for.
    var keyCount: Int { filed.count }

    /// Adds a query, or replaces the one with its number.
    ///
    /// - Parameter frequencies: the collection so far, by which rare keys are told from common ones.
    /// - Throws: `invalidQuery`, `queryTooComplex`; the index is unchanged then.
    package mutating func add(
        _ number: Int64, _ source: Source, frequencies: KeyFrequencies = KeyFrequencies()
    ) throws(KuaibaoError) {
        guard words.count < Self.maximumWords else {
            throw KuaibaoError(
                .queryTooComplex, "the watches of a collection take \(words.count) words", fix: "delete some, or make them shorter")
        }
        let plan = try compile(source)
        let (one, other) = Self.twoDays
        let isRelative = try source.query(fields: fields, today: one) != source.query(fields: fields, today: other)
        remove(number)
        if isRelative { relative.insert(number) }
        let place = Int32(entries.count)
        entries.append(Entry(number: number, source: source))
        numbers.append(number)
        places[number] = place
        let finder = RequirementFinder(plan: plan) { field, key in frequencies.documents(field: field, key: key) }
        let program = QueryProgram(plan, finder, start: words.count, firstTest: tests.count) { key, isPositional in
            let number = keyNumber(of: key)
            if isPositional {
                positional[number] = true
                readsCharacters = readsCharacters || key.isCharacter
            }
            return Int32(number)
        }
        starts.append(words.count)
        words += program.words
        tests += program.tests
        switch finder.requirement() {
        case .impossible: break
        case .nothing: unanchored.append(place)
        case .clauses(let clauses):
            let next = clauses.dropFirst().first { $0.minimum == 1 && (1...2).contains(Set($0.keys).count) }
            let others = Set(next?.keys ?? []).map { Int32(keyNumber(of: $0)) }
            let filing = Filing(entry: place, first: others.first ?? -1, second: others.dropFirst().first ?? -1)
            for key in Set(clauses[0].anchors) { filed[keyNumber(of: key)].append(filing) }
        }
    }

    /// Removes a query; one that is not there is no mistake.
    package mutating func remove(_ number: Int64) {
        guard let place = places.removeValue(forKey: number) else { return }
        starts[Int(place)] = Self.removed
        relative.remove(number)
    }

    /// Begins another day: queries that say 今天 or 最近 are filed anew.
    package mutating func begin(_ day: CalendarDay?, frequencies: KeyFrequencies = KeyFrequencies()) {
        guard day != today else { return }
        today = day
        for number in relative.sorted() { addAgain(number, frequencies) }
        guard isWasteful else { return }
        var fresh = QueryIndex(schema: schema, fields: fields, today: today, analyzer: analyzer, expander: expander)
        for entry in entries.indices where starts[entry] != Self.removed {
            // Every query of the index was compiled before.
            try? fresh.add(entries[entry].number, entries[entry].source, frequencies: frequencies)
        }
        self = fresh
    }

    private mutating func addAgain(_ number: Int64, _ frequencies: KeyFrequencies) {
        guard let place = places[number] else { return }
        // It was compiled before; a day changes bounds, not what may be written.
        try? add(number, entries[Int(place)].source, frequencies: frequencies)
    }

    /// Two days on which a query that depends on the day is two queries.
    private static let twoDays = (CalendarDay(year: 2000, month: 2, day: 29), CalendarDay(year: 2010, month: 9, day: 1))

    /// Whether so much of the index is of removed queries that it should be built anew.
    package var isWasteful: Bool { entries.count - count > max(Self.deadEntries, count) }

    /// The plan of a query as the evaluators take it. Other words are left out where the query would be too complex with them.
    func compile(_ source: Source) throws(KuaibaoError) -> Plan {
        if let expander {
            let query = try source.query(fields: fields, today: today, expander: expander)
            if let plan = try? PlanCompiler.compile(query, schema: schema, analyzer: analyzer) { return plan }
        }
        let query = try source.query(fields: fields, today: today)
        do {
            return try PlanCompiler.compile(query, schema: schema, analyzer: analyzer)
        } catch {
            throw KuaibaoError(
                error.errorCode, error.message, fix: "change the query; see docs/query-language.md")
        }
    }

    private mutating func keyNumber(of key: QueryKey) -> Int {
        if let known = keyNumbers[key] { return Int(known) }
        let number = filed.count
        keyNumbers[key] = Int32(number)
        filed.append([])
        positional.append(false)
        filter.insert(key)
        return number
    }

    /// The number of a key that some query asks for.
    @inline(__always)
    func number(of key: QueryKey) -> Int32? { filter.mayHold(key) ? keyNumbers[key] : nil }

    /// Whether a program reads the positions of a key.
    func readsPositions(_ number: Int32) -> Bool { positional[Int(number)] }
}

/// Tells at once of most keys that no query has them: a Bloom filter with one bit a key.
struct KeyFilter: Sendable {
    private var bits = [UInt64](repeating: 0, count: 1 << 14)

    mutating func insert(_ key: QueryKey) {
        let print = key.fingerprint
        bits[word(print)] |= 1 &<< (print & 63)
    }

    @inline(__always)
    func mayHold(_ key: QueryKey) -> Bool {
        let print = key.fingerprint
        return bits[word(print)] &>> (print & 63) & 1 == 1
    }

    @inline(__always)
    private func word(_ print: UInt64) -> Int { Int(truncatingIfNeeded: print &>> 6) & (bits.count - 1) }
}

/// How many documents of a collection have a key: a sum over its largest segments.
package struct KeyFrequencies: Sendable {
    private let readers: [SegmentReader]
    /// Segments that are asked.
    private static let segments = 3

    /// - Parameter readers: of the collection, or of a part of it; none where nothing is known.
    package init(_ readers: [SegmentReader] = []) {
        self.readers = Array(readers.sorted { $0.documentCount > $1.documentCount }.prefix(Self.segments))
    }

    /// 1 more than the documents that have the key; damaged segments count as having none.
    func documents(field: Int, key: [UInt8]) -> Int {
        readers.reduce(1) { sum, reader in
            let dictionary =
                field < reader.texts.count ? reader.texts[field]?.dictionary ?? reader.keywords[field]?.dictionary : nil
            guard let found = try? dictionary?.find(key) else { return sum }
            return sum + found.info.documentFrequency
        }
    }
}
