// The stack's HTTP API as a test calls it.

import Foundation
import Messages
import ServiceKit

extension RunningStack {
    struct Answer: Sendable {
        let status: Int
        let body: Data
        var headers: [String: String] = [:]

        func value<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
            // A refusal tells more than the key that it lacks.
            if status >= 400, let error { throw error }
            return try JSONDecoder().decode(type, from: body)
        }

        private struct ErrorBody: Decodable { let error: KuaibaoError }

        var error: KuaibaoError? { try? JSONDecoder().decode(ErrorBody.self, from: body).error }
    }

    struct Submitted: Decodable, Sendable {
        let submission: String
        let identity: String
        let isDuplicate: Bool
        let state: SubmissionState?
        let version: Int64?
    }

    func call(
        _ method: String, _ path: String, _ parameters: [String: String] = [:], body: Data? = nil,
        contentType: String? = nil, key: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        var components = URLComponents()
        components.percentEncodedPath = path
        if !parameters.isEmpty {
            components.queryItems = parameters.map { URLQueryItem(name: $0.key, value: $0.value) }
            components.percentEncodedQuery = components.percentEncodedQuery?.replacing("+", with: "%2B")
        }
        guard let target = components.string else { throw URLError(.badURL) }
        var headers = headers
        if let contentType { headers["Content-Type"] = contentType }
        if let key { headers["Authorization"] = "Bearer " + key }
        let answer = try await PlainHTTP.call(
            port: httpPort, method: method, target: target, headers: headers, body: body)
        let whole = Answer(status: answer.status, body: answer.body, headers: answer.headers)
        // The gateway waits for half a minute; a busy machine may take longer.
        if parameters["wait"] == "searchable", whole.error?.code == .deadlineExceeded { try await waitUntilSettled() }
        return whole
    }

    /// Writes a key into the stack's file and returns its text.
    func makeKey(
        _ scopes: [AccessScope], collections: [String] = ["*"], expiresAt: Int64? = nil, revokedAt: Int64? = nil,
        rate: Double? = nil
    ) throws -> String {
        let secret = KeySecret.random()
        try APIKeyFile.update(path: folder + "/api-keys.json") { (file) throws(KuaibaoError) in
            file.keys.append(
                APIKey(
                    id: secret.id, name: "test", scopes: scopes, collections: collections, createdAt: 0,
                    expiresAt: expiresAt, revokedAt: revokedAt, requestsPerSecond: rate, hash: secret.hash,
                    publicKey: secret.publicKey))
        }
        return secret.text
    }

    /// Waits until the gateway has read the keys.
    func untilClosed(key: String) async throws {
        let path = "/v1/collections/bulletins/search"
        while true {
            let without = try await call("GET", path).status
            let with = try await call("GET", path, key: key).status
            if without == 401, with != 401 { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Waits until searches see everything that was accepted.
    func waitUntilSettled() async throws {
        while true {
            let status: StatusReply = try await get("/v1/status")
            let collections = status.ingest?.collections ?? []
            if !collections.isEmpty,
                collections.allSatisfy({ $0.counts.inFlight == 0 && status.searchVersions[$0.name] == $0.version })
            {
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    func get<Value: Decodable>(_ path: String, _ parameters: [String: String] = [:]) async throws -> Value {
        try await call("GET", path, parameters).value()
    }

    /// A search with as much time as the API allows, so that a busy machine gives whole answers.
    func search(_ query: String, _ more: [String: String] = [:]) async throws -> SearchReply {
        try await get(
            "/v1/collections/bulletins/search", more.merging(["q": query, "timeout": "60000"]) { own, _ in own })
    }

    @discardableResult
    func add(
        _ text: String, identity: String? = nil, source: String? = nil, wait: Bool = true, key: String? = nil
    ) async throws -> Submitted {
        var parameters: [String: String] = [:]
        if wait { parameters["wait"] = "searchable" }
        parameters["identity"] = identity
        parameters["source"] = source
        parameters["key"] = key
        let answer = try await call(
            "POST", "/v1/collections/bulletins/documents", parameters, body: Data(text.utf8),
            contentType: "text/plain; charset=utf-8")
        guard let error = answer.error else { return try answer.value() }
        // "bulletins-5 is accepted, but was not searchable …", and by now it is.
        guard error.code == .deadlineExceeded, let submission = error.message.split(separator: " ").first.map(String.init),
            let state: SubmissionState = try? await get("/v1/submissions/\(submission)")
        else { throw error }
        return Submitted(submission: submission, identity: identity ?? "", isDuplicate: false, state: state, version: nil)
    }

    /// The five documents of seeds/.
    static var seeds: [(name: String, bytes: Data)] {
        get throws {
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("seeds")
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".txt") }
                .sorted().map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) }
        }
    }

    func addSeeds() async throws {
        for (name, bytes) in try Self.seeds {
            let answer = try await call(
                "POST", "/v1/collections/bulletins/documents", ["source": name, "wait": "searchable"], body: bytes)
            if let error = answer.error, error.code != .deadlineExceeded { throw error }
        }
    }
}
