// Choosing the encoding of a document.
//
// Order of belief: (1) a byte order mark; (2) bytes that are whole UTF-8 with at least one multibyte sequence, whatever
// a page declares, because text of another encoding is practically never valid UTF-8; (3) what the caller or the page
// declares, if the bytes agree; (4) the shape of UTF-16 without a mark; (5) UTF-8 with little damage; (6) GB18030 or
// Big5, whichever reads as the more ordinary Chinese. Bytes that are mostly no text at all are refused.

import Messages

/// Finds the encoding of a document.
struct EncodingDetector {
    /// The encoding, and where the text starts after a byte order mark.
    struct Choice: Equatable {
        var encoding: TextEncoding
        var start: Int
        /// True where the bytes were found to be whole UTF-8.
        var isWhole = false
    }

    /// How far into a document declarations are looked for, in bytes.
    private static let declarationWindow = 4096
    /// How much of a document the detector weighs, in bytes.
    private static let sampleBytes = 64 << 10

    let bytes: [UInt8]
    let description: DocumentDescription

    /// Chooses, or refuses bytes that are no text.
    func choose() throws(DocumentError) -> Choice {
        if let marked = byteOrderMark() { return marked }
        let census = UTF8Decoding.census(bytes)
        if census.damaged == 0, census.multibyte > 0, census.zeros == 0 {
            return Choice(encoding: .utf8, start: 0, isWhole: true)
        }
        if census.zeros > 0 || census.damaged > 0, let wide = wideShape() { return Choice(encoding: wide, start: 0) }
        if isBinary(census) {
            throw DocumentError(
                .unreadableDocument,
                "the bytes are no text: \(census.zeros) zero bytes and \(census.damaged) undecodable ones in "
                    + "\(bytes.count)",
                fix: "send text, Markdown, HTML, JSON, NDJSON or CSV in UTF-8, UTF-16, GB18030 or Big5")
        }
        if census.damaged == 0 { return Choice(encoding: .utf8, start: 0, isWhole: true) }
        if let declared = declaredEncoding(), declared != .utf8, try agrees(with: declared) {
            return Choice(encoding: declared, start: 0)
        }
        // Who says UTF-8 and has more whole characters than damaged ones is believed; who says nothing needs more of them.
        let needed = declaredEncoding() == .utf8 ? census.damaged : census.damaged * 4
        if census.multibyte >= needed { return Choice(encoding: .utf8, start: 0) }
        return Choice(encoding: try ordinaryChinese(), start: 0)
    }

    /// Damaged characters in a hundred up to which a declaration is believed.
    private static let toleratedDamage = 8

    private func byteOrderMark() -> Choice? {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Choice(encoding: .utf8, start: 3) }
        if bytes.starts(with: [0xFF, 0xFE]) { return Choice(encoding: .utf16LittleEndian, start: 2) }
        if bytes.starts(with: [0xFE, 0xFF]) { return Choice(encoding: .utf16BigEndian, start: 2) }
        if bytes.starts(with: [0x84, 0x31, 0x95, 0x33]) { return Choice(encoding: .gb18030, start: 4) }
        return nil
    }

    /// Hundredths of the units that must be ASCII or common Chinese for text to be UTF-16 without a mark. Chinese prose
    /// has about 50; other encodings read as UTF-16 have below 5.
    private static let wideHundredths = 25

    /// UTF-16 without a mark: read with one order of bytes, many units are ASCII or common Chinese, and far fewer with
    /// the other.
    private func wideShape() -> TextEncoding? {
        let count = min(bytes.count, Self.sampleBytes) & ~1
        guard count >= 4 else { return nil }
        var (little, big) = (0, 0)
        for index in stride(from: 0, to: count, by: 2) {
            let (first, second) = (UInt32(bytes[index]), UInt32(bytes[index + 1]))
            if isOrdinary(second << 8 | first) { little += 1 }
            if isOrdinary(first << 8 | second) { big += 1 }
        }
        let needed = count / 2 * Self.wideHundredths / 100
        if little > needed, little > big * 3 { return .utf16LittleEndian }
        if big > needed, big > little * 3 { return .utf16BigEndian }
        return nil
    }

    private func isOrdinary(_ unit: UInt32) -> Bool {
        (0x20...0x7E).contains(unit) || unit == 0x0A || unit == 0x0D || unit == 0x09
            || Self.commonScalars.contains(unit)
    }

    private func isBinary(_ census: UTF8Decoding.Census) -> Bool {
        if census.zeros > bytes.count / 100 + 1 { return true }
        let sample = bytes.prefix(Self.sampleBytes)
        let controls = sample.count { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0C && $0 != 0x0D && $0 != 0x1B }
        return controls > sample.count / 20 + 4
    }

    /// What the caller's hint, the content type or the page itself declares, in this order.
    private func declaredEncoding() -> TextEncoding? {
        let named = [description.hints["encoding"], charset(in: description.contentType ?? "")]
        for name in named.compactMap({ $0 }) {
            if let encoding = TextEncoding(label: name) { return encoding }
        }
        let window = String(decoding: bytes.prefix(Self.declarationWindow), as: UTF8.self)
        return charset(in: window).flatMap(TextEncoding.init(label:))
    }

    /// The value after `charset=` or `encoding=` in ASCII text.
    private func charset(in text: String) -> String? {
        let lowered = Array(text.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
        for key in ["charset=", "encoding="] {
            let pattern = Array(key.utf8)
            guard let start = firstIndex(of: pattern, in: lowered) else { continue }
            let value = lowered[(start + pattern.count)...].drop { $0 == 0x22 || $0 == 0x27 || $0 == 0x20 }
            let name = value.prefix { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x5F
            }
            if !name.isEmpty { return String(decoding: name, as: UTF8.self) }
        }
        return nil
    }

    private func firstIndex(of pattern: [UInt8], in text: [UInt8]) -> Int? {
        guard text.count >= pattern.count else { return nil }
        return (0...(text.count - pattern.count)).first { start in
            text[start] == pattern[0] && text[start..<(start + pattern.count)].elementsEqual(pattern)
        }
    }

    /// Whether the bytes may be what is declared: little damage, and not far less ordinary than read the other way.
    private func agrees(with encoding: TextEncoding) throws(DocumentError) -> Bool {
        switch encoding {
        case .utf8, .utf16LittleEndian, .utf16BigEndian: return false
        case .gb18030, .big5:
            let own = weigh(try TextDecoder.table(of: encoding))
            let other = weigh(try TextDecoder.table(of: encoding == .big5 ? .gb18030 : .big5))
            let damage = own.damaged * 100 / max(own.damaged + own.whole, 1)
            return damage <= Self.toleratedDamage && own.common * 3 >= other.common
        }
    }

    private func ordinaryChinese() throws(DocumentError) -> TextEncoding {
        let mainland = weigh(try TextDecoder.table(of: .gb18030))
        let taiwan = weigh(try TextDecoder.table(of: .big5))
        return taiwan.score > mainland.score ? .big5 : .gb18030
    }

    private struct Weight {
        var whole = 0
        var damaged = 0
        var common = 0
        /// Common characters speak for an encoding, damage against it.
        var score: Int { common * 4 - damaged * 8 }
    }

    private func weigh(_ table: LegacyTable) -> Weight {
        var weight = Weight()
        let end = min(bytes.count, Self.sampleBytes)
        var index = 0
        while index < end {
            guard bytes[index] >= 0x80 else {
                index += 1
                continue
            }
            let (scalar, length) = TextDecoder.character(bytes, at: index, table: table)
            if scalar == 0 { weight.damaged += 1 } else { weight.whole += 1 }
            if Self.commonScalars.contains(scalar) { weight.common += 1 }
            index += length
        }
        return weight
    }

    /// The most frequent characters and marks of Chinese prose in both scripts.
    private static let commonScalars = ScalarSet("的一是在不了有和人这這中大为為上个個国國我以要他时時来來用们們生到作地于於出就分对對成会會可主发發年动動同工也能下过過子说說产產种種面而方后後多定行学學法所民得经經十三之进進着等部度家电電力里裡如水化高自二理起小物现現实實加量都两兩体體制机機当當使点點从從业業本去把性好应應开開它合还還因由其些然前外天政四日那社义義事平形相全表间間样樣与與关關各重新线線内內数數正心反你明看原又么麼利比或但质質气氣第向道命此变變条條只没沒结結解问問意建月公无無系很情者最立代想已通并並提直题題党黨程展五果料象员員革位入常文总總次品式活设設及管特件长長求老头頭基资資边邊流路级級少图圖山统統接知较較将將组組见見计計别別她手角期根论論运運，。、：；（）“”「」《》")
}
