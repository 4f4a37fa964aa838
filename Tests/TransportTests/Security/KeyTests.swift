// Keys as files, lists as text, and what each role may do.

import Foundation
import Messages
import Testing
import Transport
import ZeroMQ

@Suite struct AllowListTests {
    @Test func aListIsReadAsItWasWritten() throws {
        var list = AllowList()
        for role in LinkRole.allCases {
            try list.add(AllowList.Entry(key: try Curve.makeKeyPair().publicKey, role: role, name: "default"))
        }
        let read = try AllowList(text: list.text)
        #expect(read == list)
        #expect(read.role(ofUser: "index-worker/default") == .indexWorker)
        #expect(read.role(ofUser: "index-worker/other") == nil)
    }

    @Test func commentsAndEmptyLinesArePassedOver() throws {
        let key = try Curve.makeKeyPair().publicKey
        let list = try AllowList(text: "# a comment\n\n#\n#key\n\(key) submit-client a.b-c_1\n")
        #expect(list.entries.map(\.userID) == ["submit-client/a.b-c_1"])
        #expect(Curve.PublicKey(z85: "#" + String(repeating: "0", count: 39)) == nil)
    }

    @Test(arguments: [
        "short submit-client a", "KEY nobody a", "KEY submit-client", "KEY submit-client a b", "KEY submit-client a/b",
        "KEY submit-client \(String(repeating: "a", count: 65))", "PUBLISHED submit-client a",
    ])
    func aWrongLineIsNamed(line: String) throws {
        let key = try Curve.makeKeyPair().publicKey.z85
        let published = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
        let text = "# list\n" + line.replacing("KEY", with: key).replacing("PUBLISHED", with: published)
        let error = try #require(throws: KuaibaoError.self) { _ = try AllowList(text: text) }
        #expect(error.code == .invalidRequest)
        #expect(error.message.hasPrefix("line 2 "))
    }

    @Test func keysAndNamesAreListedOnce() throws {
        let one = try Curve.makeKeyPair().publicKey
        let two = try Curve.makeKeyPair().publicKey
        for text in ["\(one) submit-client a\n\(one) ask-client a", "\(one) submit-client a\n\(two) submit-client a"] {
            let error = try #require(throws: KuaibaoError.self) { _ = try AllowList(text: text) }
            #expect(error.code == .conflict)
        }
        var list = try AllowList(text: "\(one) submit-client a")
        let isRemoved = list.remove(.submitClient, name: "a")
        let isRemovedAgain = list.remove(.submitClient, name: "a")
        #expect(isRemoved && !isRemovedAgain)
        try list.add(AllowList.Entry(key: one, role: .askClient, name: "a"))
    }

    @Test func admissionsFollowTheRoles() throws {
        var list = AllowList()
        for role in LinkRole.allCases {
            try list.add(AllowList.Entry(key: try Curve.makeKeyPair().publicKey, role: role, name: "x"))
        }
        let admitted = list.admissions(to: Link.allCases).mapValues { Set($0.values) }
        #expect(admitted["submit"] == ["ingest-gateway/x", "query-gateway/x", "submit-client/x"])
        #expect(admitted["parse"] == ["ingest-gateway/x", "parse-worker/x"])
        #expect(admitted["ledger"] == ["ingest-gateway/x", "query-gateway/x", "index-worker/x"])
        #expect(admitted["news"] == ["query-gateway/x", "index-worker/x"])
        #expect(admitted["ask"] == ["query-gateway/x", "ask-client/x"])
        #expect(admitted["search"] == ["query-gateway/x", "query-worker/x"])
    }

    /// Only index workers change the catalog, and only the query gateway reaches dead letters.
    @Test func ledgerCallsFollowTheRoles() {
        let publish = LedgerRequest.forget(["f"])
        let retry = LedgerRequest.retryDeadLetter(collection: "c", rawOffset: 0)
        for role in LinkRole.allCases {
            #expect(role.mayCall(publish) == (role == .indexWorker))
            #expect(role.mayCall(retry) == (role == .queryGateway))
            #expect(role.mayCall(.collections) == [.indexWorker, .queryGateway].contains(role))
        }
    }
}

@Suite struct KeyFileTests {
    /// A folder that is removed with the test.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.path + "/kbt-keys-" + UUID().uuidString
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test func makingAgainKeepsEveryKey() throws {
        let folder = Folder()
        let maker = KeyMaker(root: folder.path)
        #expect(try maker.makeAll() == LinkRole.allCases)
        let first = try maker.allowList()
        #expect(try maker.makeAll() == [])
        #expect(Set(try maker.allowList().entries) == Set(first.entries))
        // One lost key is made anew; the others stay.
        try FileManager.default.removeItem(atPath: maker.folder(of: .parseWorker) + "/secret")
        #expect(try maker.makeAll() == [.parseWorker])
        let changed = Set(try maker.allowList().entries).symmetricDifference(first.entries)
        #expect(changed.count == 2 && changed.allSatisfy { $0.role == .parseWorker })
    }

    @Test func secretsAreReadableByTheirOwnerOnly() throws {
        let folder = Folder()
        let maker = KeyMaker(root: folder.path)
        try maker.makeAll()
        for role in LinkRole.allCases {
            let path = maker.folder(of: role) + "/secret"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
            let keys = try KeyFolder(path: maker.folder(of: role))
            #expect(keys.role == role)
            #expect(try maker.allowList().entries.contains { $0.key == keys.publicKey && $0.role == role })
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: maker.folder(of: .askClient) + "/secret")
        let error = try #require(throws: KuaibaoError.self) { _ = try KeyFolder(path: maker.folder(of: .askClient)) }
        #expect(error.code == .notAllowed)
    }

    @Test func furtherKeysComeAndGo() throws {
        let folder = Folder()
        let maker = KeyMaker(root: folder.path)
        try maker.makeAll()
        let newsroom = try KeyFolder(path: try maker.add(.submitClient, name: "newsroom"))
        #expect(newsroom.role == .submitClient && newsroom.name == "newsroom")
        #expect(throws: KuaibaoError.self) { try maker.add(.submitClient, name: "newsroom") }
        #expect(throws: KuaibaoError.self) { try maker.add(.submitClient, name: "../up") }
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/../up"))
        // The query gateway has the same list.
        let other = try String(contentsOfFile: maker.folder(of: .queryGateway) + "/allow", encoding: .utf8)
        #expect(try AllowList(text: other) == (try maker.allowList()))
        try maker.makeAll()
        #expect(try maker.allowList().role(ofUser: "submit-client/newsroom") == .submitClient)
        try maker.revoke(.submitClient, name: "newsroom")
        #expect(try maker.allowList().role(ofUser: "submit-client/newsroom") == nil)
        #expect(throws: KuaibaoError.self) { try maker.revoke(.submitClient, name: "newsroom") }
    }

    @Test func damagedFoldersAreRefused() throws {
        let folder = Folder()
        let maker = KeyMaker(root: folder.path)
        try maker.makeAll()
        let path = maker.folder(of: .queryWorker)
        func write(_ text: String, _ file: String) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + "/" + file)
        }
        let whole = try String(contentsOfFile: path + "/secret", encoding: .utf8)
        // The last is the secret key that the manual of libzmq prints.
        for text in ["", "query-worker default", "nobody default 0", "query-worker default D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"] {
            try write(text, "secret")
            #expect(throws: KuaibaoError.self) { _ = try KeyFolder(path: path) }
        }
        try write(whole, "secret")
        _ = try KeyFolder(path: path)
        try write("Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\n", "query-gateway.public")
        #expect(throws: KuaibaoError.self) { _ = try KeyFolder(path: path) }
        try FileManager.default.removeItem(atPath: path + "/query-gateway.public")
        #expect(throws: KuaibaoError.self) { _ = try KeyFolder(path: path) }
    }

    @Test func plainTCPIsRefusedUnlessItWasAllowed() throws {
        let folder = Folder()
        let maker = KeyMaker(root: folder.path)
        try maker.makeAll()
        let keys = maker.folder(of: .ingestGateway)
        func isTaken(_ endpoint: String, keys: String = "", plain: String) throws -> Bool {
            let security = try LinkSecurity(role: .ingestGateway, folder: keys, plainTCP: plain)
            do {
                let options = try security.serving(.submit, at: endpoint)
                _ = try security.connecting(to: .submit, at: endpoint)
                if case .none = options.curve { #expect(keys.isEmpty) } else { #expect(!keys.isEmpty) }
                return true
            } catch let error where error.code == .notAllowed {
                return false
            }
        }
        #expect(try !isTaken("tcp://127.0.0.1:7510", plain: "false"))
        #expect(try isTaken("ipc:///tmp/x", plain: "false"))
        #expect(try isTaken("tcp://127.0.0.1:7510", plain: "loopback"))
        #expect(try isTaken("tcp://[::1]:7510", plain: "loopback"))
        #expect(try !isTaken("tcp://*:7510", plain: "loopback"))
        #expect(try isTaken("tcp://*:7510", plain: "true"))
        #expect(try isTaken("tcp://*:7510", keys: keys, plain: "false"))
        #expect(throws: KuaibaoError.self) { try isTaken("tcp://*:7510", plain: "perhaps") }
        let wrongRole = try #require(throws: KuaibaoError.self) {
            _ = try LinkSecurity(role: .parseWorker, folder: keys, plainTCP: "false")
        }
        #expect(wrongRole.code == .notAllowed)
    }
}
