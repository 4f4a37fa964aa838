// Random calls, valid and not, on the SQLite engine and on the model: every answer and the whole final state must agree.
import Foundation
import Ledger
import Messages
import Testing

@Suite("ledger against its model")
struct DifferentialTests {
    @Test("random calls have equal answers", arguments: [UInt64](1...12))
    func randomCallsHaveEqualAnswers(_ seed: UInt64) throws {
        let bench = try Bench(.sqlite)
        let model = ModelLedger()
        try model.ensureCollection("c", partitions: 2)
        for engine in [bench.engine, model] { try engine.ensureCollection("d", partitions: 1) }
        var calls = CallGenerator(seed: seed)
        for number in 0..<600 {
            let call = calls.next()
            let (found, wanted) = (call.answer(bench.engine), call.answer(model))
            try #require(found == wanted, "seed \(seed), call \(number): \(call)")
            calls.learn(call, found)
        }
        #expect(calls.advances > 0 && calls.merges > 0 && calls.deletes > 0, "seed \(seed) reaches too little")
        #expect(calls.alerts > 0, "seed \(seed) makes no alert")
        for collection in ["c", "d"] {
            for call in CallGenerator.finalReads(collection) {
                #expect(call.answer(bench.engine) == call.answer(model), "seed \(seed), at the end: \(call)")
            }
            let ledger = try #require(bench.engine as? SQLiteLedger)
            #expect(try ledger.audit(collection) == [], "seed \(seed)")
        }
    }
}

/// One call of an engine as a value.
enum LedgerCall {
    case commit([JournalWork])
    case read(TopicPartition, Int64, Int, Int)
    case bounds(TopicPartition)
    case trim(TopicPartition, Int64)
    case unfinished(String, Int64?, Int, Int)
    case outcome(String, Int64)
    case deadLetters(String, Int64, Int)
    case retry(String, Int64)
    case drop(String, Int64)
    case counts(String)
    case collections
    case acquire(String, Int, String, Int64, now: Int64)
    case renew(PartitionLease, Int64, now: Int64)
    case release(PartitionLease)
    case holders(String)
    case stage(StageRequest, now: Int64)
    case publish(PublishRequest, now: Int64)
    case segmentState(String)
    case snapshot(String)
    case condemn(now: Int64, Int64, Int64, Int)
    case forget([String])
    case createWatch(Watch, now: Int64)
    case deleteWatch(String)
    case watch(String)
    case watches(WatchSelection)
    case watchRules(String, Int64, Int)
    case watchHeads([String])
    case watchDues([String], now: Int64)
    case noteDelivered(String, Int64)
    case alertCounts(String)
    case alerts(String, Int64, Int, Int, isDead: Bool)
    case acknowledge(AlertChoice, String)
    case bury(String, Int64)
    case retryAlerts(String, [Int64])

    /// What the engine answers, as text; an error by its code, an invalid value by that alone.
    func answer(_ engine: any LedgerEngine) -> String {
        do { return try perform(engine) } catch CatalogRefusal.invalid { return "refused: invalid" } catch let refusal
            as CatalogRefusal
        {
            return "refused: \(refusal)"
        } catch let error as LedgerError { return "failed: \(error.code)" } catch { return "unexpected: \(error)" }
    }

    private func perform(_ engine: any LedgerEngine) throws -> String {
        switch self {
        case .commit(let works):
            return try engine.commit(works, now: 50).map { result in
                switch result {
                case .success(let receipt): "\(receipt)"
                case .failure(let error): "failed: \(error.code)"
                }
            }.joined(separator: "; ")
        case .read(let stream, let from, let count, let bytes):
            return "\(try engine.read(stream, from: from, maxBatches: count, maxBytes: bytes))"
        case .bounds(let stream): return "\(try engine.bounds(stream))"
        case .trim(let stream, let limit): return "\(try engine.trim(stream, below: limit))"
        case .unfinished(let name, let after, let limit, let bytes):
            return "\(try engine.unfinished(name, after: after, limit: limit, maxBytes: bytes))"
        case .outcome(let name, let offset): return "\(String(describing: try engine.outcome(name, rawOffset: offset)))"
        case .deadLetters(let name, let from, let limit):
            return "\(try engine.deadLetters(name, from: from, limit: limit, maxBytes: 40))"
        case .retry(let name, let offset): return "\(try engine.retryDeadLetter(name, rawOffset: offset))"
        case .drop(let name, let offset): return "\(try engine.dropDeadLetter(name, rawOffset: offset, now: 60))"
        case .counts(let name): return "\(try engine.counts(name))"
        case .collections: return "\(try engine.collections())"
        case .acquire(let name, let partition, let holder, let duration, let now):
            let lease = try engine.acquire(
                name, partition: partition, holder: holder, durationMilliseconds: duration, now: now)
            return "\(String(describing: lease))"
        case .renew(let lease, let duration, let now):
            return "\(try engine.renew(lease, durationMilliseconds: duration, now: now))"
        case .release(let lease): return "\(try engine.release(lease))"
        case .holders(let name): return "\(try engine.holders(name))"
        case .stage(let request, let now): return "\(try engine.stage(request, now: now))"
        case .publish(let request, let now): return "\(try engine.publish(request, now: now))"
        case .segmentState(let id): return "\(String(describing: try engine.segmentState(id)))"
        case .snapshot(let name): return "\(try engine.snapshot(name))"
        case .condemn(let now, let dead, let staged, let limit):
            return
                "\(try engine.condemn(now: now, deadGraceMilliseconds: dead, stagedGraceMilliseconds: staged, limit: limit))"
        case .forget(let names): return "\(try engine.forget(names))"
        default: return try performWatches(engine)
        }
    }

    private func performWatches(_ engine: any LedgerEngine) throws -> String {
        switch self {
        case .createWatch(let watch, let now): return "\(try engine.createWatch(watch, now: now))"
        case .deleteWatch(let id): return "\(try engine.deleteWatch(id))"
        case .watch(let id): return "\(String(describing: try engine.watch(id)))"
        case .watches(let selection): return "\(try engine.watches(selection))"
        case .watchRules(let name, let after, let limit):
            return "\(try engine.watchRules(name, after: after, limit: limit))"
        case .watchHeads(let ids): return "\(try engine.watchHeads(ids))"
        case .watchDues(let ids, let now): return "\(try engine.watchDues(ids, now: now))"
        case .noteDelivered(let id, let sequence):
            return "\(try engine.noteDelivered(ofWatch: id, through: sequence))"
        case .alertCounts(let name): return "\(try engine.alertCounts(name))"
        case .alerts(let id, let after, let limit, let bytes, let isDead):
            return "\(try engine.alerts(ofWatch: id, after: after, limit: limit, maxBytes: bytes, isDead: isDead))"
        case .acknowledge(let choice, let id): return "\(try engine.acknowledge(choice, ofWatch: id))"
        case .bury(let id, let sequence):
            return "\(try engine.buryAlert(ofWatch: id, sequence: sequence, reason: "r", attempts: 3, now: 70))"
        case .retryAlerts(let id, let sequences):
            return "\(try engine.retryAlerts(ofWatch: id, sequences: sequences))"
        default: return ""
        }
    }
}

/// Makes calls that are mostly sensible: it follows the state that its own calls should have led to, and errs on purpose.
struct CallGenerator {
    private var random: SeededGenerator
    private var now: Int64 = 100
    private var submissions: [String: Int64] = ["c": 0, "d": 0]
    private var checkpoints: [TopicPartition: Int64] = [:]
    private var nexts: [TopicPartition: Int64] = [:]
    private var epochs: [TopicPartition: Int64] = [:]
    private var live: [TopicPartition: [SegmentRecord]] = [:]
    private var staged: [SegmentRecord] = []
    private var stagedFiles: [SegmentFile] = []
    private var serial = 0
    /// Publishes that succeeded, by kind; a test that reaches none would prove nothing.
    private(set) var advances = 0
    private(set) var merges = 0
    private(set) var deletes = 0
    /// Alerts of publishes that succeeded.
    private(set) var alerts = 0
    private(set) var routed = 0
    private var watches: [String: (number: Int64, collection: String, isRule: Bool)] = [:]
    private var watchesVersions: [String: Int64] = [:]

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    static func finalReads(_ collection: String) -> [LedgerCall] {
        var calls: [LedgerCall] = [
            .counts(collection), .collections, .snapshot(collection), .holders(collection),
            .unfinished(collection, nil, 9_999, 1 << 20),
            .deadLetters(collection, 0, 999), .watches(WatchSelection(limit: 99)), .watchRules(collection, 0, 99),
            .alertCounts(collection),
        ]
        for number in 0...8 {
            calls += [.watch("w\(number)"), .alerts("w\(number)", 0, 999, 1 << 20, isDead: false)]
            calls.append(.alerts("w\(number)", 0, 999, 1 << 20, isDead: true))
            calls += [.watches(WatchSelection(rule: "w\(number)", limit: 99)), .watchDues(["w\(number)"], now: 99_999)]
        }
        for topic in Topic.allCases {
            for partition in 0..<(topic == .items && collection == "c" ? 2 : 1) {
                let stream = TopicPartition(collection: collection, topic: topic, partition: partition)
                calls += [.bounds(stream), .read(stream, 0, 9_999, 1 << 20)]
            }
        }
        return calls + (0..<100).map { .outcome(collection, $0) }
    }

    mutating func next() -> LedgerCall {
        now += Int64.random(in: 0...20, using: &random)
        let collection = random.oneIn(4) ? "d" : "c"
        if random.oneIn(6) { return nextOfWatches(collection) }
        let items = TopicPartition(
            collection: collection, topic: .items, partition: collection == "c" ? pick(0...1) : 0)
        switch pick(0...99) {
        case ..<18: return .commit((0...pick(0...2)).map { _ in work(collection) })
        case ..<30: return .commit([.finish((0...pick(0...2)).map { _ in completion(collection) })])
        case ..<34: return .read(stream(collection), offset(20), pick(1...5), pick(0...30))
        case ..<36: return .bounds(stream(collection))
        case ..<42: return .trim(stream(collection), offset(25))
        case ..<44: return .unfinished(collection, random.oneIn(3) ? nil : offset(20), pick(1...5), pick(0...30))
        case ..<46: return .outcome(collection, offset(30))
        case ..<47: return .deadLetters(collection, offset(20), pick(1...5))
        case ..<50: return .retry(collection, offset(20))
        case ..<52: return .drop(collection, offset(20))
        case ..<54: return .counts(collection)
        case ..<60:
            return .acquire(collection, items.partition, random.oneIn(2) ? "a" : "b", Int64(pick(1...80)), now: now)
        case ..<62: return .renew(lease(items), Int64(pick(1...80)), now: now)
        case ..<63: return .release(lease(items))
        case ..<64: return .holders(collection)
        case ..<76: return .stage(stageRequest(items), now: now)
        case ..<92: return .publish(publishRequest(items), now: now)
        case ..<94: return .segmentState("s\(pick(0...max(1, serial)))")
        case ..<96: return .snapshot(collection)
        case ..<98: return .condemn(now: now, Int64(pick(0...300)), Int64(pick(50...600)), pick(1...6))
        default:
            return .forget(
                (0..<3).map { _ in "\(collection)/s\(pick(0...max(1, serial))).\(random.oneIn(3) ? "live" : "seg")" })
        }
    }

    private mutating func nextOfWatches(_ collection: String) -> LedgerCall {
        let id = "w\(pick(0...8))"
        switch pick(0...19) {
        case ..<4:
            let watch = Watch(
                id: id, collection: collection, name: "n", q: "复工", owner: random.oneIn(3) ? "k" : "l",
                tenant: random.oneIn(3) ? "t" : nil,
                destination: WatchDestination(kind: random.oneIn(3) ? .webhook : .stream),
                route: random.oneIn(3) ? "社区" : nil, dueSeconds: random.oneIn(2) ? pick(1...3) : nil)
            return .createWatch(watch, now: now)
        case ..<5: return .deleteWatch(id)
        case ..<6:
            switch pick(0...2) {
            case 0: return .watchHeads(["w1", id])
            case 1: return .watchDues(["w1", id, deskID], now: now)
            default: return .noteDelivered(random.oneIn(2) ? id : deskID, offset(6))
            }
        case ..<7:
            return .watches(
                WatchSelection(
                    owner: random.oneIn(2) ? "k" : nil, kind: random.oneIn(3) ? .webhook : nil,
                    isPending: random.oneIn(2), rule: random.oneIn(4) ? id : nil, desk: random.oneIn(4) ? "甲" : nil,
                    after: offset(3), limit: pick(1...4)))
        case ..<8: return .watchRules(collection, offset(5), pick(1...4))
        case ..<9: return .alerts(deskID, offset(5), pick(1...6), pick(0...4), isDead: random.oneIn(3))
        case ..<10: return .alerts(id, offset(5), pick(1...6), pick(0...4), isDead: random.oneIn(3))
        case ..<11: return random.oneIn(9) ? .deleteWatch(deskID) : .acknowledge(.through(offset(12)), deskID)
        case ..<13:
            return .acknowledge(random.oneIn(2) ? .through(offset(12)) : .these([offset(20), offset(20), 1]), id)
        case ..<17: return .bury(id, offset(20))
        default: return .retryAlerts(id, [offset(20), offset(20)])
        }
    }

    /// Follows what a call changed.
    mutating func learn(_ call: LedgerCall, _ answer: String) {
        guard !answer.hasPrefix("refused"), !answer.hasPrefix("failed") else { return }
        switch call {
        case .commit(let works):
            for work in works {
                guard case .append(let appends) = work else { continue }
                for append in appends { nexts[append.destination, default: 0] += Int64(append.batch.recordCount) }
            }
        case .acquire(let name, let partition, _, _, _):
            let key = TopicPartition(collection: name, topic: .items, partition: partition)
            guard let range = answer.range(of: "epoch: ") else { return }
            epochs[key] = Int64(answer[range.upperBound...].prefix { $0.isNumber }) ?? 0
        case .stage(let request, _):
            staged += request.segments
            stagedFiles += request.liveDocs
        case .publish(let request, _):
            let key = TopicPartition(collection: request.collection, topic: .items, partition: request.partition)
            advances += request.advance == nil ? 0 : 1
            merges += request.remove.isEmpty ? 0 : 1
            deletes += request.liveDocs.isEmpty ? 0 : 1
            if let advance = request.advance { checkpoints[key] = advance.endOffset }
            var list = live[key, default: []]
            list.removeAll { segment in request.remove.contains { $0.segmentID == segment.id } }
            for change in request.liveDocs {
                for index in list.indices where list[index].id == change.segmentID {
                    list[index].liveDocsGeneration = change.newGeneration
                    list[index].deletedCount = change.deletedCount
                }
            }
            live[key] = (list + request.add).sorted { $0.startOffset < $1.startOffset }
            alerts += request.alerts.reduce(0) { $0 + $1.alertCount }
            routed += request.alerts.reduce(0) { $0 + ($1.routes ?? []).count }
        case .createWatch(let watch, _):
            guard watches[watch.id] == nil, let range = answer.range(of: "number: ") else { return }
            watches[watch.id] = (
                Int64(answer[range.upperBound...].prefix { $0.isNumber }) ?? 0, watch.collection, watch.route != nil
            )
            watchesVersions[watch.collection, default: 0] += 1
        case .deleteWatch(let id):
            guard let gone = watches.removeValue(forKey: id) else { return }
            watchesVersions[gone.collection, default: 0] += 1
        default: break
        }
    }

    // MARK: Parts

    private mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    /// The id of a desk that there may be.
    private var deskID: String {
        mutating get {
            let rules = watches.filter(\.value.isRule).map(\.key).sorted()
            return "\(rules.randomElement(using: &random) ?? "w1")-\(pick(1...20))"
        }
    }
    private mutating func offset(_ limit: Int) -> Int64 { Int64(pick(0...limit)) }

    private mutating func stream(_ collection: String) -> TopicPartition {
        let topic = Topic.allCases.randomElement(using: &random) ?? .raw
        return TopicPartition(collection: collection, topic: topic, partition: topic == .items ? pick(0...1) : 0)
    }

    private mutating func batch(_ prefix: String, limit: Int) -> JournalBatch {
        JournalBatch(
            batchID: random.oneIn(40) ? "" : "\(prefix)\(pick(0...60))", recordCount: pick(1...limit),
            payload: [UInt8](repeating: UInt8(pick(0...255)), count: pick(0...8)))
    }

    private mutating func work(_ collection: String) -> JournalWork {
        .append(
            (0...pick(0...2)).map { _ in
                let raw = TopicPartition(collection: collection, topic: .raw)
                if random.oneIn(3) { return JournalAppend(stream(collection), batch("b", limit: 4)) }
                submissions[collection, default: 0] += 1
                let append = JournalAppend(raw, batch("d", limit: random.oneIn(30) ? 2 : 1))
                return random.oneIn(3) ? parsed(append, collection) : append
            })
    }

    /// The append with an outcome at once; some are refused.
    private mutating func parsed(_ append: JournalAppend, _ collection: String) -> JournalAppend {
        var append = append
        append.parsed = ParsedAppend(
            partition: random.oneIn(20) ? 5 : collection == "c" ? pick(0...1) : 0,
            payload: [UInt8](repeating: 7, count: 12), offsetPlace: random.oneIn(20) ? 5 : pick(0...4),
            removes: random.oneIn(4) ? identity() : nil)
        return append
    }

    private mutating func completion(_ collection: String) -> Completion {
        let appends = (0..<pick(0...2)).map { _ in
            ItemAppend(
                partition: random.oneIn(20) ? 5 : collection == "c" ? pick(0...1) : 0, batch: batch("i", limit: 5))
        }
        let letters = (0..<(appends.isEmpty && !random.oneIn(12) ? 1 : random.oneIn(6) ? 1 : 0)).map {
            DeadLetter(reason: "r\($0)", message: "m", attempts: $0, identity: random.oneIn(3) ? nil : identity())
        }
        return Completion(
            collection: collection, rawOffset: offset(Int(submissions[collection] ?? 0) + 1), appends: appends,
            deadLetters: letters, warnings: random.oneIn(4) ? ["w"] : [], removes: random.oneIn(4) ? identity() : nil)
    }

    private mutating func identity() -> String { random.oneIn(2) ? "文件/甲" : "b\"[0]\u{1F}" }

    private mutating func lease(_ items: TopicPartition) -> PartitionLease {
        PartitionLease(
            collection: items.collection, partition: items.partition, epoch: epoch(items) ?? 1, checkpoint: 0,
            holder: random.oneIn(2) ? "a" : "b", expiresAt: 0)
    }

    private mutating func epoch(_ items: TopicPartition) -> Int64? {
        random.oneIn(10) ? Int64(pick(0...3)) : epochs[items]
    }

    private mutating func segment(_ items: TopicPartition, _ range: Range<Int64>, level: Int) -> SegmentRecord {
        serial += 1
        let number = random.oneIn(25) ? pick(1...serial) : serial
        return SegmentRecord(
            id: "s\(number)", collection: items.collection, partition: items.partition, level: level,
            documentCount: 4, startOffset: range.lowerBound, endOffset: range.upperBound,
            file: SegmentFile(name: "\(items.collection)/s\(serial).seg", byteCount: 1, checksum: 2))
    }

    private mutating func stageRequest(_ items: TopicPartition) -> StageRequest {
        let checkpoint = checkpoints[items] ?? 0
        var segments: [SegmentRecord] = []
        let list = live[items] ?? []
        if random.oneIn(3), list.count > 1 {
            let start = pick(0...(list.count - 2))
            segments.append(segment(items, list[start].startOffset..<list[start + 1].endOffset, level: 1))
        } else if !random.oneIn(5) {
            segments.append(segment(items, checkpoint..<(checkpoint + offset(4) + 1), level: 0))
        }
        if random.oneIn(8), let old = staged.randomElement(using: &random) { segments.append(old) }
        let files = (0..<pick(0...1)).map { _ in
            serial += 1
            return SegmentFile(name: "\(items.collection)/s\(serial).live", byteCount: 1, checksum: 3)
        }
        return StageRequest(
            collection: items.collection, partition: items.partition, epoch: random.oneIn(3) ? nil : epoch(items),
            segments: segments, liveDocs: files)
    }

    private mutating func publishRequest(_ items: TopicPartition) -> PublishRequest {
        let checkpoint = checkpoints[items] ?? 0
        let list = live[items] ?? []
        let own = staged.filter { $0.collection == items.collection && $0.partition == items.partition }
        var request = PublishRequest(
            collection: items.collection, partition: items.partition, epoch: epoch(items), add: [],
            documentsSearchable: pick(-1...2), documentsSuperseded: random.oneIn(5) ? 1 : 0)
        let fresh = own.last { $0.level == 0 && $0.startOffset == checkpoint }
        let merged = own.last { candidate in candidate.level == 1 && !list.contains { $0.id == candidate.id } }
        if let merged, random.oneIn(2) {
            request.add = [merged]
            let inputs = list.filter { $0.startOffset >= merged.startOffset && $0.endOffset <= merged.endOffset }
            request.remove = inputs.map {
                SegmentRemoval(segmentID: $0.id, expectedGeneration: random.oneIn(12) ? 9 : $0.liveDocsGeneration)
            }
            if random.oneIn(2) { request.epoch = nil }
        } else if let fresh {
            request.add = [fresh]
            request.advance = CheckpointDelta(
                startOffset: checkpoint, endOffset: fresh.endOffset + (random.oneIn(15) ? 1 : 0))
        }
        if random.oneIn(3), let target = list.randomElement(using: &random), let file = stagedFiles.last {
            request.liveDocs = [
                LiveDocsChange(
                    segmentID: target.id, expectedGeneration: target.liveDocsGeneration,
                    newGeneration: target.liveDocsGeneration + 1, file: file,
                    deletedCount: target.deletedCount + pick(0...1))
            ]
        }
        if random.oneIn(8) { request.alerts = [AlertBatch(batchID: "w\(pick(0...20))", payload: [1])] }
        request.watchesVersion = watchesVersions[items.collection].map { $0 + (random.oneIn(40) ? 1 : 0) }
        let numbers = watches.values.filter { $0.collection == items.collection }.map(\.number).sorted()
        if !numbers.isEmpty {
            request.alerts += (0..<pick(0...4)).map { _ in
                serial += 1
                let chosen = numbers.filter { _ in random.oneIn(2) } + (random.oneIn(200) ? [999] : [])
                let rules = watches.values.filter { $0.collection == items.collection && $0.isRule }.map(\.number)
                let routes = rules.sorted().filter { _ in random.oneIn(2) }.map { rule in
                    AlertRoute(
                        rule: rule, desks: random.oneIn(3) ? ["甲", "乙", "戊"] : [["甲", "丙", "丁", "戊"][pick(0...3)]])
                }
                let watches = chosen.filter { number in !routes.contains { $0.rule == number } }
                return AlertBatch(
                    batchID: "a\(serial)", payload: [2], watches: watches.isEmpty ? nil : watches,
                    routes: routes.isEmpty ? nil : routes)
            }
        }
        return request
    }
}
