// What is found in texts besides dates and sources: subjects of health notices, sums, people, look-alikes, own entries.

import Messages
import Testing

@testable import Documents

@Suite struct HealthNotices {
    private func figures(_ text: String) throws -> [String] {
        try parse("通报\n\n" + text).items.flatMap(\.figures).map { "\($0.subject) \(Int($0.lower ?? -1))\($0.unit)" }
    }

    @Test(arguments: [
        (
            "2022年5月11日0—24时，新增本土新冠肺炎确诊病例144例和无症状感染者1305例，其中106例确诊病例为此前无症状感染者转归。",
            ["新增本土新冠肺炎确诊病例 144例", "无症状感染者 1305例", "确诊病例 106例"]
        ),
        (
            "累计本土确诊56527例，治愈出院50629例，在院治疗5333例（其中重型349例，危重型61例），死亡565例。",
            ["本土确诊 56527例", "治愈出院 50629例", "在院治疗 5333例", "重型 349例", "危重型 61例", "死亡 565例"]
        ),
        ("4月24日上海新增2472例本土确诊病例，新增16983例本土无症状感染者。", ["本土确诊病例 2472例", "本土无症状感染者 16983例"]),
        ("80岁以上高龄老人共37位，平均年龄84岁。", ["高龄老人 80岁", "高龄老人 37位", "平均年龄 84岁"]),
        ("新增本土确诊病例30例 新增本土无症状感染者15例", ["新增本土确诊病例 30例", "新增本土无症状感染者 15例"]),
        ("全国寄递业务量（不含包裹）累计完成814.6亿件，同比增长15.9%。", ["全国寄递业务量 81460000000件", "全国寄递业务量同比增长 15%"]),
        ("目前已签约13个项目，前8个月、近一周均有进展。", ["项目 13个"]),
        ("党的十九届二中全会和2026届毕业生，三次产业占比稳定。", []),
        ("快于全部投资3和2个百分点。", ["快于全部投资 3个百分点", "快于全部投资 2个百分点"]),
        ("基金支出3400亿元，惠及8亿人次，数十名代表，上百家企业。", ["基金支出 340000000000元", " 800000000人次", "代表 10名", "企业 100家"]),
        ("常委会第三次会议和二次会议分别听取报告，集成电路出口增长10.2%和20.1%。", ["集成电路出口 10%", "集成电路出口 20%"]),
        ("完成投资39.66亿元。", ["投资 3966000000元"]),
        ("民警查处5起违法行为，均已处罚。", ["违法行为 5起"]),
    ])
    func nameWhatTheyCount(text: String, expected: [String]) throws {
        #expect(try figures(text) == expected)
    }
}

@Suite struct Sums {
    private func doubts(_ text: String) throws -> [String] {
        try parse("统计通报\n\n" + text).items.flatMap(\.doubts).filter { $0.flag == "sum-mismatch" }.map(\.detail)
    }

    @Test(arguments: [
        ("昨天甲区报告12例、乙区报告5例，共18例。", "12 + 5 = 17, the text says 18 例"),
        ("全市共报告18例，分别为甲区12例、乙区5例。", "12 + 5 = 17, the text says 18 例"),
        ("全市共有学校18所，其中甲区20所。", "20 is a part of 18 所"),
    ])
    func areReportedWhereTheyDoNotAddUp(text: String, detail: String) throws {
        #expect(try doubts(text) == [detail])
        let item = try #require(try parse("统计通报\n\n" + text).items.first)
        #expect(item.flags.contains("sum-mismatch"))
    }

    @Test(arguments: [
        "昨天甲区报告12例、乙区报告5例，共17例。", "全市共报告17例，分别为甲区12例、乙区5例。", "全市共有学校18所，其中甲区10所、乙区12所。",
        "全市共报告病例18例，较昨日减少5例，累计报告900例。", "甲区约12例、乙区5例，共18例。", "甲区12例、乙区等地5例，共18例。",
        "公共设施12处、公园5处，修缮道路30条。", "共同努力下，甲区12例、乙区5例均已出院。",
    ])
    func areNotDoubtedOtherwise(text: String) throws {
        #expect(try doubts(text).isEmpty)
    }
}

@Suite struct People {
    @Test func areFoundByOfficeSpeechAndTitle() throws {
        let text = """
            市委书记李强主持会议。市长应勇指出，要落实责任。市卫健委副主任赵丹丹介绍了情况，王贺胜、余艳红出席。
            张文宏教授认为，要加强防护。新闻发言人尹欣表示，将及时发布。古特雷斯表示支持。工程院副院长参加，方面表示欢迎。
            """
        let people = try parse("会议\n\n" + text).items.flatMap(\.people)
        #expect(people == ["李强", "应勇", "赵丹丹", "余艳红", "张文宏", "尹欣"])
    }
}

@Suite struct Repairs {
    @Test func offerWhatTheScannedPageMeant() throws {
        let bytes = try Seed.newspaper.bytes()
        let repairs = try Seed.newspaper.parse().items.flatMap(\.repairs)
        let glyphs = repairs.filter { $0.rule == "glyph" }
        let offered = Set(glyphs.map { "\($0.found)>\($0.suggestion)" })
        let wanted: Set = ["迈岗>返岗", "洗及>涉及", "重占>重点", "社会而>社会面", "十气>士气", "疫情防挖>疫情防控", "政坚战>攻坚战", "打贏>打赢"]
        #expect(offered == wanted)
        for repair in glyphs {
            let original = text(bytes, repair.range).filter { $0 != " " }
            #expect(original == repair.found)
        }
        #expect(repairs.contains { $0.rule == "line-break" && $0.suggestion == "面工作," })
    }

    @Test func leaveOtherTextAlone() throws {
        for seed in [Seed.compilation, .departments, .feature, .feedPost] {
            #expect(try seed.parse().items.allSatisfy { $0.repairs.isEmpty && !$0.flags.contains("ocr-spaces") })
        }
        let phrased = "今天天气很好 我们一起出门散步 路上遇见许多朋友 大家都很高兴 中午在河边吃饭 下午又去看了展览 晚上回家休息 明天还要工作"
        #expect(try parse("随笔\n\n\(phrased)\n").items.allSatisfy { !$0.flags.contains("ocr-spaces") })
    }

    @Test func dropNoWordThatIsRight() {
        let table = GlyphTable(pairs: "土 = 士\n十 = 士", words: "士气 土气")
        let match = table.variants.match("土气十气".unicodeScalars.map(\.value), at: 0, before: 4)
        #expect(match == nil)
        #expect(table.variants.canonical(of: "十气".unicodeScalars.map(\.value)) == "士气")
    }
}

@Suite struct OwnDictionaries {
    private let files = [
        (name: "media.txt", text: "江南早知道\n# 注\n快讯 = 河港快讯\n"), (name: "districts.txt", text: "滨江 = 滨江区\n"),
        (name: "words.txt", text: "摸排\n"), (name: "glyphs.txt", text: "模 = 摸\n"),
        (name: "more.txt", text: "[organs]\n河港市民议事厅\n"),
    ]

    @Test func addTheFilesOfAFolder() throws {
        let dictionaries = try Dictionaries.standard.extended(withFiles: files)
        let parser = DocumentParser(dictionaries: dictionaries)
        let text = "滨江开展检查\n\n滨江组织力量开展检查，各单位按照要求完成了整改，群众反映良好。\n\n来源：江南早知道快讯\n"
        let item = try #require(
            try parser.parse(Array(text.utf8), DocumentDescription(identity: "t")).items.first)
        #expect(item.sources.map(\.value) == ["江南早知道", "河港快讯"])
        #expect(item.districts == ["滨江区"])
        #expect(dictionaries.organs.contains("河港市民议事厅"))
        #expect(dictionaries.glyphs.variants.canonical(of: "模排".unicodeScalars.map(\.value)) == "摸排")
    }

    @Test func nameTheFileOfABadEntry() {
        let error = #expect(throws: DocumentError.self) {
            try Dictionaries.standard.extended(withFiles: [(name: "mine.txt", text: "江南早知道\n")])
        }
        #expect(error?.message.hasPrefix("mine.txt: line 1") == true)
    }
}
