// What the benchmark of the parser reads: news of its own making in the forms in which bulletins come. The sentences have
// dates, figures, names and sources in about the share of real news; files given as arguments are read besides.

/// Makes documents.
struct Inputs {
    private var state: UInt64 = 7

    /// Stories whose texts together have about `bytes` bytes.
    mutating func stories(bytes: Int) -> [(title: String, paragraphs: [String], source: String)] {
        var stories: [(title: String, paragraphs: [String], source: String)] = []
        var size = 0
        while size < bytes {
            let paragraphs = (0..<(2 + next(4))).map { _ in paragraph() }
            let title = "\(pick(Self.places))\(pick(Self.verbs))\(pick(Self.things))工作"
            size += paragraphs.reduce(title.utf8.count) { $0 + $1.utf8.count }
            stories.append((title, paragraphs, pick(Self.sources)))
        }
        return stories
    }

    private mutating func paragraph() -> String { (0..<(2 + next(3))).map { _ in sentence() }.joined() }

    private mutating func sentence() -> String {
        switch next(8) {
        case 0: "\(1 + next(12))月\(1 + next(28))日，\(pick(Self.places))召开会议，部署\(pick(Self.things))\(pick(Self.things))工作。"
        case 1: "截至目前，累计完成\(pick(Self.things))\(100 + next(9000))\(pick(["家", "个", "户", "处"]))，同比增长\(1 + next(40)).\(next(10))%。"
        case 2: "市有关部门负责人表示，要坚持\(pick(Self.things))与\(pick(Self.things))并重，推动各项措施落到实处。"
        case 3: "《关于进一步加强\(pick(Self.things))的若干意见》近日印发，明确了\(2 + next(9))项任务。"
        default:
            "\(pick(Self.places))\(pick(Self.verbs))\(pick(Self.things))，\(pick(Self.verbs))\(pick(Self.things))，"
                + "为\(pick(Self.things))提供有力保障，让更多群众享受到\(pick(Self.things))带来的便利。"
        }
    }

    private mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }

    private mutating func pick(_ list: [String]) -> String { list[next(list.count)] }

    private static let places = ["某市东区", "某市西区", "江南某县", "沿海某市", "市商务局", "市卫生局", "各街道", "全市各部门"]
    private static let verbs = ["推进", "加强", "完善", "优化", "部署", "改进", "扩大", "落实"]
    private static let things = [
        "公共交通", "社区服务", "医疗卫生", "农产品供应", "基础教育", "城市更新", "环境治理", "就业培训", "科技创新", "文化建设", "水利设施", "物流运输",
        "食品安全", "养老服务", "住房保障", "消防检查", "数字平台", "志愿活动", "节能改造", "河道整治",
    ]
    private static let sources = ["解放日报", "新民晚报", "上海发布", "人民网", "文汇报"]
}
