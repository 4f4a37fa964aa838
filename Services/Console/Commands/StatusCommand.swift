// `kuaibao status`: queues, workers, balance; with --watch a table that follows them.

import ArgumentParser
import Foundation
import Messages

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "状态。 Queues, workers, versions.")

    @OptionGroup var gateway: GatewayOptions
    @Flag(help: "每秒刷新，直到 Ctrl-C。 Refresh each second until Ctrl-C.") var watch = false

    func run() async throws {
        let client = try gateway.client()
        guard watch else {
            let (bytes, status) = try await client.get("/v1/status", as: StatusReply.self)
            if gateway.json { Terminal.write(bytes) } else { Terminal.write(Self.lines(status).joined(separator: "\n")) }
            return
        }
        var previous: Sample?
        while true {
            do {
                let (bytes, status) = try await client.get("/v1/status", as: StatusReply.self)
                let sample = Sample(status)
                if gateway.json {
                    Terminal.write(bytes)
                } else {
                    Self.redraw(Self.rates(sample, since: previous) + Self.lines(status))
                }
                previous = sample
            } catch let error as KuaibaoError where error.code == .unavailable || error.code == .notReady {
                // A gateway that is started again is waited for.
                Self.redraw([Terminal.styled("! \(error.message)", .bad)])
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    // MARK: Rates

    /// The counts from which rates are made, and when they were taken.
    private struct Sample {
        let at = Date()
        let startedAt: Int64?
        let counts: [(name: String, value: Double)]

        init(_ status: StatusReply) {
            let ingest = status.ingest?.counters ?? [:]
            let indexed = (status.ingest?.indexWorkers ?? [:]).values.reduce(0) { $0 + ($1["records_total"] ?? 0) }
            startedAt = status.ingest?.startedAt
            counts = [
                ("接收 in", ingest["ingest_documents_accepted_total"] ?? 0),
                ("解析 parsed", ingest["ingest_documents_parsed_total"] ?? 0), ("索引 indexed", Double(indexed)),
                ("死信 dead", ingest["ingest_documents_dead_total"] ?? 0),
                ("检索 searches", status.counters["query_searches_total"] ?? 0),
            ]
        }
    }

    /// One line of changes a second; counters that began anew count from nothing.
    private static func rates(_ sample: Sample, since previous: Sample?) -> [String] {
        guard let previous, previous.startedAt == sample.startedAt else { return ["…"] }
        let seconds = max(sample.at.timeIntervalSince(previous.at), 0.001)
        let parts = zip(sample.counts, previous.counts).map { now, before in
            "\(now.name) \(Int((max(0, now.value - before.value) / seconds).rounded()))/s"
        }
        return [Terminal.styled(parts.joined(separator: "   "), .bold)]
    }

    /// Writes over what was there, without clearing first, so that nothing flickers.
    private static func redraw(_ lines: [String]) {
        guard Terminal.isStyled else { return Terminal.write(lines.joined(separator: "\n") + "\n") }
        Terminal.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J")
    }

    // MARK: The table

    static func lines(_ status: StatusReply) -> [String] {
        var lines = status.problems.map { Terminal.styled("! \($0)", .bad) }
        for collection in status.ingest?.collections ?? [] { lines += self.lines(collection) }
        lines += workers("解析 parse workers", status.ingest?.parseWorkers ?? [])
        lines += workers("检索 search workers", status.searchWorkers)
        lines.append(Terminal.styled("索引 partitions", .bold))
        for partition in status.ingest?.partitions ?? [] {
            let holder = partition.holder ?? Terminal.styled("nobody", .bad)
            lines.append(
                "  \(partition.collection)/\(partition.partition)  \(partition.checkpoint)/\(partition.next)  \(partition.segments) segments  \(holder)")
        }
        return lines
    }

    private static func lines(_ collection: CollectionStatus) -> [String] {
        let counts = collection.counts
        let lag = [("parse", collection.parseLagMilliseconds), ("index", collection.indexLagMilliseconds)]
            .compactMap { name, value in value.map { "\(name) \(Double($0 / 100) / 10) s" } }
        return [
            Terminal.styled("集合 collection \(collection.name)", .bold) + "  版本 version \(collection.version)",
            "  文件 documents  \(counts.accepted) accepted = \(counts.searchable) searchable + \(counts.superseded) superseded + \(counts.deadLettered) dead + \(counts.dropped) dropped + \(counts.inFlight) in flight",
            "  条目 items      \(collection.liveItems) in \(collection.segments) segments",
            "  队列 queues     parse \(collection.waitingForParse) + \(collection.leasedForParse) leased, index \(collection.waitingForIndex)",
        ] + (lag.isEmpty ? [] : ["  滞后 lag        " + lag.joined(separator: ", ")])
    }

    private static func workers(_ title: String, _ workers: [WorkerStatus]) -> [String] {
        [Terminal.styled("\(title)  \(workers.count)", .bold)]
            + workers.map { "  \($0.name)  \($0.held)/\($0.window) held, \($0.finished) done" }
    }
}
