// Declared collections: their declarations, their ends, and the values that no two of their records share.
//
// Laws, kept by every engine and tested by one suite:
//  D1 A declaration is kept word for word until the next one; each raises the collection's version and generation by one.
//  D2 A name that is used again goes on with greater versions and epochs: nobody takes an old segment, answer or lease for
//     one of the new collection.
//  D3 Of two records that claim one value of a unique field, the one that was accepted first has it until it gives it up
//     by a newer version or its removal. What claims a taken value is refused whole.
//  D4 A record's keys are there from the commit that takes it until the one that erases them; afterwards nothing in the
//     ledger's files tells them (`scrub`).
//  D5 A record is found by the tokens of its newest version, each field's until a version with that field, and by none after
//     the commit that erases them.
package import Messages

/// Declarations and ends of collections. The laws are at the top of this file.
package protocol DeclaredCollections: Sendable {
    /// Makes a collection with this declaration.
    ///
    /// - Throws: `nameInUse` where the name is taken; `invalid`.
    func declareCollection(_ name: String, text: String, partitions: Int, now: Int64) throws -> CollectionRecord

    /// Gives a declared collection a new declaration.
    ///
    /// - Throws: `unknownCollection`, `invalid` for a built-in one.
    func changeDeclaration(_ name: String, text: String, now: Int64) throws -> CollectionRecord

    /// The declaration of a collection; nil for a built-in one.
    func declaration(_ name: String) throws -> StoredDeclaration?

    /// Ends a declared collection: it is gone at once, its files become garbage.
    ///
    /// - Throws: `unknownCollection`, `invalid` for a built-in one.
    func removeCollection(_ name: String, now: Int64) throws

    /// Forgets up to `limit` rows of ended collections, and returns whether there may be more.
    func purgeEnded(limit: Int) throws -> Bool

    /// The keys of a record that were not erased, as they were given.
    func recordKeys(_ collection: String, identity: String) throws -> [RecordKey]

    /// Identities of the records that a token finds, ascending, at most `limit`.
    func records(_ collection: String, field: String, token: [UInt8], limit: Int) throws -> [String]

    /// Makes what was erased unreadable in the ledger's files too.
    ///
    /// - Returns: whether it is; false where a reader was in the way, and it is to be called again.
    func scrub() throws -> Bool

    /// How far the submissions within `offsets` have come.
    func progress(_ collection: String, _ offsets: Range<Int64>) throws -> SubmissionProgress
}
