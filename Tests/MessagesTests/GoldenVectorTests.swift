// Bytes that every release must write and read alike, so that services of two releases understand each other.
// A change here is a change of the protocol: add a vector, never edit one.

import Messages
import Testing

/// A value with its bytes in both codecs: JSON as text, MessagePack in hexadecimal.
private struct Vector<Value: Codable & Equatable & Sendable>: Sendable {
    let value: Value
    let json: String
    let messagePack: String

    func check() throws {
        for (codec, bytes) in [(Codec.json, Array(json.utf8)), (.messagePack, try Self.bytes(messagePack))] {
            let written = try codec.encode(value)
            #expect(written == bytes, "\(codec) \(Self.text(written, codec))")
            #expect(try codec.decode(Value.self, from: bytes) == value)
        }
    }

    private static func text(_ bytes: [UInt8], _ codec: Codec) -> String {
        switch codec {
        case .json: String(decoding: bytes, as: UTF8.self)
        case .messagePack: bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
    }

    private static func bytes(_ hex: String) throws -> [UInt8] {
        let digits = Array(hex.filter { !$0.isWhitespace })
        return try stride(from: 0, to: digits.count, by: 2).map {
            try #require(UInt8(String(digits[$0..<min($0 + 2, digits.count)]), radix: 16))
        }
    }
}

@Suite struct GoldenVectorTests {
    @Test func header() throws {
        try Vector(
            value: Header(kind: .search, id: "m1", deadline: 1_700_000_000_000),
            json: #"""
                {"deadline":1700000000000,"id":"m1","kind":"search","protocol":"kuaibao","version":1}
                """#,
            messagePack: """
                85a870726f746f636f6ca76b75616962616fa776657273696f6e01a46b696e64a6736561726368a26964a26d31a86465
                61646c696e65cf0000018bcfe56800
                """
        ).check()
    }

    @Test func answerHeader() throws {
        try Vector(
            value: Header(
                kind: .searchReply, id: "r1", parent: "m1",
                trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            json: #"""
                {"id":"r1","kind":"search-reply","parent":"m1","protocol":"kuaibao",\#
                "trace":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","version":1}
                """#,
            messagePack: """
                86a870726f746f636f6ca76b75616962616fa776657273696f6e01a46b696e64ac7365617263682d7265706c79a26964
                a27231a6706172656e74a26d31a57472616365d93730302d306166373635313931366364343364643834343865623231
                31633830333139632d623761643662373136393230333333312d3031
                """
        ).check()
    }

    @Test func errorReply() throws {
        try Vector(
            value: KuaibaoError(.invalidQuery, "a parenthesis is open", fix: "close it", range: 3..<4),
            json: #"""
                {"code":"invalid-query","fix":"close it","message":"a parenthesis is open","range":[3,4]}
                """#,
            messagePack: """
                84a4636f6465ad696e76616c69642d7175657279a76d657373616765b56120706172656e746865736973206973206f70
                656ea3666978a8636c6f7365206974a572616e6765920304
                """
        ).check()
    }

    @Test func ready() throws {
        try Vector(
            value: Ready(name: "host-1", boot: "b2", window: 8, release: "1.0"),
            json: #"""
                {"boot":"b2","name":"host-1","release":"1.0","window":8}
                """#,
            messagePack: """
                84a46e616d65a6686f73742d31a4626f6f74a26232a677696e646f7708a772656c65617365a3312e30
                """
        ).check()
    }

    @Test func searchRequest() throws {
        try Vector(
            value: SearchRequest(
                collection: "bulletins",
                query: .and([
                    .phrase("复工", field: "title", slop: 2),
                    .not(.dates(DateRange(lower: 18_300, upper: nil), field: "date")),
                ]),
                limit: 300),
            json: #"""
                {"collection":"bulletins","limit":300,"query":{"and":[{"phrase":{"field":"title","slop":2,"value":"复工"}},\#
                {"not":{"dates":{"field":"date","from":"2020-02-08"}}}]}}
                """#,
            messagePack: """
                83aa636f6c6c656374696f6ea962756c6c6574696e73a5717565727981a3616e649281a670687261736583a576616c75
                65a6e5a48de5b7a5a56669656c64a57469746c65a4736c6f700281a36e6f7481a5646174657382a56669656c64a46461
                7465a466726f6daa323032302d30322d3038a56c696d6974cd012c
                """
        ).check()
    }

    @Test func item() throws {
        try Vector(
            value: Item(
                ordinal: 0, title: "通知", body: "近290万人次",
                published: Found(
                    PartialDate(month: 2, day: 8), Basis(rule: "heading", range: ByteRange(0, 40_000), certainty: 0.5)),
                figures: [
                    Figure(
                        subject: "人次", lower: nil, upper: 2_900_000, includesLower: false, includesUpper: true,
                        unit: "人次", comparator: "近", quote: "近290万人次", range: ByteRange(9, 27))
                ],
                language: "zh-Hans", range: ByteRange(0, -1)),
            json: #"""
                {"body":"近290万人次","citations":[],"districts":[],"events":[],\#
                "figures":[{"comparator":"近","includesLower":false,"includesUpper":true,\#
                "quote":"近290万人次","range":{"lower":9,"upper":27},"subject":"人次","unit":"人次",\#
                "upper":2900000}],"flags":[],"language":"zh-Hans","ordinal":0,\#
                "published":{"basis":{"certainty":0.5,"range":{"lower":0,"upper":40000},"rule":"heading"},\#
                "value":{"day":8,"month":2}},"questions":[],"range":{"lower":0,"upper":-1},"sources":[],\#
                "title":"通知"}
                """#,
            messagePack: """
                8da76f7264696e616c00a57469746c65a6e9809ae79fa5a4626f6479afe8bf91323930e4b887e4babae6aca1a9707562
                6c697368656482a576616c756582a56d6f6e746802a364617908a5626173697383a472756c65a768656164696e67a572
                616e676582a56c6f77657200a57570706572cd9c40a96365727461696e7479cb3fe0000000000000a66576656e747390
                a7736f757263657390a964697374726963747390a96369746174696f6e7390a7666967757265739188a77375626a6563
                74a6e4babae6aca1a57570706572cb4146201000000000ad696e636c756465734c6f776572c2ad696e636c7564657355
                70706572c3a4756e6974a6e4babae6aca1aa636f6d70617261746f72a3e8bf91a571756f7465afe8bf91323930e4b887
                e4babae6aca1a572616e676582a56c6f77657209a575707065721ba97175657374696f6e7390a86c616e6775616765a7
                7a682d48616e73a5666c61677390a572616e676582a56c6f77657200a57570706572ff
                """
        ).check()
    }
}
