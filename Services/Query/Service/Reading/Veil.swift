// What of a record a reader sees.
//
// A field that is hidden from one of the reader's scopes is not there for it: not in answers, and not as a condition, a facet
// or an order, because those would tell its values. Whoever has the scope `admin` sees hidden fields. What says something of a
// person is masked for everybody.

import ServiceKit
import Schemas
import Messages
import Records
import SearchCore

/// What a principal sees of the records of one collection.
struct Veil: Sendable {
    /// What stands for a value that is not shown.
    static let mask = JSONValue.string("***")

    let hidden: Set<String>
    /// False for bulletins, whose hits are shown as they are.
    let isOfRecords: Bool
    private let personal: [String]

    init(_ schema: CollectionSchema, for principal: Principal) {
        let fields = schema.declaration?.fields ?? []
        isOfRecords = schema.declaration != nil
        personal = fields.filter(\.isPersonal).map(\.name)
        let scopes = Set(principal.scopes.map(\.rawValue))
        hidden =
            scopes.contains("admin")
            ? [] : Set(fields.filter { !scopes.isDisjoint(with: $0.hiddenFrom) }.map(\.name))
    }

    /// The record as it is shown, with the ages of its live values.
    func shown(_ record: ShownRecord, now: Int64) -> ShownRecord {
        var result = record
        for name in hidden {
            result.values[name] = nil
            result.reportedAt?[name] = nil
            result.highlights?[name] = nil
        }
        let masked = personal.filter { result.values[$0] != nil }
        for name in masked { result.values[name] = Self.mask }
        result.masked = masked.isEmpty ? nil : masked
        result.ages = result.reportedAt?.mapValues { Double(max(0, now - $0)) / 1000 }
        return result
    }

    func shown(_ hit: SearchHit, now: Int64) -> SearchHit {
        guard let record = hit.record else { return hit }
        var hit = hit
        hit.record = shown(record, now: now)
        return hit
    }

    /// The fields that may be asked for.
    func fields(of schema: CollectionSchema) -> QueryFields {
        hidden.isEmpty ? schema.fields : QueryFields(schema.fields.all.filter { !hidden.contains($0.name) })
    }
}

extension CollectionSchema {
    func veil(for principal: Principal) -> Veil { Veil(self, for: principal) }
}
