// A digest as JSON: the fields of `Digest`, keys in order, on one line.

import Foundation

/// Writes JSON.
package enum JSONWriter: DigestForm {
    package static func opening(_ digest: Digest) throws -> String { try halves(digest).before }

    package static func heading(_ group: DigestHeading, isFirst: Bool, in digest: Digest) throws -> String {
        (isFirst ? "" : ",") + "{\"entries\":["
    }

    package static func entry(_ entry: DigestEntry, after last: DigestEntry?, in digest: Digest) throws -> String {
        (last == nil ? "" : ",") + (try text(entry))
    }

    package static func ending(_ group: DigestHeading, in digest: Digest) throws -> String {
        "],\"isKnown\":\(group.isKnown),\"name\":\(try text(group.name))}"
    }

    package static func closing(_ digest: Digest) throws -> String { try halves(digest).after + "\n" }

    /// What stands before and after the groups. Quotes within strings are escaped, so the marker stands once.
    private static func halves(_ digest: Digest) throws -> (before: String, after: String) {
        let whole = try text(digest)
        let marker = "\"groups\":["
        guard let place = whole.range(of: marker + "]") else { return (whole, "") }
        return (whole[..<place.lowerBound] + marker, String(whole[whole.index(before: place.upperBound)...]))
    }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
