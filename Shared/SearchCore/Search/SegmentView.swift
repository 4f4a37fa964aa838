// A segment as one snapshot sees it: the reader and the documents that are live in this snapshot.

import Synchronization

/// One segment of a snapshot. Shared by concurrent searches.
package final class SegmentView: Sendable {
    /// The segment's name in the catalog.
    package let id: String
    package let reader: SegmentReader
    /// Nil when every document is live.
    package let liveDocs: LiveDocs?
    private let cache = Mutex(Cache())

    /// Counts that take a pass over postings or norms, remembered.
    private struct Cache {
        var lengths: [Int: FieldLengths] = [:]
        var frequencies: [TermKey: Int] = [:]
    }

    private struct TermKey: Hashable {
        var field: Int
        var key: [UInt8]
    }

    /// Terms remembered before the memory is cleared; about 100 B each.
    private static let maximumCachedTerms = 20_000

    /// - Throws: `corrupt` when `liveDocs` is not of this segment.
    package init(id: String, reader: SegmentReader, liveDocs: LiveDocs?) throws(SearchCoreError) {
        if let liveDocs, liveDocs.documentCount != reader.documentCount {
            throw SearchCoreError(
                .corrupt,
                "live documents of \(liveDocs.documentCount) belong to another segment than \(id) of \(reader.documentCount)")
        }
        self.id = id
        self.reader = reader
        self.liveDocs = liveDocs.flatMap { $0.deletedCount == 0 ? nil : $0 }
    }

    package var liveCount: Int { liveDocs?.liveCount ?? reader.documentCount }

    /// Lengths of a text field over live documents. - Complexity: O(documents) at first, when some are deleted.
    func lengths(field: Int) -> FieldLengths {
        guard field < reader.texts.count, let text = reader.texts[field] else { return FieldLengths() }
        guard let liveDocs else { return text.lengths }
        if let known = cache.withLock({ $0.lengths[field] }) { return known }
        var sum = FieldLengths()
        for document in 0..<reader.documentCount where liveDocs.isLive(UInt32(document)) {
            sum.add(norm: text.norms.uncheckedUInt8(at: document))
        }
        cache.withLock { $0.lengths[field] = sum }
        return sum
    }

    /// Live documents that hold a term. - Complexity: O(log terms), or O(postings) at first when some are deleted.
    func liveDocumentFrequency(field: Int, key: [UInt8]) throws(SearchCoreError) -> Int {
        var found = FoundTerms()
        return try liveDocumentFrequency(field: field, key: key, found: &found)
    }

    /// The same; what the dictionary knows of the term is noted where it was looked up.
    func liveDocumentFrequency(
        field: Int, key: [UInt8], found: inout FoundTerms
    ) throws(SearchCoreError) -> Int {
        guard field < reader.texts.count, let text = reader.texts[field] else { return 0 }
        guard let liveDocs else {
            let info = try text.dictionary.find(key)?.info
            found.note(field: field, key: key, info)
            return info?.documentFrequency ?? 0
        }
        let term = TermKey(field: field, key: key)
        if let known = cache.withLock({ $0.frequencies[term] }) { return known }
        var count = 0
        if let list = try text.list(key) {
            let arena = ScratchArena()
            var cursor = PostingCursor(list, arena: arena)
            while cursor.document != endOfList {
                if liveDocs.isLive(cursor.document) { count += 1 }
                cursor.next()
            }
            guard !cursor.isCorrupt else {
                throw SearchCoreError(.corrupt, "segment \(id): a posting list is damaged; copy the segment again")
            }
            withExtendedLifetime(arena) {}
        }
        cache.withLock {
            if $0.frequencies.count >= Self.maximumCachedTerms { $0.frequencies.removeAll() }
            $0.frequencies[term] = count
        }
        return count
    }
}

/// The fixed set of segments that a search sees.
package struct IndexSnapshot: Sendable {
    package var views: [SegmentView]

    package init(views: [SegmentView]) {
        self.views = views
    }

    package var liveCount: Int { views.reduce(0) { $0 + $1.liveCount } }
}
