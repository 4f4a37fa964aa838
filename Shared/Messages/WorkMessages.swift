// The parse and search links: how workers join, are given work under credit, and give it back.

/// A worker's introduction, and its credit: how much it will hold at once. Sent on joining, when asked `who`, and
/// whenever the window changes; the newest one counts. A window of zero takes no more work.
package struct Ready: Codable, Sendable, Hashable {
    /// The worker's name, for people: host and process.
    package var name: String
    /// New at every start of the process, so that a restart is told from a reconnection.
    package var boot: String
    /// Leases that the worker will hold at once.
    package var window: Int
    /// Bytes of documents that the worker will hold at once, at least 1; nil for as many as the leases have. A document that
    /// is larger is given to a worker that holds nothing else.
    package var windowBytes: Int?
    /// Release of the worker's program.
    package var release: String

    package init(name: String, boot: String, window: Int, windowBytes: Int? = nil, release: String) {
        self.name = name
        self.boot = boot
        self.window = window
        self.windowBytes = windowBytes
        self.release = release
    }
}

/// What a worker tells of its own process, now and then, in the body of a heartbeat.
package struct WorkerReport: Codable, Sendable, Hashable {
    /// Counters that one worker may tell, and bytes of a name.
    private static let counterLimit = 32
    private static let nameBytes = 64

    /// Counts since the start of its process, whose names end in `_total`, and gauges.
    package var counters: [String: Int]

    package init(counters: [String: Int]) { self.counters = counters }

    /// Whether these are few, with names that a metric may have: a to z and `_`.
    package var isAcceptable: Bool {
        counters.count <= Self.counterLimit
            && counters.keys.allSatisfy { name in
                (1...Self.nameBytes).contains(name.utf8.count)
                    && name.utf8.allSatisfy {
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
                    }
            }
    }
}

/// Names one lease. A result under any other ticket than the current one is dropped and counted.
package struct LeaseTicket: Codable, Sendable, Hashable {
    /// The broker's boot number; grows at every start.
    package var epoch: Int64
    /// Numbers the leases of one epoch.
    package var sequence: Int64

    package init(epoch: Int64, sequence: Int64) {
        self.epoch = epoch
        self.sequence = sequence
    }
}

/// Work for a parse worker: raw documents; their bytes stand end to end in the first payload frame.
package struct ParseLease: Codable, Sendable, Hashable {
    package var ticket: LeaseTicket
    package var documents: [LeasedDocument]
    /// The declarations of the documents' collections, by name; nil where all of them are built in.
    package var declarations: [String: StoredDeclaration]?

    package init(
        ticket: LeaseTicket, documents: [LeasedDocument], declarations: [String: StoredDeclaration]? = nil
    ) {
        self.ticket = ticket
        self.documents = documents
        self.declarations = declarations
    }
}

/// One raw document of a `ParseLease`.
package struct LeasedDocument: Codable, Sendable, Hashable {
    /// The submission's name; the outcome repeats it.
    package var submission: String
    /// The offset of the raw record; becomes the record's version.
    package var rawOffset: Int64
    /// Deliveries of this document so far, this one included.
    package var attempt: Int
    package var byteCount: Int
    package var description: DocumentDescription

    package init(
        submission: String, rawOffset: Int64, attempt: Int, byteCount: Int, description: DocumentDescription
    ) {
        self.submission = submission
        self.rawOffset = rawOffset
        self.attempt = attempt
        self.byteCount = byteCount
        self.description = description
    }
}

/// What a parse worker made of a lease; the encoded `ItemsRecord`s stand end to end in the first payload frame.
package struct ParseResult: Codable, Sendable, Hashable {
    package var ticket: LeaseTicket
    package var outcomes: [ParseOutcome]

    package init(ticket: LeaseTicket, outcomes: [ParseOutcome]) {
        self.ticket = ticket
        self.outcomes = outcomes
    }
}

/// The result of one document: a record, or the reason why there is none.
package struct ParseOutcome: Codable, Sendable, Hashable {
    package var submission: String
    package var itemCount: Int
    /// Bytes of its `ItemsRecord` in the payload frame; 0 where it failed.
    package var recordBytes: Int
    package var warnings: [String]
    package var failure: KuaibaoError?

    package init(
        submission: String, itemCount: Int, recordBytes: Int, warnings: [String] = [], failure: KuaibaoError? = nil
    ) {
        self.submission = submission
        self.itemCount = itemCount
        self.recordBytes = recordBytes
        self.warnings = warnings
        self.failure = failure
    }
}

/// Gives a lease back unfinished: while draining (no attempt is counted) or because the worker cannot do it.
package struct LeaseFailure: Codable, Sendable, Hashable {
    package var ticket: LeaseTicket
    package var error: KuaibaoError
    /// True where the work was not begun, so that it does not count as an attempt.
    package var isHandedBack: Bool

    package init(ticket: LeaseTicket, error: KuaibaoError, isHandedBack: Bool) {
        self.ticket = ticket
        self.error = error
        self.isHandedBack = isHandedBack
    }
}

/// One record of the topic `items`: all that was made of one raw document.
package struct ItemsRecord: Codable, Sendable, Hashable {
    package var document: DocumentDescription
    /// The raw offset: of two records with one identity the greater version counts.
    package var version: Int64
    package var parsed: ParsedDocument
    /// The checked record of a declared collection; `parsed` has no items then.
    package var record: RecordContent?

    package init(document: DocumentDescription, version: Int64, parsed: ParsedDocument, record: RecordContent? = nil) {
        self.document = document
        self.version = version
        self.parsed = parsed
        self.record = record
    }
}

/// A hint on the news socket: a collection changed. It may be lost; pollers find out too.
package struct News: Codable, Sendable, Hashable {
    package var collection: String
    package var version: Int64

    package init(collection: String, version: Int64) {
        self.collection = collection
        self.version = version
    }
}

/// What the index keeps of an item, whole, for showing it.
package struct StoredItem: Codable, Sendable, Hashable {
    package var document: DocumentDescription
    package var format: String
    package var item: Item
    /// The record of a declared collection, of which `item` is a short form.
    package var record: RecordContent?

    package init(document: DocumentDescription, format: String, item: Item, record: RecordContent? = nil) {
        self.document = document
        self.format = format
        self.item = item
        self.record = record
    }
}
