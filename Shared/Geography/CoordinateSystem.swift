// The three coordinate systems that Chinese records use, and the ways between them.
//
// - WGS-84 is what satellites give and what we store.
// - GCJ-02 is what maps published in China show: WGS-84 moved by up to about 700 m by a smooth function that was never
//   published officially; the formula here is the one that has circulated since 2010 and agrees with the maps to a metre
//   or so. Outside China's bounding box it is WGS-84.
// - BD-09 is what Baidu's maps show: GCJ-02 moved once more, by about 1 km.
//
// The ways from WGS-84 are formulas; the ways back are found by repetition, which converges because both shifts change
// slowly: by less than 1 % of a step. They are exact to `tolerance` inside China but for a strip of some hundred metres
// along the edge of the bounding box, where the shift begins at once.

import Foundation
package import Messages

/// What the numbers of a point mean.
package enum CoordinateSystem: String, Codable, Sendable, CaseIterable {
    case wgs84
    case gcj02
    case bd09

    /// The point in WGS-84 whose coordinates in this system are given.
    package func toWGS84(_ point: GeoPoint) -> GeoPoint {
        switch self {
        case .wgs84: point
        case .gcj02: Self.inverse(of: point, Self.gcj)
        case .bd09: Self.inverse(of: Self.inverse(of: point, Self.baidu), Self.gcj)
        }
    }

    /// The coordinates in this system of a point in WGS-84.
    package func fromWGS84(_ point: GeoPoint) -> GeoPoint {
        switch self {
        case .wgs84: point
        case .gcj02: Self.gcj(point)
        case .bd09: Self.baidu(Self.gcj(point))
        }
    }

    // MARK: The ways there

    /// Krasovsky 1940, which the formula of GCJ-02 uses: semi-major axis in metres, square of the eccentricity.
    private static let axis = 6_378_245.0
    private static let eccentricitySquared = 0.00669342162296594323
    /// Where GCJ-02 differs from WGS-84.
    private static let china = GeoBox(south: 0.8293, west: 72.004, north: 55.8271, east: 137.8347)

    private static func gcj(_ point: GeoPoint) -> GeoPoint {
        guard china.contains(point) else { return point }
        let x = point.longitude - 105
        let y = point.latitude - 35
        let root = abs(x).squareRoot()
        // Both shifts, in metres, share their first waves.
        let shared = (20 * sin(6 * x * .pi) + 20 * sin(2 * x * .pi)) * 2 / 3
        let north =
            -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + shared
            + (20 * sin(y * .pi) + 40 * sin(y / 3 * .pi)) * 2 / 3
            + (160 * sin(y / 12 * .pi) + 320 * sin(y / 30 * .pi)) * 2 / 3
        let east =
            300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + shared
            + (20 * sin(x * .pi) + 40 * sin(x / 3 * .pi)) * 2 / 3
            + (150 * sin(x / 12 * .pi) + 300 * sin(x / 30 * .pi)) * 2 / 3
        let latitude = point.latitude * .pi / 180
        let magic = 1 - eccentricitySquared * sin(latitude) * sin(latitude)
        let metresNorth = axis * (1 - eccentricitySquared) / (magic * magic.squareRoot()) * .pi / 180
        let metresEast = axis / magic.squareRoot() * cos(latitude) * .pi / 180
        return GeoPoint(
            latitude: point.latitude + north / metresNorth, longitude: point.longitude + east / metresEast)
    }

    private static func baidu(_ point: GeoPoint) -> GeoPoint {
        let wave = Double.pi * 3000 / 180
        let x = point.longitude
        let y = point.latitude
        let radius = (x * x + y * y).squareRoot() + 0.00002 * sin(y * wave)
        let angle = atan2(y, x) + 0.000003 * cos(x * wave)
        return GeoPoint(latitude: radius * sin(angle) + 0.006, longitude: radius * cos(angle) + 0.0065)
    }

    // MARK: The ways back

    /// Degrees; about 0.1 mm.
    private static let tolerance = 1e-9
    private static let maximumRounds = 30

    private static func inverse(of target: GeoPoint, _ way: (GeoPoint) -> GeoPoint) -> GeoPoint {
        var guess = target
        for _ in 0..<maximumRounds {
            let image = way(guess)
            let north = target.latitude - image.latitude
            let east = target.longitude - image.longitude
            guess.latitude += north
            guess.longitude += east
            if abs(north) < tolerance, abs(east) < tolerance { break }
        }
        return guess
    }
}
