// How a record of a declared collection becomes a document of the index, and what is kept of it for showing.

import Geography
package import Messages
import Records
package import SearchCore

package enum RecordIndexing {
    /// The document of a whole record.
    ///
    /// - Throws: `internal` where the record cannot be written, which is a defect of ours.
    package static func document(
        of record: RecordContent, _ description: DocumentDescription, version: Int64, _ schema: CollectionSchema
    ) throws(KuaibaoError) -> IndexDocument {
        var fields: [String: FieldValue] = [CollectionSchema.acceptedField: .integers([description.acceptedAt])]
        for field in schema.declaration?.fields ?? [] where !field.isPersonal {
            guard let value = record.values[field.name], let indexed = indexed(value, field) else { continue }
            fields[field.name] = indexed
        }
        let stored = StoredItem(
            document: description, format: "record", item: item(of: record, description.identity, schema),
            record: record)
        do {
            return IndexDocument(
                documentID: description.identity, itemOrdinal: 0, version: version, fields: fields,
                stored: try MessagePackEncoder.encode(stored))
        } catch {
            throw KuaibaoError(.internal, "a record cannot be stored: \(error)", fix: "report this")
        }
    }

    /// Nil for a value that does not fit, as it may be after a change of the declaration.
    private static func indexed(_ value: JSONValue, _ field: FieldDeclaration) -> FieldValue? {
        switch field.type {
        case .text: return value.text.map { .text($0) }
        case .keyword:
            let texts = value.elements.compactMap(\.text)
            return texts.isEmpty ? nil : .keywords(texts)
        case .boolean:
            guard case .boolean(let isTrue) = value else { return nil }
            return .keywords([isTrue ? "true" : "false"])
        case .integer:
            let numbers = value.elements.compactMap { if case .integer(let number) = $0 { number } else { nil } }
            return numbers.isEmpty ? nil : .integers(numbers)
        case .number:
            let numbers = value.elements.compactMap(\.double)
            return numbers.isEmpty ? nil : .numbers(numbers)
        case .date: return value.text.flatMap { DateText.read($0) }.map { .date($0) }
        case .point:
            guard let latitude = value["lat"]?.double, let longitude = value["lon"]?.double else { return nil }
            let point = GeoPoint(latitude: latitude, longitude: longitude)
            return point.isValid ? .point(point) : nil
        case .area:
            let ring = PlaceText.ring(ofChecked: value)
            return ring.count >= 3 ? .area(ring) : nil
        }
    }

    /// The short form that hits, digests and similar items are made of.
    package static func item(of record: RecordContent, _ identity: String, _ schema: CollectionSchema) -> Item {
        let texts = (schema.declaration?.fields ?? []).filter {
            $0.type == .text && $0.name != schema.titleField && !$0.isPersonal
        }
        let body = texts.compactMap { record.values[$0.name]?.text }.joined(separator: "\n")
        let title = record.values[schema.titleField].map(Self.text) ?? identity
        let date = schema.dateField.flatMap { record.values[$0]?.text }.flatMap { DateText.read($0) }
        return Item(
            ordinal: 0, title: title, body: body,
            published: date.map { Found($0, Basis(rule: "field", certainty: 1)) }, range: ByteRange(0, 0))
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .boolean(let isTrue): "\(isTrue)"
        case .list(let values): values.map(text).joined(separator: "、")
        case .null, .object: ""
        }
    }
}

/// Changes of records, merged into what is there.
package enum RecordMerging {
    /// A whole record as it is kept: its live fields were reported when it was accepted.
    package static func whole(
        _ content: RecordContent, acceptedAt: Int64, _ schema: CollectionSchema
    ) -> RecordContent {
        var reported: [String: Int64] = [:]
        for field in schema.declaration?.fields ?? [] where field.isLive && content.values[field.name] != nil {
            reported[field.name] = acceptedAt
        }
        return RecordContent(values: content.values, reportedAt: reported.isEmpty ? nil : reported)
    }

    /// A record of an earlier declaration under the present one: fields that are gone go, new ones have their defaults.
    package static func adapted(_ record: RecordContent, to schema: CollectionSchema) -> RecordContent {
        guard let declaration = schema.declaration else { return record }
        var result = RecordContent(values: [:])
        for field in declaration.fields {
            result.values[field.name] = record.values[field.name] ?? field.defaultValue
            if field.isLive, let instant = record.reportedAt?[field.name] {
                result.reportedAt = (result.reportedAt ?? [:]).merging([field.name: instant]) { $1 }
            }
        }
        return result
    }

    /// The record after a change. A live field that the change names was reported now, whether its value is new or not.
    package static func merged(
        _ patch: RecordContent, into base: RecordContent, acceptedAt: Int64, _ schema: CollectionSchema
    ) -> RecordContent {
        guard let declaration = schema.declaration else { return base }
        let values = MergePatch.apply(patch.values, to: base.values, declaration)
        var reported = base.reportedAt ?? [:]
        for field in declaration.fields where field.isLive && patch.values[field.name] != nil {
            reported[field.name] = values[field.name] == nil ? nil : acceptedAt
        }
        return RecordContent(values: values, reportedAt: reported.isEmpty ? nil : reported)
    }
}
