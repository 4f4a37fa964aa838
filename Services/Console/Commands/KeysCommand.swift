// `kuaibao keys`: makes the keys of the links, one folder for each role, and says who may connect.

import ArgumentParser
import Foundation
import Messages
import Transport
import ZeroMQ

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "服务间加密的密钥。 Keys of the links between services.",
        discussion: """
            每个角色一个文件夹；网关每秒重读名单。
            One folder for each role: give each process its own, as the setting keys. Gateways read their lists again each second.
            """,
        subcommands: [MakeKeys.self, AddKey.self, RevokeKey.self, ListKeys.self], defaultSubcommand: MakeKeys.self)
}

/// Where the keys are.
struct KeyOptions: ParsableArguments {
    @Option(help: "密钥文件夹。 Folder of all keys.") var folder = "./var/keys"

    var maker: KeyMaker { KeyMaker(root: URL(fileURLWithPath: folder).path) }
}

/// A key by its role and name.
struct KeyName: ParsableArguments {
    @Option(help: ArgumentHelp("角色。 Role.", discussion: LinkRole.allCases.map(\.rawValue).joined(separator: ", ")))
    var role: String
    @Option(help: "名称。 Name of its owner: letters, digits, . _ -") var name: String

    func checkedRole() throws(KuaibaoError) -> LinkRole {
        guard let role = LinkRole(rawValue: role) else {
            throw KuaibaoError(
                .invalidRequest, "unknown role \"\(role)\"",
                fix: "use one of \(LinkRole.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return role
    }
}

struct MakeKeys: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "make", abstract: "生成缺少的密钥。 Makes the keys that are missing; keeps those that exist.")

    @OptionGroup var keys: KeyOptions

    func run() throws {
        let maker = keys.maker
        let made = try maker.makeAll()
        for role in LinkRole.allCases {
            Terminal.write("\(made.contains(role) ? "新 new " : "    ok ") \(role.rawValue)  \(maker.folder(of: role))")
        }
    }
}

struct AddKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "为一个客户端生成密钥。 Makes a further key, for a client or a worker of its own.")

    @OptionGroup var keys: KeyOptions
    @OptionGroup var key: KeyName

    func run() throws {
        let folder = try keys.maker.add(try key.checkedRole(), name: key.name)
        Terminal.write("\(key.role)/\(key.name)  \(folder)")
    }
}

struct RevokeKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "收回权限。 Takes a key's rights away; running gateways notice within a second.")

    @OptionGroup var keys: KeyOptions
    @OptionGroup var key: KeyName

    func run() throws {
        try keys.maker.revoke(try key.checkedRole(), name: key.name)
        Terminal.write("revoked \(key.role)/\(key.name)")
    }
}

struct ListKeys: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "谁可以连接。 Who may connect.")

    @OptionGroup var keys: KeyOptions

    func run() throws {
        for entry in try keys.maker.allowList().entries {
            Terminal.write("\(entry.key.z85)  \(entry.role.rawValue)/\(entry.name)")
        }
    }
}
