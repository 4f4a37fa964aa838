// Which documents of a segment a query matches, as a set: what a tenant may see, for instance.

package import Messages

extension Searcher {
    /// The live documents of a segment that match.
    ///
    /// - Throws: `invalidQuery`, `queryTooComplex`, `corrupt`, `cancelled`.
    /// - Complexity: as a search that counts, and O(documents).
    package func matching(
        _ query: Query, in view: SegmentView, isCancelled: @escaping () -> Bool = { false }
    ) throws(SearchCoreError) -> LiveDocs {
        let plan = try compiled(query)
        let weights = Weights(
            plan, schema: schema, statistics: try CollectionStatistics(for: plan, schema: schema, views: [view]))
        let context = SegmentContext(view: view, plan: plan, weights: weights, isCancelled: isCancelled)
        let root = try WindowNode.make(plan.root, context)
        let live = context.arena.buffer(of: UInt64.self, count: Window.words)
        let filter = LiveFilter(view)
        var result = LiveDocs(documentCount: view.reader.documentCount, live: [])
        var candidate = root.nextCandidate(from: 0)
        while candidate < UInt32(view.reader.documentCount) {
            try context.checkPatience()
            let start = candidate / UInt32(Window.size) * UInt32(Window.size)
            filter.window(start, into: live)
            root.match(start, within: live)
            root.matched.forEachMember { result.revive(start &+ UInt32($0)) }
            candidate = root.nextCandidate(from: start + UInt32(Window.size))
        }
        if root.isCorrupt { throw context.damaged() }
        return result
    }
}
