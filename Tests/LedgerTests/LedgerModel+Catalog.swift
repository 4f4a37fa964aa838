// The state of `ModelLedger`: catalog half.
import Ledger
import Messages

extension LedgerModel {
    func collection(_ name: String) throws(CatalogRefusal) -> Collection {
        guard let collection = collections[name] else { throw .unknownCollection(name) }
        return collection
    }

    mutating func ensureCollection(_ name: String, _ partitions: Int) throws(CatalogRefusal) {
        if let stored = collections[name] {
            guard stored.partitions.count == partitions else {
                throw .partitionsDiffer(stored: stored.partitions.count)
            }
            return
        }
        guard !name.isEmpty,
            name.allSatisfy({ $0.isASCII && !$0.isUppercase && ($0.isLetter || $0.isNumber || "-_".contains($0)) }),
            (1...LedgerLimits.partitionCount).contains(partitions)
        else { throw .invalid("name or number") }
        collections[name] = Collection(
            name: name,
            partitions: (0..<partitions).map {
                PartitionLease(collection: name, partition: $0, epoch: 0, checkpoint: 0, holder: "", expiresAt: 0)
            })
        for topic in Topic.allCases {
            for partition in 0..<(topic == .items ? partitions : 1) {
                streams[TopicPartition(collection: name, topic: topic, partition: partition)] = Stream()
            }
        }
    }

    private func lease(_ name: String, _ partition: Int) throws(CatalogRefusal) -> PartitionLease {
        guard let lease = try collection(name).partitions.element(at: partition) else {
            throw .unknownPartition(partition)
        }
        return lease
    }

    mutating func acquire(
        _ name: String, _ partition: Int, _ holder: String, _ duration: Int64, _ now: Int64
    ) throws(CatalogRefusal) -> PartitionLease? {
        var lease = try lease(name, partition)
        let isFree = lease.holder.isEmpty || lease.expiresAt <= now
        guard isFree || lease.holder == holder else { return nil }
        if isFree, mutation != .keepsEpochAtTakeOver || lease.epoch == 0 { lease.epoch += 1 }
        lease.holder = holder
        lease.expiresAt = now + duration
        collections[name]?.partitions[partition] = lease
        return lease
    }

    mutating func renew(
        _ given: PartitionLease, _ duration: Int64, _ now: Int64
    ) throws(CatalogRefusal) -> PartitionLease {
        var lease = try lease(given.collection, given.partition)
        guard lease.epoch == given.epoch, lease.holder == given.holder else { throw .fenced(current: lease.epoch) }
        lease.expiresAt = now + duration
        collections[given.collection]?.partitions[given.partition] = lease
        return lease
    }

    mutating func release(_ given: PartitionLease) throws(CatalogRefusal) {
        let lease = try lease(given.collection, given.partition)
        guard lease.epoch == given.epoch, lease.holder == given.holder else { return }
        collections[given.collection]?.partitions[given.partition].holder = ""
        collections[given.collection]?.partitions[given.partition].expiresAt = 0
    }

    private func checkEpoch(_ epoch: Int64?, _ lease: PartitionLease) throws(CatalogRefusal) {
        if mutation == .ignoresEpoch || mutation == .ignoresEpochAndOffset { return }
        guard let epoch else { return }
        guard epoch == lease.epoch, epoch > 0 else { throw .fenced(current: lease.epoch) }
    }

    private func isStaged(_ name: String, _ collection: String) -> Bool {
        if mutation == .publishesCondemned, files[name]?.state == .condemned { return true }
        return files[name]?.state == .staged && files[name]?.collection == collection
    }

    mutating func stage(_ request: StageRequest, _ now: Int64) throws {
        let lease = try lease(request.collection, request.partition)
        try CatalogChecks.refusing { () throws(LedgerError) in try CatalogChecks.check(request) }
        try checkEpoch(request.epoch, lease)
        var taken: Set<String> = []
        var names = request.liveDocs.map(\.name)
        for record in request.segments {
            if let known = segments[record.id] {
                guard known.state == .staged, known.record == record else {
                    taken.insert(record.id)
                    continue
                }
            } else if files[record.file.name] != nil {
                taken.insert(record.file.name)
            }
            names += [record.file.name] + (record.liveDocs.map { [$0.name] } ?? [])
        }
        for name in names
        where files[name] != nil && !(files[name]?.state == .staged && files[name]?.collection == request.collection) {
            taken.insert(name)
        }
        guard taken.isEmpty else { throw CatalogRefusal.nameInUse(taken.sorted()) }
        for name in names { files[name] = File(state: .staged, changedAt: now, collection: request.collection) }
        for record in request.segments where segments[record.id] == nil {
            segments[record.id] = Segment(state: .staged, record: record)
        }
    }

    mutating func publish(_ request: PublishRequest, _ now: Int64) throws -> Int64 {
        let before = self
        do {
            return try publishOrLeaveHalf(request, now)
        } catch {
            if mutation != .halfPublishOnRefusal { self = before }
            throw error
        }
    }

    private mutating func publishOrLeaveHalf(_ request: PublishRequest, _ now: Int64) throws -> Int64 {
        let name = request.collection
        var lease = try lease(name, request.partition)
        try CatalogChecks.refusing { () throws(LedgerError) in try CatalogChecks.check(request) }
        guard request.epoch != nil || (request.advance == nil && request.liveDocs.isEmpty) else {
            throw CatalogRefusal.epochMissing
        }
        try checkEpoch(request.epoch, lease)
        let items = TopicPartition(collection: name, topic: .items, partition: request.partition)
        let reflectedBefore = try counts(name)
        var covered: [Range<Int64>] = []
        if let advance = request.advance {
            let ignoresOffset = mutation == .ignoresOffset || mutation == .ignoresEpochAndOffset
            guard advance.startOffset == lease.checkpoint || ignoresOffset else {
                throw CatalogRefusal.moved(current: lease.checkpoint)
            }
            let next = streams[items]?.next ?? 0
            guard advance.endOffset <= next || mutation == .ignoresJournalEnd else {
                throw CatalogRefusal.beyondJournal(next: next)
            }
            if mutation != .ignoresWatchesVersion {
                try WatchChecks.checkVersion(request.watchesVersion, stored: try collection(name).watchesVersion)
            }
            covered.append(advance.startOffset..<advance.endOffset)
            lease.checkpoint = advance.endOffset
            collections[name]?.partitions[request.partition] = lease
        }
        covered += try remove(request, now)
        try changeLiveDocs(request, now)
        try add(request, now)
        let added = request.add.map { $0.startOffset..<$0.endOffset }
        let isCovering = OffsetCover(covered) != nil && OffsetCover(covered) == OffsetCover(added)
        guard
            isCovering || mutation == .ignoresCover || mutation == .ignoresOffset
                || mutation == .removesWithoutLiveCheck
                || mutation == .ignoresEpochAndOffset
        else { throw CatalogRefusal.notCovering }
        collections[name]?.superseded += Int64(request.documentsSuperseded)
        collections[name]?.liveDocuments += Int64(request.documentsSearchable)
        guard try counts(name).searchable >= 0 || reflectedBefore.searchable < 0 else {
            throw CatalogRefusal.notBalanced
        }
        if mutation != .losesAlerts {
            for alert in request.alerts {
                let batch = JournalBatch(batchID: alert.batchID, recordCount: alert.recordCount, payload: alert.payload)
                let receipt = append(batch, to: TopicPartition(collection: name, topic: .alerts), now)
                guard !receipt.isDuplicate else { continue }
                try match(alert.watches ?? [], name, offset: receipt.firstOffset)
                for route in alert.routes ?? [] {
                    try self.route(route, name, offset: receipt.firstOffset, now: now)
                }
            }
            boundAlerts(
                of: request.alerts.flatMap { $0.watches ?? [] },
                rules: request.alerts.flatMap { ($0.routes ?? []).map(\.rule) })
        }
        collections[name]?.version += mutation == .skipsVersions ? 2 : 1
        return try collection(name).version
    }

    private mutating func retire(_ file: String, _ now: Int64) {
        if mutation == .forgetsReplacedLiveDocs, file.hasSuffix(".live") {
            files[file] = nil
        } else {
            files[file]?.state = .dead
            files[file]?.changedAt = now
        }
    }

    private mutating func remove(_ request: PublishRequest, _ now: Int64) throws -> [Range<Int64>] {
        let stored = try live(request.remove.map { ($0.segmentID, $0.expectedGeneration) }, request)
        for record in stored {
            segments[record.id]?.state = .dead
            retire(record.file.name, now)
            if let file = record.liveDocs { retire(file.name, now) }
        }
        return stored.map { $0.startOffset..<$0.endOffset }
    }

    private mutating func changeLiveDocs(_ request: PublishRequest, _ now: Int64) throws {
        let stored = try live(request.liveDocs.map { ($0.segmentID, $0.expectedGeneration) }, request)
        var notStaged: [String] = []
        for (change, record) in zip(request.liveDocs, stored) {
            guard (record.deletedCount...record.documentCount).contains(change.deletedCount) else {
                throw CatalogRefusal.invalid("deleted count")
            }
            if !isStaged(change.file.name, request.collection) { notStaged.append(change.file.name) }
            if let old = record.liveDocs { retire(old.name, now) }
            files[change.file.name]?.state = .live
            segments[record.id]?.record.liveDocs = change.file
            segments[record.id]?.record.liveDocsGeneration = change.newGeneration
            segments[record.id]?.record.deletedCount = change.deletedCount
        }
        guard notStaged.isEmpty else { throw CatalogRefusal.notStaged(notStaged) }
    }

    private mutating func add(_ request: PublishRequest, _ now: Int64) throws {
        var notStaged: [String] = []
        var differing: [String] = []
        for record in request.add {
            let known = segments[record.id]
            let isKnown = known?.state == .staged || (mutation == .publishesCondemned && known?.state == .condemned)
            guard (isKnown && isStaged(record.file.name, request.collection)) || mutation == .addsWithoutStaging else {
                notStaged.append(record.id)
                continue
            }
            if let known {
                var expected = known.record
                expected.deletedCount = record.deletedCount
                expected.liveDocs = record.liveDocs
                expected.liveDocsGeneration = record.liveDocsGeneration
                if expected != record { differing.append(record.id) }
            }
            for name in [record.file.name] + (record.liveDocs.map { [$0.name] } ?? []) {
                if !isStaged(name, request.collection), mutation != .addsWithoutStaging { notStaged.append(name) }
                files[name] = File(state: .live, changedAt: now, collection: request.collection)
            }
            segments[record.id] = Segment(state: .live, record: record)
        }
        guard notStaged.isEmpty else { throw CatalogRefusal.notStaged(notStaged) }
        guard differing.isEmpty else { throw CatalogRefusal.differsFromStaged(differing) }
    }

    private func live(_ expected: [(String, Int)], _ request: PublishRequest) throws -> [SegmentRecord] {
        var records: [SegmentRecord] = []
        var notLive: [String] = []
        var changed: [String] = []
        for (id, generation) in expected {
            guard let known = segments[id], known.state == .live || mutation == .removesWithoutLiveCheck,
                known.record.collection == request.collection, known.record.partition == request.partition
            else {
                notLive.append(id)
                continue
            }
            if known.record.liveDocsGeneration != generation, mutation != .ignoresLiveDocsGeneration {
                changed.append(id)
            }
            records.append(known.record)
        }
        guard notLive.isEmpty else { throw CatalogRefusal.notLive(notLive) }
        guard changed.isEmpty else { throw CatalogRefusal.liveDocsChanged(changed) }
        return records
    }

    func snapshot(_ name: String) throws(CatalogRefusal) -> CollectionSnapshot {
        let collection = try collection(name)
        return CollectionSnapshot(
            collection: name, version: collection.version,
            partitions: collection.partitions.map { lease in
                let live = segments.values.filter {
                    $0.state == .live && $0.record.collection == name && $0.record.partition == lease.partition
                }
                return PartitionSnapshot(
                    partition: lease.partition, checkpoint: lease.checkpoint,
                    segments: live.map(\.record).sorted { ($0.startOffset, $0.id) < ($1.startOffset, $1.id) })
            }, declaration: collection.declaration)
    }

    mutating func condemn(_ now: Int64, _ deadGrace: Int64, _ stagedGrace: Int64, _ limit: Int) -> [CondemnedFile] {
        for (state, grace) in [(SegmentState.dead, deadGrace), (.staged, stagedGrace)] {
            let old = files.filter { name, file in
                let isOld = file.changedAt <= now - grace || mutation == .condemnsAtOnce
                return isOld && (file.state == state || (mutation == .condemnsLive && file.state == .live))
            }
            for name in old.sorted(by: { ($0.value.changedAt, $0.key) < ($1.value.changedAt, $1.key) }).prefix(limit)
                .map(\.key)
            {
                files[name]?.state = .condemned
                files[name]?.changedAt = now
                for segment in segments.values where segment.record.file.name == name {
                    if segment.state == .staged || segment.state == .dead {
                        segments[segment.record.id]?.state = .condemned
                    }
                }
            }
        }
        return files.filter { $0.value.state == .condemned }
            .sorted { ($0.value.changedAt, $0.key) < ($1.value.changedAt, $1.key) }.prefix(limit)
            .map { CondemnedFile(name: $0.key, collection: $0.value.collection) }
    }

    mutating func forget(_ names: [String]) {
        for name in names where files[name]?.state == .condemned {
            files[name] = nil
            for segment in segments.values where segment.record.file.name == name && segment.state == .condemned {
                segments[segment.record.id] = nil
            }
        }
    }
}
