// What the analyser makes of the texts it was written for.

import Analysis
import Testing

@Suite struct AnalyzerTests {
    @Test func neighbouringCharactersMakeBigramsAtTheFirstOnesPosition() {
        #expect(tokens("疫情防") == ["u:疫@0", "b:疫情@0", "u:情@1", "b:情防@1", "u:防@2"])
        #expect(tokens("疫") == ["u:疫@0"])
        #expect(tokens("") == [])
    }

    @Test(arguments: ["疫 情防 控", "疫\n情防　控", "疫\r\n情 防控", "“疫情”防控", "《疫情》防控", "疫·情-防控", "疫情\u{200B}防控", "疫情\u{FE00}防控"])
    func spacesAndQuotationMarksBetweenCharactersLeaveNoTrace(text: String) {
        #expect(tokens(text) == tokens("疫情防控"))
    }

    @Test func punctuationTakesOnePositionAndBreaksBigrams() {
        #expect(tokens("防控，工作") == ["u:防@0", "b:防控@0", "u:控@1", "u:工@3", "b:工作@3", "u:作@4"])
        #expect(terms("，。防控……（工") == ["防@0", "控@1", "工@3"])
        #expect(terms("加油💪武汉") == ["加@0", "油@1", "武@3", "汉@4"])
    }

    @Test(arguments: [
        ("國際論壇", "国际论坛"), ("打贏", "打赢"), ("計畫", "计划"), ("看著", "看着"), ("台灣", "臺湾"), ("羣眾", "群衆"), ("裡面", "裏面"),
        ("皇后", "皇後"), ("⺠⽣", "民生"), ("樂", "樂"), ("說話", "説话"), ("說話", "说话"),
    ])
    func bothScriptsAndAllVariantsHaveTheSameTerms(first: String, second: String) {
        #expect(terms(first) == terms(second))
    }

    @Test(
        arguments: [
            ("４５００", ["4500@0"]), ("4,500", ["4500@0"]), ("1,234,567.5", ["1234567.5@0"]), ("４，５００", ["4500@0"]),
            ("4，500", ["4@0", "500@2"]), ("3,4", ["3@0", "4@2"]), ("12,3456", ["12@0", "3456@2"]),
            ("1234,567", ["1234@0", "567@2"]),
            ("3.14", ["3.14@0"]), ("３．１４", ["3.14@0"]), ("70%", ["70@0", "%@1"]), ("７０％左", ["70@0", "%@1", "左@2"]),
            ("2020.02.08", ["2020@0", "02@1", "08@2"]), ("2020-02-08", ["2020@0", "02@1", "08@2"]), ("5.", ["5@0"]),
            ("2020年", ["2020@0", "年@1"]), ("%左", ["左@0"]), ("5G", ["5@0", "g@1"]), ("10.5km", ["10.5@0", "km@1"]),
            ("٤٥", ["45@0"]),
            ("第①条", ["第@0", "条@2"]), ("3½", ["3@0"]),
        ] as [(String, [String])])
    func numbersReadAlikeHoweverTheyAreWritten(text: String, expected: [String]) {
        #expect(terms(text) == expected)
    }

    @Test(
        arguments: [
            ("COVID-19", ["covid@0", "19@1"]), ("H7N9禽", ["h7n9@0", "禽@1"]), ("Ｃｏｖｉｄ", ["covid@0"]),
            ("café", ["cafe@0"]),
            ("cafe\u{301}", ["cafe@0"]), ("don't", ["dont@0"]), ("don’t", ["dont@0"]),
            ("www.gov.cn", ["www@0", "gov@1", "cn@2"]),
            ("end. Next", ["end@0", "next@2"]), ("Straße", ["strasse@0"]), ("ﬁn", ["fin@0"]), ("m²", ["m2@0"]),
            ("100㎡", ["100@0", "m2@1"]),
            ("Москва", ["москва@0"]), ("ไทย", ["ไ@0", "ท@1", "ย@2"]), ("नमस्ते", ["नमस्ते@0"]), ("ÜRÜMQİ", ["urumqi@0"]),
            ("Ⅳ", ["iv@0"]),
            ("PM2.5", ["pm2@0", "5@1"]), ("A股", ["a@0", "股@1"]), ("A 股", ["a@0", "股@1"]), ("'a'", ["a@0"]),
        ] as [(String, [String])])
    func wordsAreFoldedToTheirPlainForm(text: String, expected: [String]) {
        #expect(terms(text) == expected)
    }

    @Test func voicedKanaAreOneCharacterInEveryForm() {
        let expected = terms("ガ")
        #expect(terms("カ\u{3099}") == expected && terms("ｶﾞ") == expected && expected.count == 1)
        #expect(terms("か") != terms("が"))
    }

    @Test func oneCharacterThatFoldsToSeveralStandsWithItsRangeForEach() {
        #expect(spans("㍿") == ["株=㍿", "式=㍿", "会=㍿", "社=㍿"])
        #expect(terms("㍿") == terms("株式會社"))
    }

    @Test func offsetsAreThoseOfTheOriginal() {
        #expect(spans("《國 際》4,500家，café") == ["国=國", "际=際", "4500=4,500", "家=家", "cafe=café"])
        var buffer = TokenBuffer()
        Analyzer().analyze(Array("疫 情".utf8), into: &buffer)
        #expect(buffer.tokens.map { [$0.startByte, $0.endByte] } == [[0, 3], [0, 7], [4, 7]])
    }

    @Test func longWordsAndNumbersAreCutAtACharacter() {
        let word = String(repeating: "д", count: 300)
        var buffer = TokenBuffer()
        Analyzer().analyze(Array((word + " " + String(repeating: "7", count: 300)).utf8), into: &buffer)
        #expect(buffer.tokens.map(\.termLength) == [254, 255])
        #expect(buffer.tokens.map(\.endByte) == [600, 901])
    }

    @Test func malformedBytesSeparateAndNeverTrap() {
        #expect(tokens(Array("疫".utf8) + [0xFF] + Array("情".utf8)) == ["u:疫@0", "u:情@2"])
        #expect(tokens(Array("疫".utf8.dropLast())) == [])
        #expect(tokens([0xED, 0xA0, 0x80, 0x61]) == ["w:a@0"], "a surrogate")
        #expect(tokens([0xC0, 0x80, 0xE0, 0x80, 0x80, 0xF4, 0x90, 0x80, 0x80, 0x61]) == ["w:a@0"], "overlong, beyond")
        #expect(terms("疫\u{FFFD}情") == ["疫@0", "情@2"])
    }

    @Test func severalTextsCanShareABuffer() {
        var buffer = TokenBuffer()
        Analyzer().analyze(Array("防控".utf8), into: &buffer)
        Analyzer().analyze(Array("工作".utf8), into: &buffer)
        #expect(
            buffer.tokens.filter { $0.kind == .bigram }.map { Array(buffer.term($0)) } == [
                Array("防控".utf8), Array("工作".utf8),
            ])
        buffer.removeAll()
        #expect(buffer.tokens.isEmpty && buffer.termBytes.isEmpty)
    }

    @Test func queryUnitsKeepRunsTogetherAndTellGaps() {
        func cjk(_ text: String) -> QueryUnit.Content { .cjk(text.map { Array(String($0).utf8) }) }
        let units = Analyzer().queryUnits("新冠COVID 防疫，打贏70%")
        #expect(
            units.map(\.content) == [
                cjk("新冠"), .word(Array("covid".utf8)), cjk("防疫"), cjk("打赢"), .number(Array("70".utf8)),
                .word(Array("%".utf8)),
            ])
        #expect(units.map(\.position) == [0, 2, 3, 6, 8, 9])
        #expect(units.map(\.range) == [0..<6, 6..<11, 12..<18, 21..<27, 27..<29, 29..<30])
        #expect(Analyzer().queryUnits("，。 ！") == [])
    }

    @Test func foldedNamesCompareEqual() {
        #expect(Analyzer().folded("　上海  發布 ") == "上海 发布")
        #expect(Analyzer().folded("Ｔitle") == "title")
        #expect(Analyzer().folded("（２０２０）１号") == "(2020)1号")
        #expect(Analyzer().folded("“”") == "")
    }
}
