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
        "管委会", "中心", "总局", "总会", "海关", "协会", "商会", "局", "委", "厅", "办", "署", "部", "院", "妇联", "团市委", "委員會", "辦公室", "研究院", "檢察院", "廳",
        "總署", "總局",
    ].map { $0.unicodeScalars.map(\.value) }
    /// Kinds of a body that is part of the one named before it.
    private static let subordinateKinds: [[UInt32]] = [
        "分局", "支队", "总队", "大队", "派出所", "分行", "支行", "分公司", "分院", "分中心", "办事处",
    ].map { $0.unicodeScalars.map(\.value) }
    private static let levels: [[UInt32]] = ["国家", "国务院", "中共", "中国", "中央", "全国", "最高", "省", "市", "区", "县", "本市", "國家", "中國", "全國", "行政院", "縣", "區"]
        .map { $0.unicodeScalars.map(\.value) }
    /// The last characters of a place's name: 滨江区, 安亭镇, 南京东路街道.
    private static let placeEnds = ScalarSet("省市区县州盟旗镇乡區縣鎮鄉")
    /// How many characters such a name may have.
    private static let placeLengths = 2...5
    /// Words that make a sentence of what would be a name.
    private static let verbs: [[UInt32]] = [
        "召开", "发布", "印发", "出台", "举行", "部署", "要求", "推出", "通过", "发挥", "支持", "加强", "开展", "启动", "公布", "制定",
        "调研", "检查", "慰问", "指出", "强调", "赴", "关于", "致", "进一步", "全力", "走进", "对接", "助力", "服务", "开设", "打造", "新增", "成立", "建成", "恢复", "上线", "揭牌", "落户", "迎来", "获批", "启用", "设立", "组建", "首家", "首个", "多家",
        "一家", "将", "被", "开工", "竣工", "投用", "招聘", "力挺", "驰援", "支援", "走访", "约谈", "通报", "新增", "增加", "減少", "公布", "召開", "發布", "發佈", "宣布", "設立", "成立", "推動",
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
        let text = Array(scalars)
        if DefaultPlaces.table.match(text, at: 0, before: text.count) != nil { return true }
        if dictionaries.districts.match(text, at: 0, before: text.count) != nil { return true }
        // 滨江区人民政府, 安亭镇人民政府: a place of this form before one of the bodies that every place has.
        return Self.placeLengths.contains { length in
            length < text.count && Self.placeEnds.contains(text[length - 1]) && Self.localBodies.contains { text[length...].starts(with: $0) }
        }
    }

    private static let localBodies: [[UInt32]] = [
        "人民政府", "政府", "人民法院", "人民检察院", "公安局", "卫生健康委", "卫健委", "卫生健康局", "卫健局", "教育局", "民政局", "司法局", "财政局", "人力资源", "人社局",
        "市场监管", "市场监督", "发展和改革", "发展改革", "发改", "疾病预防控制", "疾控", "应急", "商务", "科技", "文化", "统计局", "税务局", "医疗保障", "医保",
        "交通", "住房", "住建", "生态环境", "自然资源", "规划", "农业农村", "水务", "水利", "疫情防控", "新冠", "防汛", "防控", "委员会", "委办公室", "人大常委会", "政协",
        "总工会", "妇联", "融媒体", "委宣传部", "纪委", "監", "衛生局", "政府衛生局",
    ].map { $0.unicodeScalars.map(\.value) }

    /// Whether `scalars` names a part of a body, such as 分局.
    func isSubordinate(_ scalars: ArraySlice<UInt32>) -> Bool { Self.subordinateKinds.contains(where: scalars.ends) }

    /// The part of a name that tells bodies of one level apart: 上海市公安局 → 公安, 市民政局 → 民政.
    static func core(of name: String) -> String {
        var scalars = name.unicodeScalars.map(\.value)[...]
        if let place = DefaultPlaces.table.match(Array(scalars), at: 0, before: scalars.count) {
            scalars = Array(scalars.dropFirst(place.length))[...]
        } else if let level = levels.sorted(by: { $0.count > $1.count }).first(where: { scalars.starts(with: $0) }) {
            scalars = scalars.dropFirst(level.count)
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
