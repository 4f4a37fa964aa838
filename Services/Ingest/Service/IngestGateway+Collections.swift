// Declared collections: made, changed and ended while everything runs.

import Ledger
import Logging
import Messages
import Records
import ServiceKit

extension IngestGateway {
    /// How long the end of a collection waits for its documents that are being parsed, in milliseconds.
    static let endMilliseconds: Int64 = 4000
    /// Rows of ended collections that one transaction forgets.
    static let purgeRows = 4096

    /// Makes a collection, or changes its declaration.
    ///
    /// - Throws: `invalidDeclaration`; `conflict` for a name that is taken or a change that records would not fit.
    func declare(_ text: String, isNew: Bool) async throws -> CollectionRecord {
        let declaration = try DeclarationReader.read(text)
        let name = declaration.name
        let record: CollectionRecord
        if isNew {
            guard feeds[name] == nil else {
                throw KuaibaoError(
                    .conflict, "there is a collection '\(name)' already",
                    fix: "choose another name, or change it: kuaibao collection change")
            }
            let partitions = declaration.partitions ?? configuration.partitions
            record = try await committer.perform { engine, now in
                try engine.declareCollection(name, text: text, partitions: partitions, now: now)
            }
        } else {
            guard let old = declared[name] else { throw unknownCollection(name) }
            if let problem = declaration.problem(replacing: old.declaration) {
                throw KuaibaoError(
                    .conflict, problem, fix: "make a collection of another name and move the records: export, add")
            }
            record = try await committer.perform { engine, now in
                try engine.changeDeclaration(name, text: text, now: now)
            }
        }
        try open(record, StoredDeclaration(generation: record.generation ?? 1, text: text))
        logger.notice(
            isNew ? "a collection was made" : "a collection was changed",
            metadata: ["collection": "\(name)", "generation": "\(record.generation ?? 0)"])
        publishNews(topic: "version", News(collection: name, version: record.version))
        return record
    }

    /// Ends a declared collection, once nothing of it is on its way through the parse workers.
    ///
    /// - Throws: `unknownCollection`; `invalidRequest` for a built-in one; `busy`.
    func removeCollection(_ name: String) async throws {
        guard let feed = feeds[name] else { throw unknownCollection(name) }
        guard let ending = declared[name] else {
            throw KuaibaoError(.invalidRequest, "\(name) is built in", fix: "remove its documents one by one")
        }
        // Nothing new is taken or read from the journal from here on.
        feeds[name] = nil
        declared[name] = nil
        let deadline = monotonic() + Self.endMilliseconds
        while records.keys.contains(where: { $0.collection == name }), monotonic() < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        do {
            guard !records.keys.contains(where: { $0.collection == name }) else {
                throw KuaibaoError(.busy, "records of \(name) are still being read", fix: "try again in a moment")
            }
            try await committer.perform { engine, now in try engine.removeCollection(name, now: now) }
        } catch {
            // It is there as before; what was read from the journal is read once more.
            feeds[name] = Feed(partitions: feed.partitions)
            declared[name] = ending
            throw error
        }
        balancers[name] = nil
        logger.notice("a collection was ended", metadata: ["collection": "\(name)"])
    }

    /// The key that keys of personal values are sealed with.
    ///
    /// - Throws: `corrupt`, `unavailable`.
    func masterKey() throws(KuaibaoError) -> MasterKey {
        if let master { return master }
        let read = try MasterKey(path: configuration.masterKeyPath)
        master = read
        return read
    }

    /// The keys of a record's personal values, open.
    func recordKeys(_ collection: String, _ identity: String) async throws -> [RecordKey] {
        let sealed = try await committer.read { engine in try engine.recordKeys(collection, identity: identity) }
        guard !sealed.isEmpty else { return [] }
        let master = try masterKey()
        return sealed.compactMap { master.open($0, at: [collection, identity]) }
    }

    /// Makes erased keys unreadable in the ledger's files.
    func scrub() async {
        guard needsScrub else { return }
        needsScrub = false
        let isDone = (try? await committer.perform { engine, _ in try engine.scrub() }) ?? false
        if !isDone { needsScrub = true }
    }

    private func unknownCollection(_ name: String) -> KuaibaoError {
        KuaibaoError(
            .unknownCollection, "there is no declared collection '\(name.prefix(80))'",
            fix: "use one of: \(declared.keys.sorted().joined(separator: ", "))")
    }

    /// Forgets a portion of what ended collections have left.
    func purgeEnded() async {
        do {
            _ = try await committer.perform { engine, _ in try engine.purgeEnded(limit: Self.purgeRows) }
        } catch {
            logger.warning("rows of an ended collection are still there", metadata: ["error": "\(error)"])
        }
    }
}
