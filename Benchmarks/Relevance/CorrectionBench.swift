// Measures corrections: words of a segmented text, each misspelt so that it finds nothing, and what is offered for it.
//
//     relevance-bench --corrections GOLD GLYPHS DIR…
//
// GOLD has words with white space between them; GLYPHS lines `wrong = right` of characters that recognition mistakes. Words of two
// to four characters that three documents or more of a collection have are misspelt by one character of the same sound, by one of
// GLYPHS, written as pinyin or as initials. A right answer is the word itself, offered first.

import Analysis
import Foundation
import Messages
import SearchCore

enum CorrectionBench {
    /// SplitMix64: the same misspellings every time.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64 = 8

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    private static let sample = 300
    private static let leastDocuments = 3
    private static let leastUses = 5

    static func run(gold: String, glyphs: String, collections: [TestCollection]) throws {
        let words = try String(contentsOfFile: gold, encoding: .utf8).split(whereSeparator: \.isWhitespace).map(String.init)
        var uses: [Unicode.Scalar: Int] = [:]
        for scalar in words.joined().unicodeScalars { uses[scalar, default: 0] += 1 }
        var wrong: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        for line in try String(contentsOfFile: glyphs, encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: "=").map { Array($0.unicodeScalars.filter { $0 != " " }) }
            if parts.count == 2, parts[0].count == 1, parts[1].count == 1 { wrong[parts[1][0], default: []].append(parts[0][0]) }
        }
        let distinct = Set(words).filter { word in
            (2...4).contains(word.unicodeScalars.count) && word.unicodeScalars.allSatisfy { !Pinyin.shared.readings($0).isEmpty }
        }.sorted()
        for collection in collections {
            var generator = Generator()
            let known = try distinct.filter { try total($0, collection) >= leastDocuments }.shuffled(using: &generator)
            let ways: [(name: String, make: (String, inout Generator) -> String?)] = [
                ("same sound", { word, generator in
                    change(word, &generator) { scalar in
                        Pinyin.shared.readings(scalar).prefix(1).flatMap { Pinyin.shared.characters(reading: $0) }
                            .compactMap(Unicode.Scalar.init).filter { $0 != scalar && uses[$0] ?? 0 >= leastUses }
                    }
                }),
                ("look-alike", { word, generator in change(word, &generator) { wrong[$0] ?? [] } }),
                ("pinyin", { word, _ in word.unicodeScalars.map { letters($0) }.joined() }),
                ("initials", { word, _ in
                    word.unicodeScalars.count < 3 ? nil : word.unicodeScalars.map { letters($0).prefix(1) }.joined()
                }),
            ]
            for (name, make) in ways { try measure(name, make, known, collection, &generator) }
        }
    }

    private static func letters(_ scalar: Unicode.Scalar) -> String {
        String(decoding: Pinyin.shared.readings(scalar).first ?? [], as: UTF8.self)
    }

    /// The word with one character exchanged for one of those given; nil where none has any.
    private static func change(
        _ word: String, _ generator: inout Generator, _ others: (Unicode.Scalar) -> [Unicode.Scalar]
    ) -> String? {
        var scalars = Array(word.unicodeScalars)
        let places = scalars.indices.filter { !others(scalars[$0]).isEmpty }
        guard let place = places.randomElement(using: &generator),
            let other = others(scalars[place]).randomElement(using: &generator)
        else { return nil }
        scalars[place] = other
        return String(String.UnicodeScalarView(scalars))
    }

    private static func total(_ text: String, _ collection: TestCollection) throws -> Int {
        try Searcher(schema: .bulletins).search(
            SearchPlan(query: .text(text, field: nil), limit: 0), in: collection.snapshot
        ).total
    }

    private static func measure(
        _ name: String, _ make: (String, inout Generator) -> String?, _ words: [String], _ collection: TestCollection,
        _ generator: inout Generator
    ) throws {
        let clock = ContinuousClock()
        var times: [Double] = []
        var (first, offered, silent) = (0, 0, 0)
        for word in words where times.count < sample {
            guard let typed = make(word, &generator), try total(typed, collection) == 0 else { continue }
            let start = clock.now
            var corrector = Corrector(views: collection.snapshot.views, fields: ["title", "body"])
            var tried: [(text: String, rank: Double)] = []
            for candidate in try corrector.candidates(for: typed, limit: Corrector.usualLimit) {
                let found = try total(candidate.text, collection)
                if found > 0 { tried.append((candidate.text, Corrector.rank(total: found, cost: candidate.cost))) }
            }
            let ranked = tried.enumerated().sorted { ($1.element.rank, $0.offset) < ($0.element.rank, $1.offset) }
                .map(\.element.text)
            times.append((clock.now - start) / .milliseconds(1))
            first += ranked.first == word ? 1 : 0
            offered += ranked.prefix(3).contains(word) ? 1 : 0
            silent += ranked.isEmpty ? 1 : 0
        }
        times.sort()
        guard !times.isEmpty else { return print("\(collection.name) \(name): no word") }
        let count = Double(times.count)
        print(
            "\(collection.name) \(name):",
            String(
                format: "%d words, first %.3f, among three %.3f, nothing offered %.3f, p50 %.1f ms, p99 %.1f ms", times.count,
                Double(first) / count, Double(offered) / count, Double(silent) / count, times[times.count / 2],
                times[times.count * 99 / 100]))
    }
}
