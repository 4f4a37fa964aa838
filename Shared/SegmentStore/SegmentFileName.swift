// Names of files in a segment store.
//
//     name        = collection "/" file
//     collection  = 1*64( a-z / 0-9 / "-" / "_" ), beginning with a letter or digit
//     file        = 1*200( A-Z / a-z / 0-9 / "-" / "_" / "." ), beginning with a letter or digit
//
// So a name has exactly one slash, cannot leave the store's directory, and cannot be one of the store's own temporary
// files, which begin with a dot.

/// A checked name.
package struct SegmentFileName: Sendable, Hashable {
    package let collection: String
    package let file: String

    /// Bytes of the part before and after the slash.
    package static let collectionBytes = 64
    package static let fileBytes = 200

    /// - Throws: `invalidName`.
    package init(_ name: String) throws(SegmentStoreError) {
        let parts = name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isAllowed(parts[0], limit: Self.collectionBytes, Self.isCollectionByte),
            Self.isAllowed(parts[1], limit: Self.fileBytes, Self.isFileByte)
        else {
            throw SegmentStoreError(
                .invalidName, name: String(name.prefix(300)),
                "file name '\(name.prefix(80))' is not <collection>/<file> in the allowed characters")
        }
        collection = String(parts[0])
        file = String(parts[1])
    }

    package var text: String { collection + "/" + file }

    private static func isAllowed(_ part: Substring, limit: Int, _ isByte: (UInt8) -> Bool) -> Bool {
        guard let first = part.utf8.first, isAlphanumeric(first) else { return false }
        return part.utf8.count <= limit && part.utf8.allSatisfy(isByte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    private static func isCollectionByte(_ byte: UInt8) -> Bool {
        let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
        return (isAlphanumeric(byte) && !isCapital) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isFileByte(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
}
