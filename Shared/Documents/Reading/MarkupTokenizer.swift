// HTML and XML as tokens with their places.
//
// A tokenizer of our own and not libxml2: its HTML parser reports lines and not bytes, repairs the tree with elements
// that stand nowhere in the source, and changes its rules between versions, while every value of ours needs the bytes it
// was read from. What a tree would add (which element encloses which) the block reader keeps in a bounded stack. The
// rules follow the tokenization chapter of the WHATWG HTML standard as far as text extraction needs them; one pass, no
// recursion, no network, no entity declarations. `<![CDATA[…]]>` is read as text, since feeds use it.
//
// - Complexity: linear; an unclosed comment, tag or script is searched for once and takes the rest of the input.

/// Walks through markup token by token.
struct MarkupTokenizer {
    /// A token; ranges are half-open and in bytes of the source.
    enum Token {
        case text(Range<Int>)
        /// Text in which character references mean nothing.
        case literal(Range<Int>)
        case start(Tag)
        case end(name: String)
        /// Comments, declarations, processing instructions.
        case other
    }

    /// A start tag.
    struct Tag {
        var name: String
        /// Where the attributes stand.
        var attributes: Range<Int>
        var isSelfClosing: Bool
    }

    let source: [UInt8]
    private var position: Int
    private let end: Int

    init(_ source: [UInt8], _ range: Range<Int>) {
        self.source = source
        position = range.lowerBound
        end = range.upperBound
    }

    /// Where the last token ended.
    var offset: Int { position }

    /// The next token; nil at the end.
    mutating func next() -> Token? {
        guard position < end else { return nil }
        if source[position] != 0x3C { return .text(readText()) }
        guard position + 1 < end else { return .text(readText()) }
        switch source[position + 1] {
        case 0x21: return readDeclaration()
        case 0x3F:
            skip(past: [0x3E])
            return .other
        case 0x2F where position + 2 < end && Self.isLetter(source[position + 2]):
            position += 2
            let name = readName()
            skip(past: [0x3E])
            return .end(name: name)
        case let byte where Self.isLetter(byte): return readStartTag()
        default: return .text(readText())
        }
    }

    /// The value of attribute `name` (lower case) of a tag, references left as written; nil where it has none.
    func attribute(_ name: String, of tag: Tag) -> String? {
        let wanted = Array(name.utf8)
        var index = tag.attributes.lowerBound
        let last = tag.attributes.upperBound
        while index < last {
            while index < last, Self.isSpace(source[index]) || source[index] == 0x2F { index += 1 }
            let nameStart = index
            while index < last, !Self.isSpace(source[index]), source[index] != 0x3D, source[index] != 0x2F {
                index += 1
            }
            let isWanted = source[nameStart..<index].elementsEqual(wanted) { $0 == $1 || $0 | 0x20 == $1 }
            while index < last, Self.isSpace(source[index]) { index += 1 }
            guard index < last, source[index] == 0x3D else {
                if isWanted { return "" }
                if index == nameStart { index += 1 }
                continue
            }
            index += 1
            while index < last, Self.isSpace(source[index]) { index += 1 }
            let value = readValue(&index, last)
            if isWanted { return String(decoding: source[value], as: UTF8.self) }
        }
        return nil
    }

    /// Moves past the text of a script, style or the like, up to its end tag.
    mutating func skipRawText(of name: String) {
        let pattern = Array("</\(name)".utf8)
        while position < end {
            if source[position] == 0x3C, end - position >= pattern.count,
                source[position..<(position + pattern.count)].elementsEqual(pattern, by: { $0 | 0x20 == $1 | 0x20 })
            {
                return
            }
            position += 1
        }
    }

    // MARK: Reading

    private mutating func readText() -> Range<Int> {
        let start = position
        position += 1
        while position < end {
            if source[position] == 0x3C, position + 1 < end {
                let next = source[position + 1]
                if Self.isLetter(next) || next == 0x21 || next == 0x2F || next == 0x3F { break }
            }
            position += 1
        }
        return start..<position
    }

    private mutating func readDeclaration() -> Token {
        let rest = source[position..<end]
        if rest.starts(with: Array("<!--".utf8)) {
            position += 4
            skip(past: Array("-->".utf8))
            return .other
        }
        if rest.starts(with: Array("<![CDATA[".utf8)) {
            let start = position + 9
            position = start
            skip(past: Array("]]>".utf8))
            let isClosed = position >= start + 3 && source[(position - 3)..<position].elementsEqual(Array("]]>".utf8))
            return .literal(start..<(isClosed ? position - 3 : position))
        }
        skip(past: [0x3E])
        return .other
    }

    private mutating func readStartTag() -> Token {
        position += 1
        let name = readName()
        let attributesStart = position
        while position < end, source[position] != 0x3E {
            let byte = source[position]
            let isValue = byte == 0x22 || byte == 0x27
            position += 1
            if isValue, isAfterEquals(position - 1, from: attributesStart) { skip(past: [byte]) }
        }
        let attributesEnd = position
        if position < end { position += 1 }
        let isSelfClosing = attributesEnd > attributesStart && source[attributesEnd - 1] == 0x2F
        return .start(Tag(name: name, attributes: attributesStart..<attributesEnd, isSelfClosing: isSelfClosing))
    }

    /// Whether the last byte before `index` that is no space is `=`; looks back over at most eight spaces.
    private func isAfterEquals(_ index: Int, from start: Int) -> Bool {
        var back = index - 1
        while back > start, index - back < 8, Self.isSpace(source[back]) { back -= 1 }
        return back >= start && source[back] == 0x3D
    }

    private func readValue(_ index: inout Int, _ last: Int) -> Range<Int> {
        guard index < last else { return index..<index }
        let quote = source[index]
        if quote == 0x22 || quote == 0x27 {
            let start = index + 1
            index = start
            while index < last, source[index] != quote { index += 1 }
            let value = start..<index
            if index < last { index += 1 }
            return value
        }
        let start = index
        while index < last, !Self.isSpace(source[index]) { index += 1 }
        return start..<index
    }

    /// The longest element name that is kept, in bytes; no element that matters has a longer one.
    private static let longestName = 32

    private mutating func readName() -> String {
        let start = position
        while position < end, !Self.isSpace(source[position]), source[position] != 0x3E, source[position] != 0x2F {
            position += 1
        }
        let kept = source[start..<min(position, start + Self.longestName)]
        return String(decoding: kept.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    private mutating func skip(past pattern: [UInt8]) {
        while position < end {
            if source[position] == pattern[0], end - position >= pattern.count,
                source[position..<(position + pattern.count)].elementsEqual(pattern)
            {
                position += pattern.count
                return
            }
            position += 1
        }
    }

    @inline(__always)
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) && byte != 0x40 }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
