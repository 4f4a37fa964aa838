// Names by their characters, for finding the longest one that starts at a place.

/// A set of names, each with the name it is reported as.
struct NameTable: Sendable {
    private struct Entry: Sendable {
        var name: [UInt32]
        var canonical: String
    }

    /// Entries by their first character, longest first.
    private var entries: [UInt32: [Entry]] = [:]
    private var longest = 0

    init() {}

    /// Reads entries, one a line: `name` or `alias = name`. Empty lines and lines that start with `#` mean nothing.
    init(text: String) {
        for line in text.split(whereSeparator: \.isNewline) { add(line: String(line)) }
    }

    /// Adds one entry line; the later of two with one spelling wins.
    mutating func add(line: String) {
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

    /// The longest name that starts at `index`: its length in characters and what it is reported as.
    /// - Complexity: O(names that share the first character).
    @inline(__always)
    func match(_ scalars: [UInt32], at index: Int, before end: Int) -> (length: Int, canonical: String)? {
        guard let group = entries[scalars[index]] else { return nil }
        for entry in group where index + entry.name.count <= end {
            var matched = 1
            while matched < entry.name.count, scalars[index + matched] == entry.name[matched] { matched += 1 }
            if matched == entry.name.count { return (matched, entry.canonical) }
        }
        return nil
    }

    /// What the whole of `scalars` is reported as; nil where it is no name of the table.
    func canonical(of scalars: [UInt32]) -> String? {
        guard !scalars.isEmpty, scalars.count <= longest else { return nil }
        return entries[scalars[0]]?.first { $0.name == scalars }?.canonical
    }

    func contains(_ name: String) -> Bool { canonical(of: name.unicodeScalars.map(\.value)) != nil }

    /// The first characters of all names.
    var initials: Set<UInt32> { Set(entries.keys) }

    private static func trimmed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return String(decoding: bytes[LineScanner.trim(bytes, 0..<bytes.count).range], as: UTF8.self)
    }
}
