// RSS, RDF and Atom feeds: every `item` or `entry` is a record.
//
// Read with the tokenizer of markup, so that a broken feed loses only what is broken. An element's text is taken without
// its references; where that text is HTML itself, `RecordSink` reads it again. The channel's title is the source of
// entries that name none. References that are escaped once more, as in `&amp;#12415;`, are read too. An entry's date may count
// from when the feed was made (3小时前, 昨天 15:30); without that time it stays open.

import Messages

/// Reads feeds.
enum FeedReader {
    /// The feed's entries; nil where it has none.
    /// - Throws: `documentTooLarge` for more lines than the limits allow.
    static func read(_ decoded: DecodedText, _ range: Range<Int>, limits: ParserLimits, dictionaries: Dictionaries)
        throws(DocumentError) -> Reading?
    {
        var tokens = MarkupTokenizer(decoded.bytes, range)
        var sink = RecordSink(decoded: decoded, limits: limits, dictionaries: dictionaries)
        var entry: (start: Int, members: [RecordMember])?
        var field: (name: String, members: RecordMember)?
        var last = range.lowerBound
        var count = 0
        while let token = tokens.next() {
            defer { last = tokens.offset }
            switch token {
            case .start(let tag) where tag.name == "item" || tag.name == "entry":
                entry = (last, [])
                field = nil
            case .start(let tag) where !tag.isSelfClosing && field == nil && isField(tag.name, inEntry: entry != nil):
                let place = tokens.offset..<tokens.offset
                field = (tag.name, RecordMember(name: tag.name, value: [], place: place, isVerbatim: false))
            case .text(let place): append(place, decoded, isLiteral: false, to: &field)
            case .literal(let place): append(place, decoded, isLiteral: true, to: &field)
            case .end(let name) where name == field?.name:
                if let found = field { close(found.members, decoded, &entry, &sink) }
                field = nil
            case .end(let name) where name == "item" || name == "entry":
                if let found = entry {
                    try sink.add(found.members, at: found.start..<tokens.offset)
                    count += 1
                }
                (entry, field) = (nil, nil)
            default: break
            }
        }
        return count > 0 ? sink.finish(format: .feed) : nil
    }

    private static func isField(_ name: String, inEntry: Bool) -> Bool {
        inEntry ? RecordField(name: name) != .other && name != "name" : name == "title" || feedDates.contains(name)
    }

    /// Elements of a channel that say when the feed was made.
    private static let feedDates: Set<String> = ["lastbuilddate", "pubdate", "updated", "dc:date"]

    private static func append(
        _ place: Range<Int>, _ decoded: DecodedText, isLiteral: Bool,
        to field: inout (name: String, members: RecordMember)?
    ) {
        guard field != nil else { return }
        var index = place.lowerBound
        while index < place.upperBound {
            if !isLiteral, decoded.bytes[index] == 0x26,
                let value = CharacterReference.read(decoded.bytes, at: index, before: place.upperBound)
            {
                field?.members.value += value.bytes
                index += value.length
            } else {
                field?.members.value.append(decoded.bytes[index])
                index += 1
            }
        }
        if let start = field?.members.place.lowerBound { field?.members.place = start..<place.upperBound }
    }

    private static func close(
        _ member: RecordMember, _ decoded: DecodedText, _ entry: inout (start: Int, members: [RecordMember])?,
        _ sink: inout RecordSink
    ) {
        if entry != nil {
            var member = member
            if member.value.contains(0x26) { member.value = unescaped(member.value) }
            entry?.members.append(member)
        } else if feedDates.contains(member.name) {
            if sink.made == nil { sink.made = TimestampReader.read(String(decoding: member.value, as: UTF8.self)) }
        } else if sink.outlet == nil, !member.value.isEmpty {
            let place = decoded.original(member.place)
            let bytes = LineScanner.trim(member.value, 0..<member.value.count).range
            sink.outlet = Found(
                String(decoding: member.value[bytes], as: UTF8.self),
                Basis(rule: "feed-title", range: ByteRange(place.lowerBound, place.upperBound), certainty: 0.8))
        }
    }

    /// `text` without the references that are left in it, unless it is markup, which is read later.
    private static func unescaped(_ text: [UInt8]) -> [UInt8] {
        guard !text.contains(0x3C) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == 0x26, let value = CharacterReference.read(text, at: index, before: text.count) {
                result += value.bytes
                index += value.length
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}
