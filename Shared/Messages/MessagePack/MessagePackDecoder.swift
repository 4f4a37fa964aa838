// MessagePack to Codable. Input is untrusted: any bytes give a value or an error, in bounded memory.
//
// A struct's keys are expected in declaration order, as our encoder writes them: each lookup looks at the next pair
// first, then at the others in turn. Keys that nobody asks for are skipped. Numbers are taken in every form that holds
// the value exactly; a float64 is rounded for a `Float`.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads Codable values from MessagePack; see `MessagePackFormat` for the bytes.
package enum MessagePackDecoder {
    /// Decodes one value; the bytes must hold it and nothing after it.
    ///
    /// - Complexity: O(bytes) for values with their keys in declaration order; a map of `n` pairs costs O(n) for each
    ///   optional key that is not in it.
    /// - Throws: `DecodingError`, with the offset in its description.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let reader = MessagePackReader(bytes)
        let root = MessagePackNode(reader: reader, start: 0, depth: 0, parent: nil, key: nil)
        var end = 0
        let value = try root.decode(type, end: &end)
        guard end == bytes.count else {
            throw root.error(reader.flaw(end, "\(bytes.count - end) bytes follow the value"))
        }
        return value
    }
}

/// One value of the input and how far it was read; Codable's decoder for that value.
final class MessagePackNode: Decoder {
    let reader: MessagePackReader
    /// Offset of the value.
    let start: Int
    /// Containers around the value.
    let depth: Int
    private let parent: MessagePackNode?
    private let key: (any CodingKey)?
    /// Offset after the value, where its reading has shown it.
    var end: Int?
    /// For a map that is being read: pairs, the pair that is expected next, and that pair's offset.
    private(set) var pairs = 0
    private var first = 0
    private var index = 0
    private var position = 0

    init(reader: MessagePackReader, start: Int, depth: Int, parent: MessagePackNode?, key: (any CodingKey)?) {
        self.reader = reader
        self.start = start
        self.depth = depth
        self.parent = parent
        self.key = key
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var codingPath: [any CodingKey] {
        var path: [any CodingKey] = []
        var node: MessagePackNode? = self
        while let current = node {
            if let key = current.key { path.append(key) }
            node = current.parent
        }
        return path.reversed()
    }

    /// The node of a value inside this one.
    func child(at offset: Int, key: any CodingKey) -> MessagePackNode {
        MessagePackNode(reader: reader, start: offset, depth: depth + 1, parent: self, key: key)
    }

    /// Reads this node's value; `end` becomes the offset after it.
    func decode<Value: Decodable>(_ type: Value.Type, end: inout Int) throws -> Value {
        let direct = MessagePackDirectType(type)
        switch direct {
        case .other: break
        case .bytes, .data:
            // They may also stand there as an array of numbers.
            if try isBinary() { return try readDirectly(type, direct, end: &end) }
        default: return try readDirectly(type, direct, end: &end)
        }
        let value = try Value(from: self)
        end = try finish()
        return value
    }

    /// The offset after this value, whether or not its type read all of it.
    private func finish() throws -> Int {
        if let end { return end }
        return try checked { () throws(MessagePackFlaw) in
            guard pairs > 0 else { return try reader.end(of: start, depth: depth) }
            var offset = position
            for _ in 2 * index..<2 * pairs { offset = try reader.end(of: offset, depth: depth + 1) }
            return offset
        }
    }

    /// The bytes of this value, which is thereby passed.
    func wholeBytes() throws -> [UInt8] {
        let end = try checked { () throws(MessagePackFlaw) in try reader.end(of: start, depth: depth) }
        self.end = end
        return Array(reader.bytes[start..<end])
    }

    // MARK: Decoder

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .map(let count, let first) = try head() else { throw mismatch([String: Any].self, "a map") }
        pairs = count
        self.first = first
        index = 0
        position = first
        return KeyedDecodingContainer(MessagePackMapDecoding<Key>(node: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let count, let first) = try head() else { throw mismatch([Any].self, "an array") }
        return MessagePackArrayDecoding(node: self, elements: count, position: first)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        MessagePackScalarDecoding(node: self)
    }

    private func head() throws -> MessagePackReader.Head {
        try checked { () throws(MessagePackFlaw) in
            let head = try reader.head(at: start).head
            switch head {
            case .array, .map:
                guard depth < MessagePackFormat.depthLimit else { throw reader.tooDeep(start) }
            default: break
            }
            return head
        }
    }

    // MARK: Pairs

    /// Offset of the value of a key; nil where the map has no such key. The pair becomes the expected one.
    func locate(_ key: String) throws -> Int? {
        try checked { () throws(MessagePackFlaw) in
            var index = self.index
            var position = self.position
            for _ in 0..<pairs {
                if index == pairs { (index, position) = (0, first) }
                let (isEqual, keyEnd) = try reader.string(at: position, equals: key)
                let value = if let keyEnd { keyEnd } else { try reader.end(of: position, depth: depth + 1) }
                if isEqual {
                    (self.index, self.position) = (index, position)
                    return value
                }
                position = try reader.end(of: value, depth: depth + 1)
                index += 1
            }
            return nil
        }
    }

    /// Notes that the expected pair's value was read up to `end`.
    func advance(to end: Int) {
        index += 1
        position = end
    }

    /// The string keys of the map in the order of the bytes.
    func keys<Key: CodingKey>(_ type: Key.Type) throws -> [Key] {
        try checked { () throws(MessagePackFlaw) in
            var keys: [Key] = []
            var position = first
            for index in 0..<pairs {
                let (head, end) = try reader.head(at: position)
                if case .string(let range) = head {
                    if let key = Key(stringValue: try reader.text(range)) { keys.append(key) }
                    position = end
                } else {
                    position = try reader.end(of: position, depth: depth + 1)
                }
                if index + 1 < pairs { position = try reader.end(of: position, depth: depth + 1) }
            }
            return keys
        }
    }

    // MARK: Errors

    /// Runs a read and gives its flaw the keys that led here.
    func checked<Result>(_ body: () throws(MessagePackFlaw) -> Result) throws -> Result {
        do { return try body() } catch { throw self.error(error) }
    }

    func error(_ flaw: MessagePackFlaw) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: "\(flaw.reason), at byte \(flaw.offset)"))
    }

    func mismatch(_ type: Any.Type, _ wanted: String, at offset: Int? = nil, key: (any CodingKey)? = nil)
        -> DecodingError
    {
        let place = offset ?? start
        let found = (try? reader.head(at: place).head.name) ?? "no value"
        return .typeMismatch(
            type,
            .init(
                codingPath: codingPath + (key.map { [$0] } ?? []),
                debugDescription: "\(wanted) is wanted and \(found) stands there, at byte \(place)"))
    }
}
