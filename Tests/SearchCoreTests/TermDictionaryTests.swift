// The term dictionary against a sorted array, and edit distances against a full table.

import Testing

@testable import SearchCore

@Suite struct TermDictionaryTests {
    private func info(_ number: Int) -> TermInfo {
        number % 3 == 0
            ? TermInfo(documentFrequency: 1, singleDocument: UInt32(number), singleFrequency: 2, positionBytes: 3)
            : TermInfo(documentFrequency: 2 + number, bound: UInt16(number % 65536), postingBytes: number % 7, positionBytes: number % 5)
    }

    private func withDictionary(_ terms: [[UInt8]], _ body: (TermDictionary) throws -> Void) throws {
        var writer = TermDictionaryWriter(detail: .positions)
        var offset = 0
        for (number, term) in terms.enumerated() {
            var entry = info(number)
            entry.offset = TermInfo.aligned(offset, documentFrequency: entry.documentFrequency)
            offset = entry.offset + entry.postingBytes + entry.positionBytes
            writer.add(term, entry)
        }
        let bytes = writer.encode()
        try unsafe bytes.withUnsafeBytes { raw in
            try body(TermDictionary(unsafe ByteView(base: raw.baseAddress!, count: raw.count), detail: .positions))
        }
    }

    @Test(arguments: [0, 1, 15, 16, 17, 1000])
    func lookupsEqualASortedArray(_ count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count) + 1)
        var set = Set<[UInt8]>()
        while set.count < count {
            // Few letters and many shared beginnings, so that blocks begin with equal eight bytes.
            let length = 1 + generator.below(generator.chance(50) ? 4 : 14)
            set.insert((0..<length).map { _ in UInt8(generator.chance(90) ? 97 : 97 + generator.below(3)) } + [UInt8(generator.below(3))])
        }
        let terms = set.sorted { $0.lexicographicallyPrecedes($1) }
        try withDictionary(terms) { dictionary in
            #expect(dictionary.termCount == count)
            for (ordinal, term) in terms.enumerated() where count < 100 || generator.chance(20) {
                let found = try #require(try dictionary.find(term))
                #expect(found.ordinal == ordinal)
                #expect(found.info.documentFrequency == info(ordinal).documentFrequency)
                #expect(found.info.bound == info(ordinal).bound && found.info.positionBytes == info(ordinal).positionBytes)
                #expect(try dictionary.term(at: ordinal) == term)
                for other in [term + [0], term + [255], Array(term.dropLast()), term.dropLast() + [term.last! &+ 1]] {
                    #expect((try dictionary.find(other) != nil) == set.contains(other))
                    let bound = terms.firstIndex { !$0.lexicographicallyPrecedes(other) } ?? count
                    #expect(try dictionary.lowerBound(other).ordinal == bound)
                }
            }
            for start in [0, 1, 15, 16, 17, count / 2, count] where start <= count {
                var walk = try dictionary.iterate(from: start)
                var found: [[UInt8]] = []
                while try walk.next() {
                    #expect(walk.ordinal == start + found.count)
                    found.append(walk.term)
                }
                #expect(found == Array(terms[start...]))
            }
            #expect(try dictionary.find([]) == nil)
        }
    }

    @Test func editDistancesEqualTheFullTable() {
        func full(_ first: [Character], _ second: [Character]) -> Int {
            var table = [[Int]](repeating: [Int](repeating: 0, count: second.count + 1), count: first.count + 1)
            for row in 0...first.count {
                for column in 0...second.count {
                    if row == 0 || column == 0 {
                        table[row][column] = row + column
                        continue
                    }
                    let same = first[row - 1] == second[column - 1]
                    table[row][column] = min(
                        table[row - 1][column] + 1, table[row][column - 1] + 1, table[row - 1][column - 1] + (same ? 0 : 1))
                    if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                        table[row][column] = min(table[row][column], table[row - 2][column - 2] + 1)
                    }
                }
            }
            return table[first.count][second.count]
        }
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<5000 {
            let letters = Array("ab疫")
            let first = (0..<generator.below(8)).map { _ in letters[generator.below(3)] }
            let second = (0..<generator.below(8)).map { _ in letters[generator.below(3)] }
            for limit in 0...2 {
                var distance = EditDistance(to: Array(String(first).utf8)[...], limit: limit)
                let expected = full(first, second)
                #expect(distance.distance(from: Array(String(second).utf8)[...]) == (expected <= limit ? expected : nil))
            }
        }
    }
}
