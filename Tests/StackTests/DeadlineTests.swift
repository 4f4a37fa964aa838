// The header's deadline on the links that people use: what nobody waits for is not done.

import Messages
import ServiceKit
import Testing
import ZeroMQ

extension StackSuites {
    @Suite(.timeLimit(.minutes(3)))
    struct DeadlineTests {
        /// One request over a DEALER of its own, and its answer.
        private static func ask(
            _ endpoint: String, _ kind: Kind, deadline: Int64?, _ body: some Encodable, payload: [[UInt8]] = []
        ) async throws -> Message {
            let socket = try Socket(.dealer)
            try socket.connect(endpoint)
            let message = try Message(
                Header(kind: kind, id: "d-1", deadline: deadline), encoding: body, payload: payload)
            let frames = try message.encode()
            // Until the connection is made there is nobody to send to.
            while try socket.send(frames.map { Frame($0) }) != .sent { try await Task.sleep(for: .milliseconds(2)) }
            while true {
                if let frames = try socket.receive() { return try Message.decode(frames: frames.map(\.bytes)) }
                try await Task.sleep(for: .milliseconds(2))
            }
        }

        @Test func whatComesLateIsRefusedAndNothingIsDone() async throws {
            let stack = try await RunningStack()
            try await stack.add("准时的通知\n\n2020年2月8日\n\n一句正文。")
            let now = SystemClock.wallMilliseconds()
            let search = SearchRequest(collection: "bulletins", q: "准时的通知")
            for (deadline, expected) in [
                (nil, Kind.searchReply), (now + 60_000, .searchReply), (now - 1, .error), (0, .error),
            ] as [(Int64?, Kind)] {
                let answer = try await Self.ask(stack.ask, .search, deadline: deadline, search)
                #expect(answer.kind == expected, "deadline \(deadline.map { $0 - now } ?? 0)")
                if expected == .error { #expect(try answer.body(as: KuaibaoError.self).code == .deadlineExceeded) }
            }
            let text = Array("迟到的通知".utf8)
            let submit = SubmitRequest(
                collection: "bulletins", documents: [SubmittedDocument(identity: "late", byteCount: text.count)])
            let refused = try await Self.ask(stack.submit, .submit, deadline: now - 1, submit, payload: [text])
            #expect(try refused.body(as: KuaibaoError.self).code == .deadlineExceeded)
            let taken = try await Self.ask(stack.submit, .submit, deadline: now + 60_000, submit, payload: [text])
            #expect(taken.kind == .receipt)
            let status: StatusReply = try await stack.get("/v1/status")
            #expect(status.ingest?.collections.first?.counts.accepted == 2)
            #expect(status.ingest?.counters["ingest_submit_messages_expired_total"] == 1)
            #expect(status.counters["query_ask_messages_expired_total"] == 2)
            try await stack.stop()
        }
    }
}
