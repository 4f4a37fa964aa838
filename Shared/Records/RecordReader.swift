// From the bytes of a request to checked records: JSON (one object or a list), NDJSON, CSV and forms. Nothing is guessed: what does
// not fit is a mistake with its row and column, and a body with mistakes is refused whole, so that mending and sending it
// again is right.

package import Messages

/// A record that fits its collection.
package struct CheckedRecord: Sendable, Hashable {
    /// The line in which it began, from 1.
    package var row: Int
    /// What names it; nil where the declaration has no identity.
    package var identity: String?
    /// By the fields' names; in the checked form of `FieldCheck`. In a partial update null takes a value away.
    package var values: [String: JSONValue]
}

/// How records are written.
package enum RecordFormat: String, Sendable, CaseIterable {
    case json
    case ndjson
    case csv
    /// What a web page's form sends: one record.
    case form
    /// A form in parts: one record, or one file with records.
    case multipart

    /// The format that a content type names; nil for others.
    package init?(contentType: String) {
        let type = contentType.split(separator: ";").first.map { $0.trimmed.lowercased() } ?? ""
        switch type {
        case "application/json", "application/merge-patch+json", "text/json": self = .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
            self = .ndjson
        case "text/csv", "application/csv", "text/tab-separated-values": self = .csv
        case "application/x-www-form-urlencoded": self = .form
        case "multipart/form-data": self = .multipart
        default: return nil
        }
    }

    /// The format that the end of a file's name tells; nil for others.
    init?(fileName: String) {
        switch fileName.lowercased().split(separator: ".").last {
        case "json": self = .json
        case "ndjson", "jsonl": self = .ndjson
        case "csv", "tsv": self = .csv
        default: return nil
        }
    }
}

package struct RecordReader: Sendable {
    /// Records of one body.
    package static let maximumRecords = 50_000
    /// Mistakes that an answer lists; all are counted.
    package static let listedMistakes = 20
    /// Bytes of one NDJSON line.
    package static let maximumLineBytes = 4 << 20

    /// Whole records, or changes of some of their fields.
    package enum Kind: Sendable {
        case whole
        case patch
    }

    private let check: RecordCheck

    /// - Parameters:
    ///   - takesSealed: whether personal values may come sealed: only from our own journal.
    ///   - isChecked: whether the records were checked before, so that their places are in WGS-84.
    package init(
        _ declaration: CollectionDeclaration, kind: Kind = .whole, takesSealed: Bool = false, isChecked: Bool = false
    ) {
        check = RecordCheck(declaration, kind: kind, takesSealed: takesSealed, isChecked: isChecked)
    }

    /// - Parameter contentType: of a form in parts, which names the boundary.
    /// - Throws: `invalidRecord` with the mistakes; `emptyDocument` for no record at all.
    package func read(
        _ bytes: [UInt8], _ format: RecordFormat, contentType: String = ""
    ) throws(KuaibaoError) -> [CheckedRecord] {
        var run = Run(check: check)
        switch format {
        case .json: run.readJSON(bytes)
        case .ndjson: run.readLines(bytes)
        case .csv: run.readTable(bytes)
        case .form: run.readForm(bytes)
        case .multipart: run.readParts(bytes, contentType)
        }
        guard run.mistakeCount == 0 else { throw Self.refusal(run.mistakes, count: run.mistakeCount) }
        guard !run.records.isEmpty else {
            throw KuaibaoError(.emptyDocument, "no record was sent", fix: "send at least one")
        }
        return run.records
    }

    private static func refusal(_ mistakes: [RecordMistake], count: Int) -> KuaibaoError {
        let first = mistakes.first?.text ?? ""
        let more = count > 1 ? "; \(count) mistakes in all, nothing was stored" : "; nothing was stored"
        return KuaibaoError(
            .invalidRecord, first + more, fix: "mend the rows that are named and send all again", mistakes: mistakes)
    }
}

/// One reading of a body.
private struct Run {
    let check: RecordCheck
    var records: [CheckedRecord] = []
    var mistakes: [RecordMistake] = []
    var mistakeCount = 0
    private var unique = UniqueValues()

    init(check: RecordCheck) {
        self.check = check
    }

    private var isFull: Bool { records.count >= RecordReader.maximumRecords }

    private mutating func note(_ row: Int, _ column: Int?, _ field: String?, _ message: String) {
        mistakeCount += 1
        guard mistakes.count < RecordReader.listedMistakes else { return }
        mistakes.append(RecordMistake(row: row, column: column, field: field, message: message))
    }

    private mutating func noteFull(_ row: Int) {
        note(row, nil, nil, "more than \(RecordReader.maximumRecords) records; send the rest in further requests")
    }

    private mutating func finish(_ draft: consuming RecordDraft) {
        for mistake in check.finish(&draft) { note(draft.row, mistake.column, mistake.field, mistake.message) }
        guard draft.mistakes.isEmpty else { return }
        for mistake in unique.add(draft, check.declaration) {
            note(draft.row, mistake.column, mistake.field, mistake.message)
        }
        records.append(
            CheckedRecord(row: draft.row, identity: check.identity(of: draft.values), values: draft.values))
    }

    // MARK: JSON

    mutating func readJSON(_ bytes: [UInt8]) {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var text = JSONText(bytes[start...])
        var lines = LineCounter(bytes)
        do throws(JSONText.Mistake) {
            let isList = text.take(UInt8(ascii: "["))
            if isList, text.take(UInt8(ascii: "]")) { return }
            repeat {
                guard !isFull else { return noteFull(lines.place(of: text.place).line) }
                _ = text.next
                let begin = lines.place(of: text.place).line
                let object = try text.object()
                take(object, row: begin, &lines)
            } while isList && text.take(UInt8(ascii: ","))
            if isList { try text.expect(UInt8(ascii: "]"), "a comma or the ] of the list") }
            if text.next != nil { throw JSONText.Mistake(message: "text behind the end", offset: text.place) }
        } catch {
            let place = lines.place(of: error.offset)
            note(place.line, place.column, nil, error.message)
        }
    }

    mutating func readLines(_ bytes: [UInt8]) {
        var row = 0
        var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < bytes.count {
            row += 1
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let line = bytes[start..<end]
            start = end + 1
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
            guard !isFull else { return noteFull(row) }
            guard line.count <= RecordReader.maximumLineBytes else {
                note(row, nil, nil, "a line of \(line.count) bytes; at most \(RecordReader.maximumLineBytes)")
                continue
            }
            var lines = LineCounter(line, firstLine: row)
            var text = JSONText(line)
            do throws(JSONText.Mistake) {
                let object = try text.object()
                if text.next != nil { throw JSONText.Mistake(message: "text behind the end", offset: text.place) }
                take(object, row: row, &lines)
            } catch {
                note(row, lines.place(of: error.offset).column, nil, error.message)
            }
        }
    }

    private mutating func take(_ object: JSONText.Object, row: Int, _ lines: inout LineCounter) {
        var draft = RecordDraft(row: row)
        for member in object.members {
            if let message = check.set(member.name, member.value, &draft) {
                draft.mistakes.append(
                    RecordMistake(
                        row: row, column: lines.place(of: member.offset).column, field: member.name, message: message))
            }
        }
        finish(draft)
    }

    // MARK: Forms

    /// Pairs of names and values; several of one name are the values of a list. Empty ones were left out by the sender.
    mutating func readForm(_ bytes: [UInt8]) {
        var cells: [(name: String, value: String)] = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = Self.decoded(parts.count > 1 ? parts[1] : []) else {
                return note(1, nil, nil, "the form is not percent-encoded UTF-8")
            }
            Self.add(value, to: &cells, name)
        }
        take(cells)
    }

    private static func add(_ value: String, to cells: inout [(name: String, value: String)], _ name: String) {
        if value.trimmed.isEmpty { return }
        if let place = cells.firstIndex(where: { $0.name == name }) {
            cells[place].value += ";" + value
        } else {
            cells.append((name, value))
        }
    }

    private mutating func take(_ cells: [(name: String, value: String)]) {
        guard !cells.isEmpty else { return }
        var draft = RecordDraft(row: 1)
        for (index, cell) in cells.enumerated() {
            if let message = check.set(cell.name, cell: cell.value, &draft) {
                draft.mistakes.append(
                    RecordMistake(row: 1, column: index + 1, field: cell.name, message: message))
            }
        }
        finish(draft)
    }

    /// Parts with names and values are one record. A file among them has the records, and then nothing else is there.
    mutating func readParts(_ bytes: [UInt8], _ contentType: String) {
        let parts: [MultipartForm.Part]
        do throws(MultipartForm.Mistake) {
            parts = try MultipartForm(bytes, contentType: contentType).parts()
        } catch {
            return note(error.line, nil, nil, error.message)
        }
        // A page's form sends an empty file where none was chosen.
        let files = parts.filter { $0.fileName != nil && !($0.fileName == "" && $0.content.isEmpty) }
        if let file = files.first {
            return readFile(file, isAlone: parts.allSatisfy { $0.fileName != nil || $0.content.isEmpty } && files.count == 1)
        }
        var cells: [(name: String, value: String)] = []
        for part in parts where part.fileName == nil {
            guard let value = String(validating: part.content, as: UTF8.self) else {
                note(part.line, nil, part.name, "a value that is not UTF-8")
                continue
            }
            Self.add(value, to: &cells, part.name)
        }
        guard mistakeCount == 0 else { return }
        take(cells)
    }

    private mutating func readFile(_ file: MultipartForm.Part, isAlone: Bool) {
        guard isAlone else {
            return note(file.line, nil, file.name, "a file beside other values; send the file alone, or values alone")
        }
        let content = Array(file.content)
        switch file.fileName.flatMap({ RecordFormat(fileName: $0) })
            ?? file.contentType.flatMap({ RecordFormat(contentType: $0) })
        {
        case .json: readJSON(content)
        case .ndjson: readLines(content)
        case .csv: readTable(content)
        case .form, .multipart, nil:
            let name = FieldCheck.short(file.fileName ?? "")
            note(file.line, nil, file.name, "'\(name)' is no .csv, .json or .ndjson file")
        }
    }

    /// Percent-decoded, a plus is a space; nil for what is no UTF-8.
    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        func digit(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 0x30...0x39: byte - 0x30
            case 0x41...0x46: byte - 0x37
            case 0x61...0x66: byte - 0x57
            default: nil
            }
        }
        var result: [UInt8] = []
        var place = bytes.startIndex
        while place < bytes.endIndex {
            switch bytes[place] {
            case UInt8(ascii: "+"): result.append(0x20)
            case UInt8(ascii: "%"):
                guard bytes.endIndex - place > 2, let high = digit(bytes[place + 1]), let low = digit(bytes[place + 2])
                else { return nil }
                result.append(high << 4 | low)
                place += 2
            case let byte: result.append(byte)
            }
            place += 1
        }
        return String(validating: result, as: UTF8.self)
    }

    // MARK: Tables

    mutating func readTable(_ bytes: [UInt8]) {
        var rows = CSVRows(bytes)
        var header: CSVRows.Row?
        while true {
            do throws(CSVRows.Mistake) {
                guard let row = try rows.next() else { return }
                if let header {
                    guard !isFull else { return noteFull(row.line) }
                    take(row, header)
                } else {
                    guard readHeader(row) else { return }
                    header = row
                }
            } catch {
                note(error.line, error.column, nil, error.message)
                if header == nil { return }
                rows.skipLine()
            }
        }
    }

    private mutating func readHeader(_ header: CSVRows.Row) -> Bool {
        var seen: Set<String> = []
        for (index, name) in header.cells.enumerated() {
            guard let field = check.declaration.field(named: name.trimmed) else {
                note(header.line, index + 1, name, "the collection has no such field; \(check.knownFields)")
                continue
            }
            if !seen.insert(field.name).inserted {
                note(header.line, index + 1, name, "a second column of '\(field.name)'")
            }
        }
        return mistakeCount == 0
    }

    private mutating func take(_ row: CSVRows.Row, _ header: CSVRows.Row) {
        var draft = RecordDraft(row: row.line)
        if row.cells.count > header.cells.count {
            draft.mistakes.append(
                RecordMistake(
                    row: row.line, column: header.cells.count + 1, field: nil,
                    message: "\(row.cells.count) cells under \(header.cells.count) columns"))
        }
        for (index, (name, cell)) in zip(header.cells, row.cells).enumerated() where !cell.trimmed.isEmpty {
            if let message = check.set(name.trimmed, cell: cell, &draft) {
                draft.mistakes.append(RecordMistake(row: row.line, column: index + 1, field: name, message: message))
            }
        }
        finish(draft)
    }
}

/// Lines and columns of byte offsets that are asked for in ascending order, more or less.
private struct LineCounter {
    private let bytes: ArraySlice<UInt8>
    private var line: Int
    private var lineStart: Int
    private var seen: Int

    init(_ bytes: some Sequence<UInt8>, firstLine: Int = 1) {
        self.init(ArraySlice(Array(bytes)), firstLine: firstLine)
    }

    init(_ bytes: ArraySlice<UInt8>, firstLine: Int = 1) {
        self.bytes = bytes
        line = firstLine
        lineStart = bytes.startIndex
        seen = bytes.startIndex
    }

    /// Columns count characters as editors do: UTF-8 bytes that begin one.
    mutating func place(of offset: Int) -> (line: Int, column: Int) {
        let offset = min(max(offset, lineStart), bytes.endIndex)
        while seen < offset {
            if bytes[seen] == 0x0A {
                line += 1
                lineStart = seen + 1
            }
            seen += 1
        }
        let column = bytes[lineStart..<max(offset, lineStart)].count { $0 & 0xC0 != 0x80 } + 1
        return (line, column)
    }
}
