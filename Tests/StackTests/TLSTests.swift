// HTTPS: a client that trusts the certificate is answered, nobody else, and wrong files are refused at the start.
// Without the trait TLS, which `make test` sets, the settings are refused.

import Foundation
import Messages
import ServiceKit
import ServiceLifecycle
import Testing

@testable import QueryService

extension StackSuites {
    @Suite(.timeLimit(.minutes(3)))
    struct TLSTests {
        #if TLS
        /// Two certificates with their keys, made for this run by `openssl`.
        private struct Files {
            let certificate: String
            let key: String
            let otherKey: String

            init() throws {
                let folder = try RunningStack.makeFolder()
                (certificate, key, otherKey) = (folder + "/certificate.pem", folder + "/key.pem", folder + "/other.pem")
                try make(certificate, key)
                try make(folder + "/other-certificate.pem", otherKey)
            }

            private func make(_ certificate: String, _ key: String) throws {
                let process = Process()
                process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
                process.arguments = [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    key, "-out",
                    certificate, "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1",
                ]
                process.standardError = FileHandle.nullDevice
                try process.run()
                process.waitUntilExit()
                try #require(process.terminationStatus == 0)
            }
        }

        /// Asks over TLS with Python's ssl, plainly, and with an old version; prints what came of each.
        private static let client = """
            import http.client, ssl, sys
            port, certificate = int(sys.argv[1]), sys.argv[2]
            def ask(make):
                try:
                    connection = make()
                    connection.request("GET", "/health/live")
                    return connection.getresponse().status
                except Exception as error:
                    return type(error).__name__
            def old():
                context = ssl.create_default_context(cafile=certificate)
                context.set_ciphers("ALL:@SECLEVEL=0")
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
                return http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=60)
            print(ask(lambda: http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=ssl.create_default_context(cafile=certificate))))
            print(ask(lambda: http.client.HTTPSConnection("127.0.0.1", port, timeout=60)))
            print(ask(lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=60)))
            print(ask(old))
            """

        @Test func onlyWhoTrustsTheCertificateIsAnswered() async throws {
            guard let python = ProcessInfo.processInfo.environment["KUAIBAO_TEST_PYTHON"] else { return }
            let files = try Files()
            let folder = try RunningStack.makeFolder()
            let settings = try Settings(
                keys: QuerySettings.keys, arguments: [],
                environment: [
                    "KUAIBAO_DATA_DIR": folder, "KUAIBAO_HTTP_PORT": "0", "KUAIBAO_TLS_CERTIFICATE": files.certificate,
                    "KUAIBAO_TLS_KEY": files.key, "KUAIBAO_ASK_ENDPOINT": "ipc://\(folder)/ask",
                    "KUAIBAO_SEARCH_ENDPOINT": "ipc://\(folder)/search",
                    "KUAIBAO_SUBMIT_ENDPOINT": "ipc://\(folder)/submit",
                    "KUAIBAO_LEDGER_ENDPOINT": "ipc://\(folder)/ledger",
                    "KUAIBAO_NEWS_ENDPOINT": "ipc://\(folder)/news",
                ])
            let (ready, signal) = AsyncStream.makeStream(of: QueryEndpoints.self)
            let service = QueryGatewayService(
                settings: settings, logger: ServiceRun.makeLogger(label: "test", level: "critical"),
                whenReady: { signal.yield($0) })
            let group = ServiceGroup(
                configuration: .init(
                    services: [service], logger: ServiceRun.makeLogger(label: "test", level: "critical")))
            let running = Task { try await group.run() }
            var iterator = ready.makeAsyncIterator()
            let port = try #require(await iterator.next()).httpPort
            let process = Process()
            process.executableURL = URL(fileURLWithPath: python)
            process.arguments = ["-c", Self.client, "\(port)", files.certificate]
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            let lines = text.split(separator: "\n").map(String.init)
            try #require(lines.count == 4)
            #expect(lines[0] == "200", "trusted: \(text)")
            #expect(lines[1] == "SSLCertVerificationError", "not trusted: \(text)")
            #expect(lines[2] != "200", "plain: \(text)")
            #expect(lines[3] != "200", "TLS 1.1: \(text)")
            await group.triggerGracefulShutdown()
            try await running.value
        }

        @Test func filesThatCannotBeUsedAreRefused() throws {
            let files = try Files()
            for (certificate, key) in [
                (files.certificate, ""), ("", files.key), (files.certificate, "/nowhere.pem"),
                ("/nowhere.pem", files.key),
                (files.key, files.certificate), (files.certificate, files.otherKey),
            ] {
                #expect("\(certificate) with \(key)") {
                    try GatewayTLS.server(certificate: certificate, key: key)
                } throws: { error in
                    (error as? KuaibaoError)?.code == .invalidRequest && (error as? KuaibaoError)?.fix.isEmpty == false
                }
            }
            #expect(throws: Never.self) { try GatewayTLS.server(certificate: files.certificate, key: files.key) }
            #expect(throws: Never.self) { try GatewayTLS.server(certificate: "", key: "") }
        }
        #else
        @Test func withoutTheTraitTheSettingsAreRefused() {
            #expect {
                try GatewayTLS.server(certificate: "/a.pem", key: "/b.pem")
            } throws: { error in
                (error as? KuaibaoError)?.code == .invalidRequest && (error as? KuaibaoError)?.fix.isEmpty == false
            }
            #expect(throws: Never.self) { try GatewayTLS.server(certificate: "", key: "") }
        }
        #endif
    }
}
