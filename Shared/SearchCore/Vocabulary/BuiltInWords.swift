// The groups that come with the search core: abbreviations of public bulletins, and everyday words that differ between the
// mainland, Taiwan and Hong Kong. Gathered for this project from general knowledge; words with several meanings
// (资料, 品质, 机车) are left out, as one of them would bring wrong documents.

extension WordGroups {
    /// The groups of this file. A user's own come on top.
    package static let builtIn: WordGroups = {
        // Bounded, well-formed text of this file; a mistake in it fails the tests.
        (try? WordGroups(parsing: abbreviations + regions)) ?? WordGroups()
    }()

    private static let abbreviations = """
        疾控 = 疾病预防控制
        卫健委 = 卫生健康委员会 = 卫生健康委
        发改委 = 发展和改革委员会 = 发展改革委
        人社局 = 人力资源和社会保障局 = 人力资源社会保障局
        人社部 = 人力资源和社会保障部 = 人力资源社会保障部
        住建局 = 住房和城乡建设局
        住建部 = 住房和城乡建设部 = 住房城乡建设部
        工信部 = 工业和信息化部
        工信局 = 工业和信息化局
        经信委 = 经济和信息化委员会 = 经济信息化委
        国资委 = 国有资产监督管理委员会
        市监局 = 市场监督管理局 = 市场监管局
        市场监管总局 = 市场监督管理总局
        药监局 = 药品监督管理局
        银保监会 = 银行保险监督管理委员会
        证监会 = 证券监督管理委员会
        网信办 = 互联网信息办公室
        文旅部 = 文化和旅游部
        文旅局 = 文化和旅游局
        教委 = 教育委员会
        国办 = 国务院办公厅
        中办 = 中共中央办公厅
        人大常委会 = 人民代表大会常务委员会
        政协 = 政治协商会议
        最高法 = 最高人民法院
        最高检 = 最高人民检察院
        世卫组织 = 世界卫生组织
        世贸组织 = 世界贸易组织
        新冠 = 新型冠状病毒
        新冠肺炎 = 新型冠状病毒肺炎 = 新型冠状病毒感染的肺炎
        医保 = 医疗保险
        社保 = 社会保险
        高铁 = 高速铁路
        地铁 = 轨道交通
        国标 = 国家标准
        质检 = 质量检验
        彩电 = 彩色电视
        空调 = 空气调节器
        环评 = 环境影响评价
        安检 = 安全检查

        """

    private static let regions = """
        软件 = 软体
        硬件 = 硬体
        网络 = 网路
        互联网 = 网际网路
        信息 = 资讯
        程序员 = 程式设计师
        数据库 = 资料库
        服务器 = 伺服器
        打印机 = 印表机
        鼠标 = 滑鼠
        屏幕 = 萤幕
        硬盘 = 硬碟
        光盘 = 光碟
        磁盘 = 磁碟
        优盘 = 随身碟
        内存 = 记忆体
        芯片 = 晶片
        集成电路 = 积体电路
        晶体管 = 电晶体
        传感器 = 感测器
        激光 = 雷射 = 镭射
        带宽 = 频宽
        宽带 = 宽频
        短信 = 简讯
        博客 = 部落格
        黑客 = 骇客
        人工智能 = 人工智慧
        智能手机 = 智慧型手机
        笔记本电脑 = 笔记型电脑
        台式机 = 桌上型电脑
        云计算 = 云端运算
        算法 = 演算法
        移动电话 = 行动电话
        出租车 = 计程车 = 的士
        公交车 = 公车 = 巴士
        自行车 = 脚踏车 = 单车
        集装箱 = 货柜
        塑料 = 塑胶
        导弹 = 飞弹
        航天飞机 = 太空梭
        宇航员 = 太空人 = 航天员
        艾滋病 = 爱滋病
        幼儿园 = 幼稚园
        方便面 = 泡面 = 快餐面
        快餐 = 速食
        盒饭 = 便当
        土豆 = 马铃薯
        西红柿 = 番茄
        菠萝 = 凤梨
        猕猴桃 = 奇异果
        冰激凌 = 冰淇淋
        酸奶 = 优酪乳
        新西兰 = 纽西兰
        老挝 = 寮国
        悉尼 = 雪梨
        意大利 = 义大利
        沙特阿拉伯 = 沙乌地阿拉伯
        特朗普 = 川普
        奥巴马 = 欧巴马
        高清 = 高画质
        """
}
