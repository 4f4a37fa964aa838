// Checks of catalog requests that need no stored state, shared by all engines.
package import Messages

/// A set of offsets as disjoint, ascending, non-touching half-open ranges; equal sets are equal values.
package struct OffsetCover: Equatable, Sendable {
    package let ranges: [Range<Int64>]

    /// Joins ranges that touch; nil if two overlap or one is empty.
    ///
    /// - Complexity: O(n log n).
    package init?(_ parts: [Range<Int64>]) {
        var joined: [Range<Int64>] = []
        for part in parts.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
            guard !part.isEmpty else { return nil }
            guard let last = joined.last else {
                joined.append(part)
                continue
            }
            guard last.upperBound <= part.lowerBound else { return nil }
            if last.upperBound == part.lowerBound {
                joined[joined.count - 1] = last.lowerBound..<part.upperBound
            } else {
                joined.append(part)
            }
        }
        ranges = joined
    }
}

package enum CatalogChecks {
    /// Runs a check and turns what it finds into a refusal.
    package static func refusing(_ check: () throws(LedgerError) -> Void) throws(CatalogRefusal) {
        do {
            try check()
        } catch {
            throw .invalid(error.message)
        }
    }

    /// C2; epoch 0 is that of a partition that nobody ever held, and matches nothing.
    package static func checkEpoch(_ epoch: Int64?, stored: Int64) throws(CatalogRefusal) {
        guard let epoch else { return }
        guard epoch == stored, epoch > 0 else { throw .fenced(current: stored) }
    }

    /// Checks sizes and names of what is to be staged.
    package static func check(_ request: StageRequest) throws(LedgerError) {
        try LedgerLimits.check(request.segments.count, "number of segments", in: 0...LedgerLimits.publishParts)
        try LedgerLimits.check(request.liveDocs.count, "number of live-docs files", in: 0...LedgerLimits.publishParts)
        for record in request.segments { try check(record, in: request.collection, request.partition) }
        for file in request.liveDocs { try check(file, in: request.collection) }
        try checkUnique(request.segments.map(\.id), "segment")
        try checkUnique(
            request.segments.flatMap { [$0.file.name] + [$0.liveDocs?.name].compactMap(\.self) }
                + request.liveDocs.map(\.name), "file")
    }

    /// Checks sizes, names and the shape of a publish.
    package static func check(_ request: PublishRequest) throws(LedgerError) {
        let parts = 0...LedgerLimits.publishParts
        try LedgerLimits.check(request.add.count, "number of added segments", in: parts)
        try LedgerLimits.check(request.remove.count, "number of removed segments", in: parts)
        try LedgerLimits.check(request.liveDocs.count, "number of live-docs changes", in: parts)
        try LedgerLimits.check(request.alerts.count, "number of alert batches", in: 0...LedgerLimits.alertBatches)
        try WatchChecks.check(request.alerts)
        let limit = Int(LedgerLimits.streamRecords)
        try LedgerLimits.check(request.documentsSearchable, "documents searchable", in: -limit...limit)
        try LedgerLimits.check(request.documentsSuperseded, "documents superseded", in: 0...limit)
        guard request.advance != nil || !request.remove.isEmpty || !request.liveDocs.isEmpty else {
            throw LedgerError(.invalid, "a publish needs an advance, a removed segment or a live-docs change")
        }
        if let advance = request.advance {
            guard advance.startOffset >= 0, advance.startOffset < advance.endOffset else {
                throw LedgerError(.invalid, "the advance from \(advance.startOffset) to \(advance.endOffset) is empty")
            }
        }
        for record in request.add { try check(record, in: request.collection, request.partition) }
        for change in request.liveDocs {
            try check(change.file, in: request.collection)
            guard change.newGeneration > change.expectedGeneration else {
                throw LedgerError(
                    .invalid,
                    "live-docs generation \(change.newGeneration) of segment '\(change.segmentID)' must be greater than "
                        + "\(change.expectedGeneration)")
            }
        }
        for alert in request.alerts {
            let batch = JournalBatch(batchID: alert.batchID, recordCount: alert.recordCount, payload: alert.payload)
            try LedgerLimits.check(batch, topic: .alerts)
        }
        try checkUnique(
            request.add.map(\.id) + request.remove.map(\.segmentID) + request.liveDocs.map(\.segmentID), "segment")
        try checkUnique(
            request.add.flatMap { [$0.file.name] + [$0.liveDocs?.name].compactMap(\.self) }
                + request.liveDocs.map(\.file.name), "file")
    }

    private static func check(_ record: SegmentRecord, in collection: String, _ partition: Int) throws(LedgerError) {
        try LedgerLimits.checkText(record.id, "segment id", limit: LedgerLimits.nameBytes)
        guard record.collection == collection, record.partition == partition else {
            throw LedgerError(
                .invalid,
                "segment '\(record.id)' belongs to partition \(record.partition) of '\(record.collection)', not to "
                    + "\(partition) of '\(collection)'")
        }
        guard record.startOffset >= 0, record.startOffset < record.endOffset,
            record.endOffset <= LedgerLimits.streamRecords
        else {
            throw LedgerError(
                .invalid,
                "segment '\(record.id)' covers \(record.startOffset) to \(record.endOffset), which is no range of offsets"
            )
        }
        try LedgerLimits.check(record.level, "level", in: 0...LedgerLimits.nameBytes)
        try LedgerLimits.check(record.documentCount, "document count", in: 0...Int(UInt32.max))
        try LedgerLimits.check(record.deletedCount, "deleted count", in: 0...record.documentCount)
        try LedgerLimits.check(record.liveDocsGeneration, "live-docs generation", in: 0...Int(Int32.max))
        guard record.liveDocs != nil || record.deletedCount == 0 else {
            throw LedgerError(.invalid, "segment '\(record.id)' has deleted documents and no live-docs file")
        }
        try check(record.file, in: collection)
        if let file = record.liveDocs { try check(file, in: collection) }
    }

    private static func check(_ file: SegmentFile, in collection: String) throws(LedgerError) {
        try LedgerLimits.checkText(file.name, "file name", limit: LedgerLimits.fileNameBytes)
        guard file.name.hasPrefix(collection + "/") else {
            throw LedgerError(.invalid, "file '\(file.name)' must be named '\(collection)/…'")
        }
        guard file.byteCount >= 0 else {
            throw LedgerError(.invalid, "file '\(file.name)' has \(file.byteCount) bytes")
        }
    }

    private static func checkUnique(_ names: [String], _ what: String) throws(LedgerError) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw LedgerError(.invalid, "\(what) '\(name)' is named twice")
        }
    }
}
