// What is handed to the index: one item with its identity, fields and opaque stored bytes.

package import Messages

/// The value of a field in a document.
package enum FieldValue: Sendable, Hashable {
    case text(String)
    /// UTF-8 text that was never made a `String`.
    case textBytes([UInt8])
    /// A text and how it reads with damaged characters mended, one for one: both are found, at the same positions.
    case damagedText(String, mended: String)
    case keywords([String])
    case date(PartialDate)
    case integers([Int64])
    case numbers([Double])
    case figures([Figure])
    case point(GeoPoint)
    /// The corners of a polygon, closed by itself.
    case area([GeoPoint])
}

/// One searchable unit. Its identity is (documentID, itemOrdinal); a later `version` of the same documentID supersedes
/// all items of the earlier one.
package struct IndexDocument: Sendable {
    package var documentID: String
    package var itemOrdinal: UInt32
    package var version: Int64
    /// By field name; a field that is missing here is missing in the document.
    package var fields: [String: FieldValue]
    /// Returned unchanged for a hit.
    package var stored: [UInt8]
    /// Keys that near-duplicates share, at most 32 of up to 16 bytes; found by `Query.term` of the field `near`.
    package var nearKeys: [[UInt8]]

    package init(
        documentID: String, itemOrdinal: UInt32, version: Int64, fields: [String: FieldValue], stored: [UInt8],
        nearKeys: [[UInt8]] = []
    ) {
        self.documentID = documentID
        self.itemOrdinal = itemOrdinal
        self.version = version
        self.fields = fields
        self.stored = stored
        self.nearKeys = nearKeys
    }
}
