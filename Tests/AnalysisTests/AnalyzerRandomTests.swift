// The analyser on random texts, whole and broken, against the oracle and its invariants.

import Testing

@testable import Analysis

@Suite struct AnalyzerRandomTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func tokensEqualTheOracles(seed: UInt64) {
        var random = RandomText(seed: seed)
        for round in 0..<1_500 {
            let text = round % 2 == 0 ? random.text() : random.brokenText()
            let found = AnalyzerOracle.analyzed(text)
            guard found == AnalyzerOracle.tokens(text) else {
                Issue.record(
                    "seed \(seed), round \(round): \(text)\nis  \(found)\nnot \(AnalyzerOracle.tokens(text))"
                )
                return
            }
        }
    }

    @Test(arguments: [11, 12] as [UInt64])
    func offsetsStandOnCharactersAndPositionsAscend(seed: UInt64) {
        var random = RandomText(seed: seed)
        for round in 0..<1_500 {
            let text = round % 2 == 0 ? random.text() : random.brokenText()
            var buffer = TokenBuffer()
            Analyzer().analyze(text, into: &buffer)
            var previous: Token?
            for token in buffer.tokens {
                let (start, end) = (Int(token.startByte), Int(token.endByte))
                #expect(start < end && end <= text.count, "seed \(seed), round \(round)")
                #expect(
                    text[start] & 0xC0 != 0x80 && (end == text.count || text[end] & 0xC0 != 0x80 || !isWhole(text)),
                    "seed \(seed), round \(round)")
                #expect((1...255).contains(token.termLength), "seed \(seed), round \(round)")
                #expect(String(validating: buffer.term(token), as: UTF8.self) != nil, "seed \(seed), round \(round)")
                if let previous {
                    #expect(
                        previous.position <= token.position && previous.startByte <= token.startByte,
                        "seed \(seed), round \(round)")
                }
                previous = token
            }
        }
    }

    private func isWhole(_ text: [UInt8]) -> Bool { String(validating: text, as: UTF8.self) != nil }

    @Test(arguments: [21, 22] as [UInt64])
    func everyRunOfChineseHasTheSameTermsByItself(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let characters = Array("疫情防控國際論壇打贏 　\n“”乾著畫㍿。，、0")
        for round in 0..<800 {
            let text = (0..<20).map { _ in characters.randomElement(using: &generator)! }
            let whole = runs(String(text))
            let lower = Int.random(in: 0..<19, using: &generator)
            let upper = Int.random(in: (lower + 1)...20, using: &generator)
            for run in runs(String(text[lower..<upper])) {
                #expect(
                    whole.contains { $0.contains(run) },
                    "seed \(seed), round \(round): \(String(text)) \(lower)..<\(upper)")
            }
        }
    }

    /// Runs of neighbouring CJK characters, folded.
    private func runs(_ text: String) -> [String] {
        Analyzer().queryUnits(text).compactMap {
            guard case .cjk(let characters) = $0.content else { return nil }
            return String(decoding: characters.joined(), as: UTF8.self)
        }
    }

    @Test func everyTransparentCharacterStandsInsideWordsExactlyIfItIsAMark() {
        for scalar in (Array(0..<0x20000) + Array(0xE0000..<0xE0400)).compactMap({ Unicode.Scalar($0 as UInt32) }) {
            guard FoldingTables.shared.entry(scalar.value) >> 28 == CharacterClass.transparent.rawValue else {
                continue
            }
            let text = Array("x\(scalar)y".utf8)
            #expect(
                AnalyzerOracle.analyzed(text) == AnalyzerOracle.tokens(text), "U+\(String(scalar.value, radix: 16))")
        }
    }

    @Test func foldingIsIdempotent() {
        let tables = FoldingTables.shared
        for scalar in (0..<0x110000 as Range<UInt32>) where Unicode.Scalar(scalar) != nil {
            let entry = tables.entry(scalar)
            let kind = CharacterClass(rawValue: entry >> 28)
            let isExpansion = kind == .letters || kind == .characters
            let targets = isExpansion ? Array(tables.expansion(entry)) : [entry & 0x1F_FFFF]
            for target in targets where target != 0 {
                let again = tables.entry(target)
                let isStable = again & 0x1F_FFFF == 0 || again & 0x1F_FFFF == target
                let keepsClass = isExpansion || again >> 28 == entry >> 28
                #expect(
                    isStable && keepsClass, "U+\(String(scalar, radix: 16)) folds to U+\(String(target, radix: 16))")
            }
        }
    }

    @Test func everyHanCharacterAndEveryLetterIsSearchable() {
        for scalar in (0x3400...0x9FFF).map({ Unicode.Scalar(UInt16($0))! })
        where scalar.properties.generalCategory == .otherLetter {
            #expect(FoldingTables.shared.entry(scalar.value) >> 28 == CharacterClass.cjk.rawValue, "\(scalar)")
        }
        for scalar in (0x41...0x24F).map({ Unicode.Scalar(UInt16($0))! }) where scalar.properties.isAlphabetic {
            #expect(!Analyzer().queryUnits(String(scalar)).isEmpty, "\(scalar)")
        }
    }
}
