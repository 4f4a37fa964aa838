// Points and shapes on the earth as they travel: always WGS-84, in degrees. Module Geography computes with them.

/// A place on the earth's surface, WGS-84.
package struct GeoPoint: Codable, Sendable, Hashable {
    /// Degrees north, -90…90.
    package var latitude: Double
    /// Degrees east, -180…180.
    package var longitude: Double

    package init(latitude: Double, longitude: Double) {
        self.latitude = latitude
        self.longitude = longitude
    }

    private enum CodingKeys: String, CodingKey {
        case latitude = "lat"
        case longitude = "lon"
    }
}

/// What lies between two parallels and two meridians; its edges belong to it. West is not greater than east: a box does
/// not cross the 180th meridian.
package struct GeoBox: Codable, Sendable, Hashable {
    package var south: Double
    package var west: Double
    package var north: Double
    package var east: Double

    package init(south: Double, west: Double, north: Double, east: Double) {
        self.south = south
        self.west = west
        self.north = north
        self.east = east
    }
}

/// A part of the earth's surface that a point is in or not.
package enum GeoShape: Codable, Sendable, Hashable {
    /// Points at most `metres` from the centre.
    case circle(centre: GeoPoint, metres: Double)
    case box(GeoBox)
    /// A ring of straight lines between longitudes and latitudes, closed by itself; even-odd rule.
    case polygon([GeoPoint])
}
