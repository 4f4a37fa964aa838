// MessagePack bytes while they are read: the one place that looks at them. Every function is total over all inputs.
//
// Invariants:
//  (1) `head(at:)` checks the marker and its length field against the end of the bytes; a string's or binary's bytes lie
//      wholly inside; an array claims at most one element a byte that is left, a map one pair for two.
//  (2) Nothing is allocated from a length before (1) was checked.
//  (3) `end(of:)` recurses at most `depthLimit` deep.

/// Why bytes are no readable value; becomes a `DecodingError` with the keys that led there.
struct MessagePackFlaw: Error {
    /// Offset of the value in the whole input.
    let offset: Int
    let reason: String
}

/// Reads values at offsets of an array of bytes.
struct MessagePackReader {
    /// What a marker announces. Ranges of bytes are half-open offsets.
    enum Head {
        case null
        case bool(Bool)
        case unsigned(UInt64)
        case negative(Int64)
        case float(Float)
        case double(Double)
        case string(Range<Int>)
        case binary(Range<Int>)
        /// Elements, and the offset of the first.
        case array(count: Int, first: Int)
        /// Pairs, and the offset of the first key.
        case map(count: Int, first: Int)

        /// The word for it in an error message.
        var name: String {
            switch self {
            case .null: "nil"
            case .bool: "a boolean"
            case .unsigned, .negative: "an integer"
            case .float, .double: "a floating-point number"
            case .string: "a string"
            case .binary: "binary"
            case .array: "an array"
            case .map: "a map"
            }
        }
    }

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads a marker and what belongs to it; `end` is the offset after it, or, for containers, of their first element.
    func head(at offset: Int) throws(MessagePackFlaw) -> (head: Head, end: Int) {
        guard offset >= 0, offset < bytes.count else { throw flaw(offset, "the bytes end where a value should stand") }
        let marker = bytes[offset]
        let next = offset + 1
        switch marker {
        case 0x00...0x7f: return (.unsigned(UInt64(marker)), next)
        case 0x80...0x8f: return try map(Int(marker & 0x0f), next)
        case 0x90...0x9f: return try array(Int(marker & 0x0f), next)
        case 0xa0...0xbf: return try string(Int(marker & 0x1f), next)
        case MessagePackFormat.null: return (.null, next)
        case MessagePackFormat.false: return (.bool(false), next)
        case MessagePackFormat.true: return (.bool(true), next)
        case MessagePackFormat.binary8: return try binary(length(1, next), next + 1)
        case MessagePackFormat.binary16: return try binary(length(2, next), next + 2)
        case MessagePackFormat.binary32: return try binary(length(4, next), next + 4)
        case MessagePackFormat.float32:
            return try (.float(Float(bitPattern: UInt32(truncatingIfNeeded: number(4, next)))), next + 4)
        case MessagePackFormat.float64: return try (.double(Double(bitPattern: number(8, next))), next + 8)
        case MessagePackFormat.unsigned8: return try (.unsigned(number(1, next)), next + 1)
        case MessagePackFormat.unsigned16: return try (.unsigned(number(2, next)), next + 2)
        case MessagePackFormat.unsigned32: return try (.unsigned(number(4, next)), next + 4)
        case MessagePackFormat.unsigned64: return try (.unsigned(number(8, next)), next + 8)
        case MessagePackFormat.signed8:
            return try (signed(Int64(Int8(truncatingIfNeeded: number(1, next)))), next + 1)
        case MessagePackFormat.signed16:
            return try (signed(Int64(Int16(truncatingIfNeeded: number(2, next)))), next + 2)
        case MessagePackFormat.signed32:
            return try (signed(Int64(Int32(truncatingIfNeeded: number(4, next)))), next + 4)
        case MessagePackFormat.signed64: return try (signed(Int64(bitPattern: number(8, next))), next + 8)
        case MessagePackFormat.string8: return try string(length(1, next), next + 1)
        case MessagePackFormat.string16: return try string(length(2, next), next + 2)
        case MessagePackFormat.string32: return try string(length(4, next), next + 4)
        case MessagePackFormat.array16: return try array(length(2, next), next + 2)
        case MessagePackFormat.array32: return try array(length(4, next), next + 4)
        case MessagePackFormat.map16: return try map(length(2, next), next + 2)
        case MessagePackFormat.map32: return try map(length(4, next), next + 4)
        case 0xe0...0xff: return (.negative(Int64(Int8(bitPattern: marker))), next)
        default: throw flaw(offset, "marker 0x\(String(marker, radix: 16)) is no type that is taken here")
        }
    }

    /// The offset after the value at `offset`, with everything it contains.
    ///
    /// - Complexity: O(values inside), whatever the strings' lengths.
    func end(of offset: Int, depth: Int) throws(MessagePackFlaw) -> Int {
        let (head, end) = try head(at: offset)
        let children: Int
        switch head {
        case .array(let count, _): children = count
        case .map(let count, _): children = 2 * count
        default: return end
        }
        guard depth < MessagePackFormat.depthLimit else { throw tooDeep(offset) }
        var position = end
        for _ in 0..<children { position = try self.end(of: position, depth: depth + 1) }
        return position
    }

    /// True where the value at `offset` is a string with these bytes. `end` is the offset after the value; it is right
    /// for a string only, and nil for other values.
    func string(at offset: Int, equals key: String) throws(MessagePackFlaw) -> (isEqual: Bool, end: Int?) {
        guard case (.string(let range), let end) = try head(at: offset) else { return (false, nil) }
        let utf8 = key.utf8
        guard utf8.count == range.count else { return (false, end) }
        var position = range.lowerBound
        for byte in utf8 {
            if bytes[position] != byte { return (false, end) }
            position += 1
        }
        return (true, end)
    }

    /// The text of a string.
    ///
    /// - Throws: where the bytes are not UTF-8.
    func text(_ range: Range<Int>) throws(MessagePackFlaw) -> String {
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
            throw flaw(range.lowerBound, "a string of \(range.count) bytes is not UTF-8")
        }
        return text
    }

    func flaw(_ offset: Int, _ reason: String) -> MessagePackFlaw {
        MessagePackFlaw(offset: offset, reason: reason)
    }

    func tooDeep(_ offset: Int) -> MessagePackFlaw {
        flaw(offset, "containers go deeper than \(MessagePackFormat.depthLimit)")
    }

    // MARK: Heads

    private func number(_ size: Int, _ offset: Int) throws(MessagePackFlaw) -> UInt64 {
        guard size <= bytes.count - offset else { throw flaw(offset, "the bytes end inside a number") }
        var result: UInt64 = 0
        for index in offset..<offset + size { result = result << 8 | UInt64(bytes[index]) }
        return result
    }

    /// A length field; at most 32 bits, so it always fits.
    private func length(_ size: Int, _ offset: Int) throws(MessagePackFlaw) -> Int {
        try Int(truncatingIfNeeded: number(size, offset))
    }

    private func signed(_ number: Int64) -> Head {
        number < 0 ? .negative(number) : .unsigned(UInt64(number))
    }

    private func string(_ count: Int, _ first: Int) throws(MessagePackFlaw) -> (head: Head, end: Int) {
        try require(count, of: count, first)
        return (.string(first..<first + count), first + count)
    }

    private func binary(_ count: Int, _ first: Int) throws(MessagePackFlaw) -> (head: Head, end: Int) {
        try require(count, of: count, first)
        return (.binary(first..<first + count), first + count)
    }

    private func array(_ count: Int, _ first: Int) throws(MessagePackFlaw) -> (head: Head, end: Int) {
        try require(count, of: count, first)
        return (.array(count: count, first: first), first)
    }

    private func map(_ count: Int, _ first: Int) throws(MessagePackFlaw) -> (head: Head, end: Int) {
        try require(2 * count, of: count, first)
        return (.map(count: count, first: first), first)
    }

    private func require(_ size: Int, of claimed: Int, _ first: Int) throws(MessagePackFlaw) {
        guard size <= bytes.count - first else {
            throw flaw(first, "a length of \(claimed) where \(bytes.count - first) bytes are left")
        }
    }
}
