// Declarations as the index and the query language see them, and records as documents.

import Schemas
import Geography
import Messages
import Records
import SearchCore
import Testing

private let sites = """
    collection: sites
    title: 采样点
    identity: id
    shows: name
    fields:
      id: keyword
      name: {type: text, names: [名称], required: true, highlight: true}
      note: {type: text, highlight: true}
      location: {type: point, names: [位置], sort: true}
      zone: area
      status: {type: keyword, names: [忙闲], values: [空闲, 忙碌], default: 空闲, facet: true, live: true}
      open: {type: boolean, names: [开放], facet: true}
      queue: {type: integer, sort: true, live: true}
      opened: {type: date, names: [日期], sort: true}
      phone: {type: keyword, personal: true}
    """

struct SchemaTests {
    private func schema() throws -> CollectionSchema {
        try CollectionSchema(StoredDeclaration(generation: 1, text: sites))
    }

    private func description(at instant: Int64 = 7) -> DocumentDescription {
        DocumentDescription(identity: "A1", acceptedAt: instant)
    }

    @Test func aDeclarationBecomesASchemaWithoutWhatIsPersonal() throws {
        let schema = try schema()
        #expect(
            schema.index.fields.map(\.name) == [
                "id", "name", "note", "location", "zone", "status", "open", "queue", "opened", "_accepted",
            ])
        #expect(schema.titleField == "name" && schema.bodyField == "note")
        #expect(schema.facets == ["status", "open"] && schema.dateField == "opened" && schema.pointField == "location")
        #expect(schema.fields.field(named: "phone") == nil && schema.fields.field(named: "_accepted") == nil)
    }

    @Test(
        arguments: [
            ("忙闲:忙碌", Query.term("忙碌", field: "status"), "status:忙碌"),
            ("开放:是", .term("true", field: "open"), "open:true"),
            ("open:关", .term("false", field: "open"), "open:false"),
            ("queue>3", .numbers(NumberRange(lower: 3, upper: nil, includesLower: false), field: "queue"), "queue>3"),
            (
                "位置:31.2，121.4～2公里",
                .within(.circle(centre: GeoPoint(latitude: 31.2, longitude: 121.4), metres: 2000), field: "location"),
                "location:31.2,121.4~2000.0m"
            ),
            (
                "location:31.1,121.3..31.3,121.6",
                .within(.box(GeoBox(south: 31.1, west: 121.3, north: 31.3, east: 121.6)), field: "location"),
                "location:31.1,121.3..31.3,121.6"
            ),
            (
                "location:\"31,121; 31,122; 32,121\"",
                .within(
                    .polygon([
                        GeoPoint(latitude: 31, longitude: 121), GeoPoint(latitude: 31, longitude: 122),
                        GeoPoint(latitude: 32, longitude: 121),
                    ]), field: "location"), "location:31.0,121.0;31.0,122.0;32.0,121.0"
            ),
            (
                "zone:31.2,-121.4", .covers(GeoPoint(latitude: 31.2, longitude: -121.4), field: "zone"),
                "zone:31.2,-121.4"
            ),
        ] as [(String, Query, String)])
    func queriesNameTheFieldsOfTheCollection(text: String, tree: Query, printed: String) throws {
        let fields = try schema().fields
        let parsed = try QueryParser(fields: fields, today: nil).parse(text)
        #expect(parsed == tree)
        #expect(QueryPrinter(fields: fields).print(parsed) == printed)
        #expect(try QueryParser(fields: fields, today: nil).parse(printed) == tree)
    }

    @Test(arguments: [
        "location:31.2", "location:91,121~5", "location:31.2,121.4~0", "location:31,121..30,121", "zone:31,121~5",
        "location>31", "location:utm:31,121~5", "location:31,121;32,122", "phone:1", "nothing:1",
    ])
    func wrongPlacesAndFieldsAreRefusedWithTheirPlace(text: String) throws {
        let fields = try schema().fields
        let error = #expect(throws: KuaibaoError.self) { try QueryParser(fields: fields, today: nil).parse(text) }
        #expect(error?.code == .invalidQuery && error?.range != nil && error?.fix.isEmpty == false)
    }

    @Test func placesOfOtherSystemsAreConverted() throws {
        let place = GeoPoint(latitude: 31.2304, longitude: 121.4737)
        for system in CoordinateSystem.allCases {
            let given = system.fromWGS84(place)
            let query = try QueryParser(fields: try schema().fields, today: nil)
                .parse("位置:\(system.rawValue):\(given.latitude),\(given.longitude)~100")
            guard case .within(.circle(let centre, let metres), _) = query else {
                Issue.record("\(query)")
                continue
            }
            #expect(metres == 100 && centre.distance(to: place) < 2, "\(system)")
        }
    }

    @Test func aChangeKeepsWhatItDoesNotNameAndTellsWhenItWasReported() throws {
        let schema = try schema()
        let declaration = try #require(schema.declaration)
        let whole = try RecordReader(declaration).read(
            Array(#"{"id":"A1","name":"人民广场","queue":4,"phone":"139"}"#.utf8), .json)[0]
        let first = RecordMerging.whole(RecordContent(values: whole.values), acceptedAt: 100, schema)
        #expect(first.reportedAt == ["status": 100, "queue": 100])
        let patch = try RecordReader(declaration, kind: .patch).read(
            Array(#"{"status":"空闲","queue":null}"#.utf8), .json)[0]
        let next = RecordMerging.merged(
            RecordContent(values: patch.values, isPatch: true), into: first, acceptedAt: 200, schema)
        #expect(next.values["name"] == .string("人民广场") && next.values["queue"] == nil)
        #expect(next.reportedAt == ["status": 200])
        let document = try RecordIndexing.document(of: next, description(), version: 3, schema)
        #expect(document.fields["phone"] == nil && document.fields["_accepted"] == .integers([7]))
        let stored = try MessagePackDecoder.decode(StoredItem.self, from: document.stored)
        #expect(stored.item.title == "人民广场" && stored.record == next)
    }

    @Test func recordsOfAnEarlierDeclarationFitThePresentOne() throws {
        let changed = sites.replacing("  note: {type: text, highlight: true}\n", with: "")
            .replacing("  phone:", with: "  kind: {type: keyword, default: 固定, facet: true}\n  phone:")
        let schema = try CollectionSchema(StoredDeclaration(generation: 2, text: changed))
        let old = RecordContent(
            values: ["id": .string("A1"), "note": .string("x"), "queue": .integer(1)], reportedAt: ["queue": 5])
        let adapted = RecordMerging.adapted(old, to: schema)
        #expect(adapted.values["note"] == nil && adapted.values["kind"] == .string("固定"))
        #expect(adapted.reportedAt == ["queue": 5])
    }

    @Test(arguments: [
        ("  id: keyword", "  id: integer", "type of 'id'"),
        ("identity: id", "identity: [id, status]", "identity"),
        ("  phone:", "  more: {type: keyword, required: true}\n  phone:", "required and has no default"),
        ("  phone:", "  more: {type: keyword, unique: true}\n  phone:", "unique"),
        ("queue: {type: integer,", "queue: {type: integer, required: true,", "cannot become required"),
        ("personal: true", "facet: true", "personal"),
    ])
    func aDeclarationThatRecordsWouldNotFitIsRefused(part: String, with: String, why: String) throws {
        let old = try DeclarationReader.read(sites)
        let new = try DeclarationReader.read(sites.replacing(part, with: with))
        #expect(new.problem(replacing: old)?.contains(why) == true)
        #expect(old.problem(replacing: old) == nil)
    }

    @Test(arguments: [
        ("shows: name", "shows: phone"), ("identity: id", "identity: phone"),
        ("note: {type: text, highlight: true}", "note: {type: text, hidden: [search]}"),
    ])
    func whatIsInEveryAnswerCannotBeHidden(part: String, with: String) {
        let error = #expect(throws: KuaibaoError.self) { try DeclarationReader.read(sites.replacing(part, with: with)) }
        #expect(error?.code == .invalidDeclaration)
    }
}
