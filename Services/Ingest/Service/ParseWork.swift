// What a parse worker does with one lease: every document becomes a record of items, or a reason why not.

import Messages

/// Parses leased documents. A pure function of the lease, so that a lease given out twice has one result.
struct ParseWork: Sendable {
    private let work: any DocumentWork
    private let records = RecordWork()
    private let makeID: @Sendable () -> String

    init(work: any DocumentWork, makeID: @escaping @Sendable () -> String) {
        self.work = work
        self.makeID = makeID
    }

    /// The result of a lease, as a message of kind `done` or `failed`.
    func result(of message: Message) -> Message {
        do {
            let lease = try message.body(as: ParseLease.self)
            let bytes = message.payload.first ?? []
            var position = 0
            var outcomes: [ParseOutcome] = []
            var bytesOfRecords: [UInt8] = []
            for document in lease.documents {
                guard document.byteCount >= 0, document.byteCount <= bytes.count - position else {
                    throw KuaibaoError(
                        .invalidMessage, "a lease of \(bytes.count) bytes lacks some", fix: "send all documents' bytes")
                }
                let content = Array(bytes[position..<position + document.byteCount])
                position += document.byteCount
                let collection = SubmissionID(document.submission)?.collection
                let declaration = collection.flatMap { lease.declarations?[$0] }
                let (outcome, record) =
                    declaration.map { self.records.outcome(of: document, content, $0) }
                    ?? work.outcome(of: document, content)
                outcomes.append(outcome)
                bytesOfRecords += record
            }
            let result = ParseResult(ticket: lease.ticket, outcomes: outcomes)
            return try message.reply(.done, id: makeID(), encoding: result, payload: [bytesOfRecords])
        } catch {
            return failure(of: message, error)
        }
    }

    private func failure(of message: Message, _ error: any Error) -> Message {
        let known = error as? KuaibaoError ?? KuaibaoError(.internal, "\(error)", fix: "report this with the log")
        let ticket = (try? message.body(as: ParseLease.self).ticket) ?? LeaseTicket(epoch: 0, sequence: 0)
        let body = LeaseFailure(ticket: ticket, error: known, isHandedBack: false)
        if let reply = try? message.reply(.failed, id: makeID(), encoding: body) { return reply }
        return message
    }
}
