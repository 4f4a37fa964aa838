// Refusals, bounds, and that time stays linear.

import Messages
import Testing

@testable import Documents

@Suite struct Refusals {
    private func code(_ bytes: [UInt8], type: String? = nil, name: String? = nil, limits: ParserLimits = ParserLimits())
        -> ErrorCode?
    {
        do throws(DocumentError) {
            let description = DocumentDescription(identity: "t", contentType: type, sourceAddress: name)
            _ = try DocumentParser(limits: limits).parse(bytes, description)
            return nil
        } catch {
            #expect(!error.fix.isEmpty && error.message.first?.isUppercase == false)
            return error.code
        }
    }

    @Test func ofNothing() {
        #expect(code([]) == .emptyDocument)
        #expect(code(Array(" \n\t\r\n".utf8)) == .emptyDocument)
        #expect(code(Array("<p></p>".utf8), type: "text/html") == .emptyDocument)
        #expect(code(Array("　\n".utf8)) == .emptyDocument)
    }

    @Test func ofTooMuch() {
        #expect(code(Array("一二三".utf8), limits: ParserLimits(bytes: 8)) == .documentTooLarge)
        #expect(
            code(Array(String(repeating: "一\n", count: 11).utf8), limits: ParserLimits(lines: 10)) == .documentTooLarge)
        #expect(code(Array(String(repeating: "一\n", count: 10).utf8), limits: ParserLimits(lines: 10)) == nil)
    }

    @Test func ofWhatIsNotRead() {
        #expect(code(Array("%PDF-1.7\n%abc\n1 0 obj\n".utf8)) == .unsupportedFormat)
        #expect(code([0x50, 0x4B, 3, 4] + Array(repeating: 0x41, count: 100)) == .unreadableDocument)
    }

    @Test func itemsBeyondTheLimitAreNamed() throws {
        let text = Layout(name: "plain").text
        let document = try parse(Array(text.utf8), limits: ParserLimits(items: 2))
        #expect(document.items.count == 2)
        #expect(document.warnings.contains("items-beyond-limit"))
        #expect(document.remainders.contains { $0.name == "beyond-limit" })
        expectCover(document, count: text.utf8.count)
    }
}

@Suite struct LinearTime {
    /// Inputs that make careless parsers quadratic, each of `count` bytes or a little more.
    private static let hostile: [@Sendable (Int) -> (text: String, type: String)] = [
        { (String(repeating: "一", count: $0 / 3), "text/plain") },
        { (String(repeating: "1", count: $0), "text/plain") },
        { (String(repeating: "[", count: $0), "text/markdown") },
        { (String(repeating: "*", count: $0), "text/markdown") },
        { (String(repeating: "**a", count: $0 / 3), "text/markdown") },
        { (String(repeating: "<a", count: $0 / 2), "text/markdown") },
        { (String(repeating: "《", count: $0 / 3), "text/plain") },
        { (String(repeating: "<", count: $0), "text/html") },
        { (String(repeating: "<!--", count: $0 / 4), "text/html") },
        { (String(repeating: "<script>", count: $0 / 8), "text/html") },
        { (String(repeating: "<a b=\"", count: $0 / 6), "text/html") },
        { (String(repeating: "&", count: $0), "text/html") },
        { (String(repeating: "<b>一", count: $0 / 6), "text/html") },
        { (String(repeating: "<div>", count: $0 / 5) + "一", "text/html") },
        { (String(repeating: "</p>", count: $0 / 4) + "一", "text/html") },
        { (String(repeating: "来源：", count: $0 / 9), "text/plain") },
        { (String(repeating: "标题\n新华社北京2月8日电 一\n来源：二\n", count: $0 / 52), "text/plain") },
        { (String(repeating: "<b>一</b>\n\n一\n\n", count: $0 / 17), "text/markdown") },
        { (String(repeating: "主任", count: $0 / 6), "text/plain") },
        { (String(repeating: "共2例、", count: $0 / 10), "text/plain") },
        {
            (
                "<table><tr><th>标题</th><th>来源</th></tr>"
                    + String(repeating: "<tr><td>一二</td><td>二</td></tr>", count: $0 / 36), "text/html"
            )
        },
        { (String(repeating: "2月3日", count: $0 / 8), "text/plain") },
        { (String(repeating: "2月3日\n", count: $0 / 9), "text/plain") },
        { (String(repeating: "答：\n", count: $0 / 7), "text/plain") },
        { (String(repeating: "来源：上海发布\n", count: $0 / 22), "text/plain") },
        { (String(repeating: "超过", count: $0 / 6) + "1家", "text/plain") },
        { ("{\"a\":" + String(repeating: "\\", count: $0) + "}", "text/csv") },
        { (String(repeating: "\"\"", count: $0 / 2), "text/csv") },
    ]

    /// One MiB of each: quadratic work would be 10^12 steps and exceed the time limit, linear work takes seconds.
    @Test(.timeLimit(.minutes(10)), arguments: hostile.indices)
    func holdsForHostileInput(number: Int) throws {
        let (text, type) = Self.hostile[number](1 << 20)
        let bytes = Array(text.utf8)
        do throws(DocumentError) {
            let description = DocumentDescription(identity: "t", contentType: type)
            expectCover(try DocumentParser().parse(bytes, description), count: bytes.count, "input \(number)")
        } catch {
            #expect([.emptyDocument, .unreadableDocument, .documentTooLarge].contains(error.code))
        }
    }
}
