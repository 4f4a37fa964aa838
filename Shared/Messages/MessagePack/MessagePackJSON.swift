// MessagePack to JSON (RFC 8259), byte by byte: our encoder and this pass in the place of Foundation's JSON encoder, which answers
// of a search spent much of the gateway's time in.
//
// As Foundation writes it: numbers in their shortest form, whole ones without a point; `"`, `\` and control characters escaped.
// Members stand in the order in which they were encoded.

/// Writes what `MessagePackEncoder` wrote as JSON.
package enum MessagePackJSON {
    /// The JSON of a value.
    ///
    /// - Throws: `EncodingError` where JSON has no form for it, and what its own `encode(to:)` throws.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        guard let text = text(of: try MessagePackEncoder.encode(value)) else {
            throw EncodingError.invalidValue(
                value, .init(codingPath: [], debugDescription: "a number that is not finite, or binary, has no JSON"))
        }
        return text
    }

    /// The JSON of one encoded value; nil for binary, for numbers that are not finite, and for bytes that our encoder does not write.
    ///
    /// - Complexity: O(bytes).
    static func text(of bytes: [UInt8]) -> [UInt8]? {
        var writer = JSONWriter(bytes: bytes)
        guard writer.writeValue(level: 0), writer.place == bytes.count else { return nil }
        return writer.text
    }
}

private struct JSONWriter {
    let bytes: [UInt8]
    var place = 0
    var text: [UInt8] = []

    private static let digits = Array("0123456789abcdef".utf8)

    init(bytes: [UInt8]) {
        self.bytes = bytes
        text.reserveCapacity(bytes.count + bytes.count / 4)
    }

    /// False for what has no JSON.
    mutating func writeValue(level: Int) -> Bool {
        guard level <= MessagePackFormat.depthLimit, place < bytes.count else { return false }
        let marker = bytes[place]
        place += 1
        switch marker {
        case 0x00...0x7f: write("\(marker)")
        case 0x80...0x8f: return writeMap(Int(marker & 0x0f), level)
        case 0x90...0x9f: return writeArray(Int(marker & 0x0f), level)
        case 0xa0...0xbf: return writeString(Int(marker & 0x1f))
        case 0xe0...0xff: write("\(Int8(bitPattern: marker))")
        case MessagePackFormat.null: write("null")
        case MessagePackFormat.false: write("false")
        case MessagePackFormat.true: write("true")
        default: return writeLong(marker, level)
        }
        return true
    }

    /// What has its length or its number behind the marker.
    private mutating func writeLong(_ marker: UInt8, _ level: Int) -> Bool {
        switch marker {
        case MessagePackFormat.float32:
            guard let bits = number(4) else { return false }
            return writeReal(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case MessagePackFormat.float64:
            guard let bits = number(8) else { return false }
            return writeReal(Double(bitPattern: bits))
        case MessagePackFormat.unsigned8...MessagePackFormat.unsigned64:
            guard let value = number(1 << Int(marker - MessagePackFormat.unsigned8)) else { return false }
            write("\(value)")
        case MessagePackFormat.signed8...MessagePackFormat.signed64:
            let size = 1 << Int(marker - MessagePackFormat.signed8)
            guard let value = number(size) else { return false }
            let shift = 64 - size * 8
            write("\(Int64(bitPattern: value << shift) >> shift)")
        case MessagePackFormat.string8...MessagePackFormat.string32:
            guard let count = number(1 << Int(marker - MessagePackFormat.string8)) else { return false }
            return writeString(Int(count))
        case MessagePackFormat.array16, MessagePackFormat.array32:
            guard let count = number(marker == MessagePackFormat.array16 ? 2 : 4) else { return false }
            return writeArray(Int(count), level)
        case MessagePackFormat.map16, MessagePackFormat.map32:
            guard let count = number(marker == MessagePackFormat.map16 ? 2 : 4) else { return false }
            return writeMap(Int(count), level)
        default: return false
        }
        return true
    }

    private mutating func writeMap(_ count: Int, _ level: Int) -> Bool {
        text.append(UInt8(ascii: "{"))
        for pair in 0..<count {
            if pair > 0 { text.append(UInt8(ascii: ",")) }
            guard place < bytes.count, isString(bytes[place]), writeValue(level: level + 1) else { return false }
            text.append(UInt8(ascii: ":"))
            guard writeValue(level: level + 1) else { return false }
        }
        text.append(UInt8(ascii: "}"))
        return true
    }

    private mutating func writeArray(_ count: Int, _ level: Int) -> Bool {
        text.append(UInt8(ascii: "["))
        for element in 0..<count {
            if element > 0 { text.append(UInt8(ascii: ",")) }
            guard writeValue(level: level + 1) else { return false }
        }
        text.append(UInt8(ascii: "]"))
        return true
    }

    private func isString(_ marker: UInt8) -> Bool {
        marker & 0xe0 == MessagePackFormat.fixedString
            || (MessagePackFormat.string8...MessagePackFormat.string32).contains(marker)
    }

    private mutating func writeString(_ count: Int) -> Bool {
        guard count <= bytes.count - place else { return false }
        let end = place + count
        text.append(UInt8(ascii: "\""))
        var start = place
        for index in place..<end {
            let byte = bytes[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            text.append(contentsOf: bytes[start..<index])
            writeEscape(byte)
            start = index + 1
        }
        text.append(contentsOf: bytes[start..<end])
        text.append(UInt8(ascii: "\""))
        place = end
        return true
    }

    private mutating func writeEscape(_ byte: UInt8) {
        text.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: text.append(UInt8(ascii: "b"))
        case 0x09: text.append(UInt8(ascii: "t"))
        case 0x0A: text.append(UInt8(ascii: "n"))
        case 0x0C: text.append(UInt8(ascii: "f"))
        case 0x0D: text.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(byte)
        default:
            write("u00")
            text.append(Self.digits[Int(byte >> 4)])
            text.append(Self.digits[Int(byte & 15)])
        }
    }

    private mutating func writeReal<Real: BinaryFloatingPoint & CustomStringConvertible>(_ value: Real) -> Bool {
        guard value.isFinite else { return false }
        let shortest = value.description
        write(shortest.hasSuffix(".0") ? String(shortest.dropLast(2)) : shortest)
        return true
    }

    /// Big-endian.
    private mutating func number(_ size: Int) -> UInt64? {
        guard size <= bytes.count - place else { return nil }
        var value: UInt64 = 0
        for _ in 0..<size {
            value = value << 8 | UInt64(bytes[place])
            place += 1
        }
        return value
    }

    private mutating func write(_ ascii: String) { text.append(contentsOf: ascii.utf8) }
}
