// What must not work, and how it says so: every refusal has a stable code and the processes live.

import Foundation
import Messages
import Testing

@testable import QueryService

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)))
    struct BadInputTests {
        @Test func everyMistakeHasItsCodeAndTheStackLives() async throws {
            let stack = try await RunningStack()
            func code(
                _ method: String, _ path: String, _ parameters: [String: String] = [:], _ body: Data? = nil
            ) async throws -> ErrorCode? {
                let answer = try await stack.call(method, path, parameters, body: body)
                #expect(answer.error?.fix.isEmpty == false, "\(method) \(path) tells what helps")
                #expect(answer.error.map { $0.code.httpStatus == answer.status } == true)
                return answer.error?.code
            }
            let search = "/v1/collections/bulletins/search"
            let documents = "/v1/collections/bulletins/documents"
            #expect(try await code("GET", search, ["q": "(复工"]) == .invalidQuery)
            #expect(try await code("GET", search, ["q": String(repeating: "(", count: 3000)]) == .queryTooComplex)
            #expect(try await code("GET", search, ["q": String(repeating: "(", count: 10_000)]) == .queryTooComplex)
            #expect(try await code("GET", search, ["q": "复工", "limit": "100000"]) == .invalidRequest)
            #expect(try await code("GET", search, ["query": "复工"]) == .invalidRequest)
            #expect(try await code("GET", "/v1/collections/nowhere/search", ["q": "复工"]) == .unknownCollection)
            #expect(try await code("GET", "/nowhere") == .notFound)
            #expect(try await code("GET", "/v1/submissions/bulletins-999") == .notFound)
            #expect(try await code("POST", documents, [:], Data()) == .emptyDocument)
            #expect(try await code("POST", documents, ["wait": "forever"], Data("x".utf8)) == .invalidRequest)
            #expect(
                try await code("POST", documents, [:], Data(repeating: 0x61, count: 5 << 20)) == .documentTooLarge)
            #expect(try await code("POST", search, [:], Data("{\"q\": ".utf8)) == .invalidRequest)
            #expect(try await code("POST", search, [:], Data("{\"limitt\": 3}".utf8)) == .invalidRequest)
            #expect(try await code("POST", search, [:], Data("{\"q\":\"a\",\"limit\":null}".utf8)) == .invalidRequest)
            // It lives, and works.
            try await stack.add("活着的通知\n\n一切正常。")
            #expect(try await stack.search("一切正常").total == 1)
            try await stack.stop()
        }

        @Test func anAddressSaysWhichMethodsItTakes() async throws {
            let stack = try await RunningStack()
            for (path, allow) in [
                ("/health/live", "GET, HEAD, OPTIONS"), ("/v1/status", "GET, HEAD, OPTIONS"),
                ("/v1/tokens", "POST, OPTIONS"), ("/", "GET, HEAD, OPTIONS"),
                ("/v1/watches/preview", "GET, HEAD, OPTIONS"), ("/v1/watches/w", "GET, DELETE, HEAD, OPTIONS"),
                ("/v1/collections/bulletins/documents/d1", "DELETE, GET, HEAD, OPTIONS, PATCH"),
            ] {
                let wanted = allow.components(separatedBy: ", ").sorted()
                for method in ["QUERY", "PROPFIND", "TRACE", "PUT", "OPTIONS"] {
                    let answer = try await stack.call(method, path)
                    #expect(answer.status == (method == "OPTIONS" ? 204 : 405), "\(method) \(path)")
                    #expect(answer.headers["allow"]?.components(separatedBy: ", ").sorted() == wanted, "\(method) \(path)")
                    if method != "OPTIONS" { #expect(answer.error?.code == .methodNotAllowed) }
                }
            }
            for path in ["/nowhere", "/v1", "/v1/watches/w/none", "/v1/collections/bulletins/documents/d1/original/x"] {
                for method in ["GET", "QUERY", "OPTIONS"] {
                    #expect(try await stack.call(method, path).error?.code == .notFound, "\(method) \(path)")
                }
            }
            // What a handler does not find is not the router's business.
            #expect(try await stack.call("GET", "/v1/watches/w").error?.code == .notFound)
            try await stack.stop()
        }

        @Test(arguments: [
            (#"{"q":"复工","limit":null}"#, "limit"),
            (#"{"q":"复工","facets":["department",null]}"#, "facets[1]"),
            (#"{"q":null,"query":{"all":{}}}"#, "q"), (#"{"q":"复工","query":null}"#, "query"),
            (#"{"q":"复工","destination":null}"#, "destination"),
            (#"{"q":"复工","destination":{"kind":"webhook","url":null}}"#, "destination.url"),
            (#"{"through":3,"alerts":null}"#, "alerts"),
            (#"{"tenant":"t","filter":"复工","seconds":null}"#, "seconds"),
        ])
        func nullIsNoValue(body: String, place: String) throws {
            let error = #expect(throws: KuaibaoError.self) {
                try NoNulls.check(try Codec.json.decode(JSONValue.self, from: Array(body.utf8)), what: "body")
            }
            #expect(error?.code == .invalidRequest && error?.message.contains(": \(place) is null") == true)
        }

        @Test func aBoundThatExcludesNothingIsWrittenAsNull() throws {
            let body = #"{"query":{"numbers":{"field":"n","gt":null,"lt":5}},"limit":3}"#
            try NoNulls.check(try Codec.json.decode(JSONValue.self, from: Array(body.utf8)), what: "body")
        }

        /// The full corpus, with times and beside another key, is `Benchmarks/Gateway/expensive.py`.
        @Test func queriesThatCostMuchAreAnsweredOrRefused() async throws {
            let stack = try await RunningStack()
            try await stack.addSeeds()
            let letters = "abcdefghijklmnopqrstuvwxyz"
            let common = "的一是在不了有和人这中大为上个国我以要他"
            let queries: [(text: String, codes: [ErrorCode?])] = [
                ("*", [nil]), ("的", [nil]), (common.map(String.init).joined(separator: " OR "), [nil]),
                (letters.map { "\($0)*" }.joined(separator: " OR "), [nil]),
                (letters.map { "\($0)bcdefg~2" }.joined(separator: " OR "), [nil]),
                (String(repeating: "复工 ", count: 256), [nil]),
                ((0..<256).map { "词\($0)" }.joined(separator: " OR "), [nil, .queryTooComplex]),
                ((0..<257).map { "w\($0)" }.joined(separator: " OR "), [.queryTooComplex]),
                (String(repeating: "(", count: 64) + "的" + String(repeating: ")", count: 64), [nil]),
                (String(repeating: "(", count: 65) + "的" + String(repeating: ")", count: 65), [.queryTooComplex]),
                ("\"的是在了有人\"~100", [nil]), ("\"的 的 的 的 的 的 的 的\"~100", [nil]),
                ("\"的\"~101", [.invalidQuery, .queryTooComplex]),
                ("\"" + String(repeating: "复工", count: 600) + "\"", [nil, .queryTooComplex]),
                (String(repeating: "复工复产", count: 330), [nil, .queryTooComplex]),
                (String(repeating: "a", count: 4096), [nil]), (String(repeating: "a", count: 4097), [.queryTooComplex]),
                (String(repeating: "\"", count: 999), [.invalidQuery]),
                (String(repeating: "*", count: 999), [nil, .invalidQuery]),
                ((0..<100).map { "率>\($0)%" }.joined(separator: " OR "), [nil]), ("部门:* -来源:新华网", [nil]),
                (String(repeating: "\u{200B}", count: 1000), [nil, .invalidQuery]),
                (String(repeating: "😀", count: 500), [nil, .invalidQuery]),
                ("a" + String(repeating: "\u{301}", count: 1500), [nil]), ("的^1000^1000", [nil, .invalidQuery]),
            ]
            for (text, codes) in queries {
                for more in [
                    [:], ["facets": "department,source,file", "histogram": "1", "sort": "newest", "limit": "1000"],
                    ["explain": "1"],
                ] {
                    let answer = try await stack.call(
                        "GET", "/v1/collections/bulletins/search", more.merging(["q": text]) { own, _ in own })
                    #expect(
                        codes.contains(answer.error?.code),
                        "\(text.prefix(40)): \(answer.status) \(String(describing: answer.error))")
                    #expect(answer.status == 200 || answer.error?.fix.isEmpty == false, "\(text.prefix(40))")
                }
            }
            #expect(try await stack.search("复工复产").complete)
            try await stack.stop()
        }

        @Test func whatCannotBeParsedIsKeptWholeWithItsReason() async throws {
            let stack = try await RunningStack()
            var junk = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
            junk.append(contentsOf: (0..<4000).map { UInt8(truncatingIfNeeded: ($0 &* 7919) >> 3) })
            let answer = try await stack.call(
                "POST", "/v1/collections/bulletins/documents", ["wait": "searchable", "source": "junk.bin"], body: junk)
            let submitted: RunningStack.Submitted = try answer.value()
            #expect(submitted.state?.stage == .dead)
            #expect(submitted.state?.deadLetters.first?.reason.isEmpty == false)
            struct DeadList: Decodable { let dead: [DeadDocumentSummary] }
            let list: DeadList = try await stack.get("/v1/collections/bulletins/dead-letters")
            #expect(list.dead.map(\.submission) == [submitted.submission])
            #expect(list.dead.first?.byteCount == junk.count)
            // Trying again gives the same reason; dropping it balances the books.
            _ = try await stack.call("POST", "/v1/submissions/\(submitted.submission)/retry")
            while true {
                let state: SubmissionState = try await stack.get("/v1/submissions/\(submitted.submission)")
                if state.stage == .dead { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            let dropped = try await stack.call("POST", "/v1/submissions/\(submitted.submission)/drop")
            #expect(dropped.status == 200)
            let status: StatusReply = try await stack.get("/v1/status")
            let counts = try #require(status.ingest?.collections.first?.counts)
            #expect(counts.isBalanced && counts.dropped == 1 && counts.retries == 1)
            try await stack.stop()
        }

        /// After a mended parser a person tries all again at once, or those of one reason.
        @Test func deadLettersAreRetriedAndDroppedTogether() async throws {
            let stack = try await RunningStack()
            struct ManyDead: Decodable {
                let changed: Int
                let next: Int64?
            }
            struct DeadList: Decodable { let dead: [DeadDocumentSummary] }
            let base = "/v1/collections/bulletins/dead-letters"
            func change(_ verb: String, _ parameters: [String: String] = [:]) async throws -> ManyDead {
                try await stack.call("POST", base + "/" + verb, parameters).value()
            }
            func dead() async throws -> [DeadDocumentSummary] {
                let list: DeadList = try await stack.get(base)
                return list.dead
            }
            let none = try await change("retry")
            #expect(none.changed == 0 && none.next == nil)
            let junk = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + [UInt8](repeating: 0xEE, count: 500))
            for number in 0..<3 {
                _ = try await stack.call(
                    "POST", "/v1/collections/bulletins/documents",
                    ["wait": "searchable", "identity": "junk-\(number)"],
                    body: junk)
            }
            let reason = try #require(try await dead().first?.deadLetters.first?.reason)
            #expect(try await change("retry", ["reason": "another-reason"]).changed == 0)
            #expect(try await change("retry", ["reason": reason]).changed == 3)
            while try await dead().count < 3 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(try await dead().allSatisfy { $0.retries == 1 })
            let first = try await change("drop", ["from": "1"])
            #expect(first.changed == 2 && first.next == 3)
            #expect(try await change("drop").changed == 1)
            let status: StatusReply = try await stack.get("/v1/status")
            let counts = try #require(status.ingest?.collections.first?.counts)
            #expect(counts.isBalanced && counts.dropped == 3 && counts.retries == 3 && counts.deadLettered == 0)
            // What is removed takes its dead letters with it, so that no retry brings it back.
            let gone = try await stack.call(
                "POST", "/v1/collections/bulletins/documents", ["wait": "searchable", "identity": "gone"], body: junk)
            let submission = try gone.value(as: RunningStack.Submitted.self).submission
            #expect(try await dead().map(\.submission) == [submission])
            _ = try await stack.call("DELETE", "/v1/collections/bulletins/documents/gone", ["wait": "searchable"])
            #expect(try await dead().isEmpty)
            let retried = try await stack.call("POST", "/v1/submissions/\(submission)/retry")
            #expect(retried.error?.code == .notFound)
            let state: SubmissionState = try await stack.get("/v1/submissions/\(submission)")
            #expect(state.stage == .dropped)
            try await stack.stop()
        }

        /// The reserve is larger than any disk, so the disk is always nearly full.
        @Test func aNearlyFullDiskRefusesDocumentsAndAnswersSearches() async throws {
            let folder = try RunningStack.makeFolder()
            var stack = try await RunningStack(.init(), folder: folder)
            try await stack.add("先前的通知\n\n磁盘未满时的内容。")
            try await stack.stop()
            stack = try await RunningStack(.init(diskReserve: 1 << 60), folder: folder)
            let refused = try await stack.call(
                "POST", "/v1/collections/bulletins/documents", body: Data("后来的通知".utf8))
            #expect(refused.status == 507)
            #expect(refused.error?.code == .diskFull)
            #expect(try await stack.search("磁盘未满").total == 1)
            let status: StatusReply = try await stack.get("/v1/status")
            #expect(status.ingest?.counters["ingest_submissions_refused_disk_total"] == 1)
            #expect(status.ingest?.collections.first?.counts.accepted == 1)
            try await stack.stop()
        }

        @Test func oneLongLineAndBrokenTextAreRead() async throws {
            let stack = try await RunningStack()
            let line = "超长通知\n\n" + String(repeating: "这一行没有尽头", count: 20_000) + "终点标记"
            try await stack.add(line, identity: "long")
            #expect(try await stack.search("终点标记").total == 1)
            var broken = Data("残缺通知\n\n前文".utf8)
            broken.append(contentsOf: [0xFF, 0xFE, 0xE5, 0xA4])
            broken.append(Data("后文可检索".utf8))
            _ = try await stack.call(
                "POST", "/v1/collections/bulletins/documents", ["wait": "searchable", "identity": "broken"],
                body: broken,
                contentType: "text/plain; charset=utf-8")
            #expect(try await stack.search("后文可检索").total == 1)
            try await stack.stop()
        }
    }
}
