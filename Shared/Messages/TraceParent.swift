// The trace context of a request (W3C Trace Context, level 1): `00-<32 hex>-<16 hex>-<2 hex>`.
//
// A client that sends one gets one log line for each hop of its document, under that trace and with the time since it was
// accepted: `accepted` (ingest gateway), `parsed` (ingest gateway), `searchable` (index worker). A search has `asked` and
// `answered` (query gateway), and one `searched` for each round at each query worker.

package enum TraceParent {
    /// The checked context of the request that the present task answers; it goes along with what is asked of others.
    @TaskLocal package static var current: String?

    /// The text if it is a `traceparent` of version 00; nil for anything else, which is not passed on.
    package static func checked(_ text: String?) -> String? {
        guard let text, text.utf8.count == 55 else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 32, 16, 2], parts[0] == "00",
            parts.dropFirst().allSatisfy({ $0.utf8.allSatisfy(isHexDigit) }),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        return text
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
