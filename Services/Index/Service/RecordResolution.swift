// From the records of a batch to whole records: changes of some fields are merged into what they change.
//
// The records of one identity come in the order in which they were accepted (the ingest gateway sees to it), and one index
// worker at a time has their partition, so the record before a change is the last one of this batch or the live one of the
// segments. A change of a record that is not there changes nothing, and is counted.

import Schemas
import Messages
import SearchCore

struct RecordResolution {
    /// The records of the batch, each whole; those of `dropped` as they came.
    private(set) var records: [ItemsRecord]
    /// Places of changes that have nothing to change.
    private(set) var dropped: Set<Int> = []

    /// - Parameter stored: the live record of an identity in the segments, nil for none.
    init(
        _ records: [ItemsRecord], _ schema: CollectionSchema, stored: (String) throws -> (Int64, RecordContent)?
    ) throws {
        self.records = records
        guard schema.declaration != nil else { return }
        /// The newest version of each identity so far; a removed one has no content.
        var latest: [String: (version: Int64, content: RecordContent?)] = [:]
        for (place, record) in records.enumerated() {
            let identity = record.document.identity
            guard let content = record.record else {
                if let only = record.document.hints[RecordHints.onlyVersion].flatMap({ Int64($0) }) {
                    let newest = try latest[identity]?.version ?? stored(identity)?.0
                    if let newest, newest > only {
                        dropped.insert(place)
                        continue
                    }
                }
                if record.version > latest[identity]?.version ?? .min { latest[identity] = (record.version, nil) }
                continue
            }
            let whole: RecordContent
            if content.isPatch == true {
                let before =
                    try latest[identity]
                    ?? stored(identity).map { (version: $0.0, content: Optional($0.1)) }
                guard let before, before.version < record.version, let base = before.content else {
                    dropped.insert(place)
                    continue
                }
                whole = RecordMerging.merged(
                    content, into: base, acceptedAt: record.document.acceptedAt, schema)
            } else {
                whole = RecordMerging.whole(content, acceptedAt: record.document.acceptedAt, schema)
            }
            self.records[place].record = whole
            if record.version > latest[identity]?.version ?? .min { latest[identity] = (record.version, whole) }
        }
    }
}
