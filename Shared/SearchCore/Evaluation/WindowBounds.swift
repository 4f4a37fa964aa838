// The most that a posting list can contribute in each window of a segment.

/// Bounds by window, computed once from the block table. - Complexity: O(blocks + windows); O(postings) without a table.
struct WindowBounds {
    /// By window: an upper bound of contributions; below 0 where the list has no document.
    let bounds: ScratchBuffer<Int32>

    init(_ cursor: inout PostingCursor, norms: ByteView?, scorer: LeafScorer?, _ context: SegmentContext) {
        bounds = context.arena.buffer(of: Int32.self, count: Window.count(documentCount: context.documentCount))
        bounds.fill(-1)
        let list = cursor.list
        guard list.tableOffset >= 0 else {
            // One block: exact contributions instead of bounds.
            cursor.seek(to: 0)
            while cursor.document != endOfList {
                var contribution: Int32 = 0
                if let scorer, let norms {
                    contribution = scorer.contribution(
                        frequency: cursor.frequency(), norm: norms.uncheckedUInt8(at: Int(cursor.document)))
                }
                let window = Int(cursor.document) / Window.size
                bounds[window] = max(bounds[window], contribution)
                cursor.next()
            }
            return
        }
        var first = 0
        for block in 0..<list.blockCount {
            let last = Int(list.lastDocument(ofBlock: block))
            // A damaged table may say anything; the block is refused when it is decoded.
            guard last >= first, last < context.documentCount else { break }
            let bound = scorer.map { $0.bound(list.bound(ofBlock: block)) } ?? 0
            for window in (first / Window.size)...(last / Window.size) { bounds[window] = max(bounds[window], bound) }
            first = last + 1
        }
    }

    func bound(_ window: Int) -> Int64 { Int64(bounds[window]) }
}
