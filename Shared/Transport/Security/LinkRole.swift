// Who may do what on which link. A key has one role, and a role is all that a key is good for.
//
//     role             submit      parse   ledger        news        ask     search
//     ingest-gateway   ping, binds all four              binds
//     query-gateway    everything          reads, dead   subscribes  ping, binds both
//     parse-worker                 works
//     index-worker                         indexes       subscribes
//     query-worker                                                           works
//     submit-client    everything
//     ask-client                                                     everything
//
// "reads, dead" and "indexes" are sets of ledger calls; see `mayCall`.

package import Messages

/// A kind of socket, by what it carries. Its name is the domain of its allow-list.
package enum Link: String, Sendable, Hashable, CaseIterable {
    case submit
    case parse
    case ledger
    case news
    case ask
    case search

    /// Whose key proves that a server is the right one.
    package var server: LinkRole {
        switch self {
        case .submit, .parse, .ledger, .news: .ingestGateway
        case .ask, .search: .queryGateway
        }
    }
}

/// What the owner of a key is.
package enum LinkRole: String, Sendable, Hashable, CaseIterable {
    case ingestGateway = "ingest-gateway"
    case queryGateway = "query-gateway"
    case parseWorker = "parse-worker"
    case indexWorker = "index-worker"
    case queryWorker = "query-worker"
    /// A program that sends documents and nothing else.
    case submitClient = "submit-client"
    /// A program that searches and nothing else.
    case askClient = "ask-client"

    /// What a role may do on a link.
    package enum Right: Sendable, Hashable {
        case nothing
        /// Only ask whether the server is alive.
        case ping
        /// What the link is for; on the ledger within `mayCall`.
        case everything
    }

    package func right(on link: Link) -> Right {
        switch (self, link) {
        case (.ingestGateway, .submit), (.ingestGateway, .parse), (.ingestGateway, .ledger): .ping
        case (.queryGateway, .ask), (.queryGateway, .search): .ping
        case (.queryGateway, .submit), (.queryGateway, .ledger), (.queryGateway, .news): .everything
        case (.parseWorker, .parse): .everything
        case (.indexWorker, .ledger), (.indexWorker, .news): .everything
        case (.queryWorker, .search): .everything
        case (.submitClient, .submit): .everything
        case (.askClient, .ask): .everything
        default: .nothing
        }
    }

    /// Whether this role binds sockets and therefore keeps an allow-list.
    package var bindsLinks: Bool { self == .ingestGateway || self == .queryGateway }

    /// Whether this role may ask this of the ledger. Who answers queries changes nothing but dead letters, declarations, watches
    /// and their alerts; who indexes sees no dead letters, no status, and of watches only what they ask for.
    package func mayCall(_ request: LedgerRequest) -> Bool {
        switch request {
        case .collections, .version, .snapshot: self == .queryGateway || self == .indexWorker
        case .submission, .deadLetters, .retryDeadLetter, .dropDeadLetter, .status: self == .queryGateway
        case .acquire, .release, .read, .stage, .publish, .segmentState, .condemn, .forget, .report, .watchRules:
            self == .indexWorker
        case .createWatch, .deleteWatch, .watch, .watches, .watchHeads, .watchDues, .noteDelivered, .alerts, .acknowledge, .buryAlert,
            .retryAlerts, .holdDelivery, .declare, .removeCollection, .progress, .recordKeys,
            .recordsWith:
            self == .queryGateway
        }
    }
}
