// One suite of laws for all engines, and the proof that it notices broken ones.
import Ledger
import Messages
import Testing

@Suite("ledger conformance")
struct ConformanceTests {
    @Test("law holds", arguments: EngineKind.allCases, journalLaws + catalogLaws + watchLaws + declarationLaws)
    func lawHolds(_ kind: EngineKind, _ law: Law) throws {
        let bench = try Bench(kind)
        try law.check(bench)
        if let ledger = bench.engine as? SQLiteLedger {
            for collection in try bench.engine.collections() {
                #expect(try ledger.audit(collection.name) == [], "after '\(law)'")
            }
        }
    }

    @Test("a broken engine breaks a law", arguments: Mutation.allCases)
    func mutationIsNoticed(_ mutation: Mutation) throws {
        let broken = (journalLaws + catalogLaws + watchLaws + declarationLaws).filter { law in
            do {
                try law.check(Bench(mutation: mutation))
                return false
            } catch { return true }
        }
        #expect(!broken.isEmpty, "\(mutation) passes all laws")
    }
}
