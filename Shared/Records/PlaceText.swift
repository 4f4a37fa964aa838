// Points, boxes and polygons as people, tables and GeoJSON write them.

package import Geography
package import Messages

package enum PlaceText {
    /// A point as a record gives it, in WGS-84: `"31.23,121.47"` (latitude first), `{"lat", "lon"}` with an optional
    /// `"system"`, or a GeoJSON point or pair (longitude first).
    package static func point(
        _ value: JSONValue, _ system: CoordinateSystem
    ) throws(MisfitError) -> GeoPoint {
        let (value, system) = try named(value, system)
        let given: GeoPoint?
        switch value {
        case .string(let text): given = pair(text)
        case .list(let pair): given = geoJSON(pair)
        case .object(let members):
            if case .list(let pair)? = members["coordinates"], members["type"]?.text == "Point" {
                given = geoJSON(pair)
            } else if let latitude = members["lat"]?.double, let longitude = (members["lon"] ?? members["lng"])?.double {
                given = GeoPoint(latitude: latitude, longitude: longitude)
            } else {
                given = nil
            }
        default: given = nil
        }
        guard let given else {
            throw FieldCheck.misfit(
                "\(FieldCheck.kind(value)) where a place belongs; write \"31.23,121.47\" or {\"lat\": 31.23, \"lon\": 121.47}")
        }
        guard given.isValid else {
            throw FieldCheck.misfit(
                "latitude \(given.latitude), longitude \(given.longitude) is no place; latitude comes first in a text")
        }
        return system.toWGS84(given)
    }

    /// A value without the name of the system that it brings, and that system: `"gcj02:31.23,121.47"`, or a member `system`.
    private static func named(
        _ value: JSONValue, _ system: CoordinateSystem
    ) throws(MisfitError) -> (JSONValue, CoordinateSystem) {
        if let name = value["system"] {
            guard let known = name.text.flatMap({ CoordinateSystem(rawValue: $0) }) else {
                throw FieldCheck.misfit("the system \(FieldCheck.kind(name)); use wgs84, gcj02 or bd09")
            }
            return (value, known)
        }
        guard case .string(let text) = value, let colon = text.firstIndex(of: ":"),
            let known = CoordinateSystem(rawValue: text[..<colon].trimmed.lowercased())
        else { return (value, system) }
        return (.string(String(text[text.index(after: colon)...])), known)
    }

    /// `31.23,121.47`: latitude, then longitude; white space and a full-width comma are fine. Nil for all else.
    package static func pair(_ text: String) -> GeoPoint? {
        let parts = text.split(whereSeparator: { $0 == "," || $0 == "，" })
        guard text.utf8.count <= 100, parts.count == 2, let latitude = Double(parts[0].trimmed),
            let longitude = Double(parts[1].trimmed), latitude.isFinite, longitude.isFinite
        else { return nil }
        return GeoPoint(latitude: latitude, longitude: longitude)
    }

    /// Points separated by semicolons or white space; nil where one is none, or they are too many.
    package static func pairs(_ text: String) -> [GeoPoint]? {
        guard text.utf8.count <= ShapeTest.maximumCorners * 48 else { return nil }
        var points: [GeoPoint] = []
        for part in text.split(whereSeparator: { $0 == ";" || $0 == "；" || $0.isWhitespace }) {
            guard let point = pair(String(part)), point.isValid else { return nil }
            points.append(point)
        }
        return points.count > ShapeTest.maximumCorners ? nil : points
    }

    /// A place or polygon in its checked form as it can be handed in again, whatever system its field has.
    package static func labelled(_ value: JSONValue) -> JSONValue {
        guard case .object(var members) = value else { return value }
        members["system"] = .string(CoordinateSystem.wgs84.rawValue)
        return .object(members)
    }

    /// A polygon's checked form: GeoJSON in WGS-84, its ring closed.
    static func area(_ value: JSONValue, _ system: CoordinateSystem) throws(MisfitError) -> JSONValue {
        let (value, system) = try named(value, system)
        var ring: [GeoPoint]?
        switch value {
        case .string(let text): ring = pairs(text)
        case .object(let members):
            guard case .list(let rings)? = members["coordinates"], members["type"]?.text == "Polygon" else { break }
            guard rings.count == 1 else { throw FieldCheck.misfit("\(rings.count) rings; a polygon with one is read") }
            ring = corners(rings[0].elements)
        default: break
        }
        guard var ring else {
            throw FieldCheck.misfit(
                "\(FieldCheck.kind(value)) where an area belongs; write \"lat,lon;lat,lon;lat,lon\" or a GeoJSON polygon")
        }
        if ring.count > 1, ring.first == ring.last { ring.removeLast() }
        if let problem = ShapeTest(.polygon(ring)).problem { throw FieldCheck.misfit(problem) }
        let stored = ring.map { system.toWGS84($0) }
        let coordinates = (stored + stored.prefix(1)).map { JSONValue.list([.number($0.longitude), .number($0.latitude)]) }
        return .object(["type": .string("Polygon"), "coordinates": .list([.list(coordinates)])])
    }

    /// The corners of an area's checked form.
    package static func ring(ofChecked value: JSONValue) -> [GeoPoint] {
        guard case .list(let rings)? = value["coordinates"], let ring = rings.first else { return [] }
        return Array((corners(ring.elements) ?? []).dropLast())
    }

    private static func corners(_ values: [JSONValue]) -> [GeoPoint]? {
        guard values.count <= ShapeTest.maximumCorners + 1 else { return nil }
        var points: [GeoPoint] = []
        for value in values {
            guard let point = geoJSON(value.elements), point.isValid else { return nil }
            points.append(point)
        }
        return points
    }

    private static func geoJSON(_ pair: [JSONValue]) -> GeoPoint? {
        guard pair.count == 2 || pair.count == 3, let longitude = pair[0].double, let latitude = pair[1].double else {
            return nil
        }
        return GeoPoint(latitude: latitude, longitude: longitude)
    }
}
