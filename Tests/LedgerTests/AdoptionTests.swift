// Watches that move to another ledger, as after a collection was indexed anew.
import Ledger
import Messages
import Testing

@Suite("adopted watches")
struct AdoptionTests {
    @Test("watches of another ledger are taken over with what they still have to tell")
    func watchesAreAdopted() throws {
        let old = try Bench(.sqlite)
        let number = try old.makeWatch("a")
        try old.publishAlerts("s", (0..<5).map { _ in [number] })
        _ = try old.engine.acknowledge(.through(2), ofWatch: "a")
        _ = try old.engine.buryAlert(ofWatch: "a", sequence: 4, reason: "r", attempts: 3, now: 9)
        let (source, new) = (try #require(old.engine as? SQLiteLedger), try Bench(.sqlite))
        let target = try #require(new.engine as? SQLiteLedger)
        #expect(try target.adoptWatches(from: source, now: 20) == 1)
        #expect(try target.adoptWatches(from: source, now: 20) == 0, "again")
        #expect(try new.balance("a") == AlertCounts(matched: 5, acknowledged: 2, pending: 2, dead: 1))
        #expect(try new.pending("a") == [3, 5] && new.deadAlerts("a") == [4])
        let alerts = try target.alerts(ofWatch: "a", after: 0, limit: 9, maxBytes: 99, isDead: false)
        #expect(alerts.map(\.payload) == [[2], [4]])
        #expect(try target.audit(Bench.collection) == [])
        try new.publishAlerts("t", [[try #require(try target.watch("a")).watch.number]])
        #expect(try new.pending("a") == [3, 5, 6])
    }
}
