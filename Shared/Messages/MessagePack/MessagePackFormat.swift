// The part of MessagePack that Kuaibao speaks (msgpack.org, specification of 2013-08).
//
// Layout: every value starts with one marker byte; numbers that follow it are big-endian.
//
//     0x00…0x7f  integer 0…127          0xc0        nil              0xca        float32, 4 bytes
//     0x80…0x8f  map of 0…15 pairs      0xc2, 0xc3  false, true      0xcb        float64, 8 bytes
//     0x90…0x9f  array of 0…15          0xc4…0xc6   binary, 8/16/32  0xcc…0xcf   unsigned, 1/2/4/8 bytes
//     0xa0…0xbf  string of 0…31 bytes   0xd9…0xdb   string, 8/16/32  0xd0…0xd3   signed, 1/2/4/8 bytes
//     0xe0…0xff  integer -32…-1         0xdc, 0xdd  array, 16/32     0xde, 0xdf  map, 16/32
//
// Invariants:
//  (1) The encoder writes the shortest form of every integer, string, binary, array and map.
//  (2) The decoder takes every form, checks each length against the bytes that are left before it allocates, and never
//      goes deeper than `depthLimit`.
//  (3) Extension types (0xc7…0xc9, 0xd4…0xd8) and 0xc1 are refused, also inside fields that nobody asked for.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Marker bytes and limits.
enum MessagePackFormat {
    /// Containers inside one another; the same for reading and writing.
    static let depthLimit = 64

    static let emptyMap: UInt8 = 0x80
    static let fixedMap: UInt8 = 0x80
    static let fixedArray: UInt8 = 0x90
    static let fixedString: UInt8 = 0xa0
    static let null: UInt8 = 0xc0
    static let `false`: UInt8 = 0xc2
    static let `true`: UInt8 = 0xc3
    static let binary8: UInt8 = 0xc4
    static let binary16: UInt8 = 0xc5
    static let binary32: UInt8 = 0xc6
    static let float32: UInt8 = 0xca
    static let float64: UInt8 = 0xcb
    static let unsigned8: UInt8 = 0xcc
    static let unsigned16: UInt8 = 0xcd
    static let unsigned32: UInt8 = 0xce
    static let unsigned64: UInt8 = 0xcf
    static let signed8: UInt8 = 0xd0
    static let signed16: UInt8 = 0xd1
    static let signed32: UInt8 = 0xd2
    static let signed64: UInt8 = 0xd3
    static let string8: UInt8 = 0xd9
    static let string16: UInt8 = 0xda
    static let string32: UInt8 = 0xdb
    static let array16: UInt8 = 0xdc
    static let array32: UInt8 = 0xdd
    static let map16: UInt8 = 0xde
    static let map32: UInt8 = 0xdf

    /// True where `marker` can start a map, as it does in every header frame.
    static func startsMap(_ marker: UInt8) -> Bool {
        marker & 0xf0 == fixedMap || marker == map16 || marker == map32
    }
}

/// A coding key for places that have only a number or a fixed name: array elements and `super`.
struct MessagePackKey: CodingKey {
    /// The element's index; nil for `super`.
    let intValue: Int?

    static let `super` = MessagePackKey(index: nil)

    init(index: Int?) {
        intValue = index
    }

    init?(stringValue: String) { nil }

    init?(intValue: Int) {
        self.init(index: intValue)
    }

    var stringValue: String { intValue.map { "Index \($0)" } ?? "super" }
}

/// Types that are read and written without asking them to code themselves, which costs some ten times as much.
enum MessagePackDirectType {
    case string
    case strings
    case bytes
    case data
    case int
    case double
    /// `JSONValue` and dictionaries of them: the values of records.
    case json
    case jsonObject
    /// All other types.
    case other

    init<Value>(_ type: Value.Type) {
        if type == String.self {
            self = .string
        } else if type == Int.self {
            self = .int
        } else if type == Double.self {
            self = .double
        } else if type == [String].self {
            self = .strings
        } else if type == [UInt8].self {
            self = .bytes
        } else if type == Data.self {
            self = .data
        } else if type == JSONValue.self {
            self = .json
        } else if type == [String: JSONValue].self {
            self = .jsonObject
        } else {
            self = .other
        }
    }
}

/// The same value under the type that the caller has found it to have; a dynamic cast would take as long as the coding.
///
/// - Precondition: `From` and `To` are one type.
func sameType<From, To>(_ value: From, as type: To.Type) -> To {
    precondition(From.self == To.self, "a value is not of the type that was just compared")
    return unsafe unsafeBitCast(value, to: type)
}
