// The item record of what needs no parser, written before its version is known.
//
//     0x84 | "document" description | "version" 0xcf, 8 bytes | "parsed" … | "record" …       a removal: 0x83, without "record"
//
// It is the MessagePack of an `ItemsRecord` but for the version, which has all 8 bytes whatever its value.

extension ItemsRecord {
    /// The item record of a record of a declared collection, or of a removal, with a gap for its version.
    ///
    /// - Parameters:
    ///   - head: the description, MessagePack.
    ///   - record: nil for a removal.
    package static func encodeWithGap(
        head: [UInt8], record: RecordContent?
    ) throws(KuaibaoError) -> (bytes: [UInt8], gap: Int) {
        do {
            var bytes: [UInt8] = [record == nil ? 0x83 : 0x84]
            bytes.reserveCapacity(head.count + 512)
            bytes += try MessagePackEncoder.encode("document")
            bytes += head
            bytes += try MessagePackEncoder.encode("version")
            bytes.append(MessagePackFormat.unsigned64)
            let gap = bytes.count
            bytes += [0, 0, 0, 0, 0, 0, 0, 0]
            bytes += try MessagePackEncoder.encode("parsed")
            bytes += try MessagePackEncoder.encode(record == nil ? removal : ofRecord)
            if let record {
                bytes += try MessagePackEncoder.encode("record")
                bytes += try MessagePackEncoder.encode(record)
            }
            return (bytes, gap)
        } catch {
            throw KuaibaoError(.internal, "a record cannot be written: \(error)", fix: "report this")
        }
    }

    /// What is parsed of a record.
    package static let ofRecord = ParsedDocument(items: [], remainders: [], format: "record", encoding: "UTF-8")
    /// What is parsed of a removal.
    package static let removal = ParsedDocument(items: [], remainders: [], format: "removal", encoding: "")
}
