// The Model Context Protocol over standard input and output: one JSON-RPC 2.0 message a line. Assistants search and cite.
//
//     client                          this program
//     initialize              ──▶     protocolVersion, capabilities {tools}, serverInfo, instructions
//     notifications/…         ──▶     (no answer)
//     ping                    ──▶     {}
//     tools/list              ──▶     the tools with the schemas of their arguments
//     tools/call              ──▶     content (text for the model), structuredContent (the gateway's JSON), isError
//
// A line that is no JSON is error -32700, one that is no request -32600, an unknown method -32601, wrong arguments
// -32602. What the gateway refuses is a result with `isError`, so that the model reads the fix and tries again.

import Foundation
import Messages
import ServiceKit

/// Answers one assistant.
struct MCPServer: Sendable {
    /// Versions of the protocol that this server speaks, the newest first.
    static let versions = ["2025-06-18", "2025-03-26", "2024-11-05"]
    /// Longest line that is read, in bytes.
    static let lineLimit = 1 << 20

    let tools: MCPTools

    private struct Failure: Error {
        let code: Int
        let message: String
    }

    /// The answer to one line; nil for a notification.
    func answer(_ line: [UInt8]) async -> [UInt8]? {
        guard line.count <= Self.lineLimit, let message = try? JSONDecoder().decode(JSONValue.self, from: Data(line))
        else {
            return reply(
                .null,
                error: Failure(code: -32_700, message: "the line is no JSON, or longer than \(Self.lineLimit) bytes"))
        }
        let id = message["id"]
        guard message["jsonrpc"] == "2.0", let method = message["method"]?.string else {
            // An answer to something that we never ask, or no message at all.
            if message["result"] != nil || message["error"] != nil { return nil }
            return reply(id ?? .null, error: Failure(code: -32_600, message: "the line is no JSON-RPC 2.0 request"))
        }
        guard let id, id != .null else { return nil }
        do {
            return reply(id, result: try await result(method, message["params"] ?? [:]))
        } catch let failure as Failure {
            return reply(id, error: failure)
        } catch {
            return reply(id, error: Failure(code: -32_603, message: "\(error)"))
        }
    }

    private func result(_ method: String, _ params: JSONValue) async throws -> JSONValue {
        switch method {
        case "initialize":
            let asked = params["protocolVersion"]?.string ?? ""
            return [
                "protocolVersion": .string(Self.versions.contains(asked) ? asked : Self.versions[0]),
                "capabilities": ["tools": [:]],
                "serverInfo": ["name": "kuaibao", "title": "快报 Kuaibao", "version": .string(Release.version)],
                "instructions": .string(MCPTools.instructions),
            ]
        case "ping": return [:]
        case "tools/list": return ["tools": .array(MCPTools.descriptions)]
        case "tools/call":
            guard let name = params["name"]?.string, let tool = MCPTools.Name(rawValue: name) else {
                throw Failure(
                    code: -32_602,
                    message:
                        "there is no such tool; there are \(MCPTools.Name.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
            return await call(tool, params["arguments"] ?? [:])
        default: throw Failure(code: -32_601, message: "there is no method \"\(method.prefix(80))\"")
        }
    }

    private func call(_ tool: MCPTools.Name, _ arguments: JSONValue) async -> JSONValue {
        do {
            let (text, value) = try await tools.call(tool, arguments)
            return [
                "content": [["type": "text", "text": .string(text)]], "structuredContent": value, "isError": false,
            ]
        } catch {
            let known = error as? KuaibaoError
            let text = known.map { "\($0.code.rawValue): \($0.message); \($0.fix)" } ?? "\(error)"
            return ["content": [["type": "text", "text": .string(text)]], "isError": true]
        }
    }

    private func reply(_ id: JSONValue, result: JSONValue) -> [UInt8] {
        (["jsonrpc": "2.0", "id": id, "result": result] as JSONValue).line
    }

    private func reply(_ id: JSONValue, error: Failure) -> [UInt8] {
        let value: JSONValue = [
            "jsonrpc": "2.0", "id": id, "error": ["code": .integer(error.code), "message": .string(error.message)],
        ]
        return value.line
    }
}
