// libFuzzer's entry for what a client of the HTTP API writes: queries as text and as trees, bodies of JSON, declarations and
// records, tokens, cursors, typed text, headers.
//
//     input   first byte: what it is read as; then the bytes
//
// What is read must be printed and read back as the same; a refusal must name a place inside of the text; nothing may trap,
// hang or take memory without bound (libFuzzer's limits of time and memory).

import Foundation
import Messages
import Records
import Schemas
import SearchCore
import ServiceKit

private typealias Target = @Sendable ([UInt8]) -> Void

private let parser = QueryParser(today: CalendarDay(daysSince1970: 18_300))
private let printer = QueryPrinter()
private let normalizer = QueryNormalizer()

/// A normal tree is printed, read back, written as JSON, and planned.
private func check(_ query: Query, _ source: String) {
    let text = printer.print(query)
    // A printed tree may be longer than a text may be: signs are escaped.
    if text.utf8.count <= 4096 {
        do throws(KuaibaoError) {
            let again = try parser.parse(text)
            if again != query { fatalError("\(source): \(text.debugDescription) reads as \(again), not \(query)") }
        } catch {
            fatalError("\(source): \(text.debugDescription) is refused: \(error.message); it was printed of \(query)")
        }
    }
    // Foundation's JSON takes ten times as long as the parser: every fourth tree.
    guard text.utf8.count % 4 == 0 else { return }
    guard let json = try? JSONEncoder().encode(query), let copy = try? JSONDecoder().decode(Query.self, from: json)
    else {
        guard "\(query)".contains("nan") || "\(query)".contains("inf") else {
            fatalError("\(source): no JSON of \(query)")
        }
        return
    }
    if copy != query { fatalError("\(source): the JSON of \(query) reads as \(copy)") }
    // Planning and marking take most of the time: every eighth tree.
    guard text.utf8.count % 8 == 0 else { return }
    _ = try? Searcher(schema: .bulletins).statistics(for: query, in: IndexSnapshot(views: []))
    _ = Highlighter(query).highlight("上海市公安局：复工率超过70%，COVID-19 疫情防控", field: "title")
}

private let text: Target = { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(KuaibaoError) {
        check(try parser.parse(text), "text")
    } catch {
        guard let range = error.range else { return }
        if range.lowerBound < 0 || range.upperBound > text.utf8.count { fatalError("\(range) is outside of the text") }
        if error.fix.isEmpty || error.message.isEmpty { fatalError("a refusal without words") }
    }
}

private let tree: Target = { bytes in
    guard let query = try? JSONDecoder().decode(Query.self, from: Data(bytes)),
        let normal = try? normalizer.normalized(query)
    else { return }
    check(normal, "tree")
}

private let searchBody: Target = { bytes in
    guard let request = try? Codec.json.decode(SearchRequestBody.self, from: bytes).request else { return }
    if let query = request.query, let normal = try? normalizer.normalized(query) { check(normal, "body") }
}

private let watchBodies: Target = { bytes in
    guard let value = try? Codec.json.decode(JSONValue.self, from: bytes) else { return }
    let hasNulls = (try? NoNulls.check(value, what: "body")) == nil
    if let watch = try? Codec.json.decode(NewWatch.self, from: bytes), !hasNulls {
        if let query = try? parser.parse(watch.q) { check(query, "watch") }
    }
    if let read = try? Codec.json.decode(Acknowledgement.self, from: bytes), case .these(let numbers) = read.choice,
        numbers.count > Acknowledgement.limit
    {
        fatalError("\(numbers.count) alerts")
    }
    _ = try? Codec.json.decode(AlertNumbers.self, from: bytes)
}

private let declarations: Target = { bytes in
    guard let text = String(validating: bytes, as: UTF8.self), let read = try? DeclarationReader.read(text) else { return }
    guard let schema = try? CollectionSchema(StoredDeclaration(generation: 1, text: text)) else { return }
    let personal = Set(read.fields.filter(\.isPersonal).map(\.name))
    let suggested = schema.suggestions.all.filter(personal.contains)
    if !suggested.isEmpty { fatalError("personal values of \(suggested) would be suggested") }
}

private let sites: CollectionDeclaration = {
    do {
        return try DeclarationReader.read(
            """
            collection: sites
            identity: id
            fields:
              id: {type: keyword}
              name: {type: text, required: true}
              kind: {type: keyword, values: [a, b], list: true}
              open: {type: boolean}
              queue: {type: integer, minimum: 0}
              rate: {type: number}
              day: {type: date}
              place: {type: point, coordinates: gcj02}
              border: {type: area}
            """)
    } catch {
        fatalError("\(error)")
    }
}()

private let records: Target = { bytes in
    for format in RecordFormat.allCases {
        do throws(KuaibaoError) {
            let read = try RecordReader(sites).read(bytes, format, contentType: "multipart/form-data; boundary=b")
            if read.isEmpty { fatalError("no record and no refusal") }
        } catch {
            if error.message.isEmpty || error.fix.isEmpty { fatalError("a refusal without words") }
        }
    }
}

private let secret = KeySecret.random()
private let openKey = APIKey(
    id: secret.id, name: "fuzz", scopes: [.search], collections: ["*"], createdAt: 0, hash: secret.hash,
    publicKey: secret.publicKey)

private let credentials: Target = { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    if TenantToken(unverified: text) != nil, TenantToken.isSigned(text, by: openKey) {
        fatalError("a forged token: \(text)")
    }
    if let other = KeySecret(text), other.matches(openKey) { fatalError("a guessed key: \(text)") }
    if let request = try? JSONDecoder().decode(TokenRequest.self, from: Data(bytes)) {
        _ = try? request.sign(
            credential: "Bearer \(secret.text)", .open, now: 0, schemas: ["bulletins": .bulletins])
    }
}

private let cursors: Target = { bytes in
    guard let cursor = try? SearchCursor(text: Base64URL.encode(bytes)), let again = cursor.text else { return }
    guard (try? SearchCursor(text: again)) == cursor else { fatalError("a cursor does not come back: \(cursor)") }
}

private let table = SuggestionTable([
    "上海发布", "疫情防控", "复工复产", "上海市公安局", "复工指南", "重庆市银行业协会", "COVID-19 notice", "长宁区行政服务", "《近期有关措施》",
])

private let typed: Target = { bytes in
    guard let typed = TypedText(String(decoding: bytes, as: UTF8.self)) else { return }
    let found = table.matches(typed, limit: 5)
    if Set(found.map(\.number)).count != found.count { fatalError("a suggestion comes twice") }
}

private let headers: Target = { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    _ = ContentCoding(accepted: text)
    _ = ContentCoding.isWorthwhile(text)
}

/// Texts and trees more often than the others.
private let targets: [Target] = [
    text, tree, text, searchBody, text, credentials, tree, cursors, typed, headers, watchBodies, records, declarations, text,
]

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    targets[Int(first) % targets.count](Array(bytes.dropFirst()))
    return 0
}
