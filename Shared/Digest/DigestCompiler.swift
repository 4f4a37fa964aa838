// From a list of items to a digest: merge, group, order, number, doubt.
//
// A pure function; the same items and options give the same digest, in whatever order the items come.

package import Messages

/// Compiles digests.
package struct DigestCompiler: Sendable {
    /// Most items of one digest.
    package static let mostItems = 1000

    private let options: DigestOptions

    package init(_ options: DigestOptions) { self.options = options }

    /// The digest of `items`; items beyond `mostItems` are left out and counted in `total` only.
    /// - Complexity: linear in the length of all bodies, and at most 128 comparisons an item for duplicates.
    package func compile(_ items: [StoredItem]) -> Digest {
        let taken = items.sorted { Self.id($0) < Self.id($1) }.prefix(Self.mostItems)
        let sorted = Array(taken)
        var entries = Duplicates(sorted).groups().map { group in entry(group.map { sorted[$0] }) }
        entries.sort { Self.precedes($0, $1) }
        var groups = grouped(entries)
        number(&groups)
        markContradictions(&groups, sorted)
        let all = groups.flatMap(\.entries)
        let (firstDay, lastDay) = Self.period(all)
        let present = Set(all.compactMap(\.department))
        return Digest(
            title: options.title, query: options.query, grouping: options.grouping, extent: options.extent,
            version: options.version, complete: options.complete, total: max(options.total, items.count),
            taken: sorted.count, merged: sorted.count - all.count,
            firstDay: firstDay, lastDay: lastDay, groups: groups,
            gaps: CoverageGaps.ofDates(all.compactMap(\.date))
                + CoverageGaps.ofDepartments(expected: options.expectedDepartments, present: present),
            doubts: Self.counts(all))
    }

    private static func id(_ stored: StoredItem) -> String { "\(stored.document.identity)#\(stored.item.ordinal)" }

    /// The first and last of the whole dates; where there are none, of those without a year.
    private static func period(_ entries: [DigestEntry]) -> (first: String?, last: String?) {
        let dated = entries.filter { $0.day != nil }
        let whole = dated.filter { $0.date?.year != nil }
        let ordered = (whole.isEmpty ? dated : whole).sorted { precedes($0, $1) }
        return (ordered.first?.day, ordered.last?.day)
    }

    // MARK: Entries

    /// The entry of one bulletin: the item with the longest text stands for all; the earliest of equals.
    private func entry(_ group: [StoredItem]) -> DigestEntry {
        let ordered = group.sorted { left, right in
            let (a, b) = (left.item.body.unicodeScalars.count, right.item.body.unicodeScalars.count)
            if a != b { return a > b }
            let (first, second) = (
                DigestDates.Order(left.item.published?.value), DigestDates.Order(right.item.published?.value)
            )
            return first != second ? first < second : Self.id(left) < Self.id(right)
        }
        let stored = ordered[0]
        let item = stored.item
        let others = ordered.dropFirst().map { other in
            DigestDuplicate(
                id: Self.id(other), title: other.item.title, dateText: other.item.published?.value.text,
                day: DigestDates.words(other.item.published?.value), sources: other.item.sources.map(\.value),
                file: other.document.sourceAddress, range: other.item.range)
        }
        let (paragraphs, isAbridged) = text(of: item)
        var sources: [String] = []
        for name in item.sources.map(\.value) + others.flatMap(\.sources) where !sources.contains(name) {
            sources.append(name)
        }
        return DigestEntry(
            number: 0, id: Self.id(stored), title: item.title, paragraphs: paragraphs, isAbridged: isAbridged,
            date: item.published?.value, dateText: item.published?.value.text,
            day: DigestDates.words(item.published?.value), dateBasis: item.published?.basis,
            department: item.department?.value, departmentBasis: item.department?.basis, sources: sources,
            districts: item.districts, file: stored.document.sourceAddress, range: item.range, flags: item.flags,
            doubts: Doubts.of(item), duplicates: others)
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

    private static func precedes(_ left: DigestEntry, _ right: DigestEntry) -> Bool {
        let (first, second) = (DigestDates.Order(left.date), DigestDates.Order(right.date))
        return first != second ? first < second : left.id < right.id
    }

    // MARK: Groups

    private func grouped(_ entries: [DigestEntry]) -> [DigestGroup] {
        var places: [String: Int] = [:]
        var groups: [DigestGroup] = []
        for entry in entries {
            let heading = heading(of: entry)
            let key = heading ?? ""
            if let place = places[key] {
                groups[place].entries.append(entry)
            } else {
                places[key] = groups.count
                groups.append(
                    DigestGroup(name: heading ?? unknownHeading, isKnown: heading != nil, entries: [entry]))
            }
        }
        guard options.grouping != .date else { return groups }
        // The fullest group first; what is known of nobody comes last.
        return groups.sorted { left, right in
            if left.isKnown != right.isKnown { return left.isKnown }
            if left.entries.count != right.entries.count { return left.entries.count > right.entries.count }
            return left.name < right.name
        }
    }

    private func heading(of entry: DigestEntry) -> String? {
        let name =
            switch options.grouping {
            case .date: entry.day
            case .department: entry.department
            case .source: entry.sources.first
            case .district: entry.districts.first
            }
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }

    private var unknownHeading: String {
        switch options.grouping {
        case .date: TextForm.unknownDate
        case .department: "未标明部门"
        case .source: "未标明来源"
        case .district: "未标明地区"
        }
    }

    private func number(_ groups: inout [DigestGroup]) {
        var number = 0
        for group in groups.indices {
            for entry in groups[group].entries.indices {
                number += 1
                groups[group].entries[entry].number = number
            }
        }
        markWrongBodies(&groups)
    }

    /// A wrongly pasted body points to the entry that has it rightly.
    private func markWrongBodies(_ groups: inout [DigestGroup]) {
        let all = groups.flatMap(\.entries)
        for group in groups.indices {
            for index in groups[group].entries.indices {
                let entry = groups[group].entries[index]
                guard let place = entry.doubts.firstIndex(where: { $0.code == "wrong-body" }) else { continue }
                let body = Set(entry.paragraphs.filter { $0.count >= 40 })
                let other = all.first { $0.number != entry.number && $0.paragraphs.contains(where: body.contains) }
                guard let other else { continue }
                groups[group].entries[index].doubts[place].other = other.number
                groups[group].entries[index].doubts[place].words = "正文疑似错贴：与第\(other.number)条正文相同，标题的用词不见于正文"
            }
        }
    }

    /// Entries whose figures exclude each other point to each other.
    private func markContradictions(_ groups: inout [DigestGroup], _ items: [StoredItem]) {
        let table = FigureCompiler(.init(query: "", isAll: true, isBrief: true), isWanted: { _ in true }).compile(items)
        guard !table.contradictions.isEmpty else { return }
        var numbers: [String: Int] = [:]
        for entry in groups.flatMap(\.entries) {
            for id in [entry.id] + entry.duplicates.map(\.id) { numbers[id] = entry.number }
        }
        for contradiction in table.contradictions {
            let sides = Set(contradiction.rows.compactMap { numbers[table.rows[$0 - 1].id] }).sorted()
            guard sides.count > 1 else { continue }
            for group in groups.indices {
                for index in groups[group].entries.indices where sides.contains(groups[group].entries[index].number) {
                    let others = sides.filter { $0 != groups[group].entries[index].number }
                    let words = "与第\(others.map(String.init).joined(separator: "、"))条数字不一：\(contradiction.words)"
                    groups[group].entries[index].doubts.append(
                        DigestDoubt(code: "contradiction", words: words, other: others.first))
                }
            }
        }
    }

    private static func counts(_ entries: [DigestEntry]) -> [DoubtCount] {
        var counts: [String: Int] = [:]
        for entry in entries {
            for code in Set(entry.doubts.map(\.code)) { counts[code, default: 0] += 1 }
        }
        return counts.map { DoubtCount(code: $0.key, count: $0.value) }
            .sorted { $0.count != $1.count ? $0.count > $1.count : $0.code < $1.code }
    }
}
