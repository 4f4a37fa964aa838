// Limits of what the ledger accepts, and the checks of them. Everything that comes in is checked here before it is used.
import Messages

/// Bounds of names, counts and sizes; checked before anything is written.
package enum LedgerLimits {
    /// Bytes of a collection's name: `a…z`, `0…9`, `-`, `_`, beginning with a letter or digit.
    package static let collectionNameBytes = 64
    /// Collections of one ledger.
    package static let collectionCount = 1_024
    /// Partitions of one collection.
    package static let partitionCount = 1_024
    /// Bytes of a collection's declaration.
    package static let declarationBytes = 256 << 10
    /// Bytes of a record's identity.
    package static let identityBytes = 512
    /// Bytes of a batch id.
    package static let batchIDBytes = 200
    /// Records of one batch.
    package static let recordCount = 1_000_000
    /// Bytes of one payload.
    package static let payloadBytes = 64 << 20
    /// Batches or completions of one call.
    package static let callCount = 65_536
    /// Bytes of a holder's name, a segment id, or a dead letter's reason.
    package static let nameBytes = 200
    /// Bytes of a file's name.
    package static let fileNameBytes = 300
    /// Bytes of a dead letter's message or a warning.
    package static let textBytes = 8 << 10
    /// Dead letters, warnings or item appends of one completion.
    package static let outcomeParts = 1_024
    /// Segments, removals or changes of one publish.
    package static let publishParts = 4_096
    /// Items with alerts of one publish.
    package static let alertBatches = 65_536
    /// Alerts (an item and a watch) of one publish.
    package static let publishAlerts = 1_000_000
    /// Bytes of a watch's id.
    package static let watchIDBytes = 64
    /// Bytes of a rule's id: those of its desks have a number more.
    package static let ruleIDBytes = 40
    /// The longest time after which an alert is overdue: a year.
    package static let dueSeconds = 366 * 86_400
    /// Watches of one ledger.
    package static let watchCount = 200_000
    /// Watches of one tenant of a key.
    package static let tenantWatches = 1_000
    /// Batches or documents returned by one read.
    package static let readCount = 65_536
    /// Records of one stream: offsets fit in 40 bits.
    package static let streamRecords: Int64 = 1 << 40
    /// Longest lease: one day.
    package static let leaseMilliseconds: Int64 = 86_400_000
    /// Largest instant or grace that is accepted: about the year 10000.
    package static let instantMilliseconds: Int64 = 253_402_300_800_000
}

extension LedgerLimits {
    /// Checks a collection's name.
    static func checkCollectionName(_ name: String) throws(LedgerError) {
        let bytes = name.utf8
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let isAllowed = bytes.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        guard let first = bytes.first, isAlphanumeric(first), isAllowed, bytes.count <= collectionNameBytes else {
            throw LedgerError(
                .invalid,
                "collection name '\(name.prefix(80))' must be 1 to 64 of a-z, 0-9, - and _, not beginning with - or _")
        }
    }

    /// Checks that a text is within `limit` bytes and holds no NUL.
    static func checkText(_ text: String, _ what: String, limit: Int, canBeEmpty: Bool = false) throws(LedgerError) {
        guard canBeEmpty || !text.utf8.isEmpty else { throw LedgerError(.invalid, "\(what) is empty") }
        guard text.utf8.count <= limit else {
            throw LedgerError(.invalid, "\(what) has \(text.utf8.count) bytes, at most \(limit) are allowed")
        }
        guard !text.utf8.contains(0) else { throw LedgerError(.invalid, "\(what) contains a NUL") }
    }

    /// Checks a count or size.
    static func check(_ value: Int, _ what: String, in range: ClosedRange<Int>) throws(LedgerError) {
        guard range.contains(value) else {
            throw LedgerError(.invalid, "\(what) is \(value), allowed are \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// Checks an instant or a duration.
    static func checkInstant(_ value: Int64, _ what: String) throws(LedgerError) {
        guard (0...instantMilliseconds).contains(value) else {
            throw LedgerError(.invalid, "\(what) is \(value), allowed are 0 to \(instantMilliseconds) milliseconds")
        }
    }

    /// Checks a batch; a batch of the topic `raw` holds one record.
    static func check(_ batch: JournalBatch, topic: Topic) throws(LedgerError) {
        try checkText(batch.batchID, "batch id", limit: batchIDBytes)
        try check(
            batch.recordCount, "record count of batch '\(batch.batchID)'", in: 1...(topic == .raw ? 1 : recordCount))
        try check(batch.payload.count, "payload size of batch '\(batch.batchID)'", in: 0...payloadBytes)
    }

    /// Checks what a raw record claims.
    static func check(_ claims: RecordClaims, isRaw: Bool) throws(LedgerError) {
        guard isRaw else { throw LedgerError(.invalid, "only raw records claim values") }
        try checkText(claims.identity, "identity of a record", limit: identityBytes)
        try check(claims.values.count, "number of unique values", in: 0...outcomeParts)
        if let key = claims.key {
            try check(key.id.count, "bytes of a key's id", in: 1...nameBytes)
            try check(key.bytes.count, "bytes of a key", in: 1...textBytes)
        }
        try check(claims.tokens.count, "number of tokens", in: 0...outcomeParts)
        for value in claims.values + claims.tokens {
            try checkText(value.field, "name of a field", limit: nameBytes)
            try check(value.value.count, "bytes of a unique value", in: 1...textBytes)
        }
    }

    /// Checks what a raw record became already, but for its partition.
    static func check(_ parsed: ParsedAppend, isRaw: Bool) throws(LedgerError) {
        guard isRaw else { throw LedgerError(.invalid, "only raw records have an outcome") }
        try check(parsed.payload.count, "payload size of an item record", in: 0...payloadBytes)
        guard parsed.isWellFormed else {
            throw LedgerError(.invalid, "the gap at \(parsed.offsetPlace) is not within \(parsed.payload.count) bytes")
        }
    }

    /// Checks an outcome but for its collection and partitions.
    static func check(_ completion: Completion) throws(LedgerError) {
        guard (0..<streamRecords).contains(completion.rawOffset) else {
            throw LedgerError(.invalid, "raw offset \(completion.rawOffset) is outside 0 to \(streamRecords - 1)")
        }
        guard !completion.appends.isEmpty || !completion.deadLetters.isEmpty else {
            throw LedgerError(
                .invalid,
                "the completion of raw offset \(completion.rawOffset) has neither items nor a dead letter; give one")
        }
        try check(completion.appends.count, "number of item batches", in: 0...outcomeParts)
        try check(completion.deadLetters.count, "number of dead letters", in: 0...outcomeParts)
        try check(completion.warnings.count, "number of warnings", in: 0...outcomeParts)
        for append in completion.appends { try check(append.batch, topic: .items) }
        for letter in completion.deadLetters {
            try checkText(letter.reason, "reason of a dead letter", limit: nameBytes)
            try checkText(letter.message, "message of a dead letter", limit: textBytes, canBeEmpty: true)
            try check(letter.attempts, "number of attempts", in: 0...recordCount)
            try check(letter.identity?.utf8.count ?? 0, "size of an identity", in: 0...textBytes)
        }
        for warning in completion.warnings { try checkText(warning, "warning", limit: textBytes, canBeEmpty: true) }
    }
}
