// Readings, typed syllables, and matching by sound.

import Analysis
import Testing

@Suite struct PinyinTests {
    private func readings(_ character: Unicode.Scalar) -> [String] {
        Pinyin.shared.readings(character).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        arguments: [
            ("复", ["fu"]), ("行", ["xing", "hang"]), ("重", ["zhong", "chong"]), ("女", ["nv"]), ("略", ["lve"]), ("a", []),
            ("，", []), ("儿", ["er"]),
        ] as [(Unicode.Scalar, [String])])
    func charactersHaveTheirEverydayReadings(character: Unicode.Scalar, expected: [String]) {
        #expect(
            Array(readings(character).prefix(expected.count)) == expected
                && (expected.isEmpty == readings(character).isEmpty))
    }

    @Test func everyEverydayCharacterHasAReading() {
        // The first level of GB 2312, by the order of its readings: a few from each end and the middle.
        for scalar in "啊阿埃挨哎唉哀皑癌蔼八疤巴拔跋靶把耙坝霸不布步簿部怖擦猜裁材才财睬踩采彩座佐柞做作坐座".unicodeScalars {
            #expect(!readings(scalar).isEmpty, "\(scalar)")
        }
    }

    @Test(
        arguments: [
            ("jingdian", ["jing dian", "jing di an"]), ("fangan", ["fan gan", "fang an"]), ("xi'an", ["xi an"]),
            ("xian", ["xian", "xi an"]), ("nvren", ["nv ren"]),
            ("lue", ["lve", "lu e"]), ("NÜ", ["nv"]), ("q", []), ("jingd", []), ("", []), ("2020", []), ("ng", []),
        ] as [(String, [String])])
    func typedLettersAreReadAsSyllables(typed: String, expected: [String]) {
        #expect(Pinyin.shared.syllables(typed: typed).map { $0.joined(separator: " ") } == expected)
    }

    @Test func theNumberOfWaysIsBounded() {
        #expect(Pinyin.shared.syllables(typed: String(repeating: "xian", count: 16)).count == 8)
        #expect(Pinyin.shared.syllables(typed: String(repeating: "a", count: 65)).isEmpty)
    }

    @Test(arguments: [
        ("fugong", "全市复工复产", "复工"), ("fg", "全市复工复产", "复工"), ("fug", "全市复工复产", "复工"), ("fgong", "全市复工复产", "复工"),
        ("fgfc", "全市复工复产", "复工复产"),
        ("fugfch", "全市复工复产", "复工复产"), ("fgfchan", "全市復工復產", "復工復產"), ("yinhang", "中国银行", "银行"), ("yinxing", "银行", "银行"),
        ("zgyh", "中国银行", "中国银行"), ("zhgyh", "中国银行", "中国银行"),
        ("nvxing", "女性", "女性"), ("nuxing", "女性", "女性"), ("xi'an", "西安", "西安"), ("jd", "景点", "景点"), ("fx", "复 兴", "复 兴"),
    ])
    func lettersFindWhatTheySpell(typed: String, candidate: String, expected: String) throws {
        let bytes = Array(candidate.utf8)
        let found = try #require(PinyinMatcher(typed)).ranges(in: candidate).map {
            String(decoding: bytes[$0], as: UTF8.self)
        }
        #expect(found.first == expected)
    }

    @Test(arguments: [("fugong", "复，工"), ("xi'an", "先"), ("gongfu", "复工"), ("fugongz", "复工"), ("a", "甲"), ("an", "能")])
    func lettersFindNothingElse(typed: String, candidate: String) throws {
        #expect(try #require(PinyinMatcher(typed)).ranges(in: candidate).isEmpty)
    }

    @Test func onlyLettersMakeAMatcher() {
        #expect(
            PinyinMatcher("复工") == nil && PinyinMatcher("") == nil && PinyinMatcher("a1") == nil
                && PinyinMatcher("'") == nil)
        #expect(PinyinMatcher(String(repeating: "a", count: 65)) == nil)
    }

    @Test func theSoundTierHasEveryReadingAtItsCharacter() {
        var buffer = TokenBuffer()
        Analyzer().analyze(Array("银行a，工".utf8), into: &buffer)
        let sounds = Pinyin.shared.tokens(of: buffer)
        let found = sounds.tokens.map {
            "\(String(decoding: sounds.term($0), as: UTF8.self))@\($0.position):\($0.startByte)"
        }
        #expect(found == ["yin@0:0", "xing@1:3", "hang@1:3", "gong@4:10"])
    }

    @Test(arguments: [1, 2] as [UInt64])
    func everyRunIsFoundByItsOwnSpelling(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let characters = Array("复工产疫情防控银行重庆长城西安女性略景点国际论坛")
        for round in 0..<400 {
            let text = String((0..<8).map { _ in characters.randomElement(using: &generator)! })
            let lower = Int.random(in: 0..<7, using: &generator)
            let run = Array(text)[lower...min(7, lower + Int.random(in: 0...3, using: &generator))]
            var typed = ""
            for character in run {
                let reading = readings(character.unicodeScalars.first!).randomElement(using: &generator)!
                typed += Bool.random(using: &generator) ? reading : String(reading.prefix(1))
            }
            let bytes = Array(text.utf8)
            let found = try #require(PinyinMatcher(typed)).ranges(in: text).map { $0.lowerBound }
            #expect(found.contains(lower * 3), "seed \(seed), round \(round): \(typed) in \(text), \(bytes.count)")
        }
    }
}
