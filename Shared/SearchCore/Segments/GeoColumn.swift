// Places in columns. A point is one value, `PackedPoint`. A polygon is several: the south-west and the north-east corner of
// its bounds, then its corners in order.

import Geography
import Messages

/// How places stand in columns.
enum GeoColumn {
    /// Values before the corners of a polygon.
    private static let boundsCount = 2
    /// Half a unit of a packed point and a little more, in degrees: bounds must hold what rounding moved.
    private static let slack = 1e-7

    static func values(of point: GeoPoint) -> [Int64] { PackedPoint(point).map { [$0.code] } ?? [] }

    /// Empty for a ring that is none; the builder refuses those before.
    static func values(of ring: [GeoPoint]) -> [Int64] {
        let corners = ring.compactMap { PackedPoint($0) }
        guard corners.count == ring.count, let bounds = GeoBox(holding: corners.map(\.point)),
            let southWest = PackedPoint(GeoPoint(latitude: bounds.south, longitude: bounds.west)),
            let northEast = PackedPoint(GeoPoint(latitude: bounds.north, longitude: bounds.east))
        else { return [] }
        return [southWest.code, northEast.code] + corners.map(\.code)
    }

    /// Whether the polygon of these values holds the point. - Complexity: O(1) for a point outside of its bounds.
    static func covers(_ values: [Int64], _ point: GeoPoint) -> Bool {
        guard values.count >= boundsCount + 3 else { return false }
        let southWest = PackedPoint(code: values[0]).point
        let northEast = PackedPoint(code: values[1]).point
        let isNear =
            point.latitude >= southWest.latitude - slack && point.latitude <= northEast.latitude + slack
            && point.longitude >= southWest.longitude - slack && point.longitude <= northEast.longitude + slack
        guard isNear else { return false }
        return ShapeTest(.polygon(values[boundsCount...].map { PackedPoint(code: $0).point })).contains(point)
    }
}
