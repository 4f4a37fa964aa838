// The words of a report in two languages. A name that is not in a table is shown as it is, so that a new rule of the
// parser needs no change here.

import Messages

/// One thing in Chinese and English.
package struct Phrase: Sendable, Hashable {
    package var chinese: String
    package var english: String

    package init(_ chinese: String, _ english: String) {
        self.chinese = chinese
        self.english = english
    }

    /// Both, Chinese first; once where they are the same.
    package var both: String { chinese == english ? chinese : "\(chinese) \(english)" }
}

/// Names of the parser in words.
package enum ReportWords {
    package static func kind(_ kind: Inspection.Field.Kind) -> Phrase {
        switch kind {
        case .published: Phrase("发布日期", "published")
        case .event: Phrase("事件日期", "event")
        case .department: Phrase("部门", "department")
        case .source: Phrase("来源", "source")
        case .figure: Phrase("数字", "figure")
        case .question: Phrase("问答", "question")
        }
    }

    package static func remainder(_ name: String) -> Phrase { remainders[name] ?? Phrase(name, name) }

    package static func rule(_ name: String) -> Phrase { rules[name] ?? Phrase(name, name) }

    package static func note(_ name: String) -> Phrase { notes[name] ?? Phrase(name, name) }

    private static let remainders: [String: Phrase] = [
        "date-heading": Phrase("日期标题", "date heading"), "department-heading": Phrase("部门标题", "department heading"),
        "source-line": Phrase("来源行", "source line"), "section-heading": Phrase("栏目标题", "section heading"),
        "section-label": Phrase("栏目名", "section label"), "front-matter": Phrase("文件头", "front matter"),
        "preamble": Phrase("前言", "preamble"), "closing": Phrase("结语", "closing"), "contents": Phrase("目录", "contents"),
        "boilerplate": Phrase("页面框架", "boilerplate"), "metadata": Phrase("已读入字段", "read into fields"),
        "markup": Phrase("标记", "markup"), "blank": Phrase("空白", "blank"),
        "byte-order-mark": Phrase("字节序标记", "byte order mark"), "beyond-limit": Phrase("超出上限", "beyond the limit"),
        "unread": Phrase("未归入", "unread"),
    ]

    private static let rules: [String: Phrase] = [
        "hint": Phrase("调用方提示", "the caller's hint"), "date-heading": Phrase("日期标题", "date heading"),
        "label": Phrase("标签", "label"), "front-matter": Phrase("文件头", "front matter"),
        "meta": Phrase("网页 meta", "meta element"), "field": Phrase("字段", "field"),
        "date-line": Phrase("日期行", "date line"), "page-date": Phrase("页面日期", "date of the page"),
        "page-title": Phrase("页面标题", "title of the page"), "heading": Phrase("标题", "heading"),
        "signature": Phrase("落款", "signature"), "source": Phrase("由来源推断", "inferred from the source"),
        "source-line": Phrase("来源行", "source line"), "shared-source-line": Phrase("共用来源行", "shared source line"),
        "source-in-text": Phrase("文中来源", "source in the text"), "quoted-source": Phrase("引述来源", "quoted source"),
        "repost": Phrase("转载", "repost"), "story-head": Phrase("电头", "story head"),
        "feed-title": Phrase("订阅源标题", "title of the feed"), "card": Phrase("名片", "card"), "text": Phrase("正文", "text"),
        "year-of-item": Phrase("取条目年份", "year of the item"), "day-of-month": Phrase("仅有日", "day of the month"),
        "relative": Phrase("相对日期", "relative date"), "year-of-heading": Phrase("取标题年份", "year of the heading"),
        "year-of-page": Phrase("取页面年份", "year of the page"),
        "year-in-document": Phrase("取文内年份", "year found in the document"),
    ]

    private static let notes: [String: Phrase] = [
        "no-date": Phrase("有条目没有日期", "items without a date"),
        "unknown-year": Phrase("年份未知", "year unknown"), "no-source": Phrase("有条目没有来源", "items without a source"),
        "no-title": Phrase("有条目没有标题", "items without a title"), "no-items": Phrase("没有条目", "no items"),
        "items-beyond-limit": Phrase("条目超出上限", "more items than the limit"),
        "wrong-body": Phrase("正文疑似错贴", "body may belong elsewhere"),
        "repeated-clause": Phrase("重复条款", "repeated clause"),
        "count-mismatch": Phrase("数目不符", "count does not match"),
        "ocr-spaces": Phrase("识别文本有空格", "spaces inside words"),
    ]
}
