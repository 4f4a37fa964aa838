// Words that make an interval of a number.
//
//     before the number                          after it
//     近, 接近            (…, N]                  以上            [N, …)
//     超过, 逾, 突破, >    (N, …)                  以下, 以内       (…, N]
//     不足, 不到, <        (…, N)                  多, 余          (N, …)
//     至少, 不少于, ≥      [N, …)                  左右, 上下       N ± half of its last digit's place
//     至多, 不超过, ≤      (…, N]
//     约                  N ± half of its last digit's place
//
// 以上 and 以下 include the number, as Chinese law defines them (Civil Code, article 1259); 超过, 不足 and 多 do not.

/// How a word bounds a number.
enum Comparator {
    case above, atLeast, below, atMost, about

    private static let prefixes = words([
        ("不超过", .atMost), ("不高于", .atMost), ("不多于", .atMost), ("不大于", .atMost), ("至多", .atMost), ("最多", .atMost),
        ("不少于", .atLeast), ("不低于", .atLeast), ("不小于", .atLeast), ("至少", .atLeast), ("最少", .atLeast),
        ("超过", .above), ("超出", .above), ("突破", .above), ("高于", .above), ("多于", .above), ("大于", .above), ("逾", .above),
        ("超", .above),
        ("不足", .below), ("不到", .below), ("不满", .below), ("未满", .below), ("低于", .below), ("少于", .below), ("小于", .below),
        ("接近", .atMost), ("将近", .atMost), ("近", .atMost),
        ("大约", .about), ("约为", .about), ("约", .about), ("大概", .about),
        ("≥", .atLeast), ("≤", .atMost), ("＞", .above), (">", .above), ("＜", .below), ("<", .below),
    ])
    private static let suffixes = words([
        ("及以上", .atLeast), ("以上", .atLeast), ("之上", .atLeast), ("及以下", .atMost), ("以下", .atMost), ("以内", .atMost),
        ("之内", .atMost), ("左右", .about), ("上下", .about),
    ])

    private static func words(_ table: [(String, Comparator)]) -> [(text: [UInt32], meaning: Comparator)] {
        table.map { (text: $0.0.unicodeScalars.map(\.value), meaning: $0.1) }
    }

    /// The word that ends just before `index`: its meaning, its text and where it starts.
    static func before(_ scalars: [UInt32], _ index: Int) -> (meaning: Comparator, start: Int, end: Int)? {
        var end = index
        if end > 0, CharacterClass.of(scalars[end - 1]).contains(.space) { end -= 1 }
        for prefix in prefixes where end >= prefix.text.count && scalars[..<end].ends(with: prefix.text) {
            if prefix.text.count == 1, isWordEnd(scalars, end - 1) { return nil }
            return (prefix.meaning, end - prefix.text.count, end)
        }
        return nil
    }

    /// 签约13个, 附近3家: characters that make another word of a comparator of one character.
    private static let otherWords: [UInt32: Set<UInt32>] = {
        let table = [("约", "签节合条契制违公预特履"), ("近", "附最靠邻亲临"), ("超", "赶反高英中")]
        var result: [UInt32: Set<UInt32>] = [:]
        for (word, before) in table {
            for scalar in word.unicodeScalars { result[scalar.value] = Set(before.unicodeScalars.map(\.value)) }
        }
        return result
    }()

    private static func isWordEnd(_ scalars: [UInt32], _ index: Int) -> Bool {
        index > 0 && otherWords[scalars[index]]?.contains(scalars[index - 1]) ?? false
    }

    /// The word that starts at `index`.
    static func after(_ scalars: [UInt32], _ index: Int) -> (meaning: Comparator, start: Int, end: Int)? {
        var start = index
        Numerals.skipSpaces(scalars, &start, limit: 1)
        guard start < scalars.count else { return nil }
        for suffix in suffixes where scalars[start...].starts(with: suffix.text) {
            return (suffix.meaning, start, start + suffix.text.count)
        }
        return nil
    }
}
