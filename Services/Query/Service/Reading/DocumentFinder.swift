// The items of one document, by its identity, and whether a filter lets them through.

import Messages
import SearchCore

/// Looks documents up in the segments of a snapshot.
struct DocumentFinder {
    let searcher: Searcher
    let snapshot: IndexSnapshot

    /// The live items of the newest version that these segments have, in no order.
    ///
    /// - Throws: `corrupt`; `invalidQuery` and `queryTooComplex` for the filter.
    func items(of identity: String, filter: Query?) throws -> [FoundItem] {
        var result: [FoundItem] = []
        for view in snapshot.views {
            let documents = try view.reader.documents(withID: identity).filter { view.liveDocs?.isLive($0) ?? true }
            guard !documents.isEmpty else { continue }
            let passed = try filter.map { try matches(of: $0, among: documents, in: view) }
            for document in documents {
                let reference = HitReference(segmentID: view.id, docID: document)
                let isVisible = passed?.contains(document) ?? true
                result.append(
                    FoundItem(
                        version: view.reader.version(of: document),
                        item: isVisible ? try HitComposer.item(try view.reader.stored(document), reference) : nil))
            }
        }
        let newest = result.map(\.version).max()
        return result.filter { $0.version == newest }
    }

    /// Those of some documents of a segment that a query matches.
    private func matches(of query: Query, among documents: [DocID], in view: SegmentView) throws -> Set<DocID> {
        let alone = IndexSnapshot(views: [try view.restricted(to: documents)])
        let result = try searcher.search(SearchPlan(query: query, limit: documents.count), in: alone)
        return Set(result.hits.map(\.reference.docID))
    }
}

extension SegmentView {
    /// The same segment with no live documents but these.
    ///
    /// - Complexity: O(documents of the segment).
    func restricted(to documents: [DocID]) throws(SearchCoreError) -> SegmentView {
        let wanted = Set(documents)
        var live = LiveDocs(documentCount: reader.documentCount)
        for document in 0..<DocID(reader.documentCount) where !wanted.contains(document) { live.delete(document) }
        return try SegmentView(id: id, reader: reader, liveDocs: live)
    }
}
