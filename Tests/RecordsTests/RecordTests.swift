// Records: what fits, and the row and column of what does not.

import Records
import Foundation
import Geography
import Messages
import Testing

struct RecordTests {
    private func read(
        _ text: String, _ format: RecordFormat, kind: RecordReader.Kind = .whole
    ) throws -> [CheckedRecord] {
        try RecordReader(try DeclarationReader.read(sitesFile), kind: kind).read(Array(text.utf8), format)
    }

    private func mistakes(_ text: String, _ format: RecordFormat, kind: RecordReader.Kind = .whole) -> [RecordMistake] {
        do {
            _ = try read(text, format, kind: kind)
            return []
        } catch {
            return (error as? KuaibaoError)?.mistakes ?? []
        }
    }

    @Test func jsonObjectsBecomeCheckedRecords() throws {
        let records = try read(
            """
            [{"id": "A1", "name": "人民广场", "queue": 12, "share": 1, "opened": "2022年5月4日", "open": true,
              "tags": ["便民", "便民", "夜间"], "location": {"lat": 31.2304, "lon": 121.4737, "system": "wgs84"}},
             {"编号": 7, "名称": "二号"}]
            """, .json)
        #expect(records.map(\.identity) == ["A1", "7"])
        #expect(records.map(\.row) == [1, 3])
        #expect(records[0].values["opened"] == .string("2022-05-04"))
        #expect(records[0].values["share"] == .number(1))
        #expect(records[0].values["tags"] == .list([.string("便民"), .string("夜间")]))
        #expect(records[0].values["status"] == .string("空闲"))
        #expect(records[0].values["location"] == .object(["lat": .number(31.2304), "lon": .number(121.4737)]))
        #expect(records[1].values["id"] == .string("7"))
    }

    @Test func pointsAreConvertedFromTheSystemOfTheField() throws {
        let gcj = CoordinateSystem.gcj02.fromWGS84(GeoPoint(latitude: 31.2304, longitude: 121.4737))
        let record = try read(#"{"id":"a","name":"b","location":"\#(gcj.latitude),\#(gcj.longitude)"}"#, .json)[0]
        let stored = try PlaceText.point(try #require(record.values["location"]), .wgs84)
        #expect(stored.distance(to: GeoPoint(latitude: 31.2304, longitude: 121.4737)) < 0.01)
    }

    @Test func tablesReadLabelsQuotesAndLists() throws {
        let records = try read(
            "编号,名称,位置,忙闲,tags,开放\r\nA1,\"一号, \"\"东\"\"\n门\",\"31.2,121.4\",忙碌,夜间；便民,是\r\n\r\nA2,二号,,,,否\n", .csv)
        #expect(records.map(\.row) == [2, 5])
        #expect(records[0].values["name"] == .string("一号, \"东\"\n门"))
        #expect(records[0].values["tags"] == .list([.string("夜间"), .string("便民")]))
        #expect(records[0].values["open"] == .boolean(true))
        #expect(records[1].values["status"] == .string("空闲"))
        #expect(records[1].values["location"] == nil)
    }

    @Test(arguments: [
        (#"{"id":"a","name":"b","queue":-1}"#, RecordFormat.json, 1, 30, "queue", "less than"),
        ("[\n{\"id\":\"a\",\"name\":\"b\"},\n  {\"id\":\"b\",\"name\":3}]", .json, 3, 20, "name", "a text belongs"),
        (#"{"id":"a"}"#, .json, 1, nil, "name", "required"),
        (#"{"id":"a","name":"b","nmae":1}"#, .json, 1, 29, "nmae", "no such field"),
        (#"{"id":"a","编号":"b","name":"b"}"#, .json, 1, 16, "编号", "twice"),
        (#"{"id":"a","id":"b","name":"b"}"#, .json, 1, 11, nil, "stands twice"),
        (#"{"id":"a","name":"b","opened":"2022-02-30"}"#, .json, 1, 31, "opened", "a date belongs"),
        (#"{"id":"a","name":"b","location":"121.4,231.2"}"#, .json, 1, 33, "location", "no place"),
        (#"{"id":"a","name":"b","status":"满"}"#, .json, 1, 31, "status", "not one of"),
        (#"{"id":"a","name":"b","zone":"1,1;2,2"}"#, .json, 1, 29, "zone", "polygon of 2"),
        (#"{"id":"a","name":"b",}"#, .json, 1, 22, nil, "quotation marks"),
        (#"{"id":"a","name":"b"} x"#, .json, 1, 23, nil, "behind the end"),
        (#"{"id":"a","name":"b""#, .json, 1, 21, nil, "ends here"),
        ("{\"id\":\"a\",\"name\":\"b\"}\n\n{\"id\":\"c\",\"name\":tru}", .ndjson, 3, 18, nil, "no value"),
        ("{\"id\":\"a\",\"name\":\"b\",\"phone\":\"1\"}\n{\"id\":\"c\",\"name\":\"b\",\"phone\":\"1\"}", .ndjson, 2, nil, "phone", "row 1 already"),
        ("id,name,queue\na,b,viele", .csv, 2, 3, "queue", "no whole number"),
        ("id,name\na,b,c", .csv, 2, 3, nil, "3 cells under 2"),
        ("id,nmae\na,b", .csv, 1, 2, "nmae", "no such field"),
        ("id,编号\na,b", .csv, 1, 2, "编号", "second column"),
        ("id,name\na,\"b", .csv, 2, 2, nil, "without its second"),
        ("id,name\na,\"b\"c\nd,e", .csv, 2, 2, nil, "behind a quoted cell"),
    ] as [(String, RecordFormat, Int, Int?, String?, String)])
    func mistakesNameRowAndColumn(
        text: String, format: RecordFormat, row: Int, column: Int?, field: String?, message: String
    ) throws {
        let mistake = try #require(mistakes(text, format).first)
        #expect(mistake.row == row)
        #expect(mistake.column == column)
        #expect(mistake.field == field)
        #expect(mistake.message.contains(message), "\(mistake.message)")
    }

    @Test func manyMistakesAreCountedAndTheFirstListed() throws {
        let rows = (0..<50).map { "{\"id\":\"\($0)\",\"name\":\($0)}" }.joined(separator: "\n")
        let error = #expect(throws: KuaibaoError.self) { try read(rows, .ndjson) }
        #expect(error?.code == .invalidRecord)
        #expect(error?.mistakes?.count == RecordReader.listedMistakes)
        #expect(error?.message.contains("50 mistakes") == true)
        #expect(throws: KuaibaoError.self) { try read("", .ndjson) }
        #expect(throws: KuaibaoError.self) { try read("[]", .json) }
        #expect(throws: KuaibaoError.self) { try read("id,name\n", .csv) }
    }

    @Test func patchesChangeWhatTheyName() throws {
        let sites = try DeclarationReader.read(sitesFile)
        let patch = try read(#"{"queue":3,"status":null,"tags":null}"#, .json, kind: .patch)[0]
        let before: [String: JSONValue] = ["id": .string("a"), "name": .string("b"), "tags": .list([.string("c")]), "status": .string("忙碌")]
        let after = MergePatch.apply(patch.values, to: before, sites)
        #expect(after == ["id": .string("a"), "name": .string("b"), "queue": .integer(3), "status": .string("空闲")])
        #expect(mistakes(#"{"name":null}"#, .json, kind: .patch).first?.message.contains("cannot be taken away") == true)
    }

    @Test func identitiesOfSeveralFieldsDoNotMeet() throws {
        let pairs = try DeclarationReader.read("collection: p\nidentity: [a, b]\nfields: {a: keyword, b: keyword}")
        let reader = RecordReader(pairs)
        let lines = #"{"a":"x:y","b":"z"}"# + "\n" + #"{"a":"x","b":"y:z"}"# + "\n" + #"{"a":"x%3Ay","b":"z"}"#
        let identities = try reader.read(Array(lines.utf8), .ndjson).map(\.identity)
        #expect(Set(identities).count == 3)
    }

    @Test(arguments: [
        ("2020-02-08", "2020-02-08"), ("2020-2-8", "2020-02-08"), ("2020/02", "2020-02"), ("2020年", "2020"),
        ("--02-29", "--02-29"), ("2022-05-04T20:11+08:00", "2022-05-04T20:11+08:00"), ("2022-05-04 08:05:59Z", "2022-05-04T08:05+00:00"),
        ("2021-02-29", nil), ("2020-13", nil), ("2020-02-08T", nil), ("20200208", nil), ("", nil), ("今天", nil), ("2020-02T10:00", nil),
        ("2020-02-08T24:00", nil),
    ] as [(String, String?)])
    func datesKeepTheirPrecision(text: String, expected: String?) {
        #expect(DateText.read(text)?.text == expected)
    }

    /// Our reader agrees with Foundation's on texts that both read, and refuses what Foundation refuses.
    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func jsonAgreesWithFoundation(seed: UInt64) throws {
        let free = try DeclarationReader.read("collection: p\nfields: {a: {type: text}, b: number}")
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "{", "}", "\"a\"", ":", ",", "\"b\"", "1", "-0.5e3", "\"x\\u00e9\"", "\"\\ud83d\\ude00\"", " ", "true", "null", "01", "\"\\q\"",
            "[", "]", "1.", "\"中\"", "\"\\ud800\"",
        ]
        var accepted = 0
        for _ in 0..<4000 {
            var text = "{\"a\":"
            for _ in 0..<Int.random(in: 1...5, using: &random) { text += pieces.randomElement(using: &random) ?? "" }
            text += "}"
            let ours = try? RecordReader(free).read(Array(text.utf8), .json)
            guard let ours else { continue }
            accepted += 1
            let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            let parsed = try #require(object, "\(text), seed \(seed)")
            #expect(ours[0].values["a"]?.text == parsed["a"] as? String, "\(text), seed \(seed)")
        }
        #expect(accepted > 0)
    }

    /// What a record without an identity is named by: bytes that never change.
    @Test(arguments: [21, 22, 23] as [UInt64])
    func recordsAreWrittenAsFoundationWritesThem(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        func text() -> String {
            let pieces = ["中", "a", "\"", "\\", "/", "\n", "\t", "\r", "\u{8}", "\u{c}", "\u{1}", "\u{1f}", "\u{7f}", "é", "😀", "\u{2028}"]
            return (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        func value(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0...(depth < 3 ? 7 : 5), using: &random) {
            case 0: .null
            case 1: .boolean(Bool.random(using: &random))
            case 2: .integer(Int64.random(in: .min ... .max, using: &random))
            case 3: .number(Double(Int.random(in: -50...50, using: &random)))
            case 4: .number([0.1, -0.0, 1e300, .leastNonzeroMagnitude, 36.55, 1e16, 1e15, -1e-7].randomElement(using: &random) ?? 0)
            case 5: .string(text())
            case 6: .list((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth + 1) })
            default: .object(object(depth + 1))
            }
        }
        func object(_ depth: Int) -> [String: JSONValue] {
            let names = ["a", "b", "b-1", "b_1", "a2", "a10", "z", "lat", "lon", "type", "coordinates"]
            return Dictionary(
                names.filter { _ in Bool.random(using: &random) }.map { ($0, value(depth)) }, uniquingKeysWith: { $1 })
        }
        for _ in 0..<500 {
            let record = object(0)
            let expected = try Codec.json.encode(record)
            #expect(
                RecordText.encode(record) == expected,
                "\(String(decoding: RecordText.encode(record), as: UTF8.self)) \(String(decoding: expected, as: UTF8.self)), seed \(seed)")
        }
    }

    @Test(arguments: [
        (" a ", "a"), ("\u{3000}中\u{3000}", "中"), ("中 ", "中"), ("中\u{a0}", "中"), ("\u{2003}x", "x"), ("é ", "é"), ("中é", "中é"), ("", ""), (" ", ""),
        ("a\r\n", "a"), ("\u{feff}a", "\u{feff}a"), ("中\u{301}", "中\u{301}"), ("a", "a"), ("🏥", "🏥"),
    ])
    func keywordsHaveNoWhiteSpaceAtTheirEnds(text: String, expected: String) throws {
        let pairs = try DeclarationReader.read("collection: p\nfields: {a: keyword}")
        let body = Array(try JSONEncoder().encode(["a": text]))
        let read = try? RecordReader(pairs).read(body, .json)
        #expect((read?.first?.values["a"]?.text ?? "") == expected)
    }

    @Test(arguments: ["2020-02-08", "2020/2/8", "2020年2月8日", "--02-08", "//02-08", "2020-02-08T20:11:05+08:00", "2020年2月8日 20:11"])
    func datesInAllTheirForms(text: String) throws {
        #expect(DateText.read(text)?.month == 2 && DateText.read(text)?.day == 8)
        #expect(DateText.read(text + "x") == nil && DateText.read("-" + text) == nil)
    }

    // MARK: Forms in parts

    private func parts(_ body: String, _ type: String = "multipart/form-data; boundary=xYz") throws -> [CheckedRecord] {
        try RecordReader(try DeclarationReader.read(sitesFile))
            .read(Array(body.replacing("\n", with: "\r\n").utf8), .multipart, contentType: type)
    }

    private func part(_ name: String, _ value: String, _ more: String = "") -> String {
        "--xYz\nContent-Disposition: form-data; name=\"\(name)\"\(more)\n\n\(value)\n"
    }

    @Test func partsAreTheFieldsOfOneRecord() throws {
        let body = part("编号", "A1") + part("name", "虹桥 \"站\"\n二") + part("tags", "便民") + part("tags", "夜间")
            + part("queue", "") + part("file", "", "; filename=\"\"") + "--xYz--\n"
        for type in ["multipart/form-data; boundary=xYz", "Multipart/Form-Data; charset=utf-8; boundary=\"xYz\""] {
            let records = try parts(body, type)
            #expect(records.count == 1 && records[0].identity == "A1")
            #expect(records[0].values["name"] == .string("虹桥 \"站\"\r\n二"))
            #expect(records[0].values["tags"] == .list([.string("便民"), .string("夜间")]))
        }
        #expect(try parts("preamble\n" + body)[0].identity == "A1")
    }

    @Test(arguments: [
        ("a.csv", "id,name\nA1,一\nA2,二"), ("a.JSON", #"[{"id":"A1","name":"一"},{"id":"A2","name":"二"}]"#),
        ("a.jsonl", #"{"id":"A1","name":"一"}"# + "\n" + #"{"id":"A2","name":"二"}"#),
        ("upload\"\nContent-Type: \"text/csv", "id,name\nA1,一\nA2,二"),
    ])
    func aFileHasTheRecords(name: String, content: String) throws {
        let head = name.contains("\n") ? "; filename=\"upload\"\nContent-Type: text/csv" : "; filename=\"\(name)\""
        #expect(try parts(part("file", content, head) + "--xYz--").map(\.identity) == ["A1", "A2"])
    }

    @Test(arguments: [
        ("", "the boundary does not stand"), ("--xYz\n\nx\n--xYz--", "without a name"), ("--xYz x", "other than a line's end"),
        ("--xYz\nContent-Disposition: form-data; name=\"id\"\n\nA1", "without its end"),
        ("--xYz\nContent-Disposition: form-data; name=\"id\"", "no end within"),
        ("--xYz\nContent-Disposition: form-data; name=\"id\"\nContent-Type: multipart/mixed\n\nx\n--xYz--", "parts within"),
        ("--xYz\nContent-Disposition: form-data; name=\"id\"\nContent-Transfer-Encoding: base64\n\nx\n--xYz--", "base64"),
        ("--xYz\nContent-Disposition: form-data; name=\"f\"; filename=\"a.exe\"\n\nx\n--xYz--", "is no .csv"),
        (
            "--xYz\nContent-Disposition: form-data; name=\"f\"; filename=\"a.csv\"\n\nid\nA\n--xYz\nContent-Disposition: form-data; "
                + "name=\"id\"\n\nB\n--xYz--", "beside other values"
        ),
    ])
    func partsThatAreNoForm(body: String, message: String) {
        let error = #expect(throws: KuaibaoError.self) { try parts(body) }
        #expect(error?.code == .invalidRecord && error?.message.contains(message) == true, "\(error?.message ?? "")")
        for end in 0..<body.count { _ = try? parts(String(body.prefix(end))) }
    }

    @Test func partsAreBounded() {
        let many = (0...1000).map { part("f\($0)", "x") }.joined() + "--xYz--"
        #expect(throws: KuaibaoError.self) { try parts(many) }
        #expect(throws: KuaibaoError.self) { try parts("--xYz\nA: " + String(repeating: "x", count: 5000) + "\n\n\n--xYz--") }
        #expect(throws: KuaibaoError.self) { try parts("--\n", "multipart/form-data; boundary=") }
        #expect(throws: KuaibaoError.self) { try parts("--\n", "multipart/form-data") }
        #expect(throws: KuaibaoError.self) { try parts("--\n", "multipart/form-data; boundary=\(String(repeating: "a", count: 71))") }
    }
}
