// The JSON form of a query: one object with one member, named after the node. docs/query-language.md has examples.
//
//     query      = {"all":{}} / {"none":{}} / {"and":[query…]} / {"or":[query…]} / {"not":query}
//                / {"boost":{"query":query,"factor":number}}
//                / {"text":{"value":string,"field":string?}} / {"phrase":{"value","field"?,"slop"?}}
//                / {"prefix":{"value","field"?}} / {"wildcard":{"value","field"?}} / {"fuzzy":{"value","field"?,"edits"?}}
//                / {"term":{"field","value"}}
//                / {"dates":{"field","from"?,"before"?}} / {"monthDay":{"field","month","day"?}}
//                / {"numbers":{"field",bounds}} / {"figure":{"subject",bounds,"unit"?}}
//                / {"within":{"field",shape}} / {"covers":{"field","point":point}}
//     shape      = "point":point,"metres":number / "box":{"south","west","north","east"} / "polygon":[point…]
//     point      = {"lat":number,"lon":number}, WGS-84
//     bounds     = "gt" or "gte" and "lt" or "lte", each a number
//     from, before = "2020-02-08" or days since 1970-01-01; `from` belongs to the range, `before` does not
//
// Invariants:
//  (1) Every tree survives encoding and decoding unchanged, in JSON and in MessagePack.
//  (2) One node takes at most two containers, so that the codecs' depth limit of 64 holds any tree the parser makes.
//  (3) A bound that excludes nothing (nil, not included) is written as null: {"gt":null}.

extension Query {
    /// The member that names a node.
    private enum Node: String, CodingKey, CaseIterable {
        case all, none, text, phrase, prefix, wildcard, fuzzy, term, dates, monthDay, numbers, figure, within, covers, and, or,
            not,
            boost
    }

    /// The members of a node's object.
    private enum Member: String, CodingKey {
        case value, field, slop, edits, from, before, month, day, subject, unit, query, factor, gt, gte, lt, lte,
            point, metres, box, polygon
    }

    /// Any member, to name one that is not known.
    private struct AnyMember: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private typealias MemberDecoder = KeyedDecodingContainer<Member>
    private typealias MemberEncoder = KeyedEncodingContainer<Member>

    // MARK: Decoding

    /// Reads the JSON form.
    ///
    /// - Throws: `DecodingError` for a member that is missing, unknown or of another type, or more than one node.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Node.self)
        let nodes = container.allKeys
        guard nodes.count == 1, let node = nodes.first else {
            throw Self.wrongNode(try decoder.container(keyedBy: AnyMember.self).allKeys, decoder.codingPath)
        }
        switch node {
        case .and: self = .and(try container.decode([Query].self, forKey: node))
        case .or: self = .or(try container.decode([Query].self, forKey: node))
        case .not: self = .not(try container.decode(Query.self, forKey: node))
        default:
            try self.init(node, try container.nestedContainer(keyedBy: Member.self, forKey: node))
        }
    }

    private init(_ node: Node, _ members: MemberDecoder) throws {
        func value() throws -> String { try members.decode(String.self, forKey: .value) }
        func field() throws -> String? { try members.decodeIfPresent(String.self, forKey: .field) }
        func namedField() throws -> String { try members.decode(String.self, forKey: .field) }
        func number(_ member: Member) throws -> Int? { try members.decodeIfPresent(Int.self, forKey: member) }
        switch node {
        case .none: self = .none
        case .text: self = .text(try value(), field: try field())
        case .phrase: self = .phrase(try value(), field: try field(), slop: try number(.slop) ?? 0)
        case .prefix: self = .prefix(try value(), field: try field())
        case .wildcard: self = .wildcard(try value(), field: try field())
        case .fuzzy: self = .fuzzy(try value(), field: try field(), edits: try number(.edits) ?? 1)
        case .term: self = .term(try value(), field: try namedField())
        case .dates:
            let range = DateRange(lower: try Self.day(members, .from), upper: try Self.day(members, .before))
            self = .dates(range, field: try namedField())
        case .monthDay:
            let month = try members.decode(Int.self, forKey: .month)
            self = .monthDay(month: month, day: try number(.day), field: try namedField())
        case .numbers: self = .numbers(try Self.bounds(members), field: try namedField())
        case .figure:
            let unit = try members.decodeIfPresent(String.self, forKey: .unit)
            let subject = try members.decode(String.self, forKey: .subject)
            self = .figure(subject: subject, range: try Self.bounds(members), unit: unit ?? "")
        case .within: self = .within(try Self.shape(members), field: try namedField())
        case .covers: self = .covers(try members.decode(GeoPoint.self, forKey: .point), field: try namedField())
        case .boost:
            let query = try members.decode(Query.self, forKey: .query)
            self = .boost(query, factor: try members.decode(Float.self, forKey: .factor))
        case .all, .and, .or, .not: self = .all
        }
    }

    private static func wrongNode(_ keys: [AnyMember], _ path: [any CodingKey]) -> DecodingError {
        let found = keys.isEmpty ? "none" : keys.prefix(3).map(\.stringValue.debugDescription).joined(separator: ", ")
        let known = Node.allCases.map(\.rawValue).joined(separator: ", ")
        return .dataCorrupted(
            .init(
                codingPath: path,
                debugDescription: "a query is an object with one member, found \(found); use one of \(known)"))
    }

    private static func day(_ members: MemberDecoder, _ member: Member) throws -> Int? {
        guard members.contains(member), !(try members.decodeNil(forKey: member)) else { return nil }
        if let day = try? members.decode(Int.self, forKey: member) { return day }
        let text = try members.decode(String.self, forKey: member)
        guard let day = CalendarDay(text) else {
            throw DecodingError.dataCorruptedError(
                forKey: member, in: members, debugDescription: "\(text.debugDescription) is no date; write 2020-02-08")
        }
        return day.daysSince1970
    }

    private static func shape(_ members: MemberDecoder) throws -> GeoShape {
        if members.contains(.box) { return .box(try members.decode(GeoBox.self, forKey: .box)) }
        if members.contains(.polygon) { return .polygon(try members.decode([GeoPoint].self, forKey: .polygon)) }
        return .circle(
            centre: try members.decode(GeoPoint.self, forKey: .point),
            metres: try members.decode(Double.self, forKey: .metres))
    }

    private static func bounds(_ members: MemberDecoder) throws -> NumberRange {
        func bound(_ excluding: Member, _ including: Member) throws -> (value: Double?, isIncluded: Bool) {
            guard members.contains(excluding) else {
                return (try members.decodeIfPresent(Double.self, forKey: including), true)
            }
            guard !members.contains(including) else {
                throw DecodingError.dataCorruptedError(
                    forKey: excluding, in: members,
                    debugDescription: "\(excluding.stringValue) and \(including.stringValue) exclude each other")
            }
            return (try members.decodeIfPresent(Double.self, forKey: excluding), false)
        }
        let lower = try bound(.gt, .gte)
        let upper = try bound(.lt, .lte)
        return NumberRange(
            lower: lower.value, upper: upper.value, includesLower: lower.isIncluded, includesUpper: upper.isIncluded)
    }

    // MARK: Encoding

    /// Writes the JSON form.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Node.self)
        switch self {
        case .and(let parts): try container.encode(parts, forKey: .and)
        case .or(let parts): try container.encode(parts, forKey: .or)
        case .not(let part): try container.encode(part, forKey: .not)
        case .all: _ = container.nestedContainer(keyedBy: Member.self, forKey: .all)
        case .none: _ = container.nestedContainer(keyedBy: Member.self, forKey: .none)
        case .boost(let part, let factor):
            var members = container.nestedContainer(keyedBy: Member.self, forKey: .boost)
            try members.encode(part, forKey: .query)
            try members.encode(factor, forKey: .factor)
        case .text(let value, let field): try Self.encode(value, field, &container, .text)
        case .prefix(let value, let field): try Self.encode(value, field, &container, .prefix)
        case .wildcard(let value, let field): try Self.encode(value, field, &container, .wildcard)
        case .term(let value, let field): try Self.encode(value, field, &container, .term)
        case .phrase(let value, let field, let slop): try Self.encode(value, field, &container, .phrase, (.slop, slop))
        case .fuzzy(let value, let field, let edits): try Self.encode(value, field, &container, .fuzzy, (.edits, edits))
        case .dates(let range, let field):
            var members = container.nestedContainer(keyedBy: Member.self, forKey: .dates)
            try members.encode(field, forKey: .field)
            try Self.encode(day: range.lower, &members, .from)
            try Self.encode(day: range.upper, &members, .before)
        case .monthDay(let month, let day, let field):
            var members = container.nestedContainer(keyedBy: Member.self, forKey: .monthDay)
            try members.encode(field, forKey: .field)
            try members.encode(month, forKey: .month)
            try members.encodeIfPresent(day, forKey: .day)
        case .numbers(let range, let field):
            var members = container.nestedContainer(keyedBy: Member.self, forKey: .numbers)
            try members.encode(field, forKey: .field)
            try Self.encode(range, &members)
        case .within(let shape, let field):
            var members = container.nestedContainer(keyedBy: Member.self, forKey: .within)
            try members.encode(field, forKey: .field)
            switch shape {
            case .circle(let centre, let metres):
                try members.encode(centre, forKey: .point)
                try members.encode(metres, forKey: .metres)
            case .box(let box): try members.encode(box, forKey: .box)
            case .polygon(let ring): try members.encode(ring, forKey: .polygon)
            }
        case .covers(let point, let field):
            var members = container.nestedContainer(keyedBy: Member.self, forKey: .covers)
            try members.encode(field, forKey: .field)
            try members.encode(point, forKey: .point)
        case .figure(let subject, let range, let unit):
            var members = container.nestedContainer(keyedBy: Member.self, forKey: .figure)
            try members.encode(subject, forKey: .subject)
            try Self.encode(range, &members)
            if !unit.isEmpty { try members.encode(unit, forKey: .unit) }
        }
    }

    private static func encode(
        _ value: String, _ field: String?, _ container: inout KeyedEncodingContainer<Node>, _ node: Node,
        _ count: (Member, Int)? = nil
    ) throws {
        var members = container.nestedContainer(keyedBy: Member.self, forKey: node)
        try members.encode(value, forKey: .value)
        try members.encodeIfPresent(field, forKey: .field)
        if let count { try members.encode(count.1, forKey: count.0) }
    }

    private static func encode(day: Int?, _ members: inout MemberEncoder, _ member: Member) throws {
        guard let day else { return }
        if let date = CalendarDay(daysSince1970: day) {
            try members.encode(date.text, forKey: member)
        } else {
            try members.encode(day, forKey: member)
        }
    }

    private static func encode(_ range: NumberRange, _ members: inout MemberEncoder) throws {
        func write(_ bound: Double?, _ isIncluded: Bool, _ excluding: Member, _ including: Member) throws {
            if let bound {
                try members.encode(bound, forKey: isIncluded ? including : excluding)
            } else if !isIncluded {
                try members.encodeNil(forKey: excluding)
            }
        }
        try write(range.lower, range.includesLower, .gt, .gte)
        try write(range.upper, range.includesUpper, .lt, .lte)
    }
}
