// Words that ask and tell nothing of the answer: 什么, 哪里, 多少. Texts that answer hold them by chance only, so they are
// rare in a collection of bulletins and a plain idf takes them for the most telling words of a question.

/// Knows the asking words of Chinese, in folded form.
package enum QuestionWords {
    /// Characters that ask wherever they stand.
    private static let characters: Set<Character> = Set("谁哪么什甚怎吗呢嘛啥")
    /// Characters that ask in most pairs, and the pairs in which they do not: 几何, 几内亚.
    private static let mostly: Set<Character> = Set("何几")
    private static let exceptions: Set<String> = [
        "几何", "几内", "几丁", "几率", "几乎", "几经", "茶几", "任何", "奈何", "何况", "何必", "何尝", "无几", "未几",
    ]
    private static let pairs: Set<String> = [
        "多少", "多久", "多大", "多长", "多高", "多远", "多重", "多快", "请问", "想问", "是否", "能否", "可否", "会否", "有无",
    ]

    /// Whether a term, one or two folded characters, asks rather than tells.
    package static func asks(_ term: String) -> Bool {
        guard term.utf8.count <= 8, term.count <= 2 else { return false }
        if pairs.contains(term) || term.contains(where: characters.contains) { return true }
        return term.contains(where: mostly.contains) && !exceptions.contains(term)
    }

    /// Whether a text is put as a question: it ends with a question mark, or holds a word that always asks.
    package static func isQuestion(_ text: String) -> Bool {
        var rest = text[...]
        while let last = rest.last, last.isWhitespace || closing.contains(last) { rest.removeLast() }
        if let last = rest.last, last == "?" || last == "？" { return true }
        let scalars = Array(text.unicodeScalars)
        return scalars.indices.contains { start in
            sureWords[scalars[start]]?.contains { scalars[start...].starts(with: $0) } ?? false
        }
    }

    private static let closing: Set<Character> = Set("”\"’'」』）)》")
    /// In both scripts, as they are typed; by their first character.
    private static let sureWords = Dictionary(grouping: sureTexts.map { Array($0.unicodeScalars) }, by: { $0[0] })
    private static let sureTexts = [
        "什么", "什麼", "甚麼", "哪里", "哪裡", "哪裏", "哪些", "哪个", "哪個", "哪一", "哪位", "哪年", "哪种", "哪種", "为何", "為何",
        "如何", "怎么", "怎麼", "怎样", "怎樣", "多少", "为什", "為什", "谁是", "誰是", "是谁", "是誰", "请问", "請問",
    ]
}
