// How a raw document stands in the journal: its description, then its bytes.
//
//     offset  size  what
//     0       4     n: bytes of the description, little-endian
//     4       n     `DocumentDescription`, MessagePack
//     4 + n   rest  the document's bytes, as they were received
//
// Integrity is the journal's; a record that cannot be read is a broken promise of ours and is reported as `corrupt`.

/// One record of the topic `raw`.
package struct RawRecord: Sendable, Hashable {
    package var description: DocumentDescription
    package var bytes: [UInt8]

    package init(description: DocumentDescription, bytes: [UInt8]) {
        self.description = description
        self.bytes = bytes
    }

    package func encode() throws(KuaibaoError) -> [UInt8] { encode(head: try description.encode()) }

    /// The same with the description as it was written before.
    package func encode(head: [UInt8]) -> [UInt8] {
        let count = UInt32(truncatingIfNeeded: head.count)
        var record: [UInt8] = []
        record.reserveCapacity(4 + head.count + bytes.count)
        for shift in [0, 8, 16, 24] { record.append(UInt8(truncatingIfNeeded: count >> UInt32(shift))) }
        record.append(contentsOf: head)
        record.append(contentsOf: bytes)
        return record
    }

    package init(decoding record: [UInt8]) throws(KuaibaoError) {
        let damaged = KuaibaoError(
            .corrupt, "a raw record of \(record.count) bytes cannot be read", fix: "run kuaibao check")
        guard record.count >= 4 else { throw damaged }
        let count = (0..<4).reduce(0) { $0 | Int(record[$1]) << (8 * $1) }
        guard count <= record.count - 4 else { throw damaged }
        guard let description = try? MessagePackDecoder.decode(
            DocumentDescription.self, from: Array(record[4..<4 + count]))
        else { throw damaged }
        self.init(description: description, bytes: Array(record[(4 + count)...]))
    }
}
