// Pages of events that many streams of one watch want at the same time: read and written once.
//
// Streams are woken together, by the same count of alerts (`head`). A page is shared only by streams that know the same count and
// want it while it is being read: so it has every alert that its takers know of, and nothing that was acknowledged before they asked.

import Foundation
import Messages

/// Reads pages of alerts as text of events.
actor EventPages {
    struct Page: Sendable {
        let text: String
        let count: Int
        /// The last sequence; nil for an empty page.
        let last: Int64?
    }

    private struct Key: Hashable {
        let watch: String
        let after: Int64
        let head: Int64
    }

    private let desk: WatchDesk
    private let limit: Int
    private var running: [Key: Task<Page, any Error>] = [:]
    private(set) var reads = 0

    init(desk: WatchDesk, limit: Int) {
        self.desk = desk
        self.limit = limit
    }

    /// Pending alerts of a watch behind a sequence.
    ///
    /// - Parameter head: how many alerts the watch is known to have had.
    func page(_ watch: String, after: Int64, head: Int64) async throws -> Page {
        let key = Key(watch: watch, after: after, head: head)
        if let shared = running[key] { return try await shared.value }
        reads += 1
        let (desk, limit) = (desk, limit)
        // Unstructured because several streams wait for it; each awaits it.
        let reading = Task {
            let alerts = try await desk.alerts(watch, after: after, limit: limit)
            return Page(
                text: try alerts.map(EventStreams.event).joined(), count: alerts.count, last: alerts.last?.sequence)
        }
        running[key] = reading
        defer { running[key] = nil }
        return try await reading.value
    }
}
