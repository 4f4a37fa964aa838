// Near-duplicates among the items of one digest.
//
// Two items are one bulletin where their texts are nearly the same and nothing says that they are two: their titles have
// most of their characters in common (or one is missing), neither is flagged as a wrongly pasted body, and every number
// of the shorter text stands in the longer one. The last condition keeps the daily reports apart that differ in their
// figures only.
//
// Likeness is how much of the shorter text's runs of five characters (letters, digits, ideographs; all else is left out)
// the longer one has, estimated from the 64 least hashes of each (A. Broder, "On the resemblance and containment of
// documents", 1997). A text of more than twice the length is another text that quotes. Items that share one of their
// eight least hashes are compared.

import Messages

/// What likeness is measured by.
struct TextSketch: Sendable {
    static let runLength = 5
    static let sketchSize = 64
    static let keySize = 8

    /// The least hashes, ascending.
    let hashes: [UInt64]
    /// Hashes of every run of digits, ascending.
    let numbers: [UInt64]
    let characterCount: Int

    init(_ text: String) {
        var scalars: [UInt32] = []
        scalars.reserveCapacity(text.utf8.count / 3)
        var numbers: Set<UInt64> = []
        var number: UInt64?
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if (0x30...0x39).contains(value) || value == 0x2E && number != nil {
                number = Self.mixed(number ?? Self.start, value)
            } else if let whole = number {
                numbers.insert(whole)
                number = nil
            }
            if Self.counts(value) { scalars.append(value) }
        }
        if let number { numbers.insert(number) }
        self.numbers = numbers.sorted()
        characterCount = scalars.count
        var least = LeastHashes()
        if scalars.count >= Self.runLength {
            for start in 0...(scalars.count - Self.runLength) {
                least.offer(Self.hash(scalars[start..<(start + Self.runLength)]))
            }
        } else if !scalars.isEmpty {
            least.offer(Self.hash(scalars[...]))
        }
        hashes = least.finish()
    }

    /// How much of the shorter text stands in the longer one, 0…1, by the least hashes up to the least of both last ones:
    /// there both sketches are whole.
    func likeness(_ other: TextSketch) -> Double {
        guard let ownLast = hashes.last, let otherLast = other.hashes.last else { return 0 }
        let ownBound = hashes.count < Self.sketchSize ? UInt64.max : ownLast
        let otherBound = other.hashes.count < Self.sketchSize ? UInt64.max : otherLast
        let bound = min(ownBound, otherBound)
        var (first, second, both, ownCount, otherCount) = (0, 0, 0, 0, 0)
        while true {
            let own = first < hashes.count && hashes[first] <= bound ? hashes[first] : nil
            let theirs = second < other.hashes.count && other.hashes[second] <= bound ? other.hashes[second] : nil
            if own == nil, theirs == nil { break }
            if own == theirs { both += 1 }
            if let own, theirs.map({ own <= $0 }) ?? true { (first, ownCount) = (first + 1, ownCount + 1) }
            if let theirs, own.map({ theirs <= $0 }) ?? true { (second, otherCount) = (second + 1, otherCount + 1) }
        }
        return Double(both) / Double(max(1, min(ownCount, otherCount)))
    }

    private static func counts(_ value: UInt32) -> Bool {
        (0x30...0x39).contains(value) || (0x41...0x5A).contains(value) || (0x61...0x7A).contains(value)
            || (0x3400...0x9FFF).contains(value) || (0x20000...0x3FFFF).contains(value)
    }

    /// Whether every number of the other text stands in this one.
    func hasNumbers(of other: TextSketch) -> Bool {
        var place = 0
        for number in other.numbers {
            while place < numbers.count, numbers[place] < number { place += 1 }
            guard place < numbers.count, numbers[place] == number else { return false }
        }
        return true
    }

    /// FNV-1a.
    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325
    private static func mixed(_ hash: UInt64, _ scalar: UInt32) -> UInt64 { (hash ^ UInt64(scalar)) &* 0x100_0000_01B3 }

    /// FNV-1a of the scalars, mixed so that the least hashes are a fair sample.
    private static func hash(_ scalars: ArraySlice<UInt32>) -> UInt64 {
        var hash = start
        for scalar in scalars { hash = mixed(hash, scalar) }
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
        return hash ^ hash >> 31
    }
}

/// The least distinct hashes of many, in bounded memory.
private struct LeastHashes {
    private var hashes: [UInt64] = []
    /// Hashes from here on are not among the least.
    private var bound = UInt64.max

    mutating func offer(_ hash: UInt64) {
        guard hash < bound else { return }
        hashes.append(hash)
        if hashes.count == 4 * TextSketch.sketchSize { shrink() }
    }

    /// The least hashes, ascending, without repetition.
    mutating func finish() -> [UInt64] {
        shrink()
        return hashes
    }

    private mutating func shrink() {
        var distinct: [UInt64] = []
        for hash in hashes.sorted() where hash != distinct.last {
            distinct.append(hash)
            if distinct.count == TextSketch.sketchSize {
                bound = hash
                break
            }
        }
        hashes = distinct
    }
}

/// Finds near-duplicates.
struct Duplicates {
    /// Likeness of bodies from which two items may be one bulletin.
    static let bodyLikeness = 0.85
    /// Share of the shorter title's characters that the other title must have.
    static let titleLikeness = 0.6
    /// Bodies shorter than this are stock phrases; they are compared whole, with the titles.
    static let shortestBody = 30

    /// What is compared of an item.
    struct Facts: Sendable {
        let body: TextSketch
        let title: String
        let isWrong: Bool
        let day: String?

        init(_ stored: StoredItem) {
            body = TextSketch(stored.item.body)
            title = stored.item.title
            isWrong = stored.item.flags.contains("wrong-body")
            day = stored.item.published?.value.text
        }
    }

    private let facts: [Facts]

    init(_ facts: [Facts]) { self.facts = facts }

    /// Groups of indices, each ascending, in order of their first; an item without duplicates is a group of one.
    func groups() -> [[Int]] {
        var parent = Array(facts.indices)
        func root(_ index: Int) -> Int {
            var index = index
            while parent[index] != index { index = parent[index] }
            return index
        }
        for (first, second) in candidates() where areOne(facts[first], facts[second]) {
            let (a, b) = (root(first), root(second))
            if a != b { parent[max(a, b)] = min(a, b) }
        }
        var groups: [Int: [Int]] = [:]
        for index in facts.indices { groups[root(index), default: []].append(index) }
        return groups.values.sorted { $0[0] < $1[0] }
    }

    /// Pairs that share a key; each key pairs its holders with the first few of them, so that work stays bounded where
    /// one text is repeated a thousand times.
    private func candidates() -> [(Int, Int)] {
        var holders: [UInt64: [Int]] = [:]
        var pairs: [(Int, Int)] = []
        for (index, fact) in facts.enumerated() {
            var keys = Array(fact.body.hashes.prefix(TextSketch.keySize))
            if fact.body.characterCount < Self.shortestBody {
                keys.append(TextSketch(fact.title).hashes.first ?? 0)
            }
            var seen: Set<Int> = []
            for key in keys {
                for other in holders[key, default: []] where seen.insert(other).inserted {
                    pairs.append((other, index))
                }
                if holders[key, default: []].count < 16 { holders[key, default: []].append(index) }
            }
        }
        return pairs
    }

    private func areOne(_ left: Facts, _ right: Facts) -> Bool {
        guard !left.isWrong, !right.isWrong else { return false }
        let isShort = min(left.body.characterCount, right.body.characterCount) < Self.shortestBody
        if isShort {
            return left.title == right.title && !left.title.isEmpty && left.day == right.day
                && left.body.hashes == right.body.hashes
        }
        let shorter = left.body.characterCount <= right.body.characterCount ? left : right
        let longer = left.body.characterCount <= right.body.characterCount ? right : left
        guard longer.body.characterCount <= 2 * shorter.body.characterCount,
            longer.body.hasNumbers(of: shorter.body)
        else { return false }
        guard left.body.likeness(right.body) >= Self.bodyLikeness else { return false }
        guard !left.title.isEmpty, !right.title.isEmpty else { return true }
        let (first, second) = (Set(left.title.unicodeScalars), Set(right.title.unicodeScalars))
        return Double(first.intersection(second).count) >= Self.titleLikeness * Double(min(first.count, second.count))
    }
}
