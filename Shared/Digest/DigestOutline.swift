// What is known of a digest's items before their texts are written: enough to merge, group, order, number and doubt.
//
// An outline keeps title, sources, a sketch of the text and claims of an item, and not the text, so that a
// digest of many thousand items is planned from one pass over them and written from a second one, portion by portion.

package import Messages

/// What is kept of one item.
struct ItemFacts: Sendable {
    /// Paragraphs from this length on tell whose text a wrongly pasted body is, in bytes: 40 ideographs.
    static let tellingParagraph = 120

    /// `<document>#<ordinal>`.
    let id: String
    let title: String
    let published: PartialDate?
    let department: String?
    let sources: [String]
    let district: String?
    let file: String?
    let range: ByteRange
    let length: Int
    let likeness: Duplicates.Facts
    let doubts: Set<String>
    /// Hashes of the telling paragraphs; good within one process.
    let paragraphs: Set<Int>
    let claims: [FigureClaim]

    init(_ stored: StoredItem) {
        let item = stored.item
        id = "\(stored.document.identity)#\(item.ordinal)"
        title = item.title
        published = item.published?.value
        department = item.department?.value
        sources = item.sources.map(\.value)
        district = item.districts.first
        file = stored.document.sourceAddress
        range = item.range
        length = item.body.unicodeScalars.count
        likeness = Duplicates.Facts(stored)
        doubts = Set(Doubts.of(item).map(\.code))
        paragraphs = Set(
            item.body.utf8.split(separator: 0x0A).filter { $0.count >= Self.tellingParagraph }.map { Substring($0).hashValue })
        claims = FigureCompiler.claims(of: stored)
    }
}

/// Items as they are added, without their texts.
package struct DigestOutline: Sendable {
    private var facts: [ItemFacts]

    /// The outline of some items.
    package init(_ items: some Sequence<StoredItem>) { facts = items.map(ItemFacts.init) }

    /// Adds those of another outline. The items are numbered in the order in which they came.
    package mutating func append(_ other: DigestOutline) { facts += other.facts }

    /// The plan of a digest of all that was added; items beyond `DigestCompiler.mostItems`, by identity, are left out.
    /// - Complexity: O(n log n) and at most 128 comparisons an item for duplicates.
    package func plan(_ options: DigestOptions) -> DigestPlan { DigestPlan(facts, options) }
}

/// A digest without its texts.
package struct DigestPlan: Sendable {
    /// An entry to be written.
    struct Entry: Sendable {
        var number = 0
        /// Places of the items that are one bulletin, the shown one first.
        let members: [Int]
        var contradictions: [DigestDoubt] = []
        /// The entry that has this one's text rightly, where this one's is wrongly pasted.
        var rightful: Int?
    }

    struct Group: Sendable {
        let heading: DigestHeading
        var entries: [Entry]
    }

    /// The digest but for its groups.
    package let digest: Digest
    let groups: [Group]
    private let facts: [ItemFacts]
    private let options: DigestOptions

    init(_ facts: [ItemFacts], _ options: DigestOptions) {
        self.facts = facts
        self.options = options
        let taken = Array(facts.indices.sorted { facts[$0].id < facts[$1].id }.prefix(DigestCompiler.mostItems))
        let merged = Duplicates(taken.map { facts[$0].likeness }).groups().map { group in
            Entry(members: Self.shownFirst(group.map { taken[$0] }, facts))
        }
        let entries = merged.sorted { Self.precedes(facts[$0.members[0]], facts[$1.members[0]]) }
        var groups = Self.grouped(entries, facts, options)
        Self.number(&groups)
        Self.markWrongBodies(&groups, facts)
        Self.markContradictions(&groups, taken, facts)
        self.groups = groups
        let shown = entries.map { facts[$0.members[0]] }
        let (firstDay, lastDay) = Self.period(shown)
        digest = Digest(
            title: options.title, query: options.query, grouping: options.grouping, extent: options.extent,
            version: options.version, complete: options.complete, total: max(options.total, facts.count),
            taken: taken.count, merged: taken.count - entries.count, firstDay: firstDay, lastDay: lastDay, groups: [],
            gaps: CoverageGaps.ofDates(shown.compactMap(\.published))
                + CoverageGaps.ofDepartments(
                    expected: options.expectedDepartments, present: Set(shown.compactMap(\.department))),
            doubts: Self.counts(groups.flatMap(\.entries), facts))
    }

    /// The entry that `planned` plans, with the text of its shown item.
    func entry(_ planned: Entry, _ stored: StoredItem) -> DigestEntry {
        let item = stored.item
        let others = planned.members.dropFirst().map { facts[$0] }
        let (paragraphs, isAbridged) = text(of: item)
        var doubts = Doubts.of(item)
        if let rightful = planned.rightful, let place = doubts.firstIndex(where: { $0.code == "wrong-body" }) {
            doubts[place].other = rightful
            doubts[place].words = "正文疑似错贴：与第\(rightful)条正文相同，标题的用词不见于正文"
        }
        return DigestEntry(
            number: planned.number, id: facts[planned.members[0]].id, title: item.title, paragraphs: paragraphs,
            isAbridged: isAbridged, date: item.published?.value, dateText: item.published?.value.text,
            day: DigestDates.words(item.published?.value), dateBasis: item.published?.basis,
            department: item.department?.value, departmentBasis: item.department?.basis,
            sources: Self.sources(planned, facts), districts: item.districts, file: stored.document.sourceAddress,
            range: item.range, flags: item.flags, doubts: doubts + planned.contradictions,
            duplicates: others.map {
                DigestDuplicate(
                    id: $0.id, title: $0.title, dateText: $0.published?.text, day: DigestDates.words($0.published),
                    sources: $0.sources, file: $0.file, range: $0.range)
            })
    }

    private func text(of item: Item) -> (paragraphs: [String], isAbridged: Bool) {
        switch options.extent {
        case .title: return ([], !item.body.isEmpty)
        case .summary:
            let summary = Sentences.summary(item.body, words: options.words)
            return (summary.sentences, summary.isAbridged)
        case .body:
            let paragraphs = item.body.split(whereSeparator: \.isNewline)
            return (paragraphs.map(String.init).filter { $0.contains { !$0.isWhitespace } }, false)
        }
    }

    // MARK: Order

    /// The item with the longest text stands for all; the earliest of equals.
    private static func shownFirst(_ group: [Int], _ facts: [ItemFacts]) -> [Int] {
        group.sorted { left, right in
            let (a, b) = (facts[left], facts[right])
            return a.length != b.length ? a.length > b.length : precedes(a, b)
        }
    }

    private static func precedes(_ left: ItemFacts, _ right: ItemFacts) -> Bool {
        let (first, second) = (DigestDates.Order(left.published), DigestDates.Order(right.published))
        return first != second ? first < second : left.id < right.id
    }

    /// The first and last of the whole dates; where there are none, of those without a year. `shown` is in order.
    private static func period(_ shown: [ItemFacts]) -> (first: String?, last: String?) {
        let dated = shown.filter { DigestDates.words($0.published) != nil }
        let whole = dated.filter { $0.published?.year != nil }
        let days = whole.isEmpty ? dated : whole
        return (DigestDates.words(days.first?.published), DigestDates.words(days.last?.published))
    }

    // MARK: Groups

    private static func grouped(_ entries: [Entry], _ facts: [ItemFacts], _ options: DigestOptions) -> [Group] {
        var places: [String: Int] = [:]
        var groups: [(name: String?, entries: [Entry])] = []
        for entry in entries {
            let name = heading(of: entry, facts, options.grouping)
            if let place = places[name ?? ""] {
                groups[place].entries.append(entry)
            } else {
                places[name ?? ""] = groups.count
                groups.append((name, [entry]))
            }
        }
        let headed = groups.map { group in
            Group(
                heading: DigestHeading(
                    name: group.name ?? unknownHeading(options.grouping), isKnown: group.name != nil,
                    count: group.entries.count),
                entries: group.entries)
        }
        guard options.grouping != .date else { return headed }
        // The fullest group first; what is known of nobody comes last.
        return headed.sorted { left, right in
            if left.heading.isKnown != right.heading.isKnown { return left.heading.isKnown }
            if left.entries.count != right.entries.count { return left.entries.count > right.entries.count }
            return left.heading.name < right.heading.name
        }
    }

    private static func heading(of entry: Entry, _ facts: [ItemFacts], _ grouping: DigestGrouping) -> String? {
        let shown = facts[entry.members[0]]
        let name =
            switch grouping {
            case .date: DigestDates.words(shown.published)
            case .department: shown.department
            case .source: sources(entry, facts).first
            case .district: shown.district
            }
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func unknownHeading(_ grouping: DigestGrouping) -> String {
        switch grouping {
        case .date: TextForm.unknownDate
        case .department: "未标明部门"
        case .source: "未标明来源"
        case .district: "未标明地区"
        }
    }

    /// The shown item's own sources, then those of the others that are not among them.
    private static func sources(_ entry: Entry, _ facts: [ItemFacts]) -> [String] {
        var sources: [String] = []
        for name in entry.members.flatMap({ facts[$0].sources }) where !sources.contains(name) { sources.append(name) }
        return sources
    }

    private static func number(_ groups: inout [Group]) {
        var number = 0
        for group in groups.indices {
            for entry in groups[group].entries.indices {
                number += 1
                groups[group].entries[entry].number = number
            }
        }
    }

    // MARK: Doubts

    /// A wrongly pasted body points to the first other entry that has one of its paragraphs.
    private static func markWrongBodies(_ groups: inout [Group], _ facts: [ItemFacts]) {
        let all = groups.flatMap(\.entries)
        for group in groups.indices {
            for (index, entry) in groups[group].entries.enumerated() {
                let own = facts[entry.members[0]]
                guard own.doubts.contains("wrong-body"), !own.paragraphs.isEmpty else { continue }
                groups[group].entries[index].rightful =
                    all.first { other in
                        other.number != entry.number && !facts[other.members[0]].paragraphs.isDisjoint(with: own.paragraphs)
                    }?.number
            }
        }
    }

    /// Entries whose figures exclude each other point to each other.
    private static func markContradictions(_ groups: inout [Group], _ taken: [Int], _ facts: [ItemFacts]) {
        var claims = taken.flatMap { facts[$0].claims }
        for index in claims.indices { claims[index].number = index }
        let contradictions = FigureChecks.contradictions(claims)
        guard !contradictions.isEmpty else { return }
        var numbers: [String: Int] = [:]
        var places: [Int: (group: Int, entry: Int)] = [:]
        for (group, content) in groups.enumerated() {
            for (place, entry) in content.entries.enumerated() {
                places[entry.number] = (group, place)
                for member in entry.members { numbers[facts[member].id] = entry.number }
            }
        }
        for contradiction in contradictions {
            let sides = Set(contradiction.rows.compactMap { numbers[claims[$0].id] }).sorted()
            guard sides.count > 1 else { continue }
            for side in sides {
                guard let (group, place) = places[side] else { continue }
                let others = sides.filter { $0 != side }
                let words = "与第\(others.map(String.init).joined(separator: "、"))条数字不一：\(contradiction.words)"
                groups[group].entries[place].contradictions.append(
                    DigestDoubt(code: "contradiction", words: words, other: others.first))
            }
        }
    }

    private static func counts(_ entries: [Entry], _ facts: [ItemFacts]) -> [DoubtCount] {
        var counts: [String: Int] = [:]
        for entry in entries {
            for code in facts[entry.members[0]].doubts { counts[code, default: 0] += 1 }
            if !entry.contradictions.isEmpty { counts["contradiction", default: 0] += 1 }
        }
        return counts.map { DoubtCount(code: $0.key, count: $0.value) }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.code < $1.code }
    }
}
