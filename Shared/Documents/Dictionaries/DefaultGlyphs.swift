// Characters that text recognition takes for one another, and words of bulletins in which that is noticed. A pair is
// `what was read = what was printed`. Words are chosen so that a variant of them is no Chinese word: 人士 is left out
// because 人十 occurs in counts, 未来 because of 周末来沪. An entry that is its own reading keeps a variant from being found.

/// The built-in look-alikes.
enum DefaultGlyphs {
    static let pairs = """
        迈 = 返
        洗 = 涉
        占 = 点
        古 = 点
        而 = 面
        十 = 士
        土 = 士
        士 = 土
        政 = 攻
        挖 = 控
        贏 = 赢
        羸 = 赢
        末 = 未
        曰 = 日
        千 = 干
        肪 = 防
        妨 = 防
        清 = 情
        惰 = 情
        侯 = 候
        拨 = 拔
        折 = 拆
        折 = 析
        技 = 枝
        往 = 住
        持 = 特
        特 = 持
        侍 = 待
        冶 = 治
        疲 = 疫
        捡 = 检
        该 = 核
        酿 = 酸
        匹 = 区
        巿 = 市
        囯 = 国
        仑 = 仓
        没 = 设
        蜜 = 密
        接 = 按
        测 = 侧
        侧 = 测
        间 = 问
        问 = 间
        夏 = 复
        申 = 中
        休 = 体
        体 = 休
        泸 = 沪
        杭 = 抗
        坑 = 抗
        迸 = 进
        迭 = 送
        佳 = 住
        仟 = 任
        枚 = 权
        枝 = 校
        胶 = 校
        偱 = 循
        莱 = 菜
        疒 = 病
        肮 = 航
        抹 = 抓
        孤 = 抓
        拄 = 推
        椎 = 推
        铺 = 辅
        捕 = 辅
        社会而言 = 社会而言
        """

    static let words = """
        返岗 返沪 返程 涉及 涉疫 涉外 重点 重点区域 重点人群 采样点 试点 特点 观点 社会面 全面 方面 层面 士气 土气 护士
        攻坚 攻坚战 防控 防控工作 疫情防控 管控 封控 管控区 封控区 防范区 调控 打赢 疫情 核酸 核酸检测 检测 检查 检验 采样
        隔离 密接 确诊 病例 复工 复产 复市 复学 恢复 企业 生产 生活 物资 保障 区域 小区 社区 市区 居民 居住 市民 市场 服务
        工作 工作人员 进入 出入 入口 人员 人群 措施 设施 设置 建设 部门 单位 领导 会议 强调 指出 要求 推进 推动 推广 落实
        加强 坚持 支持 坚决 及时 有序 有效 安全 稳定 稳妥 问题 解决 意见 建议 情况 通知 公告 规定 管理 组织 提供 申请 申报
        审核 方案 计划 目标 任务 责任 主任 监督 动态 清零 清洁 清理 排查 流调 转运 医疗 救治 治疗 治理 医院 患者 健康
        卫生 疾控 疾病 病房 病情 消毒 场所 公共 交通 运输 运行 运营 物流 通行证 街道 街镇 楼宇 供应 配送 价格 时间 期间 中心
        中央 集中 其中 国家 国务院 接种 接受 接送 按照 特殊 特别 待遇 等待 拆除 分析 循环 活动 活力 权益 学校 校园
        蔬菜 菜场 抓紧 抓好 抓实 辅助 送货 配送 运送 开幕 体温 体系 具体 尚未 日常 日前 若干 抗疫 抗原
        沪上 来沪 在沪 气候 等候 候诊 选拔 校验 仓库 入库 入境 两侧 航班 航空
        """
}
