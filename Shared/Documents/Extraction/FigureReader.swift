// Figures of running text: {subject, interval, unit, comparator, date, quote, place}.
//
//     figure = [ fall ] [ comparator ] [ minus ] number [ unit ] [ to number [ unit ] ] [ comparator ]
//            / 百分之 number / share                             三分之二, 三成, 一半, 过半, 翻番; see `ShareReader`
//     minus  = "-" / "−" / 负 / 零下                            before a unit that can be below nothing
//     fall   = 下降 / 减少 / 下滑 / 降幅 / 收窄 …                    下降5.3% is a change of -5.3 %, 下降到5.3% is a state;
//                                                              降幅收窄0.3 moves upwards, 降幅扩大0.3 downwards
//
// A number without a unit, a multiplier or a comparator is no figure: it is a name, a room, a version. Ordinals (第174场),
// serial numbers (44号) and times are none either, nor Chinese numerals just after an opening quotation mark, which make
// slogans (“四个意识”). The reader goes through a paragraph from left to right.

import Messages

/// Reads figures of one paragraph.
struct FigureReader {
    private let text: ScalarText
    /// The last date of the sentence.
    private var date: PartialDate?
    /// Where the clause starts.
    private var clauseStart = 0
    /// What the sentence's last figure that names its subject counts.
    private var sentenceSubject = ""
    /// What the last figure of the clause counts; empty where the clause has none yet.
    private var clauseSubject = ""
    private var lastFigureEnd = 0
    /// Where the last figure stands, in indices of the scalars.
    private(set) var lastRange = 0..<0

    init(text: ScalarText) {
        self.text = text
    }

    /// Notes the date that the figures after `end` are of; its words are no part of what they count.
    mutating func noteDate(_ date: PartialDate, endingAt end: Int) {
        self.date = date
        clauseStart = max(clauseStart, end)
    }

    /// Notes a mark that ends a sentence at `index`.
    mutating func endSentence(at index: Int) {
        clauseStart = index + 1
        date = nil
        sentenceSubject = ""
        clauseSubject = ""
    }

    /// Notes a semicolon at `index`.
    mutating func endMember(at index: Int) {
        clauseStart = index + 1
        sentenceSubject = ""
        clauseSubject = ""
    }

    /// Notes a mark that ends a clause at `index`.
    mutating func endClause(at index: Int) {
        clauseStart = index + 1
        clauseSubject = ""
    }

    /// The figure at `index`, if the number there is one, and where to go on.
    /// - Parameter reading: that the paragraph is of.
    mutating func read(at index: Int, _ reading: Reading) -> (figure: Figure?, end: Int) {
        let scalars = text.scalars
        let share = ShareReader.read(scalars, at: index)
        let numberStart = percentStart(index) ?? index
        guard numberStart < scalars.count, var number = share?.number ?? NumberReader.read(scalars, at: numberStart)
        else { return (nil, index + 1) }
        var end = number.end
        let years = share == nil ? countOfYears(number, index) : nil
        guard !isOrdinal(index), share != nil || years != nil || !isPartOfName(index, end) else { return (nil, endOfDigits(end)) }
        var unit =
            years ?? share.map { Unit(text: $0.unit, end: end, isClassifier: false) }
            ?? (numberStart != index ? Unit(text: "%", end: end, isClassifier: false) : unit(at: end))
        var upper: WrittenNumber?
        if share == nil, let second = rangeEnd(unit?.end ?? end) {
            upper = second
            end = second.end
            unit = self.unit(at: end) ?? unit.map { Unit(text: $0.text, end: end, isClassifier: $0.isClassifier) }
            if isTime(end) { return (nil, end) }
        }
        if unit == nil, upper == nil { unit = sharedUnit(end) }
        if let unit, unit.end > end { end = unit.end }
        if isPeriod(index, unit) || isOrdinalUnit(number, unit, end) { return (nil, end) }
        let minus = signs.minusStart(index, unit: unit?.text)
        let isShare = share != nil || unit?.only == 0x6210 || unit?.only == 0x25  // 成 %
        let beside = Comparator.before(scalars, minus ?? index) ?? share?.before
        let whole = beside == nil && isShare ? wholeBefore(index) : nil
        let before = beside ?? whole
        readOpenUnit(unit, &number, &end)
        let after = Comparator.after(scalars, end) ?? within(end, unit)
        guard isFigure(number, index, unit: unit, hasComparator: before != nil || after != nil) else {
            return (nil, endOfDigits(number.end))
        }
        if let after { end = after.end }
        var start = before?.start ?? minus ?? index
        let fall = upper == nil ? signs.fallStart(start) : nil
        var figure = bounded(number, upper, before: before, after: after)
        if index > 0, number.isChinese, upper == nil, widen(&figure, number, before: scalars[index - 1]) {
            // 好几百 is the same with a word of admiration.
            start = index > 1 && scalars[index - 2] == 0x597D ? index - 2 : index - 1
        }
        if unit?.only == 0x6210 { makePercent(&figure, unit) } else { figure.unit = unit?.text ?? "" }
        // Points of a percent say a change, wherever its verb stands.
        let isCut = fall == nil && upper == nil && unit?.only == 0 && unit?.text == "个百分点" && signs.falls(before: start)
        if minus != nil || fall != nil || isCut { negate(&figure) }
        figure.subject = Subject(scalars: scalars).find(
            before: whole.map { $0.end..<index } ?? max(clauseStart, min(lastFigureEnd, start))..<start, after: end, unit: figure.unit,
            isClassifier: unit?.isClassifier ?? false)
        if figure.subject.isEmpty {
            // 阳性率由0.31%降至0.18%: both are of one rate.
            if clauseSubject.hasSuffix("率"), figure.unit == "%" {
                figure.subject = clauseSubject
            } else if figure.unit == "%" || figure.unit == "个百分点" || isChange(start, hasFall: fall != nil) {
                figure.subject = change(before: start)
            }
        } else if figure.unit != "%" || sentenceSubject.isEmpty {
            sentenceSubject = figure.subject
        }
        if !figure.subject.isEmpty { clauseSubject = figure.subject }
        start = fall ?? start
        figure.date = date
        let place = text.textRange(start..<end)
        figure.quote = String(decoding: reading.text[place], as: UTF8.self)
        figure.range = reading.original(place)
        lastFigureEnd = end
        lastRange = start..<end
        return (figure, end)
    }

    // MARK: Bounds

    /// 约占总数的四成, 不到平日的一成: the word stands before what the share is of. 近 and the like of one character are too often
    /// parts of other words there, except before 占.
    private func wholeBefore(_ index: Int) -> Word? {
        let scalars = text.scalars
        guard index > 3, scalars[index - 1] == 0x7684 else { return nil }  // 的
        var start = index - 2
        while start > 0, index - start < 12, CharacterClass.of(scalars[start]).contains(.ideograph) {
            if let word = Comparator.before(scalars, start), word.end == start,
                scalars[start] == 0x5360 || word.end - word.start > 1
            {
                return word
            }
            start -= 1
        }
        return nil
    }

    /// 48小时内, 三天內: 内 after a stretch of time, where it makes no other word.
    private func within(_ index: Int, _ unit: Unit?) -> Word? {
        guard let unit, index < text.count, text.scalars[index] == 0x5185 || text.scalars[index] == 0x5167,
            Self.periodUnits.contains(unit.text) || unit.text == "分钟",
            index + 1 >= text.count || ![0x5BB9, 0x90E8, 0x5916].contains(text.scalars[index + 1])
        else { return nil }
        return (.atMost, index, index + 1)
    }

    // MARK: Signs

    private var signs: FigureSigns { FigureSigns(scalars: text.scalars, clauseStart: clauseStart) }

    /// Turns the interval around: 下降超过5% lies below -5.
    private func negate(_ figure: inout Figure) {
        let (lower, upper) = (figure.lower, figure.upper)
        (figure.lower, figure.upper) = (upper.map { $0 == 0 ? 0 : -$0 }, lower.map { $0 == 0 ? 0 : -$0 })
        (figure.includesLower, figure.includesUpper) = (figure.includesUpper, figure.includesLower)
    }

    // MARK: Parts

    private struct Unit {
        var text: String {
            didSet { only = Self.only(text) }
        }
        var end: Int
        var isClassifier: Bool
        /// The tenth part of 成 after it: 三成五, 三成半.
        var tenths = 0
        /// Its character where it has one alone, else 0. Chinese strings that differ are compared slowly (by canonical equivalence).
        private(set) var only: UInt32

        init(text: String, end: Int, isClassifier: Bool) {
            self.text = text
            self.end = end
            self.isClassifier = isClassifier
            only = Self.only(text)
        }

        private static func only(_ text: String) -> UInt32 {
            let scalars = text.unicodeScalars
            guard let first = scalars.first, scalars.index(after: scalars.startIndex) == scalars.endIndex else { return 0 }
            return first.value
        }

        static func == (unit: Unit, character: Unicode.Scalar) -> Bool { unit.only == character.value }
    }

    private static let classifiers = NameTable(text: DefaultUnits.classifiers)
    private static let measures = NameTable(text: DefaultUnits.measures)
    /// The first characters of all units.
    static let unitInitials = classifiers.initials.union(measures.initials)

    private static let afterOrder = ScalarSet("元位独日项向体人身边双元項體獨邊雙")
    /// What makes another word of 人: 人口, 人员, 人群.
    private static let afterPerson = ScalarSet("口员群士才民类")

    /// Where the number after 百分之 starts.
    private func percentStart(_ index: Int) -> Int? {
        let scalars = text.scalars
        guard index + 3 < scalars.count, scalars[index] == 0x767E, scalars[index + 1] == 0x5206,
            scalars[index + 2] == 0x4E4B
        else { return nil }
        let next = index + 3
        return CharacterClass.of(scalars[next]).isDisjoint(with: [.digit, .chineseNumeral]) ? nil : next
    }

    private func unit(at index: Int) -> Unit? {
        let scalars = text.scalars
        var cursor = index
        Numerals.skipSpaces(scalars, &cursor, limit: 1)
        guard cursor < scalars.count else { return nil }
        if scalars[cursor] == 0x25 || scalars[cursor] == 0xFF05 {
            return Unit(text: "%", end: cursor + 1, isClassifier: false)
        }
        if scalars[cursor] == 0x2030 { return Unit(text: "‰", end: cursor + 1, isClassifier: false) }
        if scalars[cursor] == 0x6210 { return tenthUnit(cursor) }
        let measure = Self.measures.match(scalars, at: cursor, before: scalars.count)
        let classifier = Self.classifiers.match(scalars, at: cursor, before: scalars.count)
        // 2400多万人口: the word counts, 人 alone is no unit of it.
        if let measure, measure.canonical == "人", cursor + 1 < scalars.count,
            Self.afterPerson.contains(scalars[cursor + 1])
        {
            return nil
        }
        if let measure, measure.length >= classifier?.length ?? 0 {
            return Unit(text: measure.canonical, end: cursor + measure.length, isClassifier: false)
        }
        // 3单元, 两单位: 单 begins another word.
        if let classifier, classifier.canonical == "单" || classifier.canonical == "單", cursor + 1 < scalars.count,
            Self.afterOrder.contains(scalars[cursor + 1])
        {
            return nil
        }
        return classifier.map { Unit(text: $0.canonical, end: cursor + $0.length, isClassifier: true) }
    }

    /// Years up to which a number counts them.
    private static let mostYears = 120.0
    private static let afterYears = ScalarSet("度级级代月初底末份间中前后來来内內0123456789")

    /// 不超过1年, 3年以上: years counted, where a word beside them says so; 前3年, 近10年 and 22年 are stretches and dates.
    private func countOfYears(_ number: WrittenNumber, _ index: Int) -> Unit? {
        let scalars = text.scalars
        guard number.end < scalars.count, scalars[number.end] == 0x5E74, number.value <= Self.mostYears, number.reach == nil else { return nil }
        let end = number.end + 1
        if end < scalars.count, Self.afterYears.contains(scalars[end]) { return nil }
        let before = Comparator.before(scalars, index)
        let isBounded = before.map { $0.end - $0.start > 1 } ?? false
        guard isBounded || Comparator.after(scalars, end) != nil else { return nil }
        return Unit(text: "年", end: end, isClassifier: false)
    }

    /// What makes another word of 成: 成立, 成员, 一成不变.
    private static let afterTenth = ScalarSet("立功员果为本绩都交长效份就年分人品套员為員績長語语因形")

    /// 成 at `index`: a tenth, with its own tenths after it (三成五).
    private func tenthUnit(_ index: Int) -> Unit? {
        let scalars = text.scalars
        var unit = Unit(text: "成", end: index + 1, isClassifier: false)
        guard unit.end < scalars.count else { return unit }
        let next = scalars[unit.end]
        if Self.afterTenth.contains(next) { return nil }
        if next == 0x4E0D, unit.end + 1 < scalars.count, scalars[unit.end + 1] == 0x53D8 { return nil }  // 不变
        let isRow = unit.end + 1 < scalars.count && CharacterClass.of(scalars[unit.end + 1]).contains(.chineseNumeral)
        if next == 0x534A {  // 半
            unit.tenths = 5
        } else if let digit = Numerals.chineseDigit(next), digit > 0, !isRow {
            unit.tenths = digit
        } else {
            return unit
        }
        unit.end += 1
        return unit
    }

    /// Makes percent of tenths.
    private func makePercent(_ figure: inout Figure, _ unit: Unit?) {
        let more = Double(unit?.tenths ?? 0)
        figure.unit = "%"
        figure.lower = figure.lower.map { $0 * 10 + more }
        figure.upper = figure.upper.map { $0 * 10 + more }
    }

    /// 三成多, 两倍多, 5%多: 多 after a unit that is no thing. 3倍多次 is read otherwise.
    private func readOpenUnit(_ unit: Unit?, _ number: inout WrittenNumber, _ end: inout Int) {
        guard let unit, unit.only == 0x6210 || unit.only == 0x25 || unit.only == 0x500D, end < text.count, unit.end == end,
            text.scalars[end] == 0x591A || text.scalars[end] == 0x4F59
        else { return }
        if end + 1 < text.count, ["次", "种", "個", "个", "项", "家", "名"].contains(where: { $0 ~= text.scalars[end + 1] }) { return }
        number.isOpen = true
        end += 1
    }

    /// The unit of `3.2和2.7个百分点`, whose first number leaves it to the second.
    private func sharedUnit(_ index: Int) -> Unit? {
        let scalars = text.scalars
        guard index + 1 < scalars.count, [0x548C, 0x4E0E, 0x3001, 0x53CA].contains(scalars[index]),  // 和 与 、 及
            Numerals.digit(scalars[index + 1]) != nil, let next = NumberReader.read(scalars, at: index + 1),
            let unit = unit(at: next.end), !isTime(next.end)
        else { return nil }
        return Unit(text: unit.text, end: index, isClassifier: unit.isClassifier)
    }

    private static let periodUnits: Set<String> = [
        "个月", "天", "周", "年", "个工作日", "小时", "个小时", "日", "个季度", "個月", "週", "個工作日", "小時", "個小時",
    ]
    private static let periodWords = ["前", "近", "过去", "未来", "今后", "最近", "头", "過去", "未來", "今後"].map { $0.unicodeScalars.map(\.value) }

    /// The last characters of those words.
    private static let periodEnds = ScalarSet("前近去来后头來後")

    /// 前8个月, 近一周: a stretch of time and no figure.
    private func isPeriod(_ index: Int, _ unit: Unit?) -> Bool {
        guard let unit, index > 0, Self.periodEnds.contains(text.scalars[index - 1]) else { return false }
        return Self.periodWords.contains { text.scalars[..<index].ends(with: $0) } && Self.periodUnits.contains(unit.text)
    }

    /// 十九届二中全会, 2026届毕业生, 三次产业: numbers that say which one, not how many.
    private func isOrdinalUnit(_ number: WrittenNumber, _ unit: Unit?, _ end: Int) -> Bool {
        guard let unit else { return false }
        if unit == "届" { return true }
        guard unit == "次", number.isChinese, end + 1 < text.count else { return false }
        let next = (text.scalars[end], text.scalars[end + 1])
        return next == (0x4EA7, 0x4E1A) || next == (0x4F1A, 0x8BAE)  // 产业, 会议
    }

    /// 数十名 is some tens, 上百家 is a hundred and more.
    /// - Returns: whether the word before the number belongs to it.
    private func widen(_ figure: inout Figure, _ number: WrittenNumber, before scalar: UInt32) -> Bool {
        guard number.value >= 10, number.grain == number.value, figure.comparator.isEmpty || figure.comparator == "多" else {
            return false
        }
        switch scalar {
        case "数", "几", "數", "幾":
            (figure.lower, figure.upper) = (number.value, number.value * 10)
            (figure.includesLower, figure.includesUpper) = (false, false)
            figure.comparator = String(scalars: [scalar])
        case "上":
            apply(.atLeast, to: &figure, number)
            figure.comparator = "上"
        default: return false
        }
        return true
    }

    private static let changes = ["同比增长", "同比下降", "环比增长", "环比下降", "同比增加", "同比减少", "增长", "下降", "上升", "提高", "增加", "减少"]
        .map { $0.unicodeScalars.map(\.value) }

    /// What a percentage that only says how much something changed is about: the sentence's subject and the change.
    private func change(before start: Int) -> String {
        guard !sentenceSubject.isEmpty,
            let word = Self.changes.first(where: { text.scalars[..<start].ends(with: $0) })
        else { return sentenceSubject }
        return sentenceSubject + String(scalars: word)
    }

    /// 比上年增加15件: a count that only says how much something changed.
    private func isChange(_ start: Int, hasFall: Bool) -> Bool {
        hasFall || Self.changes.contains { text.scalars[..<start].ends(with: $0) }
    }

    /// The second number of `3000-5000元`, `三至五天`.
    private func rangeEnd(_ index: Int) -> WrittenNumber? {
        let scalars = text.scalars
        guard index + 1 < scalars.count,
            [0x81F3, 0x5230, 0x2D, 0x2013, 0x2014, 0x7E, 0xFF5E, 0xFF0D].contains(scalars[index])
        else {
            return nil
        }
        var cursor = index + 1
        if scalars[cursor] == scalars[index], cursor + 1 < scalars.count { cursor += 1 }
        guard !CharacterClass.of(scalars[cursor]).isDisjoint(with: [.digit, .chineseNumeral]) else { return nil }
        return NumberReader.read(scalars, at: percentStart(cursor) ?? cursor)
    }

    private func isOrdinal(_ index: Int) -> Bool {
        var before = index
        while before > 0, CharacterClass.of(text.scalars[before - 1]).contains(.space) { before -= 1 }
        return before > 0 && text.scalars[before - 1] == 0x7B2C  // 第
    }

    /// COVID-19, G60, 5G, 〔2018〕44号, 2020年, 15时.
    private func isPartOfName(_ start: Int, _ end: Int) -> Bool {
        let scalars = text.scalars
        if start > 0 {
            let before = scalars[start - 1]
            if CharacterClass.of(before).contains(.letter) || before == 0x3015 || before == 0x5F || before == 0x23 {
                return true
            }
            let isJoined = before == 0x2D || before == 0x2E || before == 0x2F || before == 0x3A
            if isJoined, start > 1, !CharacterClass.of(scalars[start - 2]).isDisjoint(with: [.letter, .digit]) {
                return true
            }
        }
        guard end < scalars.count else { return false }
        return CharacterClass.of(scalars[end]).contains(.letter) || isTime(end)
    }

    /// Whether what stands at `index` makes a time, a date or a serial number of the number before it.
    private func isTime(_ index: Int) -> Bool {
        guard index < text.count else { return false }
        return ["年", "月", "日", "号", "时", "点", "分", "期", "世", "號", "時", "點"].contains { $0 ~= text.scalars[index] }
            && !(index + 1 < text.count && text.scalars[index] == 0x5206
                && (text.scalars[index + 1] == 0x949F || text.scalars[index + 1] == 0x9418))
    }

    private func endOfDigits(_ index: Int) -> Int {
        var end = index
        while end < text.count, Numerals.digit(text.scalars[end]) != nil { end += 1 }
        return end
    }

    private func isFigure(_ number: WrittenNumber, _ index: Int, unit: Unit?, hasComparator: Bool) -> Bool {
        if number.isChinese {
            // 一个, 一批 say no number; slogans stand in quotation marks.
            // 访问量破百万.
            if unit == nil, hasComparator, number.value >= 10_000 { return true }
            guard let unit, number.value > 1 || number.reach != nil || unit == "成" || unit == "倍" else {
                return false
            }
            if index > 0, [0x201C, 0x22, 0x300C, 0x2018].contains(text.scalars[index - 1]) { return false }
            // 十分 and the like; 三部门 is a count without a unit of its own.
            return
                !(unit == "部" || unit == "门" || unit == "度" || unit == "级" || unit == "对")
        }
        return unit != nil || number.hasMultiplier || hasComparator || number.isOpen
    }

    // MARK: Interval

    private typealias Word = (meaning: Comparator, start: Int, end: Int)

    private func bounded(_ number: WrittenNumber, _ upper: WrittenNumber?, before: Word?, after: Word?) -> Figure {
        var figure = Figure(
            subject: "", lower: number.value, upper: upper?.value ?? number.value, includesLower: true,
            includesUpper: true,
            unit: "", comparator: "", quote: "", range: ByteRange(0, 0))
        if let upper {
            figure.comparator = "至"
            // 3-5万: the multiplier serves both.
            if upper.hasMultiplier, !number.hasMultiplier, number.value < upper.value {
                figure.lower = scaled(number.value, to: upper)
            }
            if let low = figure.lower, let high = figure.upper, low > high { figure.lower = high; figure.upper = low }
            return figure
        }
        let word = after ?? before
        var number = number
        if let reach = number.reach {
            guard let word else {
                figure.upper = reach.upper
                (figure.includesLower, figure.includesUpper) = (reach.isClosed, reach.isClosed)
                figure.comparator = reach.isClosed ? "至" : "几"
                return figure
            }
            if word.meaning == .atMost || word.meaning == .below { number.value = reach.upper }
        }
        if number.isEstimate {
            apply(.about, to: &figure, number)
            figure.comparator = "来"
        }
        if number.isOpen {
            apply(.above, to: &figure, number)
            figure.comparator = "多"
        }
        if let word {
            apply(word.meaning, to: &figure, number)
            figure.comparator = text.string(word.start..<word.end)
        }
        return figure
    }

    /// `value` times the power of ten thousand that `upper` was multiplied by.
    private func scaled(_ value: Double, to upper: WrittenNumber) -> Double {
        for factor in [1e8, 1e4] where upper.value >= factor && value * factor <= upper.value { return value * factor }
        return value
    }

    private func apply(_ comparator: Comparator, to figure: inout Figure, _ number: WrittenNumber) {
        (figure.lower, figure.upper) = (number.value, number.value)
        (figure.includesLower, figure.includesUpper) = (true, true)
        switch comparator {
        case .above: (figure.upper, figure.includesLower, figure.includesUpper) = (nil, false, false)
        case .atLeast: (figure.upper, figure.includesUpper) = (nil, false)
        case .below: (figure.lower, figure.includesLower, figure.includesUpper) = (nil, false, false)
        case .atMost: (figure.lower, figure.includesLower) = (nil, false)
        case .about:
            (figure.lower, figure.upper) = (number.value - number.grain / 2, number.value + number.grain / 2)
            // 3.2 - 0.05 is no binary fraction; what a reader would write is.
            if number.value < 1e9 {
                figure.lower = figure.lower.map { ($0 * 1e6).rounded() / 1e6 }
                figure.upper = figure.upper.map { ($0 * 1e6).rounded() / 1e6 }
            }
        }
    }
}
