// CURVE and the allow-list: who gets in, who does not, and what is told about it.

import Glibc
import Testing
import ZeroMQ

/// The process has one place for a ZAP handler, so these run one after another.
@Suite(.serialized, .timeLimit(.minutes(5))) struct CurveTests {
    private struct House {
        let thread: PollThread
        let handler: ZAPHandler
        let server: (publicKey: Curve.PublicKey, secretKey: Curve.SecretKey)
        let client: (publicKey: Curve.PublicKey, secretKey: Curve.SecretKey)
        private let place: Int32

        init() async throws {
            // Other suites of this process, of other modules, have handlers too; this file says whose turn it is.
            place = unsafe open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
            while flock(place, LOCK_EX | LOCK_NB) != 0 { try await Task.sleep(for: .milliseconds(20)) }
            thread = try PollThread(name: "test-zap")
            server = try Curve.makeKeyPair()
            client = try Curve.makeKeyPair()
            handler = try ZAPHandler(thread: thread, allowLists: ["submit": [client.publicKey: "console"]])
            try await handler.start()
        }

        func leave() { Glibc.close(place) }

        func router(domain: String) throws -> Socket {
            var options = SocketOptions()
            options.curve = .server(secretKey: server.secretKey, domain: domain)
            return try Socket(.router, options: options)
        }

        func dealer(_ pair: (publicKey: Curve.PublicKey, secretKey: Curve.SecretKey)? = nil) throws -> Socket {
            let pair = pair ?? client
            var options = SocketOptions()
            options.linger = 0
            options.curve = .client(serverKey: server.publicKey, publicKey: pair.publicKey, secretKey: pair.secretKey)
            return try Socket(.dealer, options: options)
        }

        /// Ends the handler's thread, so that the next test's handler finds the place free.
        ///
        /// - Parameter keepsPlace: true where nobody else may start one yet; `leave` then ends that.
        func close(keepsPlace: Bool = false) async throws {
            try await handler.stop()
            thread.stop()
            await thread.waitUntilStopped()
            if !keepsPlace { Glibc.close(place) }
        }
    }

    @Test func aListedKeyGetsInAndItsUserIsKnown() async throws {
        let house = try await House()
        let router = try house.router(domain: "submit")
        let dealer = try house.dealer()
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        try send(dealer, [Frame("hello"), Frame([UInt8](repeating: 1, count: 100_000))])
        let message = try receive(router)
        #expect(message.dropFirst().map(\.userID) == ["console", "console"])
        #expect(message[2].count == 100_000)
        #expect(await house.handler.counts == ZAPHandler.Counts(allowed: 1, denied: 0))
        try await house.close()
    }

    @Test func anUnlistedKeyIsDenied() async throws {
        let house = try await House()
        let router = try house.router(domain: "submit")
        let dealer = try house.dealer(try Curve.makeKeyPair())
        let monitor = try SocketMonitor(of: dealer)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        try expectRefusal(from: monitor)
        #expect(try dealer.send(frames("x")) == .wouldBlock)
        #expect(await house.handler.counts.denied >= 1)
        #expect(await house.handler.counts.allowed == 0)
        try await house.close()
    }

    @Test func aDomainWithoutAListIsDenied() async throws {
        let house = try await House()
        let router = try house.router(domain: "ledger")
        let dealer = try house.dealer()
        let monitor = try SocketMonitor(of: dealer)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        try expectRefusal(from: monitor)
        #expect(await house.handler.counts.allowed == 0)
        try await house.close()
    }

    @Test func aClientWithoutCurveIsDenied() async throws {
        let house = try await House()
        let router = try house.router(domain: "submit")
        let monitor = try SocketMonitor(of: router)
        let dealer = try Socket(.dealer)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        try expectRefusal(from: monitor)
        #expect(try dealer.send(frames("x")) == .wouldBlock)
        #expect(try router.receive() == nil)
        try await house.close()
    }

    @Test func withoutAHandlerNobodyGetsIn() async throws {
        let house = try await House()
        let router = try house.router(domain: "submit")
        try await house.close(keepsPlace: true)
        let dealer = try house.dealer()
        let monitor = try SocketMonitor(of: dealer)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        try expectRefusal(from: monitor)
        house.leave()
    }

    @Test func aNewListHoldsFromThenOn() async throws {
        let house = try await House()
        let router = try house.router(domain: "submit")
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let newcomer = try Curve.makeKeyPair()
        try await house.handler.replace(["submit": [newcomer.publicKey: "newcomer"]])
        let dealer = try house.dealer(newcomer)
        try dealer.connect(endpoint)
        try send(dealer, frames("x"))
        #expect(try receive(router).last?.userID == "newcomer")
        let former = try house.dealer()
        let monitor = try SocketMonitor(of: former)
        try former.connect(endpoint)
        try expectRefusal(from: monitor)
        try await house.close()
    }

    @Test func publishedKeysAreRefusedEverywhere() async throws {
        let house = try await House()
        let published = try #require(Curve.PublicKey(z85: "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"))
        let secret = try #require(Curve.SecretKey(z85: "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"))
        let serverSecret = try #require(Curve.SecretKey(z85: "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6"))
        #expect(try Curve.publicKey(of: secret) == published)
        #expect(Curve.isPublished(try Curve.publicKey(of: serverSecret)))
        #expect(!Curve.isPublished(house.client.publicKey))
        for role in [
            CurveRole.server(secretKey: serverSecret, domain: "d"), .server(secretKey: secret, domain: "d"),
            .client(serverKey: published, publicKey: house.client.publicKey, secretKey: house.client.secretKey),
            .client(serverKey: house.server.publicKey, publicKey: published, secretKey: secret),
        ] {
            var options = SocketOptions()
            options.curve = role
            let error = try #require(throws: ZeroMQError.self) { _ = try Socket(.router, options: options) }
            #expect(error.code == .invalidKey)
        }
        await #expect(throws: ZeroMQError.self) { try await house.handler.replace(["submit": [published: "user"]]) }
        try await house.close()
    }

    @Test func malformedRequestsAreCountedAndNotAnswered() async throws {
        let house = try await House()
        var options = SocketOptions()
        options.linger = 0
        let intruder = try Socket(.dealer, options: options)
        try intruder.connect("inproc://zeromq.zap.01")
        try send(intruder, frames("", "1.0"))
        try send(intruder, frames("", "2.0", "1", "submit", "a", "", "CURVE", "k"))
        try send(intruder, frames("", "1.0", "7", "submit", "127.0.0.1", "", "CURVE", "too short"))
        let reply = try receive(intruder)
        #expect(reply[2] == Frame("7"))
        #expect(reply[3] == Frame("400"))
        try send(intruder, frames("", "1.0", "8", "submit", "127.0.0.1", "", "NULL"))
        #expect(try receive(intruder)[3] == Frame("400"))
        #expect(await house.handler.counts == ZAPHandler.Counts(allowed: 0, denied: 2, malformed: 2))
        try await house.close()
    }
}

@Suite struct KeyTests {
    @Test func pairsAreNewAndBelongTogether() throws {
        let first = try Curve.makeKeyPair()
        let second = try Curve.makeKeyPair()
        #expect(first.publicKey != second.publicKey)
        #expect(try Curve.publicKey(of: first.secretKey) == first.publicKey)
        #expect(Curve.PublicKey(z85: first.publicKey.z85) == first.publicKey)
    }

    @Test func secretKeysDoNotShowThemselves() throws {
        let key = try Curve.makeKeyPair().secretKey
        let text = key.revealed()
        #expect(text.count == 40)
        #expect(!"\(key)".contains(text) && !String(reflecting: key).contains(text))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains(text))
        #expect(!dumped.contains("bytes"))
    }

    @Test func wrongKeysAreRefused() {
        #expect(Curve.PublicKey(bytes: [1]) == nil)
        #expect(Curve.PublicKey(z85: "short") == nil)
        #expect(Curve.SecretKey(z85: String(repeating: "~", count: 40)) == nil)
    }

    @Test func z85FollowsItsRFC() {
        #expect(Z85.encode([0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b]) == "HelloWorld")
        #expect(Z85.decode("HelloWorld") == [0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b])
        #expect(Z85.encode([]) == "")
        #expect(Z85.encode([1, 2, 3]) == nil)
        #expect(Z85.decode("abcd") == nil)
        #expect(Z85.decode("abcd\"") == nil)
        #expect(Z85.decode("abcdé") == nil)
        #expect(Z85.decode("%nSc0") == [0xff, 0xff, 0xff, 0xff])
        #expect(Z85.decode("%nSc1") == nil)
    }
}
