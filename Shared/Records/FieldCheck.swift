// Whether a value fits its field, and its checked form: the one that is stored, indexed and returned.
//
//     text, keyword, date   a string; dates as `PartialDate.text`
//     integer, number       a number
//     boolean               true or false
//     point                 {"lat": …, "lon": …}, WGS-84
//     area                  {"type": "Polygon", "coordinates": [[[lon, lat], …]]}, WGS-84, one ring
//     a list field          a list of these, without repetitions, never empty

import Geography
package import Messages

/// Why a value does not fit.
package struct MisfitError: Error, Sendable, Hashable {
    package var message: String
}

package enum FieldCheck {
    /// Checks a JSON value other than null.
    package static func checked(
        _ value: JSONValue, _ field: FieldDeclaration
    ) throws(MisfitError) -> JSONValue {
        guard field.isList else { return try single(value, field) }
        let elements = value.elements
        guard (1...DeclarationLimits.listValues).contains(elements.count) else {
            throw MisfitError(message: "\(elements.count) values; give 1 to \(DeclarationLimits.listValues)")
        }
        var result: [JSONValue] = []
        for element in elements {
            let checked = try single(element, field)
            if !result.contains(checked) { result.append(checked) }
        }
        return .list(result)
    }

    /// Checks the text of a table's cell, which is not empty. Values of a list are separated by `;`, `；` or `|`.
    package static func checked(cell: String, _ field: FieldDeclaration) throws(MisfitError) -> JSONValue {
        guard field.isList else { return try single(try value(ofCell: cell, field), field) }
        var values: [JSONValue] = []
        for part in cell.split(whereSeparator: { ";；|".contains($0) }) {
            let text = part.trimmed
            if !text.isEmpty { values.append(try value(ofCell: text, field)) }
        }
        return try checked(.list(values), field)
    }

    private static func value(ofCell cell: String, _ field: FieldDeclaration) throws(MisfitError) -> JSONValue {
        switch field.type {
        case .text, .keyword, .date, .point, .area: return .string(cell)
        case .integer:
            guard let value = Int64(cell.trimmed) else { throw misfit("'\(short(cell))' is no whole number") }
            return .integer(value)
        case .number:
            guard let value = Double(cell.trimmed), value.isFinite else { throw misfit("'\(short(cell))' is no number") }
            return .number(value)
        case .boolean:
            switch cell.trimmed.lowercased() {
            case "true", "yes", "1", "是", "有", "开": return .boolean(true)
            case "false", "no", "0", "否", "无", "关": return .boolean(false)
            default: throw misfit("'\(short(cell))' is neither true nor false (是, 否)")
            }
        }
    }

    private static func single(_ value: JSONValue, _ field: FieldDeclaration) throws(MisfitError) -> JSONValue {
        switch field.type {
        case .text, .keyword: return try text(value, field)
        case .integer:
            guard let whole = whole(value) else { throw misfit("\(kind(value)) where a whole number belongs") }
            try within(Double(whole), field)
            return .integer(whole)
        case .number:
            guard let number = value.double, number.isFinite else { throw misfit("\(kind(value)) where a number belongs") }
            try within(number, field)
            return .number(number)
        case .boolean:
            guard case .boolean = value else { throw misfit("\(kind(value)) where true or false belongs") }
            return value
        case .date:
            let written = value.text ?? whole(value).map { "\($0)" }
            guard let written, let date = DateText.read(written.trimmed) else {
                throw misfit("\(kind(value)) where a date belongs; write 2020-02-08, 2020-02, 2020 or --02-08")
            }
            return .string(date.text)
        case .point:
            let point = try PlaceText.point(value, field.coordinates)
            return .object(["lat": .number(point.latitude), "lon": .number(point.longitude)])
        case .area: return try PlaceText.area(value, field.coordinates)
        }
    }

    private static func text(_ value: JSONValue, _ field: FieldDeclaration) throws(MisfitError) -> JSONValue {
        let written: String
        switch value {
        case .string(let text): written = text
        // A table's numbers are names as often as not: 101 is a fine keyword.
        case .integer(let number) where field.type == .keyword: written = "\(number)"
        default: throw misfit("\(kind(value)) where a text belongs")
        }
        let text = field.type == .keyword ? written.trimmed : written
        guard !text.isEmpty else { throw misfit("an empty text; leave the field out") }
        guard text.utf8.count <= field.maximumLength || text.count <= field.maximumLength else {
            throw misfit("\(text.count) characters; at most \(field.maximumLength) are allowed")
        }
        guard field.type == .text || text.utf8.count <= keywordBytes else {
            throw misfit("\(text.utf8.count) bytes; at most \(keywordBytes) are allowed in a keyword")
        }
        guard field.values.isEmpty || field.values.contains(text) else {
            let allowed = field.values.prefix(12).joined(separator: ", ")
            throw misfit("'\(short(text))' is not one of: \(allowed)\(field.values.count > 12 ? ", …" : "")")
        }
        return .string(text)
    }

    /// What the index takes of a keyword, with room for its prefix.
    private static let keywordBytes = 4000

    private static func whole(_ value: JSONValue) -> Int64? {
        switch value {
        case .integer(let whole): whole
        case .number(let number): Int64(exactly: number)
        default: nil
        }
    }

    private static func within(_ number: Double, _ field: FieldDeclaration) throws(MisfitError) {
        if let minimum = field.minimum, number < minimum { throw misfit("\(number) is less than \(minimum)") }
        if let maximum = field.maximum, number > maximum { throw misfit("\(number) is greater than \(maximum)") }
    }

    static func misfit(_ message: String) -> MisfitError { MisfitError(message: message) }

    /// What a value is, for a message; long ones are cut.
    static func kind(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let text): "'\(short(text))'"
        case .list: "a list"
        case .object: "an object"
        }
    }

    static func short(_ text: String) -> String { text.count > 40 ? "\(text.prefix(40))…" : text }
}

extension StringProtocol {
    /// The text without white space at its ends.
    var trimmed: String {
        let text = String(self)
        if text.hasFirmEnds { return text }
        guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}

extension String {
    /// True where both ends are letters of ASCII or common Chinese ones, which nearly all values have: no character needs to be
    /// looked up then, a third of the time of reading a table. False says nothing.
    fileprivate var hasFirmEnds: Bool {
        func isFirm(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) || (0xE4...0xE9).contains(byte) }
        guard let first = utf8.first, isFirm(first) else { return false }
        // Of the last character, the byte that begins it: U+4000 to U+9FFF have three.
        let end = utf8.suffix(3)
        guard let last = end.last, let lead = end.first else { return false }
        return last & 0xC0 == 0x80 ? end.count == 3 && (0xE4...0xE9).contains(lead) : isFirm(last)
    }
}
