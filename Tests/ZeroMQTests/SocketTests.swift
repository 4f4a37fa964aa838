// Sockets of every kind, and what send and receive promise.

import Testing
import ZeroMQ

/// Longest wait of a test; only a failing test takes so long.
let patience = 60_000

func frames(_ texts: String...) -> [Frame] {
    texts.map { Frame($0) }
}

/// Waits for one message.
func receive(_ socket: borrowing Socket) throws -> [Frame] {
    #expect(try socket.wait(for: .reading, milliseconds: patience), "no message came")
    return try #require(try socket.receive())
}

/// Waits until a peer is connected and has room, and sends.
func send(_ socket: borrowing Socket, _ message: [Frame]) throws {
    #expect(try socket.wait(for: .writing, milliseconds: patience), "no peer came")
    #expect(try socket.send(message) == .sent)
}

@Suite struct SocketPatternTests {
    @Test(arguments: ["tcp://127.0.0.1:*", "tcp://[::1]:*", "inproc://router-dealer"])
    func routerAndDealerExchangeMessages(endpoint: String) throws {
        let router = try Socket(.router)
        let dealer = try Socket(.dealer)
        try dealer.connect(try router.bind(endpoint))
        try send(dealer, frames("", "question"))
        let request = try receive(router)
        #expect(Array(request.dropFirst()) == frames("", "question"))
        #expect(try router.send([request[0], Frame("answer")]) == .sent)
        #expect(try receive(dealer) == frames("answer"))
        #expect(try dealer.receive() == nil)
    }

    @Test func requestAndReplyAlternate() throws {
        let rep = try Socket(.rep)
        let req = try Socket(.req)
        try req.connect(try rep.bind("tcp://127.0.0.1:*"))
        try send(req, frames("question"))
        let error = try #require(throws: ZeroMQError.self) { try req.send(frames("another")) }
        #expect(error.code == .wrongState)
        #expect(try receive(rep) == frames("question"))
        #expect(try rep.send(frames("answer")) == .sent)
        #expect(try receive(req) == frames("answer"))
    }

    @Test func pairsExchangeMessages() throws {
        let left = try Socket(.pair)
        let right = try Socket(.pair)
        try left.bind("inproc://pairs")
        try right.connect("inproc://pairs")
        try send(left, frames("a"))
        #expect(try receive(right) == frames("a"))
        try send(right, frames("b"))
        #expect(try receive(left) == frames("b"))
    }

    @Test func subscribersGetWhatTheySubscribedTo() throws {
        let publisher = try Socket(.xpub)
        let subscriber = try Socket(.sub)
        try subscriber.connect(try publisher.bind("tcp://127.0.0.1:*"))
        try subscriber.subscribe(Array("news/".utf8))
        #expect(try receive(publisher) == [Frame([1] + Array("news/".utf8))])
        #expect(try publisher.send(frames("other/", "x")) == .sent)
        #expect(try publisher.send(frames("news/", "y")) == .sent)
        #expect(try receive(subscriber) == frames("news/", "y"))
        try subscriber.unsubscribe(Array("news/".utf8))
        #expect(try receive(publisher) == [Frame([0] + Array("news/".utf8))])
    }

    @Test func publishersNeverBlock() throws {
        let publisher = try Socket(.pub)
        try publisher.bind("tcp://127.0.0.1:*")
        #expect(try publisher.send(frames("nobody", "listens")) == .sent)
    }
}

@Suite struct SocketMessageTests {
    @Test(arguments: [0, 1, 33, 34, 8_191, 8_192, 16_383, 16_384, 65_536, 1 << 20, 3_000_001])
    func framesOfEverySizeComeBackTwice(count: Int) throws {
        let router = try Socket(.router)
        let dealer = try Socket(.dealer)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try send(dealer, [Frame(bytes), Frame([]), Frame(bytes)])
        let message = try receive(router)
        #expect(message.dropFirst().map(\.count) == [count, 0, count])
        #expect(message[1].bytes == bytes)
        #expect(message[3].withSpan { $0.byteCount } == count)
        // Received frames are sent on as they are.
        #expect(try router.send(message) == .sent)
        #expect(try receive(dealer).map(\.bytes) == [bytes, [], bytes])
        #expect(message[1].bytes == bytes)
    }

    @Test func lentFramesLiveUntilTheyAreSentAndNoLonger() throws {
        let left = try Socket(.pair)
        let right = try Socket(.pair)
        try left.bind("inproc://lent")
        try right.connect("inproc://lent")
        weak var released: Frame?
        do {
            let frame = Frame([UInt8](repeating: 9, count: Frame.lentBytes))
            released = frame
            try send(left, [frame])
        }
        #expect(released != nil)
        do {
            let message = try receive(right)
            #expect(message[0].bytes == [UInt8](repeating: 9, count: Frame.lentBytes))
            #expect(released != nil)
        }
        #expect(released == nil)
    }

    @Test func aRouterNamesPeersThatAreGoneUnreachable() throws {
        let router = try Socket(.router)
        try router.bind("tcp://127.0.0.1:*")
        #expect(try router.send(frames("nobody", "x")) == .unreachable)
        #expect(try router.send([Frame("nobody"), Frame([UInt8](repeating: 0, count: 1 << 17))]) == .unreachable)
    }

    @Test func aDealerWithoutAPeerWouldBlock() throws {
        let dealer = try Socket(.dealer)
        try dealer.connect("tcp://127.0.0.1:1")
        #expect(try dealer.send(frames("x")) == .wouldBlock)
    }

    @Test func theHighWaterMarkBoundsWhatIsQueued() throws {
        var options = SocketOptions()
        options.sendHighWaterMark = 5
        options.receiveHighWaterMark = 5
        let left = try Socket(.dealer, options: options)
        let right = try Socket(.dealer, options: options)
        try left.bind("inproc://marks")
        try right.connect("inproc://marks")
        var sent = 0
        while try left.send(frames("head", "\(sent)")) == .sent {
            sent += 1
            guard sent < 100 else { break }
        }
        #expect(sent == 10)
        for expected in 0..<sent { #expect(try receive(right) == frames("head", "\(expected)")) }
        try send(left, frames("again"))
        #expect(try receive(right) == frames("again"))
    }

    @Test func surplusFramesAreDrainedAndSeenAsTooMany() throws {
        var options = SocketOptions()
        options.keptFrames = 3
        let left = try Socket(.pair)
        let right = try Socket(.pair, options: options)
        try left.bind("inproc://surplus")
        try right.connect("inproc://surplus")
        try send(left, (0..<100).map { Frame("\($0)") })
        try send(left, frames("next"))
        #expect(try receive(right) == frames("0", "1", "2"))
        #expect(try receive(right) == frames("next"))
    }

    @Test func batchesAreBounded() throws {
        let left = try Socket(.pair)
        let right = try Socket(.pair)
        try left.bind("inproc://batches")
        try right.connect("inproc://batches")
        for number in 0..<10 { try send(left, frames("\(number)")) }
        #expect(try right.wait(for: .reading, milliseconds: patience))
        var sizes: [Int] = []
        while case let batch = try right.receiveBatch(limit: 4), !batch.isEmpty { sizes.append(batch.count) }
        #expect(sizes == [4, 4, 2])
    }

    @Test func framesBeyondTheLimitEndTheConnection() throws {
        var options = SocketOptions()
        options.maxFrameBytes = 1_000
        options.reconnectInterval = 10
        let router = try Socket(.router, options: options)
        let dealer = try Socket(.dealer, options: options)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        let monitor = try SocketMonitor(of: router)
        try send(dealer, [Frame([UInt8](repeating: 0, count: 1_001))])
        try expectEvent(.disconnected, from: monitor)
        #expect(try router.receive() == nil)
    }

    @Test func aMessageWithoutFramesIsRefused() throws {
        let pair = try Socket(.pair)
        #expect(try #require(throws: ZeroMQError.self) { try pair.send([]) }.code == .wrongState)
    }
}

@Suite struct SocketErrorTests {
    @Test func endpointsInUseAndWrongOnesAreTold() throws {
        let first = try Socket(.router)
        let endpoint = try first.bind("tcp://127.0.0.1:*")
        #expect(!endpoint.hasSuffix("*") && !endpoint.hasSuffix(":0"))
        let second = try Socket(.router)
        let inUse = try #require(throws: ZeroMQError.self) { try second.bind(endpoint) }
        #expect(inUse.code == .addressInUse)
        #expect(inUse.endpoint == endpoint)
        #expect(inUse.message.contains(endpoint))
        for wrong in ["carrier-pigeon://loft", "tcp://", "nonsense"] {
            #expect(throws: ZeroMQError.self) { try second.bind(wrong) }
        }
        #expect(throws: ZeroMQError.self) { try second.disconnect("tcp://127.0.0.1:9") }
        try first.unbind(endpoint)
    }

    @Test func optionsOutsideTheirRangesAreRefusedByName() throws {
        let changes: [(String, @Sendable (inout SocketOptions) -> Void)] = [
            ("linger", { $0.linger = -1 }), ("sendHighWaterMark", { $0.sendHighWaterMark = 0 }),
            ("receiveHighWaterMark", { $0.receiveHighWaterMark = .max }), ("maxFrameBytes", { $0.maxFrameBytes = 0 }),
            ("keptFrames", { $0.keptFrames = 0 }), ("reconnectJitter", { $0.reconnectJitter = .max }),
            ("backlog", { $0.backlog = 0 }), ("handshakeInterval", { $0.handshakeInterval = 0 }),
            ("heartbeatInterval", { $0.heartbeatInterval = -5 }),
        ]
        for (name, change) in changes {
            var options = SocketOptions()
            change(&options)
            let error = try #require(throws: ZeroMQError.self) { _ = try Socket(.dealer, options: options) }
            #expect(error.code == .invalidOption)
            #expect(error.message.contains(name), "\(error)")
        }
    }

    @Test func everyKindTakesTheDefaultOptions() throws {
        for kind in Socket.Kind.allCases { _ = try Socket(kind) }
    }

    @Test func theContextIsConfiguredBeforeTheFirstSocketOnly() throws {
        _ = try Socket(.pair)
        #expect(try #require(throws: ZeroMQError.self) { try Context.shared.configure() }.code == .wrongState)
        #expect(
            try #require(throws: ZeroMQError.self) { try Context.shared.configure(ioThreads: 0) }.code == .invalidOption
        )
    }
}

/// Waits until a monitor has seen an event of a kind.
@discardableResult
func expectEvent(
    _ kind: SocketMonitor.Event.Kind, from monitor: borrowing SocketMonitor
) throws -> SocketMonitor.Event {
    while try monitor.socket.wait(for: .reading, milliseconds: patience) {
        if let event = try monitor.events(limit: 1).first(where: { $0.kind == kind }) { return event }
    }
    throw MissingEvent(kind: kind)
}

/// Waits for the end of a handshake that did not succeed: told by the peer, or seen as a connection that was closed.
func expectRefusal(from monitor: borrowing SocketMonitor) throws {
    while try monitor.socket.wait(for: .reading, milliseconds: patience) {
        if try monitor.events(limit: 1).contains(where: { $0.kind == .handshakeFailed || $0.kind == .handshakeLost }) {
            return
        }
    }
    throw MissingEvent(kind: .handshakeFailed)
}

struct MissingEvent: Error {
    let kind: SocketMonitor.Event.Kind
}
