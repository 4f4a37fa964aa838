// The alerts of one watch as server-sent events (WHATWG HTML, section 9.2).
//
//     event   = "id: " sequence LF "event: alert" LF "data: " JSON of the alert LF LF
//     alive   = ": alive" LF LF                        when nothing was sent for `heartbeatMilliseconds`
//     end     = "event: end" LF "data: " reason LF LF  the watch is gone, or the gateway stops
//
// A stream begins behind `Last-Event-ID`, or with the first pending alert. Sending settles nothing: what is not acknowledged is
// sent again by the next stream that begins before it.
//
// What a stream holds is one page of alerts, whatever its reader does: a page is read when the one before was taken by the
// connection. A reader that takes nothing for `writeMilliseconds` is let go.

import Foundation
import HTTPTypes
import Hummingbird
import Messages
import NIOCore
import Synchronization

/// Makes and counts streams of events.
final class EventStreams: Sendable {
    static let heartbeatMilliseconds: Int64 = 10_000
    static let writeMilliseconds: Int64 = 60_000
    static let sweepMilliseconds: Int64 = 5_000
    /// Alerts of one page.
    static let page = 64

    struct Counters: Sendable {
        var open = 0
        var opened = 0
        var refused = 0
        var sent = 0
        /// Readers that took nothing for too long.
        var stalled = 0
    }

    private let desk: WatchDesk
    private let pages: EventPages
    private let board: AlertBoard
    private let limit: Int
    private let monotonic: @Sendable () -> Int64
    private struct State {
        var counters = Counters()
        var nextPlace = 0
        /// Streams that are writing: since when, and how to let go of the reader.
        var writing: [Int: (since: Int64, letGo: @Sendable () -> Void)] = [:]
    }

    private let state = Mutex(State())

    init(desk: WatchDesk, board: AlertBoard, limit: Int, monotonic: @escaping @Sendable () -> Int64) {
        self.desk = desk
        pages = EventPages(desk: desk, limit: Self.page)
        self.board = board
        self.limit = limit
        self.monotonic = monotonic
    }

    var counters: Counters { state.withLock { $0.counters } }

    /// - Parameters:
    ///   - after: the sequence of the last alert that the reader has; nil to begin with the first pending one.
    ///   - letGo: closes the reader's connection.
    /// - Throws: `notFound`, `busy` where too many streams are open.
    func response(
        _ id: String, after: Int64?, for principal: Principal, letGo: @escaping @Sendable () -> Void
    ) async throws -> Response {
        let watch = try await desk.state(id, for: principal)
        let place = try Place(self)
        var headers = HTTPFields()
        headers[.contentType] = "text/event-stream; charset=utf-8"
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        let body = ResponseBody { [self] writer in
            var cursor = after ?? 0
            var head = watch.counts.matched
            func write(_ text: String) async throws {
                begin(place, letGo)
                defer { end(place) }
                try await writer.write(ByteBuffer(string: text))
            }
            try await write(": begins\n\n")
            while true {
                let page = try await pages.page(id, after: cursor, head: head)
                if let last = page.last {
                    try await write(page.text)
                    state.withLock { $0.counters.sent += page.count }
                    await desk.noteDelivered(id, through: last)
                    cursor = last
                    continue
                }
                switch try await board.wait(for: id, beyond: head, until: monotonic() + Self.heartbeatMilliseconds) {
                case .news(let newer): head = newer
                case .deadline: try await write(": alive\n\n")
                case .gone:
                    try await write("event: end\ndata: deleted\n\n")
                    return try await writer.finish(nil)
                case .closing:
                    try await write("event: end\ndata: stopping\n\n")
                    return try await writer.finish(nil)
                }
            }
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Lets go of readers that do not read, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            let oldest = monotonic() - Self.writeMilliseconds
            let stalled = state.withLock { state in
                let found = state.writing.filter { $0.value.since <= oldest }
                for number in found.keys { state.writing[number] = nil }
                state.counters.stalled += found.count
                return found.values.map(\.letGo)
            }
            for letGo in stalled { letGo() }
            try? await Task.sleep(for: .milliseconds(Self.sweepMilliseconds))
        }
    }

    static func event(_ alert: Alert) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return
            "id: \(alert.sequence)\nevent: alert\ndata: \(String(decoding: try encoder.encode(alert), as: UTF8.self))\n\n"
    }

    private func begin(_ place: Place, _ letGo: @escaping @Sendable () -> Void) {
        let time = monotonic()
        state.withLock { $0.writing[place.number] = (time, letGo) }
    }

    private func end(_ place: Place) { state.withLock { $0.writing[place.number] = nil } }

    /// One stream's place among those that may be open; given back with the last who holds it.
    private final class Place: Sendable {
        let number: Int
        private let streams: EventStreams

        init(_ streams: EventStreams) throws(KuaibaoError) {
            let limit = streams.limit
            let number = streams.state.withLock { state -> Int? in
                guard state.counters.open < limit else {
                    state.counters.refused += 1
                    return nil
                }
                state.counters.open += 1
                state.counters.opened += 1
                state.nextPlace += 1
                return state.nextPlace
            }
            guard let number else {
                throw KuaibaoError(
                    .busy, "\(limit) streams of events are open", fix: "close one, or raise the setting event-streams")
            }
            self.number = number
            self.streams = streams
        }

        deinit { streams.state.withLock { $0.counters.open -= 1 } }
    }
}
