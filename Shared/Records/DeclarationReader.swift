// Reads a collection's YAML file. Every mistake names its line and its key.
//
//     collection: sampling-sites
//     title: 核酸采样点
//     identity: site
//     shows: name
//     fields:
//       site: keyword
//       name: {type: text, names: [名称], required: true, highlight: true}
//       location: {type: point, coordinates: gcj02}
//       status: {type: keyword, values: [空闲, 适中, 忙碌], default: 空闲, facet: true}

package import Messages
import Yams

package enum DeclarationReader {
    /// - Throws: `invalidDeclaration` with line and key.
    package static func read(_ text: String) throws(KuaibaoError) -> CollectionDeclaration {
        guard text.utf8.count <= DeclarationLimits.fileBytes else {
            throw CollectionDeclaration.invalid(
                "a declaration of \(text.utf8.count) bytes", fix: "use at most \(DeclarationLimits.fileBytes)")
        }
        try refuseReferences(text)
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw CollectionDeclaration.invalid("the file is no YAML: \(error)", fix: "mend the line that is named")
        }
        guard let root, let top = root.mapping else {
            throw CollectionDeclaration.invalid("the file declares nothing", fix: "begin with collection: NAME")
        }
        let keys = try DeclaredKeys(
            top, of: "the file",
            known: ["collection", "title", "identity", "shows", "retention-days", "partitions", "fields"])
        let name = try keys.need("collection").string("collection")
        guard let fields = try keys.need("fields").node.mapping else {
            throw try keys.need("fields").mistake("fields is no list of names with their types")
        }
        guard fields.count <= DeclarationLimits.fields else {
            throw try keys.need("fields").mistake(
                "\(fields.count) fields; at most \(DeclarationLimits.fields) are allowed")
        }
        var declared: [FieldDeclaration] = []
        for (key, node) in fields {
            declared.append(try field(DeclaredValue(key).string("a field's name"), DeclaredValue(node, after: key)))
        }
        do {
            return try CollectionDeclaration(
                name: name, title: try keys["title"]?.string("title", limit: DeclarationLimits.titleCharacters) ?? name,
                identity: try keys["identity"]?.strings("identity", limit: 8) ?? [],
                titleField: try keys["shows"]?.string("shows"),
                retentionDays: try keys["retention-days"]?.whole("retention-days", 1...DeclarationLimits.retentionDays),
                partitions: try keys["partitions"]?.whole("partitions", 1...DeclarationLimits.partitions),
                fields: declared)
        } catch {
            // Rules that tie several lines together know no line; the file's first line is as good as any.
            throw error.message.hasPrefix("line ")
                ? error : KuaibaoError(error.code, "line \(top.mark?.line ?? 1): \(error.message)", fix: error.fix)
        }
    }

    /// Anchors and aliases make a small file large; no declaration needs them.
    private static func refuseReferences(_ text: String) throws(KuaibaoError) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var before: Character = " "
            for character in line {
                if character == "#", before == " " { break }
                if character == "&" || character == "*", " [{,:-".contains(before) {
                    throw CollectionDeclaration.invalid(
                        "line \(index + 1): '\(character)' begins an anchor or an alias",
                        fix: "write the value out, or put it in quotation marks")
                }
                before = character
            }
        }
    }

    private static let fieldKeys = [
        "type", "names", "facet", "sort", "highlight", "required", "unique", "live", "list", "personal", "hidden",
        "default",
        "values", "minimum", "maximum", "length", "coordinates", "weight",
    ]

    private static func field(_ name: String, _ value: DeclaredValue) throws(KuaibaoError) -> FieldDeclaration {
        guard CollectionDeclaration.isName(name) else {
            throw value.mistake(
                "a field cannot be called '\(name)'; use 1 to 64 of a-z, 0-9, - and _, a letter first; put other names"
                    + " under names")
        }
        guard let mapping = value.node.mapping else {
            return FieldDeclaration(name: name, type: try value.choice(FieldType.self, "the type of '\(name)'"))
        }
        let keys = try DeclaredKeys(mapping, of: "field '\(name)'", known: fieldKeys)
        let type = try keys.need("type").choice(FieldType.self, "the type of '\(name)'")
        var field = FieldDeclaration(name: name, type: type)
        field.names = try keys["names"]?.strings("names", limit: DeclarationLimits.names) ?? []
        field.isFaceted = try keys.flag("facet", type, of: [.keyword, .boolean, .date])
        field.isSorted = try keys.flag("sort", type, of: [.integer, .number, .date, .point])
        field.isHighlighted = try keys.flag("highlight", type, of: [.text])
        field.isRequired = try keys.flag("required", type, of: FieldType.allCases)
        field.isUnique = try keys.flag("unique", type, of: [.keyword, .integer])
        field.isLive = try keys.flag("live", type, of: [.keyword, .integer, .number, .boolean, .date, .text])
        field.isList = try keys.flag("list", type, of: [.keyword, .integer, .number])
        field.isPersonal = try keys.flag("personal", type, of: [.text, .keyword])
        field.hiddenFrom = try keys["hidden"]?.strings("hidden", limit: DeclarationLimits.scopes) ?? []
        if let values = keys["values"] {
            guard type == .keyword else { throw values.mistake("only keywords list their values") }
            field.values = try values.strings("values", limit: DeclarationLimits.values)
        }
        if let bound = keys["minimum"] { field.minimum = try bound.number("minimum", type) }
        if let bound = keys["maximum"] { field.maximum = try bound.number("maximum", type) }
        if let length = keys["length"] { field.maximumLength = try length.whole("length", 1...field.maximumLength) }
        if let system = keys["coordinates"] {
            guard type == .point || type == .area else {
                throw system.mistake("only points and areas have coordinates")
            }
            field.coordinates = try system.choice(type: "coordinates")
        }
        if let weight = keys["weight"] {
            guard type == .text else { throw weight.mistake("only texts have a weight") }
            field.weight = try weight.number("weight", .number)
            guard (0.01...100).contains(field.weight) else { throw weight.mistake("a weight of \(field.weight)") }
        }
        if let given = keys["default"] {
            guard let scalar = given.node.scalar?.string else { throw given.mistake("the default is no single value") }
            do {
                field.defaultValue = try FieldCheck.checked(cell: scalar, field)
            } catch {
                throw given.mistake("the default does not fit: \(error.message)")
            }
        }
        return field
    }
}

/// The keys of one YAML mapping, all of them known.
private struct DeclaredKeys {
    private let values: [String: DeclaredValue]
    private let owner: String
    private let line: Int

    init(_ mapping: Node.Mapping, of owner: String, known: [String]) throws(KuaibaoError) {
        self.owner = owner
        line = mapping.mark?.line ?? 1
        var values: [String: DeclaredValue] = [:]
        for (key, node) in mapping {
            let name = try DeclaredValue(key).string("a key")
            guard known.contains(name) else {
                throw DeclaredValue(key).mistake(
                    "\(owner) has no '\(name)'; known are \(known.joined(separator: ", "))")
            }
            guard values.updateValue(DeclaredValue(node, after: key), forKey: name) == nil else {
                throw DeclaredValue(key).mistake("\(owner) has '\(name)' twice")
            }
        }
        self.values = values
    }

    subscript(name: String) -> DeclaredValue? { values[name] }

    func need(_ name: String) throws(KuaibaoError) -> DeclaredValue {
        if let value = values[name] { return value }
        throw CollectionDeclaration.invalid("line \(line): \(owner) has no '\(name)'", fix: "add it")
    }

    func flag(_ name: String, _ type: FieldType, of types: [FieldType]) throws(KuaibaoError) -> Bool {
        guard let value = values[name] else { return false }
        guard try value.boolean(name) else { return false }
        guard types.contains(type) else {
            throw value.mistake(
                "a \(type.rawValue) field cannot be '\(name)'; that is for \(types.map(\.rawValue).joined(separator: ", "))"
            )
        }
        return true
    }
}

/// A YAML value with the line it stands in.
private struct DeclaredValue {
    let node: Node
    private let line: Int

    init(_ node: Node, after key: Node? = nil) {
        self.node = node
        line = node.mark?.line ?? key?.mark?.line ?? 1
    }

    func mistake(_ message: String) -> KuaibaoError {
        CollectionDeclaration.invalid("line \(line): \(message)", fix: "mend line \(line); see docs/collections.md")
    }

    func string(_ what: String, limit: Int = 200) throws(KuaibaoError) -> String {
        guard let text = node.scalar?.string, !text.isEmpty else { throw mistake("\(what) is no text") }
        guard text.count <= limit else { throw mistake("\(what) has \(text.count) characters; at most \(limit)") }
        return text
    }

    func strings(_ what: String, limit: Int) throws(KuaibaoError) -> [String] {
        guard let sequence = node.sequence else { return [try string(what)] }
        guard sequence.count <= limit else { throw mistake("\(what) lists \(sequence.count); at most \(limit)") }
        var result: [String] = []
        for entry in sequence { result.append(try DeclaredValue(entry).string(what)) }
        return result
    }

    func boolean(_ what: String) throws(KuaibaoError) -> Bool {
        switch node.scalar?.string {
        case "true", "yes": true
        case "false", "no": false
        default: throw mistake("\(what) is neither true nor false")
        }
    }

    func whole(_ what: String, _ range: ClosedRange<Int>) throws(KuaibaoError) -> Int {
        guard let text = node.scalar?.string, let value = Int(text), range.contains(value) else {
            throw mistake("\(what) is no whole number within \(range.lowerBound)…\(range.upperBound)")
        }
        return value
    }

    func number(_ what: String, _ type: FieldType) throws(KuaibaoError) -> Double {
        guard type == .integer || type == .number else { throw mistake("only numbers have a \(what)") }
        guard let text = node.scalar?.string, let value = Double(text), value.isFinite else {
            throw mistake("\(what) is no number")
        }
        return value
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type = Choice.self, _ what: String
    ) throws(KuaibaoError) -> Choice where Choice.RawValue == String {
        let text = try string(what)
        guard let choice = Choice(rawValue: text) else {
            throw mistake("\(what) is '\(text)'; use \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        type what: String
    ) throws(KuaibaoError) -> Choice where Choice.RawValue == String {
        try choice(Choice.self, what)
    }
}
