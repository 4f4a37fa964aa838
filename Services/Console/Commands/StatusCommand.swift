// `kuaibao status`: queues, workers, balance.

import ArgumentParser
import Foundation
import Messages

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "状态。 Queues, workers, versions.")

    @OptionGroup var gateway: GatewayOptions
    @Flag(help: "每秒刷新。 Refresh each second.") var watch = false

    func run() async throws {
        let client = try gateway.client()
        repeat {
            let (bytes, status) = try await client.get("/v1/status", as: StatusReply.self)
            if watch, Terminal.isStyled { Terminal.write("\u{1B}[H\u{1B}[2J") }
            if gateway.json { Terminal.write(bytes) } else { Self.show(status) }
            if watch { try await Task.sleep(for: .seconds(1)) }
        } while watch
    }

    static func show(_ status: StatusReply) {
        for problem in status.problems { Terminal.write(Terminal.styled("! \(problem)", .bad)) }
        for collection in status.ingest?.collections ?? [] {
            let counts = collection.counts
            Terminal.write(Terminal.styled("集合 collection \(collection.name)", .bold) + "  版本 version \(collection.version)")
            Terminal.write("  文件 documents  \(counts.accepted) accepted = \(counts.searchable) searchable + \(counts.superseded) superseded + \(counts.deadLettered) dead + \(counts.dropped) dropped + \(counts.inFlight) in flight")
            Terminal.write("  条目 items      \(collection.liveItems) in \(collection.segments) segments")
            Terminal.write("  队列 queues     parse \(collection.waitingForParse) + \(collection.leasedForParse) leased, index \(collection.waitingForIndex)")
        }
        show("解析 parse workers", status.ingest?.parseWorkers ?? [])
        show("检索 search workers", status.searchWorkers)
        Terminal.write(Terminal.styled("索引 partitions", .bold))
        for partition in status.ingest?.partitions ?? [] {
            Terminal.write("  \(partition.collection)/\(partition.partition)  \(partition.checkpoint)/\(partition.next)  \(partition.segments) segments  \(partition.holder ?? Terminal.styled("nobody", .bad))")
        }
    }

    private static func show(_ title: String, _ workers: [WorkerStatus]) {
        Terminal.write(Terminal.styled("\(title)  \(workers.count)", .bold))
        for worker in workers {
            Terminal.write("  \(worker.name)  \(worker.held)/\(worker.window) held, \(worker.finished) done")
        }
    }
}
