// An index over standing queries: for a document the queries that may match it, without running them all.
//
// A query is filed under the keys of the cheapest thing that it needs (`RequiredKeys.swift`), so that a document meets it only
// when it has one of them. Then all that the query needs is compared with the document's keys: most queries that a common word
// brings up end here, after a few look-ups. What is left is a candidate. A query that needs nothing is a candidate of every
// document; `unanchoredCount` tells how many there are.
//
// Layout of `program`, for each query from its `start` on: the number of clauses; for each clause its minimum, its number of
// keys, and their numbers in `keyNumbers`.

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

        /// - Throws: `invalidQuery`, `queryTooComplex` with the place of the mistake.
        package func query(
            fields: QueryFields = .bulletins, today: CalendarDay?
        ) throws(KuaibaoError) -> Query {
            let parser = QueryParser(fields: fields, today: today)
            let query = try parser.parse(q)
            guard let filter else { return query }
            return .and([query, .boost(try parser.parse(filter), factor: Self.filterFactor)])
        }
    }

    struct Entry: Sendable {
        let number: Int64
        let source: Source
        let start: Int
        var isLive: Bool
    }

    /// Entries that were removed are dropped when they are more than these and than the live ones.
    private static let deadEntries = 1000

    package let schema: IndexSchema
    /// The names that queries give the fields.
    package let fields: QueryFields
    /// What 今天 means in a query.
    package private(set) var today: CalendarDay?
    /// Queries that mean another thing on another day.
    private var relative: Set<Int64> = []
    private let analyzer: Analyzer
    private(set) var entries: [Entry] = []
    private(set) var places: [Int64: Int32] = [:]
    private(set) var keyNumbers: [UInt64: Int32] = [:]
    /// Entries by the number of a key that they are filed under.
    private(set) var filed: [[Int32]] = []
    private(set) var unanchored: [Int32] = []
    private(set) var program: [Int32] = []
    private(set) var filter = KeyFilter()

    package init(
        schema: IndexSchema, fields: QueryFields = .bulletins, today: CalendarDay?, analyzer: Analyzer = Analyzer()
    ) {
        self.schema = schema
        self.fields = fields
        self.today = today
        self.analyzer = analyzer
    }

    /// Queries in the index.
    package var count: Int { places.count }

    /// Queries that are candidates of every document.
    package var unanchoredCount: Int { unanchored.count { entries[Int($0)].isLive } }

    /// Adds a query, or replaces the one with its number.
    ///
    /// - Parameter frequencies: the collection so far, by which rare keys are told from common ones.
    /// - Throws: `invalidQuery`, `queryTooComplex`; the index is unchanged then.
    package mutating func add(
        _ number: Int64, _ source: Source, frequencies: KeyFrequencies = KeyFrequencies()
    ) throws(KuaibaoError) {
        let plan = try compile(source)
        let isRelative = try source.query(fields: fields, today: nil) != source.query(fields: fields, today: Self.otherDay)
        remove(number)
        if isRelative { relative.insert(number) }
        let place = Int32(entries.count)
        entries.append(Entry(number: number, source: source, start: program.count, isLive: true))
        places[number] = place
        let finder = RequirementFinder(plan: plan) { field, key in frequencies.documents(field: field, key: key) }
        switch finder.requirement() {
        case .impossible: program.append(0)
        case .nothing:
            program.append(0)
            unanchored.append(place)
        case .clauses(let clauses):
            for key in Set(clauses[0].anchors) { filed[keyNumber(of: key)].append(place) }
            program.append(Int32(clauses.count))
            for clause in clauses {
                program += [Int32(clause.minimum), Int32(clause.keys.count)]
                for key in clause.keys { program.append(Int32(keyNumber(of: key))) }
            }
        }
    }

    /// Removes a query; one that is not there is no mistake.
    package mutating func remove(_ number: Int64) {
        guard let place = places.removeValue(forKey: number) else { return }
        entries[Int(place)].isLive = false
        relative.remove(number)
    }

    /// Begins another day: queries that say 今天 or 最近 are filed anew.
    package mutating func begin(_ day: CalendarDay?) {
        guard day != today else { return }
        today = day
        for number in relative {
            guard let place = places[number] else { continue }
            // It was compiled before; a day changes bounds, not what may be written.
            try? add(number, entries[Int(place)].source)
        }
    }

    /// Some day that is not today.
    private static let otherDay = CalendarDay(year: 2000, month: 2, day: 29)

    /// Whether so much of the index is of removed queries that it should be built anew.
    package var isWasteful: Bool { entries.count - count > max(Self.deadEntries, count) }

    /// The plan of a query as the evaluators take it.
    func compile(_ source: Source) throws(KuaibaoError) -> Plan {
        let query = try source.query(fields: fields, today: today)
        do {
            return try PlanCompiler.compile(query, schema: schema, analyzer: analyzer)
        } catch {
            throw KuaibaoError(
                error.errorCode, error.message, fix: "change the query; see docs/query-language.md")
        }
    }

    private mutating func keyNumber(of key: QueryKey) -> Int {
        if let known = keyNumbers[key.number] { return Int(known) }
        let number = filed.count
        keyNumbers[key.number] = Int32(number)
        filed.append([])
        filter.insert(key)
        return number
    }

    /// Whether a document with these keys has all that an entry needs.
    ///
    /// - Parameter stamps: by key number, `stamp` for the keys that the document has.
    @inline(__always)
    func isCandidate(_ entry: Int, _ stamps: [UInt32], _ stamp: UInt32) -> Bool {
        var position = entries[entry].start
        var clauses = program[position]
        position += 1
        while clauses > 0 {
            var missing = program[position]
            let end = position + 2 + Int(program[position + 1])
            position += 2
            while position < end, missing > 0 {
                if stamps[Int(program[position])] == stamp { missing -= 1 }
                position += 1
            }
            if missing > 0 { return false }
            position = end
            clauses -= 1
        }
        return true
    }
}

/// Tells at once of most keys that no query has them: a Bloom filter with one bit a key.
struct KeyFilter: Sendable {
    private var bits = [UInt64](repeating: 0, count: 1 << 14)

    mutating func insert(_ key: QueryKey) { bits[word(key)] |= 1 &<< (key.number & 63) }

    @inline(__always)
    func mayHold(_ key: QueryKey) -> Bool { bits[word(key)] &>> (key.number & 63) & 1 == 1 }

    @inline(__always)
    private func word(_ key: QueryKey) -> Int { Int(truncatingIfNeeded: key.number &>> 6) & (bits.count - 1) }
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
