// The texts that one segment can suggest, in the order of preference, and a sorted table for each way of typing them. Built
// once, never changed.
//
// Tables, each of (key, number), ascending by key:
//   beginnings  the folded text
//   insides     the folded text from each of its characters on; of ASCII words and numbers from their first only
//   sounds      the syllables run together: `fugongfuchan`
//   initials    the first letters: `fgfc`, and behind each key, after its zero byte, the spelling that they abbreviate
//   softened    the syllables as a careless ear has them, apart: `fu'gon'fu'can'`
//
// Invariants:
//  (1) A call gives exactly the first `limit` texts, by (way of typing, number), that fit and are visible, each once: as if
//      every text were looked at. Only mixed spellings (`fgong`) are bounded: `spellingLimit` rows and `branchLimit` ways of
//      parting the letters are tried.
//  (2) Numbers ascend with preference; entries of equal folded text are one group, and the first visible one stands for it.

package import Analysis
package import Messages

/// Finds texts by what was typed. A value without state: share it freely.
package struct SuggestionTable: Sendable {
    /// Texts kept; further ones, the least preferred, are left out.
    package static let maximumEntries = 1 << 20
    /// Characters of a text that are looked at.
    private static let textLimit = 64
    private static let spellingLimit = 8192
    private static let branchLimit = 512

    private let folded: [UInt8]
    /// The original texts, one after the other, and where each begins.
    private let texts: [UInt8]
    private let textStarts: [UInt32]
    private let groups: [UInt32]
    private let beginnings: KeyTable
    private let insides: KeyTable
    private let soundBytes: [UInt8]
    private let sounds: KeyTable
    private let initialBytes: [UInt8]
    private let initials: KeyTable
    private let softenedBytes: [UInt8]
    private let softened: KeyTable

    /// - Parameters:
    ///   - all: the texts, the most preferred first.
    ///   - partitions: a number for each text; equal texts of different numbers are different groups. None for one group.
    /// - Complexity: O(n log n) in the texts' characters.
    package init(_ all: [String], analyzer: Analyzer = Analyzer(), partitions: [Int] = []) {
        var making = Making()
        for (place, text) in all.prefix(Self.maximumEntries).enumerated() {
            making.add(text, partition: place < partitions.count ? partitions[place] : 0, analyzer)
        }
        folded = making.folded
        texts = making.texts
        textStarts = making.textStarts
        groups = making.groups
        beginnings = making.beginnings.sorted(in: making.folded)
        insides = making.insides.sorted(in: making.folded)
        soundBytes = making.soundBytes
        sounds = making.sounds.sorted(in: making.soundBytes)
        initialBytes = making.initialBytes
        initials = making.initials.sorted(in: making.initialBytes)
        softenedBytes = making.softenedBytes
        softened = making.softened.sorted(in: making.softenedBytes)
    }

    package var count: Int { groups.count }

    /// Bytes of memory, about.
    package var byteCount: Int {
        let tables =
            beginnings.byteCount + insides.byteCount + sounds.byteCount + initials.byteCount + softened.byteCount
        return tables + folded.count + texts.count + groups.count * 8 + soundBytes.count + initialBytes.count
            + softenedBytes.count
    }

    /// The original text.
    package func text(_ number: UInt32) -> String {
        String(decoding: texts[Int(textStarts[Int(number)])..<Int(textStarts[Int(number) + 1])], as: UTF8.self)
    }

    /// The visible texts that fit, the best way of fitting first, then by number; at most `limit`.
    ///
    /// - Complexity: O(log n + rows that fit / 64) where most are visible, O(rows that fit) at worst.
    package func matches(
        _ typed: TypedText, limit: Int, isVisible: (UInt32) -> Bool = { _ in true }
    ) -> [(number: UInt32, match: SuggestionMatch)] {
        var result: [(number: UInt32, match: SuggestionMatch)] = []
        var taken: Set<UInt32> = []
        for match in SuggestionMatch.allCases where result.count < limit {
            var top = TopEntries(limit: limit - result.count, taken: taken)
            collect(match, typed, &top, isVisible)
            for (number, group) in top.found {
                taken.insert(group)
                result.append((number, match))
            }
        }
        return result
    }

    private func collect(
        _ match: SuggestionMatch, _ typed: TypedText, _ top: inout TopEntries, _ isVisible: (UInt32) -> Bool
    ) {
        switch match {
        case .prefix:
            let rows = beginnings.range(of: typed.key, within: beginnings.whole, in: folded)
            beginnings.offer(rows, to: &top, groups: groups, isVisible: isVisible)
        case .inside:
            guard typed.count > 1 else { return }
            let rows = insides.range(of: typed.key, within: insides.whole, in: folded)
            insides.offer(rows, to: &top, groups: groups, isVisible: isVisible)
        case .pinyin:
            guard let letters = typed.letters else { return }
            let whole = sounds.range(of: letters, within: sounds.whole, in: soundBytes)
            sounds.offer(whole, to: &top, groups: groups, isVisible: isVisible)
            let short = initials.range(of: letters, within: initials.whole, in: initialBytes)
            initials.offer(short, to: &top, groups: groups, isVisible: isVisible)
            var mixed = MixedSpelling(letters)
            collectMixed(&mixed, at: 0, depth: 0, rows: initials.whole, isWhole: true, &top, isVisible)
        case .homophone:
            for key in typed.softened {
                let rows = softened.range(of: key, within: softened.whole, in: softenedBytes)
                softened.offer(rows, to: &top, groups: groups, isVisible: isVisible)
            }
        case .typo: collectTypos(typed, &top, isVisible)
        }
    }

    // MARK: Mixed spellings

    /// The letters of one call, and what it may still try.
    private struct MixedSpelling {
        let letters: [UInt8]
        var branches = SuggestionTable.branchLimit
        var spellings = SuggestionTable.spellingLimit

        init(_ letters: [UInt8]) { self.letters = letters }
    }

    /// Parts the letters from `at` on into syllables and initials, following the table of initials, and looks at the
    /// spellings behind the rows at the end.
    ///
    /// - Parameters:
    ///   - rows: those whose first `depth` initials are those of the parts before `at`.
    ///   - isWhole: whether those parts are whole syllables: the table of sounds has them.
    private func collectMixed(
        _ mixed: inout MixedSpelling, at: Int, depth: Int, rows: Range<Int>, isWhole: Bool, _ top: inout TopEntries,
        _ isVisible: (UInt32) -> Bool
    ) {
        let letters = mixed.letters
        let rows = initials.range(of: [letters[at]], at: depth, within: rows, in: initialBytes)
        guard !rows.isEmpty, mixed.branches > 0 else { return }
        mixed.branches -= 1
        for length in 1...min(letters.count - at, Pinyin.longestSyllable) {
            let end = at + length
            let isSyllable = Pinyin.shared.isSyllable(letters[at..<end])
            if end == letters.count {
                guard !isWhole else { continue }
                for row in rows where initials.number(row) < top.bound {
                    guard mixed.spellings > 0 else { return }
                    mixed.spellings -= 1
                    guard spells(letters, row) else { continue }
                    let number = initials.number(row)
                    top.offer(number, group: groups[Int(number)], isVisible: isVisible)
                }
            } else if isSyllable || length == 1 || (length == 2 && letters[at + 1] == 0x68) {
                // A single letter may abbreviate, even one that is a syllable: afu is 安复 and 阿复.
                collectMixed(
                    &mixed, at: end, depth: depth + 1, rows: rows, isWhole: isWhole && isSyllable && length > 1, &top,
                    isVisible)
            }
        }
    }

    /// Whether the letters spell the beginning of what a row of initials stands for: of each syllable all, its first
    /// letter, or zh, ch, sh; of the last one as much as is typed.
    private func spells(_ letters: [UInt8], _ row: Int) -> Bool {
        var place = initials.start(row)
        while initialBytes[place] != 0 { place += 1 }
        place += 1
        // Bit i: the first i letters can have been taken by the syllables so far. Letters are at most `maximumTyped`.
        var reached: UInt64 = 1
        while initialBytes[place] != 0, reached != 0 {
            var end = place
            while initialBytes[end] != SuggestionText.apostrophe { end += 1 }
            var next: UInt64 = 0
            var left = reached
            while left != 0 {
                let at = left.trailingZeroBitCount
                left &= left &- 1
                var common = 0
                while place + common < end, at + common < letters.count,
                    initialBytes[place + common] == letters[at + common]
                {
                    common += 1
                }
                guard common > 0 else { continue }
                if at + common == letters.count { return true }
                next |= 1 << UInt64(at + 1)
                if common >= 2, initialBytes[place + 1] == 0x68 { next |= 1 << UInt64(at + 2) }
                if place + common == end { next |= 1 << UInt64(at + common) }
            }
            reached = next
            place = end + 1
        }
        return false
    }

    // MARK: Typing mistakes

    /// Texts whose beginning is one mistake away. The first character is right, unless it is swapped with the second.
    private func collectTypos(_ typed: TypedText, _ top: inout TopEntries, _ isVisible: (UInt32) -> Bool) {
        guard typed.count >= TypedText.shortestTolerant else { return }
        let key = typed.key
        let places = typed.offsets
        func offer(_ piece: [UInt8], from: Int = 0, at offset: Int, within rows: Range<Int>) {
            let found = beginnings.range(of: piece, from: from, at: offset, within: rows, in: folded)
            beginnings.offer(found, to: &top, groups: groups, isVisible: isVisible)
        }
        func swapped(_ index: Int) -> [UInt8] {
            Array(
                key[places[index + 1]..<places[index + 2]] + key[places[index]..<places[index + 1]]
                    + key[places[index + 2]...])
        }
        offer(swapped(0), at: 0, within: beginnings.whole)
        var rows = beginnings.range(of: Array(key[..<places[1]]), within: beginnings.whole, in: folded)
        for index in 1..<typed.count where !rows.isEmpty {
            let offset = places[index]
            let right = Array(key[offset..<places[index + 1]])
            // One too many, and two swapped.
            offer(key, from: places[index + 1], at: offset, within: rows)
            if index + 1 < typed.count { offer(swapped(index), at: offset, within: rows) }
            // Another one, and one too few: each character that stands there.
            var low = rows.lowerBound
            while low < rows.upperBound {
                let there = scalar(at: beginnings.start(low) + offset)
                let child = beginnings.range(of: there, at: offset, within: low..<rows.upperBound, in: folded)
                low = child.upperBound
                guard there != [0] else { continue }
                if there != right { offer(key, from: places[index + 1], at: offset + there.count, within: child) }
                offer(key, from: offset, at: offset + there.count, within: child)
            }
            rows = beginnings.range(of: right, at: offset, within: rows, in: folded)
        }
    }

    /// The bytes of the scalar that begins here; a zero byte at the end of a key.
    private func scalar(at place: Int) -> [UInt8] {
        let first = folded[place]
        let length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        return Array(folded[place..<min(place + length, folded.count)])
    }

    // MARK: Making

    private struct Making {
        var folded: [UInt8] = []
        var texts: [UInt8] = []
        var textStarts: [UInt32] = [0]
        var groups: [UInt32] = []
        var beginnings = KeyTable.Builder()
        var insides = KeyTable.Builder()
        var soundBytes: [UInt8] = []
        var sounds = KeyTable.Builder()
        var initialBytes: [UInt8] = []
        var initials = KeyTable.Builder()
        var softenedBytes: [UInt8] = []
        var softened = KeyTable.Builder()
        private var firstOf: [Key: UInt32] = [:]

        private struct Key: Hashable {
            let text: String
            let partition: Int
        }

        mutating func add(_ text: String, partition: Int, _ analyzer: Analyzer) {
            let number = groups.count
            let scalars = Array(SuggestionText.plain(text, analyzer).unicodeScalars.prefix(SuggestionTable.textLimit))
            var plain = String.UnicodeScalarView()
            plain.append(contentsOf: scalars)
            let key = String(plain)
            let group = firstOf[Key(text: key, partition: partition)] ?? UInt32(number)
            firstOf[Key(text: key, partition: partition)] = group
            groups.append(group)
            texts += Array(text.utf8)
            textStarts.append(UInt32(texts.count))
            let start = folded.count
            folded += Array(key.utf8)
            folded.append(0)
            guard !scalars.isEmpty else { return }
            beginnings.add(start: start, number: number, in: folded)
            var place = start
            for (index, scalar) in scalars.enumerated() {
                let isInsideOfWord = index > 0 && Self.isWord(scalar) && Self.isWord(scalars[index - 1])
                if !isInsideOfWord { insides.add(start: place, number: number, in: folded) }
                place += String(scalar).utf8.count
            }
            for reading in SuggestionText.readings(scalars) { add(reading, number) }
        }

        private mutating func add(_ reading: [[UInt8]], _ number: Int) {
            let sound = soundBytes.count
            soundBytes += reading.joined()
            soundBytes.append(0)
            sounds.add(start: sound, number: number, in: soundBytes)
            let initial = initialBytes.count
            initialBytes += reading.compactMap(\.first)
            initialBytes.append(0)
            initialBytes += SuggestionText.spelled(reading)
            initialBytes.append(0)
            initials.add(start: initial, number: number, in: initialBytes)
            let soft = softenedBytes.count
            softenedBytes += SuggestionText.spelled(reading.map(SuggestionText.soften))
            softenedBytes.append(0)
            softened.add(start: soft, number: number, in: softenedBytes)
        }

        private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9": true
            default: false
            }
        }
    }
}
