// Builds an index as an index worker does: buffers of a budget become segments, segments are merged by the policy.

import Foundation
import SearchCore

/// Writes segments into a folder and keeps the list of them.
struct Indexing {
    private let folder: String
    private let budget: Int
    private var segments: [(id: String, count: Int)] = []
    private var made = 0
    private var peakAnonymous = 0

    /// - Parameter budget: bytes that a builder may hold before it is written.
    init(folder: String, budget: Int) {
        self.folder = folder
        self.budget = budget
    }

    static func path(_ folder: String, _ id: String) -> String { "\(folder)/\(id).seg" }

    static func names(in folder: String) throws -> [String] {
        try String(contentsOfFile: folder + "/segments", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// Indexes a corpus file, or documents mixed from its paragraphs; prints what it took as one line of JSON.
    /// - Parameter mixed: how many documents to mix; nil takes the corpus as it is.
    mutating func run(_ path: String, limit: Int, mixed: Int?, isForced: Bool) throws {
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var corpus = try Corpus(path: path)
        var mixture = try mixed.map { _ in try Mixture(path: path, seed: 20_200_322) }
        let started = (cpu: processSeconds(), wall: wallSeconds())
        let ownMemory = memoryMegabytes().anonymous
        var number = 0
        var textBytes = 0
        var builder = SegmentBuilder(schema: try benchSchema())
        while number < mixed ?? limit, let document = mixture?.next(number) ?? corpus.next(number) {
            textBytes += document.stored.count
            try builder.add(document)
            number += 1
            if number % 256 == 0 { notePeak() }
            if builder.approximateBytes > budget || builder.isFull {
                try flush(&builder)
                try mergeByPolicy()
            }
        }
        if builder.documentCount > 0 { try flush(&builder) }
        try mergeByPolicy()
        let searchable = (cpu: processSeconds() - started.cpu, wall: wallSeconds() - started.wall)
        if isForced, segments.count > 1 { try merge(0..<segments.count) }
        try segments.map(\.id).joined(separator: "\n").write(
            toFile: folder + "/segments", atomically: true, encoding: .utf8)
        var size = 0
        for segment in segments { size += try SegmentReader.open(path: Self.path(folder, segment.id)).byteCount }
        notePeak()
        print(
            """
            {"documents":\(number),"jsonl_bytes":\(corpus.byteCount),"text_bytes":\(textBytes),"cpu":\(searchable.cpu),\
            "wall":\(searchable.wall),"merged_cpu":\(processSeconds() - started.cpu),"segments":\(segments.count),\
            "bytes":\(size),"peak_mb":\(memoryMegabytes().peak),"peak_anonymous_mb":\(peakAnonymous - ownMemory),\
            "budget_mb":\(budget >> 20)}
            """)
    }

    /// Memory without mapped files, which the kernel takes back when it wants to.
    private mutating func notePeak() { peakAnonymous = max(peakAnonymous, memoryMegabytes().anonymous) }

    /// Prints the bytes of each section and of each tier's lists.
    static func sizes(_ folder: String) throws {
        for name in try names(in: folder) {
            let reader = try SegmentReader.open(path: path(folder, name))
            print(name, reader.byteCount, reader.sectionSizes().sorted { $0.key < $1.key })
            for (tier, sizes) in try reader.postingSizes(field: "text").sorted(by: { $0.key < $1.key }) {
                print(name, tier, sizes)
            }
        }
    }

    private mutating func name() -> String {
        made += 1
        return "s\(made)"
    }

    private mutating func flush(_ builder: inout SegmentBuilder) throws {
        let id = name()
        notePeak()
        let summary = try builder.write(to: Self.path(folder, id), segmentID: id)
        notePeak()
        segments.append((id, summary.documentCount))
        builder = SegmentBuilder(schema: try benchSchema())
    }

    private mutating func mergeByPolicy() throws {
        while let range = MergePolicy.range(
            segments.map { MergePolicy.Segment(documentCount: $0.count, deletedCount: 0) })
        {
            try merge(range)
        }
    }

    private mutating func merge(_ range: Range<Int>) throws {
        let inputs = try segments[range].map {
            MergeInput(reader: try SegmentReader.open(path: Self.path(folder, $0.id)), liveDocs: nil)
        }
        let id = name()
        let (summary, _) = try SegmentMerger(inputs).write(to: Self.path(folder, id), segmentID: id)
        notePeak()
        for segment in segments[range] { try FileManager.default.removeItem(atPath: Self.path(folder, segment.id)) }
        segments.replaceSubrange(range, with: [(id, summary.documentCount)])
    }
}
