// The ledger's one error type.
package import Messages

/// A failure of the ledger: what failed, with which value, and what to do.
package struct LedgerError: Error, Sendable, Equatable {
    package enum Code: Sendable, Equatable {
        /// A value is outside its limits.
        case invalid
        case unknownCollection
        /// The offset was trimmed; `low` is the first that is there.
        case trimmed(low: Int64)
        /// The trim would pass the least checkpoint, `limit`.
        case notTrimmable(limit: Int64)
        /// The submission is not among the dead letters.
        case notDead
        /// A record's value of a unique field belongs to another record.
        case valueTaken(field: String, identity: String)
        /// The queue is full; try again later.
        case busy
        /// No space: nothing was written, the ledger keeps serving.
        case diskFull
        /// The disk failed: what was written last is unknown. The process must stop and recover from disk.
        case io
        /// An earlier call failed with `io`; nothing is accepted any more.
        case failed
        /// The files are damaged or are not a ledger.
        case corrupt
        /// The files were written by a newer version.
        case tooNew
        /// Another process owns the data directory; nil if its number could not be read.
        case locked(processID: Int32?)
        /// The committer was stopped.
        case stopped
        /// A promise of ours is broken.
        case `internal`
    }

    package var code: Code
    /// Lowercase, no full stop.
    package var message: String
    /// The underlying error, in words.
    package var cause: String?

    package init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }
}

extension LedgerError: CustomStringConvertible {
    package var description: String { cause.map { "\(message): \($0)" } ?? message }
}

extension LedgerError {
    /// The same error as a peer sees it.
    package var wireError: KuaibaoError {
        switch code {
        case .invalid: KuaibaoError(.invalidRequest, message, fix: "correct the value named here")
        case .unknownCollection: KuaibaoError(.unknownCollection, message, fix: "create the collection first")
        case .trimmed(let low): KuaibaoError(.notFound, message, fix: "read from offset \(low) on")
        case .notTrimmable(let limit): KuaibaoError(.conflict, message, fix: "trim below offset \(limit) at most")
        case .notDead: KuaibaoError(.notFound, message, fix: "list the dead letters and choose one of them")
        case .valueTaken(let field, _):
            KuaibaoError(
                .conflict, message, fix: "give it another value of '\(field)', or change the other record first")
        case .busy: KuaibaoError(.busy, message, fix: "try again in a moment")
        case .diskFull: KuaibaoError(.diskFull, message, fix: "free space on the data volume and try again")
        case .io, .failed:
            KuaibaoError(.unavailable, description, fix: "wait for the service to restart, then try again")
        case .stopped: KuaibaoError(.unavailable, message, fix: "wait for the service to start, then try again")
        case .corrupt: KuaibaoError(.corrupt, description, fix: "restore the data directory from a backup")
        case .tooNew: KuaibaoError(.notReady, message, fix: "run the version that wrote the data, or a newer one")
        case .locked: KuaibaoError(.conflict, message, fix: "stop the other process or choose another data directory")
        case .internal: KuaibaoError(.internal, description, fix: "report this with the log")
        }
    }
}

extension CatalogRefusal {
    /// The same refusal as a peer sees it.
    package var wireError: KuaibaoError {
        switch self {
        case .unknownCollection(let name):
            KuaibaoError(.unknownCollection, "there is no collection '\(name)'", fix: "create the collection first")
        case .unknownPartition(let partition):
            KuaibaoError(.invalidRequest, "there is no partition \(partition)", fix: "ask for the list of collections")
        case .unknownWatch(let id):
            KuaibaoError(.notFound, "there is no watch '\(id)'", fix: "list the watches and choose one of them")
        case .watchExists(let id):
            KuaibaoError(.conflict, "another watch has the id '\(id)'", fix: "choose another id, or none")
        case .tooManyWatches(let limit):
            KuaibaoError(.conflict, "there are \(limit) watches, no more are allowed", fix: "delete watches that nobody needs")
        case .invalid(let text):
            KuaibaoError(.invalidRequest, text, fix: "correct the value named here")
        default:
            KuaibaoError(.conflict, "the catalog refused: \(self)", fix: "read the state again and start from there")
        }
    }
}
