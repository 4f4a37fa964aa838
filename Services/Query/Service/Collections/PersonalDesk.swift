// Personal values of one record, unmasked: for whoever may read them, after the audit log says so.

import Records
import Schemas
import Foundation
import Messages
import ServiceKit
import Transport

/// Opens personal values.
struct PersonalDesk: Sendable {
    let reader: ReaderDesk
    let ledger: LedgerClient
    let audit: AuditLog

    /// A record with some of its personal values. A value whose key was erased stays masked.
    ///
    /// - Throws: `notAllowed` without the scope `personal` or without an audit log; `invalidRequest` for a field that is not
    ///   personal; what `ReaderDesk.document` throws.
    func document(_ call: Call, _ fields: [String]) async throws -> DocumentReply {
        try call.principal.require(.personal, collection: call.collection)
        let schema = try await reader.search.keeper.snapshot(call.collection).schema
        var names: [String] = []
        for field in fields {
            guard let declared = schema.declaration?.field(named: field), declared.isPersonal else {
                throw KuaibaoError(
                    .invalidRequest, "\"\(field.prefix(80))\" is no personal field", fix: "name fields that are masked")
            }
            names.append(declared.name)
        }
        let (reply, sealed) = try await reader.record(call.id, in: call.collection, for: call.principal)
        guard var shown = reply.record else { return reply }
        let time = Date(timeIntervalSince1970: Double(reader.search.wall()) / 1000)
        try audit.keep(
            AuditLog.Entry(
                time: time.formatted(.iso8601.time(includingFractionalSeconds: true)), key: call.principal.id,
                tenant: call.principal.tenant, remote: "", method: "UNMASK",
                path: "/v1/collections/\(call.collection)/documents/\(reply.identity)",
                query: names.joined(separator: ","), status: 200, milliseconds: 0))
        let keys = try await ledger.recordKeys(call.collection, identity: reply.identity)
        for name in names {
            guard let text = sealed[name]?.sealedText,
                let plain = PersonalValues.open(text, with: keys, at: [call.collection, reply.identity, name])
            else { continue }
            shown.values[name] = .string(plain)
            shown.masked?.removeAll { $0 == name }
        }
        var result = reply
        result.record = shown
        return result
    }
}
