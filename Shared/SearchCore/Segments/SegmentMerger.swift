// Merges segments into one: postings are copied and renumbered, texts are never analysed again.
//
// Documents of the inputs follow one another in input order; deleted ones are left out. The mapping tells where each
// document went, so that deletes that arrived while the merge ran can be applied to its result.

import Messages

/// A segment to merge, with its live documents; nil when all are live.
package struct MergeInput: Sendable {
    package var reader: SegmentReader
    package var liveDocs: LiveDocs?

    package init(reader: SegmentReader, liveDocs: LiveDocs?) {
        self.reader = reader
        self.liveDocs = liveDocs
    }
}

/// Where the documents of one input went.
package struct DocumentMapping: Sendable, Hashable {
    /// By old document; `dropped` for those that were deleted.
    package var newDocuments: [DocID]
    package static let dropped = UInt32.max

    package init(newDocuments: [DocID]) {
        self.newDocuments = newDocuments
    }

    /// Applies to `live`, of the merged segment, what was deleted of this input since: the documents that are dead in
    /// `later` and were merged.
    /// - Complexity: O(documents).
    package func apply(deletesOf later: LiveDocs, to live: inout LiveDocs) {
        for (old, new) in newDocuments.enumerated()
        where new != Self.dropped && old < later.documentCount && !later.isLive(UInt32(old)) {
            live.delete(new)
        }
    }
}

/// Writes the merged segment.
package struct SegmentMerger {
    private let inputs: [MergeInput]
    private let schema: IndexSchema
    private let isCancelled: () -> Bool
    private var mappings: [DocumentMapping] = []
    private var documentCount = 0

    /// - Throws: `invalidDocument` when there are no inputs, their schemas differ, or together they are too large.
    package init(_ inputs: [MergeInput], isCancelled: @escaping () -> Bool = { false }) throws(SearchCoreError) {
        guard let first = inputs.first else { throw SearchCoreError(.invalidDocument, "there is nothing to merge") }
        schema = first.reader.schema
        for input in inputs {
            guard input.reader.schema == schema else {
                throw SearchCoreError(
                    .invalidDocument,
                    "segments \(first.reader.segmentID) and \(input.reader.segmentID) have different schemas")
            }
            guard input.liveDocs == nil || input.liveDocs?.documentCount == input.reader.documentCount else {
                throw SearchCoreError(.invalidDocument, "live documents do not fit segment \(input.reader.segmentID)")
            }
        }
        self.inputs = inputs
        self.isCancelled = isCancelled
        for input in inputs {
            var mapping: [DocID] = []
            for document in 0..<UInt32(input.reader.documentCount) {
                if input.liveDocs?.isLive(document) ?? true {
                    mapping.append(UInt32(documentCount))
                    documentCount += 1
                } else {
                    mapping.append(DocumentMapping.dropped)
                }
            }
            mappings.append(DocumentMapping(newDocuments: mapping))
        }
        guard documentCount <= SegmentFormat.maximumDocuments else {
            throw SearchCoreError(.invalidDocument, "\(documentCount) documents are too many for one segment")
        }
    }

    /// Writes the segment durably under `path`, which must not exist.
    /// - Returns: the summary, and a mapping an input.
    /// - Throws: `corrupt` when an input is damaged, `cancelled`, `nameTaken`, `io`, `diskFull`.
    package func write(
        to path: String, segmentID: String
    ) throws(SearchCoreError) -> (summary: SegmentSummary, mappings: [DocumentMapping]) {
        let file = try SegmentFileWriter(path: path)
        var norms: [Int: [UInt8]] = [:]
        var lengths: [String: FieldLengths] = [:]
        for (index, field) in schema.fields.enumerated() where field.kind == .text {
            let merged = try mergedNorms(index)
            var sum = FieldLengths()
            for norm in merged { sum.add(norm: norm) }
            norms[index] = merged
            lengths[field.name] = sum
        }
        let description = SegmentDescription(
            segmentID: segmentID, schema: schema, documentCount: documentCount, lengths: lengths)
        try file.section(.description, field: SystemField.description, try description.encode())
        for (index, field) in schema.fields.enumerated() {
            switch field.kind {
            case .text:
                let merged = norms[index] ?? []
                try writeTerms(
                    try texts(index).map { ($0.dictionary, $0.postings) }, detail: .positions,
                    saturation: Saturation(averageLength: lengths[field.name]?.average ?? 1), norms: merged,
                    field: index, to: file)
                try file.section(.norms, field: index, merged)
            case .keyword:
                try writeKeywords(
                    try keywords { index < $0.keywords.count ? $0.keywords[index] : nil }, index, to: file)
            case .date, .integer, .number, .point, .area:
                var column = ColumnWriter()
                for (input, mapping) in zip(inputs, mappings) {
                    guard let reader = input.reader.columns[index] else { throw damaged(input) }
                    for (old, new) in mapping.newDocuments.enumerated() where new != DocumentMapping.dropped {
                        column.add(reader.all(UInt32(old)))
                    }
                }
                try column.writeNumbers(into: file, field: index)
            case .figure: try writeFigures(index, to: file)
            }
        }
        try writeKeywords(try keywords { $0.identity }, SystemField.identity, to: file)
        try writeSystemColumns(to: file)
        try writeStore(to: file)
        let (length, checksum) = try file.finish(documentCount: documentCount)
        let summary = SegmentSummary(
            segmentID: segmentID, documentCount: documentCount, byteCount: length, checksum: checksum)
        return (summary, mappings)
    }

    // MARK: Terms

    /// Merges dictionaries and posting lists in term order.
    /// - Returns: by input, the new ordinal of each old one; -1 where no live document has the term any more.
    @discardableResult
    private func writeTerms(
        _ sources: [(dictionary: TermDictionary, postings: ByteView)], detail: PostingDetail, saturation: Saturation,
        norms: [UInt8], field: Int, to file: SegmentFileWriter
    ) throws(SearchCoreError) -> [[Int64]] {
        var dictionary = TermDictionaryWriter(detail: detail)
        var encoder = PostingListEncoder(detail: detail, saturation: saturation)
        var ordinals = sources.map { [Int64](repeating: -1, count: $0.dictionary.termCount) }
        var walks: [TermIterator] = []
        var isOpen: [Bool] = []
        for source in sources {
            var walk = try source.dictionary.iterate()
            isOpen.append(try walk.next())
            walks.append(walk)
        }
        try file.beginSection()
        let arena = ScratchArena()
        let buffers = CursorBuffers(detail, arena: arena)
        var positions = PositionBuffer(arena: arena)
        var termsDone = 0
        while true {
            var least: Int?
            for source in walks.indices where isOpen[source] {
                if let known = least, !walks[source].term.lexicographicallyPrecedes(walks[known].term) { continue }
                least = source
            }
            guard let least else { break }
            let term = walks[least].term
            var holders: [(source: Int, ordinal: Int)] = []
            for source in walks.indices where isOpen[source] && walks[source].term == term {
                try copy(
                    walks[source].info, of: source, sources[source].postings, detail, norms, buffers, arena, &positions,
                    into: &encoder)
                holders.append((source, walks[source].ordinal))
                isOpen[source] = try walks[source].next()
            }
            if let info = try encoder.finish(into: file) {
                for holder in holders { ordinals[holder.source][holder.ordinal] = Int64(dictionary.termCount) }
                dictionary.add(term, info)
            }
            termsDone += 1
            if termsDone % Self.termsPerCheck == 0 { try checkPatience() }
        }
        try file.endSection(.postings, field: field)
        try file.section(.terms, field: field, dictionary.encode())
        return ordinals
    }

    private static let termsPerCheck = 1024
    /// Compressed blocks gathered before they go to the file.
    private static let storeBufferBytes = 1 << 20

    private func copy(
        _ info: TermInfo, of source: Int, _ postings: ByteView, _ detail: PostingDetail, _ norms: [UInt8],
        _ buffers: CursorBuffers, _ arena: ScratchArena, _ positions: inout PositionBuffer,
        into encoder: inout PostingListEncoder
    ) throws(SearchCoreError) {
        let input = inputs[source]
        let list = try PostingList(
            info: info, detail: detail, section: postings, documentCount: input.reader.documentCount)
        var cursor = PostingCursor(list, buffers)
        while cursor.document != endOfList {
            let new = mappings[source].newDocuments[Int(cursor.document)]
            if new != DocumentMapping.dropped {
                if detail == .positions && info.positionBytes == 0 {
                    encoder.add(document: new, frequency: cursor.frequency(), norm: norms[Int(new)])
                } else if detail == .positions {
                    cursor.positions(into: &positions, arena: arena)
                    var last: UInt32 = 0
                    for place in 0..<positions.count {
                        encoder.addPositionGap(positions[place] &- last)
                        last = positions[place]
                    }
                    encoder.add(document: new, norm: norms[Int(new)])
                } else {
                    encoder.add(document: new, norm: 0)
                }
            }
            cursor.next()
        }
        if cursor.isCorrupt { throw damaged(input) }
    }

    private func writeKeywords(
        _ fields: [KeywordField], _ number: Int, to file: SegmentFileWriter
    ) throws(SearchCoreError) {
        let ordinals = try writeTerms(
            fields.map { ($0.dictionary, $0.postings) }, detail: .documents, saturation: Saturation(averageLength: 1),
            norms: [], field: number, to: file)
        var column = ColumnWriter()
        var largest: Int64 = -1
        for (source, mapping) in mappings.enumerated() {
            for (old, new) in mapping.newDocuments.enumerated() where new != DocumentMapping.dropped {
                var values: [Int64] = []
                for ordinal in fields[source].column.all(UInt32(old)) {
                    guard ordinal >= 0, ordinal < Int64(ordinals[source].count), ordinals[source][Int(ordinal)] >= 0
                    else { throw damaged(inputs[source]) }
                    values.append(ordinals[source][Int(ordinal)])
                    largest = max(largest, ordinals[source][Int(ordinal)])
                }
                column.add(values)
            }
        }
        try column.writeOrdinals(into: file, field: number, ordinalOf: (0..<(largest + 1)).map { $0 })
    }

    private func writeFigures(_ field: Int, to file: SegmentFileWriter) throws(SearchCoreError) {
        var fields: [FigureField] = []
        for input in inputs {
            guard let figures = input.reader.figures[field] else { throw damaged(input) }
            fields.append(figures)
        }
        let ordinals = try writeTerms(
            fields.map { ($0.keys.dictionary, $0.keys.postings) }, detail: .documents,
            saturation: Saturation(averageLength: 1), norms: [], field: field, to: file)
        var writer = FigureWriter()
        var largest: Int64 = -1
        for (source, mapping) in mappings.enumerated() {
            for (old, new) in mapping.newDocuments.enumerated() where new != DocumentMapping.dropped {
                var rows: [(term: Int64, bounds: ClosedRange<Int64>)] = []
                fields[source].forEach(UInt32(old)) { rows.append((ordinals[source][$0], $1)) }
                guard rows.allSatisfy({ $0.term >= 0 }) else { throw damaged(inputs[source]) }
                largest = max(largest, rows.map(\.term).max() ?? -1)
                writer.add(rows)
            }
        }
        try writer.write(into: file, field: field, ordinalOf: (0..<(largest + 1)).map { $0 })
    }

    // MARK: Everything else

    private func writeSystemColumns(to file: SegmentFileWriter) throws(SearchCoreError) {
        var items: [Int64] = []
        var versions: [Int64] = []
        for (input, mapping) in zip(inputs, mappings) {
            for (old, new) in mapping.newDocuments.enumerated() where new != DocumentMapping.dropped {
                items.append(Int64(input.reader.itemOrdinal(of: UInt32(old))))
                versions.append(input.reader.version(of: UInt32(old)))
            }
        }
        try file.section(.values, field: SystemField.itemOrdinal, FixedColumn.encode(items))
        try file.section(.values, field: SystemField.version, FixedColumn.encode(versions))
    }

    private func writeStore(to file: SegmentFileWriter) throws(SearchCoreError) {
        var store = DocumentStoreWriter()
        try file.beginSection()
        for (input, mapping) in zip(inputs, mappings) {
            for block in 0..<input.reader.store.blockCount {
                try store.copy(block, of: input.reader.store) { mapping.newDocuments[$0] != DocumentMapping.dropped }
                if store.data.count > Self.storeBufferBytes {
                    try store.drain(into: file)
                    try checkPatience()
                }
            }
        }
        try store.finish(into: file)
        try file.endSection(.store, field: SystemField.store)
    }

    private func mergedNorms(_ field: Int) throws(SearchCoreError) -> [UInt8] {
        var merged: [UInt8] = []
        merged.reserveCapacity(documentCount)
        for (text, mapping) in zip(try texts(field), mappings) {
            for (old, new) in mapping.newDocuments.enumerated() where new != DocumentMapping.dropped {
                merged.append(text.norms.uncheckedUInt8(at: old))
            }
        }
        return merged
    }

    private func texts(_ field: Int) throws(SearchCoreError) -> [TextField] {
        var result: [TextField] = []
        for input in inputs {
            guard let text = input.reader.texts[field] else { throw damaged(input) }
            result.append(text)
        }
        return result
    }

    private func keywords(_ pick: (SegmentReader) -> KeywordField?) throws(SearchCoreError) -> [KeywordField] {
        var result: [KeywordField] = []
        for input in inputs {
            guard let keyword = pick(input.reader) else { throw damaged(input) }
            result.append(keyword)
        }
        return result
    }

    private func checkPatience() throws(SearchCoreError) {
        if isCancelled() { throw SearchCoreError(.cancelled, "the merge was cancelled") }
    }

    private func damaged(_ input: MergeInput) -> SearchCoreError {
        SearchCoreError(.corrupt, "segment \(input.reader.segmentID) is damaged; copy it again and repeat the merge")
    }
}
