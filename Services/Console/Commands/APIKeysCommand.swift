// `kuaibao api-keys`: who may use the HTTP API, and for what.

import ArgumentParser
import Foundation
import Messages
import ServiceKit

struct APIKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-keys", abstract: "接口密钥。 Keys of the HTTP API.",
        discussion: """
            有了第一个密钥，网关就只接受带密钥的请求；不必重启。
            From the first key on the gateway takes only requests with one; no restart is needed.
            """,
        subcommands: [Create.self, List.self, Revoke.self, Token.self])

    /// Where the keys are.
    struct Place: ParsableArguments {
        @Option(help: "数据文件夹。 Data folder.") var dataDir = "./var/kuaibao"
        @Option(help: "密钥文件，默认在数据文件夹里。 File of keys; api-keys.json of the data folder unless given.") var file: String?
        @Flag(help: "输出 JSON。 Print JSON.") var json = false

        var path: String { file ?? dataDir + "/api-keys.json" }
    }

    // MARK: Commands

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "新建，密钥只显示一次。 Makes a key and shows it, once.",
            discussion: "例 Example:\n  kuaibao api-keys create 值班台 --scopes search,add --days 90")

        @OptionGroup var place: Place
        @Argument(help: "给谁用。 Who uses it.") var name: String
        @Option(help: "权限，用逗号分开：search, add, delete, watch, personal, admin。 What it allows.") var scopes = "search"
        @Option(help: "集合，用逗号分开，* 为全部。 Collections, with commas.") var collections = APIKey.everyCollection
        @Option(help: "有效天数，不给则不过期。 Days until it expires; never unless given.") var days: Int?
        @Option(help: "每秒请求数。 Requests a second.") var rate: Double?

        func run() async throws {
            let (key, secret) = try APIKeysCommand.make(
                name: name, scopes: scopes, collections: collections, days: days, rate: rate,
                now: SystemClock.wallMilliseconds())
            try APIKeyFile.update(path: place.path) { (file) throws(KuaibaoError) in file.keys.append(key) }
            if place.json { return try APIKeysCommand.print(["id": key.id, "key": secret.text]) }
            Terminal.write(secret.text)
            Terminal.note(
                "只显示这一次，请收好。 Shown once; keep it.  \(key.id)  \(key.scopes.map(\.rawValue).joined(separator: ","))")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "列出。 Lists the keys, without their secrets.")

        @OptionGroup var place: Place

        func run() async throws {
            let keys = try APIKeyFile(path: place.path).keys
            if place.json { return try APIKeysCommand.print(keys) }
            let now = SystemClock.wallMilliseconds()
            for key in keys {
                let state = key.refusal(at: now)
                let until =
                    key.expiresAt.map { Date(timeIntervalSince1970: Double($0) / 1000).formatted(.iso8601) } ?? "never"
                let facts =
                    "\(key.scopes.map(\.rawValue).joined(separator: ","))  \(key.collections.joined(separator: ","))"
                let mark = state == nil ? Terminal.styled("✓", .good) : Terminal.styled("✗ \(state ?? "")", .bad)
                Terminal.write("\(key.id)  \(mark)  \(Terminal.styled(key.name, .bold))  \(facts)  到期 expires \(until)")
            }
            Terminal.write(Terminal.styled("\(keys.count) keys in \(place.path)", .dim))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "吊销。 Ends a key, and all tenant tokens made with it.")

        @OptionGroup var place: Place
        @Argument(help: "密钥的编号，或只有它用的名字。 The key's id, or a name that no other key has.") var id: String

        func run() async throws {
            let now = SystemClock.wallMilliseconds()
            let key = try APIKeyFile.update(path: place.path) { [id] (file) throws(KuaibaoError) -> APIKey in
                let named = file.keys.indices.filter { file.keys[$0].name == id }
                guard let found = file.keys.firstIndex(where: { $0.id == id }) ?? (named.count == 1 ? named[0] : nil) else {
                    throw KuaibaoError(
                        .notFound, named.isEmpty ? "there is no key \"\(id)\"" : "\(named.count) keys are named \"\(id)\"",
                        fix: "give an id of kuaibao api-keys list")
                }
                file.keys[found].revokedAt = file.keys[found].revokedAt ?? now
                return file.keys[found]
            }
            if place.json { return try APIKeysCommand.print(key) }
            Terminal.write("已吊销 revoked \(key.id) \(key.name)")
        }
    }

    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "签发租户令牌。 Signs a tenant token: a key's right to search, narrowed by a filter.",
            discussion: "例 Example:\n  KUAIBAO_KEY=kbk_… kuaibao api-keys token 三组 --filter 部门:公安局 --hours 8")

        @Argument(help: "租户。 The tenant.") var tenant: String
        @Option(help: "过滤条件，检索式。 The filter, in the query language.") var filter: String
        @Option(help: "有效小时数。 Hours until it expires.") var hours = 24.0

        func run() async throws {
            guard let text = ProcessInfo.processInfo.environment["KUAIBAO_KEY"], let secret = KeySecret(text) else {
                throw KuaibaoError(
                    .invalidRequest, "there is no key to sign with", fix: "put it into the variable KUAIBAO_KEY")
            }
            guard hours > 0, hours <= 8760 else {
                throw KuaibaoError(.invalidRequest, "--hours is \(hours)", fix: "use more than 0, up to 8760")
            }
            let token = TenantToken(
                key: secret.id, tenant: tenant, filter: filter,
                expiresAt: SystemClock.wallMilliseconds() + Int64(hours * 3_600_000))
            Terminal.write(try token.signed(with: secret))
        }
    }

    // MARK: Values

    static func make(
        name: String, scopes: String, collections: String, days: Int?, rate: Double?, now: Int64
    ) throws(KuaibaoError) -> (APIKey, KeySecret) {
        var allowed: [AccessScope] = []
        for word in list(scopes) {
            guard let scope = AccessScope(rawValue: word) else {
                throw KuaibaoError(
                    .invalidRequest, "\"\(word)\" is no scope",
                    fix: "use \(AccessScope.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            if !allowed.contains(scope) { allowed.append(scope) }
        }
        let places = list(collections)
        guard !allowed.isEmpty, !places.isEmpty, !name.isEmpty, name.utf8.count <= 200 else {
            throw KuaibaoError(.invalidRequest, "a key without a name, scopes or collections", fix: "give all three")
        }
        guard days.map({ (1...36_500).contains($0) }) ?? true, rate.map({ $0 > 0 && $0 <= 1_000_000 }) ?? true else {
            throw KuaibaoError(
                .invalidRequest, "--days or --rate is out of bounds", fix: "use 1 to 36500 days, up to 1000000 a second"
            )
        }
        let secret = KeySecret.random()
        let key = APIKey(
            id: secret.id, name: name, scopes: allowed.sorted { $0.rawValue < $1.rawValue }, collections: places,
            createdAt: now, expiresAt: days.map { now + Int64($0) * 86_400_000 }, requestsPerSecond: rate,
            hash: secret.hash, publicKey: secret.publicKey)
        return (key, secret)
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    static func print(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        Terminal.write(Array(try encoder.encode(value)) + [10])
    }
}
