// Scalars and the types that are read without asking them to decode themselves.
//
// Every function takes the value's offset and gives the offset after the value through `end`. Not as a tuple: tuples of
// generic types cost a look-up of their metadata for every value, half of the time of a search reply when measured.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension MessagePackNode {
    func isNil(at offset: Int) -> Bool {
        offset < reader.bytes.count && reader.bytes[offset] == MessagePackFormat.null
    }

    func bool(at offset: Int, end: inout Int, key: (any CodingKey)? = nil) throws -> Bool {
        guard case .bool(let value) = try head(at: offset, end: &end) else {
            throw mismatch(Bool.self, "a boolean", at: offset, key: key)
        }
        return value
    }

    func string(at offset: Int, end: inout Int, key: (any CodingKey)? = nil) throws -> String {
        guard case .string(let range) = try head(at: offset, end: &end) else {
            throw mismatch(String.self, "a string", at: offset, key: key)
        }
        return try checked { () throws(MessagePackFlaw) in try reader.text(range) }
    }

    func integer<Number: FixedWidthInteger>(
        _ type: Number.Type, at offset: Int, end: inout Int, key: (any CodingKey)? = nil
    ) throws -> Number {
        let number: Number?
        switch try head(at: offset, end: &end) {
        case .unsigned(let value): number = Number(exactly: value)
        case .negative(let value): number = Number(exactly: value)
        case .float(let value): number = Number(exactly: value)
        case .double(let value): number = Number(exactly: value)
        default: throw mismatch(type, "an integer", at: offset, key: key)
        }
        guard let number else { throw misfit("\(type)", at: offset, key: key) }
        return number
    }

    func double(at offset: Int, end: inout Int, key: (any CodingKey)? = nil) throws -> Double {
        let number: Double?
        switch try head(at: offset, end: &end) {
        case .double(let value): number = value
        case .float(let value): number = Double(value)
        case .unsigned(let value): number = Double(exactly: value)
        case .negative(let value): number = Double(exactly: value)
        default: throw mismatch(Double.self, "a number", at: offset, key: key)
        }
        guard let number else { throw misfit("Double", at: offset, key: key) }
        return number
    }

    func float(at offset: Int, end: inout Int, key: (any CodingKey)? = nil) throws -> Float {
        let number: Float?
        switch try head(at: offset, end: &end) {
        case .float(let value): number = value
        case .double(let value):
            let rounded = Float(value)
            number = rounded.isInfinite && !value.isInfinite ? nil : rounded
        case .unsigned(let value): number = Float(exactly: value)
        case .negative(let value): number = Float(exactly: value)
        default: throw mismatch(Float.self, "a number", at: offset, key: key)
        }
        guard let number else { throw misfit("Float", at: offset, key: key) }
        return number
    }

    /// Reads a value of any type at an offset inside this one.
    func value<Value: Decodable>(
        _ type: Value.Type, at offset: Int, end: inout Int, key: some CodingKey
    ) throws -> Value {
        switch MessagePackDirectType(type) {
        case .string: return sameType(try string(at: offset, end: &end, key: key), as: type)
        case .int: return sameType(try integer(Int.self, at: offset, end: &end, key: key), as: type)
        case .double: return sameType(try double(at: offset, end: &end, key: key), as: type)
        default: return try child(at: offset, key: key).decode(type, end: &end)
        }
    }

    /// Reads this node's value of a type that was found to be `direct`, which is not `other`.
    func readDirectly<Value>(_ type: Value.Type, _ direct: MessagePackDirectType, end: inout Int) throws -> Value {
        switch direct {
        case .string: return sameType(try string(at: start, end: &end), as: type)
        case .int: return sameType(try integer(Int.self, at: start, end: &end), as: type)
        case .double: return sameType(try double(at: start, end: &end), as: type)
        case .strings: return sameType(try strings(end: &end), as: type)
        case .bytes: return sameType(Array(try binary(end: &end)), as: type)
        case .data: return sameType(Data(try binary(end: &end)), as: type)
        case .json: return sameType(try json(at: start, depth: depth, end: &end), as: type)
        case .jsonObject:
            let value = try json(at: start, depth: depth, end: &end)
            guard case .object(let values) = value else { throw mismatch(type, "a map") }
            return sameType(values, as: type)
        case .other: throw mismatch(type, "a value of a known type")
        }
    }

    /// A value of any kind that JSON has. Whole numbers become integers where they fit in 64 bits with a sign.
    private func json(at offset: Int, depth: Int, end: inout Int) throws -> JSONValue {
        switch try head(at: offset, end: &end) {
        case .null: return .null
        case .bool(let value): return .boolean(value)
        case .unsigned(let value):
            guard let number = Int64(exactly: value) else { throw misfit("Int64", at: offset, key: nil) }
            return .integer(number)
        case .negative(let value): return .integer(value)
        case .float(let value): return Self.json(Double(value))
        case .double(let value): return Self.json(value)
        case .string(let range): return .string(try checked { () throws(MessagePackFlaw) in try reader.text(range) })
        case .binary: throw mismatch(JSONValue.self, "a value that JSON has", at: offset)
        case .array(let count, let first):
            try requireDepth(depth, at: offset)
            var values: [JSONValue] = []
            values.reserveCapacity(min(count, 1 << 10))
            end = first
            for _ in 0..<count { values.append(try json(at: end, depth: depth + 1, end: &end)) }
            return .list(values)
        case .map(let count, let first):
            try requireDepth(depth, at: offset)
            var values = [String: JSONValue](minimumCapacity: min(count, 1 << 10))
            end = first
            for _ in 0..<count {
                let name = try string(at: end, end: &end)
                values[name] = try json(at: end, depth: depth + 1, end: &end)
            }
            return .object(values)
        }
    }

    /// As Codable reads it: a number that a whole one holds exactly is whole.
    private static func json(_ value: Double) -> JSONValue { Int64(exactly: value).map { .integer($0) } ?? .number(value) }

    private func requireDepth(_ depth: Int, at offset: Int) throws {
        guard depth < MessagePackFormat.depthLimit else { throw error(reader.tooDeep(offset)) }
    }

    func isBinary() throws -> Bool {
        var end = start
        guard case .binary = try head(at: start, end: &end) else { return false }
        return true
    }

    private func binary(end: inout Int) throws -> ArraySlice<UInt8> {
        guard case .binary(let range) = try head(at: start, end: &end) else {
            throw mismatch([UInt8].self, "binary")
        }
        return reader.bytes[range]
    }

    private func head(at offset: Int, end: inout Int) throws -> MessagePackReader.Head {
        let read = try checked { () throws(MessagePackFlaw) in try reader.head(at: offset) }
        end = read.end
        return read.head
    }

    private func strings(end: inout Int) throws -> [String] {
        guard case .array(let count, let first) = try head(at: start, end: &end) else {
            throw mismatch([String].self, "an array")
        }
        var result: [String] = []
        result.reserveCapacity(min(count, 1 << 10))
        end = first
        for index in 0..<count {
            result.append(try string(at: end, end: &end, key: MessagePackKey(index: index)))
        }
        return result
    }

    private func misfit(_ type: String, at offset: Int, key: (any CodingKey)?) -> DecodingError {
        .dataCorrupted(
            .init(
                codingPath: codingPath + (key.map { [$0] } ?? []),
                debugDescription: "a number does not fit into \(type), at byte \(offset)"))
    }
}
