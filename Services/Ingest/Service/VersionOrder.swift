// Keeps what must not overtake behind the older versions of its document, as a value.
//
// A removal needs no parser, so it would overtake an older version that is still being parsed. The index would then see the
// older one last and, once the memory of the removal is merged away, show it again. So a removal waits until no older version of
// its document is on its way. Newer versions of bulletins need no order: the index keeps their numbers, and the older one is
// superseded. Records of declared collections keep their order: a change of some fields is a change of the version before it.

package import Messages

/// The submissions on their way through the gateway, by document.
package struct VersionOrder: Sendable {
    private struct Document: Hashable {
        let collection: String
        let identity: String
    }

    private struct Underway {
        var offsets: Set<Int64> = []
        var waiting: Set<Int64> = []
    }

    private var documents: [Document: Underway] = [:]

    package init() {}

    /// Documents that have something on its way.
    package var count: Int { documents.count }

    /// Notes a submission that was read from the journal.
    ///
    /// - Parameter mustFollow: whether it waits for the older versions of its document.
    /// - Returns: whether it may go on; one that may not is returned by a later `finished`.
    package mutating func began(_ id: SubmissionID, identity: String, mustFollow: Bool) -> Bool {
        let document = Document(collection: id.collection, identity: identity)
        var underway = documents[document] ?? Underway()
        let mustWait = mustFollow && underway.offsets.contains { $0 < id.rawOffset }
        underway.offsets.insert(id.rawOffset)
        if mustWait { underway.waiting.insert(id.rawOffset) }
        documents[document] = underway
        return !mustWait
    }

    /// Notes that a submission has its outcome.
    ///
    /// - Returns: the submission that nothing older holds up any more; nil for none.
    package mutating func finished(_ id: SubmissionID, identity: String) -> SubmissionID? {
        let document = Document(collection: id.collection, identity: identity)
        guard var underway = documents[document] else { return nil }
        underway.offsets.remove(id.rawOffset)
        underway.waiting.remove(id.rawOffset)
        defer { documents[document] = underway.offsets.isEmpty ? nil : underway }
        guard let oldest = underway.offsets.min(), underway.waiting.remove(oldest) != nil else { return nil }
        return SubmissionID(collection: id.collection, rawOffset: oldest)
    }
}
