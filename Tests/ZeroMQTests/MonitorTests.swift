// Connection events, heartbeats, probes, and strangers.

import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(5))) struct MonitorTests {
    @Test func connectionsAreSeenToComeAndGo() throws {
        let router = try Socket(.router)
        let monitor = try SocketMonitor(of: router)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        #expect(try expectEvent(.listening, from: monitor).endpoint == endpoint)
        do {
            let dealer = try Socket(.dealer)
            let dealerMonitor = try SocketMonitor(of: dealer)
            try dealer.connect(endpoint)
            try expectEvent(.connected, from: dealerMonitor)
            try expectEvent(.handshakeSucceeded, from: dealerMonitor)
            try expectEvent(.handshakeSucceeded, from: monitor)
        }
        try expectEvent(.disconnected, from: monitor)
    }

    @Test func aPeerThatFallsSilentIsDisconnected() throws {
        var options = SocketOptions()
        options.heartbeatInterval = 20
        options.heartbeatTimeout = 40
        let router = try Socket(.router, options: options)
        let monitor = try SocketMonitor(of: router)
        let peer = try RawPeer(try router.bind("tcp://127.0.0.1:*"))
        peer.shakeHands()
        try expectEvent(.handshakeSucceeded, from: monitor)
        try expectEvent(.disconnected, from: monitor)
        peer.send(message: "late")
    }

    @Test func aPeerThatNeverShakesHandsIsDisconnected() throws {
        var options = SocketOptions()
        options.handshakeInterval = 30
        let router = try Socket(.router, options: options)
        let monitor = try SocketMonitor(of: router)
        let peer = try RawPeer(try router.bind("tcp://127.0.0.1:*"))
        try expectEvent(.accepted, from: monitor)
        try expectEvent(.disconnected, from: monitor)
        peer.send(message: "late")
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt8]) func garbageDoesNotDisturbOthers(seed: UInt8) throws {
        let router = try Socket(.router)
        let endpoint = try router.bind("tcp://127.0.0.1:*")
        let dealer = try Socket(.dealer)
        try dealer.connect(endpoint)
        var state = seed
        let garbage = (0..<300).map { _ in
            state = state &* 181 &+ 101
            return state
        }
        let stranger = try RawPeer(endpoint)
        stranger.send(garbage)
        let greeter = try RawPeer(endpoint)
        greeter.shakeHands()
        greeter.send(garbage)
        try send(dealer, frames("still", "here"))
        var message = try receive(router)
        while message.last != Frame("here") { message = try receive(router) }
    }

    @Test func aRouterIsProbedByNewConnections() throws {
        var options = SocketOptions()
        options.probesRouter = true
        let router = try Socket(.router)
        let dealer = try Socket(.dealer, options: options)
        try dealer.connect(try router.bind("tcp://127.0.0.1:*"))
        // The dealer announces itself when its owner's poll sees the connection.
        #expect(try dealer.wait(for: .writing, milliseconds: patience))
        #expect(try receive(router).dropFirst() == frames("")[...])
    }

    @Test func monitorsMayEndBeforeAndAfterTheirSockets() throws {
        let router = try Socket(.router)
        do {
            let monitor = try SocketMonitor(of: router)
            let endpoint = try router.bind("tcp://127.0.0.1:*")
            try expectEvent(.listening, from: monitor)
            try router.unbind(endpoint)
        }
        let second = try SocketMonitor(of: router)
        drop(router)
        try expectEvent(.monitorStopped, from: second)
    }

    private func drop(_ socket: consuming Socket) {
        _ = socket.kind
    }
}
