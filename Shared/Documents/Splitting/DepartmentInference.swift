// Departments whose heading is missing.
//
// A digest by departments runs through its dates once for each department. Where the dates turn back and the source
// changes at the same place, a new department begins although no heading says so; its name is the source. A turn alone
// is a late entry, a change alone a quotation; from December to January the dates only seem to turn. Digests that run from
// the newest date to the oldest are read the other way round.

import Messages

/// Finds departments.
enum DepartmentInference {
    /// How sure a department is that only its source names.
    static let certaintyFromSource = 0.7

    /// Fills `department` of the groups that no heading governs.
    static func fill(_ groups: inout [DigestSplitter.Group]) {
        let runsBackwards = runsBackwards(groups)
        let boundaries = groups.indices.dropFirst().filter { index in
            turns(groups[index - 1], groups[index], runsBackwards) && sourceChanges(groups[index - 1], groups[index])
        }
        let hasHeadings = groups.contains { $0.department != nil }
        guard hasHeadings || !boundaries.isEmpty else { return }
        var inferred: Found<String>?
        var heading = groups.first?.department?.basis.range
        if !hasHeadings { inferred = departmentFromSource(groups, from: 0) }
        for index in groups.indices {
            let startsSection = groups[index].department?.basis.range != heading
            if startsSection {
                heading = groups[index].department?.basis.range
                inferred = nil
            }
            if !startsSection, boundaries.contains(index) {
                inferred = departmentFromSource(groups, from: index) ?? inferred
            }
            if let inferred { groups[index].department = inferred }
        }
    }

    private static func departmentFromSource(_ groups: [DigestSplitter.Group], from index: Int) -> Found<String>? {
        guard let source = groups[index].sources.first, groups[index].sources.count == 1, isBody(source.value) else {
            return nil
        }
        return Found(source.value, Basis(rule: "source", range: source.basis.range, certainty: certaintyFromSource))
    }

    /// A medium is no department.
    private static func isBody(_ name: String) -> Bool {
        OrganReader(dictionaries: .standard).isOrgan(name.unicodeScalars.map(\.value)[...])
    }

    private static func runsBackwards(_ groups: [DigestSplitter.Group]) -> Bool {
        var (rises, falls) = (0, 0)
        for index in groups.indices.dropFirst() {
            guard let step = step(groups[index - 1], groups[index]) else { continue }
            if step > 0 { rises += 1 }
            if step < 0 { falls += 1 }
        }
        return falls > rises
    }

    private static func turns(_ before: DigestSplitter.Group, _ after: DigestSplitter.Group, _ runsBackwards: Bool)
        -> Bool
    {
        guard let step = step(before, after) else { return false }
        return runsBackwards ? step > 0 : step < 0
    }

    /// Days from one group's date to the next one's; across a new year counted as short.
    private static func step(_ before: DigestSplitter.Group, _ after: DigestSplitter.Group) -> Int? {
        guard let first = before.date?.value, let second = after.date?.value, let month = first.month,
            let nextMonth = second.month, let day = first.day, let nextDay = second.day
        else { return nil }
        let distance: Int
        if let year = first.year, let nextYear = second.year {
            distance =
                CalendarDay.number(year: nextYear, month: nextMonth, day: nextDay)
                - CalendarDay.number(year: year, month: month, day: day)
        } else {
            distance = (nextMonth - month) * 31 + nextDay - day
            if distance < -240 { return distance + 372 }
            if distance > 240 { return distance - 372 }
        }
        return distance
    }

    private static func sourceChanges(_ before: DigestSplitter.Group, _ after: DigestSplitter.Group) -> Bool {
        let earlier = Set(before.sources.map(\.value))
        return !after.sources.isEmpty && after.sources.allSatisfy { !earlier.contains($0.value) }
    }
}
