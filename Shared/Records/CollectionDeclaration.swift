// A collection as its YAML file declares it: which fields its records have, what their values may be, and what the index
// and the readers do with each. docs/collections.md tells it to people.

package import Geography
package import Messages

/// What the values of a field are.
package enum FieldType: String, Sendable, CaseIterable {
    /// Words to search for.
    case text
    /// Compared and counted as a whole.
    case keyword
    /// Whole numbers within 64 bits.
    case integer
    case number
    /// A date as far as it is known: `2020-02-08`, `2020-02`, `2020`, `--02-08`; a time of day may follow.
    case date
    /// A place on the earth.
    case point
    /// A polygon on the earth.
    case area
    case boolean
}

/// One field of a declared collection.
package struct FieldDeclaration: Sendable, Hashable {
    package var name: String
    package var type: FieldType
    /// Other names, as people and tables call the field.
    package var names: [String] = []
    /// Whether the values are counted on request.
    package var isFaceted = false
    /// Whether results can be ordered by the field.
    package var isSorted = false
    /// Whether matches are marked in answers.
    package var isHighlighted = false
    package var isRequired = false
    /// Whether no two records of the collection may have the same value.
    package var isUnique = false
    /// Whether the value changes all the time, so that answers say how old it is.
    package var isLive = false
    /// Whether a record may have several values.
    package var isList = false
    /// Whether the field says something of a person: masked in answers unless they are asked for by name.
    package var isPersonal = false
    /// Scopes whose readers never see the field.
    package var hiddenFrom: [String] = []
    /// What a record has that does not say; in the checked form.
    package var defaultValue: JSONValue?
    /// The only values of a keyword; empty allows all.
    package var values: [String] = []
    package var minimum: Double?
    package var maximum: Double?
    /// Characters of a text or keyword.
    package var maximumLength: Int
    /// How points and areas are given where they do not say it themselves.
    package var coordinates = CoordinateSystem.wgs84
    /// How much a match in a text counts.
    package var weight = 1.0

    package init(name: String, type: FieldType) {
        self.name = name
        self.type = type
        maximumLength = type == .text ? DeclarationLimits.textCharacters : DeclarationLimits.keywordCharacters
    }

    /// Whether records are found by the whole value although it is personal.
    package var isFoundWhole: Bool { isPersonal && type == .keyword && !isList }
}

/// A declared collection.
package struct CollectionDeclaration: Sendable, Hashable {
    package var name: String
    /// For people: 核酸采样点.
    package var title: String
    /// The fields whose values together name a record; empty where the sender or the content names it.
    package var identity: [String]
    /// The text or keyword that stands for a record in a list.
    package var titleField: String?
    /// Days after which a record that nobody has replaced goes; nil keeps all.
    package var retentionDays: Int?
    /// Parts that are indexed side by side; nil takes the setting of the ledger. Fixed when the collection is made.
    package var partitions: Int?
    package var fields: [FieldDeclaration]
    private let byName: [String: Int]

    /// Whatever makes a declaration, it keeps these rules.
    /// - Throws: `invalidDeclaration`.
    package init(
        name: String, title: String, identity: [String] = [], titleField: String? = nil, retentionDays: Int? = nil,
        partitions: Int? = nil, fields: [FieldDeclaration]
    ) throws(KuaibaoError) {
        self.name = name
        self.title = title
        self.identity = identity
        self.titleField = titleField
        self.retentionDays = retentionDays
        self.partitions = partitions
        self.fields = fields
        var byName: [String: Int] = [:]
        for (index, field) in fields.enumerated() {
            for name in [field.name] + field.names {
                guard byName.updateValue(index, forKey: name.lowercased()) == nil else {
                    throw Self.invalid("two fields are called '\(name)'", fix: "give each field names of its own")
                }
            }
        }
        self.byName = byName
        try check()
    }

    /// The field with this name, whichever of its names it is; letters compare without case.
    package func field(named name: String) -> FieldDeclaration? {
        (byName[name] ?? byName[name.lowercased()]).map { fields[$0] }
    }

    /// Why records of a former declaration could not stay under this one, in words; nil where they can. Fields may come, go,
    /// and be found otherwise; what their values are stays.
    package func problem(replacing old: CollectionDeclaration) -> String? {
        if identity != old.identity { return "the identity cannot change" }
        if let partitions, let before = old.partitions, partitions != before { return "the partitions cannot change" }
        for field in fields {
            guard let before = old.fields.first(where: { $0.name == field.name }) else {
                if field.isRequired, field.defaultValue == nil {
                    return "the new field '\(field.name)' is required and has no default, so no record has it"
                }
                if field.isUnique { return "the new field '\(field.name)' cannot be unique" }
                continue
            }
            if field.type != before.type || field.isList != before.isList {
                return "the type of '\(field.name)' cannot change"
            }
            if field.isRequired, !before.isRequired, field.defaultValue == nil {
                return "'\(field.name)' cannot become required: records lack it"
            }
            if field.isUnique, !before.isUnique { return "'\(field.name)' cannot become unique" }
            if field.isPersonal != before.isPersonal { return "whether '\(field.name)' is personal cannot change" }
        }
        return nil
    }

    private func check() throws(KuaibaoError) {
        guard Self.isName(name), name != "bulletins" else {
            throw Self.invalid(
                "a collection cannot be called '\(name)'",
                fix: "use 1 to 64 of a-z, 0-9, - and _, a letter first; bulletins is built in")
        }
        guard (1...DeclarationLimits.fields).contains(fields.count) else {
            throw Self.invalid("\(fields.count) fields", fix: "declare 1 to \(DeclarationLimits.fields)")
        }
        for name in identity {
            guard let field = fields.first(where: { $0.name == name }), !field.isList,
                [.keyword, .integer, .date].contains(field.type)
            else {
                throw Self.invalid(
                    "'\(name)' cannot be part of the identity",
                    fix: "name keyword, integer or date fields of this file that have one value each")
            }
        }
        for field in fields where field.isPersonal || !field.hiddenFrom.isEmpty {
            guard !identity.contains(field.name), field.name != titleField else {
                throw Self.invalid(
                    "'\(field.name)' is in every answer and cannot be personal or hidden",
                    fix: "take another field for the identity and for shows")
            }
            guard field.isPersonal || field.type != .text else {
                throw Self.invalid(
                    "the text '\(field.name)' cannot be hidden: a search would still find its words",
                    fix: "hide keywords, numbers, dates and places; or make the text personal")
            }
        }
        if let titleField {
            guard let field = fields.first(where: { $0.name == titleField }), [.text, .keyword].contains(field.type)
            else {
                throw Self.invalid(
                    "'\(titleField)' cannot stand for a record", fix: "name a text or keyword field of this file")
            }
        }
    }

    /// Names of collections and fields.
    static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, (0x61...0x7A).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
        }
    }

    static func invalid(_ message: String, fix: String) -> KuaibaoError {
        KuaibaoError(.invalidDeclaration, message, fix: fix)
    }
}

/// Bounds of declarations and of what they allow.
package enum DeclarationLimits {
    package static let fileBytes = 256 << 10
    package static let fields = 120
    /// Other names of one field.
    package static let names = 8
    /// Values that a keyword's `values` lists.
    package static let values = 1000
    package static let titleCharacters = 200
    /// Characters of a text, where the field does not say less.
    package static let textCharacters = 1_000_000
    /// Characters of a keyword; the index refuses more than about 4 kB.
    package static let keywordCharacters = 1000
    /// Values of one field of one record.
    package static let listValues = 1000
    package static let retentionDays = 36_500
    package static let partitions = 64
    package static let scopes = 32
}
