// HTTPS against openssl's own server, with a certificate made for the test: trusted only where the client is told to.

import Foundation
import Glibc
import Testing

@testable import WebClient

private let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
}

@Suite(.timeLimit(.minutes(3)), .enabled(if: openssl != nil, "openssl is not installed")) struct SecureConnections {
    /// Runs openssl to its end.
    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(openssl))
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    /// A server for `127.0.0.1` and its certificate, while the body runs.
    private func withSecureServer(_ body: (_ port: String, _ certificate: String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kuaibao-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, certificate) = (folder.path + "/key.pem", folder.path + "/certificate.pem")
        try run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
            certificate, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        ])
        let server = Process()
        server.executableURL = URL(fileURLWithPath: try #require(openssl))
        server.arguments = ["s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www"]
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        try server.run()
        defer {
            // It was started with this thread's blocked signals, so a polite one would not reach it.
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        var said = ""
        while !said.contains("ACCEPT") || !said.hasSuffix("\n") {
            let piece = output.fileHandleForReading.availableData
            try #require(!piece.isEmpty, "openssl ended: \(said)")
            said += String(decoding: piece, as: UTF8.self)
        }
        let port = said.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ":").last.map(String.init)
        try await body(try #require(port), certificate)
    }

    private func client(trusting certificate: String) -> WebClient {
        WebClient(
            WebClient.Configuration(
                userAgent: "Kuaibao-Tests", addressGuard: AddressGuard(allowing: ["127.0.0.0/8"]) ?? AddressGuard(),
                certificateFile: certificate, threads: 1))
    }

    @Test func onlyTrustedCertificatesOfThatName() async throws {
        try await withSecureServer { port, certificate in
            let (trusting, doubting) = (client(trusting: certificate), client(trusting: ""))
            defer {
                trusting.stop()
                doubting.stop()
            }
            let answer = try await trusting.send(WebRequest(.get, "https://127.0.0.1:\(port)/"))
            #expect(answer.status == 200 && String(decoding: answer.body, as: UTF8.self).contains("s_server"))
            for (client, host) in [(doubting, "127.0.0.1"), (trusting, "127.0.0.2"), (trusting, "localhost")] {
                // Only 127.0.0.1 is listened at: the other names end at the certificate or find nobody.
                let failure = await code(client, WebRequest(.get, "https://\(host):\(port)/"))
                #expect(failure == .insecure || (host == "127.0.0.2" && failure == .unreachable))
            }
        }
    }
}
