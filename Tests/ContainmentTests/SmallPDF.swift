// The smallest PDF with a line of text, for the tests.

/// Writes PDF files of one page.
enum SmallPDF {
    /// A page that shows `text` in Helvetica, `repeated` times below each other.
    static func page(text: String, repeated: Int = 1) -> [UInt8] {
        var content = "BT /F1 12 Tf 72 720 Td "
        content.reserveCapacity(repeated * 24)
        for _ in 0..<repeated { content += text.isEmpty ? "" : "(\(text)) Tj 0 -1 Td " }
        content += "ET"
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
            "<</Length \(content.utf8.count)>>\nstream\n\(content)\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
        return file(objects)
    }

    /// A page that draws a form which draws a form ten times, and so on: `10^levels` lines of text out of a few hundred bytes.
    static func nested(levels: Int) -> [UInt8] {
        var objects = [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>>>>>",
            "<</Length 5>>\nstream\n/X Do\nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
        let calls = String(repeating: "/X Do ", count: 10)
        for level in 1...levels {
            let isLast = level == levels
            let content = isLast ? "BT /F1 12 Tf 72 720 Td (bomb) Tj ET" : calls
            let resources = isLast ? "/Font<</F1 5 0 R>>" : "/XObject<</X \(level + 6) 0 R>>"
            objects.append(
                "<</Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<<\(resources)>>/Length \(content.utf8.count)>>"
                    + "\nstream\n\(content)\nendstream")
        }
        return file(objects)
    }

    private static func file(_ objects: [String]) -> [UInt8] {
        var bytes = Array("%PDF-1.4\n".utf8)
        var offsets: [Int] = []
        for (number, object) in objects.enumerated() {
            offsets.append(bytes.count)
            bytes += "\(number + 1) 0 obj\n\(object)\nendobj\n".utf8
        }
        let table = bytes.count
        bytes += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n".utf8
        for offset in offsets {
            let digits = String(offset)
            bytes += "\(String(repeating: "0", count: 10 - digits.count))\(digits) 00000 n \n".utf8
        }
        return bytes + "trailer<</Size \(objects.count + 1)/Root 1 0 R>>\nstartxref\n\(table)\n%%EOF\n".utf8
    }
}
