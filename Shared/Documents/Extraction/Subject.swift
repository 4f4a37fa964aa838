// What a figure counts, in the text's own words.
//
// A classifier counts what follows it: 1000余家企业 counts 企业. A measure belongs to what stands before it: 累计注册用户数达
// 311.74万 measures 注册用户数. A share belongs to both sides, 企业80%以上复工, unless what stands before is a rate by name.
// The words are cut at verbs and adverbs that stand around figures; what is left is kept as it is written.

/// Finds the subject of a figure.
struct Subject {
    let scalars: [UInt32]

    /// Characters kept of either side.
    private static let longest = 18

    /// Words at which the text beside a figure is cut.
    private static let cuts: [[UInt32]] = [
        "累计", "投入", "检查", "涉及", "达到", "发放", "共有", "共计", "总计", "合计", "共设", "布局", "设置", "进行", "参与", "迅速", "快速", "采取",
        "提供", "实现", "已经", "开展", "介绍", "出台", "提出", "印发", "发布", "推出", "采用", "包括", "来自", "拥有", "正式", "陆续", "进入", "划分",
        "开放", "开设", "增派",
        "负责", "新开", "值守", "排摸", "汇集", "成立", "建立", "组织", "超过", "突破", "下降", "增长", "同比", "环比", "其中", "目前", "近期",
        "截至", "如期", "均在", "都在", "不足", "免除", "启用", "授权", "可为", "先后", "对口", "为了", "给予", "安排", "打出", "减轻", "明确", "支持",
        "加强",
        "推进", "完成", "分别", "惠及", "签约", "收到", "预计", "接待", "吸引", "新建", "改造", "举办", "抽查", "加装", "更新", "走访", "恢复",
        "减征", "下调", "上调", "回落", "上涨", "下跌", "下滑", "减少", "增加", "提高", "降低", "接入", "延长", "获准", "获得", "参加", "纳入", "安装",
        "开通", "确保", "力争", "最多", "至少", "最高", "发送", "面向", "召回", "保持", "维持", "覆盖", "慰问", "表示", "长势", "夯实", "落实",
        "转移", "訪問", "採取", "提供", "達到", "恢復", "舉辦", "增長", "下降", "減少", "增加", "預計", "累計", "接待", "開通", "投入",
    ].map { $0.unicodeScalars.map(\.value) } + plainCuts
    /// Words that no character after them makes a noun of.
    private static let plainCuts: [[UInt32]] = [
        "首批", "今年", "去年", "年内", "当天", "当日", "去年同期", "上年同期", "恢复", "开通", "比上年", "比上月", "比去年", "比上周", "比前一日", "比前一天",
        "降至", "升至", "增至", "减至", "涨至", "跌至", "降到", "升到", "增到", "减到", "提高到", "降低到", "下降到", "扩大到", "缩小到",
        "较上年", "较上月", "较去年", "较上周", "较前一日", "较前一天", "较年初", "比年初", "比去年同期", "比上年同期", "较去年同期", "较上年同期", "較上月", "較去年",
        "較前一日", "較前一週", "較上週", "关于", "对于", "由于", "按照", "根据", "關於", "對於", "由於", "根據",
    ].map { $0.unicodeScalars.map(\.value) }
    /// What makes a noun of the verb before it: 检查站, 服务圈.
    private static let nounEndings = ScalarSet("站组队员所室点部处证卡费量圈区线率数项值额面金款包品")
    /// Units of time, which measure what follows them: 15分钟核酸服务圈.
    private static let durations: Set<String> = ["分钟", "小时", "个小时", "个工作日", "天", "周", "个月", "秒"]
    /// Single characters that are taken off the end of what stands before a figure.
    private static let tails = ScalarSet("达为是有共约到至的已均在从将了把对给和及与并各仅每就出可超增着等中设由应好達為約從將與並僅給對")
    private static let changes = ScalarSet("降升增减涨跌減漲")
    /// Comparators of one character, which are taken off where a number follows.
    private static let comparators = ScalarSet("近约逾")
    /// Single characters that are taken off the start.
    private static let heads = ScalarSet("的内和及与并已均都将了其把对为从有共也还又着占佔设起")

    /// - Parameters:
    ///   - before: the clause up to the figure.
    ///   - after: where the figure ends.
    func find(before: Range<Int>, after: Int, unit: String, isClassifier: Bool) -> String {
        let leading = lastPiece(before)
        if unit == "%" || unit == "‰" || unit == "个百分点" {
            if isRate(leading) { return text(leading) }
            let trailing = run(from: after, limit: 14)
            // 三分之二的代表: the share is of what follows.
            if leading.isEmpty, after < scalars.count, scalars[after] == 0x7684 { return text(firstPiece(after)) }
            return text(leading) + text(withoutHeads(trailing))
        }
        // 确诊病例144例和无症状感染者1305例: where the clause does not go on after the unit, it counts what stands before.
        // 5个与群众最贴近的地方: what is counted stands after what says more of it.
        if isClassifier, let noun = afterPhrase(after) { return text(noun) }
        if isClassifier, isClosed(after), !leading.isEmpty { return text(leading) }
        // 7200家全部复工, 50輛的更新: what comes after the unit is no thing that is counted.
        if isClassifier, !leading.isEmpty, isPredicate(after) { return text(leading) }
        let trailing = firstPiece(after)
        if isClassifier || Self.durations.contains(unit) { return trailing.isEmpty ? text(leading) : text(trailing) }
        return leading.isEmpty ? text(trailing) : text(leading)
    }

    private static let prepositions: Set<UInt32> = Set("与同跟对由为與對為".unicodeScalars.map(\.value))

    /// The words after 的 where a preposition stands at `index`: 与群众最贴近的地方.
    private func afterPhrase(_ index: Int) -> Range<Int>? {
        guard index < scalars.count, Self.prepositions.contains(scalars[index]) else { return nil }
        let phrase = run(from: index, limit: Self.longest)
        guard let mark = phrase.first(where: { scalars[$0] == 0x7684 }), mark + 2 < scalars.count else { return nil }
        let noun = firstPiece(mark + 1)
        return noun.count >= 2 ? noun : nil
    }

    /// Whether what was counted is complete at `index`: a mark, a space, the end or a conjunction stands there.
    private func isClosed(_ index: Int) -> Bool {
        guard index < scalars.count else { return true }
        let kind = CharacterClass.of(scalars[index])
        if !kind.isDisjoint(with: [.space, .sentenceEnd, .clauseMark]) { return true }
        if [0xFF08, 0x28, 0xFF09, 0x29].contains(scalars[index]) { return !isBracketed(index) }
        return Self.conjunctions.contains(scalars[index])
    }

    /// Whether a verb or 的 stands at `index`.
    private func isPredicate(_ index: Int) -> Bool {
        guard index < scalars.count else { return false }
        if scalars[index] == 0x7684 || scalars[index] == 0x5747 || scalars[index] == 0x90FD { return true }  // 的 均 都
        if index + 1 < scalars.count, scalars[index] == 0x5168, scalars[index + 1] == 0x90E8 { return true }  // 全部
        return cutWords(index..<min(scalars.count, index + 4)).first?.lowerBound == index
    }

    private static let conjunctions = ScalarSet("和及与或并以")
    /// Verbs and adverbs of one character at which the words after a figure end, each with the characters that make
    /// another word of it: 行为, 存在, 自由, 首都.
    private static let trailingCuts: [UInt32: Set<UInt32>] = {
        let table = [
            ("为", "行作成认因称视人"), ("在", "存现所正潜内外"), ("由", "自理缘"), ("均", "平人"), ("都", "首成之"), ("已", "而不"),
            ("仍", ""), ("被", "棉"), ("将", "麻武"), ("含", "包"), ("系", "联关体院"), ("从", "服"), ("于", "关对由属"), ("后", "以之最前先今此随幕背售产落"),
        ]
        var result: [UInt32: Set<UInt32>] = [:]
        for (verb, before) in table {
            for scalar in verb.unicodeScalars { result[scalar.value] = Set(before.unicodeScalars.map(\.value)) }
        }
        return result
    }()

    private func text(_ range: Range<Int>) -> String {
        String(scalars: scalars[range].filter { !CharacterClass.of($0).contains(.space) })
    }

    private func isRate(_ range: Range<Int>) -> Bool {
        guard let last = range.last else { return false }
        return ["率", "比", "例", "幅", "度", "重"].contains { $0 ~= scalars[last] }
    }

    /// The last words before a figure, looked for in the last characters of `range`.
    private func lastPiece(_ range: Range<Int>) -> Range<Int> {
        let floor = max(range.lowerBound, range.upperBound - Self.longest * 2)
        var upper = range.upperBound
        while upper > floor {
            while upper > floor, isTail(upper - 1, floor) || !isWordPart(upper - 1) {
                upper = bracketStart(upper - 1, floor) ?? upper - 1
            }
            var lower = upper
            while lower > floor, isWordPart(lower - 1) || isBracketed(lower - 1) { lower -= 1 }
            // 由0.31降至0.18: the verb is no thing that is counted.
            if lower + 1 == upper, Self.changes.contains(scalars[lower]) {
                upper = lower
                continue
            }
            guard let cut = cutWords(lower..<upper).last else {
                return withModel(withoutHeads(max(lower, upper - Self.longest)..<upper), floor)
            }
            if cut.upperBound < upper { return withoutHeads(max(cut.upperBound, upper - Self.longest)..<upper) }
            // The clause ends with a verb: what is counted stands before it.
            upper = cut.lowerBound
        }
        return floor..<floor
    }

    /// 5G手机, 5号线: digits before a Latin letter or 号 are part of the name.
    private func withModel(_ range: Range<Int>, _ floor: Int) -> Range<Int> {
        // 2022年度职工…: the year is no part of what is counted.
        if range.lowerBound > floor, range.count > 3, Numerals.digit(scalars[range.lowerBound - 1]) != nil, scalars[range.lowerBound] == 0x5E74 {
            return (range.lowerBound + (scalars[range.lowerBound + 1] == 0x5EA6 ? 2 : 1))..<range.upperBound
        }
        guard let first = range.first, CharacterClass.of(scalars[first]).contains(.letter) || scalars[first] == 0x53F7  // 号
        else { return range }
        var lower = first
        while lower > floor, Numerals.digit(scalars[lower - 1]) != nil { lower -= 1 }
        return lower..<range.upperBound
    }

    /// Characters that a word may end with although they are verbs by themselves, each with what stands before it then.
    private static let nounTails: [UInt32: Set<UInt32>] = {
        var result: [UInt32: Set<UInt32>] = [:]
        for (tail, before) in [("出", "支产输进"), ("及", "惠"), ("增", "新"), ("就", "成"), ("和", "总"), ("从", "服"), ("中", "高初集其水空途市房"), ("设", "建开"), ("由", "自理缘"), ("应", "供反效响"), ("好", "良友爱美")] {
            for scalar in tail.unicodeScalars { result[scalar.value] = Set(before.unicodeScalars.map(\.value)) }
        }
        return result
    }()

    private func isTail(_ index: Int, _ floor: Int) -> Bool {
        guard Self.tails.contains(scalars[index]) else { return false }
        return !(index > floor && Self.nounTails[scalars[index]]?.contains(scalars[index - 1]) ?? false)
    }

    /// 快递业务量（不含包裹）累计完成: where the remark in brackets that ends at `index` starts; nil where none ends there.
    private func bracketStart(_ index: Int, _ floor: Int) -> Int? {
        guard scalars[index] == 0xFF09 || scalars[index] == 0x29 else { return nil }
        return (floor..<index).last { scalars[$0] == 0xFF08 || scalars[$0] == 0x28 }
    }

    /// The first words after a figure.
    private func firstPiece(_ start: Int) -> Range<Int> {
        let piece = withoutHeads(run(from: start, limit: Self.longest))
        var upper = piece.upperBound
        if let cut = cutWords(piece).first(where: { $0.lowerBound > piece.lowerBound }) { upper = cut.lowerBound }
        // 企业的问卷调查: what is counted ends at 的.
        let isEnd = { (index: Int) in
            // 感染的肺炎 is a name.
            scalars[index] == 0x7684 && index >= piece.lowerBound + 2 && scalars[index - 1] != 0x6027
                && !(index + 2 < scalars.count && scalars[index + 1] == 0x80BA && scalars[index + 2] == 0x708E)
        }  // 的, 性
        if let mark = piece.first(where: isEnd), mark < upper { upper = mark }
        // 确诊病例为此前无症状感染者转归: a verb ends the words that are counted.
        let isVerb = { (index: Int) in
            index >= piece.lowerBound + 2
                && Self.trailingCuts[scalars[index]].map { !$0.contains(scalars[index - 1]) } ?? false
        }
        if let verb = piece.first(where: isVerb), verb < upper { upper = verb }
        // 沿街店铺走了个遍: the verb of one character before 了 ends them too.
        let isDone = { (index: Int) in scalars[index] == 0x4E86 && index >= piece.lowerBound + 3 }
        if let done = piece.first(where: isDone), done - 1 < upper { upper = done - 1 }
        // 重点企业复工率超过90%: the rate is the next figure's subject.
        if upper - piece.lowerBound > 4, scalars[upper - 1] == 0x7387 { upper -= 3 }
        // 企业授信近1亿元: the comparator is the next figure's.
        let isBeforeNumber = upper == piece.upperBound && upper < scalars.count && Numerals.digit(scalars[upper]) != nil
        if isBeforeNumber, upper > piece.lowerBound, Self.comparators.contains(scalars[upper - 1]) { upper -= 1 }
        while upper > piece.lowerBound, Self.tails.contains(scalars[upper - 1]), !isWordEnd(upper - 1, piece) { upper -= 1 }
        return piece.lowerBound..<max(upper, piece.lowerBound)
    }

    /// 行为, 存在: a character that is a verb by itself is the end of a word here.
    private func isWordEnd(_ index: Int, _ piece: Range<Int>) -> Bool {
        index > piece.lowerBound && Self.trailingCuts[scalars[index]]?.contains(scalars[index - 1]) ?? false
    }

    private func run(from start: Int, limit: Int) -> Range<Int> {
        var end = start
        while end < scalars.count, end - start < limit, isWordPart(end) || isBracketed(end) { end += 1 }
        return start..<end
    }

    /// 居（村）委会: brackets around a character or two inside a word.
    private func isBracketed(_ index: Int) -> Bool {
        switch scalars[index] {
        case 0xFF08, 0x28:
            (2...3).contains {
                index + $0 < scalars.count && (scalars[index + $0] == 0xFF09 || scalars[index + $0] == 0x29)
            }
        case 0xFF09, 0x29:
            (2...3).contains { index >= $0 && (scalars[index - $0] == 0xFF08 || scalars[index - $0] == 0x28) }
        default: false
        }
    }

    private func withoutHeads(_ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        while lower < range.upperBound, Self.heads.contains(scalars[lower]) && !isWordStart(lower, range) || !isWordPart(lower) {
            lower += 1
        }
        return lower..<range.upperBound
    }

    /// 占比, 设施: a character that is a verb by itself begins a word here.
    private func isWordStart(_ index: Int, _ range: Range<Int>) -> Bool {
        index + 1 < range.upperBound && Self.wordStarts[scalars[index]]?.contains(scalars[index + 1]) ?? false
    }

    private static let wordStarts: [UInt32: Set<UInt32>] = {
        var result: [UInt32: Set<UInt32>] = [:]
        for (first, next) in [("占", "比地用"), ("佔", "比地用"), ("设", "施备计置立定想"), ("起", "重步点诉飞降居付征")] {
            for scalar in first.unicodeScalars { result[scalar.value] = Set(next.unicodeScalars.map(\.value)) }
        }
        return result
    }()

    @inline(__always)
    private func isWordPart(_ index: Int) -> Bool {
        let kind = CharacterClass.of(scalars[index])
        if !kind.isDisjoint(with: [.ideograph, .letter]) { return true }
        // A space is part of a name only between Latin letters.
        return scalars[index] == 0x20 && index > 0 && index + 1 < scalars.count
            && CharacterClass.of(scalars[index - 1]).contains(.letter)
            && CharacterClass.of(scalars[index + 1]).contains(.letter)
    }

    /// Where the words stand at which `range` is cut.
    private func cutWords(_ range: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var index = range.lowerBound
        while index < range.upperBound {
            guard scalars[index] < 0x10000, Self.isInitial[Int(scalars[index])] else {
                index += 1
                continue
            }
            let word = Self.cutsByInitial[scalars[index]]?.first { word in
                index + word.count <= range.upperBound && scalars[index..<(index + word.count)].elementsEqual(word)
            }
            let next = word.map { index + $0.count } ?? scalars.count
            let isNoun =
                next < scalars.count && Self.nounEndings.contains(scalars[next])
                && !(word.map(Self.plainCuts.contains) ?? false)
            if let word, !isNoun {
                found.append(index..<(index + word.count))
                index += word.count
            } else {
                index += 1
            }
        }
        return found
    }

    /// By first character, longest first.
    private static let cutsByInitial = Dictionary(grouping: cuts.sorted { $0.count > $1.count }) { $0[0] }
    private static let isInitial: [Bool] = {
        var table = [Bool](repeating: false, count: 0x10000)
        for word in cuts where word[0] < 0x10000 { table[Int(word[0])] = true }
        return table
    }()
}
