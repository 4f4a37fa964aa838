// The rules of one record: every field known and fitting, none missing that is required, defaults filled in, one identity.

import Geography
package import Messages

/// A record while it is read.
struct RecordDraft {
    let row: Int
    var values: [String: JSONValue] = [:]
    var mistakes: [RecordMistake] = []

    init(row: Int) {
        self.row = row
    }
}

struct RecordCheck: Sendable {
    let declaration: CollectionDeclaration
    let kind: RecordReader.Kind
    /// Whether personal values may come sealed, as they stand in the journal.
    let takesSealed: Bool
    /// Whether places are in WGS-84 where they do not say it, whatever the field says.
    let isChecked: Bool

    init(_ declaration: CollectionDeclaration, kind: RecordReader.Kind, takesSealed: Bool, isChecked: Bool) {
        self.declaration = declaration
        self.kind = kind
        self.takesSealed = takesSealed
        self.isChecked = isChecked
    }

    var knownFields: String {
        "known are \(declaration.fields.prefix(20).map(\.name).joined(separator: ", "))"
            + (declaration.fields.count > 20 ? ", …" : "")
    }

    /// Sets a field. - Returns: what is wrong with it, or nil.
    func set(_ name: String, _ value: JSONValue, _ draft: inout RecordDraft) -> String? {
        set(name, &draft) { (field) throws(MisfitError) in
            if value == .null {
                if kind == .patch, field.isRequired {
                    throw MisfitError(message: "the field is required and cannot be taken away")
                }
                return kind == .patch ? .null : nil
            }
            if takesSealed, field.isPersonal, value.sealedText != nil { return value }
            var field = field
            if isChecked { field.coordinates = .wgs84 }
            return try FieldCheck.checked(value, field)
        }
    }

    /// Sets a field from a cell that is not empty.
    func set(_ name: String, cell: String, _ draft: inout RecordDraft) -> String? {
        set(name, &draft) { (field) throws(MisfitError) in try FieldCheck.checked(cell: cell, field) }
    }

    private func set(
        _ name: String, _ draft: inout RecordDraft,
        _ checked: (FieldDeclaration) throws(MisfitError) -> JSONValue?
    ) -> String? {
        guard let field = declaration.field(named: name) else {
            return "the collection has no such field; \(knownFields)"
        }
        guard draft.values[field.name] == nil else { return "the field is there twice, under two of its names" }
        do throws(MisfitError) {
            if let value = try checked(field) { draft.values[field.name] = value }
            return nil
        } catch {
            return error.message
        }
    }

    /// Fills in defaults and finds what is missing. - Returns: all mistakes of the record.
    func finish(_ draft: inout RecordDraft) -> [RecordMistake] {
        guard kind == .whole else { return draft.mistakes }
        let wrong =
            draft.mistakes.isEmpty
            ? [] : Set(draft.mistakes.compactMap { $0.field.flatMap { declaration.field(named: $0)?.name } })
        for field in declaration.fields where draft.values[field.name] == nil && !wrong.contains(field.name) {
            if let value = field.defaultValue {
                draft.values[field.name] = value
            } else if field.isRequired || declaration.identity.contains(field.name) {
                draft.mistakes.append(
                    RecordMistake(row: draft.row, column: nil, field: field.name, message: "the field is required"))
            }
        }
        return draft.mistakes
    }

    func identity(of values: [String: JSONValue]) -> String? {
        RecordIdentity.identity(of: values, declaration)
    }
}

/// What names a record: the values of the identity fields, joined by `:`; a `:` or `%` of a value is escaped.
package enum RecordIdentity {
    /// Nil where the declaration has no identity, or a value is missing.
    package static func identity(of values: [String: JSONValue], _ declaration: CollectionDeclaration) -> String? {
        guard !declaration.identity.isEmpty else { return nil }
        // One part needs no escapes.
        if declaration.identity.count == 1, case .string(let text)? = values[declaration.identity[0]] { return text }
        var parts: [String] = []
        for name in declaration.identity {
            switch values[name] {
            case .string(let text)?:
                parts.append(text.replacing("%", with: "%25").replacing(":", with: "%3A"))
            case .integer(let number)?: parts.append("\(number)")
            default: return nil
            }
        }
        return parts.joined(separator: ":")
    }

    /// The values that an identity was made of; nil for one of another declaration.
    package static func parts(of identity: String, _ declaration: CollectionDeclaration) -> [String]? {
        guard declaration.identity.count != 1 else { return [identity] }
        let parts = identity.split(separator: ":", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.count == declaration.identity.count else { return nil }
        return parts.map { String($0).replacing("%3A", with: ":").replacing("%25", with: "%") }
    }
}

/// Values of unique fields within one body.
struct UniqueValues {
    private var seen: [String: [JSONValue: Int]] = [:]

    mutating func add(_ draft: RecordDraft, _ declaration: CollectionDeclaration) -> [RecordMistake] {
        var mistakes: [RecordMistake] = []
        for field in declaration.fields where field.isUnique {
            guard let value = draft.values[field.name], value != .null else { continue }
            for element in value.elements {
                if let row = seen[field.name]?[element] {
                    mistakes.append(
                        RecordMistake(
                            row: draft.row, column: nil, field: field.name,
                            message: "\(FieldCheck.kind(element)) is in row \(row) already, and the field is unique"))
                } else {
                    seen[field.name, default: [:]][element] = draft.row
                }
            }
        }
        return mistakes
    }
}

/// Partial updates: RFC 7396 for the top level of a record. Fields of the patch replace, null takes away, others stay.
package enum MergePatch {
    /// The record after the change; defaults fill what was taken away.
    package static func apply(
        _ patch: [String: JSONValue], to record: [String: JSONValue], _ declaration: CollectionDeclaration
    ) -> [String: JSONValue] {
        var result = record
        for (name, value) in patch {
            result[name] = value == .null ? declaration.fields.first { $0.name == name }?.defaultValue : value
        }
        return result
    }
}
