// People: a family name with a given name of one or two characters, where the words around show that it is a person.
//
//     office person      市委书记李强, 国务院副总理孙春兰, 新闻发言人某某      an office ends just before the name
//     person speech      马春雷表示, 赵丹丹介绍说                              a verb of speech follows the name
//     person title       刘永坦院士, 张文宏教授                                a title follows the name
//
// A name that was found so is kept once. Of a name of three characters the evidence must stand right beside it, or the
// end of the name would be a guess.

/// Reads names of people.
struct PersonReader: Sendable {
    private let isFamilyName: [Bool]
    private let isOfficeEnd: [Bool]
    /// Names kept of one item.
    static let mostPeople = 128

    static let shared = PersonReader()

    private init() {
        var table = [Bool](repeating: false, count: 0x10000)
        for scalar in Self.familyNames.unicodeScalars where scalar.value < 0x10000 { table[Int(scalar.value)] = true }
        isFamilyName = table
        var ends = [Bool](repeating: false, count: 0x10000)
        for office in Self.offices { if let last = office.last, last < 0x10000 { ends[Int(last)] = true } }
        isOfficeEnd = ends
    }

    /// Whether a character may start a name; the caller's quick test.
    @inline(__always)
    func mayStart(_ scalar: UInt32) -> Bool { scalar < 0x10000 && isFamilyName[Int(scalar)] }

    /// The end of the name that starts at `index`; nil where none does or nothing shows that it is one.
    func end(of scalars: [UInt32], at index: Int) -> Int? {
        // 主任某某: the office's own last character starts no name.
        if index > 0, hasOfficeBefore(scalars, index + 1) { return nil }
        let hasOffice = hasOfficeBefore(scalars, index)
        guard hasOffice || isStart(scalars, index) else { return nil }
        let ends = [3, 2].map { index + $0 }.filter { $0 <= scalars.count && isGiven(scalars, (index + 1)..<$0) }
        if let end = ends.first(where: { isFollowed(scalars, $0) }) { return end }
        return hasOffice ? ends.first { isEdge(scalars, $0) } : nil
    }

    /// Whether a name may start at `index` without an office before it: after a mark, a space or a conjunction.
    private func isStart(_ scalars: [UInt32], _ index: Int) -> Bool {
        guard index > 0 else { return true }
        return !CharacterClass.of(scalars[index - 1]).contains(.ideograph) || Self.joiners.contains(scalars[index - 1])
    }

    private static let joiners: Set<UInt32> = Set("和与及由对向经".unicodeScalars.map(\.value))

    /// Characters of a given name: ideographs that are no function words, and not 国家 (应国家主席邀请).
    private func isGiven(_ scalars: [UInt32], _ range: Range<Int>) -> Bool {
        if range.count == 2, scalars[range.lowerBound] == 0x56FD, scalars[range.lowerBound + 1] == 0x5BB6 { return false }
        return scalars[range].allSatisfy {
            CharacterClass.of($0).contains(.ideograph) && !Self.neverGiven.contains($0)
        }
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

    /// Whether a name may end at `end`: a mark, a space, the text's end or a verb that people do.
    private func isEdge(_ scalars: [UInt32], _ end: Int) -> Bool {
        guard end < scalars.count else { return true }
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
        大使 司令 司令员 政委 检察长 行长 组长 副组长 总工程师 参赞 团长 会长 通讯员 居民 市民 同志
        """)
    private static let followers: [UInt32: [[UInt32]]] = Dictionary(
        grouping: words(
            """
            指出 强调 表示 介绍 认为 要求 透露 说 告诉 主持 出席 调研 会见 院士 教授 医生 先生 女士 同志 主任 书记 市长 \
            副市长 主席 总理 部长 局长 院长 校长 坦言 解释 回应 呼吁 宣布 代表 受访 率 一行 分别 先后 参加 讲话 致辞
            """), by: { $0[0] })
    private static let edges: Set<UInt32> = Set("和与及等在说对就率赴到会出主介表指强作前来为向今昨当还也".unicodeScalars.map(\.value))
    private static let neverGiven: Set<UInt32> = Set(
        "的了在是和与及或等对就为从将被把向到以于而并也都还又已不有这那其此该各每某何者个们年月日时分第一二两三四五六七八十百千万亿市省区县局委部会长员说副务面"
            .unicodeScalars.map(\.value))
    private static let familyNames =
        "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔赖文施洪辛柯庄殷涂纪舒屈项祝费宗岑管俞倪季裴席麦柳应詹习栗韩尤翁樊古聂齐梅路甘凌焦柴章包蓝桂耿褚盛游靳鲁葛卓臧车娄岳解冉晏瞿佘阮单辜喻左沙成丛宫匡瓦仇霍蒲巫苗卞迟安闵"
}
