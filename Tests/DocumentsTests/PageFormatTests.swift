// PDF layouts, Word documents and web archives become items of their text.

import Messages
import Testing

@testable import Documents

/// A layout as `pdftotext -bbox-layout` writes it, from lines with places.
private struct LayoutSource: PDFLayoutSource {
    var pages: [[(text: String, left: Double, top: Double, right: Double, height: Double, block: Int)]]

    func layout(of pdf: [UInt8]) throws(DocumentError) -> [UInt8] {
        var xml = "<html><body><doc>"
        for page in pages {
            xml += "<page width=\"595\" height=\"842\"><flow>"
            var block = -1
            for line in page {
                if line.block != block { xml += block < 0 ? "<block>" : "</block><block>" }
                block = line.block
                let box =
                    "xMin=\"\(line.left)\" yMin=\"\(line.top)\" xMax=\"\(line.right)\" yMax=\"\(line.top + line.height)\""
                xml += "<line \(box)><word \(box)>\(line.text)</word></line>"
            }
            xml += "</block></flow></page>"
        }
        return Array((xml + "</doc></body></html>").utf8)
    }
}

private func parsePDF(_ source: LayoutSource) throws -> (ParsedDocument, String) {
    let found = try DocumentParser(pdf: source).inspect(Array("%PDF-1.4".utf8), DocumentDescription(identity: "a.pdf"))
    return (found.parsed, String(decoding: found.text.bytes, as: UTF8.self))
}

@Suite struct PDFPages {
    @Test func joinsTheLinesOfAParagraphAcrossColumns() throws {
        let source = LayoutSource(pages: [
            [
                ("关于恢复公交运营的公告", 200, 60, 400, 18, 1),
                ("自三月五日起全市公交线路恢复运营并且请市民合理安", 60, 120, 280, 10, 2),
                ("排出行时间避免高峰出行给大家带来的种种不便之处以", 60, 134, 280, 10, 2),
                ("及拥挤。", 320, 120, 360, 10, 3),
                ("特此公告。", 340, 150, 390, 10, 4),
            ]
        ])
        let (parsed, text) = try parsePDF(source)
        #expect(parsed.format == "pdf")
        #expect(
            text.split(separator: "\n") == [
                "关于恢复公交运营的公告", "自三月五日起全市公交线路恢复运营并且请市民合理安排出行时间避免高峰出行给大家带来的种种不便之处以及拥挤。", "特此公告。",
            ])
        #expect(parsed.items.count == 1)
        #expect(parsed.items.first?.title == "关于恢复公交运营的公告")
    }

    @Test func leavesRunningHeadsAndPageNumbersOut() throws {
        let pages = (1...4).map { number in
            [
                ("上海市质量协会舆情汇编", 60.0, 30.0, 200.0, 10.0, 1), ("第\(["一", "二", "三", "四"][number - 1])段正文在这里说明情况。", 60, 200, 300, 10, 2),
                ("- \(number) -", 290, 800, 310, 10, 3),
            ]
        }
        let (parsed, text) = try parsePDF(LayoutSource(pages: pages))
        let bodies = parsed.items.map { $0.title + $0.body }.joined()
        #expect(!bodies.contains("舆情汇编"))
        #expect(!bodies.contains("- 1 -"))
        #expect(bodies.contains("第四段正文"))
        expectCover(parsed, count: text.utf8.count)
    }

    @Test func readsTablesRowByRow() throws {
        // Poppler gives the columns one after the other.
        var lines: [(text: String, left: Double, top: Double, right: Double, height: Double, block: Int)] = []
        for (column, cells) in [["区域", "封控区", "管控区", "防范区"], ["数量", "11893", "20458", "48602"], ["人口", "234", "451", "1647"]]
            .enumerated()
        {
            for (row, cell) in cells.enumerated() {
                let left = 60.0 + Double(column) * 150
                lines.append((cell, left, 100 + Double(row) * 20, left + 50, 10, column))
            }
        }
        let (_, text) = try parsePDF(LayoutSource(pages: [lines]))
        #expect(text.contains("封控区\t11893\t234\n管控区\t20458\t451\n"))
    }

    /// A layout whose text is no UTF-8, and its sources are a label: found by fuzzing.
    @Test func replacesBytesThatAreNoText() throws {
        struct Damaged: PDFLayoutSource {
            func layout(of pdf: [UInt8]) throws(DocumentError) -> [UInt8] {
                let box = "xMin=\"60\" yMin=\"60\" xMax=\"200\" yMax=\"72\""
                return Array("<page width=\"595\" height=\"842\"><block><line \(box)><word \(box)>来源：".utf8)
                    + [0xFF, 0xFF, 0xFF, 0x26, 0xE5, 0xAE, 0xF0] + Array("</word></line></block></page>".utf8)
            }
        }
        let found = try DocumentParser(pdf: Damaged()).inspect(Array("%PDF-1.4".utf8), DocumentDescription(identity: "a.pdf"))
        #expect(String(validating: found.text.bytes, as: UTF8.self)?.hasPrefix("来源：\u{FFFD}") == true)
    }

    @Test func saysThatAScanIsAScan() {
        #expect {
            try parsePDF(LayoutSource(pages: [[], [], []]))
        } throws: { error in
            let error = error as? DocumentError
            return error?.code == .unreadableDocument && error?.message.contains("3 pages and no text: it is a scan") == true
        }
    }

    @Test func refusesPDFWithoutAReader() {
        #expect {
            try parse(Array("%PDF-1.7\n".utf8))
        } throws: {
            ($0 as? DocumentError)?.code == .unsupportedFormat
        }
    }
}

@Suite struct WordDocuments {
    private func docx(_ body: String, styles: String = "") -> [UInt8] {
        StoredZip.zip([
            ("word/document.xml", Array("<w:document><w:body>\(body)</w:body></w:document>".utf8)),
            ("word/styles.xml", Array("<w:styles>\(styles)</w:styles>".utf8)),
        ])
    }

    @Test func readsHeadingsParagraphsListsAndTables() throws {
        let bytes = docx(
            """
            <w:p><w:pPr><w:pStyle w:val="2"/></w:pPr><w:r><w:t>关于恢复公交运营的通知</w:t></w:r></w:p>
            <w:p><w:r><w:t>全市</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>1200</w:t></w:r><w:r><w:t>条线路 &amp; 站点恢复。</w:t></w:r></w:p>
            <w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>佩戴口罩</w:t></w:r></w:p>
            <w:tbl><w:tr><w:tc><w:p><w:r><w:t>区</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>数</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
            <w:p><w:r><w:delText>删去的</w:delText><w:rPr><w:vanish/></w:rPr><w:t>藏起的</w:t></w:r></w:p>
            """, styles: "<w:style w:styleId=\"2\"><w:name w:val=\"heading 1\"/></w:style>")
        let found = try DocumentParser().inspect(bytes, DocumentDescription(identity: "a.docx"))
        #expect(found.parsed.format == "docx")
        #expect(
            String(decoding: found.text.bytes, as: UTF8.self) == "关于恢复公交运营的通知\n全市1200条线路 & 站点恢复。\n佩戴口罩\n区\t数\n")
        #expect(found.parsed.items.first?.title == "关于恢复公交运营的通知")
        expectCover(found.parsed, count: found.text.bytes.count)
    }

    @Test func tellsWhatAnotherZipIs() {
        for (name, word) in [("xl/workbook.xml", "Excel"), ("ppt/presentation.xml", "PowerPoint"), ("a.txt", "zip archive")] {
            #expect {
                try parse(StoredZip.zip([(name, [0x61])]))
            } throws: {
                ($0 as? DocumentError)?.code == .unsupportedFormat && ($0 as? DocumentError)?.message.contains(word) == true
            }
        }
    }

    @Test func readsACutOffPartWithoutTrapping() throws {
        let whole = "<w:p><w:r><w:t>全市公交线路恢复运营</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>区</w:t></w:r></w:p></w:tc></w:tr>"
        for count in stride(from: 0, to: whole.utf8.count, by: 7) {
            let part = String(decoding: Array(whole.utf8)[..<count], as: UTF8.self)
            _ = try? parse(docx(part))
        }
        #expect(try parse(docx(whole)).items.count == 1)
    }
}

@Suite struct WebArchives {
    private func record(_ type: String, _ address: String, _ block: String) -> String {
        "WARC/1.0\r\nWARC-Type: \(type)\r\nWARC-Target-URI: \(address)\r\nContent-Length: \(block.utf8.count)\r\n\r\n\(block)\r\n\r\n"
    }

    private func page(_ title: String, _ head: String = "Content-Type: text/html") -> String {
        "HTTP/1.1 200 OK\r\n\(head)\r\n\r\n<html><h1>\(title)</h1><p>全市公交线路恢复运营，请市民合理安排出行，注意防护。</p></html>"
    }

    @Test func makesItemsOfAllPages() throws {
        let archive =
            record("warcinfo", "", "software: x\r\n") + record("response", "https://a.example/1", page("公交恢复运营的公告"))
            + record("response", "https://a.example/logo.png", "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG")
            + record("response", "https://a.example/2", page("地铁恢复运营的公告"))
            + record("response", "https://a.example/3", "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n没有")
        let found = try DocumentParser().inspect(Array(archive.utf8), DocumentDescription(identity: "a.warc"))
        #expect(found.parsed.items.map(\.title) == ["公交恢复运营的公告", "地铁恢复运营的公告"])
        #expect(found.parsed.remainders.count { $0.name == "other-record" } == 3)
        expectCover(found.parsed, count: found.text.bytes.count)
    }

    @Test func takesChunksAway() throws {
        let body = "<html><h1>公交恢复运营的公告</h1><p>全市公交线路恢复运营，请市民合理安排出行。</p></html>"
        let bytes = Array(body.utf8)
        let chunked = String(bytes.count, radix: 16) + "\r\n" + body + "\r\n0\r\n\r\n"
        let archive = record(
            "response", "https://a.example/1",
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked)
        var records = WARCRecords(Array(archive.utf8), pageBytes: 1000)
        #expect(records.next()?.page == bytes)
        #expect(records.next() == nil)
    }

    @Test func brokenLengthsEndTheArchive() throws {
        let good = record("response", "https://a.example/1", page("公交恢复运营的公告"))
        for broken in ["WARC/1.0\r\nContent-Length: -5\r\n\r\n", "WARC/1.0\r\nContent-Length: 99999999999999999999\r\n\r\n", "rubbish"] {
            let parsed = try parse(good + broken)
            #expect(parsed.items.count == 1)
            #expect(parsed.warnings.contains("archive-broken"))
        }
    }
}
