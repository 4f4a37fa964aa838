// Readers of one part of a segment each: the part's bytes are the input's.

import Analysis
import Geography
import Messages

@testable import SearchCore

func dictionary(_ input: inout Input, _ detail: PostingDetail) {
    let limit = 40
    let probe = Array(input.piece())
    let section = input.bytes
    tolerant { () throws(SearchCoreError) in
        let terms = try TermDictionary(fences.0.section(section), detail: detail)
        tolerant { () throws(SearchCoreError) in _ = try terms.find(probe) }
        tolerant { () throws(SearchCoreError) in
            let bound = try terms.lowerBound(probe)
            if bound.ordinal < 0 || bound.ordinal > terms.termCount { fatalError("rank \(bound.ordinal) of \(terms.termCount)") }
        }
        for ordinal in [0, 1, 15, 16, terms.termCount - 1, terms.termCount] {
            tolerant { () throws(SearchCoreError) in _ = try terms.term(at: ordinal) }
        }
        var all: [(term: [UInt8], info: TermInfo)] = []
        var walk = try terms.iterate()
        while all.count < limit, try walk.next() {
            if walk.ordinal != all.count { fatalError("rank \(walk.ordinal) behind \(all.count) terms") }
            all.append((walk.term, walk.info))
        }
        // What the writer makes of these terms is what was read: then every way of reading must agree.
        let ascends = zip(all, all.dropFirst()).allSatisfy { $0.term.lexicographicallyPrecedes($1.term) }
        guard all.count == terms.termCount, ascends else { return }
        var writer = TermDictionaryWriter(detail: detail)
        for entry in all { writer.add(entry.term, entry.info) }
        guard writer.encode() == Array(section) else { return }
        for (ordinal, entry) in all.enumerated() {
            guard let found = try terms.find(entry.term), found.ordinal == ordinal, found.info == entry.info else {
                fatalError("term \(ordinal) is not found")
            }
            if try terms.term(at: ordinal) != entry.term { fatalError("term \(ordinal) is another by its rank") }
            let bound = try terms.lowerBound(entry.term)
            if bound.ordinal != ordinal || !bound.isEqual { fatalError("term \(ordinal) is not its own bound") }
        }
        try terms.forEachTerm(at: Array(all.indices)) { ordinal, term in
            if term != all[ordinal].term { fatalError("term \(ordinal) is another by its block") }
        }
        let expected = all.firstIndex { !$0.term.lexicographicallyPrecedes(probe) } ?? all.count
        if try terms.lowerBound(probe).ordinal != expected { fatalError("the bound of \(probe) is not \(expected)") }
    }
}

let frequencies = [1, 2, 3, 17, 127, 128, 129, 255, 256, 257, 384, 1 << 20]

func postings(_ input: inout Input) {
    let flags = input.byte()
    let detail: PostingDetail = flags & 1 == 0 ? .positions : .documents
    var info = TermInfo(documentFrequency: frequencies[input.byte() % frequencies.count])
    let limits = [info.documentFrequency, info.documentFrequency + 3, 5000, 1 << 20, SegmentFormat.maximumDocuments]
    let documentCount = limits[(flags >> 1) % limits.count]
    info.singleDocument = UInt32(input.byte())
    info.singleFrequency = UInt32(input.byte())
    info.offset = flags & 64 == 0 ? 0 : 4
    let content = input.bytes.count - 2
    info.postingBytes = input.pair() % max(1, content)
    info.positionBytes = max(0, input.bytes.count - info.postingBytes - info.offset)
    let section = fences.0.section(input.bytes)
    tolerant { () throws(SearchCoreError) in
        let list = try PostingList(info: info, detail: detail, section: section, documentCount: documentCount)
        walk(list)
    }
}

/// Reads a list from its beginning, by leaps and backwards.
private func walk(_ list: PostingList) {
    let arena = ScratchArena()
    let buffers = CursorBuffers(list.detail, arena: arena)
    var buffer = PositionBuffer(arena: arena)
    var documents: [UInt32] = []
    var counts: [UInt32] = []
    var cursor = PostingCursor(list, buffers)
    while cursor.document != endOfList {
        if cursor.document >= list.documentLimit { fatalError("document \(cursor.document) of \(list.documentLimit)") }
        if let last = documents.last, last >= cursor.document { fatalError("\(cursor.document) behind \(last)") }
        documents.append(cursor.document)
        let frequency = cursor.frequency()
        counts.append(frequency)
        // Each document's positions in every third block only: one group of zero width can stand for thirty-two thousand.
        if list.detail == .positions, documents.count % 3 == 0 {
            if cursor.occurrenceCount() != frequency { fatalError("two frequencies of one document") }
            cursor.positions(into: &buffer, arena: arena)
            if !cursor.isCorrupt, buffer.count != Int(frequency) { fatalError("\(buffer.count) positions of \(frequency)") }
        }
        if cursor.isCorrupt { break }
        cursor.next()
    }
    if !cursor.isCorrupt, documents.count != list.info.documentFrequency {
        fatalError("\(documents.count) documents of \(list.info.documentFrequency)")
    }
    let isWhole = !cursor.isCorrupt
    func check(_ place: PostingCursor, _ target: UInt32, _ way: String) {
        guard isWhole else { return }
        let expected = documents.first { $0 >= target } ?? endOfList
        if place.document != expected { fatalError("\(way) \(target) stands at \(place.document), not at \(expected)") }
    }
    var leaping = PostingCursor(list, buffers)
    for index in stride(from: 0, to: documents.count, by: 7) where !leaping.isCorrupt {
        let target = documents[index] + UInt32(index & 1)
        leaping.advance(to: target)
        check(leaping, target, "advance")
        guard leaping.document != endOfList else { break }
        if isWhole, list.detail == .positions, let place = documents.firstIndex(of: leaping.document) {
            if leaping.frequency() != counts[place] { fatalError("another frequency after a leap") }
        }
        if list.tableOffset >= 0 { _ = list.bound(ofBlock: leaping.block) }
    }
    var seeking = PostingCursor(list, buffers)
    for index in stride(from: documents.count - 1, through: 0, by: -11) where !seeking.isCorrupt {
        seeking.seek(to: documents[index])
        check(seeking, documents[index], "seek")
    }
    withExtendedLifetime(arena) {}
}

func column(_ input: inout Input) {
    let flags = input.byte()
    let documentCount = input.byte() % 48
    let (shift, lowest, limit) = (UInt32(input.byte() % 12), Int64(input.byte()), input.byte())
    var starts = Array(flags & 1 == 0 ? [] : input.piece())
    var values = Array(input.bytes)
    // Counts that are right get the others past the first check.
    if flags & 2 == 0 {
        if flags & 1 == 0 { patch(&values, at: 0, UInt64(documentCount)) } else { patch(&starts, at: 0, UInt64(documentCount + 1)) }
    }
    tolerant { () throws(SearchCoreError) in
        let reader = try ColumnReader(
            starts: flags & 1 == 0 ? nil : fences.1.section(starts[...]), values: fences.0.section(values[...]),
            documentCount: documentCount, isShifted: flags & 4 == 0)
        let arena = ScratchArena()
        let members = arena.buffer(of: UInt64.self, count: Window.words)
        let missed = arena.buffer(of: UInt64.self, count: Window.words)
        members.clear()
        let bounds = reader.bounds
        let code = flags & 4 == 0 ? 0 : shift
        var counts = [Int32](repeating: 0, count: limit)
        let lows = arena.buffer(of: Int32.self, count: flags & 8 == 0 ? 0 : 16)
        lows.fill(0)
        var expected = counts
        var expectedLows = [Int32](repeating: 0, count: lows.count)
        var misses = 0
        for document in 0..<UInt32(documentCount) where document % 5 != 2 {
            members.insert(Int(document))
            let all = reader.all(document)
            var places: [Int] = []
            var isMissed = false
            for value in all {
                if value < bounds.least || value > bounds.greatest { fatalError("\(value) is outside of \(bounds)") }
                let key = UInt64(bitPattern: value >> Int64(code))
                let place = key &- UInt64(bitPattern: lowest)
                if place < UInt64(limit) {
                    places.append(Int(place))
                } else if key < UInt64(lows.count) {
                    places.append(-1 - Int(key))
                } else {
                    isMissed = true
                }
            }
            // A row without a value in a shifted column is read as one that is no code.
            if isMissed || (all.isEmpty && flags & 5 == 0) {
                misses += 1
                continue
            }
            for place in places { if place >= 0 { expected[place] += 1 } else { expectedLows[-1 - place] += 1 } }
        }
        let answered = reader.count(
            0, members, shift: code, lowest: lowest, into: &counts, lows: lows.count > 0 ? lows : nil, missed: missed)
        guard flags & 5 != 0 else { return }
        if answered != misses || counts != expected || missed.memberCount() != misses
            || (0..<lows.count).contains(where: { lows[$0] != expectedLows[$0] })
        {
            fatalError("the kernel counts \(counts) and misses \(answered), not \(expected) and \(misses)")
        }
        withExtendedLifetime(arena) {}
    }
}

func patch(_ bytes: inout [UInt8], at offset: Int, _ value: UInt64, width: Int = 8) {
    guard offset >= 0, offset + width <= bytes.count else { return }
    for index in 0..<width { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
}

func number(_ bytes: [UInt8], at offset: Int, width: Int) -> Int? {
    guard offset >= 0, offset <= bytes.count - width else { return nil }
    return (0..<width).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
}

nonisolated(unsafe) private let decoder = ZstdDecoder()  // because the fuzzer has one thread

/// A zstd frame that holds the bytes as they are.
private func frame(_ content: ArraySlice<UInt8>) -> [UInt8] {
    let size = content.count
    let header = size << 3 | 1
    return [0x28, 0xB5, 0x2F, 0xFD, 0xA0] + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
        + (0..<3).map { UInt8(truncatingIfNeeded: header >> (8 * $0)) } + content
}

/// Puts the checksums of a store right that ends `padding` bytes before the end.
func seal(_ bytes: inout [UInt8], _ range: Range<Int>) {
    let trailer = range.upperBound - DocumentStoreFormat.trailerBytes
    guard trailer >= range.lowerBound, let count = number(bytes, at: trailer, width: 4) else { return }
    let table = trailer - count * DocumentStoreFormat.tableEntryBytes
    guard count < 64, table >= range.lowerBound else { return }
    for block in 0..<count {
        let entry = table + block * DocumentStoreFormat.tableEntryBytes
        guard let offset = number(bytes, at: entry, width: 4), number(bytes, at: entry + 4, width: 4) == 0,
            let size = number(bytes, at: entry + 8, width: 4), size >= 4, offset <= table - range.lowerBound,
            size <= table - range.lowerBound - offset
        else { continue }
        let start = range.lowerBound + offset
        patch(&bytes, at: start, UInt64(crc32c(Array(bytes[(start + 4)..<(start + size)]))), width: 4)
    }
    patch(&bytes, at: trailer + 4, UInt64(crc32c(Array(bytes[table..<trailer]))), width: 4)
}

func store(_ input: inout Input) {
    let flags = input.byte()
    let documentCount = input.byte()
    var bytes: [UInt8] = []
    if flags & 1 == 0 {
        bytes = Array(input.bytes)
    } else {
        var table = ByteWriter()
        let count = 1 + flags >> 1 & 3
        for _ in 0..<count {
            let (first, documents, more) = (input.byte(), input.byte(), input.byte())
            let content = input.piece()
            let block = [0, 0, 0, 0] + frame(content)
            table.append64(UInt64(bytes.count))
            table.append32(UInt32(block.count))
            table.append32(UInt32(content.count + (more > 250 ? more - 250 : 0)))
            table.append32(UInt32(first))
            table.append32(UInt32(documents))
            table.append32(0)
            bytes += block
        }
        table.append32(UInt32(count))
        table.append32(0)
        bytes += table.bytes
    }
    seal(&bytes, 0..<bytes.count)
    tolerant { () throws(SearchCoreError) in
        let store = try DocumentStore(fences.0.section(bytes[...]), documentCount: documentCount)
        var reader = DocumentStoreReader(store)
        for document in [0, 1, 2, documentCount / 2, documentCount - 1, documentCount] {
            tolerant { () throws(SearchCoreError) in
                let read = try reader.read(document, with: decoder)
                if read.count > bytes.count * 1024 { fatalError("\(read.count) bytes of \(bytes.count)") }
            }
        }
        // A merge copies blocks as they are, or what is kept of them.
        guard flags & 64 != 0, documentCount > 0 else { return }
        var copy = DocumentStoreWriter()
        for block in 0..<min(store.blockCount, 4) {
            tolerant { () throws(SearchCoreError) in try copy.copy(block, of: store) { $0 % 3 != flags >> 4 & 3 } }
        }
    }
}

func liveDocuments(_ input: inout Input) {
    let flags = input.byte()
    var bytes = Array(input.bytes)
    if flags & 1 == 0 {
        let header: [UInt8] = [0x4B, 0x42, 0x4C, 0x49, 0x56, 0x45, 0x0D, 0x0A, 1, 0, 0, 0]
        bytes = header + bytes
    }
    let sum = crc32c(bytes)
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }
    tolerant { () throws(SearchCoreError) in
        let live = try LiveDocs(decoding: bytes)
        let count = (0..<UInt32(live.documentCount)).count { live.isLive($0) }
        if count != live.liveCount { fatalError("\(count) live documents, not \(live.liveCount)") }
        if try LiveDocs(decoding: live.encode()) != live { fatalError("live documents do not come back") }
        var (mapped, mapping) = (LiveDocs(documentCount: 40), DocumentMapping(newDocuments: []))
        for document in 0..<UInt32(flags) { mapping.newDocuments.append(document % 3 == 0 ? DocumentMapping.dropped : document) }
        mapping.apply(deletesOf: live, to: &mapped)
    }
}

func values(_ input: inout Input) {
    let place = GeoPoint(latitude: Double(input.byte()) - 128, longitude: Double(input.pair()) / 128 - 256)
    let raw = Array(input.bytes)
    var codes: [Int64] = []
    for offset in stride(from: 0, to: raw.count - 7, by: 8) {
        codes.append(Int64(truncatingIfNeeded: number(raw, at: offset, width: 8) ?? 0))
    }
    _ = GeoColumn.covers(codes, place)
    for code in codes.prefix(4) {
        let date = PackedDate(code: code)
        if let days = date.days, days.isEmpty { fatalError("no day of \(code)") }
        if date.rank(descending: true) < -4_000_000 { fatalError("the rank of \(code) is out of order") }
        _ = date.text
        _ = date.monthText
        let double = SortableDouble.decode(code)
        if !double.isNaN, SortableDouble.encode(double) != code { fatalError("\(code) does not come back") }
        _ = PackedPoint(code: code).point.isValid
    }
}

func keys(_ input: inout Input) {
    let text = String(decoding: input.piece(), as: UTF8.self)
    if let near = KeywordTerm.near(text) {
        guard near.count >= 2, near.count <= 1 + SegmentBuilder.maximumNearKeyBytes, near[0] == KeywordTerm.nearTier else {
            fatalError("a key of \(near.count) bytes")
        }
    }
    let key = Array(input.piece())
    let shown = KeywordTerm.shown(key)
    if !shown.isEmpty, shown.endIndex != key.endIndex { fatalError("what is shown is not the key's end") }
    if KeywordTerm.lookup(key[...]).count > key.count { fatalError("a longer key") }
    let folded = Array(input.piece())
    if KeywordTerm.isSpelling(key, of: folded), !key.starts(with: folded) { fatalError("no spelling") }
    if let first = key.first, TermTier(rawValue: first) == .pair { _ = TermTier.firstCharacter(of: key) }
    let value = String(decoding: input.bytes.prefix(64), as: UTF8.self)
    let content = [KeywordTerm.tier] + KeywordTerm.content(value, analyzer)
    if !value.utf8.contains(0), KeywordTerm.value(content) != value { fatalError("\(value.debugDescription) is not shown") }
    if !KeywordTerm.isSpelling(content, of: KeywordTerm.folded(value, analyzer)) {
        fatalError("\(value.debugDescription) is no spelling of itself")
    }
}

let analyzer = Analyzer()

func suggestions(_ input: inout Input) {
    let limit = 1 + input.byte() % 6
    let typedText = String(decoding: input.piece().prefix(24), as: UTF8.self)
    let texts = input.bytes.split(separator: 0, maxSplits: 4).prefix(4).map { String(decoding: $0.prefix(40), as: UTF8.self) }
    guard let typed = TypedText(typedText, analyzer: analyzer) else { return }
    let table = SuggestionTable(texts, analyzer: analyzer)
    let found = table.matches(typed, limit: limit)
    if found.count > limit || Set(found.map(\.number)).count != found.count { fatalError("a suggestion comes twice") }
    let begins = texts.indices.filter { SuggestionText.plain(texts[$0], analyzer).utf8.starts(with: typed.key) }
    let prefixes = Set(begins.map { SuggestionText.plain(texts[$0], analyzer) })
    let given = found.filter { $0.match == .prefix }
    if given.count != min(limit, prefixes.count) {
        fatalError("\(given.count) of \(prefixes) begin with \(typedText.debugDescription)")
    }
}
