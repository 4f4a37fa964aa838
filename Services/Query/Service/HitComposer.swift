// From a document's stored bytes to the hit that a reader sees.

import Messages
import SearchCore

/// Marks and shortens hits of one query.
struct HitComposer {
    private let highlighter: Highlighter
    private let show: HitShow

    init(_ show: HitShow) {
        highlighter = Highlighter(show.marking)
        self.show = show
    }

    /// - Throws: `corrupt` where the stored bytes are no item.
    func hit(_ reference: ScoredReference, _ stored: [UInt8]) throws(KuaibaoError) -> SearchHit {
        let whole = try Self.item(stored, reference.reference, as: ShownItem.self)
        let item = whole.item
        return SearchHit(
            id: "\(whole.document.identity)#\(item.ordinal)", document: whole.document.identity, ordinal: item.ordinal,
            score: reference.score, title: highlighter.highlight(item.title, field: "title").marked,
            snippet: highlighter.snippet(item.body, field: "body", characters: show.snippetCharacters).marked,
            date: item.published?.value.text, dateBasis: item.published?.basis.rule,
            department: item.department?.value, departmentBasis: item.department?.basis.rule,
            sources: item.sources.map(\.value), file: whole.document.sourceAddress, range: item.range,
            flags: item.flags, signature: show.collapses ? item.signature : nil)
    }

    /// A stored item, or the part of it that `type` has.
    ///
    /// - Throws: `corrupt` where the stored bytes are no item.
    static func item<Part: Decodable>(
        _ stored: [UInt8], _ reference: HitReference, as type: Part.Type = StoredItem.self
    ) throws(KuaibaoError) -> Part {
        do {
            return try MessagePackDecoder.decode(Part.self, from: stored)
        } catch {
            throw KuaibaoError(
                .corrupt, "document \(reference.docID) of segment \(reference.segmentID) is no item",
                fix: "run kuaibao check")
        }
    }
}
