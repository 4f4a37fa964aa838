// Signatures: the estimate against the true similarity of shingle sets, computed the slow way, and what it groups.

import Messages
import Testing

@testable import Documents

@Suite struct Signatures {
    /// Characters that count, in the form in which they are compared: the definition, character by character.
    private func counted(_ text: String) -> [UInt32] {
        text.unicodeScalars.compactMap { scalar in
            let value = scalar.value
            if CharacterClass.of(value).isDisjoint(with: [.ideograph, .letter, .digit]) { return nil }
            let ascii = (0xFF01...0xFF5E).contains(value) ? value - 0xFEE0 : value
            return (0x41...0x5A).contains(ascii) ? ascii + 0x20 : ascii
        }
    }

    private func shingles(_ text: String) -> Set<[UInt32]> {
        let characters = counted(text)
        guard characters.count >= 5 else { return [] }
        return Set((0...(characters.count - 5)).map { Array(characters[$0..<($0 + 5)]) })
    }

    private func similarity(_ first: String, _ second: String) -> Double {
        let (left, right) = (shingles(first), shingles(second))
        return Double(left.intersection(right).count) / Double(left.union(right).count)
    }

    private func randomText(_ count: Int, _ generator: inout Generator) -> [UInt32] {
        (0..<count).map { _ in 0x4E00 + UInt32.random(in: 0..<3000, using: &generator) }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func estimateTheSimilarityOfRandomTexts(seed: UInt64) throws {
        var generator = Generator(seed: seed)
        for _ in 0..<60 {
            let text = randomText(Int.random(in: 40...900, using: &generator), &generator)
            var changed = text
            for _ in 0..<Int.random(in: 0...(text.count / 12), using: &generator) {
                changed[Int.random(in: 0..<changed.count, using: &generator)] = 0x5F20
            }
            let (first, second) = (String(scalars: text), String(scalars: changed))
            let left = try #require(SignatureMaker.signature(of: [first]))
            let right = try #require(SignatureMaker.signature(of: [second]))
            // Five standard errors of 64 lanes.
            let (estimate, truth) = (left.similarity(to: right), similarity(first, second))
            let error = 5 * max(0.02, (truth * (1 - truth) / 64).squareRoot())
            #expect(abs(estimate - truth) <= error, "seed \(seed): \(estimate) for \(truth)")
        }
    }

    @Test func ignoreSpacesMarksWidthAndCase() throws {
        let plain = "上海市民政局4月5日发布App更新通知，请各区及时办理。"
        let spaced = "上 海市民 政局４月５日：发布 APP 更新\n通知 请各区——及时办理"
        let first = try #require(SignatureMaker.signature(of: [plain]))
        #expect(SignatureMaker.signature(of: [spaced]) == first)
    }

    @Test func spanTheParts() throws {
        #expect(SignatureMaker.signature(of: ["上海市民政局发布", "最新更新通知"]) == SignatureMaker.signature(of: ["上海市民政局发布最新更新通知"]))
    }

    @Test(arguments: ["", "通知", "上海发布通知", "上海发布最新疫情通"]) func haveNoneForNextToNoText(text: String) {
        #expect(SignatureMaker.signature(of: [text]) == nil)
    }

    @Test func groupRepostsAndKeepOthersApart() throws {
        let original = """
            市卫健委今早通报，全市新增本土确诊病例144例和无症状感染者1305例，其中106例确诊病例为此前无症状感染者转归，\
            其余均在隔离管控中发现。各区已对相关人员落实管控措施，并对涉及的场所进行了终末消毒，请市民做好个人防护。
            """
        let repost = "据某某发布消息，" + original.replacing("1305", with: "1306") + "（来源：某某发布）"
        let other = """
            市商务委今天介绍，全市已有八百多家门店恢复线下营业，各区将按照防疫要求有序扩大开放范围，\
            门店应当设置场所码，市民进入时须扫码并出示核酸检测阴性证明，请广大市民合理安排采购时间。
            """
        let signatures = [original, other, repost, "", original].map { SignatureMaker.signature(of: [$0]) }
        #expect(NearDuplicates.groups(of: signatures) == [0, 1, 0, 3, 0])
        let bands = try Set(#require(signatures[0]).bandKeys)
        #expect(try !bands.isDisjoint(with: #require(signatures[2]).bandKeys))
        #expect(bands.count == Signature.keyedBands && bands.allSatisfy { $0.count == Signature.bandKeyBytes })
    }

    /// The grouping against the definition: the first earlier group leader that is near, looked for among all of them.
    @Test(arguments: [11, 12, 13] as [UInt64]) func groupAsTheSlowWayDoes(seed: UInt64) {
        var generator = Generator(seed: seed)
        var texts: [[UInt32]] = []
        for _ in 0..<60 {
            if let known = texts.randomElement(using: &generator), Bool.random(using: &generator) {
                var copy = known
                for _ in 0..<Int.random(in: 0...4, using: &generator) {
                    copy[Int.random(in: 0..<copy.count, using: &generator)] = 0x6C34
                }
                texts.append(copy)
            } else {
                texts.append(randomText(200, &generator))
            }
        }
        let signatures = texts.map { SignatureMaker.signature(of: [String(scalars: $0)]) }
        let threshold = 0.8
        var firsts: [Int] = []
        for index in signatures.indices {
            let leader = (0..<index).first { candidate in
                guard firsts[candidate] == candidate, let mine = signatures[index], let theirs = signatures[candidate]
                else { return false }
                return !Set(mine.bandKeys).isDisjoint(with: theirs.bandKeys) && mine.similarity(to: theirs) >= threshold
            }
            firsts.append(leader ?? index)
        }
        #expect(NearDuplicates.groups(of: signatures, threshold: threshold) == firsts, "seed \(seed)")
    }

    @Test func areGivenToItems() throws {
        let document = try parse("关于做好防疫工作的通知\n各区人民政府要按照市里的统一部署做好各项防疫工作，保障市民生活。\n")
        #expect(document.items.first?.signature != nil)
    }

    @Test func areNotGivenToAWronglyPastedBody() throws {
        let document = try Seed.departments.parse()
        let wrong = document.items.filter { $0.flags.contains("wrong-body") }
        #expect(wrong.count == 1 && wrong.allSatisfy { $0.signature == nil })
        let others = document.items.filter { !$0.flags.contains("wrong-body") && $0.body.count > 40 }
        #expect(others.allSatisfy { $0.signature != nil })
    }
}
