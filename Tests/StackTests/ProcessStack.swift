// The stack as `kuaibao up` runs it: real processes, which a test may kill.

import Foundation
import Glibc
import Messages
import ServiceKit

/// A supervised stack of processes with its data in a folder of its own.
final class ProcessStack: @unchecked Sendable {  // because `process` is only touched by the test that owns the stack
    /// Where the release programs are; the tests' make target sets it.
    static var programs: String? { ProcessInfo.processInfo.environment["KUAIBAO_TEST_PROGRAMS"] }

    let folder: String
    let httpPort: Int
    let zmqPort: Int
    private let process = Process()

    /// Starts a stack and waits until it is ready.
    init(folder existing: String? = nil) async throws {
        guard let programs = Self.programs else { throw CocoaError(.fileNoSuchFile) }
        folder = try existing ?? RunningStack.makeFolder()
        httpPort = try Self.freePort()
        zmqPort = try Self.freePort(withAskPort: true)
        process.executableURL = URL(fileURLWithPath: programs + "/kuaibao")
        process.arguments = [
            "up", "--data-dir", folder, "--http-port", "\(httpPort)", "--zmq-port", "\(zmqPort)", "--query-workers",
            "2",
        ]
        // The tests' own variables are no settings, and a service refuses what it does not know.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("KUAIBAO_") }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await waitUntilReady()
    }

    /// Process numbers of the stack's children by their role, as their command lines tell it.
    func children() throws -> [(name: String, id: Int32)] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }.compactMap { id in
            guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let fields = stat.split(separator: ")").last?.split(separator: " "), fields.count > 1,
                Int32(fields[1]) == process.processIdentifier,
                let line = try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8)
            else { return nil }
            let words = line.split(separator: "\0")
            let role = words.firstIndex(of: "--role").map { String(words[$0 + 1]) } ?? ""
            return ((words.first?.split(separator: "/").last.map(String.init) ?? "") + "-" + role, id)
        }
    }

    func stop() async {
        kill(process.processIdentifier, SIGTERM)
        while process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
    }

    /// How the supervisor ended.
    var status: Int32 { process.terminationStatus }

    func waitUntilReady() async throws {
        while true {
            if let status: StatusReply = try? await get("/v1/status"), status.problems.isEmpty { return }
            // It ends by itself where somebody took one of its ports meanwhile; the log says why.
            guard process.isRunning else { throw CocoaError(.executableLoad) }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits until the gateway knows exactly the query workers that run: none that died is in its list any more, and what
    /// was started in its place has joined.
    func waitUntilQueryWorkersJoined(_ count: Int) async throws {
        while true {
            let running = try children().filter { $0.name == "query-worker" }.map(\.id)
            let status: StatusReply = try await get("/v1/status")
            // A worker's name ends with its process number.
            let joined = status.searchWorkers.compactMap { $0.name.split(separator: "-").last.flatMap { Int32($0) } }
            if running.count == count, joined.sorted() == running.sorted() { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func get<Value: Decodable>(_ path: String, _ parameters: [String: String] = [:]) async throws -> Value {
        try JSONDecoder().decode(Value.self, from: try await call("GET", path, parameters))
    }

    func call(
        _ method: String, _ path: String, _ parameters: [String: String] = [:], body: Data? = nil,
        headers: [String: String] = [:]
    ) async throws -> Data {
        var components = URLComponents()
        components.path = path
        if !parameters.isEmpty {
            components.queryItems = parameters.map { URLQueryItem(name: $0.key, value: $0.value) }
        }
        guard let target = components.string else { throw URLError(.badURL) }
        let response = try await PlainHTTP.call(
            port: httpPort, method: method, target: target, headers: headers, body: body)
        struct ErrorBody: Decodable { let error: KuaibaoError }
        guard (200..<300).contains(response.status) else {
            throw (try? JSONDecoder().decode(ErrorBody.self, from: response.body))?.error
                ?? URLError(.badServerResponse)
        }
        return response.body
    }

    /// A TCP port of loopback that nobody has now, below those that the system gives to outgoing connections: a client that
    /// tries again and again would else take the port of a gateway that is being started.
    private static func freePort(withAskPort: Bool = false) throws -> Int {
        func bind(_ port: Int) -> (descriptor: Int32, port: Int)? {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    unsafe Glibc.bind(descriptor, generic, length) == 0
                        && getsockname(descriptor, generic, &length) == 0
                }
            }
            guard bound else {
                close(descriptor)
                return nil
            }
            return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
        }
        for _ in 0..<1000 {
            guard let first = bind(Int.random(in: 10_000..<32_000)) else { continue }
            defer { close(first.descriptor) }
            guard withAskPort else { return first.port }
            if let second = bind(first.port + 10) {
                close(second.descriptor)
                return first.port
            }
        }
        throw CocoaError(.featureUnsupported)
    }
}
