// The state of `ModelLedger`: declared collections.
import Ledger
import Messages

extension LedgerModel {
    mutating func declare(_ name: String, _ text: String, _ partitions: Int) throws -> CollectionRecord {
        guard !text.isEmpty else { throw CatalogRefusal.invalid("text") }
        guard collections[name] == nil else { throw CatalogRefusal.nameInUse([name]) }
        try ensureCollection(name, partitions)
        collections[name]?.declaration = StoredDeclaration(generation: 1, text: text)
        if let former = former[name] {
            if mutation != .restartsVersions { collections[name]?.version = former.version }
            if mutation != .restartsEpochs {
                for partition in 0..<partitions { collections[name]?.partitions[partition].epoch = former.epoch }
            }
        }
        return try record(name)
    }

    mutating func changeDeclaration(_ name: String, _ text: String) throws -> CollectionRecord {
        guard !text.isEmpty else { throw CatalogRefusal.invalid("text") }
        guard let stored = try collection(name).declaration else { throw CatalogRefusal.invalid("built in") }
        let generation = mutation == .forgetsGenerations ? stored.generation : stored.generation + 1
        collections[name]?.declaration = StoredDeclaration(generation: generation, text: text)
        collections[name]?.version += 1
        return try record(name)
    }

    mutating func remove(_ name: String, _ now: Int64) throws {
        let ending = try collection(name)
        guard ending.declaration != nil else { throw CatalogRefusal.invalid("built in") }
        let epoch = ending.partitions.map(\.epoch).max() ?? 0
        former[name] = (ending.version + 1, epoch + 1)
        collections[name] = nil
        for stream in streams.keys where stream.collection == name { streams[stream] = nil }
        for (id, segment) in segments where segment.record.collection == name && segment.state != .condemned {
            segments[id]?.state = .dead
        }
        for (file, stored) in files where stored.collection == name && stored.state != .condemned {
            files[file]?.state = .dead
            files[file]?.changedAt = now
        }
    }

    private func record(_ name: String) throws -> CollectionRecord {
        let collection = try collection(name)
        return CollectionRecord(
            name: name, partitions: collection.partitions.count, version: collection.version,
            generation: collection.declaration?.generation)
    }
}
