// What makes a figure less than nothing: a minus before its number, or a word of a change to less.

/// Looks before a number.
struct FigureSigns {
    let scalars: [UInt32]
    /// Where the clause of the number starts.
    let clauseStart: Int

    private static let signs = ScalarSet("-−－负負下")
    /// Units of what can be below nothing. A hyphen before people or houses is a dash.
    private static let signedUnits: Set<String> = [
        "", "%", "‰", "个百分点", "個百分點", "℃", "摄氏度", "攝氏度", "度", "元", "美元", "欧元", "港元", "米", "倍",
    ]
    /// Words that end with 负 and say nothing of a number.
    private static let notBeforeMinus = ScalarSet("担肩背自胜抱欺减增轻擔勝減輕")

    /// Where the sign before the number at `index` starts: `-`, `−`, 负 or 零下.
    func minusStart(_ index: Int, unit: String?) -> Int? {
        // The sign first: the set of units is looked through for few numbers.
        guard index > 0, Self.signs.contains(scalars[index - 1]), Self.signedUnits.contains(unit ?? "") else { return nil }
        let before = index > 1 ? scalars[index - 2] : 0
        switch scalars[index - 1] {
        case 0x2D, 0x2212, 0xFF0D:
            // At a line's start it marks an entry of a list.
            let isDash =
                !CharacterClass.of(before).isDisjoint(with: [.digit, .letter]) || before == scalars[index - 1]
                || before == 0 && unit != "%" && unit != "℃"
            return isDash ? nil : index - 1
        case "负", "負": return unit == nil || Self.notBeforeMinus.contains(before) ? nil : index - 1
        case "下": return before == 0x96F6 && unit != nil ? index - 2 : nil  // 零下
        default: return nil
        }
    }

    private static let falls: [UInt32: [[UInt32]]] = Dictionary(
        grouping: [
            "负增长", "負增長", "下降", "下滑", "下跌", "下调", "下調", "降低", "减少", "減少", "回落", "缩减", "縮減", "萎缩", "萎縮", "同比降", "环比降",
            "同比减", "环比减", "同比跌", "环比跌", "同比減", "環比降", "環比減", "降幅", "跌幅", "减幅", "減幅", "收窄", "缩小", "縮小",
        ].map { $0.unicodeScalars.map(\.value) }, by: { $0[$0.count - 1] })

    private static let cuts: [[UInt32]] = ["下调", "降低", "下降", "调降", "压降", "下調", "調降"].map { $0.unicodeScalars.map(\.value) }
    private static let rises: [[UInt32]] = ["提高", "上升", "增加", "增长", "上调", "增長", "上調", "高于", "高於"].map { $0.unicodeScalars.map(\.value) }

    /// 下调单位缴费费率0.5个百分点: whether a word of a change to less stands in the clause before `end`, and none of a change to more.
    func falls(before end: Int) -> Bool {
        let clause = scalars[clauseStart..<max(clauseStart, end)]
        func holds(_ words: [[UInt32]]) -> Bool { clause.indices.contains { place in words.contains { clause[place...].starts(with: $0) } } }
        return holds(Self.cuts) && !holds(Self.rises)
    }

    /// Where the word starts that ends at `end` and makes a change to less of the number after it.
    func fallStart(_ end: Int) -> Int? {
        if let start = wideningStart(end) { return start }
        // 下降了5%, 降幅达5%, 降幅为5%.
        var last = end
        if end > 0, scalars[end - 1] == 0x4E86 { last = end - 1 }
        if end > 1, [0x8FBE, 0x9054, 0x4E3A, 0x70BA].contains(scalars[end - 1]), scalars[end - 2] == 0x5E45 { last = end - 1 }
        guard last > 0, let words = Self.falls[scalars[last - 1]] else { return nil }
        guard let word = words.first(where: { last >= $0.count && scalars[(last - $0.count)..<last].elementsEqual($0) }) else {
            return nil
        }
        let start = last - word.count
        // 降幅收窄0.3个百分点 is a change upwards.
        if Self.narrowing.contains(word), followsFall(start) { return nil }
        return start
    }

    private static let narrowing: Set<[UInt32]> = Set(["收窄", "缩小", "縮小"].map { $0.unicodeScalars.map(\.value) })
    private static let widening: [[UInt32]] = ["扩大", "擴大", "加深"].map { $0.unicodeScalars.map(\.value) }
    /// Names of a change to less.
    private static let fallNames: [[UInt32]] = ["降幅", "跌幅", "减幅", "減幅", "降势", "跌势"].map { $0.unicodeScalars.map(\.value) }

    /// Whether the clause names a change to less before `index`: 降幅比上月收窄.
    private func followsFall(_ index: Int) -> Bool {
        let clause = scalars[max(clauseStart, index - Self.farthestFall)..<max(index, clauseStart)]
        return clause.indices.contains { start in Self.fallNames.contains { clause[start...].starts(with: $0) } }
    }

    /// How far before its verb 降幅 may stand, in characters.
    private static let farthestFall = 14

    /// 降幅扩大0.3个百分点: where the verb starts that makes a fall larger.
    private func wideningStart(_ end: Int) -> Int? {
        let last = end > 0 && scalars[end - 1] == 0x4E86 ? end - 1 : end
        guard let word = Self.widening.first(where: { scalars[..<max(0, last)].ends(with: $0) }), followsFall(last - word.count)
        else { return nil }
        return last - word.count
    }
}
