// The client against a server of this process: what goes out, what comes back, and everything that goes wrong.

import Foundation
import LocalWeb
import Synchronization
import Testing

@testable import WebClient

private let loopback = AddressGuard(allowing: ["127.0.0.0/8"]) ?? AddressGuard()

/// Runs a test with a server and a client that may reach it.
private func withServer(
    _ answer: @escaping @Sendable (LocalRequest) -> LocalAnswer, guarding: AddressGuard = loopback,
    threads: Int = 2, waitingLimit: Int = 16, _ body: (WebClient, LocalServer) async throws -> Void
) async throws {
    let server = try LocalServer(answer)
    let client = WebClient(
        WebClient.Configuration(
            userAgent: "Kuaibao-Tests", addressGuard: guarding, threads: threads, waitingLimit: waitingLimit))
    defer {
        client.stop()
        server.stop()
    }
    try await body(client, server)
}

/// The code of a request's failure, which it must have.
func code(_ client: WebClient, _ request: WebRequest) async -> WebClientError.Code? {
    do {
        let response = try await client.send(request)
        Issue.record("status \(response.status) instead of an error")
        return nil
    } catch {
        return error.code
    }
}

@Suite(.timeLimit(.minutes(3))) struct WebClientRequests {
    @Test func getsAPage() async throws {
        try await withServer({ _ in .text("快报", headers: [("ETag", "\"7\"")]) }) { client, server in
            let response = try await client.send(
                WebRequest(.get, server.address + "/a?b=c", headers: [("Accept", "text/*")]))
            #expect(response.status == 200 && String(decoding: response.body, as: UTF8.self) == "快报")
            #expect(
                response.headers["etag"] == "\"7\"" && response.headers["Content-Type"]?.hasPrefix("text/plain") == true
            )
            let seen = try #require(server.requests.first)
            #expect(seen.method == "GET" && seen.target == "/a?b=c" && seen.headers["accept"] == "text/*")
            #expect(
                seen.headers["user-agent"] == "Kuaibao-Tests"
                    && seen.headers["accept-encoding"]?.contains("gzip") == true)
            #expect(client.counters.answered == 1)
        }
    }

    @Test(arguments: [WebMethod.post, .put]) func sendsABody(_ method: WebMethod) async throws {
        let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
        try await withServer({ .response(201, body: Array($0.method.utf8)) }) { client, server in
            let response = try await client.send(
                WebRequest(
                    method, server.address, headers: [("Content-Type", "application/json"), ("X-Empty", "")], body: body
                ))
            #expect(response.status == 201 && response.body == Array(method.rawValue.utf8))
            let seen = try #require(server.requests.first)
            #expect(
                seen.body == body && seen.headers["content-type"] == "application/json" && seen.headers["x-empty"] == ""
            )
            #expect(seen.headers["expect"] == nil)
        }
    }

    @Test func sendsAnEmptyBodyWithoutAType() async throws {
        try await withServer({ _ in .response(204) }) { client, server in
            let response = try await client.send(WebRequest(.post, server.address))
            #expect(response.status == 204)
            let seen = try #require(server.requests.first)
            #expect(seen.headers["content-length"] == "0" && seen.headers["content-type"] == nil)
        }
    }

    @Test func headHasNoBody() async throws {
        try await withServer({ _ in .text("not sent") }) { client, server in
            let response = try await client.send(WebRequest(.head, server.address))
            #expect(response.status == 200 && response.body.isEmpty && response.headers["content-length"] == "8")
            // A handle that asked for a head asks for a body afterwards.
            let whole = try await client.send(WebRequest(.get, server.address))
            #expect(whole.body.count == 8)
        }
    }

    @Test func everyStatusIsAnAnswer() async throws {
        try await withServer({ .response(Int($0.target.dropFirst()) ?? 0) }) { client, server in
            for status in [204, 304, 404, 410, 429, 500, 503] {
                let response = try await client.send(WebRequest(.get, "\(server.address)/\(status)"))
                #expect(response.status == status)
            }
        }
    }

    @Test func followsRedirects() async throws {
        let answer: @Sendable (LocalRequest) -> LocalAnswer = { request in
            switch request.target {
            case "/1": .response(301, headers: [("Location", "/2")])
            case "/2": .response(302, headers: [("Location", "3?x")])
            case "/loop": .response(302, headers: [("Location", "/loop")])
            default: .text(request.target)
            }
        }
        try await withServer(answer) { client, server in
            let response = try await client.send(WebRequest(.get, server.address + "/1"))
            #expect(
                response.address == server.address + "/3?x" && String(decoding: response.body, as: UTF8.self) == "/3?x")
            #expect(response.redirects.map(\.status) == [301, 302])
            #expect(await code(client, WebRequest(.get, server.address + "/loop")) == .tooManyRedirects)
        }
    }

    @Test func unpacksUpToTheLimit() async throws {
        // 100 kB of zeros, packed with gzip to 132 bytes.
        let packed = try #require(Data(base64Encoded: zerosInGzip))
        try await withServer({ _ in .response(200, headers: [("Content-Encoding", "gzip")], body: Array(packed)) }) {
            client, server in
            let response = try await client.send(WebRequest(.get, server.address))
            #expect(response.body == [UInt8](repeating: 0, count: 100_000))
            let small = WebRequest(.get, server.address, limits: WebLimits(bodyBytes: 50_000))
            #expect(await code(client, small) == .tooLarge)
        }
    }
}

@Suite(.timeLimit(.minutes(3))) struct WebClientRefusals {
    @Test(arguments: [
        "127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1",
    ])
    func doesNotSpeakToItself(_ host: String) async throws {
        try await withServer({ _ in .text("secret") }, guarding: AddressGuard()) { client, server in
            let failure = await code(client, WebRequest(.get, "http://\(host):\(server.port)/"))
            // Without IPv6 the machine has no such address; whatever it is, nobody was asked.
            #expect(failure == .addressRefused || failure == .unreachable || failure == .unknownHost)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func redirectsLeadNowhereElse() async throws {
        let inner = try LocalServer { _ in .text("secret") }
        defer { inner.stop() }
        let outer = AddressGuard(allowing: ["127.0.0.1"]) ?? AddressGuard()
        let port = inner.port
        try await withServer(
            { _ in .response(302, headers: [("Location", "http://127.0.0.2:\(port)/")]) }, guarding: outer
        ) {
            client, server in
            #expect(await code(client, WebRequest(.get, server.address)) == .addressRefused)
            #expect(inner.requests.isEmpty && server.requests.count == 1)
        }
    }

    @Test func longBodiesAreCutOff() async throws {
        let head = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
        try await withServer({ _ in .flood(head: head, piece: [UInt8](repeating: 65, count: 1 << 16)) }) {
            client, server in
            let request = WebRequest(.get, server.address, limits: WebLimits(bodyBytes: 1 << 20))
            #expect(await code(client, request) == .tooLarge)
        }
    }

    @Test func longHeadersAreCutOff() async throws {
        let head = Array("HTTP/1.1 200 OK\r\n".utf8)
        try await withServer({ _ in
            .flood(head: head, piece: Array("X-Much: \(String(repeating: "a", count: 900))\r\n".utf8))
        }) {
            client, server in
            #expect(await code(client, WebRequest(.get, server.address)) == .tooLarge)
        }
    }

    @Test func silenceEndsInTime() async throws {
        try await withServer({ _ in .silence }) { client, server in
            let request = WebRequest(.get, server.address, limits: WebLimits(totalMilliseconds: 200))
            #expect(await code(client, request) == .timedOut)
        }
    }

    @Test func brokenAnswersAreErrors() async throws {
        let cases: [(String, Set<WebClientError.Code>)] = [
            ("", [.brokenConnection]), ("nonsense\r\n\r\n", [.badAnswer]),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", [.brokenConnection]),
            ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nno gzip at all", [.badAnswer]),
        ]
        for (text, expected) in cases {
            try await withServer({ _ in .raw(Array(text.utf8)) }) { client, server in
                let failure = await code(client, WebRequest(.get, server.address))
                #expect(failure.map(expected.contains) == true, "\(text): \(String(describing: failure))")
            }
        }
    }

    @Test func nobodyThereIsUnreachable() async throws {
        try await withServer({ _ in .silence }) { client, server in
            server.stop()
            let failure = await code(client, WebRequest(.get, server.address))
            #expect(failure == .unreachable || failure == .brokenConnection)
        }
    }

    @Test func plainServersAreNotSecure() async throws {
        try await withServer({ _ in .text("plain") }) { client, server in
            #expect(await code(client, WebRequest(.get, "https://127.0.0.1:\(server.port)/")) == .insecure)
        }
    }

    @Test func headersCannotHoldLines() async throws {
        try await withServer({ _ in .text("") }) { client, server in
            for header in [("X-A", "b\r\nX-C: d"), ("X-A\r\nB", "c"), ("", "a"), ("X A", "b"), ("X:A", "b")] {
                #expect(await code(client, WebRequest(.get, server.address, headers: [header])) == .invalidAddress)
            }
            #expect(server.requests.isEmpty)
        }
    }
}

@Suite(.timeLimit(.minutes(3))) struct WebClientThreads {
    @Test func cancellationEndsAWait() async throws {
        try await withServer({ _ in .silence }) { client, server in
            let task = Task { try await client.send(WebRequest(.get, server.address)) }
            while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            task.cancel()
            let result = await task.result
            #expect(throws: WebClientError.self) { try result.get() }
        }
    }

    @Test func aTaskThatWasCancelledAsksNobody() async throws {
        try await withServer({ _ in .text("") }) { client, server in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                return await code(client, WebRequest(.get, server.address))
            }
            task.cancel()
            #expect(await task.value == .cancelled)
        }
    }

    @Test func onlySoManyWait() async throws {
        try await withServer({ _ in .silence }, threads: 1, waitingLimit: 1) { client, server in
            async let first = code(client, WebRequest(.get, server.address))
            async let second = code(client, WebRequest(.get, server.address))
            while client.counters.requests < 2 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(await code(client, WebRequest(.get, server.address)) == .busy)
            client.stop()
            #expect(await [first, second] == [.stopped, .stopped])
            #expect(await code(client, WebRequest(.get, server.address)) == .stopped)
        }
    }

    @Test func manyAtOnceAreAllAnswered() async throws {
        try await withServer({ .text($0.target) }, threads: 4, waitingLimit: 200) { client, server in
            let address = server.address
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let response = try? await client.send(WebRequest(.get, "\(address)/\(number)"))
                        return response?.body == Array("/\(number)".utf8)
                    }
                }
                for await isRight in group { #expect(isRight) }
            }
            #expect(client.counters.answered == 100)
        }
    }
}

private let zerosInGzip =
    "H4sIAAAAAAACA+3BMQEAAADCoPVPbQ0PoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIBXA32VEdSghgEA"
