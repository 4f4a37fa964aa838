// Each edge of the delivery machine, random runs of it against a receiver that fails, signatures, ended days, near misses.

import Foundation
import Messages
import SearchCore
import ServiceKit
import Testing

@testable import QueryService

private func alert(_ sequence: Int64, at matchedAt: Int64 = 0) -> Alert {
    let item = AlertItem(
        id: "d#0", document: "d", ordinal: 0, submission: "bulletins-0", title: "题", excerpt: "", date: nil,
        department: nil,
        sources: [], file: nil, flags: [])
    return Alert(watch: "w", sequence: sequence, matchedAt: matchedAt, item: item)
}

@Suite struct DeliveryMachineTests {
    private let policy = DeliveryPolicy(attempts: 3, firstPause: 10, longestPause: 30, idlePause: 50)

    @Test func anAlertThatIsTakenIsAcknowledgedBeforeTheNextIsSent() {
        var machine = DeliveryMachine(policy)
        #expect(machine.next(now: 0) == .read)
        machine.read([alert(4), alert(7)], now: 0)
        #expect(machine.next(now: 0) == .send(alert(4), attempt: 1))
        machine.answered(.taken, now: 1)
        #expect(machine.next(now: 1) == .acknowledge(4))
        machine.settled(now: 2)
        #expect(machine.next(now: 2) == .send(alert(7), attempt: 1))
        machine.answered(.taken, now: 3)
        #expect(machine.next(now: 3) == .acknowledge(7))
        machine.settled(now: 4)
        #expect(machine.next(now: 4) == .read)
        machine.read([], now: 4)
        #expect(machine.next(now: 5) == .rest(until: 54) && machine.dueAt == 54)
        #expect(machine.next(now: 54) == .read)
    }

    @Test func aFailureWaitsLongerEachTimeAndEndsAsADeadLetter() {
        var machine = DeliveryMachine(policy)
        _ = machine.next(now: 0)
        machine.read([alert(1)], now: 0)
        #expect(machine.next(now: 0) == .send(alert(1), attempt: 1))
        machine.answered(.failed("500"), now: 0)
        #expect(machine.next(now: 9) == .rest(until: 10))
        #expect(machine.next(now: 10) == .send(alert(1), attempt: 2))
        machine.answered(.failed("500"), now: 10)
        #expect(machine.next(now: 11) == .rest(until: 30))
        #expect(machine.next(now: 30) == .send(alert(1), attempt: 3))
        machine.answered(.failed("timed out"), now: 31)
        #expect(machine.next(now: 31) == .bury(1, reason: "timed out", attempts: 3))
        machine.settled(now: 32)
        #expect(machine.next(now: 32) == .read)
        #expect((1...6).map(policy.pause) == [10, 20, 30, 30, 30, 30])
    }

    @Test func aRefusalForGoodIsADeadLetterAtOnceAndABrokenLedgerForgetsAll() {
        var machine = DeliveryMachine(policy)
        _ = machine.next(now: 0)
        machine.read([alert(1), alert(2)], now: 0)
        _ = machine.next(now: 0)
        machine.answered(.refused("410"), now: 0)
        #expect(machine.next(now: 0) == .bury(1, reason: "410", attempts: 1))
        machine.broken(now: 0)
        #expect(machine.next(now: 0) == .rest(until: 10))
        #expect(machine.next(now: 10) == .read)
    }

    /// A receiver and a ledger that fail at random: nothing is lost, the order holds, nothing is sent after its acknowledgement.
    @Test(arguments: [UInt64](1...20))
    func nothingIsLostWhateverFails(seed: UInt64) {
        var random = SplitMix(state: seed)
        var machine = DeliveryMachine(policy)
        var pending = (1...30).map(Int64.init)
        var (acknowledged, dead): (Set<Int64>, Set<Int64>) = ([], [])
        var now: Int64 = 0
        var steps = 0
        while !pending.isEmpty, steps < 10_000 {
            steps += 1
            let isBroken = random.next() % 10 == 0
            let action = machine.next(now: now)
            switch action {
            case .rest(let until): now = until
            case .read:
                if isBroken {
                    machine.broken(now: now)
                } else {
                    machine.read(pending.prefix(4).map { alert($0) }, now: now)
                }
            case .send(let sent, _):
                #expect(sent.sequence == pending.first, "seed \(seed): out of order")
                #expect(!acknowledged.contains(sent.sequence) && !dead.contains(sent.sequence), "seed \(seed)")
                now += 1
                machine.answered(random.next() % 3 == 0 ? .taken : .failed("no"), now: now)
            case .acknowledge(let sequence), .bury(let sequence, _, _):
                // The ledger may have done it although its answer is lost.
                if !isBroken || random.next() % 2 == 0 {
                    pending.removeAll { $0 == sequence }
                    if case .acknowledge = action { acknowledged.insert(sequence) } else { dead.insert(sequence) }
                }
                if isBroken { machine.broken(now: now) } else { machine.settled(now: now) }
            }
        }
        #expect(pending.isEmpty && acknowledged.count + dead.count == 30, "seed \(seed)")
    }

    /// RFC 4231, test case 2.
    @Test func signaturesAreThoseOfTheStandard() {
        let digest = MessageAuthentication.sha256(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(digest == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func aDayEndsAtMidnightInChina() {
        let day: Int64 = 86_400_000
        let hour: Int64 = 3_600_000
        // 16:00 UTC is midnight in China.
        let alerts = [alert(1, at: 15 * hour), alert(2, at: 16 * hour), alert(3, at: day + 17 * hour)]
        #expect(EndedDays.of(alerts, now: 15 * hour).isEmpty)
        #expect(EndedDays.of(alerts, now: 16 * hour).map { $0.alerts.map(\.sequence) } == [[1]])
        let both = EndedDays.of(alerts, now: day + 20 * hour)
        #expect(both.map(\.day) == [0, 1] && both.map { $0.alerts.map(\.sequence) } == [[1], [2]])
    }
}

@Suite struct NearMissTests {
    private func relaxed(_ text: String) throws -> [String] {
        let printer = QueryPrinter()
        return NearMisses.relaxed(try QueryParser(today: nil).parse(text)).map {
            "\($0.change.rawValue) \(printer.print($0.part))"
        }
    }

    @Test func eachConditionIsLeftOutOrMadeWider() throws {
        #expect(try relaxed("复工复产 部门:公安局").map { String($0.prefix { $0 != " " }) } == ["apart", "without", "without"])
        #expect(try relaxed("复工 复产").count == 2)
        #expect(try relaxed("复工 -隔离").contains { $0.hasPrefix("included") })
        #expect(try relaxed("复工率>70%").map { String($0.prefix { $0 != " " }) } == ["any-number"])
    }

    @Test func nothingIsLeftOutThatWouldFindEverything() throws {
        #expect(try relaxed("复工").isEmpty)
        #expect(try relaxed("*").isEmpty)
        #expect(try relaxed("-隔离").isEmpty)
        #expect(try relaxed((1...20).map { "词\($0)甲" }.joined(separator: " ")).count <= NearMisses.limit)
    }
}

/// SplitMix64.
private struct SplitMix {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
