// How an item becomes a document of the index: which part of it goes into which field of `bulletins`.

import Messages
import SearchCore

enum ItemIndexing {
    /// The documents of one record, one for each item, in order.
    ///
    /// - Throws: `internal` where an item cannot be written, which is a defect of ours.
    static func documents(of record: ItemsRecord) throws(KuaibaoError) -> [IndexDocument] {
        var result: [IndexDocument] = []
        for item in record.parsed.items {
            result.append(
                IndexDocument(
                    documentID: record.document.identity, itemOrdinal: UInt32(clamping: item.ordinal),
                    version: record.version, fields: fields(of: item, in: record),
                    stored: try stored(item, record), nearKeys: item.signature?.bandKeys ?? []))
        }
        return result
    }

    /// The document that remembers a removal: no fields, deleted from the start, found by its identity only.
    static func tombstone(of record: ItemsRecord) -> IndexDocument {
        IndexDocument(
            documentID: record.document.identity, itemOrdinal: 0, version: record.version, fields: [:], stored: [])
    }

    private static func fields(of item: Item, in record: ItemsRecord) -> [String: FieldValue] {
        var fields: [String: FieldValue] = [
            "title": text(item.title, item.repairs),
            "body": text(item.body, item.repairs),
            "format": .keywords([record.parsed.format]),
            "language": .keywords([item.language]),
        ]
        if let department = item.department { fields["department"] = .keywords([department.value]) }
        if !item.sources.isEmpty { fields["source"] = .keywords(unique(item.sources.map(\.value))) }
        if !item.districts.isEmpty { fields["district"] = .keywords(unique(item.districts)) }
        if !item.flags.isEmpty { fields["flag"] = .keywords(unique(item.flags)) }
        if !item.figures.isEmpty { fields["figure"] = .figures(item.figures) }
        if let published = item.published { fields["published"] = .date(published.value) }
        if let address = record.document.sourceAddress { fields["file"] = .keywords([address]) }
        return fields
    }

    /// A text, with its mended form where recognition damaged words of it.
    static func text(_ text: String, _ repairs: [Repair]) -> FieldValue {
        Repair.mended(text, by: repairs).map { .damagedText(text, mended: $0) } ?? .text(text)
    }

    private static func stored(_ item: Item, _ record: ItemsRecord) throws(KuaibaoError) -> [UInt8] {
        do {
            return try MessagePackEncoder.encode(
                StoredItem(document: record.document, format: record.parsed.format, item: item))
        } catch {
            throw KuaibaoError(.internal, "an item cannot be stored: \(error)", fix: "report this")
        }
    }

    private static func unique(_ values: [String]) -> [String] {
        var seen: Set<String> = []
        return values.filter { seen.insert($0).inserted }
    }
}
