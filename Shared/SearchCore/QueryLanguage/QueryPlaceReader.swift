// Places in queries.
//
//     place  = [system ":"] (circle / box / polygon)              ; for a point field
//            / [system ":"] pair                                  ; for an area field: areas that hold it
//     circle = pair "~" number ["m" / "km" / "米" / "公里"]        ; metres unless given
//     box    = pair ".." pair                                     ; south-west, north-east
//     polygon = pair 2*( ";" pair)
//     pair   = latitude "," longitude
//     system = "wgs84" / "gcj02" / "bd09"                         ; WGS-84 unless given
//
// Signs may be full width. A box or polygon of another system is that of its converted corners.

import Geography
import Messages

/// Reads the value of a field of places.
enum QueryPlaceReader {
    static let fix =
        "write 31.23,121.47~500m, 31.1,121.3..31.3,121.6 or three corners and more with semicolons, latitude first"
    private static let maximumScalars = 40_000

    static func query(_ glyphs: ArraySlice<QueryGlyph>, _ field: QueryField) throws(KuaibaoError) -> Query {
        let place = QueryDateReader.range(glyphs)
        func wrong(_ message: String) -> KuaibaoError { QueryRefusal.invalid(message, fix: fix, range: place) }
        guard glyphs.count <= maximumScalars else { throw wrong("a place of \(glyphs.count) characters") }
        var text = Substring(String(String.UnicodeScalarView(glyphs.map { $0.isEscaped ? $0.scalar : $0.sign })))
        var system = CoordinateSystem.wgs84
        if let colon = text.firstIndex(of: ":") {
            guard let named = CoordinateSystem(rawValue: text[..<colon].lowercased()) else {
                throw wrong("there is no system of coordinates \(QueryRefusal.quoted(String(text[..<colon])))")
            }
            system = named
            text = text[text.index(after: colon)...]
        }
        if field.kind == .area {
            guard let point = pair(text) else { throw wrong("\(field.name) is asked for a place that it holds") }
            return .covers(system.toWGS84(point), field: field.name)
        }
        guard let shape = shape(text, system) else { throw wrong("\(QueryRefusal.quoted(String(text))) is no shape") }
        if let problem = ShapeTest(shape).problem { throw wrong(problem) }
        return .within(shape, field: field.name)
    }

    private static func shape(_ text: Substring, _ system: CoordinateSystem) -> GeoShape? {
        if let tilde = text.firstIndex(of: "~") {
            guard let centre = pair(text[..<tilde]), let metres = metres(text[text.index(after: tilde)...]) else {
                return nil
            }
            return .circle(centre: system.toWGS84(centre), metres: metres)
        }
        if let dots = text.firstRange(of: "..") {
            guard let first = pair(text[..<dots.lowerBound]), let last = pair(text[dots.upperBound...]) else {
                return nil
            }
            let (southWest, northEast) = (system.toWGS84(first), system.toWGS84(last))
            return .box(
                GeoBox(
                    south: southWest.latitude, west: southWest.longitude, north: northEast.latitude,
                    east: northEast.longitude))
        }
        var ring: [GeoPoint] = []
        for part in text.split(separator: ";") {
            guard let corner = pair(part), ring.count <= ShapeTest.maximumCorners else { return nil }
            ring.append(system.toWGS84(corner))
        }
        if ring.count > 1, ring.first == ring.last { ring.removeLast() }
        return ring.count < 3 ? nil : .polygon(ring)
    }

    private static func pair(_ text: Substring) -> GeoPoint? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, let latitude = number(parts[0]), let longitude = number(parts[1]) else { return nil }
        return GeoPoint(latitude: latitude, longitude: longitude)
    }

    private static func metres(_ text: Substring) -> Double? {
        for (unit, factor) in [("公里", 1000.0), ("km", 1000), ("米", 1), ("m", 1)] where text.hasSuffix(unit) {
            return number(text.dropLast(unit.count)).map { $0 * factor }
        }
        return number(text)
    }

    private static func number(_ text: Substring) -> Double? {
        let words = text.filter { $0 != " " }
        guard (1...40).contains(words.count), words.allSatisfy({ "0123456789.+-eE".contains($0) }) else { return nil }
        return Double(words).flatMap { $0.isFinite ? $0 : nil }
    }
}

extension QueryFieldKind {
    /// Whether a value is everything up to white space or a bracket, and not a word.
    var isReadWhole: Bool {
        switch self {
        case .date, .number, .point, .area: true
        case .text, .keyword: false
        }
    }
}
