// Names of public bodies, by list and by form.
//
//     organ = ( listed name ) / ( place or level, 1…18 ideographs, kind )
//     place or level = 上海市, 浦东新区, 市, 国家, 中共 …
//     kind  = 局, 委, 委员会, 厅, 办公室, 政府, 法院 …

/// Recognises names of public bodies.
struct OrganReader: Sendable {
    let dictionaries: Dictionaries

    private static let kinds: [[UInt32]] = [
        "委员会", "办公室", "办公厅", "人民政府", "政府", "法院", "检察院", "指挥部", "领导小组", "总工会", "联合会", "研究院",
        "管委会", "中心", "总局", "总会", "海关", "协会", "商会", "局", "委", "厅", "办", "署", "部", "院", "妇联", "团市委",
    ].map { $0.unicodeScalars.map(\.value) }
    /// Kinds of a body that is part of the one named before it.
    private static let subordinateKinds: [[UInt32]] = [
        "分局", "支队", "总队", "大队", "派出所", "分行", "支行", "分公司", "分院", "分中心", "办事处",
    ].map { $0.unicodeScalars.map(\.value) }
    private static let levels: [[UInt32]] = [
        "上海", "北京", "天津", "重庆", "广东", "浙江", "江苏", "湖北", "湖南", "安徽", "福建", "江西", "山东", "山西", "河南", "河北",
        "陕西", "四川", "贵州", "云南", "甘肃", "青海", "宁夏", "新疆", "西藏", "内蒙古", "广西", "海南", "黑龙江", "吉林", "辽宁",
        "香港", "澳门", "台湾", "广州", "深圳", "武汉", "杭州", "南京", "成都", "西安", "苏州", "国家", "国务院", "中共", "中国",
        "中央", "全国", "最高", "省", "市", "区", "县", "本市",
    ].map { $0.unicodeScalars.map(\.value) }
    /// Words that make a sentence of what would be a name.
    private static let verbs: [[UInt32]] = [
        "召开", "发布", "印发", "出台", "举行", "部署", "要求", "推出", "通过", "发挥", "支持", "加强", "开展", "启动", "公布", "制定",
        "调研", "检查", "慰问", "指出", "强调", "赴", "关于", "致", "进一步", "全力", "走进", "对接", "助力", "服务", "开设", "打造",
    ].map { $0.unicodeScalars.map(\.value) }

    /// Whether all of `scalars` is the name of a public body.
    func isOrgan(_ scalars: ArraySlice<UInt32>) -> Bool {
        guard (3...30).contains(scalars.count) else { return false }
        if dictionaries.organs.canonical(of: Array(scalars)) != nil { return true }
        return hasOrganForm(scalars)
    }

    /// Whether `scalars` has the form of such a name.
    func hasOrganForm(_ scalars: ArraySlice<UInt32>) -> Bool {
        guard (3...30).contains(scalars.count), Self.kinds.contains(where: scalars.ends), startsWithLevel(scalars)
        else { return false }
        let isPlain = scalars.allSatisfy { scalar in
            CharacterClass.of(scalar).contains(.ideograph) || scalar == 0xFF08 || scalar == 0xFF09
        }
        return isPlain && !Self.verbs.contains { contains(scalars, $0) }
    }

    /// Whether `scalars` starts with a place, a district or a level of government.
    func startsWithLevel(_ scalars: ArraySlice<UInt32>) -> Bool {
        if Self.levels.contains(where: { scalars.starts(with: $0) }) { return true }
        return dictionaries.districts.match(Array(scalars), at: 0, before: scalars.count) != nil
    }

    /// Whether `scalars` names a part of a body, such as 分局.
    func isSubordinate(_ scalars: ArraySlice<UInt32>) -> Bool { Self.subordinateKinds.contains(where: scalars.ends) }

    /// The part of a name that tells bodies of one level apart: 上海市公安局 → 公安, 市民政局 → 民政.
    static func core(of name: String) -> String {
        var scalars = name.unicodeScalars.map(\.value)[...]
        for level in levels.sorted(by: { $0.count > $1.count }) where scalars.starts(with: level) {
            scalars = scalars.dropFirst(level.count)
            break
        }
        if let first = scalars.first, first == 0x5E02 || first == 0x7701 || first == 0x533A {
            scalars = scalars.dropFirst()
        }
        for kind in kinds where scalars.ends(with: kind) && scalars.count > kind.count {
            scalars = scalars.dropLast(kind.count)
            break
        }
        return String(scalars: scalars)
    }

    private func contains(_ scalars: ArraySlice<UInt32>, _ word: [UInt32]) -> Bool {
        guard scalars.count >= word.count else { return false }
        return (scalars.startIndex...(scalars.endIndex - word.count)).contains { start in
            scalars[start..<(start + word.count)].elementsEqual(word)
        }
    }
}

extension ArraySlice<UInt32> {
    /// Whether the slice's last elements are `suffix`.
    func ends(with suffix: [UInt32]) -> Bool {
        count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
    }
}
