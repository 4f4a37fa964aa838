// Words that make an interval of a number.
//
//     before the number                              after it
//     近, 接近               (…, N]                   以上                [N, …)
//     超过, 逾, 突破, 不止, >   (N, …)                   以下, 以内           (…, N]
//     不足, 不到, <           (…, N)                   多, 余, 开外, 出头     (N, …)
//     至少, 不少于, 不下, ≥     [N, …)                   左右, 上下           N ± half of its last digit's place
//     至多, 不超过, ≤         (…, N]
//     约                     N ± half of its last digit's place
//
// A verb may stand between: 约有120家, 至少需要20名, 超过了5%. 以上 and 以下 include the number, as Chinese law defines them (Civil
// Code, article 1259); 超过, 不足 and 多 do not. 达, 高达 and 达到 say the number itself.

/// How a word bounds a number.
enum Comparator {
    case above, atLeast, below, atMost, about

    private struct Word: Sendable {
        var text: [UInt32]
        var meaning: Comparator
        /// Characters that make another word of it: 签约13个, 附近3家, 看不到3家.
        var notAfter: Set<UInt32>
    }

    /// Words before a number, each with what may not stand before it, by their last character, longest first.
    private static let prefixes: [UInt32: [Word]] = byLast([
        (
            "不得超过 不能超过 不应超过 不宜超过 不得超過 不超过 不超過 不高于 不高於 不多于 不多於 不大于 不大於 至多 最多 ≤", .atMost, ""
        ), ("不超", .atMost, ""),
        ("最长 最長", .atMost, ""), ("接近 将近 將近", .atMost, ""), ("近", .atMost, "附最靠邻亲临鄰親臨"),
        ("不少于 不少於 不低于 不低於 不小于 不小於 不下于 不下於 至少 最少 起码 起碼 ≥", .atLeast, ""), ("不下", .atLeast, "高持"),
        ("超过 超過 超出 突破 高于 高於 多于 多於 大于 大於 不止 逾 ＞ >", .above, ""), ("超", .above, "赶反高英中趕"),
        ("破", .above, "打侦攻击爆点识看戳告偵擊點識"),
        ("不足 不满 不滿 未满 未滿 低于 低於 少于 少於 小于 小於 ＜ <", .below, ""), ("不到", .below, "看想找买得等见達收買見"),
        ("大约 大約 约为 約為 大概", .about, ""), ("约 約", .about, "签节合条契制违公预特履簽節條違預"),
    ])
    private static let suffixes: [UInt32: [Word]] = byFirst([
        ("及以上 以上 之上", .atLeast, ""), ("及以下 以下 以内 以內 之内 之內", .atMost, ""), ("左右 上下", .about, ""),
        ("开外 開外 出头 出頭 有余 有餘 不止", .above, ""),
    ])
    /// Verbs between such a word and the number.
    private static let fillers = ["需要", "达到", "達到", "可以", "可达", "可達", "能够", "有", "占", "佔", "达", "達", "为", "為", "了", "需", "要", "可", "能", "在"]
        .map { $0.unicodeScalars.map(\.value) }

    private static func words(_ table: [(String, Comparator, String)]) -> [Word] {
        let words = table.flatMap { entry in
            entry.0.split(separator: " ").map {
                Word(
                    text: $0.unicodeScalars.map(\.value), meaning: entry.1,
                    notAfter: Set(entry.2.unicodeScalars.map(\.value)))
            }
        }
        return words.sorted { $0.text.count > $1.text.count }
    }

    private static func byLast(_ table: [(String, Comparator, String)]) -> [UInt32: [Word]] {
        Dictionary(grouping: words(table)) { $0.text[$0.text.count - 1] }
    }

    private static func byFirst(_ table: [(String, Comparator, String)]) -> [UInt32: [Word]] {
        Dictionary(grouping: words(table)) { $0.text[0] }
    }

    /// The word before `index`: its meaning and its half-open place. A space or a verb may stand between.
    static func before(_ scalars: [UInt32], _ index: Int) -> (meaning: Comparator, start: Int, end: Int)? {
        var end = index
        if end > 0, CharacterClass.of(scalars[end - 1]).contains(.space) { end -= 1 }
        guard end > 0 else { return nil }
        if let word = prefix(scalars, end) { return word }
        guard let filler = fillers.first(where: { endsWith($0, scalars, end) }) else { return nil }
        // 附近有3家: of the words of one character only 约 takes a verb after it.
        return prefix(scalars, end - filler.count).flatMap {
            $0.end - $0.start > 1 || scalars[$0.start] == 0x7EA6 || scalars[$0.start] == 0x7D04 ? $0 : nil
        }
    }

    private static func prefix(_ scalars: [UInt32], _ end: Int) -> (meaning: Comparator, start: Int, end: Int)? {
        guard end > 0, let words = prefixes[scalars[end - 1]] else { return nil }
        for word in words where endsWith(word.text, scalars, end) {
            let start = end - word.text.count
            if start > 0, word.notAfter.contains(scalars[start - 1]) { return nil }
            return (word.meaning, start, end)
        }
        return nil
    }

    private static func endsWith(_ word: [UInt32], _ scalars: [UInt32], _ end: Int) -> Bool {
        guard word.count <= end, end <= scalars.count else { return false }
        for (index, scalar) in word.enumerated() where scalars[end - word.count + index] != scalar { return false }
        return true
    }

    /// The word that starts at `index`.
    static func after(_ scalars: [UInt32], _ index: Int) -> (meaning: Comparator, start: Int, end: Int)? {
        var start = index
        Numerals.skipSpaces(scalars, &start, limit: 1)
        guard start < scalars.count, let words = suffixes[scalars[start]] else { return nil }
        for word in words where endsWith(word.text, scalars, start + word.text.count) {
            return (word.meaning, start, start + word.text.count)
        }
        return nil
    }
}
