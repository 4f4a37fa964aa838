// The ingest gateway: front door, broker of the parse workers, and owner of the ledger.
//
// One thread owns its four sockets and is this actor's executor; the ledger's disk work happens on other threads and comes
// back as awaited calls, so a slow disk never stops heartbeats.
//
// The way of a document, and the function of each step:
//
//     submit ─accept─▶ append (awaits the disk) ─▶ receipt
//                         │
//                         ▼ feed: reads documents without outcome from the journal, in order
//                     LeaseQueue ─grant─▶ worker ─done─▶ finish (awaits the disk) ─▶ news "items"
//                         └────────── give up ──────────▶ finish as dead letter
//
// Invariants:
//  (1) A receipt is sent only after the journal says that the document is on disk.
//  (2) The queue holds only documents that the journal holds: a crash at any moment loses nothing but leases.
//  (3) Bytes in memory are bounded: `pendingBytesLimit` on their way to the disk, `feedBytes` on their way to workers.

package import Ledger
package import Logging
import Messages
import ServiceKit
package import Transport
package import ZeroMQ

/// The broker of the submit, parse and ledger links.
package actor IngestGateway {
    /// Bytes that wait for the disk; beyond it submissions are refused as busy.
    static let pendingBytesLimit = 128 << 20
    /// Ledger calls under way at once; beyond it they are refused as busy.
    static let pendingCallLimit = 4096
    /// Documents that wait in memory for a worker; the rest waits in the journal.
    static let feedDocuments = 1024
    /// Bytes of those documents.
    static let feedBytes = 64 << 20
    /// Messages taken from one socket before the others get their turn.
    static let receiveBatch = 256
    static let tickMilliseconds = 50
    /// After a failed commit, how long to wait before the same work is tried again.
    static let retryMilliseconds: Int64 = 1000

    /// What a gateway is made of.
    package struct Configuration: Sendable {
        package var endpoints: IngestEndpoints
        package var collections: [String]
        package var partitions: Int
        package var documentBytes: Int
        package var timing = Timing()
        package var epoch: Int64
        package var boot: String
        package var startedAt: Int64
        package var door: LinkDoor
        package var retention: JournalRetention
        /// Bytes free on the ledger's disk; nil where that cannot be told. Called on a thread that may block.
        package var freeBytes: @Sendable () -> Int64? = { nil }
        /// Bytes that must be free for documents to be taken.
        package var diskReserveBytes: Int64 = 0
        /// The file of the key that keys of personal values are sealed with; made when it is first needed.
        package var masterKeyPath = ""

        package init(
            endpoints: IngestEndpoints, collections: [String] = ["bulletins"], partitions: Int, documentBytes: Int,
            epoch: Int64, boot: String, startedAt: Int64, door: LinkDoor,
            retention: JournalRetention = JournalRetention()
        ) {
            self.endpoints = endpoints
            self.collections = collections
            self.partitions = partitions
            self.documentBytes = documentBytes
            self.epoch = epoch
            self.boot = boot
            self.startedAt = startedAt
            self.door = door
            self.retention = retention
        }
    }

    /// Counts since the start, for the status and `/metrics`.
    struct Counters {
        var accepted = 0
        var acceptedBytes = 0
        var duplicates = 0
        var refused = 0
        var refusedBusy = 0
        var refusedDisk = 0
        var parsed = 0
        var deadLettered = 0
        var commitFailures = 0
        var badResults = 0
        var ledgerCalls = 0
        var publishes = 0
        var publishesRefused = 0
        var newsSent = 0
        var newsRenewalFailures = 0
        var trimmedRecords = 0
        var trimFailures = 0
        var alertsMatched = 0
        var acknowledgements = 0
        var alertsBuried = 0
        var alertsRetried = 0
    }

    /// What an index worker told of itself, and when.
    struct IndexReport {
        let counters: [String: Int]
        let at: Int64
    }

    /// How far one collection's journal was read into the queue.
    struct Feed {
        let partitions: Int
        /// The last offset that was read from the journal; nil before the first read.
        var lastRead: Int64?
        var isReading = false
        /// Documents were appended after the last read began.
        var hasMore = true
        /// Submissions on their way to the disk that will wait for a worker.
        var waitingAppends = 0
    }

    private nonisolated let thread: PollThread
    let configuration: Configuration
    let committer: GroupCommitter
    let logger: Logger
    let monotonic: @Sendable () -> Int64
    let wall: @Sendable () -> Int64
    var submitPort: RouterPort
    var parsePort: RouterPort
    var ledgerPort: RouterPort
    /// Nil while the endpoint is not free yet, after its connections were closed.
    private var newsSocket: Socket?
    private let newsEndpoint: String
    /// Lists that took the news link from somebody and are in force.
    private var newsRevocations = 0
    /// Documents of all collections on their way through the parse workers.
    var queue: LeaseQueue
    /// The documents in the queue, whole.
    var records: [SubmissionID: RawRecord] = [:]
    var recordBytes = 0
    /// The same documents by identity: a removal does not overtake an older version.
    var order = VersionOrder()
    var feeds: [String: Feed] = [:]
    /// What the records of declared collections are, by name.
    var declared: [String: DeclaredCollection] = [:]
    var balancers: [String: PartitionBalancer] = [:]
    /// Leases that were granted and are not sent yet, while the queue's actions are done one after the other.
    var unsentLeases: Set<LeaseTicket> = []
    /// How each parse worker reads: leases are written in the codec of its `ready`.
    var codecs: [PeerID: Codec] = [:]
    var counters = Counters()
    var pendingBytes = 0
    var pendingCalls = 0
    var pendingCommits = 0
    var isUpkeepRunning = false
    var upkeepDueAt: Int64 = 0
    var diskFreeBytes: Int64?
    /// What index workers last told of themselves, by holder.
    var indexReports: [String: IndexReport] = [:]
    /// Until when changes of a collection's watches wait, monotonic milliseconds.
    var watchPauses: [String: Int64] = [:]
    /// Which query gateway delivers to webhooks and files, and until when.
    var delivery: (holder: String, until: Int64)?
    /// Polls feeds and sitemaps, where any are.
    private(set) var poller: FeedPoller?
    /// The master key, once it was needed.
    var master: MasterKey?
    /// Keys were erased since the ledger's log was emptied last.
    var needsScrub = false
    private var isDraining = false
    private var nextMessage = 0
    var nextBatch = 0

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// Binds all sockets.
    package init(
        configuration: Configuration, thread: PollThread, committer: GroupCommitter,
        logger: Logger, monotonic: @escaping @Sendable () -> Int64, wall: @escaping @Sendable () -> Int64
    ) throws {
        self.thread = thread
        self.configuration = configuration
        self.committer = committer
        self.logger = logger
        self.monotonic = monotonic
        self.wall = wall
        queue = LeaseQueue(epoch: configuration.epoch, timing: configuration.timing)
        let boot = configuration.boot
        let makeID: @Sendable () -> String = { "ingest-\(boot.prefix(8))" }
        let endpoints = configuration.endpoints
        let door = configuration.door
        submitPort = try RouterPort(.submit, endpoint: endpoints.submit, door: door, makeID: makeID)
        parsePort = try RouterPort(.parse, endpoint: endpoints.parse, door: door, makeID: makeID)
        ledgerPort = try RouterPort(.ledger, endpoint: endpoints.ledger, door: door, makeID: makeID)
        let news = try Socket(.pub, options: try door.security.serving(.news, at: endpoints.news))
        newsEndpoint = try news.bind(endpoints.news)
        newsSocket = consume news
    }

    /// The endpoints as bound, with wild-card ports resolved.
    package var boundEndpoints: IngestEndpoints {
        IngestEndpoints(
            submit: submitPort.endpoint, parse: parsePort.endpoint, ledger: ledgerPort.endpoint,
            news: newsEndpoint)
    }

    /// Makes the collections and begins to serve.
    package func start() async throws {
        let names = configuration.collections
        let partitions = configuration.partitions
        let stored = try await committer.perform { engine, _ in
            let known = try engine.collections()
            for name in names where !known.contains(where: { $0.name == name }) {
                try engine.ensureCollection(name, partitions: partitions)
            }
            return try engine.collections().map { ($0, try engine.declaration($0.name)) }
        }
        for (collection, declaration) in stored { try open(collection, declaration) }
        await lookAtDisk()
        submitPort.register(with: thread) { [weak self] in self?.assumeIsolated { $0.drainSubmit() } }
        parsePort.register(with: thread) { [weak self] in self?.assumeIsolated { $0.drainParse() } }
        ledgerPort.register(with: thread) { [weak self] in self?.assumeIsolated { $0.drainLedger() } }
        tick()
        for name in feeds.keys { fill(name) }
    }

    /// Serves a collection from now on.
    ///
    /// - Throws: `invalidDeclaration` for a declaration that this program cannot read.
    func open(_ collection: CollectionRecord, _ declaration: StoredDeclaration?) throws(KuaibaoError) {
        if let declaration { declared[collection.name] = try DeclaredCollection(declaration) }
        guard feeds[collection.name] == nil else { return }
        feeds[collection.name] = Feed(partitions: collection.partitions)
        balancers[collection.name] = PartitionBalancer(
            partitionCount: collection.partitions, forgetMilliseconds: configuration.timing.expiryMilliseconds)
    }

    /// Refuses new documents, waits until every commit under way is answered, and says nothing more.
    package func drain() async {
        isDraining = true
        let deadline = monotonic() + configuration.timing.drainMilliseconds
        while pendingCommits > 0, monotonic() < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Tells of a poller in the status.
    func attach(_ poller: FeedPoller) { self.poller = poller }

    var refusesDocuments: Bool { isDraining }

    /// The next id of a message of ours.
    func nextMessageID() -> String {
        nextMessage += 1
        return "\(configuration.boot.prefix(8))-\(nextMessage)"
    }

    private func tick() {
        perform(queue.tick(now: monotonic()))
        if codecs.count > queue.roster.count { codecs = codecs.filter { queue.roster.worker($0.key) != nil } }
        for name in feeds.keys { fill(name) }
        upkeep()
        renewNews()
        submitPort.countHandshakes()
        parsePort.countHandshakes()
        ledgerPort.countHandshakes()
        thread.schedule(after: Self.tickMilliseconds) { [weak self] in self?.assumeIsolated { $0.tick() } }
    }

    /// Sends a hint. It may be lost: whoever needs it polls too.
    func publishNews(topic: String, _ news: News) {
        counters.newsSent += 1
        guard let message = try? Message(Header(kind: .news, id: nextMessageID()), encoding: news),
            let frames = try? message.encode()
        else { return }
        _ = try? newsSocket?.send([Frame("\(topic)/\(news.collection)/")] + frames.map { Frame($0) })
    }

    /// Closes all subscriptions after a key has lost the news link, so that it must shake hands again, which is refused. The
    /// others are back within their reconnection time; what they miss they find by their polls.
    private func renewNews() {
        let door = configuration.door
        if door.newsRevocations != newsRevocations {
            newsRevocations = door.newsRevocations
            newsSocket = nil
            logger.notice("a key has lost the news link; its subscribers connect anew")
        }
        guard newsSocket == nil else { return }
        // The endpoint is free a moment after the socket was closed; until then each tick tries again.
        do {
            let news = try Socket(.pub, options: try door.security.serving(.news, at: newsEndpoint))
            try news.bind(newsEndpoint)
            newsSocket = consume news
        } catch {
            counters.newsRenewalFailures += 1
        }
    }
}
