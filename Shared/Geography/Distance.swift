// Distances on a sphere, and which points a shape holds.

import Foundation
package import Messages

extension GeoPoint {
    /// Mean radius of the earth in metres (IUGG). A sphere errs by at most 0.56 % against the ellipsoid.
    package static let earthRadius = 6_371_008.8

    /// Whether this is a place: finite and within the degrees of a globe.
    package var isValid: Bool {
        (-90...90).contains(latitude) && (-180...180).contains(longitude)
    }

    /// Metres along the great circle (the haversine formula; R. W. Sinnott, "Virtues of the Haversine", 1984).
    package func distance(to other: GeoPoint) -> Double {
        let radian = Double.pi / 180
        let halfNorth = sin((other.latitude - latitude) * radian / 2)
        let halfEast = sin((other.longitude - longitude) * radian / 2)
        let square = halfNorth * halfNorth + cos(latitude * radian) * cos(other.latitude * radian) * halfEast * halfEast
        return 2 * Self.earthRadius * asin(min(1, square.squareRoot()))
    }
}

extension GeoBox {
    package func contains(_ point: GeoPoint) -> Bool {
        point.latitude >= south && point.latitude <= north && point.longitude >= west && point.longitude <= east
    }

    /// The least box that holds a circle; near a pole, or where it would cross the 180th meridian, all longitudes.
    package init(around centre: GeoPoint, metres: Double) {
        let degrees = metres / GeoPoint.earthRadius * 180 / .pi
        // Rounding must not lose a point on the circle.
        let reach = degrees * (1 + 1e-9) + 1e-9
        let south = max(-90, centre.latitude - reach)
        let north = min(90, centre.latitude + reach)
        var west = -180.0
        var east = 180.0
        if south > -90, north < 90 {
            let ratio = sin(min(.pi / 2, degrees * .pi / 180)) / cos(centre.latitude * .pi / 180)
            if ratio < 1 {
                let spread = asin(ratio) * 180 / .pi * (1 + 1e-9) + 1e-9
                if centre.longitude - spread >= -180, centre.longitude + spread <= 180 {
                    west = centre.longitude - spread
                    east = centre.longitude + spread
                }
            }
        }
        self.init(south: south, west: west, north: north, east: east)
    }

    /// The least box that holds the points; nil for none.
    package init?(holding points: [GeoPoint]) {
        guard let first = points.first else { return nil }
        self.init(south: first.latitude, west: first.longitude, north: first.latitude, east: first.longitude)
        for point in points {
            south = min(south, point.latitude)
            north = max(north, point.latitude)
            west = min(west, point.longitude)
            east = max(east, point.longitude)
        }
    }
}

/// A shape made ready for many tests.
package struct ShapeTest: Sendable, Hashable {
    /// Corners of a polygon; more are refused where shapes are read.
    package static let maximumCorners = 1000
    /// Half the earth's girth in metres.
    package static let maximumMetres = 20_040_000.0

    package let shape: GeoShape
    /// No point outside is in the shape.
    package let bounds: GeoBox

    package init(_ shape: GeoShape) {
        self.shape = shape
        bounds =
            switch shape {
            case .circle(let centre, let metres): GeoBox(around: centre, metres: metres)
            case .box(let box): box
            case .polygon(let ring):
                // A polygon without corners holds nothing: the box is inside out.
                GeoBox(holding: ring) ?? GeoBox(south: 1, west: 1, north: -1, east: -1)
            }
    }

    package func contains(_ point: GeoPoint) -> Bool {
        guard bounds.contains(point) else { return false }
        switch shape {
        case .box: return true
        case .circle(let centre, let metres): return centre.distance(to: point) <= metres
        case .polygon(let ring): return Self.isInside(point, ring)
        }
    }

    /// Why the shape cannot be asked for; nil where it can.
    package var problem: String? {
        switch shape {
        case .circle(let centre, let metres):
            guard centre.isValid else { return "the centre \(centre.latitude),\(centre.longitude) is no place" }
            return metres > 0 && metres <= Self.maximumMetres ? nil : "a radius of \(metres) m"
        case .box(let box):
            let corners = [
                GeoPoint(latitude: box.south, longitude: box.west), GeoPoint(latitude: box.north, longitude: box.east),
            ]
            guard corners.allSatisfy(\.isValid) else { return "a corner of the box is no place" }
            return box.south <= box.north && box.west <= box.east ? nil : "the box has its corners in the wrong order"
        case .polygon(let ring):
            guard ring.allSatisfy(\.isValid) else { return "a corner of the polygon is no place" }
            return (3...Self.maximumCorners).contains(ring.count)
                ? nil : "a polygon of \(ring.count) corners; use 3 to \(Self.maximumCorners)"
        }
    }

    /// Even-odd rule along the parallel to the east; a point on an edge is inside.
    /// Source: W. R. Franklin, "PNPOLY" (1970), with the test for edges added.
    private static func isInside(_ point: GeoPoint, _ ring: [GeoPoint]) -> Bool {
        guard ring.count >= 3 else { return false }
        var isInside = false
        var before = ring[ring.count - 1]
        for corner in ring {
            let cross =
                (point.longitude - before.longitude) * (corner.latitude - before.latitude)
                - (point.latitude - before.latitude) * (corner.longitude - before.longitude)
            let isWithinEdge =
                point.longitude >= min(before.longitude, corner.longitude)
                && point.longitude <= max(before.longitude, corner.longitude)
                && point.latitude >= min(before.latitude, corner.latitude)
                && point.latitude <= max(before.latitude, corner.latitude)
            if cross == 0, isWithinEdge { return true }
            if (corner.latitude > point.latitude) != (before.latitude > point.latitude) {
                let share = (point.latitude - corner.latitude) / (before.latitude - corner.latitude)
                if point.longitude < corner.longitude + share * (before.longitude - corner.longitude) {
                    isInside.toggle()
                }
            }
            before = corner
        }
        return isInside
    }
}
