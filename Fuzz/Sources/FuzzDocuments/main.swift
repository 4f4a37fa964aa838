// Every reader of documents under libFuzzer: the first byte of an input chooses the format, the rest is the document.
//
// A run fails on a trap, on more than the time or memory that libFuzzer allows, and on a broken law of the cover: items and
// remainders are sorted, disjoint, not empty, and cover every byte.

import CFuzzer
import Documents
import Messages

/// A layout that is the input itself.
struct InputLayout: PDFLayoutSource {
    let bytes: [UInt8]

    func layout(of pdf: [UInt8]) throws(DocumentError) -> [UInt8] { bytes }
}

let names = ["a", "a.txt", "a.md", "a.html", "a.json", "a.ndjson", "a.csv", "a.xml", "a.pdf", "a.docx", "a.warc"]
let limits = ParserLimits(bytes: 4 << 20, lines: 100_000, items: 500)

func check(_ input: UnsafeBufferPointer<UInt8>) {
    guard let choice = input.first else { return }
    let content = Array(input.dropFirst())
    let name = names[Int(choice) % names.count]
    let description = DocumentDescription(identity: "fuzz", sourceAddress: name)
    let isLayout = name == "a.pdf"
    let parser = DocumentParser(limits: limits, pdf: InputLayout(bytes: content))
    let document = isLayout ? Array("%PDF-1.4".utf8) : content
    guard let (parsed, text) = try? parser.inspect(document, description) else { return }
    let ranges = (parsed.items.map(\.range) + parsed.remainders.map(\.range)).sorted { $0.lower < $1.lower }
    var position = 0
    for range in ranges {
        precondition(range.lower == position && range.upper > range.lower, "the cover is broken at \(position)")
        position = range.upper
    }
    precondition(position == text.originalCount, "the cover ends at \(position) of \(text.originalCount)")
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
_ = LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    check(UnsafeBufferPointer(start: data, count: size))
    return 0
}
