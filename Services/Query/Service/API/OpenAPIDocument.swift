// The OpenAPI 3.1 document: made of the table of endpoints, the table of errors and the schemas of `OpenAPISchemas`.

import Foundation
import Messages
import ServiceKit

enum OpenAPIDocument {
    /// The document as YAML.
    static let text: String = {
        var lines = head
        lines.append("paths:")
        var paths: [String] = []
        for endpoint in APIEndpoints.all where !paths.contains(endpoint.path) { paths.append(endpoint.path) }
        for path in paths {
            lines.append("  \(path):")
            for endpoint in APIEndpoints.all where endpoint.path == path { lines += operation(endpoint) }
        }
        lines.append("components:")
        lines += ["  securitySchemes:", "    key:", "      type: http", "      scheme: bearer"]
        lines.append("  schemas:")
        return lines.joined(separator: "\n") + "\n"
            + OpenAPISchemas.text(errorCodes: ErrorCode.allCases.map(\.rawValue))
    }()

    private static let head = [
        "openapi: 3.1.0",
        "info:",
        "  title: Kuaibao",
        "  summary: Turns public bulletins into dated, sourced, searchable items.",
        "  description: >-",
        "    Answers and errors are JSON in UTF-8 unless an address says otherwise. A gateway without API keys takes requests",
        "    without one; one that has keys wants `Authorization: Bearer KEY`. The scope that a key needs stands in `x-scope`.",
        "  version: \(quoted(Release.version))",
        "  license:",
        "    name: Apache-2.0",
        "    identifier: Apache-2.0",
        "servers:",
        "  - url: /",
    ]

    private static func operation(_ endpoint: Endpoint) -> [String] {
        var lines = [
            "    \(endpoint.method.rawValue.lowercased()):",
            "      operationId: \(endpoint.name)",
            "      summary: \(quoted(endpoint.summary))",
        ]
        if let scope = endpoint.scope {
            lines += ["      x-scope: \(scope.rawValue)", "      security:", "        - key: []", "        - {}"]
        } else {
            lines.append("      security: []")
        }
        if !endpoint.pathParameters.isEmpty || !endpoint.parameters.isEmpty { lines.append("      parameters:") }
        for name in endpoint.pathParameters {
            lines += [
                "        - name: \(name)", "          in: path", "          required: true",
                "          schema:", "            type: string", "            minLength: 1",
            ]
            if name == "collection" { lines.append("            examples: [bulletins]") }
        }
        for parameter in endpoint.parameters { lines += self.parameter(parameter) }
        if let body = endpoint.body { lines += self.body(body) }
        return lines + responses(endpoint)
    }

    private static func parameter(_ parameter: Endpoint.Parameter) -> [String] {
        var lines = [
            "        - name: \(parameter.name)", "          in: query",
            "          description: \(quoted(parameter.summary))", "          required: \(parameter.isRequired)",
            "          schema:",
        ]
        switch parameter.kind {
        case .text: lines.append("            type: string")
        case .integer(let range):
            lines += [
                "            type: integer", "            minimum: \(range.lowerBound)",
                "            maximum: \(range.upperBound)",
            ]
        case .flag: lines.append("            enum: [\"true\", \"false\", \"1\", \"0\"]")
        case .choice(let values): lines.append("            enum: [\(values.joined(separator: ", "))]")
        }
        return lines
    }

    private static func body(_ body: Endpoint.Body) -> [String] {
        var lines = [
            "      requestBody:", "        description: \(quoted(body.summary))", "        required: true",
            "        content:", "          \(quoted(body.mediaType)):", "            schema:",
        ]
        // What is not JSON has no type: any bytes are taken, and judged by what they are.
        if let schema = body.schema {
            lines.append("              $ref: '#/components/schemas/\(schema)'")
        } else {
            lines[lines.count - 1] += " {}"
        }
        if let example = body.example {
            lines += ["            examples:", "              one:", "                value: "]
            lines[lines.count - 1] += body.schema == nil ? quoted(example) : example
        }
        return lines
    }

    private static func responses(_ endpoint: Endpoint) -> [String] {
        var lines = ["      responses:"]
        for status in Set(endpoint.answers.map(\.status)).sorted() {
            let answers = endpoint.answers.filter { $0.status == status }
            lines += [
                "        '\(status)':", "          description: \(quoted(answers[0].summary))", "          content:",
            ]
            for answer in answers {
                lines += ["            \(quoted(answer.mediaType)):", "              schema:"]
                if let schema = answer.schema {
                    lines.append("                $ref: '#/components/schemas/\(schema)'")
                } else if answer.mediaType == "*/*" {
                    // An original may be of any type, also JSON that is no text.
                    lines[lines.count - 1] += " {}"
                } else {
                    lines.append("                type: string")
                }
            }
        }
        for (status, codes) in Dictionary(grouping: endpoint.allErrors, by: \.httpStatus).sorted(by: { $0.key < $1.key }
        ) {
            lines += [
                "        '\(status)':",
                "          description: \(quoted(codes.map(\.rawValue).joined(separator: ", ")))",
                "          content:", "            application/json:", "              schema:",
                "                $ref: '#/components/schemas/Error'",
            ]
        }
        return lines
    }

    /// A text as a YAML scalar: a JSON string is one.
    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }
}
