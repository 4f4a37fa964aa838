// Encodings: choosing, decoding, and the way back to the original bytes.

import Messages
import Testing

@testable import Documents

@Suite struct Encodings {
    private let prose = "市商务委召开会议，部署节日供应工作，要求各区做好准备，共有36家企业参加。来源：上海发布\n"

    private func choose(_ bytes: [UInt8], type: String? = nil, hints: [String: String] = [:]) throws
        -> EncodingDetector.Choice
    {
        try EncodingDetector(
            bytes: bytes, description: DocumentDescription(identity: "t", contentType: type, hints: hints)
        ).choose()
    }

    @Test func byteOrderMarksAreBelieved() throws {
        #expect(try choose([0xEF, 0xBB, 0xBF, 0x61]) == .init(encoding: .utf8, start: 3))
        #expect(try choose([0xFF, 0xFE, 0x61, 0x00]) == .init(encoding: .utf16LittleEndian, start: 2))
        #expect(try choose([0xFE, 0xFF, 0x00, 0x61]) == .init(encoding: .utf16BigEndian, start: 2))
    }

    @Test func aPageThatDeclaresAnotherEncodingAndIsUTF8IsReadAsUTF8() throws {
        let page = "<html><head><meta charset=\"gb2312\"></head><body><p>\(prose)</p></body></html>"
        let document = try parse(page, type: "text/html; charset=gb2312")
        #expect(document.encoding == "utf-8")
        #expect(document.items.first?.body.hasPrefix("市商务委召开会议") == true)
    }

    @Test(arguments: [TextEncoding.gb18030, .big5])
    func legacyTextIsToldApartWithoutDeclaration(encoding: TextEncoding) throws {
        let text = encoding == .big5 ? Samples.digest : prose
        let bytes = try encode(String(repeating: text, count: 3), as: encoding)
        #expect(try choose(bytes).encoding == encoding)
        #expect(
            try TextDecoder.decode(bytes, from: 0, as: encoding).bytes == Array(String(repeating: text, count: 3).utf8))
    }

    @Test func wideTextWithoutAMarkIsRecognised() throws {
        let little = prose.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let big = prose.utf16.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        #expect(try choose(little).encoding == .utf16LittleEndian)
        #expect(try choose(big).encoding == .utf16BigEndian)
        let (wide, narrow) = (try parse(little), try parse(prose))
        #expect(wide.items.first?.body == narrow.items.first?.body)
    }

    @Test func declarationsDecideWhereTheBytesAgree() throws {
        let bytes = try encode(prose, as: .gb18030)
        #expect(try choose(bytes, type: "text/plain; charset=GBK").encoding == .gb18030)
        #expect(try choose(bytes, hints: ["encoding": "gb2312"]).encoding == .gb18030)
        #expect(try choose(bytes, type: "text/plain; charset=big5").encoding == .gb18030)
    }

    @Test func damageIsReplacedAndCounted() throws {
        var bytes = Array(prose.utf8)
        bytes[10] = 0xFF
        let document = try parse(bytes)
        #expect(document.encoding == "utf-8")
        #expect(document.replacedSequences >= 1)
        expectCover(document, count: bytes.count)
    }

    @Test func aLostByteDoesNotSwallowTheLineBreak() throws {
        var bytes = try encode("第一行文字内容甲\n第二行文字内容乙\n", as: .gb18030)
        let lineBreak = try #require(bytes.firstIndex(of: 0x0A))
        bytes.remove(at: lineBreak - 1)
        let decoded = try TextDecoder.decode(bytes, from: 0, as: .gb18030)
        #expect(decoded.replacedSequences == 1)
        #expect(String(decoding: decoded.bytes, as: UTF8.self).split(separator: "\n").count == 2)
    }

    @Test func fourByteCharactersAreRead() throws {
        // U+20000 is 95 32 82 36 in GB18030; U+00E0 is A8 A4; U+0080 is 81 30 81 30.
        let decoded = try TextDecoder.decode(
            [0x95, 0x32, 0x82, 0x36, 0xA8, 0xA4, 0x81, 0x30, 0x81, 0x30], from: 0, as: .gb18030)
        #expect(String(decoding: decoded.bytes, as: UTF8.self) == "\u{20000}\u{E0}\u{80}")
        #expect(decoded.original(0..<4) == 0..<4)
        #expect(decoded.original(4..<6) == 4..<6)
        #expect(decoded.original(6..<8) == 6..<10)
    }

    @Test(arguments: [TextEncoding.gb18030, .big5, .utf16LittleEndian, .utf16BigEndian])
    func everyCharacterMapsBackToItsBytes(encoding: TextEncoding) throws {
        let text = "a中b文，\n12國字"
        let pieces: [[UInt8]] = try text.unicodeScalars.map { scalar in
            switch encoding {
            case .utf16LittleEndian: [UInt8(truncatingIfNeeded: scalar.value), UInt8(scalar.value >> 8)]
            case .utf16BigEndian: [UInt8(scalar.value >> 8), UInt8(truncatingIfNeeded: scalar.value)]
            default: try encode(String(scalar), as: encoding)
            }
        }
        let decoded = try TextDecoder.decode(pieces.flatMap { $0 }, from: 0, as: encoding)
        var (at, original) = (0, 0)
        for (scalar, piece) in zip(text.unicodeScalars, pieces) {
            let length = String(scalar).utf8.count
            #expect(decoded.original(at..<(at + length)) == original..<(original + piece.count))
            at += length
            original += piece.count
        }
    }

    @Test func figuresOfLegacyPagesPointIntoTheOriginal() throws {
        let bytes = try encode(prose, as: .gb18030)
        let document = try parse(bytes)
        let figure = try #require(document.items.first?.figures.first)
        #expect(Array(bytes[figure.range.lower..<figure.range.upper]) == (try encode("36家", as: .gb18030)))
    }

    @Test func bytesThatAreNoTextAreRefused() {
        var generator = Generator(seed: 7)
        let noise = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(throws: DocumentError.self) { try parse([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + noise) }
    }

    @Test func utf8ValidationAgreesWithTheStandardLibrary() {
        var generator = Generator(seed: 11)
        for round in 0..<3000 {
            var bytes = Array("a中é𠀀".utf8.shuffled(using: &generator).prefix(Int.random(in: 1...10, using: &generator)))
            if Bool.random(using: &generator) { bytes.append(UInt8.random(in: 0x80...0xFF, using: &generator)) }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            #expect((UTF8Decoding.census(bytes).damaged == 0) == isValid, "seed 11 round \(round): \(bytes)")
            let decoded = UTF8Decoding.decode(bytes, from: 0, damaged: isValid ? 0 : 1)
            #expect(String(validating: decoded.bytes, as: UTF8.self) != nil)
        }
    }
}
