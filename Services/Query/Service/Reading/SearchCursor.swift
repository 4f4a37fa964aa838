// A cursor: where an answer ended, on which version, for which query. Opaque to clients.
//
//     cursor = base64url of the MessagePack form of `SearchCursor`
//
// It is not signed: it only says from where on to list what its bearer may see anyway.

import Foundation
import Messages
import SearchCore
import ServiceKit

struct SearchCursor: Codable, Sendable, Hashable {
    /// Longest cursor that is read, in bytes; an identity has at most 1024.
    private static let byteLimit = 4096

    var version: Int64
    var place: HitPlace
    /// Of the query and the order, so that a cursor does not go on in another list.
    var fingerprint: String

    /// Identifies one list of hits.
    static func fingerprint(_ printed: String, _ order: HitOrder) -> String {
        String(ContentHash.hex(of: Array("\(printed)|\(order)".utf8)).prefix(16))
    }

    init(version: Int64, place: HitPlace, fingerprint: String) {
        self.version = version
        self.place = place
        self.fingerprint = fingerprint
    }

    /// - Throws: `invalidRequest` for anything that is no cursor.
    init(text: String) throws(KuaibaoError) {
        guard text.utf8.count <= Self.byteLimit, let bytes = Base64URL.decode(text),
            let cursor = try? MessagePackDecoder.decode(SearchCursor.self, from: bytes)
        else {
            throw KuaibaoError(.invalidRequest, "this is no cursor", fix: "use the cursor of an answer as it is")
        }
        self = cursor
    }

    var text: String? {
        (try? MessagePackEncoder.encode(self)).map(Base64URL.encode)
    }
}
