// Statements of a page about itself: `来源：上海发布`, `发布日期：2016-11-22 信息来源：省发改委`, `【 标  题 】…`.
//
//     line   = *( decoration ) label *( label )
//     label  = key ( ":" / "：" / "|" / "】" ) value        spaces may stand inside the key
//     value  = everything up to the next label

import Messages

/// A label and the range of its value.
struct Label: Sendable {
    enum Field: Sendable { case source, published, title, department, other }

    var field: Field
    /// Half-open, in bytes of `Reading.text`.
    var value: Range<Int>
    /// True where the key means a page's own date or office and nothing else: 成文日期, not 时间.
    var isPlain = false
    /// True where the key of a date says when the text was written or changed, which is not when it was published.
    var isSecondary = false
    /// True for a name without a key, as the line of an account has it.
    var isInferred = false
}

/// Reads labels.
enum LabelReader {
    private static let keys: [(String, Label.Field)] = [
        ("信息来源", .source), ("本文来源", .source), ("文章来源", .source), ("稿件来源", .source), ("新闻来源", .source),
        ("资料来源", .source),
        ("消息来源", .source), ("来源单位", .source), ("原文出处", .source), ("来源于", .source), ("来源", .source),
        ("來源", .source), ("稿源", .source), ("素材来源", .source), ("内容来源", .source), ("图文来源", .source), ("原文来源", .source), ("媒体来源", .source),
        ("来源媒体", .source), ("数据来源", .source), ("图片来源", .other), ("视频来源", .other), ("来自", .source), ("原载", .source), ("供稿单位", .source),
        ("供稿", .source), ("报送单位", .department), ("出处", .source), ("转载自", .source), ("转自", .source),
        ("发布日期", .published), ("发布时间", .published), ("发表时间", .published), ("发文日期", .published),
        ("公布日期", .published), ("公开日期", .published), ("公开时间", .published), ("生成日期", .published),
        ("成文时间", .published), ("发稿时间", .published), ("采集时间", .published), ("印发日期", .published), ("成文日期", .published), ("更新时间", .published),
        ("日期", .published), ("时间", .published), ("標題", .title), ("标题", .title), ("发文机关", .department),
        ("发布机构", .department), ("发布单位", .department), ("编发单位", .department), ("编印单位", .department), ("编发", .department), ("编印", .department), ("发文单位", .department), ("印发机关", .department),
        ("制定机关", .department), ("责任部门", .department), ("部门", .department), ("作者", .other),
        ("索引号", .other), ("主题分类", .other), ("发文字号", .other), ("主题词", .other),
        ("浏览次数", .other), ("点击数", .other), ("浏览量", .other), ("字体", .other), ("分享", .other),
        ("版号", .other), ("文献号", .other), ("原刊地名", .other), ("原刊期号", .published), ("刊期", .published), ("年卷期", .published), ("原刊页号", .other),
        ("分类号", .other), ("分类名", .other), ("复印期号", .other), ("关键词", .other), ("关键字", .other),
        ("作者简介", .other), ("责任编辑", .other), ("内容提要", .other), ("正文", .other), ("打印", .other), ("获取时间", .published),
        ("字号", .other), ("字號", .other), ("字體", .other), ("阅读量", .other), ("阅读次数", .other), ("阅读", .other), ("访问量", .other),
        ("访问次数", .other), ("点击率", .other), ("点击", .other), ("编辑", .other), ("责编", .other), ("責任編輯", .other),
        ("審核", .other), ("审核", .other), ("校对", .other), ("分享到", .other), ("浏览", .other), ("瀏覽", .other), ("资料提供", .other), ("资料", .source),
        ("訊息來源", .source), ("資料來源", .source), ("新聞來源", .source), ("發布日期", .published), ("發佈日期", .published), ("發布時間", .published),
        ("發佈時間", .published), ("張貼日期", .published), ("上版日期", .published), ("更新時間", .published), ("更新日期", .published), ("時間", .published),
        ("發布單位", .department), ("發佈單位", .department), ("發文單位", .department), ("發文機關", .department),
        ("Source", .source), ("Published", .published), ("Updated", .published), ("Editor", .other),
    ]
    /// Keys of dates other than that of publication.
    private static let secondaryKeys = Set(
        ["原刊期号", "刊期", "年卷期", "成文日期", "成文时间", "生成日期", "印发日期", "发文日期", "更新时间", "获取时间", "采集时间", "更新時間", "更新日期"].map { $0.unicodeScalars.map(\.value) })
    private static let byInitial: [UInt32: [(key: [UInt32], field: Label.Field)]] = {
        var table: [UInt32: [(key: [UInt32], field: Label.Field)]] = [:]
        for (name, field) in keys {
            let scalars = name.unicodeScalars.map(\.value)
            table[scalars[0], default: []].append((scalars, field))
        }
        for key in table.keys { table[key]?.sort { $0.key.count > $1.key.count } }
        return table
    }()

    /// The labels of a line that starts with one, or with a date and then one; empty where it does not.
    static func labels(_ line: ScalarText) -> [Label] {
        let scalars = line.scalars
        var cursor = 0
        while cursor < scalars.count, cursor < 6, isLeading(scalars[cursor]) { cursor += 1 }
        guard cursor < scalars.count else { return [] }
        var labels: [Label] = []
        if Numerals.digit(scalars[cursor]) != nil, let date = DateReader.read(scalars, at: cursor) {
            // A date without a key counts only with a label right behind it: in 7月5日，市防指召开会议。来源：… it begins a sentence.
            guard let end = firstLabel(scalars, from: date.end)?.start, scalars[date.end..<end].allSatisfy(isBesideDate) else { return [] }
            labels.append(Label(field: .published, value: line.textRange(cursor..<end)))
            cursor = end
        }
        guard var next = label(scalars, at: cursor) else { return labels.isEmpty ? [] : labels }
        while true {
            let following = firstLabel(scalars, from: next.valueStart, isJoined: true)
            let valueEnd = following?.start ?? scalars.count
            var value = trimmed(scalars, next.valueStart..<valueEnd)
            if next.field == .source || next.field == .department, let date = dateInside(scalars, value) {
                labels.append(Label(field: .published, value: line.textRange(date)))
                value = trimmed(scalars, value.lowerBound..<date.lowerBound)
            }
            labels.append(
                Label(
                    field: next.field, value: line.textRange(value), isPlain: next.isPlain,
                    isSecondary: next.isSecondary))
            guard let following else { return labels }
            next = following.place
        }
    }

    /// The labels of a line of a page's frame, where words may stand before the first one: `版权声明 来源：某报 时间：…`.
    static func labelsInside(_ line: ScalarText) -> [Label] {
        let found = labels(line)
        guard found.isEmpty, let first = firstLabel(line.scalars, from: 0) else { return found }
        var rest = ScalarText()
        rest.append(line, from: first.start)
        return labels(rest)
    }

    /// The source stated in brackets at the end of a paragraph: `……。（来源：上海发布）`.
    static func trailingSource(_ line: ScalarText) -> (whole: Range<Int>, value: Range<Int>)? {
        let scalars = line.scalars
        guard let last = scalars.last, last == 0xFF09 || last == 0x29 || last == 0x3011 || last == 0x5D else {
            return closingLabel(scalars).map { ($0.start..<scalars.count, $0.value..<scalars.count) }
        }
        let lowest = max(0, scalars.count - 60)
        guard
            let open = (lowest..<scalars.count).last(where: { [0xFF08, 0x28, 0x3010, 0x5B].contains(scalars[$0]) }),
            let label = label(scalars, at: open + 1), label.field == .source, label.valueStart < scalars.count - 1
        else { return nil }
        return (open..<scalars.count, label.valueStart..<(scalars.count - 1))
    }

    /// How far from the end 来源 may stand after the last sentence, in characters.
    private static let longestClosing = 32

    /// Where 来源 and its value start that close a paragraph after its last sentence: `……。来源：央视新闻`; nil where none do.
    static func closingLabel(_ scalars: [UInt32]) -> (start: Int, value: Int)? {
        let lowest = max(1, scalars.count - longestClosing)
        guard scalars.count > 8, let end = (lowest..<scalars.count).last(where: { CharacterClass.of(scalars[$0 - 1]).contains(.sentenceEnd) })
        else { return nil }
        var start = end
        Numerals.skipSpaces(scalars, &start)
        guard let label = label(scalars, at: start), label.field == .source, label.valueStart < scalars.count - 1 else { return nil }
        return (start, label.valueStart)
    }

    /// Whether a short line states a date or a source.
    static func statesDateOrSource(_ text: [UInt8], _ range: Range<Int>, _ dictionaries: Dictionaries) -> Bool {
        guard range.count <= 360 else { return false }
        var line = ScalarText()
        line.append(text, range)
        if labels(line).contains(where: { $0.field == .published || $0.field == .source }) { return true }
        guard let start = line.scalars.firstIndex(where: { Numerals.digit($0) != nil }), start < 24, line.count < 60
        else {
            return false
        }
        return DateReader.read(line.scalars, at: start)?.date.day != nil
    }

    /// The date after the name in `来源：上海发布  2020-02-03 10:20`, up to the end of the value.
    private static func dateInside(_ scalars: [UInt32], _ range: Range<Int>) -> Range<Int>? {
        for index in range where Numerals.digit(scalars[index]) != nil {
            if let match = DateReader.read(scalars, at: index), match.date.day != nil, match.end <= range.upperBound {
                return index..<range.upperBound
            }
        }
        return nil
    }

    // MARK: One label

    private typealias Place = (valueStart: Int, field: Label.Field, isPlain: Bool, isSecondary: Bool)

    /// - Parameter isJoined: a label may follow what is before it without a mark: `发布时间：2022-04-13 08:12来源：疾控局字体：大`. Pages set such
    ///   parts apart by their layout alone.
    private static func firstLabel(_ scalars: [UInt32], from start: Int, isJoined: Bool = false) -> (start: Int, place: Place)? {
        var index = start
        while index < scalars.count {
            let isBoundary = index == start || isLeading(scalars[index - 1])
            if isBoundary || isJoined && index > start + 1, let found = label(scalars, at: index) { return (index, found) }
            index += 1
        }
        return nil
    }

    private static func label(_ scalars: [UInt32], at start: Int) -> Place? {
        guard start < scalars.count else { return nil }
        var before = start
        while before > 0, CharacterClass.of(scalars[before - 1]).contains(.space) { before -= 1 }
        let isBracketed = before > 0 && (scalars[before - 1] == 0x3010 || scalars[before - 1] == 0x5B)
        var first = start
        Numerals.skipSpaces(scalars, &first, limit: 4)
        guard first < scalars.count, let candidates = byInitial[scalars[first]] else { return nil }
        for candidate in candidates {
            guard let keyEnd = matchKey(candidate.key, scalars, first) else { continue }
            var cursor = keyEnd
            Numerals.skipSpaces(scalars, &cursor, limit: 4)
            guard cursor < scalars.count else { continue }
            let mark = scalars[cursor]
            if candidate.key == origin, let value = unmarkedValue(scalars, start, keyEnd, cursor) { return (value, .source, false, false) }
            // 来源/上海市人社局
            let isSlash = candidate.field == .source && first == 0 && (mark == 0x2F || mark == 0xFF0F)
            let isMark = isSlash || [0x3A, 0xFF1A, 0x7C, 0xFF5C, 0x4E28].contains(mark)
            if isMark || isBracketed && (mark == 0x3011 || mark == 0x5D) {
                return (
                    cursor + 1, candidate.field, candidate.field != .other && candidate.key.count >= 4,
                    secondaryKeys.contains(candidate.key)
                )
            }
        }
        return nil
    }

    private static let origin = "来源".unicodeScalars.map(\.value)
    /// Characters of a line on which 来源 needs no colon.
    private static let longestUnmarked = 30
    private static let looseMarks = ScalarSet("—-=＝是")

    /// Where the value starts on a short line of its own: 来源 上海发布, 来源——上海发布, 来源=上海发布.
    private static func unmarkedValue(_ scalars: [UInt32], _ start: Int, _ keyEnd: Int, _ next: Int) -> Int? {
        guard scalars.count <= longestUnmarked, scalars[..<start].allSatisfy(isLeading), !scalars.contains(where: { CharacterClass.of($0).contains(.sentenceEnd) })
        else { return nil }
        var value = next
        while value < scalars.count, looseMarks.contains(scalars[value]) { value += 1 }
        guard value > keyEnd, value + 1 < scalars.count, CharacterClass.of(scalars[value]).contains(.ideograph) || value == next else { return nil }
        // 来源 ： and 来源|: the mark that every label has.
        return [0x3A, 0xFF1A, 0x7C, 0xFF5C, 0x4E28, 0x2F, 0xFF0F].contains(scalars[value]) ? nil : value
    }

    private static func matchKey(_ key: [UInt32], _ scalars: [UInt32], _ start: Int) -> Int? {
        var cursor = start
        for (position, scalar) in key.enumerated() {
            if position > 0 { Numerals.skipSpaces(scalars, &cursor, limit: 4) }
            guard cursor < scalars.count, scalars[cursor] == scalar else { return nil }
            cursor += 1
        }
        return cursor
    }

    private static let leading = ScalarSet(" \t\u{3000}\u{A0}；;，,。.、（(【[—-–|｜*>◆●■▲△▼★☆▶►※·•丨")

    /// What may stand between a date and a label: marks, a time, a day of the week, 发布 and 更新.
    private static let besideDate = ScalarSet("0123456789０１２３４５６７８９:：星期周礼拜週禮一二三四五六日天上下午早晚时時分秒点發发布更新于於")

    private static func isBesideDate(_ scalar: UInt32) -> Bool { isLeading(scalar) || besideDate.contains(scalar) }

    private static func isLeading(_ scalar: UInt32) -> Bool { leading.contains(scalar) }

    private static func trimmed(_ scalars: [UInt32], _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        while lower < upper, CharacterClass.of(scalars[lower]).contains(.space) { lower += 1 }
        while upper > lower, isLeading(scalars[upper - 1]) || [0x29, 0xFF09, 0x3011, 0x5D].contains(scalars[upper - 1])
        {
            upper -= 1
        }
        return lower..<upper
    }
}
