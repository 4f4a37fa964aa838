// Faceted searches over many records with a facet of thousands of values: 100,000 jobs of 6,000 companies, as in
// Benchmarks/Records, in the segments that the merge policy leaves.

import Foundation
import Messages
import SearchCore

enum Jobs {
    private static let titles = [
        "算法工程师", "Swift 开发工程师", "质量管理工程师", "护理专员", "供应链主管", "财务分析师", "英语教师", "设备维护技师", "冷链配送员", "数据标注员",
    ]
    private static let words = ["工程师", "配送", "分析", "教师", "Swift"]
    private static let degrees = ["不限", "大专", "本科", "硕士"]
    /// Records of one segment before merges.
    private static let segmentSize = 1000

    /// Prints microseconds of a search with three facets and the hundred most frequent values of each.
    static func run(_ folder: String, count: Int, searches: Int) throws {
        let schema = try IndexSchema(fields: [
            IndexField(name: "title", kind: .text), IndexField(name: "company", kind: .keyword, isFaceted: true),
            IndexField(name: "industry", kind: .keyword, isFaceted: true),
            IndexField(name: "district", kind: .keyword, isFaceted: true),
            IndexField(name: "degree", kind: .keyword, isFaceted: true), IndexField(name: "salary", kind: .integer),
        ])
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var dice = SystemRandomNumberGenerator()
        var segments: [(id: String, reader: SegmentReader)] = []
        func open(_ id: String) throws -> (id: String, reader: SegmentReader) {
            (id, try SegmentReader.open(path: Indexing.path(folder, id)))
        }
        for start in stride(from: 0, to: count, by: segmentSize) {
            var builder = SegmentBuilder(schema: schema)
            for number in start..<min(count, start + segmentSize) {
                let fields: [String: FieldValue] = [
                    "title": .text(titles[Int.random(in: 0..<titles.count, using: &dice)]),
                    "company": .keywords(["测试\(Int.random(in: 0..<6000, using: &dice))号公司"]),
                    "industry": .keywords(["行业\(Int.random(in: 0..<8, using: &dice))"]),
                    "district": .keywords(["第\(Int.random(in: 0..<16, using: &dice))区"]),
                    "degree": .keywords([degrees[Int.random(in: 0..<4, using: &dice)]]),
                    "salary": .integers([Int64.random(in: 4..<60, using: &dice) * 1000]),
                ]
                try builder.add(
                    IndexDocument(documentID: "J\(number)", itemOrdinal: 0, version: 1, fields: fields, stored: Array("J\(number)".utf8)))
            }
            _ = try builder.write(to: Indexing.path(folder, "b\(start)"), segmentID: "b\(start)")
            segments.append(try open("b\(start)"))
            while let range = MergePolicy.range(
                segments.map { .init(documentCount: $0.reader.documentCount, deletedCount: 0) })
            {
                let id = "m\(start)-\(range.lowerBound)-\(segments.count)"
                _ = try SegmentMerger(segments[range].map { MergeInput(reader: $0.reader, liveDocs: nil) })
                    .write(to: Indexing.path(folder, id), segmentID: id)
                segments.replaceSubrange(range, with: [try open(id)])
            }
        }
        let snapshot = IndexSnapshot(
            views: try segments.map { try SegmentView(id: $0.id, reader: $0.reader, liveDocs: nil) })
        var times: [Double] = []
        for _ in 0..<searches {
            let salary = Double(Int.random(in: 10..<40, using: &dice) * 1000)
            let plan = SearchPlan(
                query: .and([
                    .text(words[Int.random(in: 0..<words.count, using: &dice)], field: nil),
                    .term(degrees[Int.random(in: 1..<4, using: &dice)], field: "degree"),
                    .numbers(NumberRange(lower: salary, upper: nil), field: "salary"),
                ]), facets: ["industry", "district", "company"])
            let started = wallSeconds()
            let found = try Searcher(schema: schema).search(plan, in: snapshot)
            let shown = found.facets.mapValues { $0.top(100).count }
            times.append((wallSeconds() - started) * 1e6)
            if shown["company"] != 100 { throw POSIXError(.ENOENT) }
        }
        times.sort()
        print(
            """
            {"jobs":\(count),"segments":\(segments.count),"searches":\(searches),"wall_p50":\(times[times.count / 2]),\
            "wall_p99":\(times[times.count * 99 / 100])}
            """)
        try FileManager.default.removeItem(atPath: folder)
    }
}
