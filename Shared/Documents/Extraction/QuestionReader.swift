// Questions and answers of an item.
//
//     pair     = question answer
//     question = ( "问" / "Q" [ number ] ) mark text      or the paragraphs just before an answer, of which the
//                                                         last asks: it ends with ？ or holds 请问
//     answer   = ( "答" / "A" [ number ] ) mark text *paragraph
//
// Without such marks: at least two lines that are numbered, bold or headings and end with ？, or that open with 记者：,
// each with the text up to the next one.
//
// An answer goes on until the next question, or until a heading that stands before one.

import Messages

/// Reads questions and answers.
struct QuestionReader {
    let context: SplitContext
    let limits: ParserLimits

    private var all: [Paragraph] { context.paragraphs.all }

    /// The pairs in a draft's body.
    func questions(in draft: Draft) -> [QuestionAnswer] {
        let body = draft.body
        let answers = body.indices.filter {
            mayOpenAnswer(body[$0]) && Self.opensAnswer(context.scalars(body[$0], prefix: 8))
        }
        guard !answers.isEmpty else { return unmarkedQuestions(body) }
        var pairs: [QuestionAnswer] = []
        for (number, answer) in answers.enumerated() where pairs.count < limits.questionsPerItem {
            let floor = number == 0 ? 0 : answers[number - 1] + 1
            let question = questionStart(body, answer: answer, floor: floor)
            guard question < answer else { continue }
            let limit =
                number + 1 < answers.count
                ? questionBlockStart(
                    body, question: questionStart(body, answer: answers[number + 1], floor: answer + 1),
                    floor: answer + 1)
                : body.count
            let questionText = text(body[question..<answer], dropping: Self.questionMark)
            let answerText = text(body[answer..<limit], dropping: Self.answerMark)
            let lower = context.range(body[question]).lower
            let upper = context.range(body[limit - 1]).upper
            pairs.append(QuestionAnswer(question: questionText, answer: answerText, range: ByteRange(lower, upper)))
        }
        return pairs
    }

    /// Characters up to which a line may be a question without a mark.
    private static let longestUnmarked = 90

    /// Questions without 问 and 答: numbered lines or headings that end with ？, or what reporters say at a press
    /// conference (`某报记者：…`). One alone is a figure of speech.
    private func unmarkedQuestions(_ body: [Int]) -> [QuestionAnswer] {
        let starts = body.indices.dropLast().filter {
            isUnmarkedQuestion(body[$0]) && !isUnmarkedQuestion(body[$0 + 1])
        }
        guard starts.count >= 2 else { return [] }
        var pairs: [QuestionAnswer] = []
        for (number, start) in starts.enumerated() where pairs.count < limits.questionsPerItem {
            let end = number + 1 < starts.count ? starts[number + 1] : body.count
            let numbering = ParagraphReader.numberingLength(context.scalars(body[start]).scalars)
            let question = text(body[start..<(start + 1)], dropping: { Self.reporterMark($0) ?? numbering })
            let answer = text(body[(start + 1)..<end], dropping: { _ in nil })
            let range = ByteRange(context.range(body[start]).lower, context.range(body[end - 1]).upper)
            pairs.append(QuestionAnswer(question: question, answer: answer, range: range))
        }
        return pairs
    }

    private func isUnmarkedQuestion(_ index: Int) -> Bool {
        let paragraph = all[index]
        if mayBeReporter(index), Self.reporterMark(context.scalars(index, prefix: 24)) != nil { return true }
        guard paragraph.characters <= Self.longestUnmarked,
            paragraph.numbering != .none || paragraph.role == .heading || paragraph.isBold
        else { return false }
        return endsWithQuestionMark(index)
    }

    /// How many characters `某报记者：` takes at the start; nil where no reporter speaks.
    private static func reporterMark(_ scalars: [UInt32]) -> Int? {
        guard let colon = scalars.prefix(20).firstIndex(where: { $0 == 0xFF1A || $0 == 0x3A }), colon >= 2 else {
            return nil
        }
        return scalars[colon - 2] == 0x8BB0 && scalars[colon - 1] == 0x8005 ? colon + 1 : nil  // 记者
    }

    /// Whether the first bytes of a paragraph could be those of an answer; spares most paragraphs the decoding.
    private func mayOpenAnswer(_ index: Int) -> Bool {
        guard let line = all[index].lines.first else { return false }
        let range = context.reading.lines[line].text
        let first = context.reading.text[range.lowerBound]
        // A, [, a space, or the bytes of 答 回 解 官 部, or the first one of 【 and wide spaces.
        if first == 0x41 || first == 0x5B || first == 0x20 || first == 0xE3 { return true }
        guard range.count > 2 else { return false }
        return switch (first, context.reading.text[range.lowerBound + 1], context.reading.text[range.lowerBound + 2]) {
        case (0xE7, 0xAD, 0x94), (0xE5, 0x9B, 0x9E), (0xE8, 0xA7, 0xA3), (0xE5, 0xAE, 0x98), (0xE9, 0x83, 0xA8): true
        default: false
        }
    }

    /// Whether 者 and a colon stand near the start of a paragraph; spares most paragraphs the decoding.
    private func mayBeReporter(_ index: Int) -> Bool {
        guard let line = all[index].lines.first else { return false }
        let range = context.reading.lines[line].text
        let head = range.lowerBound..<min(range.upperBound, range.lowerBound + 24 * 4)
        for place in head.dropLast(3)
        where context.reading.text[place] == 0xE8 && context.reading.text[place + 1] == 0x80 && context.reading.text[place + 2] == 0x85 {
            return true
        }
        return false
    }

    private func endsWithQuestionMark(_ index: Int) -> Bool {
        guard let line = all[index].lines.last else { return false }
        let range = context.reading.lines[line].text
        guard let last = context.reading.text[range].last else { return false }
        // ？ is EF BC 9F.
        return last == 0x3F || last == 0x9F && range.count > 2 && context.reading.text[range.upperBound - 2] == 0xBC
    }

    /// The first paragraph of the question before `answer`; `answer` itself where none asks.
    private func questionStart(_ body: [Int], answer: Int, floor: Int) -> Int {
        guard answer > floor else { return answer }
        for candidate in stride(from: answer - 1, through: max(floor, answer - 4), by: -1) {
            let paragraph = all[body[candidate]]
            if paragraph.role == .heading, !asks(body[candidate]) { break }
            if Self.questionMark(context.scalars(body[candidate], prefix: 8)) != nil { return candidate }
            if candidate == answer - 1, asks(body[candidate]) { return candidate }
        }
        return answer
    }

    /// The headings that stand just before a question belong to it and end the answer before.
    private func questionBlockStart(_ body: [Int], question: Int, floor: Int) -> Int {
        var start = question
        while start > floor, all[body[start - 1]].role == .heading || all[body[start - 1]].kind == .bracketed {
            start -= 1
        }
        return start
    }

    private func asks(_ index: Int) -> Bool {
        let scalars = context.scalars(index, prefix: 400)
        if scalars.contains(0xFF1F) || scalars.contains(0x3F) { return true }
        let words = ["请问", "怎么办", "如何", "是否", "哪些", "什么"]
        return words.contains { word in
            let wanted = word.unicodeScalars.map(\.value)
            return scalars.indices.contains { scalars[$0...].starts(with: wanted) }
        }
    }

    private func text(_ paragraphs: ArraySlice<Int>, dropping mark: ([UInt32]) -> Int?) -> String {
        var parts: [String] = []
        for (position, index) in paragraphs.enumerated() {
            let scalars = context.scalars(index).scalars
            let skipped = position == 0 ? mark(scalars) ?? 0 : 0
            parts.append(String(scalars: scalars[skipped...]))
        }
        return parts.joined(separator: "\n")
    }

    /// Whether a paragraph opens a question with its mark, or a reporter speaks in it.
    static func opensQuestion(_ scalars: [UInt32]) -> Bool {
        questionMark(scalars) != nil || reporterMark(scalars) != nil
    }

    /// Whether a paragraph opens an answer.
    static func opensAnswer(_ scalars: [UInt32]) -> Bool { answerMark(scalars) != nil }

    private static let answerWords = ["官方回复", "官方回应", "官方答复", "部门回复", "部门答复", "回复内容", "答复内容", "答", "回答", "答复", "解答", "回复"].map { $0.unicodeScalars.map(\.value) }
    private static let questionWords = ["网友提问", "网民提问", "网友留言", "市民提问", "群众提问", "留言内容", "来信内容", "咨询内容", "问", "提问", "问题", "记者问"].map { $0.unicodeScalars.map(\.value) }

    /// How many characters `答：`, `A1:`, `【答】` take at the start; nil where none stands there.
    private static func answerMark(_ scalars: [UInt32]) -> Int? { mark(scalars, ideographs: answerWords, letter: 0x41) }

    private static func questionMark(_ scalars: [UInt32]) -> Int? {
        mark(scalars, ideographs: questionWords, letter: 0x51)
    }

    private static func mark(_ scalars: [UInt32], ideographs: [[UInt32]], letter: UInt32) -> Int? {
        var start = 0
        while start < scalars.count, [0x3010, 0x5B, 0x20, 0x3000].contains(scalars[start]) { start += 1 }
        var cursor = start
        if let word = ideographs.first(where: { scalars[start...].starts(with: $0) }) {
            cursor += word.count
        } else if start < scalars.count, scalars[start] == letter {
            cursor += 1
        } else {
            return nil
        }
        _ = Numerals.integer(scalars, &cursor, digits: 1...2) ?? Numerals.smallChinese(scalars, &cursor)
        Numerals.skipSpaces(scalars, &cursor)
        guard cursor < scalars.count, [0x3A, 0xFF1A, 0x3011, 0x5D, 0x2E, 0x3001].contains(scalars[cursor]) else {
            return nil
        }
        cursor += 1
        Numerals.skipSpaces(scalars, &cursor)
        return cursor
    }
}
