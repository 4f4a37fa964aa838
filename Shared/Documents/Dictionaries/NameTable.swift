// Names by their characters, for finding the longest one that starts at a place.
//
// Entries are gathered by their first character and then laid out in one array: a table of the basic plane says where the
// names of a character stand. Most characters begin none, and finding that out is one load.

/// A set of names, each with the name it is reported as.
struct NameTable: Sendable {
    private struct Entry: Sendable {
        var name: [UInt32]
        var canonical: String
    }

    /// One name in `characters`.
    private struct Place: Sendable {
        var start: Int32
        var length: Int32
        var canonical: Int32
    }

    /// Entries by their first character, longest first.
    private var entries: [UInt32: [Entry]] = [:]
    private var longest = 0
    /// By first character: one more than the index of its group; 0 for none. Characters beyond the basic plane begin no name.
    private var groupOf: [UInt16] = []
    /// Where each group's names start in `places`; one more than there are groups.
    private var groups: [Int32] = [0]
    private var places: [Place] = []
    private var characters: [UInt32] = []
    private var canonicals: [String] = []

    init() {}

    /// Reads entries, one a line: `name` or `alias = name`. Empty lines and lines that start with `#` mean nothing.
    init(text: String) {
        for line in text.split(whereSeparator: \.isNewline) { note(line: String(line)) }
        layOut()
    }

    /// Reads entries that are parted by spaces or line breaks and are reported as they stand.
    init(words: String) {
        for word in words.split(whereSeparator: { $0 == " " || $0.isNewline }) { note(line: String(word)) }
        layOut()
    }

    /// Notes one entry line, which counts after `layOut`; the later of two with one spelling wins.
    mutating func note(line: String) {
        let parts = line.split(separator: "=", maxSplits: 1).map { Self.trimmed(String($0)) }
        guard let alias = parts.first, !alias.isEmpty, !alias.hasPrefix("#") else { return }
        let name = alias.unicodeScalars.map(\.value)
        let canonical = parts.count > 1 && !parts[1].isEmpty ? parts[1] : alias
        var group = entries[name[0], default: []]
        group.removeAll { $0.name == name }
        let place = group.firstIndex { $0.name.count < name.count } ?? group.endIndex
        group.insert(Entry(name: name, canonical: canonical), at: place)
        entries[name[0]] = group
        longest = max(longest, name.count)
    }

    /// Makes everything noted count.
    /// - Complexity: linear in all names.
    mutating func layOut() {
        groupOf = [UInt16](repeating: 0, count: 0x10000)
        (groups, places, characters, canonicals) = ([0], [], [], [])
        for (first, group) in entries.sorted(by: { $0.key < $1.key }) where first < 0x10000 && groups.count < 0xFFFF {
            for entry in group {
                places.append(
                    Place(start: Int32(characters.count), length: Int32(entry.name.count), canonical: Int32(canonicals.count)))
                characters += entry.name
                canonicals.append(entry.canonical)
            }
            groupOf[Int(first)] = UInt16(groups.count)
            groups.append(Int32(places.count))
        }
    }

    /// Whether a name begins with `scalar`.
    @inline(__always)
    func mayStart(_ scalar: UInt32) -> Bool { scalar < 0x10000 && !groupOf.isEmpty && groupOf[Int(scalar)] != 0 }

    /// The longest name that starts at `index`: its length in characters and what it is reported as.
    /// - Complexity: O(names that share the first character).
    @inline(__always)
    func match(_ scalars: [UInt32], at index: Int, before end: Int) -> (length: Int, canonical: String)? {
        guard mayStart(scalars[index]) else { return nil }
        return longestMatch(scalars, at: index, before: end).map { (Int($0.length), canonicals[Int($0.canonical)]) }
    }

    /// The length of the longest name that starts at `index`; 0 where none does.
    @inline(__always)
    func matchLength(_ scalars: [UInt32], at index: Int, before end: Int) -> Int {
        guard mayStart(scalars[index]) else { return 0 }
        return longestMatch(scalars, at: index, before: end).map { Int($0.length) } ?? 0
    }

    private func longestMatch(_ scalars: [UInt32], at index: Int, before end: Int) -> Place? {
        let group = Int(groupOf[Int(scalars[index])])
        for number in Int(groups[group - 1])..<Int(groups[group]) {
            let place = places[number]
            let length = Int(place.length)
            guard index + length <= end else { continue }
            let start = Int(place.start)
            var matched = 1
            while matched < length, scalars[index + matched] == characters[start + matched] { matched += 1 }
            if matched == length { return place }
        }
        return nil
    }

    /// What the whole of `scalars` is reported as; nil where it is no name of the table.
    func canonical(of scalars: [UInt32]) -> String? {
        guard let first = scalars.first, scalars.count <= longest, mayStart(first) else { return nil }
        let group = Int(groupOf[Int(first)])
        for number in Int(groups[group - 1])..<Int(groups[group]) where Int(places[number].length) == scalars.count {
            let start = Int(places[number].start)
            var matched = 1
            while matched < scalars.count, scalars[matched] == characters[start + matched] { matched += 1 }
            if matched == scalars.count { return canonicals[Int(places[number].canonical)] }
        }
        return nil
    }

    func contains(_ name: String) -> Bool { canonical(of: name.unicodeScalars.map(\.value)) != nil }

    /// The first characters of all names.
    var initials: Set<UInt32> { Set(entries.keys) }

    private static func trimmed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return String(decoding: bytes[LineScanner.trim(bytes, 0..<bytes.count).range], as: UTF8.self)
    }
}
