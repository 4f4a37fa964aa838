// The catalog: collections, their versions and live segments, checkpoints, leases and garbage.
//
// Laws, kept by every engine and tested by one suite:
//  C1 A publish (added, removed, live docs, checkpoint, counts, alerts, version) happens whole or not at all.
//  C2 Its epoch and its start offset must equal the stored ones, so a zombie is refused.
//  C3 The epoch grows at every take-over.
//  C4 Versions grow by one in commit order; a snapshot is a consistent cut; the live segments of a partition cover
//     exactly [0, checkpoint), without overlap.
//  C5 What is added was staged, what is removed was live and has no newer deletes: of two merges of one input, one wins.
//  C6 A condemned segment can never be published.
//  C7 After an unknown outcome the caller reads the state of its staged id: live = done, staged = try again,
//     otherwise = start again.
//
// Garbage goes catalog first: condemn, delete the file, forget. Each step may be repeated.
//
// A lease saves work; safety rests on C2 alone, so clocks that jump cost time, never data.
//
// All calls block on the disk. Call them from the ledger's own threads only (`GroupCommitter`), never from a cooperative
// one. Refusals are thrown as `CatalogRefusal`, failures of the engine as `LedgerError`.
package import Messages

/// Collections, leases, segments. The laws are at the top of this file.
package protocol Catalog: Sendable {
    /// Makes the collection if it does not exist, at version 0 with all checkpoints 0.
    ///
    /// - Throws: `partitionsDiffer` if it exists with another number of partitions; `invalid` name or number.
    func ensureCollection(_ name: String, partitions: Int) throws

    /// All collections, by name.
    func collections() throws -> [CollectionRecord]

    // MARK: Leases

    /// Takes the partition if its lease is free, expired, or the holder's own; nil while another holder's is alive.
    ///
    /// An own lease that is alive is extended with its epoch; any other take-over grows the epoch (C3).
    func acquire(
        _ collection: String, partition: Int, holder: String, durationMilliseconds: Int64, now: Int64
    ) throws -> PartitionLease?

    /// Extends a lease that nobody took over, expired or not.
    ///
    /// - Throws: `fenced` if the stored epoch or holder differs.
    func renew(_ lease: PartitionLease, durationMilliseconds: Int64, now: Int64) throws -> PartitionLease

    /// Gives a lease back. Succeeds without effect if it was taken over.
    func release(_ lease: PartitionLease) throws

    /// The leases of all partitions that have or had a holder, ascending by partition, expired ones included.
    func holders(_ collection: String) throws -> [PartitionLease]

    // MARK: Segments

    /// Announces segments and files, before they are put into the segment store. Staging the same again is allowed.
    ///
    /// - Throws: `fenced`, `nameInUse`, `unknownCollection`, `unknownPartition`, `invalid`.
    func stage(_ request: StageRequest, now: Int64) throws

    /// Changes the live segments of one partition and returns the new version.
    ///
    /// - Throws: every case of `CatalogRefusal`; nothing is changed then (C1).
    func publish(_ request: PublishRequest, now: Int64) throws -> Int64

    /// Where a segment is in its life; nil if it is unknown or forgotten.
    func segmentState(_ segmentID: String) throws -> SegmentState?

    /// All live segments and checkpoints, at one version.
    func snapshot(_ collection: String) throws -> CollectionSnapshot

    /// The version alone.
    func version(_ collection: String) throws -> Int64

    // MARK: Garbage

    /// Condemns files dead since `deadGraceMilliseconds` or staged since `stagedGraceMilliseconds`, and returns up to
    /// `limit` condemned files, those of earlier calls that are not forgotten included.
    ///
    /// The dead grace must be longer than the longest query, the staged one than the longest build and upload.
    func condemn(
        now: Int64, deadGraceMilliseconds: Int64, stagedGraceMilliseconds: Int64, limit: Int
    ) throws -> [CondemnedFile]

    /// Forgets condemned files after they were deleted. Names that are not condemned are ignored.
    func forget(_ names: [String]) throws
}

/// All parts of the durable state behind one commit.
package typealias LedgerEngine = Catalog & Journal & Watches & DeclaredCollections
