// A declared collection at the front door: its declaration, and what a record claims of the values that no two may share.

import Messages
import Records
import ServiceKit

/// What the ingest gateway knows of a declared collection.
struct DeclaredCollection: Sendable {
    let stored: StoredDeclaration
    let declaration: CollectionDeclaration
    private let uniqueFields: [String]
    private let personalFields: [String]
    /// Personal fields that are found by whole values.
    private let foundFields: [String]

    /// A record that was read, with its personal values sealed.
    struct Prepared: Sendable {
        var description: DocumentDescription
        var bytes: [UInt8]
        /// Nil where the collection has neither unique nor personal fields.
        var claims: RecordClaims?
        /// Nil for a removal.
        var record: RecordContent?
    }

    /// - Throws: `invalidDeclaration`.
    init(_ stored: StoredDeclaration) throws(KuaibaoError) {
        self.stored = stored
        declaration = try DeclarationReader.read(stored.text)
        uniqueFields = declaration.fields.filter(\.isUnique).map(\.name)
        personalFields = declaration.fields.filter(\.isPersonal).map(\.name)
        foundFields = declaration.fields.filter(\.isFoundWhole).map(\.name)
    }

    /// Whether records must be read before they are taken, whatever else is on its way.
    var readsRecords: Bool { !uniqueFields.isEmpty || !personalFields.isEmpty }

    /// What of a raw record reaches the disk, and what it claims and gives up.
    ///
    /// - Parameter master: not nil where the collection reads its records.
    /// - Throws: `invalidRecord` for one that does not fit.
    func prepared(
        _ description: DocumentDescription, _ bytes: [UInt8], master: MasterKey?
    ) throws(KuaibaoError) -> Prepared {
        guard readsRecords, let master else {
            let record =
                description.isRemoval ? nil : try Self.record(description, bytes, declaration, takesSealed: false)
            return Prepared(description: description, bytes: bytes, claims: nil, record: record)
        }
        let identity = description.identity
        guard !description.isRemoval else {
            let only = description.hints[RecordHints.onlyVersion].flatMap { Int64($0) }
            return Prepared(
                description: description, bytes: bytes,
                claims: RecordClaims(
                    identity: identity, released: uniqueFields + foundFields, values: [],
                    erasedVersion: personalFields.isEmpty ? nil : only ?? .max))
        }
        var record = try Self.record(description, bytes, declaration, takesSealed: false)
        let touched = record.isPatch == true ? uniqueFields.filter { record.values[$0] != nil } : uniqueFields
        var values: [RecordClaims.Value] = []
        for name in touched {
            for element in record.values[name]?.elements ?? [] {
                values.append(RecordClaims.Value(field: name, value: value(element, of: name, master)))
            }
        }
        let found = record.isPatch == true ? foundFields.filter { record.values[$0] != nil } : foundFields
        var claims = RecordClaims(identity: identity, released: touched + found, values: values)
        for name in found {
            guard let text = record.values[name]?.text else { continue }
            claims.tokens.append(
                RecordClaims.Value(
                    field: name, value: master.searchToken(of: text, in: declaration.name, field: name)))
        }
        let personal = personalFields.filter { record.values[$0]?.text != nil }
        guard !personal.isEmpty else {
            return Prepared(description: description, bytes: bytes, claims: claims, record: record)
        }
        var description = description
        description.contentType = RecordMediaType.checked(isPatch: record.isPatch == true)
        let key = PersonalValues.makeKey()
        claims.key = master.seal(key, at: [declaration.name, identity])
        for name in personal {
            guard let text = record.values[name]?.text else { continue }
            record.values[name] = .sealed(
                PersonalValues.seal(text, with: key, at: [declaration.name, identity, name]))
        }
        return Prepared(description: description, bytes: RecordText.encode(record.values), claims: claims, record: record)
    }

    /// What stands for a unique value in the ledger; of a personal one it tells nothing.
    private func value(_ element: JSONValue, of field: String, _ master: MasterKey) -> [UInt8] {
        guard personalFields.contains(field), let text = element.text else { return Self.bytes(of: element) }
        return master.token(of: text, at: [declaration.name, field])
    }

    /// Numbers and texts differ by their first byte.
    private static func bytes(of value: JSONValue) -> [UInt8] {
        switch value {
        case .integer(let number): Array("i\(number)".utf8)
        case .string(let text): Array("s\(text)".utf8)
        default: [UInt8(ascii: "x")]
        }
    }

    /// Reads one raw record of a declared collection.
    ///
    /// - Throws: `invalidRecord`, `emptyDocument`.
    /// - Parameter takesSealed: whether it comes from the journal, where personal values are sealed.
    static func record(
        _ description: DocumentDescription, _ bytes: [UInt8], _ declaration: CollectionDeclaration, takesSealed: Bool
    ) throws(KuaibaoError) -> RecordContent {
        let isPatch = RecordMediaType.isPatch(description.contentType)
        let isChecked = RecordMediaType.isChecked(description.contentType)
        let records = try RecordReader(declaration, kind: isPatch ? .patch : .whole, takesSealed: takesSealed, isChecked: isChecked)
            .read(bytes, .json)
        guard records.count == 1, let record = records.first else {
            throw KuaibaoError(
                .invalidRecord, "\(records.count) records in one submission", fix: "submit each record by itself")
        }
        if let identity = record.identity, identity != description.identity {
            throw KuaibaoError(
                .invalidRecord,
                "the record names itself '\(identity.prefix(80))', the submission "
                    + "'\(description.identity.prefix(80))'", fix: "use the identity that the record's fields make")
        }
        return RecordContent(values: record.values, isPatch: isPatch ? true : nil)
    }
}
