// Values of watches: standing queries, and the ledger of what they matched. They are kept by the ledger and cross its link.
//
// Definitions:
//  - A *watch* is a stored query of one collection. Its *number* is given by the ledger, grows, and is never used again.
//  - An *alert* is one item that one watch matched. The alerts of a watch are numbered 1, 2, 3 … in the order of the publishes
//    that made their items searchable; the number is the alert's *sequence*.
//  - A *rule* is a watch with a *route*, a keyword field of a declared collection. Its alerts go to *desks*, one for each value that
//    the field has had: watches that the ledger makes in the publish that first needs them, and that match nothing themselves.
//    What has no value there stays with the rule.
//  - An alert is *overdue* when it has been pending for longer than its watch says. It is *delivered* when somebody was given it.
//  - An alert is *pending* until it is acknowledged or becomes a *dead letter*. A dead letter that is retried is pending again,
//    under its old sequence.
//
// `matched = acknowledged + pending + dead` for every watch, in every committed state.

/// Where a watch's alerts go besides the stream of events, which every watch has.
package struct WatchDestination: Codable, Sendable, Hashable {
    package enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
        /// Whoever follows the watch's events acknowledges them.
        case stream
        /// Each alert is sent to an address, and is acknowledged by its answer.
        case webhook
        /// All alerts of a day become one digest, a file; writing it acknowledges them.
        case digest
        /// The same digest as a mail; the mail server's taking it acknowledges them.
        case mail
    }

    package var kind: Kind
    /// The address of a webhook, or `mailto:` and a mailbox.
    package var url: String?
    /// What a webhook's requests are signed with.
    package var secret: String?

    package init(kind: Kind, url: String? = nil, secret: String? = nil) {
        self.kind = kind
        self.url = url
        self.secret = secret
    }

    /// For lists: without the secret.
    package var withoutSecret: WatchDestination { WatchDestination(kind: kind, url: url) }
}

/// A standing query.
package struct Watch: Codable, Sendable, Hashable {
    /// Chosen by whoever makes it; unique for ever. `a…z`, `0…9`, `-`; at most 64 bytes.
    package var id: String
    /// Given by the ledger; what is sent is ignored.
    package var number: Int64
    package var collection: String
    /// For people.
    package var name: String
    /// The query, in the query language.
    package var q: String
    /// What the owner may see, in the query language; nil for everything. The watch matches what both let through.
    package var filter: String?
    /// The id of the API key that made it; `open` on a gateway without keys.
    package var owner: String
    /// The tenant that made it, where that was a tenant token.
    package var tenant: String?
    package var destination: WatchDestination
    /// Milliseconds since 1970, UTC; given by the ledger.
    package var createdAt: Int64
    /// The collection's version when it was made: it sees every item of every later version; given by the ledger.
    package var createdVersion: Int64
    /// Of a rule and of its desks: the field whose values are desks; nil for any other watch.
    package var route: String?
    /// Of a desk: its rule's id, and the value that it is the desk of; given by the ledger.
    package var rule: String?
    package var desk: String?
    /// Seconds after which a pending alert is overdue; nil for never.
    package var dueSeconds: Int?

    package init(
        id: String, number: Int64 = 0, collection: String, name: String, q: String, filter: String? = nil,
        owner: String, tenant: String? = nil, destination: WatchDestination, createdAt: Int64 = 0,
        createdVersion: Int64 = 0, route: String? = nil, rule: String? = nil, desk: String? = nil,
        dueSeconds: Int? = nil
    ) {
        self.id = id
        self.number = number
        self.collection = collection
        self.name = name
        self.q = q
        self.filter = filter
        self.owner = owner
        self.tenant = tenant
        self.destination = destination
        self.createdAt = createdAt
        self.createdVersion = createdVersion
        self.route = route
        self.rule = rule
        self.desk = desk
        self.dueSeconds = dueSeconds
    }
}

/// The balance of one watch, or of many.
package struct AlertCounts: Codable, Sendable, Hashable {
    /// Alerts ever made; the sequence of the newest.
    package var matched: Int64
    package var acknowledged: Int64
    package var pending: Int64
    /// Given up, those that are not kept any more included.
    package var dead: Int64

    package init(matched: Int64 = 0, acknowledged: Int64 = 0, pending: Int64 = 0, dead: Int64 = 0) {
        self.matched = matched
        self.acknowledged = acknowledged
        self.pending = pending
        self.dead = dead
    }

    /// Whether the ledger of alerts balances.
    package var isBalanced: Bool { matched == acknowledged + pending + dead }

    package static func + (one: AlertCounts, other: AlertCounts) -> AlertCounts {
        AlertCounts(
            matched: one.matched + other.matched, acknowledged: one.acknowledged + other.acknowledged,
            pending: one.pending + other.pending, dead: one.dead + other.dead)
    }
}

/// A watch with its balance.
package struct WatchState: Codable, Sendable, Hashable {
    package var watch: Watch
    package var counts: AlertCounts
    /// The greatest sequence that somebody was given; nil where nobody was given any.
    package var delivered: Int64?

    package init(watch: Watch, counts: AlertCounts, delivered: Int64? = nil) {
        self.watch = watch
        self.counts = counts
        self.delivered = delivered
    }
}

/// How late a watch's pending alerts are.
package struct AlertDue: Codable, Sendable, Hashable {
    /// Pending for longer than the watch says.
    package var overdue: Int64
    /// When the oldest pending alert's item became searchable, in milliseconds since 1970, UTC; nil where nothing is pending.
    package var oldestPending: Int64?

    package init(overdue: Int64 = 0, oldestPending: Int64? = nil) {
        self.overdue = overdue
        self.oldestPending = oldestPending
    }
}

/// Which watches a list holds.
package struct WatchSelection: Codable, Sendable, Hashable {
    /// Nil for all owners.
    package var owner: String?
    /// With an owner: only this tenant's; nil for all of the owner's.
    package var tenant: String?
    /// Nil for all kinds of destination.
    package var kind: WatchDestination.Kind?
    /// Only watches with pending alerts.
    package var isPending: Bool
    /// Only the desks of this rule.
    package var rule: String?
    /// Only the desks of this value.
    package var desk: String?
    /// Only watches with a greater number.
    package var after: Int64
    package var limit: Int

    package init(
        owner: String? = nil, tenant: String? = nil, kind: WatchDestination.Kind? = nil, isPending: Bool = false,
        rule: String? = nil, desk: String? = nil, after: Int64 = 0, limit: Int = 100
    ) {
        self.owner = owner
        self.tenant = tenant
        self.kind = kind
        self.isPending = isPending
        self.rule = rule
        self.desk = desk
        self.after = after
        self.limit = limit
    }
}

/// What an index worker needs of a watch.
package struct WatchRule: Codable, Sendable, Hashable {
    package var number: Int64
    package var q: String
    package var filter: String?
    /// Of a rule.
    package var route: String?

    package init(number: Int64, q: String, filter: String?, route: String? = nil) {
        self.number = number
        self.q = q
        self.filter = filter
        self.route = route
    }
}

/// A page of the rules of a collection, ascending by number, and the state that it was read in.
package struct WatchRules: Codable, Sendable, Hashable {
    /// Grows with every watch that is made or deleted; a publish names the one it was matched with.
    package var version: Int64
    /// Watches of the collection in that version, without desks.
    package var count: Int
    package var rules: [WatchRule]

    package init(version: Int64, count: Int, rules: [WatchRule]) {
        self.version = version
        self.count = count
        self.rules = rules
    }
}

/// One alert as it is read.
package struct StoredAlert: Codable, Sendable, Hashable {
    package var sequence: Int64
    /// When its item became searchable.
    package var matchedAt: Int64
    /// An `AlertItem` as the index worker wrote it; on the wire a payload frame holds it.
    package var payload: [UInt8]
    /// Why it was given up; nil while it is pending.
    package var reason: String?
    /// How often it was sent before it was given up.
    package var attempts: Int

    package init(sequence: Int64, matchedAt: Int64, payload: [UInt8], reason: String? = nil, attempts: Int = 0) {
        self.sequence = sequence
        self.matchedAt = matchedAt
        self.payload = payload
        self.reason = reason
        self.attempts = attempts
    }

    package var withoutPayload: StoredAlert {
        StoredAlert(sequence: sequence, matchedAt: matchedAt, payload: [], reason: reason, attempts: attempts)
    }
}

/// Which alerts of a watch are settled.
package enum AlertChoice: Codable, Sendable, Hashable {
    /// All pending ones up to this sequence.
    case through(Int64)
    case these([Int64])
}

/// What an alert says of its item.
package struct AlertItem: Codable, Sendable, Hashable {
    /// The item's id, as a search would give it.
    package var id: String
    package var document: String
    package var ordinal: Int
    /// The submission that the item came with.
    package var submission: String
    package var title: String
    /// The beginning of the body.
    package var excerpt: String
    /// `2020-02-08`, as far as it is known.
    package var date: String?
    package var department: String?
    package var sources: [String]
    package var file: String?
    package var flags: [String]

    package init(
        id: String, document: String, ordinal: Int, submission: String, title: String, excerpt: String, date: String?,
        department: String?, sources: [String], file: String?, flags: [String]
    ) {
        self.id = id
        self.document = document
        self.ordinal = ordinal
        self.submission = submission
        self.title = title
        self.excerpt = excerpt
        self.date = date
        self.department = department
        self.sources = sources
        self.file = file
        self.flags = flags
    }
}

/// An alert as a subscriber sees it.
package struct Alert: Codable, Sendable, Hashable {
    /// The watch's id.
    package var watch: String
    package var sequence: Int64
    /// Milliseconds since 1970, UTC.
    package var matchedAt: Int64
    package var item: AlertItem
    /// Why it was given up, and after how many tries; nil for a pending one.
    package var reason: String?
    package var attempts: Int?

    package init(
        watch: String, sequence: Int64, matchedAt: Int64, item: AlertItem, reason: String? = nil, attempts: Int? = nil
    ) {
        self.watch = watch
        self.sequence = sequence
        self.matchedAt = matchedAt
        self.item = item
        self.reason = reason
        self.attempts = attempts
    }
}

// MARK: - The ask link

/// What a ZeroMQ client asks of a watch.
package enum WatchRequest: Codable, Sendable, Hashable {
    /// Pending alerts behind a sequence, at most `limit`; where there is none, the answer waits so long for one.
    case alerts(watch: String, after: Int64, limit: Int, waitMilliseconds: Int)
    case acknowledge(watch: String, AlertChoice)
}

/// The answer to a `WatchRequest`.
package enum WatchReply: Codable, Sendable, Hashable {
    case alerts([Alert])
    case counts(AlertCounts)
}
