// Splitting the names of a source line.
//
// Names are parted by marks; where a part still holds several known names and nothing else, it is parted between them
// (上海市人社局上海发布 → 上海市人社局, 上海发布). A name may start inside a part only where it is listed, or where a public
// body of the known form starts with a place or a level of government; otherwise 上海市公安局浦东分局 would come apart.

/// Splits lists of sources.
struct SourceReader: Sendable {
    let dictionaries: Dictionaries
    let organs: OrganReader

    init(dictionaries: Dictionaries) {
        self.dictionaries = dictionaries
        organs = OrganReader(dictionaries: dictionaries)
    }

    private static let scheme = "http".unicodeScalars.map(\.value)
    /// 新华社记者 张三: what starts here is no part of the outlet.
    private static let reporters = ["记者", "通讯员", "首席记者"].map { $0.unicodeScalars.map(\.value) }

    /// One name and where it stands, in indices of the scalars given.
    struct Name {
        var text: String
        var range: Range<Int>
    }

    /// Names kept of one line; a longer list is no list of sources.
    private static let mostNames = 16
    /// Characters of a part up to which it is looked through for several names.
    private static let longestPart = 60

    private static let separators = ScalarSet("、，,；;/／|｜+＋&←\t")
    private static let quotes = ScalarSet("“”\"'‘’「」『』《》〈〉【】[]（）()。.：:→ \u{3000}\u{A0}")
    private static let suffixes: [[UInt32]] = [
        "微信公众号", "官方微信公众号", "微信公号", "公众号", "官方微信", "官方微博", "微博", "客户端", "官方网站", "官网", "微信", "网站", "APP", "App",
    ].map { $0.unicodeScalars.map(\.value) }

    /// The names in `range` of `scalars`, in their order.
    func names(_ scalars: [UInt32], _ range: Range<Int>) -> [Name] {
        var names: [Name] = []
        var address: Range<Int>?
        var start = range.lowerBound
        var cursor = start
        while cursor <= range.upperBound, names.count < Self.mostNames {
            let isEnd = cursor == range.upperBound
            if !isEnd, let end = addressEnd(scalars, cursor, range) {
                address = address ?? host(scalars, cursor..<end)
                appendNames(scalars, start..<cursor, to: &names)
                (start, cursor) = (end, end)
                continue
            }
            if !isEnd,
                Self.reporters.contains(where: { scalars[cursor..<range.upperBound].starts(with: $0) })
            {
                appendNames(scalars, start..<cursor, to: &names)
                cursor =
                    scalars[cursor..<range.upperBound].firstIndex(where: Self.separators.contains) ?? range.upperBound
                start = cursor + 1
            } else if isEnd || isSeparator(scalars, cursor, range) {
                appendNames(scalars, start..<cursor, to: &names)
                start = cursor + 1
            }
            cursor += 1
        }
        // An address beside a name says where the name's page is; alone it is all that is known.
        if names.isEmpty, let address { names.append(Name(text: String(scalars: scalars[address]), range: address)) }
        return names
    }

    /// Where the web address ends that starts at `index`; nil where none does.
    private func addressEnd(_ scalars: [UInt32], _ index: Int, _ range: Range<Int>) -> Int? {
        guard scalars[index] == 0x68, scalars[index..<range.upperBound].starts(with: Self.scheme) else { return nil }
        return scalars[index..<range.upperBound].firstIndex { $0 <= 0x20 || $0 >= 0x7F } ?? range.upperBound
    }

    /// The host of a web address.
    private func host(_ scalars: [UInt32], _ range: Range<Int>) -> Range<Int>? {
        guard let colon = scalars[range].firstIndex(of: 0x3A), colon + 3 < range.upperBound else { return nil }
        let start = colon + 3
        let end = scalars[start..<range.upperBound].firstIndex(of: 0x2F) ?? range.upperBound
        return start < end ? start..<end : nil
    }

    private func isSeparator(_ scalars: [UInt32], _ index: Int, _ range: Range<Int>) -> Bool {
        if Self.separators.contains(scalars[index]) { return true }
        guard CharacterClass.of(scalars[index]).contains(.space) else { return false }
        // A space parts names only between Chinese characters, and not inside a recognised word.
        let before = index > range.lowerBound && CharacterClass.of(scalars[index - 1]).contains(.ideograph)
        let after = index + 1 < range.upperBound && CharacterClass.of(scalars[index + 1]).contains(.ideograph)
        let isInsideWord = index - range.lowerBound < 2 || range.upperBound - index <= 2
        return before && after && !isInsideWord
    }

    private func appendNames(_ scalars: [UInt32], _ range: Range<Int>, to names: inout [Name]) {
        let part = clean(scalars, range)
        guard part.count >= 2, part.count <= 120 else { return }
        let pieces = glued(scalars, part) ?? [part]
        for piece in pieces {
            let name = clean(scalars, piece)
            guard name.count >= 2 else { continue }
            let text = Array(scalars[name])
            // 举报, 打印 and the like stand beside sources on pages.
            if dictionaries.boilerplate.canonical(of: text) != nil { continue }
            let canonical = dictionaries.media.canonical(of: text) ?? dictionaries.organs.canonical(of: text)
            names.append(Name(text: canonical ?? String(scalars: text), range: name))
        }
    }

    /// Takes quotes and brackets off the edges, and words such as 微信公众号 off the end.
    private func clean(_ scalars: [UInt32], _ range: Range<Int>) -> Range<Int> {
        var lower = range.lowerBound
        var upper = range.upperBound
        func trim() {
            while lower < upper, Self.quotes.contains(scalars[lower]) { lower += 1 }
            while upper > lower, Self.quotes.contains(scalars[upper - 1]) { upper -= 1 }
        }
        trim()
        if lower < upper, let medium = dictionaries.media.match(scalars, at: lower, before: upper) {
            let rest = scalars[(lower + medium.length)..<upper]
            // 解放日报等
            if rest.count == 1, rest.first == 0x7B49 { return lower..<(lower + medium.length) }
        }
        if let word = Self.openings.first(where: { upper - lower > $0.count + 1 && scalars[lower..<upper].starts(with: $0) }),
            isListed(scalars, (lower + word.count)..<upper)
        {
            lower += word.count
            trim()
        }
        if let word = Self.closings.first(where: { upper - lower > $0.count + 1 && scalars[lower..<upper].ends(with: $0) }),
            isListed(scalars, lower..<(upper - word.count))
        {
            upper -= word.count
            trim()
        }
        for suffix in Self.suffixes where upper - lower > suffix.count + 1 && scalars[lower..<upper].ends(with: suffix)
        {
            upper -= suffix.count
            trim()
            break
        }
        return lower..<upper
    }

    /// 据新华社, 综合新华社: words before a name that is listed; 新华社综合, 解放日报 等: words after one.
    private static let openings = ["综合整理自", "综合自", "整理自", "转载自", "转自", "摘自", "综合", "据"].map { $0.unicodeScalars.map(\.value) }
    private static let closings = ["综合报道", "综合整理", "综合", "报道", "等"].map { $0.unicodeScalars.map(\.value) }

    /// Whether `range` without spaces around is a name of the lists.
    private func isListed(_ scalars: [UInt32], _ range: Range<Int>) -> Bool {
        var (lower, upper) = (range.lowerBound, range.upperBound)
        while lower < upper, Self.quotes.contains(scalars[lower]) { lower += 1 }
        while upper > lower, Self.quotes.contains(scalars[upper - 1]) { upper -= 1 }
        let name = Array(scalars[lower..<upper])
        return dictionaries.media.canonical(of: name) != nil || dictionaries.organs.canonical(of: name) != nil
    }

    /// The known names that `range` consists of, at least two; nil where it does not.
    private func glued(_ scalars: [UInt32], _ range: Range<Int>) -> [Range<Int>]? {
        guard (4...Self.longestPart).contains(range.count) else { return nil }
        if dictionaries.media.canonical(of: Array(scalars[range])) != nil { return nil }
        if dictionaries.organs.canonical(of: Array(scalars[range])) != nil { return nil }
        // mostParts[i]: into how many names the text from i on can be parted; 0 where it cannot.
        var mostParts = [Int](repeating: 0, count: range.count + 1)
        var ends = [Int](repeating: 0, count: range.count + 1)
        for start in stride(from: range.upperBound - 2, through: range.lowerBound, by: -1) {
            for end in (start + 2)...range.upperBound {
                let rest = end == range.upperBound ? 0 : mostParts[end - range.lowerBound]
                if end < range.upperBound, rest == 0 { continue }
                guard isName(scalars[start..<end]), rest + 1 > mostParts[start - range.lowerBound] else { continue }
                mostParts[start - range.lowerBound] = rest + 1
                ends[start - range.lowerBound] = end
            }
        }
        guard mostParts[0] >= 2 else { return nil }
        var pieces: [Range<Int>] = []
        var cursor = range.lowerBound
        while cursor < range.upperBound {
            let end = ends[cursor - range.lowerBound]
            pieces.append(cursor..<end)
            cursor = end
        }
        return pieces
    }

    /// Whether `range` is the name of a known medium or of a public body.
    func isKnown(_ scalars: [UInt32], _ range: Range<Int>) -> Bool { isName(scalars[clean(scalars, range)]) }

    private func isName(_ scalars: ArraySlice<UInt32>) -> Bool {
        let name = Array(scalars)
        if dictionaries.media.canonical(of: name) != nil || dictionaries.organs.canonical(of: name) != nil {
            return true
        }
        return organs.hasOrganForm(scalars) && !organs.isSubordinate(scalars)
    }
}
