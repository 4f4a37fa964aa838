// The model that every reader produces and the splitter works on: lines of readable text with their places.
//
// A `Line` is a line of a text file, or a block of a marked-up page. `Reading.text` holds the readable text of all
// lines without markup; `Line.text` is a range in it, trimmed of white space; `Line.source` is the range of the decoded
// document that the line was read from, markup included. Invariants: the lines' `source` ranges rise and are disjoint;
// what lies between them is white space or markup.

import Messages

/// One line or block of a document.
struct Line: Sendable {
    /// What a line is by its markup; text whose markup says nothing is `.text`.
    enum Role: UInt8, Sendable {
        case text, heading, listItem, row
        /// Not content: navigation, editor's lines, slogans of the site.
        case discard
    }

    var sourceStart: Int32
    var sourceEnd: Int32
    var textStart: Int32
    var textEnd: Int32
    var role: Role
    /// Level of a heading (1…6) or depth of a list item.
    var level: UInt8 = 0
    /// Blank lines before it, at most 255.
    var blankLinesBefore: UInt8 = 0
    /// True where the line starts with two or more columns of white space.
    var isIndented = false
    /// True where the whole line is set in bold.
    var isBold = false
    /// Bytes of its text, from the start, that are set in bold where not all of it is; 0 for none.
    var boldLead: UInt16 = 0
    /// True where all of it is the text of links.
    var isLink = false
    /// The number of its row, from 1, in a table whose header names columns of bulletins; 0 elsewhere.
    var row: Int32 = 0
    /// What its column is by that header.
    var column = RecordField.other

    var source: Range<Int> { Int(sourceStart)..<Int(sourceEnd) }
    var text: Range<Int> { Int(textStart)..<Int(textEnd) }
}

/// A document as lines of readable text.
struct Reading: Sendable {
    /// The decoded document.
    var decoded: DecodedText
    /// The readable text of all lines.
    var text: [UInt8]
    /// From offsets in `text` to offsets in the decoded document.
    var map: OffsetMap
    var lines: [Line]
    var format: DocumentFormat
    var metadata = PageMetadata()
    /// The records of a structured document; empty for text.
    var records: [Record] = []
    /// True where each line is a paragraph as it stands, whatever the text looks like.
    var keepsLines = false
    /// What years of two and three digits mean in this document.
    var shortYears = ShortYears.common

    /// The half-open range of the original document that `range` of `text` was read from.
    func original(_ range: Range<Int>) -> ByteRange {
        let lower = map.start(of: range.lowerBound)
        let decodedRange = lower..<max(lower, map.end(of: range.upperBound))
        let found = decoded.original(decodedRange)
        return ByteRange(found.lowerBound, found.upperBound)
    }

    /// The half-open range of the original document that `range` of the decoded document was read from.
    func originalOfDecoded(_ range: Range<Int>) -> ByteRange {
        let found = decoded.original(range)
        return ByteRange(found.lowerBound, found.upperBound)
    }

    /// The text of a line as a string.
    func string(_ line: Line) -> String { String(decoding: text[line.text], as: UTF8.self) }
}

/// What a page says about itself outside its text: front matter and `meta` elements.
struct PageMetadata: Sendable {
    var title: Found<String>?
    var published: Found<PartialDate>?
    /// The outlet that published the page.
    var outlet: Found<String>?
    /// The name that the site gives itself, for pages that name no source.
    var site: Found<String>?
    /// Where the front matter stands in the decoded document.
    var frontMatter: Range<Int>?
}

/// One record of a structured document: an element of JSON, a row of CSV, an entry of a feed.
struct Record: Sendable {
    /// Its half-open range of the decoded document.
    var source: Range<Int>
    /// Indices of its lines, half-open; the title's come first.
    var lines: Range<Int>
    var titleLines = 0
    var published: Found<PartialDate>?
    var sources: [Found<String>] = []
    var department: Found<String>?
}

/// The formats that are read.
enum DocumentFormat: String, Sendable {
    case text, markdown, html, json, ndjson, csv, feed, pdf, docx
}
