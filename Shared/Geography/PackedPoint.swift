// A point in one integer, for columns: 1e-7 degrees a unit, about 1 cm.
//
// Layout: latitude in units as a signed 32-bit number in the upper half, longitude in units + 2^31 as an unsigned one in
// the lower half. 180 degrees are 1.8e9 units, so both fit.

package import Messages

/// A point as a column holds it.
package struct PackedPoint: Sendable, Hashable {
    package let code: Int64

    private static let unitsPerDegree = 1e7
    private static let longitudeOffset: Int64 = 1 << 31

    package init(code: Int64) {
        self.code = code
    }

    /// Nil for what is no place.
    package init?(_ point: GeoPoint) {
        guard point.isValid else { return nil }
        let latitude = Int64((point.latitude * Self.unitsPerDegree).rounded())
        let longitude = Int64((point.longitude * Self.unitsPerDegree).rounded())
        code = latitude << 32 | (longitude + Self.longitudeOffset)
    }

    /// The point; any code gives one, though a damaged one may be no place.
    package var point: GeoPoint {
        GeoPoint(
            latitude: Double(code >> 32) / Self.unitsPerDegree,
            longitude: Double((code & 0xFFFF_FFFF) - Self.longitudeOffset) / Self.unitsPerDegree)
    }
}
