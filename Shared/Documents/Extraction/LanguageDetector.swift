// The language of an item, as a BCP 47 tag.
//
// Kana make Japanese, hangul Korean. Chinese is told into scripts by characters that only one of them has; text in which
// neither appears is `zh`. Text with more Latin letters than ideographs is `en`.

/// Counts the characters of one item and tells its language.
struct LanguageDetector {
    /// How much of an item is looked at, in characters.
    private static let window = 1024

    private var (ideographs, letters, kana, hangul, simplified, traditional) = (0, 0, 0, 0, 0, 0)
    private var left = window

    /// Reads on, until the window is full.
    mutating func add(_ scalars: [UInt32]) {
        guard left > 0 else { return }
        let (kinds, scripts) = (CharacterClass.lookup, Self.scripts)
        for scalar in scalars.prefix(left) {
            let kind = kinds[scalar]
            if kind.contains(.ideograph) {
                ideographs += 1
                switch scripts[Int(min(scalar, 0xFFFF))] {
                case 1: simplified += 1
                case 2: traditional += 1
                default: break
                }
            } else if kind.contains(.letter) {
                letters += 1
            } else if (0x3041...0x30FF).contains(scalar), scalar != 0x30FB {
                kana += 1
            } else if (0xAC00...0xD7A3).contains(scalar) {
                hangul += 1
            }
        }
        left -= min(left, scalars.count)
    }

    /// The language of what was read.
    var language: String {
        if kana * 10 > ideographs + letters, kana > 0 { return "ja" }
        if hangul * 2 > ideographs + letters, hangul > 0 { return "ko" }
        // A Chinese character carries about as much as five letters.
        if ideographs * 5 < letters { return letters > 0 ? "en" : "und" }
        guard ideographs > 0 else { return "und" }
        if simplified == 0, traditional == 0 { return "zh" }
        return simplified >= traditional ? "zh-Hans" : "zh-Hant"
    }

    /// 1 for characters of simplified script alone, 2 for traditional script alone, by scalar value.
    private static let scripts: [UInt8] = {
        var table = [UInt8](repeating: 0, count: 0x10000)
        for scalar in traditionalOnly.unicodeScalars { table[Int(scalar.value)] = 2 }
        for scalar in simplifiedOnly.unicodeScalars { table[Int(scalar.value)] = 1 }
        return table
    }()

    private static let simplifiedOnly =
        "们这个来时国会对发经说过还现开关长门问间见车东马书电话认让应该总业务员风飞难题头实际样进运远达选边线级红约结给绝统继续维网职联处备复学报导师带帮庆广库废异归录彻战户护担择换损据无旧显权条极构档检楼欢满灵灾点热爱独环监盖盘确种积稳竞笔筑签类紧纪纳组织细终经绍绩绿罗义习节艺苏药营虽虑补装览规视觉观训议讯记讲许论设访证评识诉诊词译试诗诚详语误诱请诸读课谁调谈谢谱负财责败货质购贴贵费贺资赛赞转轮软轻载较辆输辖适递遗邮郑释钟钢铁银锁错键镇闭闻阅队阳阴阶际陆陈险隐雾静顶项顺须预领频颗额饭饮驻验骗鱼鸡黄齐齿龙"
    private static let traditionalOnly =
        "們這個來時國會對發經說過還現開關長門問間見車東馬書電話認讓應該總業務員風飛難題頭實際樣進運遠達選邊線級紅約結給絕統繼續維網職聯處備復學報導師帶幫慶廣庫廢異歸錄徹戰戶護擔擇換損據無舊顯權條極構檔檢樓歡滿靈災點熱愛獨環監蓋盤確種積穩競筆築簽類緊紀納組織細終紹績綠羅義習節藝蘇藥營雖慮補裝覽規視覺觀訓議訊記講許論設訪證評識訴診詞譯試詩誠詳語誤誘請諸讀課誰調談謝譜負財責敗貨質購貼貴費賀資賽贊轉輪軟輕載較輛輸轄適遞遺郵鄭釋鐘鋼鐵銀鎖錯鍵鎮閉聞閱隊陽陰階陸陳險隱霧靜頂項順須預領頻顆額飯飲駐驗騙魚雞黃齊齒龍"
}
