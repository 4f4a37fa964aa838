// Codable's containers over a `MessagePackNode`.

/// A map being read. Its cursor lives in the node, because Codable's keyed containers do not mutate.
struct MessagePackMapDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let node: MessagePackNode

    var codingPath: [any CodingKey] { node.codingPath }

    /// Keys that are strings and known to `Key`; empty where the bytes are broken, which every decode reports.
    var allKeys: [Key] { (try? node.keys(Key.self)) ?? [] }

    func contains(_ key: Key) -> Bool {
        (try? node.locate(key.stringValue)) != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        let offset = try offset(of: key)
        guard node.isNil(at: offset) else { return false }
        node.advance(to: offset + 1)
        return true
    }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        try take(key) { try node.bool(at: $0, end: &$1, key: key) }
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        try take(key) { try node.string(at: $0, end: &$1, key: key) }
    }

    func decode(_ type: Double.Type, forKey key: Key) throws -> Double {
        try take(key) { try node.double(at: $0, end: &$1, key: key) }
    }

    func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
        try take(key) { try node.float(at: $0, end: &$1, key: key) }
    }

    func decode(_ type: Int.Type, forKey key: Key) throws -> Int {
        try take(key) { try node.integer(type, at: $0, end: &$1, key: key) }
    }

    func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type, forKey key: Key) throws -> Number {
        try take(key) { try node.integer(type, at: $0, end: &$1, key: key) }
    }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try take(key) { try node.value(type, at: $0, end: &$1, key: key) }
    }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? {
        try takePresent(key) { try node.bool(at: $0, end: &$1, key: key) }
    }

    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try takePresent(key) { try node.string(at: $0, end: &$1, key: key) }
    }

    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try takePresent(key) { try node.double(at: $0, end: &$1, key: key) }
    }

    func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? {
        try takePresent(key) { try node.float(at: $0, end: &$1, key: key) }
    }

    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
        try takePresent(key) { try node.integer(type, at: $0, end: &$1, key: key) }
    }

    func decodeIfPresent<Number: FixedWidthInteger & Decodable>(
        _ type: Number.Type, forKey key: Key
    ) throws -> Number? {
        try takePresent(key) { try node.integer(type, at: $0, end: &$1, key: key) }
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try takePresent(key) { try node.value(type, at: $0, end: &$1, key: key) }
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try node.child(at: offset(of: key), key: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try node.child(at: offset(of: key), key: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        guard let offset = try node.locate(MessagePackKey.super.stringValue) else {
            throw missing(MessagePackKey.super)
        }
        return node.child(at: offset, key: MessagePackKey.super)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        try node.child(at: offset(of: key), key: key)
    }

    private func offset(of key: Key) throws -> Int {
        guard let offset = try node.locate(key.stringValue) else { throw missing(key) }
        return offset
    }

    /// Reads a key's value and makes the next pair the expected one.
    private func take<Value>(_ key: Key, _ read: (Int, inout Int) throws -> Value) throws -> Value {
        let offset = try offset(of: key)
        var end = offset
        let value = try read(offset, &end)
        node.advance(to: end)
        return value
    }

    /// The same for a key that may be absent or have nil.
    private func takePresent<Value>(_ key: Key, _ read: (Int, inout Int) throws -> Value) throws -> Value? {
        guard let offset = try node.locate(key.stringValue) else { return nil }
        var end = offset + 1
        let value = node.isNil(at: offset) ? nil : try read(offset, &end)
        node.advance(to: end)
        return value
    }

    private func missing(_ key: any CodingKey) -> DecodingError {
        .keyNotFound(
            key,
            .init(codingPath: node.codingPath, debugDescription: "the map at byte \(node.start) has no such key"))
    }
}

/// An array being read. Copies read on their own.
struct MessagePackArrayDecoding: UnkeyedDecodingContainer {
    let node: MessagePackNode
    let elements: Int
    /// Offset of the next element.
    private var position: Int
    private(set) var currentIndex = 0

    init(node: MessagePackNode, elements: Int, position: Int) {
        self.node = node
        self.elements = elements
        self.position = position
        if elements == 0 { node.end = position }
    }

    var codingPath: [any CodingKey] { node.codingPath }
    var count: Int? { elements }
    var isAtEnd: Bool { currentIndex >= elements }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, node.isNil(at: position) else { return false }
        advance(to: position + 1)
        return true
    }

    mutating func decode(_ type: Bool.Type) throws -> Bool {
        try take(type) { try $0.bool(at: $1, end: &$2, key: $3) }
    }

    mutating func decode(_ type: String.Type) throws -> String {
        try take(type) { try $0.string(at: $1, end: &$2, key: $3) }
    }

    mutating func decode(_ type: Double.Type) throws -> Double {
        try take(type) { try $0.double(at: $1, end: &$2, key: $3) }
    }

    mutating func decode(_ type: Float.Type) throws -> Float {
        try take(type) { try $0.float(at: $1, end: &$2, key: $3) }
    }

    mutating func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
        try take(type) { try $0.integer(type, at: $1, end: &$2, key: $3) }
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try take(type) { try $0.value(type, at: $1, end: &$2, key: $3) }
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try skipToChild().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try skipToChild().unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        try skipToChild()
    }

    private var key: MessagePackKey { MessagePackKey(index: currentIndex) }

    private func next(_ type: Any.Type) throws -> Int {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                type,
                .init(
                    codingPath: node.codingPath + [key],
                    debugDescription: "the array at byte \(node.start) has \(elements) elements"))
        }
        return position
    }

    /// Reads the next element and passes it.
    private mutating func take<Value>(
        _ type: Value.Type, _ read: (MessagePackNode, Int, inout Int, MessagePackKey) throws -> Value
    ) throws -> Value {
        let offset = try next(type)
        var end = offset
        let value = try read(node, offset, &end, key)
        advance(to: end)
        return value
    }

    private mutating func advance(to end: Int) {
        position = end
        currentIndex += 1
        if isAtEnd { node.end = end }
    }

    /// The node of the next element, which is thereby passed.
    private mutating func skipToChild() throws -> MessagePackNode {
        let child = node.child(at: try next([Any].self), key: key)
        advance(
            to: try node.checked { () throws(MessagePackFlaw) in
                try node.reader.end(of: position, depth: node.depth + 1)
            })
        return child
    }
}

/// A place that holds one value.
struct MessagePackScalarDecoding: SingleValueDecodingContainer {
    let node: MessagePackNode

    var codingPath: [any CodingKey] { node.codingPath }

    func decodeNil() -> Bool {
        guard node.isNil(at: node.start) else { return false }
        node.end = node.start + 1
        return true
    }

    func decode(_ type: Bool.Type) throws -> Bool { try take { try node.bool(at: node.start, end: &$0) } }

    func decode(_ type: String.Type) throws -> String { try take { try node.string(at: node.start, end: &$0) } }

    func decode(_ type: Double.Type) throws -> Double { try take { try node.double(at: node.start, end: &$0) } }

    func decode(_ type: Float.Type) throws -> Float { try take { try node.float(at: node.start, end: &$0) } }

    func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
        try take { try node.integer(type, at: node.start, end: &$0) }
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try take { try node.decode(type, end: &$0) }
    }

    private func take<Value>(_ read: (inout Int) throws -> Value) throws -> Value {
        var end = node.start
        let value = try read(&end)
        node.end = end
        return value
    }
}
