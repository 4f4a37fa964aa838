// The inverted lists of one field while a segment is being built. `TermTable` is the structure itself.

import Analysis

/// Terms and postings of one field, in memory.
@safe
final class TermBuffer {
    /// The state behind a pointer: calls on it pay no exclusivity checks for each token.
    private let core: UnsafeMutablePointer<TermTable>

    init(detail: PostingDetail) {
        unsafe core = .allocate(capacity: 1)
        unsafe core.initialize(to: TermTable(detail: detail))
    }

    deinit {
        unsafe core.pointee.free()
        unsafe core.deinitialize(count: 1)
        unsafe core.deallocate()
    }

    var termCount: Int { unsafe core.pointee.termCount }

    /// Bytes held in memory.
    var approximateBytes: Int { unsafe core.pointee.approximateBytes }

    var isNearlyFull: Bool { unsafe core.pointee.arenaUsed > TermTable.maximumArenaBytes }

    /// Records one term of a document. Documents never descend.
    /// - Returns: the term's number in order of first appearance.
    func add(term: [UInt8], tier: UInt8, document: UInt32) -> Int {
        unsafe term.withUnsafeBufferPointer { unsafe core.pointee.add($0, tier: tier, document: document) }
    }

    /// Records all tokens of a document's text. Documents never descend; positions never descend.
    /// - Returns: the length of the text in positions.
    func add(_ buffer: TokenBuffer, document: UInt32) -> Int {
        unsafe buffer.termBytes.withUnsafeBufferPointer { bytes in
            unsafe buffer.tokens.withUnsafeBufferPointer { tokens in
                unsafe core.pointee.add(tokens, bytes, document: document)
            }
        }
    }

    /// Asks for the memory of a term's entry, which will be replayed after some others.
    func prefetchEntry(_ number: UInt32) { unsafe core.pointee.prefetchEntry(Int(number)) }

    /// Asks for the memory of a term's first postings; some terms after `prefetchEntry`.
    func prefetchPostings(_ number: UInt32) { unsafe core.pointee.prefetchSlice(Int(number)) }

    /// The terms' numbers in ascending order of their bytes. - Complexity: O(n log n).
    func sortedNumbers() -> [UInt32] { unsafe core.pointee.sortedNumbers() }

    /// A term's bytes, tier byte included.
    func bytes(of number: Int) -> [UInt8] { unsafe core.pointee.bytes(of: number) }

    /// Feeds a term's postings to `encoder`. - Parameter norms: a norm a document; empty for fields without positions.
    func replay(_ number: Int, norms: [UInt8], into encoder: inout PostingListEncoder) {
        unsafe core.pointee.replay(number, norms: norms, into: &encoder)
    }
}
