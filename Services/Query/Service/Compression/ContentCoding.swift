// Which coding of an answer a client takes (RFC 9110, section 12.5.3), and which answers are worth one.

/// A coding of an answer's body.
enum ContentCoding: String, Sendable, CaseIterable {
    case gzip
    /// The zlib format, RFC 1950: what the name means in HTTP.
    case deflate

    /// The coding to use for the header `Accept-Encoding`; nil for none: not asked for, or asked not to.
    ///
    /// gzip where the client does not prefer deflate. What cannot be read is passed over.
    init?(accepted header: String?) {
        guard let header else { return nil }
        var weights: [String: Double] = [:]
        for part in header.prefix(Self.headerLimit).split(separator: ",") {
            let pieces = part.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard let name = pieces.first, !name.isEmpty else { continue }
            var weight = 1.0
            for piece in pieces.dropFirst() where piece.hasPrefix("q=") { weight = Double(piece.dropFirst(2)) ?? 0 }
            weights[name == "x-gzip" ? "gzip" : name] = weight
        }
        let other = weights["*"] ?? 0
        let gzip = weights["gzip"] ?? other
        let deflate = weights["deflate"] ?? other
        let best = max(gzip, deflate)
        guard best > 0, best >= weights["identity"] ?? 0 else { return nil }
        self = gzip >= deflate ? .gzip : .deflate
    }

    /// Characters of the header that are read.
    private static let headerLimit = 1000

    /// Whether bodies of a media type shrink. Event streams are sent as they come, and originals as they are: their types
    /// are the submitter's word.
    static func isWorthwhile(_ type: String?) -> Bool {
        guard let type = type?.lowercased() else { return false }
        let name = type.prefix { $0 != ";" }.filter { !$0.isWhitespace }
        return name != "text/event-stream"
            && (name.hasPrefix("text/") || name.hasSuffix("json") || name.hasSuffix("yaml") || name == "image/svg+xml")
    }
}
