// Declared collections over HTTP, from the declaration to the answer: made, filled, changed, asked, exported, ended.

import Foundation
import Messages
import ServiceKit
import Testing

@testable import QueryService

/// What the tests read of answers.
struct TestCollection: Decodable, Sendable {
    let name: String
    let title: String
    let version: Int64
    let documents: Int
    let generation: Int?
}

struct TestRecords: Decodable, Sendable {
    let submission: String
    let identity: String
    let records: Int
    let dead: Int?
    let version: Int64?
}

extension RunningStack {
    func declare(_ text: String, _ method: String = "POST", at path: String = "/v1/collections") async throws
        -> TestCollection
    {
        let answer = try await call(method, path, body: Data(text.utf8), contentType: "application/yaml")
        if let error = answer.error { throw error }
        return try answer.value()
    }

    @discardableResult
    func send(
        _ method: String, _ collection: String, _ body: String, _ contentType: String = "application/json",
        id: String? = nil, key: String? = nil
    ) async throws -> TestRecords {
        let path = "/v1/collections/\(collection)/documents" + (id.map { "/\($0)" } ?? "")
        let answer = try await call(
            method, path, ["wait": "searchable"], body: Data(body.utf8), contentType: contentType, key: key)
        if let error = answer.error { throw error }
        return try answer.value()
    }

    func search(
        in collection: String, _ query: String, _ more: [String: String] = [:], key: String? = nil
    ) async throws -> SearchReply {
        let answer = try await call(
            "GET", "/v1/collections/\(collection)/search", more.merging(["q": query]) { own, _ in own }, key: key)
        if let error = answer.error { throw error }
        return try answer.value()
    }

    /// Sends the same until it is answered as wanted: what is asked for comes about in the background.
    func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(20)) }
    }
}

extension StackSuites {
    @Suite(.timeLimit(.minutes(5)))
    struct CollectionTests {
        private static let sites = """
            collection: sites
            title: 采样点
            identity: id
            shows: name
            partitions: 2
            fields:
              id: {type: keyword, names: [编号]}
              name: {type: text, names: [名称], required: true, highlight: true}
              address: {type: text, names: [地址], highlight: true}
              district: {type: keyword, names: [区], facet: true}
              location: {type: point, names: [位置], coordinates: gcj02}
              status: {type: keyword, names: [忙闲], values: [空闲, 忙碌], default: 空闲, facet: true, live: true}
              queue: {type: integer, names: [排队], minimum: 0, sort: true, live: true}
              open: {type: boolean, names: [开放], facet: true}
              phone: {type: keyword, unique: true}
              keeper: {type: text, personal: true}
              cost: {type: number, hidden: [search]}
            """

        @Test func namesAndTitlesOfRecordsAreSuggestedToWhoMaySeeThem() async throws {
            let stack = try await RunningStack(.init(queryWorkers: 2, documentsPerWorker: 1))
            _ = try await stack.declare(
                """
                collection: jobs
                title: 岗位
                identity: id
                shows: title
                partitions: 2
                fields:
                  id: {type: keyword}
                  title: {type: text, names: [岗位], required: true}
                  company: {type: keyword, names: [企业], facet: true}
                  district: {type: keyword, names: [区], facet: true}
                  agent: {type: keyword, facet: true, hidden: [search]}
                  note: {type: keyword}
                  open: {type: boolean, facet: true}
                  contact: {type: keyword, personal: true}
                  posted: {type: date, sort: true}
                """)
            for number in 0..<12 {
                let body = """
                    [{"id":"J\(number)","title":"软件工程师\(number)号","company":"\(number < 4 ? "浦东软件园" : "静安数据港")",
                      "district":"\(number < 4 ? "浦东新区" : "静安区")","agent":"秘密中介","note":"便条","open":true,
                      "contact":"张三","posted":"2020-03-\(number + 10)"}]
                    """
                try await stack.send("POST", "jobs", body)
            }
            let reader = try stack.makeKey([.search])
            let house = try stack.makeKey([.search, .admin])
            let writer = try stack.makeKey([.add])
            try await stack.untilClosed(key: reader)
            let path = "/v1/collections/jobs/suggest"
            func suggested(
                _ typed: String, _ more: [String: String] = [:], key: String
            ) async throws -> [SuggestedText] {
                let parameters = more.merging(["q": typed, "timeout": "60000"]) { own, _ in own }
                let answer = try await stack.call("GET", path, parameters, key: key)
                if let error = answer.error { throw error }
                let reply = try answer.value(as: SuggestReply.self)
                #expect(reply.complete)
                return reply.suggestions
            }
            for typed in ["浦东", "pudong", "pdrjy", "软件园"] {
                let found = try await suggested(typed, key: reader)
                #expect(found.contains { $0.text == "浦东软件园" && $0.field == "company" && $0.count == 4 }, "\(typed)")
            }
            let titles = try await suggested("rjgcs", ["fields": "title"], key: reader)
            #expect(titles.first?.text == "软件工程师11号" && titles.first?.date == "2020-03-21" && titles.count == 10)
            // What is suggested can be searched for as it is written.
            for one in try await suggested("浦东", key: reader) + titles {
                let reply = try await stack.search(in: "jobs", one.query, key: reader)
                #expect(reply.total == one.count ?? 1, "\(one.query)")
            }
            for typed in ["秘密", "mmzj", "便条", "张三", "true", "J1"] {
                #expect(try await suggested(typed, key: reader).isEmpty, "\(typed)")
            }
            #expect(try await suggested("秘密", key: house).first?.count == 12)
            for field in ["agent", "note", "contact", "open", "department", "none"] {
                let refused = try await stack.call("GET", path, ["q": "浦东", "fields": field], key: reader)
                #expect(refused.error?.code == .invalidRequest, "\(field)")
            }
            struct Token: Decodable { let token: String }
            let body = Data(#"{"tenant":"t","filter":"区:静安区","seconds":600}"#.utf8)
            let tenant = try await stack.call("POST", "/v1/tokens", body: body, key: reader).value(as: Token.self).token
            #expect(try await suggested("浦东", key: tenant).isEmpty)
            #expect(try await suggested("静安", key: tenant).map(\.count) == [8, 8])
            let seen = try await suggested("rjgcs", ["limit": "50"], key: tenant).map(\.text)
            #expect(Set(seen) == Set((4..<12).map { "软件工程师\($0)号" }))
            try await stack.send("PATCH", "jobs", #"{"company":"浦东软件园"}"#, id: "J4", key: writer)
            try await stack.until { try await suggested("浦东软", key: reader).first?.count == 5 }
            try await stack.stop()
        }

        @Test func recordsComeInFourFormsAndAreFoundByTheirFields() async throws {
            let stack = try await RunningStack(.init(queryWorkers: 2, documentsPerWorker: 1))
            let made = try await stack.declare(Self.sites)
            #expect(made.title == "采样点" && made.generation == 1 && made.documents == 0)
            try await stack.send(
                "POST", "sites",
                #"[{"id":"A1","name":"人民广场一号","区":"黄浦","location":"31.2304,121.4737","queue":12,"open":true,"phone":"1"},"#
                    + #"{"id":"A2","name":"静安寺","district":"静安","location":"31.2236,121.4456","status":"忙碌","open":true}]"#
            )
            try await stack.send(
                "POST", "sites", "{\"id\":\"A3\",\"name\":\"徐家汇\",\"district\":\"徐汇\",\"queue\":3}\n",
                "application/x-ndjson")
            try await stack.send(
                "POST", "sites", "编号,名称,区,位置,开放\nA4,陆家嘴,浦东,\"31.2397,121.4998\",否\n", "text/csv")
            let form = try await stack.send(
                "POST", "sites", "id=A5&name=%E8%99%B9%E6%A1%A5+%E7%AB%99&queue=0", "application/x-www-form-urlencoded")
            #expect(form.identity == "A5" && form.records == 1 && form.dead == 0)
            let parts = try await stack.send(
                "POST", "sites",
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"sites.csv\"\r\n\r\nid,name,queue\nA5,虹桥 站,0\n\r\n--b--\r\n",
                "multipart/form-data; boundary=b")
            #expect(parts.identity == "A5" && parts.records == 1 && parts.dead == 0)

            func ids(_ query: String, _ more: [String: String] = [:]) async throws -> [String] {
                try await stack.search(in: "sites", query, more).hits.map(\.id)
            }
            #expect(try await ids("广场") == ["A1"])
            #expect(try await ids("名称:虹桥") == ["A5"])
            #expect(try await ids("区:静安") == ["A2"])
            #expect(try await ids("忙闲:空闲 开放:是") == ["A1"])
            #expect(try await ids("排队<=3", ["order": "-queue"]) == ["A3", "A5"])
            #expect(try await ids("*", ["order": "queue"]) == ["A5", "A3", "A1", "A2", "A4"])
            #expect(try await ids("位置:gcj02:31.2304,121.4737~1公里") == ["A1"])
            let near = try await stack.search(
                in: "sites", "*", ["near": "gcj02:31.2397,121.4998", "facets": "status,open"])
            #expect(near.hits.map(\.id) == ["A4", "A1", "A2", "A3", "A5"])
            #expect((near.hits[0].distance ?? 99) < 2 && (2600...2800).contains(near.hits[1].distance ?? 0))
            #expect(near.hits[3].distance == nil)
            #expect(near.facets?["status"]?.map(\.count) == [4, 1] && near.facets?["open"]?.count == 2)
            let hit = try #require(try await stack.search(in: "sites", "广场").hits.first)
            #expect(hit.title.text == "人民广场一号" && hit.title.marks == [[2, 4]])
            #expect(hit.record?.values["status"] == .string("空闲"))
            #expect((hit.record?.ages?["queue"] ?? -1) >= 0)
            try await stack.stop()
        }

        @Test func mistakesNameRowAndColumnAndNothingIsStored() async throws {
            let stack = try await RunningStack()
            _ = try await stack.declare(Self.sites)
            let refused = try await stack.call(
                "POST", "/v1/collections/sites/documents", [:],
                body: Data("id,name,queue\nA1,一,1\nA2,二,-1\nA3,,2\n".utf8), contentType: "text/csv")
            #expect(refused.status == 422 && refused.error?.code == .invalidRecord)
            let mistakes = try #require(refused.error?.mistakes)
            #expect(mistakes.map(\.row) == [3, 4] && mistakes[0].column == 3 && mistakes[0].field == "queue")
            #expect(try await stack.search(in: "sites", "*").total == 0)
            for (body, type, code) in [
                ("{\"id\":\"A1\",", "application/json", ErrorCode.invalidRecord),
                ("x", "image/png", .unsupportedFormat),
                ("[]", "application/json", .emptyDocument), ("{\"id\":\"A1\"}", "application/json", .invalidRecord),
            ] {
                let answer = try await stack.call(
                    "POST", "/v1/collections/sites/documents", [:], body: Data(body.utf8), contentType: type)
                #expect(answer.error?.code == code, "\(body)")
            }
            for (text, code) in [
                ("collection: sites\nfields: {id: keyword}", ErrorCode.conflict),
                ("collection: bulletins", .invalidDeclaration),
                ("collection: other\nfields: {id: words}", .invalidDeclaration),
            ] {
                let answer = try await stack.call("POST", "/v1/collections", body: Data(text.utf8))
                #expect(answer.error?.code == code, "\(text)")
            }
            try await stack.stop()
        }

        @Test func changesKeepTheRestAndUniqueValuesStayUnique() async throws {
            let stack = try await RunningStack(.init(indexWorkers: 2, partitions: 2))
            _ = try await stack.declare(Self.sites)
            try await stack.send(
                "POST", "sites", #"[{"id":"A1","name":"一号","phone":"1","queue":5},{"id":"A2","name":"二号"}]"#)
            try await stack.send("PATCH", "sites", #"{"status":"忙碌","queue":null}"#, id: "A1")
            func record(_ id: String) async throws -> ShownRecord? {
                let reply: DocumentReply = try await stack.get("/v1/collections/sites/documents/\(id)")
                return reply.record
            }
            var one = try #require(try await record("A1"))
            #expect(one.values["status"] == .string("忙碌") && one.values["queue"] == nil)
            #expect(one.values["name"] == .string("一号") && one.values["phone"] == .string("1"))
            #expect(one.ages?.keys.sorted() == ["status"])
            // A batch of changes, by identity fields, under other names of them too.
            try await stack.send("PATCH", "sites", "编号,忙闲\nA1,空闲\nA2,忙碌\n", "text/csv")
            #expect(try await stack.search(in: "sites", "忙闲:忙碌").hits.map(\.id) == ["A2"])
            // Many changes at once end with the last one.
            for number in 1...30 {
                let answer = try await stack.call(
                    "PATCH", "/v1/collections/sites/documents/A1", [:], body: Data("{\"queue\":\(number)}".utf8))
                #expect(answer.status == 202)
            }
            try await stack.send("PATCH", "sites", #"{"cost":1.5}"#, id: "A1")
            one = try #require(try await record("A1"))
            #expect(one.values["queue"] == .integer(30) && one.values["cost"] == .number(1.5))

            func refusal(_ method: String, _ path: String, _ body: String) async throws -> ErrorCode? {
                try await stack.call(method, "/v1/collections/sites/documents" + path, [:], body: Data(body.utf8))
                    .error?.code
            }
            #expect(
                try await refusal("POST", "", #"[{"id":"A3","name":"三号"},{"id":"A4","name":"四号","phone":"1"}]"#)
                    == .conflict)
            #expect(try await refusal("PATCH", "/A2", #"{"phone":"1"}"#) == .conflict)
            #expect(try await stack.search(in: "sites", "*").total == 2)
            try await stack.send("PATCH", "sites", #"{"phone":"2"}"#, id: "A1")
            try await stack.send("PATCH", "sites", #"{"phone":"1"}"#, id: "A2")
            #expect(try await refusal("PATCH", "/nobody", #"{"queue":1}"#) == .notFound)
            #expect(try await refusal("PATCH", "/A1", #"{"name":null}"#) == .invalidRecord)
            #expect(try await refusal("PATCH", "/A1", #"{"id":"A2"}"#) == .invalidRecord)
            let removed = try await stack.call("DELETE", "/v1/collections/sites/documents/A2", ["wait": "searchable"])
            #expect(removed.status == 200)
            #expect(try await stack.search(in: "sites", "*").hits.map(\.id) == ["A1"])
            try await stack.send("POST", "sites", #"{"id":"A5","name":"五号","phone":"1"}"#)
            let status: StatusReply = try await stack.get("/v1/status")
            let counts = try #require(status.ingest?.collections.first { $0.name == "sites" }?.counts)
            #expect(counts.isBalanced && counts.searchable == 2 && counts.liveDocuments == 2 && counts.inFlight == 0)
            try await stack.stop()
        }

        @Test func whatIsExportedCanBeHandedInAgain() async throws {
            let stack = try await RunningStack()
            let text = Self.sites.replacing("  keeper: {type: text, personal: true}\n", with: "")
            _ = try await stack.declare(text)
            try await stack.send(
                "POST", "sites",
                #"[{"id":"A1","name":"一,\"号\"","location":"31.2,121.4","queue":1,"open":false},{"id":"-2","name":"二号","cost":-1}]"#
            )
            _ = try await stack.declare(text.replacing("collection: sites", with: "collection: copies"))
            for (format, type) in [("csv", "text/csv"), ("ndjson", "application/x-ndjson")] {
                let exported = try await stack.call("GET", "/v1/collections/sites/export", ["format": format])
                var body = String(decoding: exported.body, as: UTF8.self)
                if format == "csv" { body = body.replacing("'-2", with: "-2") }
                try await stack.send("POST", "copies", body, type)
                let copies = try await stack.search(in: "copies", "*", ["order": "queue"]).hits.map(\.record?.values)
                let own = try await stack.search(in: "sites", "*", ["order": "queue"]).hits.map(\.record?.values)
                #expect(copies.map { $0?["name"] } == own.map { $0?["name"] } && copies.count == 2)
                #expect(copies == own)
            }
            try await stack.stop()
        }

        @Test func aDeclarationChangesBehindTheSearches() async throws {
            let stack = try await RunningStack()
            _ = try await stack.declare(Self.sites)
            try await stack.send("POST", "sites", #"[{"id":"A1","name":"一号","queue":4},{"id":"A2","name":"二号"}]"#)
            let path = "/v1/collections/sites"
            let changed = Self.sites.replacing(
                "  cost:", with: "  kind: {type: keyword, names: [类型], default: 固定, facet: true}\n  cost:")
            #expect(try await stack.declare(changed, "PUT", at: path).generation == 2)
            // The segments are written anew behind; every answer on the way is whole.
            try await stack.until {
                let reply = try await stack.search(in: "sites", "*", ["facets": "kind"])
                #expect(reply.total == 2 && reply.complete)
                return reply.facets?["kind"]?.first == FacetCount(value: "固定", count: 2)
            }
            try await stack.send("POST", "sites", #"{"id":"A3","name":"三号","类型":"便民"}"#)
            #expect(try await stack.search(in: "sites", "类型:固定").total == 2)
            #expect(try await stack.search(in: "sites", "类型:便民").hits.map(\.id) == ["A3"])
            try await stack.send("PATCH", "sites", #"{"kind":"流动"}"#, id: "A1")
            #expect(try await stack.search(in: "sites", "类型:流动").hits.map(\.id) == ["A1"])
            let wrong = try await stack.call(
                "PUT", path, body: Data(Self.sites.replacing("identity: id", with: "identity: phone").utf8))
            #expect(wrong.error?.code == .conflict)
            try await stack.stop()
        }

        @Test func anEndedCollectionIsGoneAndItsNameCanBeUsedAgain() async throws {
            var stack = try await RunningStack()
            _ = try await stack.declare(Self.sites)
            try await stack.send("POST", "sites", #"{"id":"A1","name":"一号","phone":"1"}"#)
            let before: TestCollection = try await stack.get("/v1/collections/sites")
            #expect(try await stack.call("DELETE", "/v1/collections/sites").status == 200)
            #expect(try await stack.call("GET", "/v1/collections/sites/search").error?.code == .unknownCollection)
            #expect(try await stack.call("DELETE", "/v1/collections/bulletins").error?.code == .invalidRequest)
            let again = try await stack.declare(Self.sites)
            #expect(again.version > before.version && again.documents == 0)
            #expect(try await stack.search(in: "sites", "*").total == 0)
            try await stack.send("POST", "sites", #"{"id":"B1","name":"新一号","phone":"1"}"#)
            #expect(try await stack.search(in: "sites", "*").hits.map(\.id) == ["B1"])
            // It outlives the processes.
            let folder = stack.folder
            try await stack.stop()
            stack = try await RunningStack(folder: folder)
            try await stack.until { try await stack.search(in: "sites", "新一号").total == 1 }
            try await stack.send("PATCH", "sites", #"{"queue":2}"#, id: "B1")
            #expect(try await stack.search(in: "sites", "排队:2").total == 1)
            try await stack.stop()
        }

        @Test func fieldsAreHiddenAndMaskedAndTenantsSeeTheirOwn() async throws {
            let stack = try await RunningStack()
            _ = try await stack.declare(Self.sites)
            try await stack.send(
                "POST", "sites",
                #"[{"id":"A1","name":"一号","district":"黄浦","cost":7,"keeper":"张三"},{"id":"A2","name":"二号","district":"静安"}]"#
            )
            let open = try await stack.search(in: "sites", "*").hits
            #expect(open[0].record?.values["keeper"] == .string("***") && open[0].record?.masked == ["keeper"])
            #expect(try await stack.search(in: "sites", "张三").total == 0)
            #expect(open[0].record?.values["cost"] == .integer(7))
            func key(_ scopes: [AccessScope]) throws -> KeySecret {
                let secret = KeySecret.random()
                try APIKeyFile.update(path: stack.folder + "/api-keys.json") { (file) throws(KuaibaoError) in
                    file.keys.append(
                        APIKey(
                            id: secret.id, name: "t", scopes: scopes, collections: ["*"], createdAt: 0,
                            hash: secret.hash,
                            publicKey: secret.publicKey))
                }
                return secret
            }
            let reader = try key([.search])
            let admin = try key([.search, .admin])
            try await stack.until {
                let first = try await stack.call("GET", "/v1/collections", key: admin.text).status
                let second = try await stack.call("GET", "/v1/collections", key: reader.text).status
                return first == 200 && second == 200
            }
            let hit = try await stack.search(in: "sites", "一号", key: reader.text).hits.first
            #expect(hit?.record != nil && hit?.record?.values["cost"] == nil)
            #expect(try await stack.search(in: "sites", "cost>5", key: admin.text).total == 1)
            let path = "/v1/collections/sites/search"
            let asked = try await stack.call("GET", path, ["q": "cost>5"], key: reader.text)
            let hasCost = asked.error != nil || (try? asked.value(as: SearchReply.self).total) == 0
            #expect(hasCost)
            let token = try TenantToken(
                key: reader.id, tenant: "huangpu", filter: "区:黄浦", expiresAt: .max / 2
            ).signed(with: reader)
            #expect(try await stack.search(in: "sites", "*", key: token).hits.map(\.id) == ["A1"])
            #expect(try await stack.call("GET", "/v1/collections/sites/documents/A2", key: token).status == 404)
            #expect(try await stack.call("GET", "/v1/collections/sites/documents/A1", key: token).status == 200)
            // Bulletins have no such field.
            let other = try TenantToken(
                key: reader.id, tenant: "queues", filter: "排队:2", expiresAt: .max / 2
            ).signed(with: reader)
            #expect(
                try await stack.call("GET", "/v1/collections/bulletins/search", key: other).error?.code == .notAllowed)
            try await stack.stop()
        }
    }
}
