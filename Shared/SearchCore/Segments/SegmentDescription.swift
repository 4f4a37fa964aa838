// The `description` section: what a segment is, as JSON with sorted keys.

import Foundation

/// Numbers of the sections that belong to no field of the schema.
enum SystemField {
    static let description = 0xFFFF_0000
    static let identity = 0xFFFF_0001
    static let itemOrdinal = 0xFFFF_0002
    static let version = 0xFFFF_0003
    static let store = 0xFFFF_0004
}

/// Lengths of a text field over a segment. Lengths are those that `FieldNorm` decodes, so that they can be summed again
/// from the norms when a merge drops documents.
package struct FieldLengths: Codable, Sendable, Hashable {
    /// Documents in which the field is not empty.
    package var documentCount: Int
    /// Sum of the field's lengths, in positions.
    package var totalLength: Int

    package init(documentCount: Int = 0, totalLength: Int = 0) {
        self.documentCount = documentCount
        self.totalLength = totalLength
    }

    /// The mean length; 1 for no documents.
    package var average: Double {
        documentCount == 0 ? 1 : max(1, Double(totalLength) / Double(documentCount))
    }

    /// Adds the sums of other documents.
    mutating func merge(_ other: FieldLengths) {
        documentCount = saturatingSum(documentCount, other.documentCount)
        totalLength = saturatingSum(totalLength, other.totalLength)
    }

    mutating func add(norm: UInt8) {
        guard norm > 0 else { return }
        documentCount += 1
        totalLength += FieldNorm.decode(norm)
    }
}

/// The sum of two counts that may come from another process: held at the largest number instead of overflowing.
func saturatingSum(_ first: Int, _ second: Int) -> Int {
    let (sum, overflow) = first.addingReportingOverflow(second)
    return overflow ? (first < 0 ? Int.min : Int.max) : sum
}

/// What a segment says of itself.
struct SegmentDescription: Codable, Sendable {
    var segmentID: String
    var schema: IndexSchema
    var documentCount: Int
    /// By field name, for text fields.
    var lengths: [String: FieldLengths]

    func encode() throws(SearchCoreError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return [UInt8](try encoder.encode(self))
        } catch {
            throw SearchCoreError(.invalidDocument, "the description of segment \(segmentID) cannot be encoded: \(error)")
        }
    }

    init(segmentID: String, schema: IndexSchema, documentCount: Int, lengths: [String: FieldLengths]) {
        self.segmentID = segmentID
        self.schema = schema
        self.documentCount = documentCount
        self.lengths = lengths
    }

    /// - Throws: `corrupt` when the JSON is not a description of `documentCount` documents.
    init(decoding view: ByteView, documentCount: Int) throws(SearchCoreError) {
        let json = try view.slice(0, view.count - SegmentFormat.sectionPadding)
        do {
            self = try JSONDecoder().decode(SegmentDescription.self, from: Data(json.bytes))
        } catch {
            throw SearchCoreError(.corrupt, "the description is not readable: \(error)")
        }
        guard self.documentCount == documentCount, schema.fields.count <= IndexSchema.maximumFields,
            lengths.values.allSatisfy({ $0.documentCount >= 0 && $0.documentCount <= documentCount && $0.totalLength >= 0 })
        else {
            throw SearchCoreError(.corrupt, "the description contradicts the footer's \(documentCount) documents")
        }
    }
}
