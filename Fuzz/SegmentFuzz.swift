// libFuzzer's entry for the readers of segments: what lies on a disk is read as if somebody had written it on purpose.
//
//     input   first byte: the reader; then its parameters, a byte each; then the bytes that it reads
//
// Readers of parts get the bytes as a section that ends where a page begins that must not be touched, so that a load behind
// it is a fault; the module is compiled with its assertions, so that one inside of the section but outside of a list is found
// too. Checksums are put right first. Readers of whole segments get a small valid file in which some bytes are exchanged.
//
// Nothing may trap, hang or take memory without bound; ways of reading the same must agree where the file does not
// contradict itself. FUZZ_READERS=parts or whole leaves out the others: a whole segment takes as long as fifty parts.

import Analysis
import Foundation
import Geography
import Messages

@testable import SearchCore

// MARK: Input

private struct Input {
    var bytes: ArraySlice<UInt8>

    mutating func byte() -> Int { Int(bytes.popFirst() ?? 0) }
    mutating func pair() -> Int { byte() | byte() << 8 }

    /// The next bytes, as many as the next one says.
    mutating func piece() -> ArraySlice<UInt8> {
        let length = min(byte(), bytes.count)
        defer { bytes = bytes.dropFirst(length) }
        return bytes.prefix(length)
    }
}

/// Memory that ends at a page that nobody may touch.
private final class Fence: @unchecked Sendable {  // because the fuzzer has one thread
    private static let room = 64 * 1024
    private let base: UnsafeMutableRawPointer

    init() {
        let memory = mmap(nil, Self.room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED, mprotect(memory + Self.room, 4096, PROT_NONE) == 0 else {
            fatalError("no memory")
        }
        base = memory
    }

    /// The bytes, with the zeros that end every section.
    func section(_ bytes: ArraySlice<UInt8>) -> ByteView {
        let padding = SegmentFormat.sectionPadding
        let view = plain(bytes, room: bytes.count + padding)
        memset(base + Self.room - padding, 0, padding)
        return view
    }

    func plain(_ bytes: ArraySlice<UInt8>) -> ByteView { plain(bytes, room: bytes.count) }

    private func plain(_ bytes: ArraySlice<UInt8>, room: Int) -> ByteView {
        guard room <= Self.room else { fatalError("\(room) bytes") }
        let start = base + Self.room - room
        bytes.withUnsafeBytes { source in
            if let address = source.baseAddress { memcpy(start, address, source.count) }
        }
        return ByteView(base: start, count: room)
    }
}

private let fences = (Fence(), Fence())

/// Errors are what a damaged file should give; only those that say nothing are wrong.
private func tolerant(_ body: () throws(SearchCoreError) -> Void) {
    do throws(SearchCoreError) { try body() } catch {
        if error.message.isEmpty { fatalError("an error without words") }
    }
}

// MARK: Parts

private func dictionary(_ input: inout Input, _ detail: PostingDetail) {
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

private let frequencies = [1, 2, 3, 17, 127, 128, 129, 255, 256, 257, 384, 1 << 20]

private func postings(_ input: inout Input) {
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

private func column(_ input: inout Input) {
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

private func patch(_ bytes: inout [UInt8], at offset: Int, _ value: UInt64, width: Int = 8) {
    guard offset >= 0, offset + width <= bytes.count else { return }
    for index in 0..<width { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
}

private func number(_ bytes: [UInt8], at offset: Int, width: Int) -> Int? {
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
private func seal(_ bytes: inout [UInt8], _ range: Range<Int>) {
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

private func store(_ input: inout Input) {
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

private func liveDocuments(_ input: inout Input) {
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

private func values(_ input: inout Input) {
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

private func keys(_ input: inout Input) {
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

private let analyzer = Analyzer()

private func suggestions(_ input: inout Input) {
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

// MARK: Whole segments

private let wholeSchema: IndexSchema = {
    do {
        return try IndexSchema(fields: [
            IndexField(name: "title", kind: .text, weight: 2), IndexField(name: "body", kind: .text),
            IndexField(name: "source", kind: .keyword, isFaceted: true), IndexField(name: "tag", kind: .keyword, isFaceted: true),
            IndexField(name: "published", kind: .date, isFaceted: true), IndexField(name: "count", kind: .integer),
            IndexField(name: "rate", kind: .number), IndexField(name: "place", kind: .point),
            IndexField(name: "border", kind: .area), IndexField(name: "figure", kind: .figure),
        ])
    } catch { fatalError("\(error)") }
}()

/// A valid segment with every kind of field, and an open file that holds it.
private final class Base: @unchecked Sendable {  // because the fuzzer has one thread
    let bytes: [UInt8]
    let descriptor: Int32
    let path: String
    var sections: [SectionEntry] = []
    let live: LiveDocs

    init() {
        do {
            let folder = ProcessInfo.processInfo.environment["FUZZ_FOLDER"] ?? "/dev/shm"
            let name = "\(folder)/segment-\(getpid())"
            var builder = SegmentBuilder(schema: wholeSchema)
            let titles = ["疫情防控", "复工复产", "covid notice", "上海发布", "打赢 4500"]
            for number in 0..<140 {
                var fields: [String: FieldValue] = [
                    "body": .text(number % 9 == 0 ? "疫情 \(titles[number % 5])，复工率超过70%" : "疫情"),
                    "source": .keywords([titles[number % 3]]), "count": .integers([Int64(number)]),
                ]
                if number % 4 == 0 { fields["title"] = .text(titles[number % 5]) }
                if number % 3 == 0 { fields["tag"] = .keywords(["a", "B", "上海發布"]) }
                if number % 2 == 0 { fields["published"] = .date(PartialDate(year: 2020, month: 1 + number % 12, day: 3)) }
                if number % 5 == 0 { fields["rate"] = .numbers([Double(number) / 7, -1]) }
                if number % 7 == 0 { fields["place"] = .point(GeoPoint(latitude: 31, longitude: 121)) }
                if number % 11 == 0 {
                    fields["border"] = .area([
                        GeoPoint(latitude: 30, longitude: 120), GeoPoint(latitude: 32, longitude: 120),
                        GeoPoint(latitude: 32, longitude: 122),
                    ])
                }
                if number % 13 == 0 {
                    fields["figure"] = .figures([
                        Figure(
                            subject: "复工率", lower: 70, upper: nil, includesLower: false, includesUpper: false, unit: "%",
                            comparator: "超过", quote: "超过70%", range: ByteRange(0, 0))
                    ])
                }
                try builder.add(
                    IndexDocument(
                        documentID: "d\(number / 2)", itemOrdinal: UInt32(number % 2), version: Int64(number % 7), fields: fields,
                        stored: Array("{\"title\":\"疫情 \(number)\"}".utf8), nearKeys: [[1, UInt8(number % 5)]]))
            }
            _ = try builder.write(to: name, segmentID: "s")
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: name)))
            descriptor = open(name, O_RDWR)
            path = "/proc/self/fd/\(descriptor)"
            sections = try SegmentFile(path: name).entries
            live = LiveDocs(documentCount: 140, live: (0..<140).filter { $0 % 6 != 1 })
            unlink(name)
        } catch { fatalError("\(error)") }
    }

    /// Writes some bytes of the file.
    func put(_ content: [UInt8], at offset: Int) {
        guard pwrite(descriptor, content, content.count, off_t(offset)) == content.count else { fatalError("cannot write") }
    }

    func section(_ kind: SectionKind, field: Int) -> ArraySlice<UInt8> {
        guard let entry = sections.first(where: { $0.kind == kind.rawValue && $0.field == UInt32(field) }) else { return [] }
        return bytes[entry.offset..<(entry.offset + entry.length - SegmentFormat.sectionPadding)]
    }
}

private let base = Base()

private let queries: [Query] = [
    .text("疫情", field: nil), .and([.text("疫情", field: nil), .text("防控", field: "title")]),
    .or([.text("复工", field: nil), .text("covid", field: nil), .text("疫", field: "body")]),
    .phrase("疫情防控", field: nil, slop: 0), .phrase("疫控", field: nil, slop: 4), .prefix("co", field: nil),
    .fuzzy("covic", field: nil, edits: 2), .prefix("上", field: "source"), .term("上海发布", field: "tag"),
    .and([.text("疫情", field: nil), .dates(DateRange(lower: 18_000, upper: 18_400), field: "published")]),
    .numbers(NumberRange(lower: 0, upper: 90), field: "count"), .numbers(NumberRange(lower: -2, upper: nil), field: "rate"),
    .within(.circle(centre: GeoPoint(latitude: 31, longitude: 121), metres: 900), field: "place"),
    .covers(GeoPoint(latitude: 31.5, longitude: 120.6), field: "border"),
    .figure(subject: "复工", range: NumberRange(lower: 60, upper: nil), unit: "%"), .term("0101", field: "near"),
    .not(.text("疫情", field: nil)), .monthDay(month: 3, day: nil, field: "published"),
]

private func whole(_ input: inout Input) {
    let (choice, action) = (input.byte(), input.byte())
    var bytes = base.bytes
    var touched: [Range<Int>] = []
    while input.bytes.count >= 3, touched.count < 24 {
        let place = input.pair() % bytes.count
        bytes[place] = UInt8(input.byte())
        touched.append(place..<(place + 1))
    }
    if action & 128 == 0 {
        let footer = bytes.count - SegmentFormat.footerBytes
        if let entry = base.sections.last(where: { $0.kind == SectionKind.store.rawValue }) {
            let end = entry.offset + entry.length - SegmentFormat.sectionPadding
            seal(&bytes, entry.offset..<end)
            touched.append(entry.offset..<end)
        }
        if let table = number(bytes, at: footer, width: 8), table >= 0, table <= footer {
            patch(&bytes, at: footer + 12, UInt64(crc32c(Array(bytes[table..<footer]))), width: 4)
        }
        patch(&bytes, at: footer + 36, UInt64(crc32c(Array(bytes[footer..<(footer + 36)]))), width: 4)
        patch(&bytes, at: 20, UInt64(crc32c(Array(bytes[0..<20]))), width: 4)
        touched.append(footer..<bytes.count)
        touched.append(0..<24)
    }
    for range in touched { base.put(Array(bytes[range]), at: range.lowerBound) }
    tolerant { () throws(SearchCoreError) in
        let reader = try SegmentReader.open(path: base.path)
        try use(reader, choice, action)
    }
    for range in touched { base.put(Array(base.bytes[range]), at: range.lowerBound) }
}

private func use(_ reader: SegmentReader, _ choice: Int, _ action: Int) throws(SearchCoreError) {
    let view = try SegmentView(id: "s", reader: reader, liveDocs: action & 1 == 0 || reader.documentCount != 140 ? nil : base.live)
    let snapshot = IndexSnapshot(views: [view])
    let query = queries[choice % queries.count]
    var plan = SearchPlan(query: query, limit: 5)
    switch choice / queries.count % 6 {
    case 1: plan.facets = ["source", "tag", "published"]
    case 2: plan.histogramField = "published"
    case 3: plan.order = .number(field: "count", isDescending: true)
    case 4: plan.order = .date(field: "published", isDescending: true)
    case 5: plan.collapse = ["source"]
    default: break
    }
    let evaluator: Searcher.Evaluator = action & 2 == 0 ? .pruned : .exhaustive
    tolerant { () throws(SearchCoreError) in
        let searcher = Searcher(schema: action & 4 == 0 ? wholeSchema : .bulletins, analyzer: analyzer, evaluator: evaluator)
        let found = try searcher.search(plan, in: snapshot)
        _ = try searcher.fetch(found.hits.map(\.reference), in: snapshot)
    }
    switch action >> 3 & 15 {
    case 0: tolerant { () throws(SearchCoreError) in _ = try reader.liveDocsWithinSegment() }
    case 1: tolerant { () throws(SearchCoreError) in _ = try reader.documents(withID: "d3", olderThan: 3) }
    case 2: tolerant { () throws(SearchCoreError) in _ = try reader.postingSizes(field: "body") }
    case 3: tolerant { () throws(SearchCoreError) in try reader.verifyAll() }
    case 4:
        tolerant { () throws(SearchCoreError) in
            let fields = SuggestionFields(names: ["source", "tag"], title: "title", date: "published")
            let made = try SegmentSuggestions(reader: reader, fields: fields, analyzer: analyzer) {
                String(decoding: $0, as: UTF8.self)
            }
            guard let typed = TypedText("上海", analyzer: analyzer) else { return }
            _ = try made.part(for: typed, limit: 3, reader: reader, visible: view.liveDocs)
        }
    case 5:
        let target = base.path.replacingOccurrences(of: "/proc/self/fd/\(base.descriptor)", with: "/dev/shm/merged-\(getpid())")
        tolerant { () throws(SearchCoreError) in
            let merger = try SegmentMerger([MergeInput(reader: reader, liveDocs: view.liveDocs)])
            _ = try merger.write(to: target, segmentID: "m")
        }
        unlink(target)
    default: break
    }
}

// MARK: Entry

private typealias Target = @Sendable (inout Input) -> Void

private let parts: [Target] = [
    { dictionary(&$0, .positions) }, postings, column, store, { dictionary(&$0, .documents) }, postings, liveDocuments, values,
    keys,
]
/// What takes long: tables of texts are made anew for each input.
private let slow: [Target] = [whole, suggestions]

private let targets: [Target] =
    switch ProcessInfo.processInfo.environment["FUZZ_READERS"] {
    case "parts": parts
    case "whole": slow
    default: parts + slow
    }

/// First inputs: parts of a valid segment, written into the folder that FUZZ_SEEDS names.
private func writeSeeds(to folder: String) {
    var count = 0
    func seed(_ bytes: [UInt8]) {
        count += 1
        _ = FileManager.default.createFile(atPath: "\(folder)/\(count)", contents: Data(bytes))
    }
    for field in [0, 1] { seed([0, 3, 0x70, 0xE7, 0x96] + base.section(.terms, field: field)) }
    for field in [2, 3, SystemField.identity] { seed([4, 2, 0x6B, 0x64] + base.section(.terms, field: field)) }
    for field in [1, 2] {
        let section = Array(base.section(.postings, field: field))
        for (place, frequency) in frequencies.enumerated() where frequency < 300 {
            let blocks = (frequency + 127) / 128
            for bytes in [20, 60, 100] {
                seed([1, UInt8(field - 1 | 4), UInt8(place), 1, 2, UInt8(bytes * blocks & 255), UInt8(bytes * blocks >> 8)] + section.prefix(900))
            }
        }
    }
    for field in 2...8 {
        let (starts, rows) = (base.section(.starts, field: field), base.section(.values, field: field))
        seed([2, 2, 44, 0, 0, 20] + rows)
        if starts.count < 256 { seed([2, 3, 44, 3, 1, 20, UInt8(starts.count)] + starts + rows) }
    }
    seed([2, 1, 3, 0, 0, 9, 28] + FixedColumn.encode([0, 1, 3, 4]) + FixedColumn.encode([5, 1, 7, 2]))
    seed([2, 8, 4, 9, 1, 9] + FixedColumn.encode([0, 70_000, 3 << 9, 1]))
    seed([3, 64, 140] + base.section(.store, field: SystemField.store))
    seed([3, 0x41, 3, 0, 3, 0, 9, 2, 2, 2, 65, 66, 67, 68, 69, 70])
    var live = LiveDocs(documentCount: 70)
    live.delete(3)
    seed([6, 1] + live.encode().dropLast(4))
    seed([7, 159, 0, 188] + GeoColumn.values(of: GeoPoint(latitude: 31, longitude: 121)).flatMap { code in
        (0..<8).map { UInt8(truncatingIfNeeded: code >> Int64(8 * $0)) }
    })
    seed([8, 4] + Array("0a1b".utf8) + [5, 0x6B, 97, 0, 65, 66, 2, 0x6B, 97] + Array("上海發布".utf8))
    let first = UInt8(parts.count)
    seed([first + 1, 3, 6] + Array("上海".utf8) + Array("上海发布\u{0}复工复产\u{0}covid".utf8))
    seed([first + 1, 3, 3] + Array("fgf".utf8) + Array("上海发布\u{0}复工复产\u{0}阜阳".utf8))
    for query in 0..<108 { seed([first, UInt8(query), UInt8(query &* 37 & 255), 60, 1, UInt8(query)]) }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutablePointer<CInt>, _: UnsafeMutableRawPointer) -> CInt {
    if let folder = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] { writeSeeds(to: folder) }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var input = Input(bytes: Array(UnsafeBufferPointer(start: start, count: count))[...])
    guard count > 0 else { return 0 }
    targets[input.byte() % targets.count](&input)
    return 0
}
