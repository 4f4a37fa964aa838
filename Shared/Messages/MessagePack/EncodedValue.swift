// A value that is passed on as the bytes it came in.
//
// A gateway that sends a worker's hits to its client neither reads nor writes them: our decoder cuts the value's bytes out of the
// message, our encoder puts them into the next one. Other coders see the value itself.
//
// Invariants:
//  (1) `bytes` is one whole MessagePack value, as `MessagePackReader.end` passes over it. Its strings are not checked for UTF-8
//      before somebody reads it: they are as their sender wrote them.

/// The MessagePack form of a value, read only where it is asked for.
package struct EncodedValue<Value: Codable & Sendable>: Sendable {
    package let bytes: [UInt8]

    /// - Throws: as `MessagePackEncoder.encode`.
    package init(_ value: Value) throws { self.init(bytes: try MessagePackEncoder.encode(value)) }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// - Throws: as `MessagePackDecoder.decode`.
    package func value() throws -> Value { try MessagePackDecoder.decode(Value.self, from: bytes) }
}

extension EncodedValue: Codable {
    package init(from decoder: any Decoder) throws {
        if let node = decoder as? MessagePackNode {
            self.init(bytes: try node.wholeBytes())
        } else {
            try self.init(Value(from: decoder))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        if let place = encoder as? MessagePackEncoding {
            try place.write(encoded: bytes)
        } else {
            try value().encode(to: encoder)
        }
    }
}
