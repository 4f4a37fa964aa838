// Figures of running text: {subject, interval, unit, comparator, date, quote, place}.
//
//     figure = [ comparator ] number [ unit ] [ to number [ unit ] ] [ comparator ]
//            / 百分之 number
//
// A number without a unit, a multiplier or a comparator is no figure: it is a name, a room, a version. Ordinals (第174场),
// serial numbers (44号) and times are none either, nor Chinese numerals just after an opening quotation mark, which make
// slogans (“四个意识”). The reader goes through a paragraph from left to right.

import Messages

/// Reads figures of one paragraph.
struct FigureReader {
    private let text: ScalarText
    private let reading: Reading
    /// The last date of the sentence.
    var date: PartialDate?
    /// Where the clause starts.
    private var clauseStart = 0
    /// What the sentence's last figure that names its subject counts.
    private var sentenceSubject = ""
    private var lastFigureEnd = 0
    /// Where the last figure stands, in indices of the scalars.
    private(set) var lastRange = 0..<0

    init(text: ScalarText, reading: Reading) {
        self.text = text
        self.reading = reading
    }

    /// Notes a mark that ends a sentence at `index`.
    mutating func endSentence(at index: Int) {
        clauseStart = index + 1
        date = nil
        sentenceSubject = ""
    }

    /// Notes a mark that ends a clause at `index`.
    mutating func endClause(at index: Int) {
        clauseStart = index + 1
    }

    /// The figure at `index`, if the number there is one, and where to go on.
    mutating func read(at index: Int) -> (figure: Figure?, end: Int) {
        let scalars = text.scalars
        let numberStart = percentStart(index) ?? index
        guard numberStart < scalars.count, let number = NumberReader.read(scalars, at: numberStart) else {
            return (nil, index + 1)
        }
        let isPercentWord = numberStart != index
        var end = number.end
        guard !isOrdinal(index), !isPartOfName(index, end) else { return (nil, endOfDigits(end)) }
        var unit = isPercentWord ? Unit(text: "%", end: end, isClassifier: false) : unit(at: end)
        var upper: WrittenNumber?
        if let second = rangeEnd(unit?.end ?? end) {
            upper = second
            end = second.end
            unit = self.unit(at: end) ?? unit.map { Unit(text: $0.text, end: end, isClassifier: $0.isClassifier) }
            if isTime(end) { return (nil, end) }
        }
        if unit == nil, upper == nil { unit = sharedUnit(end) }
        if let unit, unit.end > end { end = unit.end }
        if isPeriod(index, unit) || isOrdinalUnit(number, unit, end) { return (nil, end) }
        let before = Comparator.before(scalars, index)
        let after = Comparator.after(scalars, end)
        guard isFigure(number, index, unit: unit, hasComparator: before != nil || after != nil) else {
            return (nil, endOfDigits(number.end))
        }
        if let after { end = after.end }
        let start = before?.start ?? index
        var figure = bounded(number, upper, before: before, after: after)
        figure.unit = unit?.text ?? ""
        figure.subject = Subject(scalars: scalars).find(
            before: max(clauseStart, min(lastFigureEnd, start))..<start, after: end, unit: figure.unit,
            isClassifier: unit?.isClassifier ?? false)
        if index > 0, number.isChinese, upper == nil { widen(&figure, number, before: scalars[index - 1]) }
        if figure.subject.isEmpty {
            if figure.unit == "%" || figure.unit == "个百分点" { figure.subject = change(before: start) }
        } else if figure.unit != "%" || sentenceSubject.isEmpty {
            sentenceSubject = figure.subject
        }
        figure.date = date
        let place = text.textRange(start..<end)
        figure.quote = String(decoding: reading.text[place], as: UTF8.self)
        figure.range = reading.original(place)
        lastFigureEnd = end
        lastRange = start..<end
        return (figure, end)
    }

    // MARK: Parts

    private struct Unit {
        var text: String
        var end: Int
        var isClassifier: Bool
    }

    private static let classifiers = NameTable(text: DefaultUnits.classifiers)
    private static let measures = NameTable(text: DefaultUnits.measures)

    /// What makes another word of 人: 人口, 人员, 人群.
    private static let afterPerson: Set<UInt32> = Set("口员群士才民类".unicodeScalars.map(\.value))

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
        return classifier.map { Unit(text: $0.canonical, end: cursor + $0.length, isClassifier: true) }
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

    private static let periodUnits: Set<String> = ["个月", "天", "周", "年", "个工作日", "小时", "个小时", "日", "个季度"]
    private static let periodWords = ["前", "近", "过去", "未来", "今后", "最近", "头"].map { $0.unicodeScalars.map(\.value) }

    /// 前8个月, 近一周: a stretch of time and no figure.
    private func isPeriod(_ index: Int, _ unit: Unit?) -> Bool {
        guard let unit, Self.periodUnits.contains(unit.text) else { return false }
        return Self.periodWords.contains { text.scalars[..<index].ends(with: $0) }
    }

    /// 十九届二中全会, 2026届毕业生, 三次产业: numbers that say which one, not how many.
    private func isOrdinalUnit(_ number: WrittenNumber, _ unit: Unit?, _ end: Int) -> Bool {
        guard let unit else { return false }
        if unit.text == "届" { return true }
        guard unit.text == "次", number.isChinese, end + 1 < text.count else { return false }
        let next = (text.scalars[end], text.scalars[end + 1])
        return next == (0x4EA7, 0x4E1A) || next == (0x4F1A, 0x8BAE)  // 产业, 会议
    }

    /// 数十名 is some tens, 上百家 is a hundred and more.
    private func widen(_ figure: inout Figure, _ number: WrittenNumber, before scalar: UInt32) {
        let isRound = [10.0, 100, 1000, 10_000, 100_000_000].contains(number.value)
        guard isRound, figure.comparator.isEmpty else { return }
        switch scalar {
        case "数", "几", "數", "幾":
            (figure.lower, figure.upper) = (number.value, number.value * 10)
            (figure.includesLower, figure.includesUpper) = (false, false)
            figure.comparator = String(scalars: [scalar])
        case "上":
            apply(.atLeast, to: &figure, number)
            figure.comparator = "上"
        default: break
        }
    }

    private static let changes = ["同比增长", "同比下降", "环比增长", "环比下降", "同比增加", "同比减少", "增长", "下降", "上升", "提高"]
        .map { $0.unicodeScalars.map(\.value) }

    /// What a percentage that only says how much something changed is about: the sentence's subject and the change.
    private func change(before start: Int) -> String {
        guard !sentenceSubject.isEmpty,
            let word = Self.changes.first(where: { text.scalars[..<start].ends(with: $0) })
        else { return sentenceSubject }
        return sentenceSubject + String(scalars: word)
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
        return NumberReader.read(scalars, at: cursor)
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
        return ["年", "月", "日", "号", "时", "点", "分", "期", "世"].contains { $0 ~= text.scalars[index] }
            && !(index + 1 < text.count && text.scalars[index] == 0x5206 && text.scalars[index + 1] == 0x949F)
    }

    private func endOfDigits(_ index: Int) -> Int {
        var end = index
        while end < text.count, Numerals.digit(text.scalars[end]) != nil { end += 1 }
        return end
    }

    private func isFigure(_ number: WrittenNumber, _ index: Int, unit: Unit?, hasComparator: Bool) -> Bool {
        if number.isChinese {
            // 一个, 一批 say no number; slogans stand in quotation marks.
            guard let unit, number.value > 1 else { return false }
            if index > 0, [0x201C, 0x22, 0x300C, 0x2018].contains(text.scalars[index - 1]) { return false }
            // 十分 and the like; 三部门 is a count without a unit of its own.
            return
                !(unit.text == "成" || unit.text == "部" || unit.text == "门" || unit.text == "度" || unit.text == "级"
                || unit.text == "对")
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
