// The laws of watches as functions that throw where an engine breaks them.
import Ledger
import Messages

extension Bench {
    func watch(_ id: String, q: String = "复工", owner: String = "k", tenant: String? = nil) -> Watch {
        Watch(
            id: id, collection: Self.collection, name: "n", q: q, owner: owner, tenant: tenant,
            destination: WatchDestination(kind: .stream))
    }

    @discardableResult
    func makeWatch(_ id: String) throws -> Int64 { try engine.createWatch(watch(id), now: now).number }

    /// Publishes the next items, each matched by the watches named.
    func publishAlerts(_ name: String, _ matches: [[Int64]]) throws {
        let from = try snapshot().partitions[0].checkpoint
        try append("items-\(name)", matches.count)
        let lease = try lease()
        let record = segment(name, from, from + Int64(matches.count))
        try stage([record], epoch: lease.epoch)
        let alerts = matches.enumerated().compactMap { index, watches in
            watches.isEmpty
                ? nil : AlertBatch(batchID: "\(name)-\(index)", payload: [UInt8(index % 256)], watches: watches)
        }
        var request = request(lease.epoch, from..<(from + Int64(matches.count)), add: [record], alerts: alerts)
        request.watchesVersion = try engine.watchRules(Self.collection, after: 0, limit: 1).version
        try publish(request)
    }

    func pending(_ id: String, after: Int64 = 0) throws -> [Int64] {
        try engine.alerts(ofWatch: id, after: after, limit: 20_000, maxBytes: 1 << 20, isDead: false).map(\.sequence)
    }

    func deadAlerts(_ id: String) throws -> [Int64] {
        try engine.alerts(ofWatch: id, after: 0, limit: 20_000, maxBytes: 1 << 20, isDead: true).map(\.sequence)
    }

    func balance(_ id: String) throws -> AlertCounts {
        guard let counts = try engine.watch(id)?.counts else { throw LawBroken(description: "watch \(id) is missing") }
        try expect(counts.isBalanced, "\(id) is out of balance: \(counts)")
        return counts
    }
}

extension Bench {
    /// Publishes items, each for these desks of a rule.
    func publishRouted(_ name: String, rule: Int64, _ desks: [[String]]) throws {
        let from = try snapshot().partitions[0].checkpoint
        try append("items-\(name)", desks.count)
        let lease = try lease()
        let record = segment(name, from, from + Int64(desks.count))
        try stage([record], epoch: lease.epoch)
        let alerts = desks.enumerated().map { index, desks in
            AlertBatch(
                batchID: "\(name)-\(index)", payload: [UInt8(index % 256)],
                routes: [AlertRoute(rule: rule, desks: desks)])
        }
        var request = request(lease.epoch, from..<(from + Int64(desks.count)), add: [record], alerts: alerts)
        request.watchesVersion = try engine.watchRules(Self.collection, after: 0, limit: 1).version
        try publish(request)
    }

    func desks(_ rule: String) throws -> [WatchState] { try engine.watches(WatchSelection(rule: rule, limit: 99)) }
}

let watchLaws: [Law] = [
    Law("W8 the alerts of a rule go to its desks") { bench in
        var asked = bench.watch("r")
        (asked.route, asked.dueSeconds) = ("社区", 5)
        let rule = try bench.engine.createWatch(asked, now: 7)
        let version = try bench.engine.watchRules("c", after: 0, limit: 9).version
        bench.now = 1_000_000
        try bench.publishRouted("s", rule: rule.number, [["甲"], ["乙"], ["甲", "乙"]])
        let desks = try bench.desks("r")
        try bench.expectEqual(desks.map(\.watch.desk), ["甲", "乙"], "one a value, in the order of their alerts")
        for desk in desks {
            try bench.expect(
                desk.watch.rule == "r" && desk.watch.route == "社区" && desk.watch.q == rule.q
                    && desk.watch.owner == rule.owner && desk.watch.dueSeconds == 5
                    && desk.watch.destination == rule.destination && desk.watch.createdAt == bench.now,
                "a desk is like its rule: \(desk.watch)")
            try bench.expectEqual(desk.counts, AlertCounts(matched: 2, pending: 2), "its balance")
        }
        try bench.expectEqual(try bench.balance("r"), AlertCounts(), "nothing stays with the rule")
        try bench.expectEqual(try bench.engine.bounds(Bench.alerts).next, 3, "an item is kept once")
        try bench.expectEqual(
            try bench.engine.watchRules("c", after: 0, limit: 9).rules.map(\.route), ["社区"], "desks match nothing")
        try bench.expectEqual(try bench.engine.watchRules("c", after: 0, limit: 9).version, version, "and change no version")
        let first = desks[0].watch.id
        let payloads = try bench.engine.alerts(ofWatch: first, after: 0, limit: 9, maxBytes: 99, isDead: false)
        try bench.expectEqual(payloads.map(\.payload), [[0], [2]], "what is for 甲")
        try bench.expectEqual(
            try bench.engine.watches(WatchSelection(owner: "k", desk: "甲")).map(\.watch.id), [first], "by value")
        // Delivered, and due.
        try bench.engine.noteDelivered(ofWatch: first, through: 99)
        try bench.engine.noteDelivered(ofWatch: first, through: 1)
        try bench.engine.noteDelivered(ofWatch: "nobody", through: 1)
        try bench.expectEqual(try bench.engine.watch(first)?.delivered, 2, "never shrinks, never exceeds")
        try bench.expectEqual(
            try bench.engine.watchDues([first, "nobody"], now: bench.now + 5_000),
            [AlertDue(overdue: 0, oldestPending: bench.now), AlertDue()], "in time")
        try bench.expectEqual(try bench.engine.watchDues([first], now: bench.now + 5_001)[0].overdue, 2, "late")
        _ = try bench.engine.acknowledge(.through(1), ofWatch: first)
        try bench.expectEqual(try bench.engine.watchDues([first], now: bench.now + 5_001)[0].overdue, 1, "one settled")
        // A later publish finds the desks that are there.
        bench.now += 10_000
        try bench.publishRouted("t", rule: rule.number, [["甲"], ["丙"]])
        try bench.expectEqual(try bench.desks("r").map(\.watch.desk), ["甲", "乙", "丙"], "one more")
        try bench.expectEqual(try bench.pending(first), [2, 3], "numbered on")
        try bench.expectEqual(
            try bench.engine.watchDues([first], now: bench.now + 1)[0],
            AlertDue(overdue: 1, oldestPending: bench.now - 10_000), "the older one only")
        // A rule has so many desks; what is for others stays with it, once an item.
        try bench.publishRouted("v", rule: rule.number, [["丁", "戊", "甲"], ["丁"]])
        try bench.expectEqual(try bench.desks("r").count, Bench.bounds.desks, "as many as it may have")
        try bench.expectEqual(try bench.balance("r").matched, 2, "with the rule")
        try bench.expectEqual(try bench.pending(first), [2, 3, 4], "its desk has its own")
        // A watch that is no rule takes no routes; nor does one that is not there.
        let plain = try bench.makeWatch("p")
        for wrong in [plain, plain + 100] {
            do {
                try bench.publishRouted("u\(wrong)", rule: wrong, [["甲"]])
                throw LawBroken(description: "the watch \(wrong) has desks")
            } catch CatalogRefusal.invalid {}
        }
        try bench.engine.deleteWatch("r")
        try bench.expectEqual(try bench.engine.watch(first), nil, "desks end with their rule")
        try bench.expectEqual(try bench.engine.watches(WatchSelection()).map(\.watch.id), ["p"], "nothing is left")
    },
    Law("W7 watches are made once, listed, and deleted") { bench in
        bench.now = 7
        let first = try bench.engine.createWatch(bench.watch("a"), now: bench.now)
        try bench.expectEqual(
            [first.number, first.createdAt, first.createdVersion], [1, 7, 0], "what the ledger gives")
        try bench.expectEqual(try bench.engine.createWatch(bench.watch("a"), now: 9), first, "the same again")
        try bench.expectRefusal(.watchExists("a")) {
            _ = try bench.engine.createWatch(bench.watch("a", q: "x"), now: 9)
        }
        try bench.expectEqual(try bench.engine.collections().map(\.watchesVersion), [1], "one change")
        let second = try bench.engine.createWatch(bench.watch("b", owner: "l", tenant: "t"), now: 9)
        let third = try bench.engine.createWatch(bench.watch("c", owner: "l"), now: 9)
        func listed(_ selection: WatchSelection) throws -> [String] {
            try bench.engine.watches(selection).map(\.watch.id)
        }
        try bench.expectEqual(try listed(WatchSelection()), ["a", "b", "c"], "all")
        try bench.expectEqual(try listed(WatchSelection(owner: "l")), ["b", "c"], "an owner's")
        try bench.expectEqual(try listed(WatchSelection(owner: "l", tenant: "t")), ["b"], "a tenant's")
        try bench.expectEqual(try listed(WatchSelection(kind: .webhook)), [], "a kind's")
        try bench.expectEqual(try listed(WatchSelection(after: first.number, limit: 1)), ["b"], "a page")
        try bench.engine.deleteWatch("b")
        try bench.engine.deleteWatch("b")
        try bench.expectEqual(try bench.engine.watch("b"), nil, "deleted")
        try bench.expectEqual(
            try bench.engine.watchRules("c", after: 0, limit: 10),
            WatchRules(
                version: 4, count: 2,
                rules: [first, third].map { WatchRule(number: $0.number, q: $0.q, filter: nil) }), "rules")
        let again = try bench.engine.createWatch(bench.watch("b"), now: 9)
        try bench.expect(again.number > third.number && again.number != second.number, "a number is not used again")
        for wrong in ["", "A", "a b", String(repeating: "a", count: 65)] {
            do { _ = try bench.engine.createWatch(bench.watch(wrong), now: 9) } catch CatalogRefusal.invalid {
                continue
            }
            throw LawBroken(description: "id '\(wrong)' is accepted")
        }
    },
    Law("W1 a publish names the version of the watches") { bench in
        try bench.append("i", 2)
        let lease = try bench.lease()
        let record = bench.segment("s", 0, 2)
        try bench.stage([record], epoch: lease.epoch)
        var request = bench.request(lease.epoch, 0..<2, add: [record])
        let number = try bench.makeWatch("a")
        try bench.expectRefusal(.watchesChanged(current: 1)) { try bench.publish(request) }
        request.watchesVersion = 2
        try bench.expectRefusal(.watchesChanged(current: 1)) { try bench.publish(request) }
        request.watchesVersion = 1
        request.alerts = [AlertBatch(batchID: "x", payload: [], watches: [number + 1])]
        do {
            try bench.publish(request)
            throw LawBroken(description: "a watch that does not exist is accepted")
        } catch CatalogRefusal.invalid {}
        try bench.expectEqual(try bench.engine.bounds(Bench.alerts).next, 0, "no trace")
        request.alerts = []
        try bench.publish(request)
        try bench.engine.deleteWatch("a")
        try bench.expectEqual(try bench.engine.watchRules("c", after: 0, limit: 1).version, 2, "a deletion is a change")
        let merged = bench.segment("m", 0, 2, level: 1)
        try bench.stage([merged])
        try bench.publish(bench.request(nil, add: [merged], remove: [("s", 0)]))
    },
    Law("W2 alerts are numbered without holes, in the order of the publishes") { bench in
        let (a, b) = (try bench.makeWatch("a"), try bench.makeWatch("b"))
        try bench.publishAlerts("s", [[a], [], [a, b], [b]])
        try bench.publishAlerts("t", [[b], [a]])
        try bench.expectEqual(try bench.pending("a"), [1, 2, 3], "of a")
        try bench.expectEqual(try bench.pending("b"), [1, 2, 3], "of b")
        let read = try bench.engine.alerts(ofWatch: "b", after: 1, limit: 1, maxBytes: 0, isDead: false)
        try bench.expectEqual(read.map(\.sequence), [2], "a page")
        try bench.expectEqual(read.map(\.payload), [[3]], "its item")
        try bench.expectEqual(try bench.engine.watchHeads(["b", "x", "a"]), [3, -1, 3], "heads")
        try bench.expectEqual(try bench.engine.bounds(Bench.alerts).next, 5, "an item is kept once")
        try bench.expectRefusal(.unknownWatch("x")) {
            _ = try bench.engine.alerts(ofWatch: "x", after: 0, limit: 1, maxBytes: 0, isDead: false)
        }
    },
    Law("W3 and W4 what is acknowledged is settled once and never read again") { bench in
        let a = try bench.makeWatch("a")
        try bench.publishAlerts("s", (0..<6).map { _ in [a] })
        try bench.expectEqual(
            try bench.engine.acknowledge(.through(2), ofWatch: "a"),
            AlertCounts(matched: 6, acknowledged: 2, pending: 4), "through 2")
        try bench.expectEqual(try bench.engine.acknowledge(.through(1), ofWatch: "a").acknowledged, 2, "again")
        try bench.expectEqual(
            try bench.engine.acknowledge(.these([4, 4, 1, 99]), ofWatch: "a"),
            AlertCounts(matched: 6, acknowledged: 3, pending: 3), "one by one")
        try bench.expectEqual(try bench.pending("a"), [3, 5, 6], "pending")
        try bench.expectEqual(try bench.engine.acknowledge(.through(99), ofWatch: "a").pending, 0, "all")
        try bench.publishAlerts("t", [[a]])
        try bench.expectEqual(try bench.pending("a"), [7], "numbers go on")
        try bench.expectEqual(
            try bench.balance("a"), AlertCounts(matched: 7, acknowledged: 6, pending: 1), "balance")
        try bench.expectEqual(try bench.engine.alertCounts("c").counts.matched, 7, "of the collection")
        try bench.expectRefusal(.unknownWatch("x")) { _ = try bench.engine.acknowledge(.through(1), ofWatch: "x") }
    },
    Law("W5 a dead letter waits apart, and a retried one is pending under its sequence") { bench in
        let a = try bench.makeWatch("a")
        try bench.publishAlerts("s", (0..<4).map { _ in [a] })
        func bury(_ sequence: Int64) throws -> AlertCounts {
            try bench.engine.buryAlert(ofWatch: "a", sequence: sequence, reason: "500", attempts: 8, now: bench.now)
        }
        try bench.expectEqual(try bury(2).dead, 1, "buried")
        try bench.expectEqual(try bury(2).dead, 1, "again")
        try bench.expectEqual(try bury(9).dead, 1, "none such")
        try bench.expectEqual(try bench.pending("a"), [1, 3, 4], "pending")
        let dead = try bench.engine.alerts(ofWatch: "a", after: 0, limit: 9, maxBytes: 99, isDead: true)
        try bench.expectEqual(dead.map { "\($0.sequence) \($0.reason ?? "") \($0.attempts)" }, ["2 500 8"], "dead")
        try bench.expectEqual(try bench.engine.acknowledge(.through(3), ofWatch: "a").dead, 1, "stays dead")
        try bench.expectEqual(try bench.engine.retryAlerts(ofWatch: "a", sequences: [1, 2, 9]).dead, 0, "retried")
        try bench.expectEqual(try bench.pending("a"), [2, 4], "pending again")
        _ = try bury(4)
        try bench.expectEqual(try bench.engine.acknowledge(.these([4]), ofWatch: "a").dead, 0, "a dead letter settled")
        try bench.expectEqual(
            try bench.balance("a"), AlertCounts(matched: 4, acknowledged: 3, pending: 1), "balance")
    },
    Law("W6 what waits is bounded, and what is given up for it is counted") { bench in
        let a = try bench.makeWatch("a")
        let limit = Bench.bounds.pendingAlerts
        try bench.publishAlerts("s", (0..<limit).map { _ in [a] })
        try bench.expectEqual(try bench.balance("a").dead, 0, "at the limit")
        let more = Bench.bounds.deadAlerts + 5
        try bench.publishAlerts("t", (0..<more).map { _ in [a] })
        try bench.expectEqual(
            try bench.balance("a"), AlertCounts(matched: Int64(limit + more), pending: Int64(limit), dead: Int64(more)),
            "balance")
        try bench.expectEqual(try bench.pending("a").first, Int64(more + 1), "the oldest are given up")
        try bench.expectEqual(try bench.deadAlerts("a").first, 6, "the newest dead letters are kept")
        try bench.expectEqual(try bench.deadAlerts("a").count, Bench.bounds.deadAlerts, "so many")
    },
    Law("J5 an item is kept while an alert is about it") { bench in
        let a = try bench.makeWatch("a")
        try bench.publishAlerts("s", (0..<4).map { _ in [a] })
        try bench.engine.acknowledge(.through(1), ofWatch: "a").expectBalanced()
        try bench.expectError(.notTrimmable(limit: 1)) { _ = try bench.engine.trim(Bench.alerts, below: 2) }
        try bench.expectEqual(try bench.engine.trim(Bench.alerts, below: 1), 1, "what is acknowledged goes")
        _ = try bench.engine.buryAlert(ofWatch: "a", sequence: 2, reason: "r", attempts: 1, now: bench.now)
        try bench.expectError(.notTrimmable(limit: 1)) { _ = try bench.engine.trim(Bench.alerts, below: 2) }
        try bench.engine.deleteWatch("a")
        try bench.expectEqual(try bench.engine.trim(Bench.alerts, below: 4), 4, "nobody needs them")
    },
]

extension AlertCounts {
    fileprivate func expectBalanced() throws {
        guard isBalanced else { throw LawBroken(description: "out of balance: \(self)") }
    }
}
