// Live documents as words for window evaluation.

/// The live words of a segment, or none when all documents are live.
struct LiveFilter {
    let words: [UInt64]?
    let documentCount: Int

    init(_ view: SegmentView) {
        words = view.liveDocs?.words
        documentCount = view.reader.documentCount
    }

    @inline(__always)
    func isLive(_ document: UInt32) -> Bool {
        guard let words else { return true }
        return words[Int(document) / 64] &>> UInt64(document & 63) & 1 == 1
    }

    /// The live documents of the window, none behind the last document.
    func window(_ start: UInt32, into bits: WindowBits) {
        if words == nil, Int(start) + Window.size <= documentCount { return bits.fill(UInt64.max) }
        let first = Int(start / 64)
        for word in 0..<Window.words {
            let index = first + word
            if let words {
                bits[word] = index < words.count ? words[index] : 0
            } else {
                let left = documentCount - index * 64
                bits[word] = left >= 64 ? UInt64.max : left > 0 ? (1 << UInt64(left)) - 1 : 0
            }
        }
    }
}
