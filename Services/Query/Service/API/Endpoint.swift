// One address of the HTTP API as data: routing, keys, parameters, and the OpenAPI document are all made of it.

import Messages
import ServiceKit

/// A method on an address: what it takes, who may use it, what it answers.
struct Endpoint: Sendable {
    enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// A parameter of the address's query.
    struct Parameter: Sendable {
        enum Kind: Sendable {
            case text
            case integer(ClosedRange<Int>)
            case flag
            case choice([String])
        }

        let name: String
        let kind: Kind
        let summary: String
        var isRequired = false

        /// - Throws: `invalidRequest` for a value that is not of the kind, or one that is missing.
        func check(_ value: String?) throws(KuaibaoError) {
            guard let value else {
                guard isRequired else { return }
                throw KuaibaoError(.invalidRequest, "there is no \(name)", fix: "give it: \(summary)")
            }
            let fix: String
            switch kind {
            case .text: return
            case .integer(let range):
                if let number = Int(value), range.contains(number) { return }
                fix = "use \(range.lowerBound) to \(range.upperBound)"
            case .flag:
                if ["true", "1", "false", "0"].contains(value) { return }
                fix = "use true or false"
            case .choice(let values):
                if values.contains(value) { return }
                fix = "use \(values.joined(separator: ", "))"
            }
            throw KuaibaoError(.invalidRequest, "\(name) is \"\(value.prefix(80))\"", fix: fix)
        }
    }

    /// What is sent in the body.
    struct Body: Sendable {
        let mediaType: String
        /// A name of `components/schemas`; nil for any bytes.
        let schema: String?
        let summary: String
        /// For people and for tools that try the address.
        var example: String?
    }

    struct Answer: Sendable {
        let status: Int
        let mediaType: String
        /// A name of `components/schemas`; nil for text or bytes.
        let schema: String?
        let summary: String
    }

    /// Stable name in the OpenAPI document.
    let name: String
    let method: Method
    /// With `{collection}`, `{id}` for parts of the address.
    let path: String
    /// What a key must allow; nil for everybody.
    let scope: AccessScope?
    let summary: String
    var parameters: [Parameter] = []
    var body: Body?
    let answers: [Answer]
    /// Besides `unauthenticated`, `not-allowed` and `busy`, which every address with a scope has.
    var errors: [ErrorCode] = []

    /// Names of the parts of the address in braces, in order.
    var pathParameters: [String] {
        path.split(separator: "/").compactMap { $0.hasPrefix("{") ? String($0.dropFirst().dropLast()) : nil }
    }

    /// All codes that it may answer.
    var allErrors: [ErrorCode] {
        let access: [ErrorCode] = scope == nil ? [] : [.unauthenticated, .notAllowed, .busy]
        return ([.invalidRequest] + access + errors + [.internal]).reduce(into: []) { result, code in
            if !result.contains(code) { result.append(code) }
        }
    }
}
