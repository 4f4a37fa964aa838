// People: a family name with a given name of one or two characters, where the words around show that it is a person.
//
//     office person      市委书记李强, 国务院副总理孙春兰, 记者 陆一夫            an office ends just before the name, or a space before it
//     person speech      马春雷表示, 赵丹丹介绍说, 欧阳晓明说                    a verb of speech follows the name
//     person title       刘永坦院士, 张文宏教授, 钱七虎院士                      a title follows the name
//
// A name that was found so is kept once. Of a name of three characters the evidence must stand right beside it, or the
// end of the name would be a guess. Numerals are part of given names only where the name has a clear end: a title, or a mark
// after it and an office before it. Words that begin like a name (应当, 毛利, 高速) are data: `DefaultPeople`.

/// Reads names of people.
struct PersonReader: Sendable {
    private let isFamilyName: [Bool]
    private let isOfficeEnd: [Bool]
    /// Whether a character begins only family names of two.
    private let onlyCompound: Set<UInt32>
    /// Whether a family name of one character counts only after an office.
    private let needsOffice: ScalarSet
    private let mayBeCompound: ScalarSet
    /// Family names of two characters, by the first.
    private let compounds: [UInt32: Set<UInt32>]
    /// Words that begin like names, by the first character.
    private let otherWords: NameTable
    /// Names kept of one item.
    static let mostPeople = 128

    static let shared = PersonReader()

    private init() {
        var table = [Bool](repeating: false, count: 0x10000)
        for scalar in DefaultPeople.familyNames.unicodeScalars where CharacterClass.of(scalar.value).contains(.ideograph) {
            table[Int(scalar.value)] = true
        }
        var pairs: [UInt32: Set<UInt32>] = [:]
        for name in Self.words(DefaultPeople.compoundNames) where name.count == 2 { pairs[name[0], default: []].insert(name[1]) }
        compounds = pairs
        onlyCompound = Set(pairs.keys.filter { $0 < 0x10000 && !table[Int($0)] })
        for first in pairs.keys where first < 0x10000 { table[Int(first)] = true }
        isFamilyName = table
        needsOffice = ScalarSet(DefaultPeople.onlyAfterOffice)
        mayBeCompound = ScalarSet(String(scalars: pairs.keys))
        otherWords = NameTable(words: DefaultPeople.otherWords)
        var ends = [Bool](repeating: false, count: 0x10000)
        for office in Self.offices { if let last = office.last, last < 0x10000 { ends[Int(last)] = true } }
        isOfficeEnd = ends
    }

    /// Whether a character may start a name; the caller's quick test.
    @inline(__always)
    func mayStart(_ scalar: UInt32) -> Bool { scalar < 0x10000 && isFamilyName[Int(scalar)] }

    /// The end of the name that starts at `index`; nil where none does or nothing shows that it is one.
    /// - Parameter lastEnd: where the name before it ended; 市领导甲、乙、丙 names three people.
    func end(of scalars: [UInt32], at index: Int, lastEnd: Int) -> Int? {
        if index == lastEnd + 1, lastEnd >= 0, scalars[lastEnd] == 0x3001, let end = listed(scalars, index) { return end }
        let office = officeBefore(scalars, index)
        let hasOffice = office != .none
        guard hasOffice || isStart(scalars, index) else { return nil }
        let isCompound = isCompound(scalars, index)
        let given = isCompound ? index + 2 : index + 1
        guard given < scalars.count else { return nil }
        // 主任某某: the office's own last character starts no name.
        if index > 0, officeBefore(scalars, index + 1) == .beside { return nil }
        if !isCompound, onlyCompound.contains(scalars[index]) || !hasOffice && needsOffice.contains(scalars[index]) { return nil }
        if !isCompound, otherWords.matchLength(scalars, at: index, before: scalars.count) > 0 { return nil }
        let ends = [given + 2, given + 1].filter { $0 <= scalars.count && isGiven(scalars, given..<$0, numerals: false) }
        if office != .apart, let end = ends.first(where: { isFollowed(scalars, $0) }) { return end }
        if hasOffice, let end = ends.first(where: { isEdge(scalars, $0, isApart: office == .apart) }) { return end }
        let numbered = [given + 2, given + 1].first { end in
            end <= scalars.count && isGiven(scalars, given..<end, numerals: true)
                && (hasOffice && isMark(scalars, end) || isTitled(scalars, end))
        }
        return numbered
    }

    private func isCompound(_ scalars: [UInt32], _ index: Int) -> Bool {
        index + 1 < scalars.count && mayBeCompound.contains(scalars[index]) && compounds[scalars[index]]?.contains(scalars[index + 1]) ?? false
    }

    /// A name that goes on with a list of names.
    private func listed(_ scalars: [UInt32], _ index: Int) -> Int? {
        let isCompound = isCompound(scalars, index)
        guard isCompound || !onlyCompound.contains(scalars[index]) && otherWords.matchLength(scalars, at: index, before: scalars.count) == 0
        else { return nil }
        let given = isCompound ? index + 2 : index + 1
        return [given + 2, given + 1].first { end in
            end <= scalars.count && isGiven(scalars, given..<end, numerals: true)
                && (isMark(scalars, end) || isFollowed(scalars, end) || Self.listEnds.contains(scalars[end]))
        }
    }

    private static let listEnds: Set<UInt32> = Set("等和与及出参分先陪".unicodeScalars.map(\.value))

    /// Whether a mark, a space or the text's end stands at `end`.
    private func isMark(_ scalars: [UInt32], _ end: Int) -> Bool {
        end >= scalars.count || CharacterClass.of(scalars[end]).isDisjoint(with: [.ideograph, .letter, .digit])
    }

    /// Whether a title stands at `end` that nobody but a person has.
    private func isTitled(_ scalars: [UInt32], _ end: Int) -> Bool {
        Self.plainTitles.contains { scalars[min(end, scalars.count)...].starts(with: $0) }
    }

    private static let plainTitles = words("院士 教授 同志 医生 研究员 先生 女士")

    /// Whether a name may start at `index` without an office before it: after a mark, a space or a conjunction.
    private func isStart(_ scalars: [UInt32], _ index: Int) -> Bool {
        guard index > 0 else { return true }
        return !CharacterClass.of(scalars[index - 1]).contains(.ideograph) || Self.joiners.contains(scalars[index - 1])
    }

    private static let joiners = ScalarSet("和与及由对向经予")

    /// Characters of a given name: ideographs that are no function words, and not 国家 (应国家主席邀请).
    private func isGiven(_ scalars: [UInt32], _ range: Range<Int>, numerals: Bool) -> Bool {
        if range.count == 2, scalars[range.lowerBound] == 0x56FD, scalars[range.lowerBound + 1] == 0x5BB6 { return false }
        // 张先生, 习主席: a title and no given name.
        if range.count == 2, Self.titles.contains(Array(scalars[range])) { return false }
        // 居住于长宁路: a road.
        if let last = range.last, Self.placeEnds.contains(scalars[last]) { return false }
        return scalars[range].allSatisfy {
            CharacterClass.of($0).contains(.ideograph)
                && (!Self.neverGiven.contains($0) || numerals && Self.givenNumerals.contains($0))
        }
    }

    private static let placeEnds = ScalarSet("路街村镇乡弄号楼站厂")
    private static let titles = Set(words("先生 女士 同学 同志 老师 医生 教授 院士 主席 总理 书记 市长 部长 局长 主任 校长 经理 总统 首相 大使 师傅 阿姨 奶奶 爷爷 大爷 大妈 老伯"))
    private static let givenNumerals = ScalarSet("一二三四五六七八九十百千万")

    /// Whether an office ends at `index`, or before one or two spaces there.
    private enum Office { case none, beside, apart }

    @inline(__always)
    private func officeBefore(_ scalars: [UInt32], _ index: Int) -> Office {
        if index > 0, scalars[index - 1] < 0x10000, !isOfficeEnd[Int(scalars[index - 1])], scalars[index - 1] > 0x3000 { return .none }
        return officeOrSpaceBefore(scalars, index)
    }

    private func officeOrSpaceBefore(_ scalars: [UInt32], _ index: Int) -> Office {
        if hasOfficeBefore(scalars, index) { return .beside }
        var end = index
        // 记者 张骏, 联系人：王建国
        while end > 0, index - end < 2,
            CharacterClass.of(scalars[end - 1]).contains(.space) || scalars[end - 1] == 0xFF1A || scalars[end - 1] == 0x3A
        { end -= 1 }
        return end < index && hasOfficeBefore(scalars, end) ? .apart : .none
    }

    private func hasOfficeBefore(_ scalars: [UInt32], _ index: Int) -> Bool {
        guard index > 0, index <= scalars.count, scalars[index - 1] < 0x10000, isOfficeEnd[Int(scalars[index - 1])] else {
            return false
        }
        return Self.offices.contains { office in
            index >= office.count && scalars[(index - office.count)..<index].elementsEqual(office)
        }
    }

    private func isFollowed(_ scalars: [UInt32], _ end: Int) -> Bool {
        guard end < scalars.count, let candidates = Self.followers[scalars[end]] else { return false }
        return candidates.contains { scalars[end...].starts(with: $0) }
    }

    /// Whether a name may end at `end`: a mark, a space, the text's end or a verb that people do; after an office that stands apart
    /// only what is no character of a word.
    private func isEdge(_ scalars: [UInt32], _ end: Int, isApart: Bool) -> Bool {
        guard end < scalars.count, !isApart else { return isMark(scalars, end) }
        let kind = CharacterClass.of(scalars[end])
        return !kind.contains(.ideograph) || Self.edges.contains(scalars[end])
    }

    private static func words(_ text: String) -> [[UInt32]] {
        text.split(separator: " ").map { $0.unicodeScalars.map(\.value) }
    }

    private static let offices = words(
        """
        书记 副书记 市长 副市长 省长 副省长 区长 副区长 县长 副县长 镇长 主席 副主席 总理 副总理 主任 副主任 局长 副局长 \
        厅长 副厅长 部长 副部长 处长 副处长 科长 院长 副院长 校长 副校长 会长 副会长 理事长 董事长 总经理 总裁 发言人 \
        巡视员 负责人 秘书长 副秘书长 委员 常委 代表 记者 医师 医生 教授 研究员 院士 专家 队长 所长 站长 总统 首相 外长 \
        大使 司令 司令员 政委 检察长 行长 组长 副组长 总工程师 参赞 团长 会长 通讯员 居民 市民 同志 見習記者 實習生 实习生 见习记者 編輯 \
        联系人 聯絡人 主讲人 主持人 法人代表 校对 责任编辑 编辑 责编 \
        書記 市長 副市長 縣長 副縣長 區長 處長 局長 副局長 署長 副署長 部長 次長 院長 副院長 校長 會長 副會長 理事長 董事長 總經理 發言人 指揮官 秘書長 \
        保洁员 护士 护士长 司机 店长 厂长 教师 老师 工程师 民警 交警 警官 志愿者 社工 队员 经理 副总经理 总监 创始人 主编 总编辑 馆长 台长 社长 \
        导演 作家 博士 村民 工人 员工 职工 学者 法官 检察官 律师 教练 运动员 选手 领导 领队 村主任 居委会主任 工会主席 会长 党员 班长 船长 机长 \
        委員 立委 議員 記者 醫師 醫生 教授 研究員 院士 專家 隊長 所長 站長 總統 司長 組長 主席 行政長官
        """)
    private static let followers: [UInt32: [[UInt32]]] = Dictionary(
        grouping: words(
            """
            指出 强调 表示 介绍 认为 要求 透露 说 告诉 主持 出席 调研 会见 院士 教授 医生 先生 女士 同志 主任 书记 市长 \
            副市长 主席 总理 部长 局长 院长 校长 坦言 解释 回应 呼吁 宣布 代表 受访 率 一行 分别 先后 参加 讲话 致辞 \
            強調 介紹 認為 說 告訴 主持 會見 醫師 醫生 市長 部長 局長 院長 校長 解釋 回應 呼籲 宣布 說明 今天 今日 昨天 今（ 今( 昨（ 昨(
            """), by: { $0[0] })
    private static let edges = ScalarSet("和与及等在说对就率赴到会出主介表指强作前来为向今昨当还也感负进带领接赶因已正曾走参強說對負進帶領來為參與")
    private static let neverGiven = ScalarSet("的了在是和与及或等对就为从将被把向到以于而并也都还又已不有这那其此该各每某何者个们年月日时分第一二两三四五六七八十百千万亿市省区县局委部会长员说副务面所给您吗呢吧啊我你他她它让得却且若如很更最太没该当感觉称认听谈讲告问答做吃喝坐打拿带")
}
