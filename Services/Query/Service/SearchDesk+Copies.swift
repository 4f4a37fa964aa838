// Near-duplicates, of this answer and of the rest of the collection.
//
// The index holds keys that near-duplicates share (`Signature.bandKeys`); the items that share one are candidates, and their
// signatures decide. Nothing is hidden: copies are listed under the hit that they are copies of.

import Messages
import Schemas
import SearchCore

extension SearchDesk {
    /// Candidates that are fetched for one answer or item.
    static let copyCandidates = 200
    /// Hits of an answer whose copies in the rest of the collection are looked for. Their keys stay below the limit of a plan's
    /// parts.
    private static let lookedFor = 50

    /// Puts near-duplicates under the first hit that they are copies of, and under each of the first hits those copies that are
    /// not in the answer.
    func collapse(_ reply: inout EncodedReply, _ checked: Checked, _ kept: SnapshotKeeper.Kept) async throws {
        let hits = try reply.hits.map { try $0.value() }
        let firsts = NearDuplicates.groups(of: hits.map(\.signature))
        var copies: [Int: [SearchHit]] = [:]
        for (place, first) in firsts.enumerated() where place != first {
            copies[first, default: []].append(hits[place].copy(of: hits[first].signature))
        }
        let heads = hits.indices.filter { firsts[$0] == $0 }
        let asked = heads.prefix(Self.lookedFor).filter { hits[$0].signature != nil }
        if !asked.isEmpty, kept.schema.declaration == nil {
            let known = Set(hits.map(\.id))
            let found = try await near(asked.compactMap { hits[$0].signature }, checked, kept)
            reply.complete = reply.complete && found.complete
            for hit in found.hits where !known.contains(hit.id) {
                guard let signature = hit.signature,
                    let head = asked.first(where: { head in
                        hits[head].signature.map { $0.similarity(to: signature) >= Signature.nearDuplicate } ?? false
                    })
                else { continue }
                copies[head, default: []].append(hit.copy(of: hits[head].signature))
            }
        }
        reply.hits = try heads.map { place in
            var hit = hits[place]
            hit.signature = nil
            hit.copies = copies[place]
            return try EncodedValue(hit)
        }
    }

    /// The near-duplicates of an item anywhere in the collection, most alike first; those of its own document too.
    func copies(
        of signature: Signature, in collection: String, deadline: Int, for principal: Principal
    ) async throws -> (hits: [SearchHit], complete: Bool) {
        let kept = try await keeper.snapshot(collection)
        let request = SearchRequest(
            collection: collection, query: .all, limit: Self.copyCandidates, collapse: true, timeoutMilliseconds: deadline)
        let found = try await near([signature], try check(request, kept.schema, for: principal), kept)
        let hits = found.hits.filter { hit in
            hit.signature.map { $0.similarity(to: signature) >= Signature.nearDuplicate } ?? false
        }
        let copies = hits.map { $0.copy(of: signature) }
        return (copies.sorted { ($0.similarity ?? 0, $1.id) > ($1.similarity ?? 0, $0.id) }, found.complete)
    }

    /// Items that share a key with one of `signatures`.
    private func near(
        _ signatures: [Signature], _ checked: Checked, _ kept: SnapshotKeeper.Kept
    ) async throws -> SearchReply {
        let keys = Set(signatures.flatMap { $0.bandKeys.map(Self.digits) }).sorted()
        let query = Query.or(keys.map { .term($0, field: IndexSchema.nearField) })
        let plan = SearchPlan(
            query: try checked.principal.narrowed(query, in: kept.schema), limit: Self.copyCandidates, after: nil,
            order: .relevance, facets: [], histogramField: nil)
        let asked = Checked(
            query: checked.query, understood: checked.understood, limit: Self.copyCandidates, offset: 0, cursor: nil,
            fingerprint: checked.fingerprint, show: checked.show, deadline: checked.deadline, veil: checked.veil,
            principal: checked.principal, personal: [], plan: plan)
        let now = microseconds()
        return try await gathered(asked, kept, started: now, parsed: now).mapHits { try $0.value() }
    }

    private static func digits(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension SearchHit {
    /// This hit as a copy of the item that `signature` is of.
    fileprivate func copy(of signature: Signature?) -> SearchHit {
        var hit = self
        if let signature, let own = self.signature { hit.similarity = own.similarity(to: signature) }
        hit.signature = nil
        return hit
    }
}
