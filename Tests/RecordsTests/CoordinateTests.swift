// Coordinate systems, distances and shapes.

import Geography
import Messages
import Testing

struct CoordinateTests {
    /// Places of Shanghai, Shenzhen and Beijing as published with the formula, in both systems.
    @Test(arguments: [
        (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
        (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
        (39.911954, 116.377817, 39.91334545536069, 116.38404722455657),
    ])
    func agreesWithPublishedPairs(pair: (Double, Double, Double, Double)) {
        let moved = CoordinateSystem.gcj02.fromWGS84(GeoPoint(latitude: pair.0, longitude: pair.1))
        #expect(abs(moved.latitude - pair.2) < 1e-9)
        #expect(abs(moved.longitude - pair.3) < 1e-9)
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func roundTripsWithinAMillimetre(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let point = GeoPoint(
                latitude: Double.random(in: 18...53, using: &random),
                longitude: Double.random(in: 74...134, using: &random))
            for system in CoordinateSystem.allCases {
                let back = system.toWGS84(system.fromWGS84(point))
                #expect(point.distance(to: back) < 0.001, "\(system) \(point), seed \(seed)")
            }
        }
    }

    @Test func shiftsAreSeenInChinaOnly() {
        let bund = GeoPoint(latitude: 31.2397, longitude: 121.4900)
        #expect((100.0...700).contains(bund.distance(to: CoordinateSystem.gcj02.fromWGS84(bund))))
        #expect((500.0...2000).contains(bund.distance(to: CoordinateSystem.bd09.fromWGS84(bund))))
        let paris = GeoPoint(latitude: 48.8584, longitude: 2.2945)
        #expect(CoordinateSystem.gcj02.fromWGS84(paris) == paris)
    }

    @Test func distancesAreThoseOfTheSphere() {
        let origin = GeoPoint(latitude: 0, longitude: 0)
        // A quarter of the girth, and a degree along a meridian.
        #expect(abs(origin.distance(to: GeoPoint(latitude: 0, longitude: 90)) - 10_007_557) < 1)
        #expect(abs(origin.distance(to: GeoPoint(latitude: 1, longitude: 0)) - 111_195) < 1)
        #expect(abs(origin.distance(to: GeoPoint(latitude: 0, longitude: 180)) - 20_015_114) < 1)
        #expect(origin.distance(to: origin) == 0)
    }

    @Test(arguments: [4, 5] as [UInt64])
    func boxesHoldTheirCircles(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let centre = GeoPoint(
                latitude: Double.random(in: -90...90, using: &random),
                longitude: Double.random(in: -180...180, using: &random))
            let metres = Double.random(in: 1...3_000_000, using: &random)
            let box = GeoBox(around: centre, metres: metres)
            let point = GeoPoint(
                latitude: min(90, max(-90, centre.latitude + Double.random(in: -30...30, using: &random))),
                longitude: min(180, max(-180, centre.longitude + Double.random(in: -30...30, using: &random))))
            if centre.distance(to: point) <= metres { #expect(box.contains(point), "\(centre) \(metres) \(point)") }
        }
    }

    @Test func polygonsKnowInsideEdgeAndOutside() {
        // A horseshoe: the notch is outside.
        let ring = [(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4)]
            .map { GeoPoint(latitude: Double($0.1), longitude: Double($0.0)) }
        let test = ShapeTest(.polygon(ring))
        for (x, y, isInside) in [
            (0.5, 3.0, true), (2.0, 0.5, true), (2.0, 3.0, false), (3.5, 3.5, true), (0.0, 0.0, true), (2.0, 1.0, true),
            (5.0, 0.5, false), (-0.1, 2.0, false), (1.0, 2.0, true), (2.0, 4.0, false),
        ] {
            #expect(test.contains(GeoPoint(latitude: y, longitude: x)) == isInside, "\(x), \(y)")
        }
        #expect(!ShapeTest(.polygon([])).contains(ring[0]))
        #expect(ShapeTest(.polygon(Array(ring.prefix(2)))).problem != nil)
        #expect(ShapeTest(.circle(centre: ring[0], metres: -1)).problem != nil)
        #expect(ShapeTest(.box(GeoBox(south: 1, west: 0, north: 0, east: 1))).problem != nil)
        #expect(test.problem == nil)
    }

    @Test(arguments: [6] as [UInt64])
    func packedPointsAreWithinACentimetre(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            let point = GeoPoint(
                latitude: Double.random(in: -90...90, using: &random),
                longitude: Double.random(in: -180...180, using: &random))
            let packed = try #require(PackedPoint(point))
            #expect(point.distance(to: packed.point) < 0.011)
        }
        for corner in [(-90.0, -180.0), (90, 180), (-90, 180), (90, -180)] {
            let point = GeoPoint(latitude: corner.0, longitude: corner.1)
            #expect(try #require(PackedPoint(point)).point == point)
        }
        #expect(PackedPoint(GeoPoint(latitude: 91, longitude: 0)) == nil)
        #expect(PackedPoint(GeoPoint(latitude: .nan, longitude: 0)) == nil)
    }
}

/// SplitMix64 (G. L. Steele et al., 2014): the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
