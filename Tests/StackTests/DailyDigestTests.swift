// The daily digest of a watch from documents to a file or a mail, with a gateway whose clock is a day ahead.

import Foundation
import LocalWeb
import Messages
import Testing

@testable import QueryService

extension StackSuites {
    @Suite(.timeLimit(.minutes(5)))
    struct DailyDigestTests {
        private static let day: Int64 = 86_400_000

        private func watch(_ stack: RunningStack, _ q: String, id: String, destination: String) async throws -> RunningStack.Answer {
            let body = #"{"q":"\#(q)","id":"\#(id)","name":"每日\#(q)","destination":\#(destination)}"#
            return try await stack.call(
                "POST", "/v1/watches", body: Data(body.utf8), contentType: "application/json")
        }

        @Test func aDayThatHasEndedBecomesOneFile() async throws {
            let folder = try RunningStack.makeFolder()
            // Before the day ends there is no file.
            var stack = try await RunningStack(folder: folder)
            #expect(try await watch(stack, "采样点", id: "daily", destination: #"{"kind":"digest"}"#).status == 200)
            try await stack.add("新增采样点\n\n本市新增核酸采样点5处。", identity: "a")
            try await stack.add("调整采样点\n\n某采样点移至路口。", identity: "b")
            try await stack.add("别的事\n\n与之无关。", identity: "c")
            #expect(try await stack.counts("daily") == AlertCounts(matched: 2, pending: 2))
            #expect(!FileManager.default.fileExists(atPath: folder + "/digests/daily"))
            try await stack.stop()
            // The next day: the clock of the gateway is ahead.
            stack = try await RunningStack(.init(gatewayAhead: Self.day), folder: folder)
            while try await stack.counts("daily").pending > 0 { try await Task.sleep(for: .milliseconds(50)) }
            #expect(try await stack.counts("daily") == AlertCounts(matched: 2, acknowledged: 2))
            let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/digests/daily")
            #expect(files.count == 1 && files[0].hasSuffix(".txt"))
            let text = try String(contentsOfFile: folder + "/digests/daily/" + files[0], encoding: .utf8)
            #expect(text.hasPrefix("汇编：每日采样点 \(files[0].dropLast(4))\n"))
            #expect(text.contains("新增采样点\n　　本市新增核酸采样点5处。") && text.contains("调整采样点\n　　某采样点移至路口。"))
            #expect(!text.contains("与之无关"))
            // A digest is a document: read back it is the same two items.
            try await stack.add(text, identity: "digest")
            let found = try await stack.search("采样点", ["limit": "20"])
            #expect(
                Set(found.hits.filter { $0.document == "digest" }.map(\.title.text)) == ["新增采样点", "调整采样点"])
            try await stack.stop()
        }

        @Test func aMailIsSentTriedAgainAndGivenUp() async throws {
            let server = try LocalMailServer { mail, before in
                mail.recipient == "gone@example.org" ? 550 : before == 0 ? 451 : 250
            }
            defer { server.stop() }
            let settings = [
                "KUAIBAO_MAIL_SERVER": server.address, "KUAIBAO_MAIL_FROM": "kuaibao@example.org",
                "KUAIBAO_MAIL_DOMAINS": "example.org,example.net",
            ]
            let stack = try await RunningStack(.init(gateway: settings, gatewayAhead: Self.day))
            for (destination, code) in [
                (#"{"kind":"mail"}"#, ErrorCode.invalidRequest),
                (#"{"kind":"mail","url":"https://example.org"}"#, .invalidRequest),
                (#"{"kind":"mail","url":"mailto:a@example.org\r\nRCPT TO:<b@example.org>"}"#, .invalidRequest),
                (#"{"kind":"mail","url":"mailto:a@elsewhere.org"}"#, .notAllowed),
            ] {
                #expect(try await watch(stack, "采样点", id: "x", destination: destination).error?.code == code)
            }
            let desk = #"{"kind":"mail","url":"mailto:desk@example.org"}"#
            #expect(try await watch(stack, "采样点", id: "desk", destination: desk).status == 200)
            let gone = #"{"kind":"mail","url":"mailto:gone@example.org"}"#
            #expect(try await watch(stack, "采样点", id: "gone", destination: gone).status == 200)
            try await stack.add("新增采样点\n\n.本市新增核酸采样点5处。", identity: "a")
            while try await stack.counts("desk").acknowledged < 1 { try await Task.sleep(for: .milliseconds(50)) }
            while try await stack.counts("gone").dead < 1 { try await Task.sleep(for: .milliseconds(50)) }
            let mail = try #require(server.mails.first)
            #expect(server.mails.count == 1 && server.refused >= 2)
            #expect(mail.sender == "kuaibao@example.org" && mail.recipient == "desk@example.org")
            #expect(mail.header("Message-ID")?.hasPrefix("<desk.") == true)
            #expect(mail.header("Subject")?.hasPrefix("=?utf-8?B?") == true)
            #expect(mail.text.contains("新增采样点") && mail.text.contains("本市新增核酸采样点5处。"))
            #expect(try await stack.counts("desk") == AlertCounts(matched: 1, acknowledged: 1))
            let dead = try await stack.alerts("gone", isDead: true)
            #expect(dead.first?.reason?.contains("550") == true && dead.first?.attempts == 1)
            try await stack.stop()
        }
    }
}
