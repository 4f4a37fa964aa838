// Reads JSON and remembers where the members of a record stand, so that a mistake can name its place.
//
// RFC 8259, strictly: no comments, no trailing commas, no member twice. Numbers without fraction and exponent that fit in
// 64 bits stay whole. Depth, and by the caller the bytes, are bounded.

import Messages

/// Reads one JSON text.
struct JSONText {
    /// Deeper texts are refused; records are two or three deep.
    static let maximumDepth = 16

    /// Why a text is no JSON, and at which byte.
    struct Mistake: Error {
        var message: String
        var offset: Int
    }

    /// A record with the place of each member's value.
    struct Object {
        var members: [(name: String, value: JSONValue, offset: Int)] = []
    }

    private let bytes: ArraySlice<UInt8>
    private(set) var place: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// The next byte that is not white space.
    var next: UInt8? {
        mutating get {
            skipSpace()
            return place < bytes.endIndex ? bytes[place] : nil
        }
    }

    /// Takes a byte that must stand here, white space before it allowed.
    mutating func expect(_ byte: UInt8, _ what: String) throws(Mistake) {
        guard next == byte else { throw mistake("\(what) is missing") }
        place += 1
    }

    /// Takes a byte if it stands here.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    /// One object, with the place of each value.
    mutating func object(depth: Int = 0) throws(Mistake) -> Object {
        try expect(UInt8(ascii: "{"), "the { of an object")
        var object = Object()
        var names: Set<String> = []
        object.members.reserveCapacity(16)
        if take(UInt8(ascii: "}")) { return object }
        repeat {
            guard next == UInt8(ascii: "\"") else { throw mistake("a name in quotation marks is missing") }
            let start = place
            let name = try string()
            guard names.insert(name).inserted else { throw Mistake(message: "'\(name)' stands twice", offset: start) }
            try expect(UInt8(ascii: ":"), "the : behind '\(FieldCheck.short(name))'")
            skipSpace()
            let offset = place
            object.members.append((name, try value(depth: depth + 1), offset))
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "a comma or the } of an object")
        return object
    }

    mutating func value(depth: Int = 0) throws(Mistake) -> JSONValue {
        guard depth <= Self.maximumDepth else { throw mistake("more than \(Self.maximumDepth) levels") }
        switch next {
        case UInt8(ascii: "{"):
            var values: [String: JSONValue] = [:]
            for member in try object(depth: depth).members { values[member.name] = member.value }
            return .object(values)
        case UInt8(ascii: "["):
            place += 1
            var values: [JSONValue] = []
            if take(UInt8(ascii: "]")) { return .list(values) }
            repeat { values.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
            try expect(UInt8(ascii: "]"), "a comma or the ] of a list")
            return .list(values)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    // MARK: Scalars

    private mutating func word(_ word: String, _ value: JSONValue) throws(Mistake) -> JSONValue {
        let wanted = Array(word.utf8)
        guard bytes.endIndex - place >= wanted.count, bytes[place..<place + wanted.count].elementsEqual(wanted) else {
            throw mistake("no value")
        }
        place += wanted.count
        return value
    }

    private mutating func number() throws(Mistake) -> JSONValue {
        let start = place
        var isWhole = true
        if place < bytes.endIndex, bytes[place] == UInt8(ascii: "-") { place += 1 }
        let digits = place
        takeDigits()
        guard place > digits, place == digits + 1 || bytes[digits] != UInt8(ascii: "0") else {
            place = start
            throw mistake("no value")
        }
        if place < bytes.endIndex, bytes[place] == UInt8(ascii: ".") {
            isWhole = false
            place += 1
            try needDigits()
        }
        if place < bytes.endIndex, bytes[place] | 0x20 == UInt8(ascii: "e") {
            isWhole = false
            place += 1
            if place < bytes.endIndex, bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-") { place += 1 }
            try needDigits()
        }
        guard place - start <= 400 else { throw Mistake(message: "a number of \(place - start) digits", offset: start) }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            throw Mistake(message: "the number \(FieldCheck.short(text)) is out of range", offset: start)
        }
        return .number(value)
    }

    private mutating func takeDigits() {
        while place < bytes.endIndex, (0x30...0x39).contains(bytes[place]) { place += 1 }
    }

    private mutating func needDigits() throws(Mistake) {
        let start = place
        takeDigits()
        guard place > start else { throw mistake("a digit is missing") }
    }

    private mutating func string() throws(Mistake) -> String {
        let start = place
        place += 1
        var run = place
        var escaped: [UInt8]?
        while place < bytes.endIndex {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                let tail = bytes[run..<place]
                place += 1
                let decoded = escaped.map { String(validating: $0 + tail, as: UTF8.self) } ?? String(validating: tail, as: UTF8.self)
                guard let decoded else { throw Mistake(message: "a text that is not UTF-8", offset: start) }
                return decoded
            case UInt8(ascii: "\\"):
                var before = escaped ?? []
                before.append(contentsOf: bytes[run..<place])
                try escape(into: &before)
                escaped = before
                run = place
            case 0..<0x20: throw mistake("a control character in a text; write it as \\n or \\u00XX")
            default: place += 1
            }
        }
        throw Mistake(message: "a text without end", offset: start)
    }

    private mutating func escape(into result: inout [UInt8]) throws(Mistake) {
        place += 1
        guard place < bytes.endIndex else { throw mistake("a text without end") }
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourDigits()
            if (0xD800..<0xDC00).contains(code) {
                guard bytes.endIndex - place >= 2, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u")
                else { throw mistake("half a character") }
                place += 2
                let low = try fourDigits()
                guard (0xDC00..<0xE000).contains(low) else { throw mistake("half a character") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw mistake("half a character") }
            result.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw mistake("an escape that JSON does not know")
        }
    }

    private mutating func fourDigits() throws(Mistake) -> UInt32 {
        guard bytes.endIndex - place >= 4,
            let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16),
            bytes[place] != UInt8(ascii: "+"), bytes[place] != UInt8(ascii: "-")
        else { throw mistake("four digits are missing behind \\u") }
        place += 4
        return code
    }

    private mutating func skipSpace() {
        while place < bytes.endIndex {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            default: return
            }
        }
    }

    private func mistake(_ message: String) -> Mistake {
        Mistake(message: place < bytes.endIndex ? message : "\(message); the text ends here", offset: place)
    }
}
