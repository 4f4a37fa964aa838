// A column of integers: each is stored as its distance from the least one, in 0, 1, 2, 4 or 8 bytes.
//
// Layout: count u64, least value i64, width u8 (0, 1, 2, 4 or 8), seven zero bytes, then count * width bytes.

import CKernels

/// Reads an integer column. - Complexity: O(1) a value.
struct FixedColumn: Sendable {
    let count: Int
    private let least: Int64
    private let width: Int
    private let values: ByteView

    static let headerBytes = 24

    /// - Throws: `corrupt` when the column is not exactly `expectedCount` values long.
    init(_ view: ByteView, expectedCount: Int) throws(SearchCoreError) {
        let declared = try view.uint64(at: 0)
        guard declared == UInt64(expectedCount) else {
            throw SearchCoreError(.corrupt, "a column has \(declared) values where \(expectedCount) belong")
        }
        count = expectedCount
        least = Int64(bitPattern: try view.uint64(at: 8))
        width = Int(try view.uint8(at: 16))
        guard [0, 1, 2, 4, 8].contains(width) else {
            throw SearchCoreError(.corrupt, "a column's width is \(width) bytes")
        }
        values = try view.slice(Self.headerBytes, count * width)
    }

    /// The value of row `index`. - Precondition: `index` is in `0..<count`.
    @inline(__always)
    subscript(index: Int) -> Int64 {
        precondition(index >= 0 && index < count, "row \(index) of a column of \(count)")
        switch width {
        case 0: return least
        case 1: return least &+ Int64(values.uncheckedUInt8(at: index))
        case 2: return least &+ Int64(values.uncheckedUInt16(at: index &* 2))
        case 4: return least &+ Int64(values.uncheckedUInt32(at: index &* 4))
        default: return least &+ Int64(bitPattern: values.uncheckedUInt64(at: index &* 8))
        }
    }

    /// The values that a damaged column may hold too: the least one, and the greatest that its width has room for.
    var bounds: (least: Int64, greatest: Int64) {
        guard width < 8 else { return (Int64.min, Int64.max) }
        let (sum, isOver) = least.addingReportingOverflow((1 << (8 * Int64(width))) - 1)
        return isOver ? (Int64.min, Int64.max) : (least, sum)
    }

    /// The column as the kernels see it; valid as long as the column's memory.
    var raw: kb_column {
        unsafe kb_column(
            bytes: values.base.assumingMemoryBound(to: UInt8.self), count: UInt64(count),
            least: UInt64(bitPattern: least), width: UInt32(width))
    }

    /// Encodes `column`. - Complexity: O(count).
    static func encode(_ column: [Int64]) -> [UInt8] {
        let least = column.min() ?? 0
        let range = UInt64(bitPattern: (column.max() ?? 0) &- least)
        let width = range == 0 ? 0 : range <= 0xFF ? 1 : range <= 0xFFFF ? 2 : range <= 0xFFFF_FFFF ? 4 : 8
        var writer = ByteWriter()
        writer.bytes.reserveCapacity(headerBytes + column.count * width)
        writer.append64(UInt64(column.count))
        writer.append64(UInt64(bitPattern: least))
        writer.append64(UInt64(width))
        for value in column {
            let distance = UInt64(bitPattern: value &- least)
            switch width {
            case 0: break
            case 1: writer.append(UInt8(truncatingIfNeeded: distance))
            case 2: writer.append16(UInt16(truncatingIfNeeded: distance))
            case 4: writer.append32(UInt32(truncatingIfNeeded: distance))
            default: writer.append64(distance)
            }
        }
        return writer.bytes
    }
}
