// What a reader of an entry should doubt, in words.

import Messages

enum Doubts {
    /// Doubts about one item by itself.
    static func of(_ item: Item) -> [DigestDoubt] {
        var doubts: [DigestDoubt] = []
        func add(_ code: String, _ words: String) { doubts.append(DigestDoubt(code: code, words: words, other: nil)) }
        for flag in item.flags {
            if let words = flagWords[flag] { add(flag, words) }
        }
        if let published = item.published {
            if published.value.year == nil {
                add("year-unknown", "原文没有写年份")
            } else if inferredYears.contains(published.basis.rule) {
                add(
                    "year-inferred",
                    "年份由推断得来（\(ruleWords[published.basis.rule] ?? published.basis.rule)，\(percent(published.basis))）")
            }
        } else {
            add("date-unknown", "原文没有写日期")
        }
        if item.sources.contains(where: { $0.basis.rule == "shared-source-line" }) {
            add("source-shared", "来源一行为几条共有，未必都是本条的来源")
        }
        if let department = item.department, department.basis.rule == "source" {
            add("department-inferred", "部门标题缺失，由来源推断（\(percent(department.basis))）")
        }
        return doubts
    }

    private static func percent(_ basis: Basis) -> String { "把握\(Int((basis.certainty * 100).rounded()))%" }

    private static let flagWords = [
        "wrong-body": "正文疑似错贴：标题的用词不见于正文，正文与另一条相同",
        "repeated-clause": "正文有一句出现两次",
        "count-mismatch": "所称条数与所列条数不符",
        "ocr-spaces": "文字由图像识别得来，词中夹有空格",
    ]

    private static let inferredYears: Set<String> = ["year-of-heading", "year-of-page", "year-in-document", "hint"]

    private static let ruleWords = [
        "year-of-heading": "据上文标题", "year-of-page": "据页面日期", "year-in-document": "据文中年份", "hint": "据提交者说明",
    ]
}
