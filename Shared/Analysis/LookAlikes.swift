// Characters that are taken for one another: by a reader who types what he saw, and by recognition of printed text.
//
// Groups of simplified characters of one shape. What recognition makes of whole words of bulletins is a list of its own, of the
// parser (`DefaultGlyphs`); here are the shapes alone, in both directions.

/// Characters of nearly one shape.
package struct LookAlikes: Sendable {
    private var others: [UInt32: [UInt32]] = [:]

    package static let shared = LookAlikes()

    private init() {
        for group in Self.groups.split(whereSeparator: \.isWhitespace) {
            let scalars = group.unicodeScalars.map(\.value)
            for scalar in scalars { others[scalar, default: []] += scalars.filter { $0 != scalar } }
        }
    }

    /// The characters that look like a folded character; none for most.
    package func characters(like scalar: Unicode.Scalar) -> [UInt32] { others[scalar.value] ?? [] }

    private static let groups = """
        己已巳 未末 土士 干千于 日曰 大太犬 天夭 人入八 刀刃力 办为 工卫 王玉主 田由甲申 中申 午牛 贝见 今令 免兔 冶治 折拆析 拔拨 住往佳
        侯候 清情晴睛请 防妨仿访纺肪 间问闻 持待特侍 体休 测侧 技枝 校较胶 核该刻 检捡验 控挖 疫疲 酸酿 区匹 市巿 仓仑 设没 密蜜 接按
        夏复 沪泸炉 抗杭坑航 进迸 送迭 任仟 权枚 循偱 菜莱 抓抹孤 推椎拄 辅铺捕 成戍戌 崇祟 竟竞 扰拢 扶抚 账帐 票栗 相泪 氏民 无旡 返迈
        涉洗 点占古 面而 攻政 赢羸 幕募慕墓暮 辩辨辫瓣 博搏膊 场扬杨汤 城诚 处外 代伐 低底抵 第弟 儿几 防放 风凤 幅福副 赴越 杆秆 广厂
        规现 壶壸 环坏 换唤焕 即既 记纪计 际标 坚竖 建健 奖桨浆 郊效 教敌 阶价 斤斥 京惊 经径轻 旧归 具俱 科料 客容 口囗 亏污 栏拦 劳荣
        厉历 立位 联职 练炼 粱梁 两雨 邻怜 陵凌棱 录绿 论伦沦 买卖 毛手 每海 免勉 名各 目自 南甫 内肉 农衣 盘盆 陪培倍 评坪 期朝 启后 起赶
        铅钻 钱线浅 签验险 桥轿 勤勒 情惰 求球 曲典 取职 全金 确诺 群郡 让认 热执 仁什 融隔 入人 赛塞寨 商高 少小 社杜 申电 身射 升开 生主
        圣怪 失矢夫 师帅 石右 食良 史吏 世也 式试 事争 势热 收牧 受爱 书节 署暑 述达 霜箱 税脱悦 司可 思恩 宋宗 诉拆 速束 算管 孙系 所听
        堂常 提题 田四 条务 贴帖 铁铣 厅斤 庭廷 同问 图园 团困 托拖 完究 万方 网冈 微徽 委季秀 卫工 味昧 温湿 文交 物初 务条 西酉 析折 习刁
        席度 系糸 县具 限很根 乡多 向何 消稍 小少 心必 新薪 信言 兴光 星皇 形刑型 休体 修侈 须顺 徐除 学字 雪霄 压庄 岩宕 研砚 央夹 养美 业亚
        衣农 医区 宜宣 移秽 义叉 艺苎 益盆 英央 营菅 永水 用甩 优忧扰 游淤 有友 又叉 余佘 与写 予矛 玉王 育盲 员贞 园圆 院陪 约药 月用 越赵
        云去 运远 再冉 在存 早旱 造浩 责贵 增赠憎 展辰 占古 战站 张涨 掌常 招拍 找我 折哲 镇填 争净 政致 证征 支友 知和 织职 直真 职织 植值
        止正 指脂 至致 制剧 治冶 质贸 中申 种钟冲 重董 州洲 周同 主王 著箸 住往 助肋 注住柱驻 抓爪 专传转 准淮谁 资货 子孑 字宇 自白 宗宋 总忌
        走足 租祖组 阻组 最量 尊遵 左右 作昨 坐座
        """
}
