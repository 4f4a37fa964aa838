// Folding without tokens: for names and exact values that must compare equal however they were typed.

extension Analyzer {
    /// `text` with every character folded as in terms: width, case, diacritics, traditional and variant Han forms.
    /// Separators stay, a run of white space becomes one space, other transparent characters go; no space is left at
    /// either end. `Ｃｏｖｉｄ－１９` gives `covid19`, ` 上海 發布 ` gives `上海 发布`.
    package func folded(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let tables = FoldingTables.shared
        var result: [UInt8] = []
        var index = 0
        var isSpacePending = false
        while index < bytes.count {
            let scalar = UTF8Reader.scalar(bytes, at: index, limit: bytes.count)
            index += scalar.length
            let entry = tables.entry(scalar.value)
            let kind = entry >> 28
            let target = entry & 0x1F_FFFF
            if kind == CharacterClass.transparent.rawValue || kind == CharacterClass.apostrophe.rawValue {
                isSpacePending = isSpacePending || Self.isSpace(scalar.value)
                continue
            }
            if isSpacePending, !result.isEmpty { result.append(0x20) }
            isSpacePending = false
            if kind == CharacterClass.letters.rawValue || kind == CharacterClass.characters.rawValue {
                for part in tables.expansion(entry) { UTF8Reader.append(part, to: &result) }
            } else {
                UTF8Reader.append(target == 0 ? scalar.value : target, to: &result)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }
}
