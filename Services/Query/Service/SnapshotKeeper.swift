// The newest version of each collection, as searches see it: told by hints, and polled because hints may be lost.

import Schemas
import Logging
import Messages
import Transport

/// Keeps snapshots of the ledger's collections.
actor SnapshotKeeper {
    /// How often the version is asked for without a hint.
    static let pollMilliseconds = 200
    /// A worker that comes late may still ask for a version this far back.
    static let keptVersions = 8

    /// A snapshot with what searches need of it at hand.
    struct Kept: Sendable {
        let snapshot: CollectionSnapshot
        let segments: [SegmentRecord]
        let documentCount: Int
        let schema: CollectionSchema

        init(_ snapshot: CollectionSnapshot, _ schema: CollectionSchema) {
            self.snapshot = snapshot
            self.schema = schema
            segments = snapshot.flatSegments
            documentCount = segments.reduce(0) { $0 + $1.documentCount }
        }
    }

    private let ledger: LedgerClient
    private let logger: Logger
    private let schemas = SchemaCache()
    private var newest: [String: Kept] = [:]
    /// Collections that the ledger has, as it last said; empty before it was first asked.
    private var listed: Set<String> = []
    /// Makes query workers ready for a version before searches see it; nil until there is a link to them.
    private var prepare: (@Sendable (Kept) async -> Void)?
    private var pinned: [String: PinnedVersions] = [:]
    private var isRefreshing: Set<String> = []
    private var isStale: Set<String> = []
    private(set) var lastContact: Int64 = 0
    private let now: @Sendable () -> Int64

    init(ledger: LedgerClient, logger: Logger, now: @escaping @Sendable () -> Int64) {
        self.ledger = ledger
        self.logger = logger
        self.now = now
    }

    /// Versions that follow another are made ready by this before searches see them.
    func prepareVersions(_ prepare: @escaping @Sendable (Kept) async -> Void) { self.prepare = prepare }

    /// Polls until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            await poll()
            try? await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }

    /// The newest snapshot.
    ///
    /// - Throws: `unknownCollection`, or `notReady` before the ledger was first reached.
    func snapshot(_ collection: String) throws(KuaibaoError) -> Kept {
        if let kept = newest[collection] { return kept }
        // One whose snapshot is still being read, as after a start, is there all the same.
        guard !listed.isEmpty, !listed.contains(collection) else {
            throw KuaibaoError(.notReady, "the ledger was not reached yet", fix: "wait for /health/ready")
        }
        throw KuaibaoError(
            .unknownCollection, "there is no collection \"\(collection)\"",
            fix: "use one of: \(newest.keys.sorted().joined(separator: ", "))")
    }

    /// Keeps a version for cursors that go on with it.
    func pin(_ kept: Kept) { pinned[kept.snapshot.collection, default: PinnedVersions()].pin(kept, now: now()) }

    /// A version that a cursor goes on with.
    ///
    /// - Throws: `conflict` for one that is not kept any more, and what `snapshot` throws.
    func snapshot(_ collection: String, version: Int64) throws(KuaibaoError) -> Kept {
        let current = try snapshot(collection)
        if current.snapshot.version == version { return current }
        guard let kept = pinned[collection]?.use(version, now: now()) else {
            throw KuaibaoError(
                .conflict,
                "version \(version) of \(collection) is not kept any more; the newest is \(current.snapshot.version)",
                fix: "search again without the cursor")
        }
        return kept
    }

    /// The schemas of all collections, by name.
    var known: [String: CollectionSchema] { newest.mapValues(\.schema) }

    var versions: [String: Int64] { newest.mapValues(\.snapshot.version) }

    /// A hint: the collection may have a new version.
    func hint(_ news: News) async {
        if let kept = newest[news.collection], kept.snapshot.version >= news.version { return }
        await refresh(news.collection)
    }

    /// Whether searches see at least this version.
    func sees(_ version: Int64, of collection: String) -> Bool {
        (newest[collection]?.snapshot.version ?? 0) >= version
    }

    private func poll() async {
        do {
            let collections = try await ledger.collections()
            lastContact = now()
            listed = Set(collections.map(\.name))
            drop(except: listed)
            for collection in collections {
                if newest[collection.name]?.snapshot.version != collection.version { await refresh(collection.name) }
            }
        } catch {
            logger.debug("the ledger was not reached", metadata: ["error": "\(error)"])
        }
    }

    /// Looks at once for collections that are new or have ended.
    func look() async { await poll() }

    /// Forgets collections that have ended.
    private func drop(except known: Set<String>) {
        for name in newest.keys where !known.contains(name) {
            newest[name] = nil
            pinned[name] = nil
        }
    }

    /// Asks for the snapshot; while an answer is awaited, further calls make it ask once more afterwards.
    private func refresh(_ collection: String) async {
        guard isRefreshing.insert(collection).inserted else {
            isStale.insert(collection)
            return
        }
        repeat {
            isStale.remove(collection)
            do {
                await adopt(try await ledger.snapshot(collection))
            } catch {
                logger.debug("a snapshot was not read", metadata: ["error": "\(error)", "collection": "\(collection)"])
            }
        } while isStale.contains(collection)
        isRefreshing.remove(collection)
    }

    /// One at a time for each collection, see `refresh`.
    private func adopt(_ snapshot: CollectionSnapshot) async {
        lastContact = now()
        let before = newest[snapshot.collection]
        if let before, before.snapshot.version >= snapshot.version { return }
        do {
            let kept = Kept(snapshot, try schemas.schema(snapshot.declaration))
            // The generation tells a collection that was ended and made again: searches go on to that at once.
            if let before, before.schema.generation == kept.schema.generation { await prepare?(kept) }
            newest[snapshot.collection] = kept
        } catch {
            logger.error(
                "a declaration cannot be read; run one release everywhere",
                metadata: ["collection": "\(snapshot.collection)", "error": "\(error.message)"])
        }
    }
}
