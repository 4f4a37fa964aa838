// `kuaibao check`: reads every byte of the ledger and of the index, and says what is wrong.

import ArgumentParser
import Foundation
import Ledger
import Messages
import SearchCore
import SegmentStore
import ServiceKit

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "检查全部数据。 Verifies every byte of the ledger and of the index.",
        discussion: "先停止服务。 Stop the stack first: the ledger belongs to one process.")

    @Option(help: "数据文件夹。 Data folder.") var dataDir = "./var/kuaibao"
    @Flag(help: "输出 JSON。 Print JSON.") var json = false

    func run() async throws {
        guard FileManager.default.fileExists(atPath: dataDir + "/ledger") else {
            throw KuaibaoError(.notFound, "there is no ledger under \(dataDir)", fix: "give --data-dir")
        }
        let report: CheckReport
        do {
            report = try CheckReport(dataDir: dataDir)
        } catch let error as LedgerError {
            throw error.wireError
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            Terminal.write(Array(try encoder.encode(report)) + [10])
        } else {
            for problem in report.problems { Terminal.write(Terminal.styled("✗ \(problem)", .bad)) }
            Terminal.write(
                "\(report.documents) documents, \(report.records) item records, \(report.segments) segments, "
                    + "\(report.bytes) bytes read, \(report.problems.count) problems")
        }
        guard report.problems.isEmpty else {
            throw KuaibaoError(
                .corrupt, "\(report.problems.count) problems were found", fix: "restore a backup, or index anew")
        }
    }
}

/// What a check has read and found.
struct CheckReport: Encodable, Sendable {
    var documents = 0
    var records = 0
    var segments = 0
    var bytes: Int64 = 0
    var problems: [String] = []

    private static let batchBytes = 16 << 20

    private var bar = ProgressBar("", total: 0)

    private enum CodingKeys: CodingKey { case documents, records, segments, bytes, problems }

    /// Reads everything. - Throws: `LedgerError` where the ledger cannot be opened at all.
    init(dataDir: String) throws {
        let ledger = try SQLiteLedger(
            directory: dataDir + "/ledger", processID: ProcessInfo.processInfo.processIdentifier)
        defer { try? ledger.close() }
        let store = try DirectorySegmentStore(directory: dataDir + "/segments")
        problems += try ledger.checkFile()
        for collection in try ledger.collections() {
            problems += try ledger.audit(collection.name)
            let expected = try ledger.counts(collection.name)
            let segmentCount = try ledger.snapshot(collection.name).partitions.reduce(0) { $0 + $1.segments.count }
            bar = ProgressBar(collection.name, total: Int(expected.accepted + expected.items) + segmentCount)
            try readRaw(ledger, collection)
            for partition in 0..<collection.partitions { try readItems(ledger, collection, partition) }
            try readSegments(ledger, store, collection)
            let counts = try ledger.counts(collection.name)
            if !counts.isBalanced { problems.append("\(collection.name): the documents do not balance: \(counts)") }
            if counts.liveDocuments != counts.searchable {
                problems.append(
                    "\(collection.name): the index says \(counts.liveDocuments) documents, the ledger \(counts.searchable)")
            }
        }
    }

    private mutating func readRaw(_ ledger: SQLiteLedger, _ collection: CollectionRecord) throws {
        try forEachBatch(ledger, TopicPartition(collection: collection.name, topic: .raw)) { report, batch in
            report.documents += 1
            if (try? RawRecord(decoding: batch.payload)) == nil {
                report.problems.append("\(collection.name): raw record \(batch.firstOffset) cannot be read")
            }
        }
    }

    private mutating func readItems(
        _ ledger: SQLiteLedger, _ collection: CollectionRecord, _ partition: Int
    ) throws {
        let stream = TopicPartition(collection: collection.name, topic: .items, partition: partition)
        try forEachBatch(ledger, stream) { report, batch in
            report.records += batch.recordCount
            let codec = batch.payload.first.flatMap { Codec(firstByte: $0) }
            if (try? codec?.decode(ItemsRecord.self, from: batch.payload)) == nil {
                report.problems.append("\(collection.name)/\(partition): items at \(batch.firstOffset) cannot be read")
            }
        }
    }

    private mutating func forEachBatch(
        _ ledger: SQLiteLedger, _ stream: TopicPartition, _ body: (inout CheckReport, StoredBatch) -> Void
    ) throws {
        let bounds = try ledger.bounds(stream)
        var next = bounds.low
        while next < bounds.next {
            let batches = try ledger.read(stream, from: next, maxBatches: 4096, maxBytes: Self.batchBytes)
            guard let last = batches.last else {
                problems.append("\(stream.collection)/\(stream.topic.rawValue): a hole at \(next)")
                return
            }
            for batch in batches {
                if batch.firstOffset != next {
                    problems.append("\(stream.collection)/\(stream.topic.rawValue): a hole at \(next)")
                }
                next = batch.endOffset
                bytes += Int64(batch.payload.count)
                bar.advance(by: batch.recordCount)
                body(&self, batch)
            }
            next = last.endOffset
        }
    }

    private mutating func readSegments(
        _ ledger: SQLiteLedger, _ store: DirectorySegmentStore, _ collection: CollectionRecord
    ) throws {
        for partition in try ledger.snapshot(collection.name).partitions {
            var covered: Int64 = 0
            for record in partition.segments {
                segments += 1
                bar.advance()
                bytes += record.file.byteCount
                if record.startOffset != covered {
                    problems.append("segment \(record.id) starts at \(record.startOffset), not \(covered)")
                }
                covered = record.endOffset
                do {
                    try store.verify(record.file)
                    let reader = try SegmentReader.open(path: try store.fetch(record.file))
                    try reader.verifyAll()
                    if reader.documentCount != record.documentCount {
                        problems.append("segment \(record.id) has \(reader.documentCount) documents, not \(record.documentCount)")
                    }
                    if let live = record.liveDocs {
                        try store.verify(live)
                        let bytes = try Data(contentsOf: URL(fileURLWithPath: try store.fetch(live)))
                        if try LiveDocs(decoding: Array(bytes)).deletedCount != record.deletedCount {
                            problems.append("segment \(record.id): its live documents differ from the catalog's count")
                        }
                    }
                } catch {
                    problems.append("segment \(record.id): \(error)")
                }
            }
            if covered != partition.checkpoint {
                problems.append("partition \(partition.partition) covers \(covered) of \(partition.checkpoint)")
            }
        }
    }
}
