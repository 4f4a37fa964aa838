// Decoding a few bytes in a known encoding, for names that come with documents.

/// Text of legacy encodings.
package enum DocumentText {
    /// The text of `bytes`; nil for an unknown encoding or where the system has no table of it.
    package static func decode(_ bytes: [UInt8], as label: String) -> String? {
        guard let encoding = TextEncoding(label: label),
            let decoded = try? TextDecoder.decode(bytes, from: 0, as: encoding)
        else { return nil }
        return String(decoding: decoded.bytes, as: UTF8.self)
    }
}
