// Declarations: what a file says, and what is wrong with one.

import Records
import Geography
import Messages
import Testing

/// A small collection that has every type.
let sitesFile = """
    collection: sites
    title: 采样点
    identity: id
    shows: name
    retention-days: 30
    fields:
      id: {type: keyword, names: [编号], required: true}
      name: {type: text, names: [名称], required: true, highlight: true, weight: 2}
      location: {type: point, names: [位置], coordinates: gcj02, sort: true}
      status: {type: keyword, names: [忙闲], values: [空闲, 忙碌], default: 空闲, facet: true}
      queue: {type: integer, names: [排队], minimum: 0, maximum: 5000, sort: true}
      share: number
      opened: {type: date, sort: true}
      open: {type: boolean, names: [开放], facet: true}
      tags: {type: keyword, list: true}
      phone: {type: keyword, unique: true, personal: true, hidden: [public]}
      zone: area
    """

struct DeclarationTests {
    @Test func readsEveryKey() throws {
        let sites = try DeclarationReader.read(sitesFile)
        #expect(sites.name == "sites")
        #expect(sites.title == "采样点")
        #expect(sites.identity == ["id"])
        #expect(sites.titleField == "name")
        #expect(sites.retentionDays == 30)
        #expect(sites.fields.map(\.type) == [
            .keyword, .text, .point, .keyword, .integer, .number, .date, .boolean, .keyword, .keyword, .area,
        ])
        let status = try #require(sites.field(named: "忙闲"))
        #expect(status.isFaceted)
        #expect(status.values == ["空闲", "忙碌"])
        #expect(status.defaultValue == .string("空闲"))
        let phone = try #require(sites.field(named: "PHONE"))
        #expect(phone.isPersonal && phone.isUnique)
        #expect(phone.hiddenFrom == ["public"])
        #expect(sites.field(named: "location")?.coordinates == .gcj02)
        #expect(sites.field(named: "name")?.weight == 2)
        #expect(sites.field(named: "queue")?.maximum == 5000)
        #expect(sites.field(named: "tags")?.isList == true)
    }

    @Test(arguments: [
        ("", "declares nothing"),
        ("- a", "declares nothing"),
        ("collection: [", "no YAML"),
        ("collection: a", "no 'fields'"),
        ("title: a\nfields: {a: text}", "no 'collection'"),
        ("collection: A\nfields: {a: text}", "cannot be called 'A'"),
        ("collection: bulletins\nfields: {a: text}", "bulletins is built in|cannot be called"),
        ("collection: a\nfields: {}", "0 fields"),
        ("collection: a\nfields:\n  a: text\n  b: txet", "line 4: the type of 'b' is 'txet'"),
        ("collection: a\nfields:\n  a: {type: text, facet: true}", "line 3: a text field cannot be 'facet'"),
        ("collection: a\nfields:\n  a: {type: text, colour: red}", "line 3: field 'a' has no 'colour'"),
        ("collection: a\nfields:\n  Ä: text", "line 3: a field cannot be called"),
        ("collection: a\nidentity: b\nfields: {a: text}", "'b' cannot be part of the identity"),
        ("collection: a\nidentity: a\nfields: {a: text}", "'a' cannot be part of the identity"),
        ("collection: a\nshows: b\nfields: {a: text}", "'b' cannot stand for a record"),
        ("collection: a\nfields:\n  a: {type: text, names: [b]}\n  b: text", "two fields are called 'b'"),
        ("collection: a\nfields:\n  a: {type: integer, maximum: 5, default: 6}", "line 3: the default does not fit"),
        ("collection: a\nfields:\n  a: {type: keyword, values: [x], default: y}", "line 3: the default does not fit"),
        ("collection: a\nfields:\n  a: {type: text, weight: .inf}", "line 3"),
        ("collection: a\nfields:\n  a: {type: keyword, coordinates: gcj02}", "line 3: only points and areas"),
        ("collection: a\nretention-days: 0\nfields: {a: text}", "line 2: retention-days is no whole number"),
        ("collection: a\nfields:\n  a: {type: text, required: maybe}", "line 3: required is neither"),
        ("a: &x [1]\nb: *x", "line 1: '&' begins an anchor"),
    ])
    func namesTheMistakeAndItsLine(file: String, expected: String) throws {
        let error = #expect(throws: KuaibaoError.self) { try DeclarationReader.read(file) }
        let message = try #require(error?.message)
        #expect(error?.code == .invalidDeclaration)
        #expect(expected.split(separator: "|").contains { message.contains($0) }, "\(message)")
    }

    @Test func boundsEverything() {
        let many = (0...DeclarationLimits.fields).map { "  f\($0): text" }.joined(separator: "\n")
        #expect(throws: KuaibaoError.self) { try DeclarationReader.read("collection: a\nfields:\n" + many) }
        let large = "collection: a\nfields: {a: text}\n#" + String(repeating: "x", count: DeclarationLimits.fileBytes)
        #expect(throws: KuaibaoError.self) { try DeclarationReader.read(large) }
        let deep = String(repeating: "[", count: 20_000)
        #expect(throws: KuaibaoError.self) { try DeclarationReader.read("collection: " + deep) }
    }
}
