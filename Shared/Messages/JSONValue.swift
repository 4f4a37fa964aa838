// A value of any JSON text: what a record of a declared collection holds and how it travels.
//
// The Codable form is the value itself, so that a record reads in every codec as it would in JSON. Whole numbers within 64
// bits stay whole; other numbers are doubles.

/// One JSON value.
package indirect enum JSONValue: Codable, Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case list([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let values = try? container.decode([JSONValue].self) {
            self = .list(values)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let values): try container.encode(values)
        }
    }
}

extension JSONValue {
    /// The text of a string; nil for all else.
    package var text: String? { if case .string(let text) = self { text } else { nil } }

    /// A number, whole or not; nil for all else.
    package var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// The values of a list; any other value but null is a list of itself.
    package var elements: [JSONValue] {
        switch self {
        case .list(let values): values
        case .null: []
        default: [self]
        }
    }

    package subscript(name: String) -> JSONValue? {
        if case .object(let values) = self { values[name] } else { nil }
    }
}
