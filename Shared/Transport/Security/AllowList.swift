// The keys that may connect, as a text file that a person can read and change.
//
//     # comment                (no key begins with a number sign: its first five characters would be over 32 bits)
//     KEY ROLE NAME        public key in Z85, 40 characters; a role; 1 to 64 of A-Z a-z 0-9 . _ -
//
// Invariants: a key is listed once; a name is once with each role. So "ROLE/NAME", the user id that a connection gets, says
// which line let it in, and a line that is taken away takes the rights of its connections with it.

package import Messages
package import ZeroMQ

/// Public keys with their roles and names.
package struct AllowList: Sendable, Hashable {
    /// One line.
    package struct Entry: Sendable, Hashable {
        package let key: Curve.PublicKey
        package let role: LinkRole
        package let name: String

        /// - Throws: `invalidRequest` for a published key or a name of other characters.
        package init(key: Curve.PublicKey, role: LinkRole, name: String) throws(KuaibaoError) {
            guard !Curve.isPublished(key) else {
                throw KuaibaoError(
                    .invalidRequest, "the key of \(role.rawValue)/\(name) is printed in a manual, so everybody has it",
                    fix: "make keys with kuaibao keys")
            }
            guard (1...64).contains(name.utf8.count), name.utf8.allSatisfy(Self.isNameByte) else {
                throw KuaibaoError(
                    .invalidRequest, "\"\(name.prefix(80))\" is no name of a key",
                    fix: "use 1 to 64 letters, digits, points, hyphens or underscores")
            }
            self.key = key
            self.role = role
            self.name = name
        }

        package var userID: String { "\(role.rawValue)/\(name)" }

        private static func isNameByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    /// Lines of one list.
    package static let entryLimit = 10_000
    /// Bytes of one list's text.
    package static let textBytes = 1 << 20

    package private(set) var entries: [Entry] = []
    private var roles: [String: LinkRole] = [:]
    private var keys: Set<Curve.PublicKey> = []

    package init() {}

    /// Reads a list.
    ///
    /// - Throws: `invalidRequest` with the number of the first line that is wrong.
    package init(text: String) throws(KuaibaoError) {
        guard text.utf8.count <= Self.textBytes else {
            throw KuaibaoError(
                .invalidRequest, "an allow-list of \(text.utf8.count) bytes", fix: "use at most \(Self.textBytes)")
        }
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard let first = fields.first, first.first != "#" else { continue }
            do {
                try add(Self.entry(fields))
            } catch {
                throw KuaibaoError(error.code, "line \(number + 1) of the allow-list: \(error.message)", fix: error.fix)
            }
        }
    }

    /// Adds a line.
    ///
    /// - Throws: `conflict` where the key, or the name with this role, is there already.
    package mutating func add(_ entry: Entry) throws(KuaibaoError) {
        guard entries.count < Self.entryLimit else {
            throw KuaibaoError(.invalidRequest, "more than \(Self.entryLimit) keys", fix: "take unused ones away")
        }
        guard roles[entry.userID] == nil, !keys.contains(entry.key) else {
            throw KuaibaoError(
                .conflict, "the key or the name \(entry.userID) is listed twice", fix: "give each key a name of its own")
        }
        entries.append(entry)
        roles[entry.userID] = entry.role
        keys.insert(entry.key)
    }

    /// Takes a line away; false where there is none.
    package mutating func remove(_ role: LinkRole, name: String) -> Bool {
        guard roles.removeValue(forKey: "\(role.rawValue)/\(name)") != nil else { return false }
        for entry in entries where entry.role == role && entry.name == name { keys.remove(entry.key) }
        entries.removeAll { $0.role == role && $0.name == name }
        return true
    }

    /// The role of a connection's user; nil where no line lets it in (any more).
    package func role(ofUser userID: String) -> LinkRole? { roles[userID] }

    /// The lists by which connections are let in, one for each link.
    package func admissions(to links: [Link]) -> ZAPHandler.AllowLists {
        var lists: ZAPHandler.AllowLists = [:]
        for link in links {
            let admitted = entries.filter { $0.role.right(on: link) != .nothing }
            lists[link.rawValue] = Dictionary(
                admitted.map { ($0.key, $0.userID) }, uniquingKeysWith: { first, _ in first })
        }
        return lists
    }

    /// The file's text.
    package var text: String {
        let head = "# Kuaibao: keys that may connect. KEY ROLE NAME; a change holds within a second, without a restart.\n"
        return head + entries.map { "\($0.key.z85) \($0.role.rawValue) \($0.name)\n" }.joined()
    }

    private static func entry(_ fields: [Substring]) throws(KuaibaoError) -> Entry {
        guard fields.count == 3, let key = Curve.PublicKey(z85: String(fields[0])) else {
            throw KuaibaoError(
                .invalidRequest, "not a key of 40 characters, a role and a name", fix: "write KEY ROLE NAME")
        }
        guard let role = LinkRole(rawValue: String(fields[1])) else {
            throw KuaibaoError(
                .invalidRequest, "unknown role \"\(fields[1].prefix(40))\"",
                fix: "use one of \(LinkRole.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return try Entry(key: key, role: role, name: String(fields[2]))
    }
}
