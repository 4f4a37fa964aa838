// What a site asks robots to leave alone: RFC 9309, "Robots Exclusion Protocol" (Koster, Illyes, Zeller, Sassman, 2022).
//
//     group     one or more `User-agent:` lines, then rules; groups of one name are joined; `*` counts where none names us
//     rule      `Allow:` or `Disallow:` and a pattern; the longest pattern that matches decides, Allow before Disallow
//     pattern   a path from its beginning; `*` is any run, a `$` at the end is the end
//     besides   `Crawl-delay:` in seconds, which the RFC leaves to others
//
// Bounded: half a MiB of text, a thousand rules, patterns of 512 bytes; what is beyond them is not read.

/// The rules of one `robots.txt` for one robot.
package struct RobotsRules: Sendable, Hashable {
    private struct Rule: Sendable, Hashable {
        var isAllowed: Bool
        var pattern: [UInt8]
    }

    private static let textBytes = 512 << 10
    private static let ruleLimit = 1000
    private static let patternBytes = 512

    private var rules: [Rule] = []
    /// Seconds between two requests that the site asks for.
    package private(set) var delaySeconds: Double?

    /// No rules: everything may be fetched.
    package init() {}

    /// - Parameter robot: our name in such files, in lowercase.
    package init(_ bytes: [UInt8], robot: String) {
        var own = RobotsRules()
        var others = RobotsRules()
        var isNamed = false
        var (isOwn, isOthers, isInRules) = (false, false, true)
        for line in String(decoding: bytes.prefix(Self.textBytes), as: UTF8.self).split(whereSeparator: \.isNewline) {
            let content = line.prefix { $0 != "#" }
            guard let colon = content.firstIndex(of: ":") else { continue }
            let key = Self.trim(content[..<colon]).lowercased()
            let value = Self.trim(content[content.index(after: colon)...])
            switch key {
            case "user-agent":
                // The first after rules begins a new group.
                if isInRules { (isOwn, isOthers, isInRules) = (false, false, false) }
                let name = value.lowercased().prefix { $0.isLetter || $0 == "-" || $0 == "_" }
                if value == "*" { isOthers = true } else if name == robot { (isOwn, isNamed) = (true, true) }
            case "allow", "disallow", "crawl-delay":
                isInRules = true
                if isOwn { own.add(key, value) }
                if isOthers { others.add(key, value) }
            default: break
            }
        }
        self = isNamed ? own : others
    }

    /// Whether a path, with its query and percent-encoded, may be fetched.
    package func allows(_ target: String) -> Bool {
        let path = Self.normal(target)
        var best = (length: -1, isAllowed: true)
        for rule in rules where Self.matches(rule.pattern, path) {
            let length = rule.pattern.count
            if length > best.length || (length == best.length && rule.isAllowed) { best = (length, rule.isAllowed) }
        }
        return best.isAllowed
    }

    private mutating func add(_ key: String, _ value: String) {
        if key == "crawl-delay" {
            if let seconds = Double(value), seconds >= 0, seconds.isFinite { delaySeconds = seconds }
            return
        }
        let pattern = Self.normal(value)
        // An empty pattern matches nothing.
        guard !pattern.isEmpty, pattern.count <= Self.patternBytes, rules.count < Self.ruleLimit else { return }
        rules.append(Rule(isAllowed: key == "allow", pattern: pattern))
    }

    private static func trim(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }

    /// Percent-encodes what is not ASCII, with uppercase digits throughout, so that equal paths are equal bytes.
    private static func normal(_ text: String) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        var rest = 0
        for byte in text.utf8 {
            if byte >= 0x80 || byte <= 0x20 {
                result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                if rest > 0, (0x61...0x66).contains(byte) { result.append(byte - 0x20) } else { result.append(byte) }
            }
            rest = byte == 0x25 ? 2 : max(0, rest - 1)
        }
        return result
    }

    /// Whether a pattern matches the beginning of a path: its pieces between stars stand in it one after the other.
    private static func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
        let isAnchored = pattern.last == 0x24
        let pieces = pattern.dropLast(isAnchored ? 1 : 0).split(separator: 0x2A, omittingEmptySubsequences: false)
        guard let first = pieces.first, path.starts(with: first) else { return false }
        guard pieces.count > 1 else { return !isAnchored || path.count == first.count }
        var position = first.count
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = path[position...].firstRange(of: piece) else { return false }
            position = found.upperBound
        }
        guard let last = pieces.last, !last.isEmpty else { return true }
        if isAnchored { return path.count - position >= last.count && path.suffix(last.count).elementsEqual(last) }
        return path[position...].firstRange(of: last) != nil
    }
}
