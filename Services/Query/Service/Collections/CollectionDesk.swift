// Collections over HTTP: made, listed, shown, changed and ended.

import SearchCore
import ServiceKit
import Schemas
import Messages
import Records
import Transport

/// A collection as a reader sees it.
struct CollectionReply: Encodable, Sendable {
    struct Field: Encodable, Sendable {
        let name: String
        let type: String
        let names: [String]
        /// `facet`, `sort`, `required`, …
        let flags: [String]
        let values: [String]?
    }

    let name: String
    let title: String
    let version: Int64
    /// Records, or items of bulletins.
    let documents: Int
    let partitions: Int
    /// Counts the declarations it has had; absent for a built-in one.
    let generation: Int?
    let identity: [String]?
    let shows: String?
    let retentionDays: Int?
    let fields: [Field]
    /// The declaration as it was given, for the scope `admin`.
    var declaration: String?
}

/// Makes and shows collections.
struct CollectionDesk: Sendable {
    /// How often a change that was made is looked for.
    private static let looks = 500

    let ledger: LedgerClient
    let keeper: SnapshotKeeper

    /// - Throws: `invalidDeclaration`, `conflict`; `notAllowed` for a collection that the principal's key does not name.
    func declare(_ text: String, isNew: Bool, for principal: Principal, expected: String? = nil) async throws
        -> CollectionReply
    {
        let declaration = try DeclarationReader.read(text)
        if let expected, declaration.name != expected {
            throw KuaibaoError(
                .invalidRequest, "the declaration is of '\(declaration.name)', the address of '\(expected.prefix(80))'",
                fix: "a collection keeps its name")
        }
        try principal.require(.admin, collection: declaration.name)
        let record = try await ledger.declare(text, isNew: isNew)
        try await untilSeen {
            let isKnown = await keeper.known[record.name] != nil
            return await keeper.sees(record.version, of: record.name) && isKnown
        }
        return try await show(record.name, for: principal)
    }

    /// - Throws: `unknownCollection`; `invalidRequest` for a built-in one; `busy`.
    func remove(_ name: String) async throws {
        try await ledger.removeCollection(name)
        try await untilSeen { await keeper.known[name] == nil }
    }

    /// Waits until searches here go by a change that the ledger has made.
    ///
    /// - Throws: `deadlineExceeded`; the change is made all the same.
    private func untilSeen(_ condition: () async -> Bool) async throws {
        for _ in 0..<Self.looks {
            await keeper.look()
            if await condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw KuaibaoError(
            .deadlineExceeded, "the change is made, but was not seen here", fix: "ask for the collection; see /v1/status")
    }

    func list(for principal: Principal) async -> [CollectionReply] {
        var replies: [CollectionReply] = []
        for name in await keeper.known.keys.sorted() where principal.collections?.contains(name) ?? true {
            if let reply = try? await show(name, for: principal) { replies.append(reply) }
        }
        return replies
    }

    /// - Throws: `unknownCollection`.
    func show(_ name: String, for principal: Principal) async throws -> CollectionReply {
        let kept = try await keeper.snapshot(name)
        let schema = kept.schema
        let hidden = schema.veil(for: principal).hidden
        let isAdmin = principal.scopes.contains(.admin)
        return CollectionReply(
            name: name, title: schema.declaration?.title ?? name, version: kept.snapshot.version,
            documents: kept.segments.reduce(0) { $0 + $1.documentCount - $1.deletedCount },
            partitions: kept.snapshot.partitions.count, generation: kept.snapshot.declaration?.generation,
            identity: schema.declaration?.identity, shows: schema.declaration?.titleField,
            retentionDays: schema.declaration?.retentionDays,
            fields: Self.fields(of: schema).filter { !hidden.contains($0.name) },
            declaration: isAdmin ? kept.snapshot.declaration?.text : nil)
    }

    private static func fields(of schema: CollectionSchema) -> [CollectionReply.Field] {
        guard let declaration = schema.declaration else {
            return schema.index.fields.filter { $0.kind != .figure }.map { field in
                CollectionReply.Field(
                    name: field.name, type: field.kind.rawValue,
                    names: schema.fields.field(named: field.name)?.aliases ?? [],
                    flags: field.isFaceted ? ["facet"] : [], values: nil)
            }
        }
        return declaration.fields.map { field in
            let flags = [
                (field.isRequired, "required"), (field.isUnique, "unique"), (field.isFaceted, "facet"),
                (field.isSorted, "sort"), (field.isHighlighted, "highlight"), (field.isList, "list"),
                (field.isLive, "live"), (field.isPersonal, "personal"),
            ]
            return CollectionReply.Field(
                name: field.name, type: field.type.rawValue, names: field.names,
                flags: flags.filter(\.0).map(\.1), values: field.values.isEmpty ? nil : field.values)
        }
    }
}
