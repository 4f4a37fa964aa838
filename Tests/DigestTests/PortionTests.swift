// Digests that are written in portions against those that are written whole.

import Digest
import Foundation
import Messages
import Testing

@Suite struct PortionTests {
    private static let forms: [any DigestForm.Type] = [
        TextWriter.self, MarkdownWriter.self, HTMLWriter.self, JSONWriter.self, DOCXWriter.self,
    ]

    @Test(arguments: 0..<30)
    func portionsJoinedAreTheWhole(_ seed: UInt64) throws {
        var generator = Generator(seed: seed)
        var items = (0..<Int.random(in: 0...40, using: &generator)).map { madeUp($0, &generator) }
        // Copies, so that entries have duplicates.
        items += items.shuffled(using: &generator).prefix(5).enumerated().map { number, stored in
            var copy = stored
            copy.document.identity = "copy\(number)"
            return copy
        }
        for grouping in DigestGrouping.allCases {
            let options = DigestOptions(
                title: "\"groups\":[]", query: "\"groups\":[]", grouping: grouping,
                extent: DigestExtent.allCases.randomElement(using: &generator) ?? .body,
                expectedDepartments: ["上海市公安局"])
            let digest = DigestCompiler(options).compile(items)
            let cut = Int.random(in: 0...items.count, using: &generator)
            var outline = DigestOutline(items[..<cut])
            outline.append(DigestOutline(items[cut...]))
            for form in Self.forms {
                var portions = DigestPortions(outline.plan(options), form)
                var text = ""
                while !portions.isFinished {
                    let wanted = portions.wanted(Int.random(in: 1...7, using: &generator))
                    text += try portions.write(wanted.map { items[$0] })
                }
                #expect(try text == form.write(digest), "seed \(seed) by \(grouping.rawValue) as \(form)")
            }
        }
    }

    @Test func jsonIsTheDigestsFields() throws {
        let digest = DigestCompiler(DigestOptions(title: "全部", grouping: .department)).compile(try Seeds.items())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let whole = String(decoding: try encoder.encode(digest), as: UTF8.self) + "\n"
        #expect(try JSONWriter.write(digest) == whole)
    }

    @Test func aWronglyPastedBodyPointsToItsOwnerInEveryExtent() throws {
        let body = "上海市民政局今天印发通知，要求各区做好养老服务机构的疫情防控工作，落实每日健康监测和通风消毒，保障老年人的安全，不得松懈。"
        let items = [
            made("a", title: "养老服务机构疫情防控", body: body), made("b", title: "地铁运营", body: body, flags: ["wrong-body"]),
        ]
        for extent in DigestExtent.allCases {
            let digest = DigestCompiler(DigestOptions(title: "", extent: extent)).compile(items)
            let doubts = digest.groups.flatMap(\.entries).flatMap(\.doubts).filter { $0.code == "wrong-body" }
            #expect(doubts.map(\.other) == [1], "\(extent)")
        }
    }
}
