// The addresses that a feed or a sitemap names: RSS, RDF, Atom, sitemaps and their indexes.
//
// Read with the tokenizer of markup, like feeds as documents, so that a broken one loses only what is broken.

import Archives
import Messages

/// Pages and further lists that a feed or sitemap names.
package struct LinkList: Sendable, Hashable {
    /// A page, and what the list says of its version: the text of `lastmod`, `updated` or `pubDate` as it stands.
    package struct Link: Sendable, Hashable {
        package var address: String
        package var revision: String?

        package init(address: String, revision: String? = nil) {
            self.address = address
            self.revision = revision
        }
    }

    package var pages: [Link] = []
    /// Addresses of the sitemaps that an index names.
    package var lists: [String] = []
    /// Whether it is a sitemap; feeds are in order, newest first, sitemaps in none.
    package var isSitemap = false

    /// False where none of the elements was there that such a list begins with.
    package var isList = false

    package init() {}

    /// Reads a list, also one packed with gzip; what is none has no pages and no lists.
    /// - Parameter limit: pages and lists that are kept.
    /// - Throws: `unreadableDocument` for bytes that are no text.
    /// - Complexity: linear.
    package static func read(_ bytes: [UInt8], contentType: String? = nil, limit: Int) throws(DocumentError) -> LinkList
    {
        let bytes = bytes.starts(with: [0x1F, 0x8B]) ? try unpack(bytes) : bytes
        let description = DocumentDescription(identity: "list", contentType: contentType)
        let choice = try EncodingDetector(bytes: bytes, description: description).choose()
        let decoded = try TextDecoder.decode(bytes, from: choice.start, as: choice.encoding)
        var reader = LinkListReader(decoded.bytes, limit: limit)
        return reader.read()
    }

    /// Longest list after unpacking: what the protocol of sitemaps allows.
    private static let unpackedBytes = 50 << 20

    private static func unpack(_ bytes: [UInt8]) throws(DocumentError) -> [UInt8] {
        do {
            var reader = try ArchiveReader(bytes, content: .single, limits: ArchiveLimits(entryBytes: unpackedBytes))
            return try reader.next() == nil ? [] : try reader.read()
        } catch {
            throw DocumentError(error, in: "the packed list")
        }
    }
}

private struct LinkListReader {
    private static let dates: Set<String> = ["lastmod", "updated", "pubdate", "dc:date", "published"]

    private var tokens: MarkupTokenizer
    private let limit: Int
    private var list = LinkList()
    /// The entry that is open: its element, and what was found in it.
    private var entry: String?
    private var address = ""
    private var permanent = ""
    private var revision: String?
    /// The element whose text is gathered.
    private var field: String?
    private var text: [UInt8] = []

    init(_ bytes: [UInt8], limit: Int) {
        tokens = MarkupTokenizer(bytes, 0..<bytes.count)
        self.limit = limit
    }

    mutating func read() -> LinkList {
        while let token = tokens.next(), list.pages.count + list.lists.count < limit {
            switch token {
            case .start(let tag): start(tag)
            case .end(let name): end(name)
            case .text(let place): gather(place, isLiteral: false)
            case .literal(let place): gather(place, isLiteral: true)
            case .other: break
            }
        }
        return list
    }

    private mutating func start(_ tag: MarkupTokenizer.Tag) {
        switch tag.name {
        case "rss", "feed", "rdf:rdf", "urlset", "sitemapindex": list.isList = true
        case "item", "entry", "url", "sitemap":
            if tag.name == "url" || tag.name == "sitemap" { list.isSitemap = true }
            entry = tag.name
            (address, permanent, revision, field) = ("", "", nil, nil)
        case "link" where entry != nil && tokens.attribute("href", of: tag) != nil:
            let relation = tokens.attribute("rel", of: tag) ?? "alternate"
            guard relation == "alternate", address.isEmpty, let reference = tokens.attribute("href", of: tag) else {
                return
            }
            text = []
            append(Array(reference.utf8)[...])
            address = value()
        case let name where entry != nil && !tag.isSelfClosing && isField(name):
            guard name != "guid" || tokens.attribute("ispermalink", of: tag)?.lowercased() != "false" else { return }
            field = name
            text = []
        default: break
        }
    }

    private func isField(_ name: String) -> Bool {
        name == "link" || name == "loc" || name == "guid" || Self.dates.contains(name)
    }

    private mutating func end(_ name: String) {
        if name == field {
            let value = value()
            switch name {
            case "link", "loc": if address.isEmpty { address = value }
            case "guid": if value.hasPrefix("http://") || value.hasPrefix("https://") { permanent = value }
            // When it was changed says more than when it was first published.
            default: if !value.isEmpty, revision == nil || name != "published" { revision = value }
            }
            field = nil
        } else if name == entry {
            let found = address.isEmpty ? permanent : address
            if !found.isEmpty {
                if name == "sitemap" {
                    list.lists.append(found)
                } else {
                    list.pages.append(LinkList.Link(address: found, revision: revision))
                }
            }
            entry = nil
        }
    }

    private mutating func gather(_ place: Range<Int>, isLiteral: Bool) {
        guard field != nil, text.count < 8192 else { return }
        if isLiteral { text += tokens.source[place] } else { append(tokens.source[place]) }
    }

    private mutating func append(_ source: ArraySlice<UInt8>) {
        let source = Array(source)
        var index = 0
        while index < source.count {
            if source[index] == 0x26, let reference = CharacterReference.read(source, at: index, before: source.count) {
                text += reference.bytes
                index += reference.length
            } else {
                text.append(source[index])
                index += 1
            }
        }
    }

    private func value() -> String {
        String(decoding: text[LineScanner.trim(text, 0..<text.count).range], as: UTF8.self)
    }
}
