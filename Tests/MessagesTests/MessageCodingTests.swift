// Messages to frames and back; what is refused, with which code, and what an error reply to it names.

import Messages
import Testing

private let codecs = Codec.allCases

private func refusal(_ frames: [[UInt8]]) throws -> MessageRejection {
    try #require(throws: MessageRejection.self) { try Message.decode(frames: frames) }
}

@Suite struct MessageRoundTripTests {
    @Test(arguments: codecs) func aMessageComesBackFromItsFrames(codec: Codec) throws {
        let request = SearchRequest(collection: "bulletins", q: "复工复产", limit: 3)
        let header = Header(kind: .search, id: "m1", deadline: .max, trace: "00-ab-cd-01")
        let message = try Message(header, codec: codec, encoding: request, payload: [[1, 2], []])
        let frames = try message.encode()
        #expect(frames.count == 4)
        let copy = try Message.decode(frames: frames)
        #expect(copy == message)
        #expect(copy.kind == .search)
        #expect(try copy.body(as: SearchRequest.self) == request)
    }

    @Test(arguments: codecs) func aMessageWithoutABodyIsOneFrame(codec: Codec) throws {
        let message = try Message(Header(kind: .ping, id: "m1"), codec: codec)
        #expect(try message.encode().count == 1)
        #expect(try Message.decode(frames: message.encode()) == message)
        let error = try #require(throws: KuaibaoError.self) { try message.body(as: Ready.self) }
        #expect(error.code == .invalidMessage)
    }

    @Test func payloadWithoutABodyKeepsItsPlace() throws {
        let message = try Message(Header(kind: .done, id: "m1"), payload: [[9]])
        #expect(try message.encode().count == 3)
        #expect(try Message.decode(frames: message.encode()) == message)
    }

    @Test(arguments: codecs) func aReplyNamesItsParentAndKeepsCodecAndTrace(codec: Codec) throws {
        let request = try Message(Header(kind: .search, id: "m7", trace: "t"), codec: codec)
        let reply = try request.errorReply(KuaibaoError(.busy, "all workers are busy", fix: "try again"), id: "r1")
        #expect(reply.codec == codec)
        #expect(reply.kind == .error)
        #expect(reply.header.parent == "m7")
        #expect(reply.header.trace == "t")
        #expect(try reply.body(as: KuaibaoError.self).code == .busy)
    }

    @Test func limitsHoldForTheSenderToo() throws {
        let header = Header(kind: .submit, id: "m1")
        let many = try Message(header, body: [0x80], payload: Array(repeating: [], count: 15))
        #expect(try #require(throws: KuaibaoError.self) { try many.encode() }.code == .internal)
        let large = [UInt8](repeating: 0, count: EnvelopeLimits.payloadBytes + 1)
        let heavy = try Message(header, body: [0x80], payload: [large])
        #expect(try #require(throws: KuaibaoError.self) { try heavy.encode() }.code == .documentTooLarge)
        let exact = try Message(
            header, body: [0x80], payload: [Array(large.dropLast())] + Array(repeating: [], count: 13))
        #expect(try Message.decode(frames: exact.encode()).payload.count == 14)
    }
}

@Suite struct MessageRefusalTests {
    private struct LooseHeader: Encodable {
        var `protocol`: String? = "kuaibao"
        var version: Int? = 1
        var kind: String? = "ping"
        var id: String? = "m1"
        var parent: String?
        var surplus = [["x": 1]]
    }

    private func frames(_ header: LooseHeader, _ codec: Codec) throws -> [[UInt8]] {
        [try codec.encode(header)]
    }

    @Test(arguments: codecs) func unknownFieldsAreIgnored(codec: Codec) throws {
        #expect(try Message.decode(frames: frames(LooseHeader(), codec)).kind == .ping)
    }

    @Test(arguments: codecs) func anUnknownProtocolVersionOrKindIsRefusedByName(codec: Codec) throws {
        let cases: [(LooseHeader, ErrorCode)] = [
            (LooseHeader(protocol: "http"), .invalidMessage), (LooseHeader(protocol: nil), .invalidMessage),
            (LooseHeader(version: 2), .unknownVersion), (LooseHeader(version: nil), .invalidMessage),
            (LooseHeader(kind: "dance"), .unknownKind), (LooseHeader(kind: nil), .invalidMessage),
            (LooseHeader(version: 9, kind: "dance"), .unknownVersion),
        ]
        for (header, code) in cases {
            let refused = try refusal(frames(header, codec))
            #expect(refused.error.code == code, "\(header)")
            #expect(refused.parent == "m1")
            #expect(refused.codec == codec)
            let reply = try #require(refused.reply(id: "r1"))
            #expect(reply.header.parent == "m1")
            #expect(reply.codec == codec)
            #expect(try reply.body(as: KuaibaoError.self) == refused.error)
        }
    }

    @Test(arguments: codecs) func idsOfNoByteOrTooManyAreRefusedAndNotRepeated(codec: Codec) throws {
        for id in ["", String(repeating: "x", count: 65), String(repeating: "复", count: 22)] {
            let refused = try refusal(frames(LooseHeader(id: id), codec))
            #expect(refused.error.code == .invalidMessage)
            #expect(refused.parent == nil)
        }
        #expect(try refusal(frames(LooseHeader(id: nil), codec)).parent == nil)
        #expect(
            try Message.decode(frames: frames(LooseHeader(id: String(repeating: "x", count: 64)), codec)).kind == .ping)
        #expect(try refusal(frames(LooseHeader(parent: ""), codec)).error.code == .invalidMessage)
    }

    @Test(arguments: codecs) func answersAreNeverAnswered(codec: Codec) throws {
        #expect(try refusal(frames(LooseHeader(kind: "dance", parent: "p"), codec)).reply(id: "r") == nil)
        #expect(try refusal(frames(LooseHeader(version: 7, kind: "error"), codec)).reply(id: "r") == nil)
    }

    @Test(arguments: codecs) func framesBeyondTheLimitsAreRefusedWithTheirID(codec: Codec) throws {
        let header = try codec.encode(Header(kind: .submit, id: "m1"))
        let tooMany = [header] + Array(repeating: [], count: EnvelopeLimits.frameCount)
        let tooLargeBody = [header, [UInt8](repeating: 0, count: EnvelopeLimits.bodyBytes + 1)]
        for frames in [tooMany, tooLargeBody] {
            let refused = try refusal(frames)
            #expect(refused.error.code == .invalidMessage)
            #expect(refused.parent == "m1")
        }
    }

    @Test func headersThatAreNoneAreAnsweredInJSON() throws {
        let oversized = Array("{\"id\":\"m1\",\"x\":\"".utf8) + [UInt8](repeating: 0x61, count: 4096)
        for frames in [[], [[]], [[0x93]], [Array("[]".utf8)], [oversized], [Array(" {}".utf8)]] as [[[UInt8]]] {
            let refused = try refusal(frames)
            #expect(refused.error.code == .invalidMessage)
            #expect(refused.reply(id: "r")?.codec == .json)
        }
        #expect(try refusal([Array("{\"id\":".utf8)]).error.code == .invalidMessage)
        #expect(try refusal([[0x81, 0xa2]]).error.code == .invalidMessage)
    }

    @Test(arguments: codecs) func aWrongBodyNamesItsField(codec: Codec) throws {
        let message = try Message(Header(kind: .ready, id: "m1"), codec: codec, encoding: ["name": 1])
        let error = try #require(throws: KuaibaoError.self) { try message.body(as: Ready.self) }
        #expect(error.code == .invalidMessage)
        #expect(error.message.contains("name"))
    }

    @Test func deepJSONIsRefusedBeforeItIsRead() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        struct Anything: Decodable { init(from decoder: any Decoder) {} }
        _ = try Codec.json.decode(Anything.self, from: nested(EnvelopeLimits.depth))
        #expect(throws: DecodingError.self) {
            try Codec.json.decode(Anything.self, from: nested(EnvelopeLimits.depth + 1))
        }
        let brackets = Array("\"\\\"\(String(repeating: "[", count: 99))\"".utf8)
        #expect(try Codec.json.decode(String.self, from: brackets).count == 100)
    }

    @Test(arguments: [41, 42, 43] as [UInt64]) func damagedHeadersNeverTrap(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let codec = codecs.randomElement(using: &generator)!
            var frame = try codec.encode(generator.header())
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                frame[Int.random(in: 0..<frame.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            let frames = [frame] + generator.many(upTo: 3) { Array($0.text(upTo: 9).utf8) }
            do {
                let message = try Message.decode(frames: frames)
                #expect(try Message.decode(frames: message.encode()) == message, "seed \(seed)")
            } catch let refused as MessageRejection {
                let codes: [ErrorCode] = [.invalidMessage, .unknownKind, .unknownVersion]
                #expect(codes.contains(refused.error.code), "seed \(seed)")
            }
        }
    }
}
