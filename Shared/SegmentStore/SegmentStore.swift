// The segment store: immutable named files.
//
// Laws, kept by every engine and tested by one suite:
//  S1 A name is never used again or overwritten: `put` of a name that is there is refused.
//  S2 A new name is readable, whole, once `put` has returned; before that it is absent.
//  S3 Deleting what is absent succeeds.
//  S4 What `fetch` returns was verified against length and checksum since this process opened the name.
//
// No conditional put, rename or listing is asked of a server; `names` is for audits only and may lag.
//
// All calls block on the disk or the network. Call them from a thread that may block, never from a cooperative one.
package import Messages

/// Immutable named files. The laws are at the top of this file.
package protocol SegmentStore: Sendable {
    /// Copies a local file into the store under a new name; visible whole or not at all, durable on return.
    ///
    /// - Throws: `invalidName`, `exists`, `notFound` (the local file), `diskFull`, `io`.
    func put(_ name: String, fromFile localPath: String) throws(SegmentStoreError)

    /// The path of a local file with these bytes, never written again. Valid until the name is deleted; a mapping of it
    /// stays valid even then.
    ///
    /// - Throws: `invalidName`, `notFound`, `corrupt`, `io`.
    func fetch(_ file: SegmentFile) throws(SegmentStoreError) -> String

    /// Removes a name; succeeds if there is none.
    ///
    /// - Throws: `invalidName`, `io`.
    func delete(_ name: String) throws(SegmentStoreError)

    /// All names, ascending; for audits.
    func names() throws(SegmentStoreError) -> [String]

    /// Reads the whole file again and compares length and checksum, whatever `fetch` remembers.
    ///
    /// - Throws: `invalidName`, `notFound`, `corrupt`, `io`.
    func verify(_ file: SegmentFile) throws(SegmentStoreError)
}
