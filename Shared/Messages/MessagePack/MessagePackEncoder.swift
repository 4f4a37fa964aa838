// Codable to MessagePack: structs become maps with string keys in declaration order.
//
// As in JSON, an enum with associated values is a map of one pair, an optional that is nil is left out, and a type that
// encodes nothing is an empty map. `[UInt8]` and `Data` are binary, not arrays of numbers. Floating-point values keep
// their bits, NaN and infinities included.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Writes Codable values as MessagePack; see `MessagePackFormat` for the bytes.
package enum MessagePackEncoder {
    /// Encodes one value.
    ///
    /// - Throws: `EncodingError` where containers go deeper than 64 or are used interleaved, and what the value's own
    ///   `encode(to:)` throws.
    package static func encode<Value: Encodable>(_ value: Value) throws -> [UInt8] {
        let target = MessagePackTarget()
        let root = MessagePackEncoding(target: target, level: 0, start: 0)
        if try !target.writer.writeDirectly(value) { try value.encode(to: root) }
        return try target.writer.finish()
    }
}

/// What all containers of one encoding write to.
final class MessagePackTarget {
    var writer = MessagePackWriter()

    /// Writes a value at the place that was begun.
    func write<Value: Encodable>(_ value: Value, key: some CodingKey) throws {
        if try writer.writeDirectly(value) { return }
        let place = writer.enter(key)
        defer { writer.leave() }
        do {
            try value.encode(to: MessagePackEncoding(target: self, level: place.level, start: place.start))
        } catch {
            throw writer.note(error)
        }
    }
}

extension MessagePackWriter {
    /// Writes a value whose type is known here without asking it to encode itself; false for all other types.
    mutating func writeDirectly<Value: Encodable>(_ value: Value) throws -> Bool {
        switch MessagePackDirectType(Value.self) {
        case .string: write(sameType(value, as: String.self))
        case .int: try write(sameType(value, as: Int.self))
        case .double: write(sameType(value, as: Double.self))
        case .bytes: writeBinary(sameType(value, as: [UInt8].self))
        case .data: writeBinary(sameType(value, as: Data.self))
        case .strings:
            let place = self.place
            let container = openContainer(.array, level: place.level, start: place.start)
            for string in sameType(value, as: [String].self) {
                try beginElement(of: container)
                write(string)
            }
        case .json: try write(sameType(value, as: JSONValue.self))
        case .jsonObject: try write(sameType(value, as: [String: JSONValue].self))
        case .other: return false
        }
        return true
    }

    private mutating func write(_ value: JSONValue) throws {
        switch value {
        case .null: writeNil()
        case .boolean(let isTrue): write(isTrue)
        case .integer(let number): try write(number)
        case .number(let number): write(number)
        case .string(let text): write(text)
        case .list(let values):
            let place = self.place
            let container = openContainer(.array, level: place.level, start: place.start)
            for value in values {
                try beginElement(of: container)
                try write(value)
            }
        case .object(let values): try write(values)
        }
    }

    private mutating func write(_ values: [String: JSONValue]) throws {
        let place = self.place
        let container = openContainer(.map, level: place.level, start: place.start)
        for (name, value) in values {
            try beginPair(of: container, key: name)
            try write(value)
        }
    }
}

/// Codable's view of one place in the writer.
struct MessagePackEncoding: Encoder {
    let target: MessagePackTarget
    /// Containers open around this place.
    let level: Int
    /// The place's offset.
    let start: Int

    var codingPath: [any CodingKey] { target.writer.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let id = target.writer.openContainer(.map, level: level, start: start)
        return KeyedEncodingContainer(MessagePackMapEncoding<Key>(target: target, id: id))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        MessagePackArrayEncoding(target: target, id: target.writer.openContainer(.array, level: level, start: start))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        MessagePackScalarEncoding(target: target, start: start)
    }

    /// Writes a value that is encoded already.
    func write(encoded bytes: [UInt8]) throws {
        try target.writer.requireEmptyPlace(start: start)
        target.writer.write(encoded: bytes)
    }
}

/// A map being written.
struct MessagePackMapEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let target: MessagePackTarget
    let id: MessagePackWriter.ContainerID

    var codingPath: [any CodingKey] { target.writer.path }

    mutating func encodeNil(forKey key: Key) throws {
        try target.writer.beginPair(of: id, key: key.stringValue)
        target.writer.writeNil()
    }

    mutating func encode(_ value: Bool, forKey key: Key) throws {
        try target.writer.beginPair(of: id, key: key.stringValue)
        target.writer.write(value)
    }

    mutating func encode(_ value: String, forKey key: Key) throws {
        try target.writer.beginPair(of: id, key: key.stringValue)
        target.writer.write(value)
    }

    mutating func encode(_ value: Double, forKey key: Key) throws {
        try target.writer.beginPair(of: id, key: key.stringValue)
        target.writer.write(value)
    }

    mutating func encode(_ value: Float, forKey key: Key) throws {
        try target.writer.beginPair(of: id, key: key.stringValue)
        target.writer.write(value)
    }

    mutating func encode(_ value: Int, forKey key: Key) throws {
        try target.writer.beginPair(of: id, key: key.stringValue)
        try target.writer.write(value)
    }

    mutating func encode<Number: FixedWidthInteger & Encodable>(_ value: Number, forKey key: Key) throws {
        try target.writer.beginPair(of: id, key: key.stringValue)
        try target.writer.write(value)
    }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try target.writer.beginPair(of: id, key: key.stringValue)
        try target.write(value, key: key)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        superEncoding(forKey: key).container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        superEncoding(forKey: key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        superEncoding(forKey: MessagePackKey.super)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        superEncoding(forKey: key)
    }

    /// A place for the value of `key`; one that refuses every write where the pair could not be begun, because this
    /// requirement cannot throw. The writer remembers the error.
    private func superEncoding(forKey key: any CodingKey) -> MessagePackEncoding {
        do {
            try target.writer.beginPair(of: id, key: key.stringValue)
        } catch {
            return MessagePackEncoding(target: target, level: -1, start: -1)
        }
        let place = target.writer.place
        return MessagePackEncoding(target: target, level: place.level, start: place.start)
    }
}

/// An array being written.
struct MessagePackArrayEncoding: UnkeyedEncodingContainer {
    let target: MessagePackTarget
    let id: MessagePackWriter.ContainerID

    var codingPath: [any CodingKey] { target.writer.path }
    var count: Int { target.writer.count(of: id) }

    mutating func encodeNil() throws {
        try target.writer.beginElement(of: id)
        target.writer.writeNil()
    }

    mutating func encode(_ value: Bool) throws {
        try target.writer.beginElement(of: id)
        target.writer.write(value)
    }

    mutating func encode(_ value: String) throws {
        try target.writer.beginElement(of: id)
        target.writer.write(value)
    }

    mutating func encode(_ value: Double) throws {
        try target.writer.beginElement(of: id)
        target.writer.write(value)
    }

    mutating func encode(_ value: Float) throws {
        try target.writer.beginElement(of: id)
        target.writer.write(value)
    }

    mutating func encode<Number: FixedWidthInteger & Encodable>(_ value: Number) throws {
        try target.writer.beginElement(of: id)
        try target.writer.write(value)
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try target.writer.beginElement(of: id)
        try target.write(value, key: MessagePackKey(index: count - 1))
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
        elementEncoding().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        elementEncoding().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        elementEncoding()
    }

    /// A place for the next element; see `MessagePackMapEncoding.superEncoding`.
    private func elementEncoding() -> MessagePackEncoding {
        do {
            try target.writer.beginElement(of: id)
        } catch {
            return MessagePackEncoding(target: target, level: -1, start: -1)
        }
        let place = target.writer.place
        return MessagePackEncoding(target: target, level: place.level, start: place.start)
    }
}

/// A place that takes one value.
struct MessagePackScalarEncoding: SingleValueEncodingContainer {
    let target: MessagePackTarget
    let start: Int

    var codingPath: [any CodingKey] { target.writer.path }

    mutating func encodeNil() throws {
        try target.writer.requireEmptyPlace(start: start)
        target.writer.writeNil()
    }

    mutating func encode(_ value: Bool) throws {
        try target.writer.requireEmptyPlace(start: start)
        target.writer.write(value)
    }

    mutating func encode(_ value: String) throws {
        try target.writer.requireEmptyPlace(start: start)
        target.writer.write(value)
    }

    mutating func encode(_ value: Double) throws {
        try target.writer.requireEmptyPlace(start: start)
        target.writer.write(value)
    }

    mutating func encode(_ value: Float) throws {
        try target.writer.requireEmptyPlace(start: start)
        target.writer.write(value)
    }

    mutating func encode<Number: FixedWidthInteger & Encodable>(_ value: Number) throws {
        try target.writer.requireEmptyPlace(start: start)
        try target.writer.write(value)
    }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try target.writer.requireEmptyPlace(start: start)
        if try !target.writer.writeDirectly(value) {
            let place = target.writer.place
            try value.encode(to: MessagePackEncoding(target: target, level: place.level, start: place.start))
        }
    }
}
