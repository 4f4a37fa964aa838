// What a reader does with a collection over HTTP: pages, exports, whole documents, originals, items like others.

import Foundation
import Messages
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)))
    struct ReadingTests {
        private static let base = "/v1/collections/bulletins"

        private static func filled(_ count: Int) async throws -> RunningStack {
            let stack = try await RunningStack(RunningStack.Shape(queryWorkers: 2, documentsPerWorker: 1))
            for number in 0..<count {
                try await stack.add(
                    "通知第\(number)号\n\n2020年\(number % 12 + 1)月\(number % 28 + 1)日\n\n企业复工第\(number)条，\(String(repeating: "有序。", count: number % 4))",
                    identity: "n-\(number)")
            }
            return stack
        }

        @Test func suggestionsFollowWhatIsAddedAndRemoved() async throws {
            let stack = try await RunningStack(RunningStack.Shape(queryWorkers: 2, documentsPerWorker: 1))
            try await stack.addSeeds()
            let path = "/v1/collections/bulletins/suggest"
            for (typed, expected) in [
                ("上海", "上海发布"), ("shfb", "上海发布"), ("shanghaifab", "上海发布"), ("公安", ""), ("复工", ""), ("上海发不", "上海发布"),
            ] {
                let reply: SuggestReply = try await stack.get(path, ["q": typed, "limit": "50"])
                #expect(reply.complete && !reply.suggestions.isEmpty, "\(typed)")
                if !expected.isEmpty { #expect(reply.suggestions.contains { $0.text == expected }, "\(typed)") }
                for one in reply.suggestions.prefix(10) {
                    let found = try await stack.search(one.query, ["limit": "0"])
                    #expect(found.total >= one.count ?? 1, "\(one)")
                }
            }
            func titles() async throws -> [String] {
                let reply: SuggestReply = try await stack.get(path, ["q": "huidongxizhen", "fields": "title"])
                #expect(reply.complete)
                return reply.suggestions.map(\.text)
            }
            #expect(try await titles().isEmpty)
            try await stack.add("会动西镇的通告\n\n2020年2月8日\n\n正文一句。", identity: "new")
            #expect(try await titles() == ["会动西镇的通告"])
            _ = try await stack.call(
                "DELETE", "/v1/collections/bulletins/documents/new", ["wait": "searchable"])
            #expect(try await titles().isEmpty)
            for wrong in [
                ["q": "x", "limit": "0"], ["q": "x", "limit": "51"], ["q": "x", "fields": "body"], ["limit": "5"],
            ] {
                #expect(try await stack.call("GET", path, wrong).error?.code == .invalidRequest, "\(wrong)")
            }
            try await stack.stop()
        }

        /// Of several workers, each with a part; only what finds something for the asker is offered, and only where nothing was found.
        @Test func whatFindsNothingIsAnsweredWithWhatMayHaveBeenMeant() async throws {
            let stack = try await RunningStack(RunningStack.Shape(queryWorkers: 2, documentsPerWorker: 1))
            for (number, body) in ["企业复工复产的通告", "疫情防控工作的通告", "复工复产指南，covid notice"].enumerated() {
                try await stack.add("通告第\(number)号\n\n2020年2月8日\n\n\(body)。", identity: "c-\(number)")
            }
            for (typed, meant, kind) in [
                ("复工副产", "复工复产", CorrectionKind.homophone), ("fugongfuchan", "复工复产", .pinyin), ("covod", "covid", .typo),
                ("夏工 指南", "复工 指南", .lookAlike),
            ] {
                let reply = try await stack.search(typed, [:])
                let first = try #require(reply.corrections?.first, "\(typed)")
                #expect(reply.total == 0 && first.query == meant && first.kind == kind, "\(typed): \(first)")
                #expect(try await stack.search(first.query, ["limit": "0"]).total == first.total)
            }
            try await stack.add(
                "关于防护用品的通告\n\n2020年3月5日 来源：上海市公安局\n\n口罩可以在药店购买，公共场所每天消毒。", identity: "c-9")
            for (typed, meant, kind) in [
                ("上海市公安局 口罩", "source:上海市公安局 口罩", CorrectionKind.field), ("来源:公安局", "source:上海市公安局", .field),
                ("2020年3月 口罩", "published:2020-03 口罩", .field), ("口罩、消毒", "口罩 消毒", .apart),
            ] {
                let reply = try await stack.search(typed, [:])
                let found = try #require(reply.corrections, "\(typed)")
                let printed = found.map(\.query)
                #expect(reply.total == 0 && found.allSatisfy { $0.kind == kind }, "\(typed): \(found)")
                #expect(printed.contains(meant), "\(typed): \(printed)")
                for query in found { #expect(try await stack.search(query.query, ["limit": "0"]).total == query.total) }
            }
            for typed in ["复工复产", "\"复工副产\"", "龘靐齉", "-复工 -防控 -指南"] {
                #expect(try await stack.search(typed, [:]).corrections == nil, "\(typed)")
            }
            try await stack.stop()
        }

        @Test func nearDuplicatesAreFoundInTheWholeCollection() async throws {
            let stack = try await RunningStack(RunningStack.Shape(queryWorkers: 2, documentsPerWorker: 1))
            let body = (0..<40).map { "第\($0)条措施要求各区在规定时间内完成企业复工备案\($0 * 7)次。" }.joined()
            for number in 0..<25 {
                try await stack.add("通知第\(number)号\n\n2020年2月\(number + 1)日\n\n\(body)各单位第\(number)次转发。", identity: "copy-\(number)")
            }
            for number in 0..<10 {
                try await stack.add("另一件事\n\n2020年3月1日\n\n复工企业\(number * 977)家，与上文无关的内容共\(number)段，请分别阅读。", identity: "other-\(number)")
            }
            let similar: SearchReply = try await stack.get(Self.base + "/similar", ["id": "copy-3#0", "limit": "24"])
            #expect(similar.hits.count == 24 && similar.hits.allSatisfy { $0.document.hasPrefix("copy-") })
            #expect(similar.hits.allSatisfy { ($0.similarity ?? 0) >= Signature.nearDuplicate })
            // One hit a page: its copies are elsewhere in the collection.
            let found = try await stack.search("企业复工备案", ["limit": "1", "collapse": "true"])
            #expect(found.total == 25 && found.hits.count == 1)
            let copies = try #require(found.hits.first?.copies)
            #expect(copies.count == 24 && Set(copies.map(\.document)).count == 24)
            #expect(copies.allSatisfy { $0.signature == nil && ($0.similarity ?? 0) >= Signature.nearDuplicate })
            try await stack.stop()
        }

        @Test func damagedWordsAreFoundByWhatWasMeant() async throws {
            let stack = try await RunningStack(RunningStack.Shape(queryWorkers: 1, documentsPerWorker: 1))
            try await stack.addSeeds()
            // 社会面清零 also stands there undamaged, so nothing need be read otherwise.
            for (typed, found) in [("返岗", "迈岗")] {
                let reply = try await stack.search("\"\(typed)\"", ["limit": "50"])
                let hits = reply.hits.filter { $0.document.contains("004_") && $0.readings != nil }
                #expect(hits.contains { hit in hit.readings?.contains { $0.found == found } ?? false }, "\(typed)")
                for hit in hits {
                    #expect(!hit.snippet.marks.isEmpty || !hit.title.marks.isEmpty)
                    // What is shown is what stands there.
                    #expect(!hit.snippet.text.filter { $0 != " " }.contains("返岗"))
                }
            }
            try await stack.stop()
        }

        @Test(arguments: ["relevance", "newest", "oldest"])
        func cursorsListEveryHitOnceWhileTheCollectionChanges(sort: String) async throws {
            let stack = try await Self.filled(30)
            let whole = try await stack.search("复工", ["limit": "100", "sort": sort])
            #expect(whole.total == 30 && whole.cursor == nil)
            var listed: [String] = []
            var cursor: String?
            repeat {
                var parameters = ["limit": "7", "sort": sort]
                parameters["cursor"] = cursor
                let page = try await stack.search("复工", parameters)
                #expect(page.version == whole.version && page.complete && page.total == 30)
                listed += page.hits.map(\.id)
                cursor = page.cursor
                // Between two pages one document goes and one comes.
                try await stack.add("新通知\n\n企业复工，新。", identity: "new-\(listed.count)")
                _ = try await stack.call(
                    "DELETE", Self.base + "/documents/n-\(listed.count % 30)", ["wait": "searchable"])
            } while cursor != nil
            #expect(listed == whole.hits.map(\.id))
            let other = try await stack.search("复工", ["limit": "3", "sort": sort])
            let mixed = try await stack.call(
                "GET", Self.base + "/search", ["q": "企业", "sort": sort, "cursor": try #require(other.cursor)])
            #expect(mixed.error?.code == .invalidRequest)
            let junk = try await stack.call("GET", Self.base + "/search", ["q": "复工", "cursor": "AAAA"])
            #expect(junk.error?.code == .invalidRequest)
            try await stack.stop()
        }

        @Test func anExportHoldsEveryItemOnce() async throws {
            let stack = try await Self.filled(40)
            // More than a page.
            let many = (0..<1100).map { #"{"title":"长\#($0)","content":"清单之\#($0)","date":"2020-03-01"}"# }
            _ = try await stack.call(
                "POST", Self.base + "/documents", ["wait": "searchable", "identity": "many"],
                body: Data(many.joined(separator: "\n").utf8), contentType: "application/x-ndjson")
            let total = try await stack.search("*", ["limit": "0"]).total
            let lines = try await stack.call("GET", Self.base + "/export")
            #expect(lines.headers["kuaibao-total"] == "\(total)")
            struct Line: Decodable {
                let id: String
                let item: Item
            }
            let items = try lines.body.split(separator: 10).map { try JSONDecoder().decode(Line.self, from: Data($0)) }
            #expect(items.count == total && Set(items.map(\.id)).count == total)
            #expect(items.allSatisfy { !$0.item.body.isEmpty || !$0.item.title.isEmpty })
            let table = try await stack.call(
                "GET", Self.base + "/export", ["format": "csv", "q": "复工", "sort": "oldest"])
            let rows = String(decoding: table.body, as: UTF8.self).components(separatedBy: "\r\n")
            #expect(rows.first == "\u{FEFF}id,date,department,sources,districts,title,body,file,flags")
            #expect(rows.count == 1 + 40 + 1)
            #expect(try await stack.call("GET", Self.base + "/export", ["q": "("]).error?.code == .invalidQuery)
            try await stack.stop()
        }

        @Test func aDocumentComesWithItsOriginal() async throws {
            let stack = try await RunningStack()
            try await stack.addSeeds()
            let (name, bytes) = try #require(try RunningStack.seeds.first)
            let id = try #require(name.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let document: DocumentReply = try await stack.get(Self.base + "/documents/\(id)")
            #expect(document.items.count > 1 && document.items.map(\.ordinal) == Array(document.items.indices))
            let original = try await stack.call("GET", Self.base + "/documents/\(id)/original")
            #expect(original.body == bytes)
            #expect(original.headers["content-security-policy"] == "sandbox")
            let item = document.items[1]
            let one: DocumentReply = try await stack.get(Self.base + "/documents/\(id)%231")
            #expect(one.items == [item])
            let part = try await stack.call("GET", Self.base + "/documents/\(id)%231/original")
            #expect(part.body == bytes[item.range.lower..<item.range.upper])
            for missing in ["nothing", "\(id)%239999", "%23", "%2F..%2F.."] {
                #expect(try await stack.call("GET", Self.base + "/documents/\(missing)").error?.code == .notFound)
            }
            // An item like another is about the same; its own document is not among them.
            let similar: SearchReply = try await stack.get(Self.base + "/similar", ["id": "\(name)#1", "limit": "5"])
            #expect(!similar.hits.isEmpty && similar.hits.allSatisfy { $0.document != name })
            // Each part of a query is explained where it was found.
            let explained = try await stack.search("标题:复工 防控", ["explain": "true", "limit": "3"])
            for hit in explained.hits {
                let clauses = try #require(hit.explanation?.clauses)
                #expect(clauses.map(\.clause) == ["title:复工", "防控"])
                #expect(clauses[0].fields.map(\.value) == ["title"] && clauses.allSatisfy { $0.score > 0 })
                #expect(abs(clauses.reduce(0) { $0 + $1.score } - hit.score) < 0.01 * hit.score)
                #expect(hit.explanation?.words.hasPrefix("命中：") == true)
            }
            try await stack.stop()
        }

        @Test func methodsOriginsAndHeadersAreAsHTTPSays() async throws {
            let stack = try await RunningStack(
                RunningStack.Shape(gateway: ["KUAIBAO_CORS_ORIGINS": "https://desk.example"]))
            try await stack.add("通知\n\n复工。", identity: "one")
            let wrong = try await stack.call("PUT", Self.base + "/search")
            #expect(wrong.error?.code == .methodNotAllowed && wrong.headers["allow"] == "GET, POST, HEAD, OPTIONS")
            let head = try await stack.call("HEAD", Self.base + "/search", ["q": "复工"])
            #expect(head.status == 200 && head.body.isEmpty)
            let preflight = try await stack.call(
                "OPTIONS", Self.base + "/search", headers: ["Origin": "https://desk.example"])
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-origin"] == "https://desk.example")
            let stranger = try await stack.call(
                "GET", Self.base + "/search", headers: ["Origin": "https://evil.example"])
            #expect(stranger.status == 200 && stranger.headers["access-control-allow-origin"] == nil)
            // A page of another site cannot change anything on an open gateway.
            let forged = try await stack.call(
                "POST", Self.base + "/documents", body: Data("假通知".utf8), contentType: "text/plain",
                headers: ["Origin": "https://evil.example"])
            #expect(forged.error?.code == .notAllowed)
            // The same question is answered from memory until the collection changes.
            let first = try await stack.search("复工")
            let second = try await stack.search("复工")
            #expect(second.timings["cache"] != nil && second.hits == first.hits)
            try await stack.add("通知\n\n复工，再。", identity: "two")
            #expect(try await stack.search("复工").total == 2)
            let openapi = try await stack.call("GET", "/openapi.yaml")
            #expect(String(decoding: openapi.body, as: UTF8.self).hasPrefix("openapi: 3.1.0"))
            try await stack.stop()
        }
    }
}
