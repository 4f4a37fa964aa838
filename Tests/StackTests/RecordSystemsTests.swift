// What the city's record systems need beyond fields: live boards, personal values at rest, retention, kills.

import Foundation
import Glibc
import Ledger
import Messages
import ServiceKit
import Synchronization
import Testing

@testable import QueryService

extension StackSuites {
    @Suite(.timeLimit(.minutes(5)))
    struct RecordSystemsTests {
        private static let reports = """
            collection: reports
            title: 现场上报
            identity: [unit, day]
            shows: unit
            partitions: 1
            fields:
              unit: {type: keyword, facet: true}
              day: {type: date, sort: true, facet: true}
              district: {type: keyword, names: [区], facet: true}
            """
        private static let arrivals = """
            collection: arrivals
            title: 登记
            identity: id
            shows: id
            partitions: 1
            retention-days: 2
            fields:
              id: keyword
              person: {type: text, names: [姓名], personal: true}
              phone: {type: keyword, unique: true, personal: true}
              community: {type: keyword, facet: true}
            """

        @Test func theBoardCountsWhatIsReportedAndWhatIsExpected() async throws {
            let stack = try await RunningStack()
            _ = try await stack.declare(Self.reports)
            _ = try await stack.declare(Self.reports.replacing("collection: reports", with: "collection: units"))
            let path = "/v1/collections/reports/board"
            try await stack.send(
                "POST", "units", "unit,day,区\na,2020-01-01,黄浦\nb,2020-01-01,黄浦\nc,2020-01-01,静安\n", "text/csv")
            try await stack.send("POST", "reports", #"{"unit":"a","day":"2020-02-11","区":"黄浦"}"#)
            let parameters = ["by": "district", "expected": "units", "q": "day:2020-02-11"]
            let board: Board = try await stack.get(path, parameters)
            #expect(
                board.rows == [
                    Board.Row(area: "黄浦", reported: 1, expected: 2), Board.Row(area: "静安", reported: 0, expected: 1),
                ])
            #expect(board.rows[0].coverage == 0.5 && board.total.reported == 1 && board.total.expected == 3)

            var components = URLComponents()
            components.path = path + "/events"
            components.queryItems = parameters.map { URLQueryItem(name: $0.key, value: $0.value) }
            let events = try EventReader(port: stack.httpPort, target: components.string ?? "")
            defer { events.stop() }
            try await stack.until { events.boards.count == 1 }
            try await stack.send("POST", "reports", #"{"unit":"c","day":"2020-02-11","区":"静安"}"#)
            try await stack.until { events.boards.last?.total.reported == 2 }
            // A report of another day changes nothing on this board.
            let seen = events.boards.count
            try await stack.send("POST", "reports", #"{"unit":"b","day":"2020-02-12","区":"黄浦"}"#)
            try await stack.send("POST", "reports", #"{"unit":"b","day":"2020-02-11","区":"黄浦"}"#)
            try await stack.until { events.boards.last?.total.coverage == 1 }
            #expect(events.boards.count == seen + 1)
            for wrong in [["q": "day:2020"], ["by": "nothing"], ["by": "district", "expected": "nowhere"]] {
                #expect(try await stack.call("GET", path, wrong).error != nil, "\(wrong)")
            }
            try await stack.stop()
        }

        @Test func anEditionIsFoundByTheDayItWasInForce() async throws {
            let stack = try await RunningStack()
            _ = try await stack.declare(
                """
                collection: notices
                title: 告知书
                identity: [notice, language, edition]
                shows: title
                partitions: 2
                fields:
                  notice: {type: keyword, names: [告知书], required: true}
                  language: {type: keyword, required: true}
                  edition: {type: date, required: true, sort: true}
                  title: {type: text, required: true}
                  count: {type: integer, sort: true}
                """)
            try await stack.send(
                "POST", "notices",
                """
                notice,language,edition,title,count
                A,zh,2020-03-01,甲国 乙国,1
                A,zh,2020-03-04,乙国,5
                A,en,2020-03-02,Land A,2
                B,zh,2020-03-03,甲国,9
                B,zh,2020-03-09,丙国,4
                """, "text/csv")
            func found(_ q: String, _ parameters: [String: String]) async throws -> [String] {
                try await stack.search(in: "notices", q, parameters).hits.map(\.document)
            }
            let order = ["order": "count"]
            func asOf(_ day: String, _ q: String) async throws -> [String] {
                try await found(q, order.merging(["asOf": day]) { $1 })
            }
            #expect(try await asOf("2020-02-29", "*") == [])
            #expect(try await asOf("2020-03-01", "*") == ["A:zh:2020-03-01"])
            #expect(try await asOf("2020-03-03", "*") == ["A:zh:2020-03-01", "A:en:2020-03-02", "B:zh:2020-03-03"])
            #expect(try await asOf("2020-03-04", "*") == ["A:en:2020-03-02", "A:zh:2020-03-04", "B:zh:2020-03-03"])
            // The newer edition of A has no 甲国: its older one is not found in its place.
            #expect(try await asOf("2020-03-04", "甲国") == ["B:zh:2020-03-03"])
            #expect(try await asOf("2020-03-31", "甲国") == [])
            #expect(try await found("*", ["order": "-count", "collapseBy": "告知书"]) == ["B:zh:2020-03-03", "A:zh:2020-03-04"])
            #expect(
                try await found("*", ["order": "-edition", "collapseBy": "notice,language"])
                    == ["B:zh:2020-03-09", "A:zh:2020-03-04", "A:en:2020-03-02"])
            for wrong in [["asOf": "yesterday"], ["asOf": "2020-03"], ["collapseBy": "count"], ["collapseBy": "nothing"]] {
                let answer = try await stack.call(
                    "GET", "/v1/collections/notices/search", ["q": "*"].merging(wrong) { $1 })
                #expect(answer.error?.code == .invalidRequest, "\(wrong)")
            }
            let bulletins = try await stack.call(
                "GET", "/v1/collections/bulletins/search", ["q": "*", "asOf": "2020-03-01"])
            #expect(bulletins.error?.code == .invalidRequest)
            try await stack.stop()
        }

        @Test func personalValuesAreSealedAtRestReadUnderAuditAndErased() async throws {
            let audit = try RunningStack.makeFolder() + "/audit.log"
            let stack = try await RunningStack(.init(gateway: ["KUAIBAO_AUDIT_LOG": audit]))
            _ = try await stack.declare(Self.arrivals)
            // Long and random, so that no compression hides them and nothing else has them.
            let person = "测试虚构" + Identifier.random()
            let phone = "139" + Identifier.random()
            try await stack.send(
                "POST", "arrivals", #"{"id":"D1","person":"\#(person)","phone":"\#(phone)","community":"一居委"}"#)
            try await stack.send("POST", "arrivals", #"{"id":"D2","person":"别人","community":"二居委"}"#)
            try await stack.send("PATCH", "arrivals", #"{"community":"三居委"}"#, id: "D1")
            let path = "/v1/collections/arrivals/documents/D1"
            let masked: DocumentReply = try await stack.get(path)
            #expect(
                masked.record?.values["person"] == .string("***") && masked.record?.values["phone"] == .string("***"))
            let shown: DocumentReply = try await stack.get(path, ["unmask": "姓名,phone"])
            #expect(
                shown.record?.values["person"] == .string(person) && shown.record?.values["phone"] == .string(phone))
            #expect(shown.record?.values["community"] == .string("三居委"))
            let log = try String(contentsOfFile: audit, encoding: .utf8)
            #expect(log.contains("UNMASK") && log.contains("person,phone") && !log.contains(person))
            #expect(try await stack.call("GET", path, ["unmask": "community"]).error?.code == .invalidRequest)
            // What is sealed cannot be handed in, and a value that is taken is taken although nobody sees it.
            for body in [#"{"id":"D3","person":{"sealed":"x"}}"#, #"{"id":"D3","phone":"\#(phone)"}"#] {
                let refused = try await stack.call(
                    "POST", "/v1/collections/arrivals/documents", [:], body: Data(body.utf8))
                #expect(refused.error?.code == (body.contains("sealed") ? .invalidRecord : .conflict))
            }
            // Other doors are no way in either.
            #expect(try await stack.search(in: "arrivals", person).total == 0)
            let found = try await stack.call(
                "GET", "/v1/collections/arrivals/search", ["q": "community:三居委", "explain": "true"])
            let hits = try found.value(as: SearchReply.self)
            #expect(hits.total == 1 && !String(decoding: found.body, as: UTF8.self).contains(person))
            #expect(
                !String(decoding: try await stack.call("GET", "/v1/collections/arrivals/export").body, as: UTF8.self)
                    .contains(person))
            #expect(try await stack.call("GET", path + "/original").error?.code == .invalidRequest)

            // Found by the whole value, from the body of a POST; nothing of it is kept anywhere.
            func find(_ q: String, key: String? = nil) async throws -> RunningStack.Answer {
                try await stack.call(
                    "POST", "/v1/collections/arrivals/search", body: try JSONEncoder().encode(["q": q]), key: key)
            }
            func matching(_ q: String) async throws -> [String] {
                let answer = try await find(q)
                #expect(answer.status == 200, "\(q): \(answer.error?.message ?? "")")
                return try answer.value(as: SearchReply.self).hits.map(\.document).sorted()
            }
            #expect(try await matching("phone:\(phone)") == ["D1"])
            #expect(try await matching("phone:\"\(phone.uppercased())\" community:三居委") == ["D1"])
            #expect(try await matching("phone:\(phone) community:一居委") == [])
            #expect(try await matching("-phone:\(phone)") == ["D2"])
            #expect(try await matching("phone:\(phone) OR community:二居委") == ["D1", "D2"])
            #expect(try await matching("phone:\(phone.dropLast())") == [])
            #expect(try await find("phone:\(phone.prefix(8))*").error?.code == .invalidQuery)
            #expect(try await matching("person:\(person)") == [], "a personal text")
            let inAddress = try await stack.call(
                "GET", "/v1/collections/arrivals/search", ["q": "phone:\(Identifier.random())"])
            #expect(inAddress.error?.code == .invalidQuery, "an address is no place for a personal value")
            let watch = try JSONEncoder().encode(["collection": "arrivals", "q": "phone:\(phone)"])
            #expect(try await stack.call("POST", "/v1/watches", body: watch).error?.code == .invalidQuery)
            let finds = try String(contentsOfFile: audit, encoding: .utf8)
            #expect(finds.contains("\"method\":\"FIND\"") && !finds.contains(phone))
            let token = try MasterKey(path: stack.folder + "/personal.key")
                .searchToken(of: phone, in: "arrivals", field: "phone")
            #expect(try !Self.files(of: stack.folder, holding: token).isEmpty)
            #expect(try Self.files(of: stack.folder, holding: person).isEmpty)
            #expect(try Self.files(of: stack.folder, holding: phone).isEmpty)

            // Erased on request: the keys are gone from the ledger's files, and with them every copy of the values.
            let stored = try await Self.key(stack, "D1")
            #expect(stored.count >= 1)
            #expect(try !Self.files(of: stack.folder, holding: stored[0].bytes).isEmpty)
            _ = try await stack.call("DELETE", path, ["wait": "searchable"])
            try await stack.until { try Self.files(of: stack.folder, holding: stored[0].bytes).isEmpty }
            #expect(try await matching("phone:\(phone)") == [])
            try await stack.until { try Self.files(of: stack.folder, holding: token).isEmpty }
            #expect(try await Self.key(stack, "D1").isEmpty)
            let other: DocumentReply = try await stack.get(
                "/v1/collections/arrivals/documents/D2", ["unmask": "person"])
            #expect(other.record?.values["person"] == .string("别人"))
            try await stack.stop()
            let ledger = try SQLiteLedger(directory: stack.folder + "/ledger", processID: 1)
            let raw = try ledger.read(
                TopicPartition(collection: "arrivals", topic: .raw), from: 0, maxBatches: 10, maxBytes: 1 << 20)
            let bodies = raw.map { String(decoding: $0.payload, as: UTF8.self) }
            #expect(bodies.count >= 4 && bodies[0].contains("sealed") && !bodies.contains { $0.contains(person) })
            #expect(try ledger.audit("arrivals") == [])
            try ledger.close()
        }

        @Test func personalKeywordsAreFoundOnlyByWhoMayReadThem() async throws {
            let audit = try RunningStack.makeFolder() + "/audit.log"
            let stack = try await RunningStack(.init(gateway: ["KUAIBAO_AUDIT_LOG": audit]))
            _ = try await stack.declare(
                """
                collection: people
                identity: [house, number]
                partitions: 1
                fields:
                  house: keyword
                  number: integer
                  document: {type: keyword, names: [证件号], personal: true}
                  phone: {type: keyword, personal: true, hidden: [add]}
                  note: text
                """)
            try await stack.send(
                "POST", "people",
                #"[{"house":"a:1%","number":1,"document":"３10X 9","phone":"7"},{"house":"a:1%","number":2,"document":"310x9"},"#
                    + #"{"house":"b","number":1,"document":"310x9","phone":"7","note":"x"},{"house":"b","number":2,"note":"310x9"}]"#)
            let reader = try stack.makeKey([.search, .personal])
            let plain = try stack.makeKey([.search])
            let veiled = try stack.makeKey([.search, .personal, .add])
            try await stack.until { try await stack.call("GET", "/v1/collections", key: veiled).status == 200 }
            func find(_ q: String, _ key: String) async throws -> RunningStack.Answer {
                try await stack.call(
                    "POST", "/v1/collections/people/search", body: try JSONEncoder().encode(["q": q]), key: key)
            }
            func found(_ q: String, _ key: String) async throws -> [String] {
                try await find(q, key).value(as: SearchReply.self).hits.map(\.document).sorted()
            }
            let all = ["a%3A1%25:1", "a%3A1%25:2", "b:1"]
            #expect(try await found("证件号:310x9", reader) == all)
            #expect(try await found("证件号:\"310 x9\" -note:x", reader) == Array(all.prefix(2)))
            #expect(try await found("phone:7 证件号:310x9", reader) == ["a%3A1%25:1", "b:1"])
            #expect(try await found("证件号:310x9", veiled) == all)
            for (q, key) in [("证件号:310x9", plain), ("phone:7", plain), ("phone:7", veiled)] {
                #expect(try await find(q, key).error?.code == .invalidQuery, "\(q)")
            }
            let body = Data(#"{"tenant":"t","filter":"house:b","seconds":60}"#.utf8)
            struct Token: Decodable { let token: String }
            let token = try await stack.call("POST", "/v1/tokens", body: body, key: reader).value(as: Token.self).token
            #expect(try await find("证件号:310x9", token).error?.code == .invalidQuery, "a tenant")
            // A change of another field leaves it, one of this field moves it.
            try await stack.send("PATCH", "people", #"[{"house":"b","number":1,"note":"y"}]"#, key: veiled)
            #expect(try await found("证件号:310x9", reader) == all)
            try await stack.send("PATCH", "people", #"[{"house":"b","number":1,"document":"8"}]"#, key: veiled)
            #expect(try await found("证件号:310x9", reader) == Array(all.prefix(2)))
            #expect(try await found("证件号:8", reader) == ["b:1"])
            try await stack.stop()
        }

        @Test func whatNobodyHasReplacedGoesAfterItsTime() async throws {
            var stack = try await RunningStack()
            _ = try await stack.declare(Self.arrivals)
            try await stack.send("POST", "arrivals", #"[{"id":"D1","person":"甲"},{"id":"D2","phone":"7"}]"#)
            let folder = stack.folder
            try await stack.stop()
            // Three days later, as the gateway sees it.
            stack = try await RunningStack(.init(gatewayAhead: 3 * 86_400_000), folder: folder)
            try await stack.until { try await stack.search(in: "arrivals", "*").total == 0 }
            #expect(try await Self.key(stack, "D1").isEmpty)
            let status: StatusReply = try await stack.get("/v1/status")
            let counts = try #require(status.ingest?.collections.first { $0.name == "arrivals" }?.counts)
            #expect(counts.isBalanced && counts.searchable == 0 && counts.superseded == 4)
            try await stack.stop()
        }

        @Test func eachDeskIsToldOfItsOwnRecordsAndTheCountsBalance() async throws {
            let stack = try await RunningStack(.init(partitions: 2))
            _ = try await stack.declare(
                """
                collection: register
                identity: id
                partitions: 2
                fields:
                  id: keyword
                  community: {type: keyword, names: [居委], facet: true}
                  focus: {type: boolean, names: [重点]}
                  status: {type: keyword, names: [处置], default: 待核实, live: true}
                  note: {type: text, names: [备注]}
                """)
            let secret = KeySecret.random()
            try APIKeyFile.update(path: stack.folder + "/api-keys.json") { (file) throws(KuaibaoError) in
                file.keys.append(
                    APIKey(
                        id: secret.id, name: "desks", scopes: [.search, .watch, .add], collections: ["*"], createdAt: 0,
                        hash: secret.hash, publicKey: secret.publicKey))
            }
            try await stack.until { try await stack.call("GET", "/v1/collections", key: secret.text).status == 200 }
            func token(_ desk: Int) throws -> String {
                try TenantToken(
                    key: secret.id, tenant: "desk-\(desk)", filter: "居委:第\(desk)居委", expiresAt: .max / 2
                ).signed(with: secret)
            }
            for desk in 1...3 {
                let body = #"{"collection":"register","id":"desk-\#(desk)","q":"重点:是 处置:待核实"}"#
                let made = try await stack.call("POST", "/v1/watches", body: Data(body.utf8), key: try token(desk))
                #expect(made.error == nil && made.status < 300)
            }
            let records = (0..<60).map { number in
                #"{"id":"R\#(number)","居委":"第\#(number % 3 + 1)居委","重点":\#(number % 2 == 0)}"#
            }
            try await stack.send("POST", "register", "[" + records.joined(separator: ",") + "]", key: secret.text)
            func counts(_ desk: Int) async throws -> AlertCounts {
                try await stack.call("GET", "/v1/watches/desk-\(desk)", key: token(desk))
                    .value(as: RunningStack.WatchAnswer.self).counts
            }
            func told(_ desk: Int, _ query: [String: String] = ["limit": "500"]) async throws -> [String] {
                try await stack.call("GET", "/v1/watches/desk-\(desk)/alerts", query, key: token(desk))
                    .value(as: RunningStack.AlertsAnswer.self).alerts.map(\.item.document)
            }
            for desk in 1...3 {
                let own = (0..<60).filter { $0 % 3 + 1 == desk && $0 % 2 == 0 }.map { "R\($0)" }
                try await stack.until { try await counts(desk).matched == own.count }
                #expect(try await told(desk).sorted() == own.sorted(), "desk \(desk)")
                // A desk sees neither another's watch nor another's records.
                let other = desk % 3 + 1
                let foreign = try await stack.call("GET", "/v1/watches/desk-\(other)/alerts", key: try token(desk))
                #expect(foreign.error != nil)
                #expect(try await stack.search(in: "register", "居委:第\(other)居委", key: try token(desk)).total == 0)
            }
            // Dealt with: the record matches no more, and nobody is told. Told again where it matches in another way.
            try await stack.send("PATCH", "register", #"{"status":"已联系"}"#, id: "R0", key: secret.text)
            try await stack.send("PATCH", "register", #"{"note":"换了电话"}"#, id: "R6", key: secret.text)
            try await stack.until { try await counts(1).matched == 11 }
            #expect(try await told(1).count { $0 == "R0" } == 1)
            let settled = try await stack.acknowledge("desk-1", #"{"through":5}"#, key: try token(1))
            #expect(settled.error == nil)
            let one = try await counts(1)
            #expect(one.acknowledged == 5 && one.matched == one.acknowledged + one.pending + one.dead)
            try await stack.stop()
        }

        private static func key(_ stack: RunningStack, _ identity: String) async throws -> [RecordKey] {
            let copy = try RunningStack.makeFolder()
            try LedgerBackup.copy(directory: stack.folder + "/ledger", toFile: copy + "/" + SQLiteLedger.fileName)
            let ledger = try SQLiteLedger(directory: copy, processID: 1)
            defer { try? ledger.close() }
            return try ledger.recordKeys("arrivals", identity: identity)
        }

        private static func files(of folder: String, holding text: String) throws -> [String] {
            try files(of: folder, holding: Array(text.utf8))
        }

        /// Files of the data folder that hold these bytes as they are.
        private static func files(of folder: String, holding bytes: [UInt8]) throws -> [String] {
            let wanted = Data(bytes)
            let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
            return names.filter { name in
                (try? Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))?.range(of: wanted) != nil
            }
        }
    }
}

/// Reads a stream of boards over a connection of its own, on a thread of its own.
private final class EventReader: Sendable {
    private let text = Mutex<[UInt8]>([])
    private let file: Int32

    init(port: Int, target: String) throws {
        file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let file = file
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let request = Array("GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n".utf8)
        let sent = unsafe request.withUnsafeBytes { unsafe send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard connected == 0, sent == request.count else { throw URLError(.cannotConnectToHost) }
        Thread { [self] in
            var chunk = [UInt8](repeating: 0, count: 64 << 10)
            while case let count = unsafe recv(file, &chunk, chunk.count, 0), count > 0 {
                text.withLock { $0 += chunk[..<count] }
            }
            close(file)
        }.start()
    }

    /// Ends the connection; the thread closes it.
    func stop() { shutdown(file, Int32(SHUT_RDWR)) }

    /// Each event is one line of data, whatever chunks it came in.
    var boards: [Board] {
        String(decoding: text.withLock { $0 }, as: UTF8.self).split(separator: "\n").compactMap { line in
            guard line.hasPrefix("data: ") else { return nil }
            return try? JSONDecoder().decode(Board.self, from: Data(line.dropFirst(6).utf8))
        }
    }
}
