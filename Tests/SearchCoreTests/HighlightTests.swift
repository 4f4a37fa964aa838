// What is marked, and what is shown.

import Analysis
import Foundation
import Messages
import SearchCore
import Testing

@Suite struct HighlightTests {
    /// The text with its marks in brackets.
    private func marked(_ text: String, _ query: String, field: String = "body") throws -> String {
        let query = try QueryParser(fields: queryLanguageFields).parse(query)
        return brackets(Highlighter(query, fields: queryLanguageFields).highlight(text, field: field))
    }

    private func brackets(_ shown: HighlightedText) -> String {
        let bytes = Array(shown.text.utf8)
        var result: [UInt8] = shown.continuesBefore ? Array("…".utf8) : []
        var at = 0
        for range in shown.ranges {
            result +=
                bytes[at..<(range.lower - shown.start)] + [0x5B]
                + bytes[(range.lower - shown.start)..<(range.upper - shown.start)] + [0x5D]
            at = range.upper - shown.start
        }
        return String(decoding: result + bytes[at...], as: UTF8.self) + (shown.continuesAfter ? "…" : "")
    }

    @Test(arguments: [
        ("全市疫情防控工作", "疫情防控", "全市[疫情防控]工作"), ("疫 情防 控", "疫情防控", "[疫 情防 控]"), ("坚决打贏", "打赢", "坚决[打贏]"),
        ("打赢", "打贏", "[打赢]"),
        ("共４５００家", "4500", "共[４５００]家"), ("共4,500家", "4500", "共[4,500]家"), ("ＣＯＶＩＤ-19", "covid", "[ＣＯＶＩＤ]-19"),
        ("防控，工作", "防控工作", "防控，工作"),
        ("惠州和广州", "广州", "惠州和[广州]"), ("广东惠州", "广州", "广东惠州"), ("防控。防控", "\"防控\"", "[防控]。[防控]"),
        ("复工 复产", "复工 复产", "[复工] [复产]"),
        ("复工复产", "复工 复产", "[复工复产]"), ("复工后复产", "复工 -复产", "[复工]后复产"), ("李萍进了中等技术学校", "\"进了技术学校\"~2", "李萍[进了]中等[技术学校]"),
        ("李萍进了中等技术学校", "\"进了技术学校\"~1", "李萍进了中等技术学校"), ("防控、工作", "\"防控工作\"~1", "[防控]、[工作]"),
        ("covid covids cov", "covid*", "[covid] [covids] cov"),
        ("covid covyd cov", "covid~1", "[covid] [covyd] cov"), ("复工率超过70%", "复工率>60%", "[复工率]超过70%"),
        ("我国，国", "国*", "我[国]，[国]"), ("a", "*", "a"), ("a b", "a OR b^2", "[a] [b]"),
        ("发布“爱国卫生”活动", "发布爱国", "[发布“爱国]卫生”活动"), ("新冠肺炎防控的常态化工作机制", "新冠肺炎疫情常态化防控工作", "[新冠肺炎][防控]的[常态化][工作]机制"),
        ("", "a", ""),
    ])
    func matchesAreMarkedInTheOriginal(text: String, query: String, expected: String) throws {
        let shown = try marked(text, query)
        // Two marks that touch are one.
        #expect(shown == expected.replacingOccurrences(of: "][", with: ""))
    }

    @Test func onlyTheNamedFieldIsMarked() throws {
        #expect(try marked("复工", "标题:复工", field: "title") == "[复工]")
        #expect(try marked("复工", "标题:复工", field: "body") == "复工")
        #expect(try marked("上海發布", "来源:上海发布", field: "source") == "[上海發布]")
        #expect(try marked("上海发布厅", "来源:上海发布", field: "source") == "上海发布厅")
        #expect(try marked("市公安局", "部门:市*", field: "department") == "[市公安局]")
        #expect(try marked("上海发布", "来源:上海发布", field: "body") == "上海发布")
    }

    @Test func aSnippetHoldsTheDensestMatches() throws {
        let filler = String(repeating: "今天天气很好。", count: 20)
        let text = filler + "复工的通知。" + filler + "各区推进复工复产。" + filler
        let query = try QueryParser().parse("复工 复产")
        let shown = Highlighter(query).snippet(text, field: "body", characters: 30)
        #expect(brackets(shown) == "…各区推进[复工复产]。今天天气很好。今天天气很好。今天天气很好。…")
        #expect(shown.text.unicodeScalars.count <= 30)
    }

    @Test func aSnippetWithoutMatchesIsTheBeginning() throws {
        let text = "　　第一句话在这里。第二句话在这里。第三句。"
        let shown = Highlighter(.text("复工", field: nil)).snippet(text, field: "body", characters: 13)
        #expect(shown.text == "第一句话在这里。" && shown.continuesAfter && shown.ranges.isEmpty)
    }

    @Test func aShortTextIsShownWhole() {
        let shown = Highlighter(.text("复工", field: nil)).snippet("推进复工。", field: "body", characters: 100)
        #expect(brackets(shown) == "推进[复工]。" && !shown.continuesBefore && !shown.continuesAfter)
    }

    @Test func marksCountInScalarsOfWhatIsShown() throws {
        let text = String(repeating: "甲乙。", count: 40) + "😀复工"
        let shown = Highlighter(.text("复工", field: nil)).snippet(text, field: "body", characters: 10)
        let marked = shown.marked
        let scalars = Array(marked.text.unicodeScalars)
        #expect(marked.marks.count == 1)
        #expect(String(String.UnicodeScalarView(scalars[marked.marks[0][0]..<marked.marks[0][1]])) == "复工")
        #expect(marked.text.hasPrefix("…"))
    }

    @Test func aHighlightedTextSurvivesJSON() throws {
        let shown = HighlightedText(text: "防控", start: 6, ranges: [ByteRange(6, 12)], continuesBefore: true)
        #expect(try JSONDecoder().decode(HighlightedText.self, from: JSONEncoder().encode(shown)) == shown)
    }

    // MARK: Random

    private static let characters = Array("疫情防控國国打贏赢，。 　\n“”ab1２%é😀が\u{3099}")

    private func randomText(_ count: Int, _ random: inout QueryLanguageRandom) -> String {
        String((0..<Int.random(in: 0...count, using: &random)).map { _ in random.pick(Self.characters) })
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func contiguousMarksEqualTheSlowSearch(seed: UInt64) throws {
        var random = QueryLanguageRandom(seed: seed)
        for round in 0..<600 {
            let text = randomText(40, &random)
            let phrase = randomText(5, &random)
            let found = Highlighter(.phrase(phrase, field: nil, slop: 0)).ranges(in: Array(text.utf8), field: "body")
            #expect(
                found == slowMarks(phrase, text),
                "seed \(seed), round \(round): \(phrase.debugDescription) in \(text.debugDescription)")
        }
    }

    /// The places of a phrase by trying each start, merged where they touch.
    private func slowMarks(_ phrase: String, _ text: String) -> [ByteRange] {
        func singles(_ text: String) -> [(term: String, position: Int, range: Range<Int>)] {
            var buffer = TokenBuffer()
            Analyzer().analyze(Array(text.utf8), into: &buffer)
            return buffer.tokens.filter { $0.kind != .bigram }.map {
                (
                    String(decoding: buffer.term($0), as: UTF8.self), Int($0.position),
                    Int($0.startByte)..<Int($0.endByte)
                )
            }
        }
        let (wanted, tokens) = (singles(phrase), singles(text))
        var bytes = Set<Int>()
        for start in tokens.indices where !wanted.isEmpty && start + wanted.count <= tokens.count {
            let slice = tokens[start..<(start + wanted.count)]
            let fits = zip(slice, wanted).allSatisfy { token, want in
                token.term == want.term && token.position - tokens[start].position == want.position - wanted[0].position
            }
            if fits {
                bytes.formUnion(tokens[start].range.lowerBound..<tokens[start + wanted.count - 1].range.upperBound)
            }
        }
        var ranges: [ByteRange] = []
        for byte in bytes.sorted() {
            if let last = ranges.last, last.upper == byte {
                ranges[ranges.count - 1].upper += 1
            } else {
                ranges.append(ByteRange(byte, byte + 1))
            }
        }
        return ranges
    }

    @Test(arguments: [31, 32, 33, 34] as [UInt64])
    func lookingAtPartsMarksWhatLookingAtAllMarks(seed: UInt64) {
        var random = QueryLanguageRandom(seed: seed)
        let digits = Array("疫情12３，,.．'％%a。、")
        for round in 0..<800 {
            let characters = round % 2 == 0 ? Self.characters : digits
            func some(_ count: Int) -> String {
                String((0..<Int.random(in: 0...count, using: &random)).map { _ in random.pick(characters) })
            }
            let text = some(60)
            let query: Query =
                switch round % 7 {
                case 0: .text(some(12) + "的情况是什么", field: nil)
                case 1: .phrase(some(4), field: nil, slop: 0)
                case 2: .or([.text(some(3), field: nil), .text(some(2), field: "body")])
                case 3: .prefix(some(2), field: nil)
                case 4: round % 2 == 0 ? .fuzzy(some(4), field: nil, edits: 1) : .wildcard(some(2) + "*" + some(2), field: nil)
                case 5: .phrase(some(4), field: nil, slop: 2)
                default: .text(some(6), field: nil)
                }
            let quick = Highlighter(query).snippet(text, field: "body", characters: 20)
            let thorough = Highlighter(query, isThorough: true).snippet(text, field: "body", characters: 20)
            #expect(quick == thorough, "seed \(seed), round \(round): \(query) in \(text.debugDescription)")
        }
    }

    @Test(arguments: [4, 5] as [UInt64])
    func phrasesWithSlopAreMarkedExactlyWhereTheyMatch(seed: UInt64) {
        var random = QueryLanguageRandom(seed: seed)
        for round in 0..<400 {
            let text = String((0..<12).map { _ in random.pick(Array("甲乙丙丁，")) })
            let phrase = String((0..<3).map { _ in random.pick(Array("甲乙丙")) })
            let slop = Int.random(in: 1...4, using: &random)
            let found = Highlighter(.phrase(phrase, field: nil, slop: slop)).ranges(in: Array(text.utf8), field: "body")
            #expect(
                found.isEmpty != matches(phrase, text, slop: slop),
                "seed \(seed), round \(round): \(phrase)~\(slop) in \(text)")
            #expect(
                found.allSatisfy { range in
                    String(decoding: Array(text.utf8)[range.lower..<range.upper], as: UTF8.self).allSatisfy(
                        phrase.contains)
                })
        }
    }

    /// Whether three characters stand in order with at most `slop` positions among them, by trying all triples.
    private func matches(_ phrase: String, _ text: String, slop: Int) -> Bool {
        var tokens = TokenBuffer()
        Analyzer().analyze(Array(text.utf8), into: &tokens)
        let singles = tokens.tokens.filter { $0.kind == .unigram }
        let terms = singles.map { Character(String(decoding: tokens.term($0), as: UTF8.self)) }
        let wanted = Array(phrase)
        for first in terms.indices where terms[first] == wanted[0] {
            for second in terms.indices where second > first && terms[second] == wanted[1] {
                for third in terms.indices where third > second && terms[third] == wanted[2] {
                    if Int(singles[third].position) - Int(singles[first].position) - 2 <= slop { return true }
                }
            }
        }
        return false
    }

    @Test(arguments: [6, 7, 8] as [UInt64])
    func snippetsAreRunsOfTheOriginalWithMarksInside(seed: UInt64) throws {
        var random = QueryLanguageRandom(seed: seed)
        for round in 0..<800 {
            let text = randomText(120, &random)
            let characters = Int.random(in: 1...60, using: &random)
            let words = [randomText(3, &random), randomText(9, &random)]
            let query = Query.or([
                .phrase(words[0], field: nil, slop: random.pick([0, 2])), .text(words[1], field: nil),
                .not(.text("a", field: nil)),
            ])
            let highlighter = Highlighter(query)
            let shown = highlighter.snippet(text, field: "body", characters: characters)
            let bytes = Array(text.utf8)
            let note: Comment = "seed \(seed), round \(round)"
            let end = shown.start + shown.text.utf8.count
            #expect(Array(bytes[shown.start..<end]) == Array(shown.text.utf8), note)
            #expect(shown.continuesBefore == (shown.start > 0) && shown.continuesAfter == (end < bytes.count), note)
            #expect(shown.text.unicodeScalars.count <= characters, note)
            let all = highlighter.ranges(in: bytes, field: "body")
            let expected = all.compactMap { range -> ByteRange? in
                let (lower, upper) = (max(range.lower, shown.start), min(range.upper, end))
                return lower < upper ? ByteRange(lower, upper) : nil
            }
            #expect(shown.ranges == expected, note)
            #expect(all.isEmpty || !shown.ranges.isEmpty, note)
            for range in all {
                #expect(range.lower < range.upper && range.upper <= bytes.count, note)
                #expect(String(validating: bytes[range.lower..<range.upper], as: UTF8.self) != nil, note)
            }
            let plain = brackets(shown).unicodeScalars.filter { $0 != "[" && $0 != "]" && $0 != "…" }
            #expect(plain.map(\.value) == shown.text.unicodeScalars.map(\.value), note)
        }
    }

    @Test func brokenBytesAreMarkedWithoutTrapping() {
        var random = QueryLanguageRandom(seed: 9)
        let highlighter = Highlighter(.or([.text("防控", field: nil), .prefix("a", field: nil)]))
        for _ in 0..<500 {
            var bytes = Array(randomText(30, &random).utf8)
            for _ in 0..<3 where !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            for range in highlighter.ranges(in: bytes, field: "body") {
                #expect(range.lower < range.upper && range.upper <= bytes.count)
            }
        }
    }
}
