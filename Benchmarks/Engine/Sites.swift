// The nearest open site of many whose records change all the time: small segments, deletes and merges as in an index worker,
// searches in between. One thread, so that only the engine is measured.

import Foundation
import Messages
import SearchCore

struct Sites {
    private let folder: String
    private let schema: IndexSchema
    private var segments: [(id: String, reader: SegmentReader, live: LiveDocs?)] = []
    private var made = 0
    private var version: Int64 = 0
    private var dice = SystemRandomNumberGenerator()
    private let points: [GeoPoint]

    private static let statuses = ["空闲", "适中", "忙碌"]

    init(folder: String, count: Int) throws {
        self.folder = folder
        schema = try IndexSchema(fields: [
            IndexField(name: "name", kind: .text), IndexField(name: "location", kind: .point),
            IndexField(name: "open", kind: .keyword, isFaceted: true),
            IndexField(name: "status", kind: .keyword, isFaceted: true), IndexField(name: "queue", kind: .integer),
        ])
        var own = SystemRandomNumberGenerator()
        points = (0..<count).map { _ in
            GeoPoint(latitude: .random(in: 30.9...31.5, using: &own), longitude: .random(in: 121.1...121.9, using: &own))
        }
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Prints microseconds of a search, by the wall clock and of processor time, with `changes` changes in batches of 100 and
    /// `searches` searches behind each.
    mutating func run(changes: Int, searches: Int) throws {
        try publish(Array(points.indices))
        var walls: [Double] = []
        var processor: [Double] = []
        var most = 0
        for _ in 0..<(changes / 100) {
            try publish((0..<100).map { _ in Int.random(in: points.indices, using: &dice) })
            try mergeByPolicy()
            most = max(most, segments.count)
            let snapshot = IndexSnapshot(
                views: try segments.map { try SegmentView(id: $0.id, reader: $0.reader, liveDocs: $0.live) })
            for _ in 0..<searches {
                let from = points[Int.random(in: points.indices, using: &dice)]
                let started = (wall: wallSeconds(), own: threadSeconds())
                let plan = SearchPlan(
                    query: .and([.term("true", field: "open"), .term("空闲", field: "status")]), limit: 5,
                    order: .distance(field: "location", from: from))
                let found = try Searcher(schema: schema).search(plan, in: snapshot)
                walls.append((wallSeconds() - started.wall) * 1e6)
                processor.append((threadSeconds() - started.own) * 1e6)
                if found.hits.count != 5 { throw POSIXError(.ENOENT) }
            }
        }
        func at(_ share: Double, _ values: [Double]) -> Double { values.sorted()[min(values.count - 1, Int(Double(values.count) * share))] }
        print(
            """
            {"sites":\(points.count),"searches":\(walls.count),"segments_at_most":\(most),"wall_p50":\(at(0.5, walls)),\
            "wall_p99":\(at(0.99, walls)),"cpu_p50":\(at(0.5, processor)),"cpu_p99":\(at(0.99, processor))}
            """)
        try FileManager.default.removeItem(atPath: folder)
    }

    /// New records of some sites in a segment of their own; their former ones die.
    private mutating func publish(_ sites: [Int]) throws {
        version += 1
        var builder = SegmentBuilder(schema: schema)
        for site in Set(sites).sorted() {
            let status = Self.statuses[Int.random(in: 0..<3, using: &dice)]
            let fields: [String: FieldValue] = [
                "name": .text("采样点\(site)"), "location": .point(points[site]), "open": .keywords([site % 2 == 0 ? "true" : "false"]),
                "status": .keywords([status]), "queue": .integers([Int64.random(in: 0..<90, using: &dice)]),
            ]
            try builder.add(
                IndexDocument(documentID: "S\(site)", itemOrdinal: 0, version: version, fields: fields, stored: Array("S\(site)".utf8)))
        }
        for place in segments.indices {
            var live = segments[place].live ?? LiveDocs(documentCount: segments[place].reader.documentCount)
            for site in Set(sites) {
                for document in try segments[place].reader.documents(withID: "S\(site)") { live.delete(document) }
            }
            segments[place].live = live
        }
        let id = name()
        _ = try builder.write(to: Indexing.path(folder, id), segmentID: id)
        segments.append((id, try SegmentReader.open(path: Indexing.path(folder, id)), nil))
    }

    private mutating func mergeByPolicy() throws {
        while let range = MergePolicy.range(
            segments.map { .init(documentCount: $0.reader.documentCount, deletedCount: $0.live?.deletedCount ?? 0) })
        {
            let id = name()
            let inputs = segments[range].map { MergeInput(reader: $0.reader, liveDocs: $0.live) }
            _ = try SegmentMerger(inputs).write(to: Indexing.path(folder, id), segmentID: id)
            for segment in segments[range] { try FileManager.default.removeItem(atPath: Indexing.path(folder, segment.id)) }
            segments.replaceSubrange(range, with: [(id, try SegmentReader.open(path: Indexing.path(folder, id)), nil)])
        }
    }

    private mutating func name() -> String {
        made += 1
        return "s\(made)"
    }
}
