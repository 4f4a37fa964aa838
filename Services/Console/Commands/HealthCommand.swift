// `kuaibao health`: for supervisors and container engines; needs no curl in the image.

import ArgumentParser
import Foundation
import Messages
import ServiceKit
import Transport
import ZeroMQ

struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "健康检查。 Exits 0 when the service answers: an HTTP gateway is ready, a ZeroMQ broker answers ping.")

    @Argument(help: "http://… 或 tcp://…。") var address = GatewayOptions.usualAddress
    @Option(help: "密钥文件夹。 Folder of keys, for an encrypted broker.")
    var keys = ProcessInfo.processInfo.environment["KUAIBAO_KEYS"] ?? ""
    @Option(help: "链路。 The link that the address belongs to.") var link = "submit"

    func run() async throws {
        if address.hasPrefix("http") {
            _ = try await GatewayClient(address).get("/health/ready", as: [String: String].self)
        } else {
            guard let link = Link(rawValue: link) else {
                throw KuaibaoError(
                    .invalidRequest, "unknown link \"\(link)\"", fix: "give submit, parse, ledger, ask or search")
            }
            guard address.hasPrefix("tcp://") || address.hasPrefix("ipc://") else {
                throw KuaibaoError(
                    .invalidRequest, "\"\(address.prefix(80))\" is no address",
                    fix: "give http://127.0.0.1:8080, or tcp://127.0.0.1:7510 of a broker")
            }
            let folder = keys.isEmpty ? nil : try KeyFolder(path: keys)
            let security = LinkSecurity(keys: folder, plainTCP: .everywhere)
            let thread = try PollThread(name: "health")
            let client = try RequestClient(
                thread: thread, endpoint: address, options: try security.connecting(to: link, at: address), prefix: "health-\(Identifier.random().prefix(8))",
                now: SystemClock.monotonicMilliseconds)
            let deadline = SystemClock.monotonicMilliseconds() + 3000
            while true {
                do {
                    _ = try await client.request(.ping, [String: String](), timeoutMilliseconds: 1000)
                    break
                } catch let error as KuaibaoError where error.code == .unavailable {
                    // Not connected yet.
                    guard SystemClock.monotonicMilliseconds() < deadline else { throw error }
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
            thread.stop()
        }
        Terminal.write("ok")
    }
}
