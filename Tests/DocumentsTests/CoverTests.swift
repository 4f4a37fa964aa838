// Every byte of the input lies in exactly one item, heading or named discard, whatever the input is.

import Messages
import Testing

@testable import Documents

@Suite struct CoverLaw {
    @Test(arguments: Seed.allCases)
    func holdsForSeeds(seed: Seed) throws {
        let bytes = try seed.bytes()
        expectCover(try parse(bytes), count: bytes.count)
    }

    @Test(arguments: Samples.all)
    func holdsForSamples(sample: String) throws {
        for type in ["text/plain", "text/markdown", "text/html"] {
            expectCover(try parse(sample, type: type), count: sample.utf8.count, type)
        }
    }

    @Test(arguments: Seed.allCases)
    func holdsForTruncations(seed: Seed) throws {
        let bytes = try seed.bytes()
        for count in stride(from: 40, to: bytes.count, by: 331) {
            let cut = Array(bytes[..<count])
            expectCover(try parse(cut), count: count, "cut at \(count)")
        }
    }

    @Test(arguments: Seed.allCases, [1, 2, 3] as [UInt64])
    func holdsForMutations(seed: Seed, number: UInt64) throws {
        let original = try seed.bytes()
        var generator = Generator(seed: number)
        for round in 0..<12 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...40, using: &generator) { mutate(&bytes, &generator) }
            let comment = "seed \(number) round \(round)"
            do throws(DocumentError) {
                let type = ["text/plain", "text/markdown", "text/html"].randomElement(using: &generator)
                let description = DocumentDescription(identity: "t", contentType: type)
                expectCover(try DocumentParser().parse(bytes, description), count: bytes.count, comment)
            } catch {
                #expect([.unreadableDocument, .emptyDocument].contains(error.code), "\(error) \(comment)")
            }
        }
    }

    @Test func holdsForLegacyEncodings() throws {
        for encoding in [TextEncoding.gb18030, .big5] {
            let bytes = try encode(Samples.digest, as: encoding)
            let document = try parse(bytes)
            #expect(document.encoding == encoding.rawValue)
            expectCover(document, count: bytes.count)
        }
    }

    private func mutate(_ bytes: inout [UInt8], _ generator: inout Generator) {
        guard bytes.count > 8 else { return }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
        case 3:
            let end = min(bytes.count, place + Int.random(in: 1...200, using: &generator))
            bytes.removeSubrange(place..<end)
        default:
            let piece =
                [
                    "来源：", "1月2日\n", "\n# ", "<p>", "</div>", "<script>", "《", "】", "。", "答：", "&#x4e2d;", "\r\n\r\n",
                    "---\n", "　　",
                ]
                .randomElement(using: &generator) ?? ""
            bytes.insert(contentsOf: Array(piece.utf8), at: place)
        }
    }
}

/// Documents of the tests' own making.
enum Samples {
    static let digest = """
        防疫快訊匯編

        2月1日

        市商務局部署節日供應工作

        市商務局今日召開會議，部署節日期間的主副食品供應工作，要求各區做好準備。

        來源：解放日報

        2月3日

        市衛生局通報情況

        截至2月2日24時，全市共有120名居民接受檢查，較前日減少近30人。

        來源：文匯報、新民晚報

        """
    static let page = """
        <html><head><title>某市加快供水改造_某市政府网</title><meta charset="utf-8"><style>p{color:red}</style></head>
        <body><div class="nav"><a href="/">首页</a><a href="/b">要闻</a></div>
        <div class="content"><h1>某市加快供水改造</h1><p>发布时间：2021-03-04 09:30　来源：某市日报</p>
        <p>今年以来，某市投入资金1.5亿元，完成36个小区的供水改造，惠及居民<b>2万余户</b>。</p>
        <p>下一步，该市将继续推进改造&nbsp;&mdash;&mdash;力争年底前完成90%以上。</p>
        <table><tr><td>区</td><td>户数</td></tr><tr><td>东区</td><td>1200</td></tr></table></div>
        <div class="footer">版权所有 某市政府</div><script>var a = "<p>不是正文</p>";</script></body></html>
        """
    static let questions = """
        政策问答

        问：个体工商户可以申请吗？
        答：可以。符合条件的个体工商户均可申请，最高补贴5000元。

        问：在哪里办理？
        答：在区行政服务中心二楼窗口办理。
        """
    static let all = [
        digest, page, questions, "一", "\u{FEFF}你好。", "a\r\n\r\nb\rc\n", "---\ntitle: x\n---\n正文。", "|a|b|\n|-|-|\n",
    ]
}

/// Encodes text in a legacy encoding by searching its table backwards.
func encode(_ text: String, as encoding: TextEncoding) throws -> [UInt8] {
    let table = try TextDecoder.table(of: encoding)
    var codes: [UInt32: [UInt8]] = [:]
    for lead in LegacyTable.leads {
        for trail in LegacyTable.trails {
            let scalar = table.scalar(lead, trail)
            if scalar != 0, codes[scalar] == nil { codes[scalar] = [lead, trail] }
        }
    }
    return text.unicodeScalars.flatMap { scalar -> [UInt8] in
        scalar.value < 0x80 ? [UInt8(scalar.value)] : codes[scalar.value] ?? [0x3F]
    }
}
