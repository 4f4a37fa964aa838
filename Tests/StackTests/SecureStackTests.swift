// The stack over TCP with keys: who has one of the right role gets in, nobody else does, and every refusal is counted.

import Foundation
import Glibc
import Messages
import ServiceKit
import Testing
import Transport
import ZeroMQ

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)))
    struct SecureStackTests {
        /// A stack with keys, and clients of it.
        private struct House {
            let maker: KeyMaker
            let stack: RunningStack
            let thread: PollThread
            let place: GatePlace

            init() async throws {
                place = try await GatePlace()
                maker = KeyMaker(root: try RunningStack.makeFolder())
                try maker.makeAll()
                var shape = RunningStack.Shape()
                shape.keys = maker.root
                stack = try await RunningStack(shape)
                thread = try PollThread(name: "test-client")
            }

            func client(_ folder: String?, to link: Link, at endpoint: String) throws -> RequestClient {
                let keys = try folder.map { folder throws in try KeyFolder(path: folder) }
                let security = LinkSecurity(keys: keys, plainTCP: .everywhere)
                return try RequestClient(
                    thread: thread, endpoint: endpoint, options: try security.connecting(to: link, at: endpoint),
                    prefix: "t\(Identifier.random().prefix(8))", now: SystemClock.monotonicMilliseconds)
            }

            func client(_ role: LinkRole, to link: Link, at endpoint: String) throws -> RequestClient {
                try client(maker.folder(of: role), to: link, at: endpoint)
            }

            /// Asks until somebody answers; the error that was answered, or nil for an answer. A refused handshake is no
            /// answer: a list may be about to change.
            func outcome(
                _ client: RequestClient, _ kind: Kind, _ body: some Encodable & Sendable, payload: [[UInt8]] = []
            ) async throws -> ErrorCode? {
                while true {
                    do {
                        _ = try await client.request(kind, body, payload: payload, timeoutMilliseconds: 20_000)
                        return nil
                    } catch let error as KuaibaoError
                        where error.code == .unavailable || error.message.contains("refuses this process's key")
                    {
                        try await Task.sleep(for: .milliseconds(5))
                    } catch let error as KuaibaoError {
                        return error.code
                    }
                }
            }

            func submit(_ client: RequestClient, _ text: String) async throws -> ErrorCode? {
                let bytes = Array(text.utf8)
                let request = SubmitRequest(
                    collection: "bulletins", documents: [SubmittedDocument(byteCount: bytes.count)])
                return try await outcome(client, .submit, request, payload: [bytes])
            }

            func count(_ name: String) async throws -> Double {
                let status: StatusReply = try await stack.get("/v1/status")
                return status.ingest?.counters[name] ?? status.counters[name] ?? -1
            }

            /// Waits until a counter has grown past `before`, while `client` keeps being let in by nobody.
            func waitUntilCounted(_ name: String, past before: Double, _ client: RequestClient) async throws {
                while try await count(name) <= before {
                    await #expect(throws: KuaibaoError.self) {
                        try await client.request(.ping, [String: String](), timeoutMilliseconds: 50)
                    }
                    try await Task.sleep(for: .milliseconds(5))
                }
            }

            func close() async throws {
                thread.stop()
                try await stack.stop()
                place.leave()
            }
        }

        @Test func documentsGoInAndAreFoundOverEncryptedLinks() async throws {
            let house = try await House()
            try await house.stack.add("加密通知\n\n各服务之间的连接已经加密。", identity: "curve")
            #expect(try await house.stack.search("已经加密").total == 1)
            let submit = try house.client(.submitClient, to: .submit, at: house.stack.submit)
            #expect(try await house.submit(submit, "直接提交\n\n由客户端提交。") == nil)
            let ask = try house.client(.askClient, to: .ask, at: house.stack.ask)
            #expect(try await house.outcome(ask, .status, [String: String]()) == nil)
            #expect(try await house.count("ingest_link_keys_admitted_total") >= 6)
            try await house.close()
        }

        /// A key of no list, a key of another role, and no key at all: none gets in, and each is counted.
        @Test func strangersAreRefusedAndCounted() async throws {
            let house = try await House()
            let stack = house.stack
            let stranger = KeyMaker(root: try RunningStack.makeFolder())
            try stranger.makeAll()
            // It knows the right server, but nobody knows it.
            for server in [LinkRole.ingestGateway, .queryGateway] {
                let name = "/\(server.rawValue).public"
                let target = stranger.folder(of: .submitClient) + name
                try FileManager.default.removeItem(atPath: target)
                try FileManager.default.copyItem(atPath: house.maker.folder(of: .submitClient) + name, toPath: target)
            }
            let cases: [(folder: String?, link: Link, endpoint: String, counter: String)] = [
                (stranger.folder(of: .submitClient), .submit, stack.submit, "ingest_submit_handshakes_failed_total"),
                (house.maker.folder(of: .askClient), .submit, stack.submit, "ingest_submit_handshakes_failed_total"),
                (house.maker.folder(of: .queryWorker), .ledger, stack.ledger, "ingest_ledger_handshakes_failed_total"),
                (house.maker.folder(of: .parseWorker), .ledger, stack.ledger, "ingest_ledger_handshakes_failed_total"),
                (house.maker.folder(of: .submitClient), .parse, stack.parse, "ingest_parse_handshakes_failed_total"),
                (house.maker.folder(of: .submitClient), .ask, stack.ask, "query_ask_handshakes_failed_total"),
                (house.maker.folder(of: .indexWorker), .search, stack.search, "query_search_handshakes_failed_total"),
                (nil, .submit, stack.submit, "ingest_submit_handshakes_failed_total"),
                (nil, .ledger, stack.ledger, "ingest_ledger_handshakes_failed_total"),
            ]
            for (folder, link, endpoint, counter) in cases {
                let before = try await house.count(counter)
                let client = try house.client(folder, to: link, at: endpoint)
                try await house.waitUntilCounted(counter, past: before, client)
            }
            #expect(try await house.count("ingest_link_keys_denied_total") >= 5)
            #expect(try await house.count("ingest_documents_accepted_total") == 0)
            try await house.close()
        }

        /// A key that a link admits is still held to its role there.
        @Test func aRoleIsHeldToItsRights() async throws {
            let house = try await House()
            let health = try house.client(.ingestGateway, to: .submit, at: house.stack.submit)
            #expect(try await house.outcome(health, .ping, [String: String]()) == nil)
            #expect(try await house.submit(health, "越权提交") == .notAllowed)
            #expect(try await house.count("ingest_submit_messages_denied_total") == 1)
            let query = try house.client(.queryGateway, to: .ledger, at: house.stack.ledger)
            #expect(
                try await house.outcome(query, .ledgerRequest, LedgerRequest.version(collection: "bulletins")) == nil)
            #expect(try await house.outcome(query, .ledgerRequest, LedgerRequest.forget(["x"])) == .notAllowed)
            let index = try house.client(.indexWorker, to: .ledger, at: house.stack.ledger)
            let drop = LedgerRequest.dropDeadLetter(collection: "bulletins", rawOffset: 0)
            #expect(try await house.outcome(index, .ledgerRequest, drop) == .notAllowed)
            #expect(try await house.count("ingest_ledger_messages_denied_total") == 2)
            try await house.close()
        }

        /// A subscriber of the news link whose key is taken off the list loses its connection and gets no other; one whose key
        /// stays is back and hears of what comes after.
        private func expectNewsEndWithTheKey(_ house: House) async throws {
            func subscriber(_ folder: String) throws -> Socket {
                let security = LinkSecurity(keys: try KeyFolder(path: folder), plainTCP: .everywhere)
                let socket = try Socket(.sub, options: try security.connecting(to: .news, at: house.stack.news))
                try socket.subscribe(Array("version/".utf8))
                return socket
            }
            func hears(_ socket: borrowing Socket) async throws -> Bool {
                while try socket.receive() != nil {}
                for _ in 0..<1000 {
                    try await house.stack.add("新闻\n\n\(Identifier.random())")
                    try await Task.sleep(for: .milliseconds(50))
                    if try socket.receive() != nil { return true }
                }
                return false
            }
            /// Waits for one of some events, and returns all until then.
            func events(
                of monitor: borrowing SocketMonitor, until wanted: Set<SocketMonitor.Event.Kind>
            ) async throws -> Set<SocketMonitor.Event.Kind> {
                var kinds: Set<SocketMonitor.Event.Kind> = []
                while kinds.isDisjoint(with: wanted) {
                    kinds.formUnion(try monitor.events(limit: 1).map(\.kind))
                    try await Task.sleep(for: .milliseconds(5))
                }
                return kinds
            }
            let kept = try subscriber(house.maker.folder(of: .indexWorker))
            let lost = try subscriber(try house.maker.add(.indexWorker, name: "second"))
            let monitor = try SocketMonitor(of: lost)
            try kept.connect(house.stack.news)
            // Until the list is read again it is refused, and libzmq does not try again by itself.
            try lost.connect(house.stack.news)
            while try await !events(of: monitor, until: [.handshakeSucceeded, .handshakeFailed]).contains(
                .handshakeSucceeded)
            {
                try? lost.disconnect(house.stack.news)
                try await Task.sleep(for: .milliseconds(200))
                try lost.connect(house.stack.news)
            }
            #expect(try await hears(kept))
            #expect(try await hears(lost))
            try house.maker.revoke(.indexWorker, name: "second")
            let kinds = try await events(of: monitor, until: [.handshakeFailed])
            #expect(kinds.contains(.disconnected) && !kinds.contains(.handshakeSucceeded))
            #expect(try await hears(kept))
        }

        /// Lists are read again without a restart; a key that is taken off loses its rights on connections that it has.
        @Test func keysComeAndGoWithoutARestart() async throws {
            let house = try await House()
            let folder = try house.maker.add(.submitClient, name: "newsroom")
            let client = try house.client(folder, to: .submit, at: house.stack.submit)
            #expect(try await house.submit(client, "新闻室\n\n新的密钥可以提交。") == nil)
            try house.maker.revoke(.submitClient, name: "newsroom")
            while try await house.submit(client, "新闻室\n\n旧的密钥不再可以提交。") != .notAllowed {
                try await Task.sleep(for: .milliseconds(20))
            }
            try await expectNewsEndWithTheKey(house)
            // A list that cannot be read leaves the former in force.
            let path = house.maker.folder(of: .ingestGateway) + "/allow"
            try Data("nonsense\n".utf8).write(to: URL(fileURLWithPath: path))
            while try await house.count("ingest_link_key_reloads_failed_total") < 1 {
                try await Task.sleep(for: .milliseconds(20))
            }
            try await house.stack.add("仍在服务\n\n名单损坏时仍在服务。")
            try await house.close()
        }
    }
}

/// The right to have this process's one ZAP handler, which suites of several modules use in turn.
struct GatePlace {
    private let descriptor: Int32

    init() async throws {
        descriptor = unsafe open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 { try await Task.sleep(for: .milliseconds(20)) }
    }

    func leave() { close(descriptor) }
}
