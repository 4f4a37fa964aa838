// What is made of one leased record of a declared collection: checked again, and ready for the index.
//
// Records were checked at the HTTP door; those of other doors are checked here for the first time, and one that does not fit
// becomes a dead letter. Reading JSON of our own making needs no child process.

import Messages
import Records
import Synchronization

/// Reads records. Used by all parse threads.
final class RecordWork: Sendable {
    private let declarations = Mutex<[StoredDeclaration: CollectionDeclaration]>([:])
    /// Declarations that are remembered.
    private static let limit = 2048

    func outcome(
        of document: LeasedDocument, _ content: [UInt8], _ stored: StoredDeclaration
    ) -> (ParseOutcome, [UInt8]) {
        do {
            let record = try DeclaredCollection.record(
                document.description, content, try declaration(stored), takesSealed: true)
            let bytes = try MessagePackEncoder.encode(
                ItemsRecord(
                    document: document.description, version: document.rawOffset, parsed: ItemsRecord.ofRecord, record: record))
            return (ParseOutcome(submission: document.submission, itemCount: 1, recordBytes: bytes.count), bytes)
        } catch {
            let known = error as? KuaibaoError ?? KuaibaoError(.internal, "\(error)", fix: "report this")
            return (ParseOutcome(submission: document.submission, itemCount: 0, recordBytes: 0, failure: known), [])
        }
    }

    private func declaration(_ stored: StoredDeclaration) throws(KuaibaoError) -> CollectionDeclaration {
        if let known = declarations.withLock({ $0[stored] }) { return known }
        let read = try DeclarationReader.read(stored.text)
        declarations.withLock { declarations in
            if declarations.count >= Self.limit { declarations.removeAll() }
            declarations[stored] = read
        }
        return read
    }
}
