// API keys, tenant tokens and the file of keys.

import Foundation
import Messages
import Testing

@testable import ServiceKit

@Suite struct KeyTests {
    private static func record(_ secret: KeySecret) -> APIKey {
        APIKey(
            id: secret.id, name: "test", scopes: [.search], collections: ["*"], createdAt: 0, hash: secret.hash,
            publicKey: secret.publicKey)
    }

    @Test func aKeyReadsAsItWasWrittenAndMatchesItsRecordOnly() throws {
        let secret = KeySecret.random()
        let again = try #require(KeySecret(secret.text))
        #expect(again.text == secret.text && again.matches(Self.record(secret)))
        #expect(!KeySecret.random().matches(Self.record(secret)))
        #expect(!Self.record(secret).hash.isEmpty && !secret.text.contains(Self.record(secret).hash))
        for text in [
            "", "kbk_", String(secret.text.dropLast()), secret.text + "A", "kbk_" + String(repeating: "_", count: 60),
        ] {
            #expect(KeySecret(text) == nil, "\(text)")
        }
    }

    /// One bit changed anywhere in a token makes it another's, or none.
    @Test func noChangedTokenIsSigned() throws {
        let secret = KeySecret.random()
        let token = TenantToken(key: secret.id, tenant: "t", filter: "部门:公安局", expiresAt: 9)
        let text = try token.signed(with: secret)
        #expect(TenantToken(unverified: text) == token && TenantToken.isSigned(text, by: Self.record(secret)))
        #expect(!TenantToken.isSigned(text, by: Self.record(KeySecret.random())))
        let bytes = Array(text.utf8)
        for place in bytes.indices {
            for bit in 0..<7 {
                var changed = bytes
                changed[place] ^= 1 << bit
                #expect(!TenantToken.isSigned(String(decoding: changed, as: UTF8.self), by: Self.record(secret)))
            }
        }
    }

    @Test func base64URLHasOneFormForEachValue() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 89 + count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        for text in ["A", "AB=", "A+==", "AB\n", "AR", "////"] { #expect(Base64URL.decode(text) == nil, "\(text)") }
    }

    @Test func writersOfTheFileDoNotUndoEachOther() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/kuaibao-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/api-keys.json"
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let record = Self.record(KeySecret.random())
                    try APIKeyFile.update(path: path) { (file) throws(KuaibaoError) in file.keys.append(record) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try APIKeyFile(path: path).keys.count == 16)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        try Data("{".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: KuaibaoError.self) { _ = try APIKeyFile(path: path) }
    }
}
