// Short names for what every test of the transport needs.

import Messages
import Transport

let ada = PeerID(identity: [1])
let bob = PeerID(identity: [2])
let cid = PeerID(identity: [3])

func ready(_ name: String, boot: String = "1", window: Int = 1, windowBytes: Int? = nil) -> Ready {
    Ready(name: name, boot: boot, window: window, windowBytes: windowBytes, release: "test")
}

func submission(_ offset: Int) -> SubmissionID { SubmissionID(collection: "c", rawOffset: Int64(offset)) }

func entries(_ offsets: ClosedRange<Int>, byteCount: Int = 10) -> [LeaseQueue.Entry] {
    offsets.map { LeaseQueue.Entry(id: submission($0), byteCount: byteCount) }
}

func parts(_ count: Int, weight: Int = 1) -> [ScatterBoard.Part] {
    (0..<count).map { ScatterBoard.Part(name: "s\($0)", weight: weight) }
}

/// A queue whose leases take all that waits, divided by the places.
func evenQueue(epoch: Int64 = 1, timing: Timing = Timing()) -> LeaseQueue {
    var limits = LeaseQueue.Limits()
    limits.leasesPerPlace = 1
    return LeaseQueue(epoch: epoch, timing: timing, limits: limits)
}

/// One grant, in numbers.
struct Grant: Hashable {
    let peer: PeerID
    let ticket: LeaseTicket
    let offsets: [Int]
}

/// One ask.
struct Ask: Hashable {
    let peer: PeerID
    let query: Int64
    let ticket: LeaseTicket
    let parts: [String]
}

extension [LeaseQueue.Action] {
    var grants: [Grant] {
        compactMap { action in
            guard case .grant(let peer, let ticket, let entries) = action else { return nil }
            return Grant(peer: peer, ticket: ticket, offsets: entries.map { Int($0.id.rawOffset) })
        }
    }

    var givenUp: [Int] {
        compactMap { action in
            guard case .giveUp(let entry, _) = action else { return nil }
            return Int(entry.id.rawOffset)
        }
    }
}

extension [ScatterBoard.Action] {
    var asks: [Ask] {
        compactMap { action in
            guard case .ask(let peer, let query, let ticket, let parts) = action else { return nil }
            return Ask(peer: peer, query: query, ticket: ticket, parts: parts)
        }
    }

    var heartbeats: [PeerID] {
        compactMap { action in
            guard case .heartbeat(let peer) = action else { return nil }
            return peer
        }
    }

    /// What is neither an ask nor a heartbeat.
    var ends: [ScatterBoard.Action] {
        filter { action in
            switch action {
            case .complete, .expired, .unserved: true
            default: false
            }
        }
    }
}
