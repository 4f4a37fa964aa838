// The OpenAPI document says what the table of endpoints says, and refers to nothing that it does not have.

import Foundation
import Messages
import Testing

@testable import QueryService

@Suite struct OpenAPITests {
    private static let lines = OpenAPIDocument.text.components(separatedBy: "\n")

    @Test func everyEndpointStandsUnderItsPathWithItsErrors() throws {
        for endpoint in APIEndpoints.all {
            let path = try #require(Self.lines.firstIndex(of: "  \(endpoint.path):"))
            let next =
                Self.lines[(path + 1)...].firstIndex { $0.hasPrefix("  /") || $0 == "components:" }
                ?? Self.lines.endIndex
            let block = Self.lines[path..<next]
            let start = try #require(block.firstIndex(of: "    \(endpoint.method.rawValue.lowercased()):"))
            let end = block[(start + 1)...].firstIndex { $0.hasPrefix("    ") && !$0.hasPrefix("     ") } ?? next
            let operation = block[start..<end].joined(separator: "\n")
            #expect(operation.contains("operationId: \(endpoint.name)\n"))
            for parameter in endpoint.parameters { #expect(operation.contains("- name: \(parameter.name)\n")) }
            for code in endpoint.allErrors {
                #expect(operation.contains("'\(code.httpStatus)':"), "\(endpoint.name) \(code)")
                #expect(operation.contains(code.rawValue), "\(endpoint.name) \(code)")
            }
        }
    }

    @Test func everyReferenceHasItsSchemaAndNamesAreUnique() {
        let marker = "#/components/schemas/"
        let schemas = Self.lines.drop { $0 != "  schemas:" }
        for line in Self.lines {
            guard let range = line.range(of: marker) else { continue }
            let name = line[range.upperBound...].prefix { $0.isLetter }
            #expect(schemas.contains("    \(name):"), "\(name)")
        }
        let names = APIEndpoints.all.map(\.name)
        #expect(Set(names).count == names.count)
        let places = APIEndpoints.all.map { $0.method.rawValue + $0.path }
        #expect(Set(places).count == places.count)
    }

    @Test func everyErrorCodeIsInTheSchema() {
        let codes = Self.lines.first { $0.contains("code: { enum: [") } ?? ""
        for code in ErrorCode.allCases { #expect(codes.contains(code.rawValue)) }
    }
}
