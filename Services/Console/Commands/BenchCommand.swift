// `kuaibao bench`: how many searches a second a gateway answers, and how fast each is.

import ArgumentParser
import Foundation
import KuaibaoClient
import Messages
import ServiceKit
import Synchronization

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "测量检索速度。 Measures searches a second of a running gateway.",
        discussion: "例 Example:\n  kuaibao bench --connections 8 --seconds 10 复工复产 '部门:上海市公安局 复工'")

    /// What is asked when no query is given.
    private static let usual = [
        "复工复产", "疫情防控", "复工 -隔离", "\"常态化防控\"", "部门:上海市公安局", "日期:2020-02", "上海 企业", "口罩 OR 消毒", "社区*", "核酸检测",
    ]

    @Option(help: "网关地址。 Address of the query gateway.") var url = GatewayOptions.usualAddress
    @Option(help: "集合。 Collection.") var collection = "bulletins"
    @Option(help: "同时的连接数。 Connections at once.") var connections = 8
    @Option(help: "秒数。 Seconds.") var seconds = 10.0
    @Option(help: "每次的条数。 Hits of each answer.") var limit = 10
    @Option(help: "检索式文件，每行一条。 File of queries, one a line.") var queries: String?
    @Flag(help: "输出 JSON。 Print JSON.") var json = false
    @Argument(help: "检索式。 Queries.") var query: [String] = []

    func validate() throws {
        guard (1...256).contains(connections), seconds > 0, seconds <= 3600 else {
            throw ValidationError("--connections is 1 to 256, --seconds more than 0, up to 3600")
        }
    }

    /// What all connections have measured.
    private final class Measured: Sendable {
        let state = Mutex<(times: [Int64], errors: Int, failure: ClientError?)>(([], 0, nil))
    }

    /// What was measured. Times in microseconds.
    struct Report: Encodable {
        var searches: Int
        var errors: Int
        var perSecond: Double
        var p50: Int64
        var p90: Int64
        var p99: Int64
        var maximum: Int64
        var connections: Int
        var seconds: Double
    }

    func run() async throws {
        guard let address = URLComponents(string: url), let host = address.host else {
            throw KuaibaoError(.invalidRequest, "\"\(url)\" is no address", fix: "write it like http://127.0.0.1:8080")
        }
        var texts = query
        if let queries {
            guard let text = try? String(contentsOfFile: queries, encoding: .utf8) else {
                throw KuaibaoError(.notFound, "there is no file \(queries)", fix: "give a file of queries")
            }
            texts += text.split(separator: "\n").map(String.init)
        }
        if texts.isEmpty { texts = Self.usual }
        let targets = texts.map {
            "/v1/collections/\(GatewayClient.encode(collection))/search?limit=\(limit)&q=\(GatewayClient.encode($0))"
        }
        let headers =
            ProcessInfo.processInfo.environment["KUAIBAO_KEY"].map { [("Authorization", "Bearer " + $0)] } ?? []
        let started = SystemClock.monotonicMicroseconds()
        let end = started + Int64(seconds * 1_000_000)
        let measured = Measured()
        let port = address.port ?? 80
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<connections {
                group.addTask { [targets] in
                    await withCheckedContinuation { continuation in
                        // A thread of its own: the connection blocks.
                        Thread.detachNewThread {
                            let (times, errors, failure) = Self.ask(
                                host, port, targets, headers, first: number, until: end)
                            measured.state.withLock {
                                $0.times += times
                                $0.errors += errors
                                $0.failure = $0.failure ?? failure
                            }
                            continuation.resume()
                        }
                    }
                }
            }
        }
        let took = Double(SystemClock.monotonicMicroseconds() - started) / 1_000_000
        let result = measured.state.withLock { $0 }
        guard !result.times.isEmpty else {
            let failure = result.failure
            throw KuaibaoError(
                .unavailable, failure?.message ?? "no search was answered", fix: failure?.fix ?? "is a gateway there?")
        }
        try show(Self.report(result.times.sorted(), errors: result.errors, connections: connections, seconds: took))
    }

    /// Asks on one connection, one query after the other, from another one on for each connection.
    private static func ask(
        _ host: String, _ port: Int, _ targets: [String], _ headers: [(String, String)], first: Int, until end: Int64
    ) -> (times: [Int64], errors: Int, failure: ClientError?) {
        var times: [Int64] = []
        var errors = 0
        do {
            var connection = try HTTPConnection(host: host, port: port)
            var next = first
            while true {
                let began = SystemClock.monotonicMicroseconds()
                if began >= end { break }
                let answer = try connection.send("GET", targets[next % targets.count], headers: headers)
                next += 1
                if answer.status == 200 {
                    times.append(SystemClock.monotonicMicroseconds() - began)
                } else {
                    errors += 1
                }
            }
            return (times, errors, nil)
        } catch {
            return (times, errors + 1, error)
        }
    }

    private static func report(_ times: [Int64], errors: Int, connections: Int, seconds: Double) -> Report {
        func quantile(_ share: Double) -> Int64 { times[min(times.count - 1, Int(Double(times.count) * share))] }
        return Report(
            searches: times.count, errors: errors, perSecond: Double(times.count) / seconds, p50: quantile(0.5),
            p90: quantile(0.9), p99: quantile(0.99), maximum: times[times.count - 1], connections: connections,
            seconds: seconds)
    }

    private func show(_ report: Report) throws {
        if json { return try APIKeysCommand.print(report) }
        Terminal.write(
            "\(Terminal.styled("\(Int(report.perSecond)) 次/秒 searches/s", .bold))  p50 \(report.p50) µs  p90 \(report.p90) µs  p99 \(report.p99) µs  "
                + "max \(report.maximum) µs  \(report.connections) connections  \(report.searches) searches  \(report.errors) errors"
        )
    }
}
