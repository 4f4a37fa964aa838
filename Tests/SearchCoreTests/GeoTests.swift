// Places in the index against a walk over all of them: within circles, boxes and polygons, areas that hold a point, and the
// nearest first.

import Geography
import Messages
import Testing

@testable import SearchCore

struct GeoTests {
    private struct Site {
        var id: String
        var point: GeoPoint?
        var ring: [GeoPoint]?
        var queue: [Int64]
        var isOpen: Bool
    }

    private static let schema = try? IndexSchema(fields: [
        IndexField(name: "location", kind: .point), IndexField(name: "zone", kind: .area),
        IndexField(name: "queue", kind: .integer), IndexField(name: "open", kind: .keyword, isFaceted: true),
    ])

    private static func sites(_ random: inout SeededGenerator, count: Int) -> [Site] {
        func place(_ random: inout SeededGenerator) -> GeoPoint {
            // As columns hold it, so that both sides compare the same places.
            let point = GeoPoint(
                latitude: Double.random(in: 30.7...31.9, using: &random),
                longitude: Double.random(in: 120.9...122.1, using: &random))
            return PackedPoint(point)?.point ?? point
        }
        return (0..<count).map { number in
            let centre = place(&random)
            let corners = Int.random(in: 3...7, using: &random)
            let ring = (0..<corners).map { _ in
                GeoPoint(
                    latitude: centre.latitude + Double.random(in: -0.1...0.1, using: &random),
                    longitude: centre.longitude + Double.random(in: -0.1...0.1, using: &random))
            }.compactMap { PackedPoint($0)?.point }
            return Site(
                id: "s\(number)", point: number % 11 == 0 ? nil : centre, ring: number % 3 == 0 ? nil : ring,
                queue: number % 7 == 0 ? [] : [Int64.random(in: -9...9, using: &random)], isOpen: number % 2 == 0)
        }
    }

    private static func views(_ sites: [Site], schema: IndexSchema, segments: Int, in folder: TemporaryFolder) throws
        -> [SegmentView]
    {
        try (0..<segments).map { segment in
            var builder = SegmentBuilder(schema: schema)
            for (number, site) in sites.enumerated() where number % segments == segment {
                var fields: [String: FieldValue] = [
                    "queue": .integers(site.queue), "open": .keywords(["\(site.isOpen)"]),
                ]
                if let point = site.point { fields["location"] = .point(point) }
                if let ring = site.ring { fields["zone"] = .area(ring) }
                try builder.add(
                    IndexDocument(documentID: site.id, itemOrdinal: 0, version: 1, fields: fields, stored: []))
            }
            let path = folder.path + "/\(segment).seg"
            _ = try builder.write(to: path, segmentID: "\(segment)")
            return try SegmentView(id: "\(segment)", reader: SegmentReader.open(path: path), liveDocs: nil)
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func shapesAndNearestAreThoseOfAWalk(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let schema = try #require(Self.schema)
        let folder = TemporaryFolder()
        let sites = Self.sites(&random, count: 300)
        let snapshot = IndexSnapshot(
            views: try Self.views(sites, schema: schema, segments: Int.random(in: 1...4, using: &random), in: folder))
        func from() -> GeoPoint {
            GeoPoint(
                latitude: Double.random(in: 30.6...32, using: &random),
                longitude: Double.random(in: 120.8...122.2, using: &random))
        }
        for _ in 0..<6 {
            let one = from()
            let other = from()
            let shapes: [GeoShape] = [
                .circle(centre: one, metres: Double.random(in: 100...60_000, using: &random)),
                .box(
                    GeoBox(
                        south: min(one.latitude, other.latitude), west: min(one.longitude, other.longitude),
                        north: max(one.latitude, other.latitude), east: max(one.longitude, other.longitude))),
                .polygon([one, other, from(), from()]),
            ]
            for evaluator in [Searcher.Evaluator.pruned, .exhaustive] {
                let searcher = Searcher(schema: schema, evaluator: evaluator)
                for shape in shapes {
                    let found = try searcher.search(
                        SearchPlan(query: .within(shape, field: "location"), limit: 400), in: snapshot)
                    let wanted = sites.filter { $0.point.map { ShapeTest(shape).contains($0) } ?? false }.map(\.id)
                    #expect(found.hits.map(\.place.documentID) == wanted.sorted(), "\(shape)")
                    #expect(found.total == wanted.count)
                }
                let holding = try searcher.search(
                    SearchPlan(query: .covers(one, field: "zone"), limit: 400), in: snapshot)
                let wanted = sites.filter { $0.ring.map { ShapeTest(.polygon($0)).contains(one) } ?? false }.map(\.id)
                #expect(holding.hits.map(\.place.documentID) == wanted.sorted())

                let near = try searcher.search(
                    SearchPlan(
                        query: .term("true", field: "open"), limit: 9, order: .distance(field: "location", from: one)),
                    in: snapshot)
                let ranked = sites.filter(\.isOpen).map { site in
                    (site.point.map { Int64(($0.distance(to: one) * 1000).rounded()) } ?? Int64.max, site.id)
                }.sorted { $0 < $1 }
                #expect(near.hits.map(\.place.documentID) == ranked.prefix(9).map(\.1))
                #expect(near.hits.map(\.place.key) == ranked.prefix(9).map(\.0))
                #expect(near.total == ranked.count)
            }
        }
    }

    @Test(arguments: [false, true])
    func numbersOrderHitsAndThoseWithoutComeLast(isDescending: Bool) throws {
        var random = SeededGenerator(seed: 5)
        let schema = try #require(Self.schema)
        let folder = TemporaryFolder()
        let sites = Self.sites(&random, count: 100)
        let snapshot = IndexSnapshot(views: try Self.views(sites, schema: schema, segments: 3, in: folder))
        let order = HitOrder.number(field: "queue", isDescending: isDescending)
        let wanted = sites.map { site in
            (site.queue.first.map { isDescending ? -$0 : $0 } ?? Int64.max, site.id)
        }.sorted { $0 < $1 }.map(\.1)
        let searcher = Searcher(schema: schema)
        let first = try searcher.search(SearchPlan(query: .all, limit: 40, order: order), in: snapshot)
        #expect(first.hits.map(\.place.documentID) == Array(wanted.prefix(40)))
        let next = try searcher.search(
            SearchPlan(query: .all, limit: 40, after: first.hits.last?.place, order: order), in: snapshot)
        #expect(next.hits.map(\.place.documentID) == Array(wanted[40..<80]))
    }

    /// A collection's declaration changed: segments of both are searched as one, and a field that the old one lacks is empty.
    @Test func segmentsOfAnEarlierSchemaAreSearchedWithTheOthers() throws {
        var random = SeededGenerator(seed: 8)
        let schema = try #require(Self.schema)
        let folder = TemporaryFolder()
        let sites = Self.sites(&random, count: 60)
        let old = try IndexSchema(fields: [
            IndexField(name: "queue", kind: .integer), IndexField(name: "former", kind: .text),
            IndexField(name: "open", kind: .keyword), IndexField(name: "location", kind: .integer),
        ])
        var builder = SegmentBuilder(schema: old)
        for number in 0..<10 {
            try builder.add(
                IndexDocument(
                    documentID: "o\(number)", itemOrdinal: 0, version: 1,
                    fields: [
                        "queue": .integers([5]), "former": .text("复工"), "open": .keywords(["true"]),
                        "location": .integers([7]),
                    ], stored: []))
        }
        _ = try builder.write(to: folder.file("old.seg"), segmentID: "old")
        let view = try SegmentView(id: "old", reader: .open(path: folder.file("old.seg")), liveDocs: nil)
        let new = try Self.views(sites, schema: schema, segments: 2, in: folder)
        let snapshot = IndexSnapshot(views: [view] + new)
        let open = sites.filter(\.isOpen).count
        for evaluator in [Searcher.Evaluator.pruned, .exhaustive] {
            let searcher = Searcher(schema: schema, evaluator: evaluator)
            let found = try searcher.search(
                SearchPlan(query: .term("true", field: "open"), limit: 5, facets: ["open"]), in: snapshot)
            #expect(found.total == open + 10 && found.facets["open"]?.counts == ["true": open + 10])
            let shape = GeoShape.box(GeoBox(south: -90, west: -180, north: 90, east: 180))
            let placed = try searcher.search(
                SearchPlan(query: .within(shape, field: "location"), limit: 100), in: snapshot)
            #expect(placed.total == sites.count { $0.point != nil })
            let near = try searcher.search(
                SearchPlan(
                    query: .all, limit: 100,
                    order: .distance(field: "location", from: GeoPoint(latitude: 31, longitude: 121))), in: snapshot)
            #expect(near.hits.count == 70 && near.hits.suffix(10).allSatisfy { $0.place.key == .max })
            #expect(throws: SearchCoreError.self) {
                try searcher.search(SearchPlan(query: .text("复工", field: "former")), in: snapshot)
            }
        }
    }
}
