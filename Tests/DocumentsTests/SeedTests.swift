// What the five seed documents must come to, checked by hand against their lines.

import Messages
import Testing

@testable import Documents

@Suite struct CompilationSeed {
    let document: ParsedDocument
    let bytes: [UInt8]

    init() throws {
        bytes = try Seed.compilation.bytes()
        document = try Seed.compilation.parse()
    }

    @Test func hasTwentyThreeItemsUnderFourteenDates() {
        #expect(document.items.count == 23)
        let dates = document.items.compactMap(\.published?.value.text)
        #expect(dates.count == 23)
        #expect(
            dates.reduce(into: []) { if $0.last != $1 { $0.append($1) } } == [
                "--01-24", "--01-25", "--01-28", "--01-31", "--02-02", "--02-03", "--02-04", "--02-06", "--02-07",
                "--02-08",
                "--02-09", "--02-11", "--02-12", "--02-13",
            ])
    }

    @Test func inventsNoYear() {
        #expect(document.items.allSatisfy { $0.published?.value.year == nil })
        #expect(document.items.allSatisfy { $0.events.allSatisfy { $0.value.year == nil } })
        #expect(document.warnings == ["unknown-year"])
    }

    @Test func takesTheYearFromAHint() throws {
        let hinted = try Seed.compilation.parse(hints: ["year": "2020"])
        #expect(hinted.items.first?.published?.value.text == "2020-01-24")
        #expect(hinted.items.last?.published?.value.text == "2020-02-13")
        #expect(hinted.items.allSatisfy { $0.published?.basis.rule == "hint" })
    }

    @Test func findsEveryTitle() {
        #expect(
            document.items.map(\.title) == [
                "上海采取最严措施，落实重大突发公共卫生事件一级响应机制！",
                "中共上海市委上海市人民政府关于进一步加强我市新型冠状病毒感染的肺炎疫情防控工作的通知",
                "瞄准三个重点方向打出“组合拳”",
                "上海市委书记李强视频检查三个区疫情防控工作",
                "应对返程大客流，坚决把牢疫情防控各道防线！应勇部署下一阶段防控工作",
                "李强主持疫情防控工作领导小组会议要求压实属地责任",
                "应勇召开专家座谈会",
                "中共上海市委上海市人民政府致全市人民一封信",
                "应勇主持召开市政府工作电视电话会议研究部署疫情防控",
                "应勇主持座谈会听取曾参与防治非典部分领导和老同志意见建议",
                "李强主持市委常委会扩大会议要求牢牢掌握疫情防控主动权",
                "上海市人民政府今日发布《致全市各企业书》",
                "“返还失业保险费”等四项举措减轻企业负担",
                "多管齐下，全力确保主副食品供应平稳有序",
                "不得安排隔离未到期家政人员上岗",
                "上海人大表决通过《决定》：个人隐瞒疫情、逃离隔离观察等行为，上征信黑名单",
                "《上海市全力防控疫情支持服务企业平稳健康发展的若干政策措施》出台",
                "上海正在制定国有企业减免中小企业房屋租金操作细则",
                "严格执行公共场所体温检测和自觉佩戴口罩",
                "上海最新通告：错峰上下班，可暂缓返程，一般不开中央空调",
                "上海市政府发布《关于进一步严格落实各项疫情防控措施的通告》",
                "对人民负责对城市负责 市委召开疫情防控工作区委书记电视电话会议",
                "上海出台十条意见明确要不断改进改善疫情信息通报",
            ])
    }

    @Test func splitsGluedSourcesAndSharesThem() {
        for item in document.items[12...15] {
            #expect(item.sources.map(\.value) == ["上海市人社局", "上海发布", "解放日报", "时政快讯"])
            #expect(item.sources.allSatisfy { $0.basis.rule == "shared-source-line" && $0.basis.certainty < 1 })
        }
        #expect(document.items[12].sources.map { text(bytes, $0.basis.range) } == ["上海市人社局", "上海发布", "解放日报", "时政快讯"])
        #expect(document.items[0].sources.map(\.basis.rule) == ["source-line"])
        #expect(document.items[16].sources.map(\.value) == ["上海发布", "东方财富网"])
    }

    @Test func hasNoDepartments() { #expect(document.items.allSatisfy { $0.department == nil }) }

    @Test func flagsOnlyTheRepeatedClause() {
        #expect(document.items.filter { !$0.flags.isEmpty }.map(\.ordinal) == [16])
        #expect(document.items[16].flags == ["repeated-clause"])
    }

    @Test func leavesPreambleAndClosingOut() {
        let names = Set(document.remainders.map(\.name))
        #expect(names == ["preamble", "blank", "date-heading", "source-line", "closing"])
        let closing = text(bytes, document.remainders.last { $0.name == "closing" }?.range)
        #expect(closing.hasSuffix("实而又实，上海力度"))
    }

    @Test func readsMarkdownMarksAwayAndKeepsBullets() {
        #expect(document.items[11].body.hasPrefix("◆ 出台扶持企业综合政策，支持企业发展，减轻企业负担；\n◆ 希望各企业"))
        #expect(!document.items.contains { $0.body.contains("**") })
    }

    @Test func citesDocuments() {
        #expect(document.items[1].citations == ["中华人民共和国传染病防治法", "中华人民共和国突发事件应对法", "突发公共卫生事件应急条例"])
    }
}

@Suite struct DepartmentSeed {
    let document: ParsedDocument
    let bytes: [UInt8]

    init() throws {
        bytes = try Seed.departments.bytes()
        document = try Seed.departments.parse()
    }

    @Test func hasNineteenItemsUnderEighteenDates() {
        #expect(document.items.count == 19)
        #expect(document.remainders.filter { $0.name == "date-heading" }.count == 18)
        #expect(
            document.items.map { $0.published?.value.text } == [
                "2020-02-04", "2020-03-09", "2020-03-16", "2020-02-18", "2020-02-21", "2020-02-24", "2020-02-27",
                "2020-02-28",
                "2020-03-04", "2020-03-25", "2020-03-02", "2020-03-06", "2020-03-16", "2020-02-12", "2020-02-12",
                "2020-03-11",
                "2020-03-13", "2020-03-19", "2020-03-23",
            ])
    }

    @Test func findsDepartmentsWithAndWithoutHeadings() {
        let expected: [(Range<Int>, String, String)] = [
            (0..<3, "上海市科学技术委员会", "heading"), (3..<10, "上海市公安局", "source"), (10..<13, "上海市民政局", "heading"),
            (13..<19, "上海市司法局", "source"),
        ]
        for (range, name, rule) in expected {
            for item in document.items[range] {
                #expect(item.department?.value == name)
                #expect(item.department?.basis.rule == rule)
            }
        }
    }

    @Test func flagsTheOneWrongBody() {
        #expect(
            document.items.filter { $0.flags.contains("wrong-body") }.map(\.title) == [
                "一手抓防控一手抓发展 本市行业协会商会积极推动会员企业复工复产"
            ])
    }

    @Test func keepsTitlesWithoutBodies() {
        #expect(document.items.filter { $0.body.isEmpty }.map(\.ordinal) == [13, 14, 16, 17])
    }

    @Test func infersTheYearFromTheTextAndSaysSo() {
        #expect(document.items.allSatisfy { $0.published?.basis.rule == "year-in-document" })
        #expect(document.items[0].events.map(\.value.text) == ["2020-02-01"])
    }

    @Test func readsASourceLineAfterAStrayMark() { #expect(document.items[7].sources.map(\.value) == ["上海市公安局"]) }

    @Test func readsCheckpointFigures() {
        let figures = document.items[5].figures.map { "\($0.subject) \($0.lower ?? -1) \($0.unit)" }
        #expect(figures == ["高速省界道口公安检查站 9.0 处", "警力 6100.0 人", "医护人员 8200.0 人", "车辆 410000.0 辆", "人员 940000.0 人"])
    }
}

@Suite struct FeatureSeed {
    let item: Item
    let bytes: [UInt8]

    init() throws {
        bytes = try Seed.feature.bytes()
        let document = try Seed.feature.parse()
        item = try #require(document.items.first)
        #expect(document.items.count == 1)
    }

    @Test func keepsTwoLineSectionHeadings() {
        let lines = item.body.split(separator: "\n")
        #expect(lines.count == 21)
        for heading in ["五个包干、一网统管", "基层防控有保障", "出台136项规范指南", "依法防控有依据", "推出政策送温暖增信心", "复工复产有秩序"] {
            #expect(lines.contains(Substring(heading)))
        }
        #expect(item.title.isEmpty)
    }

    @Test(arguments: [
        ("2400多万", "人口", "(24000000.0, nil)", ""), ("311.74万", "注册用户数", "[3117400.0, 3117400.0]", ""),
        ("近290万人次", "个人健康信息登记", "(nil, 2900000.0]", "人次"), ("80%以上", "软件和信息服务业企业复工", "[80.0, nil)", "%"),
        ("1000余家", "企业", "(1000.0, nil)", "家"), ("977家", "沿街商铺", "[977.0, 977.0]", "家"),
        ("300亿元以上", "降成本", "[30000000000.0, nil)", "元"), ("近1亿元", "授信", "(nil, 100000000.0]", "元"),
        ("3000吨左右", "地产蔬菜绿叶菜日上市量", "[2500.0, 3500.0]", "吨"), ("136项", "针对性标准", "[136.0, 136.0]", "项"),
        ("1.3万多个", "居民小区", "(13000.0, nil)", "个"),
    ])
    func readsFigure(quote: String, subject: String, interval: String, unit: String) throws {
        let figure = try #require(item.figures.first { $0.quote == quote && $0.subject == subject })
        #expect(intervalText(figure) == interval)
        #expect(figure.unit == unit)
        #expect(text(bytes, figure.range) == quote)
    }

    @Test func readsEventDatesWithoutYears() {
        #expect(
            item.events.map(\.value.text) == ["--02-11", "--02-07", "--01-31T15:00", "--02-12", "--02-10", "--02-08"])
    }

    @Test func namesDistricts() { #expect(item.districts == ["长宁区", "普陀区", "金山区", "杨浦区"]) }
}

func intervalText(_ figure: Figure) -> String {
    let lower = figure.lower.map { "\($0)" } ?? "nil"
    let upper = figure.upper.map { "\($0)" } ?? "nil"
    return "\(figure.includesLower ? "[" : "(")\(lower), \(upper)\(figure.includesUpper ? "]" : ")")"
}

@Suite struct FeedPostSeed {
    let document: ParsedDocument
    let bytes: [UInt8]

    init() throws {
        bytes = try Seed.feedPost.bytes()
        document = try Seed.feedPost.parse()
    }

    @Test func isOneItemWithTitleAndDateFromItsFrontMatter() throws {
        #expect(document.items.count == 1)
        let item = try #require(document.items.first)
        #expect(item.title == "上海市疫情防控工作领导小组召开专题会议：以快制快处置新发疫情 盯紧看牢重点行业、重点场所、重点人员")
        #expect(item.published?.value.text == "2022-07-25T20:11+08:00")
        #expect(item.published?.basis.rule == "front-matter")
        #expect(text(bytes, item.published?.basis.range) == "date: Mon, 25 Jul 2022 12:11:30 GMT")
    }

    @Test func namesThePrimarySourceFirst() throws {
        let item = try #require(document.items.first)
        #expect(item.sources.map(\.value) == ["上海发布", "新浪财经"])
        #expect(item.sources.map(\.basis.rule) == ["quoted-source", "repost"])
        #expect(text(bytes, item.sources[0].basis.range) == "上海发布")
    }

    @Test func dropsBoilerplate() throws {
        let body = try #require(document.items.first).body
        #expect(body.hasPrefix("以快制快处置新发疫情，盯紧看牢重点行业"))
        #expect(body.hasSuffix("相关市领导出席会议。"))
        for noise in ["责任编辑", "APP", "appendQr", "二维码", "news_keyword"] { #expect(!body.contains(noise)) }
        #expect(document.remainders.contains { text(bytes, $0.range).contains("责任编辑") && $0.name == "boilerplate" })
    }

    @Test func joinsTextAcrossInlineElements() throws {
        #expect(try #require(document.items.first).body.contains("组长李强主持会议并讲话。"))
    }

    @Test func resolvesTheDateInBrackets() throws {
        #expect(try #require(document.items.first).events.map(\.value.text).contains("2022-07-25"))
    }
}

@Suite struct NewspaperSeed {
    let document: ParsedDocument

    init() throws { document = try Seed.newspaper.parse() }

    @Test func isFourArticles() {
        #expect(
            document.items.map(\.title) == [
                "咬足目标一鼓作气 打贏大上海保卫战", "集中力量资源巩固扩大社会面清零攻坚成果", "抓好降新增、防反弹,迅速有力推进社会面清零", "上海已开放 4500 多个 各类核酸采样点",
            ])
    }

    @Test func keepsEyebrowsAndFollowUpsWithTheirArticle() {
        #expect(document.items[0].body.hasPrefix("市委常委会举行扩大会议传达学习贯彻习近平 总书记主持召开的中央政治局常委会会议精神\n晨报讯"))
        #expect(document.items[1].body.contains("\n又讯 国务院联防联控机"))
        #expect(document.items[3].body.hasPrefix("【市疫情防控工作新闻发布会】\n随申办上"))
    }

    @Test func joinsWhatColumnBreaksParted() {
        #expect(document.items[2].body.contains("两方面工作,迅速有力推进社会面清零, 早日恢复"))
    }

    @Test func findsTwoQuestionsWithTheirAnswers() {
        #expect(document.items.map(\.questions.count) == [0, 0, 0, 2])
        let pairs = document.items[3].questions
        #expect(pairs[0].question.hasPrefix("上海现在正在布局一批常"))
        #expect(pairs[0].answer.hasPrefix("根据市委、市政府的部") && pairs[0].answer.hasSuffix("再做优化"))
        #expect(pairs[1].question.hasPrefix("请问市经信委"))
        #expect(pairs[1].answer.hasPrefix("刚刚过去的五一劳动") && pairs[1].answer.hasSuffix("企业复工复产。"))
    }

    @Test func readsFiguresThroughSpaces() {
        let figures = document.items[3].figures
        #expect(
            figures.contains {
                $0.subject == "封控区" && $0.lower == 11_893 && $0.upper == 11_893 && $0.date?.text == "--05-04"
            })
        #expect(figures.contains { $0.quote == "234 万 人" && $0.lower == 2_340_000 && $0.unit == "人" })
        #expect(
            figures.contains {
                $0.subject == "复工率" && $0.lower == 70 && !$0.includesLower && $0.upper == nil && $0.unit == "%"
            })
        #expect(figures.contains { $0.subject == "重点企业复工率" && $0.lower == 90 })
        #expect(figures.contains { $0.subject == "各类核酸采样点" && $0.upper == 9000 && $0.lower == nil })
    }

    @Test func findsDistrictsThroughSpaces() {
        #expect(document.items[1].districts == ["普陀区", "黄浦区"])
        #expect(document.items[3].districts.contains("崇明区"))
    }

    @Test func flagsRecognisedText() { #expect(document.items.allSatisfy { $0.flags == ["ocr-spaces"] }) }

    @Test func inventsNoDate() { #expect(document.items.allSatisfy { $0.published == nil }) }
}
