// From a list of items to a digest: merge, group, order, number, doubt.
//
// A pure function; the same items and options give the same digest, in whatever order the items come.

package import Messages

/// Compiles digests.
package struct DigestCompiler: Sendable {
    /// Most items of one digest.
    package static let mostItems = 20_000

    private let options: DigestOptions

    package init(_ options: DigestOptions) { self.options = options }

    /// The digest of `items`; items beyond `mostItems` are left out and counted in `total` only.
    /// - Complexity: linear in the length of all bodies, and at most 128 comparisons an item for duplicates.
    package func compile(_ items: [StoredItem]) -> Digest {
        let plan = DigestOutline(items).plan(options)
        var digest = plan.digest
        digest.groups = plan.groups.map { group in
            DigestGroup(
                name: group.heading.name, isKnown: group.heading.isKnown,
                entries: group.entries.map { plan.entry($0, items[$0.members[0]]) })
        }
        return digest
    }
}
