// `kuaibao mcp`: lets assistants search and cite, over the Model Context Protocol.

import ArgumentParser
import Foundation

struct MCPCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mcp",
        abstract: "供智能助手检索和引用。 Lets assistants search and cite (MCP over standard input and output).",
        discussion: """
            配置 Configuration: {"mcpServers":{"kuaibao":{"command":"kuaibao","args":["mcp"],"env":{"KUAIBAO_URL":"http://127.0.0.1:8080"}}}}
            """)

    @OptionGroup var gateway: GatewayOptions
    @Option(help: "集合。 Collection.") var collection = "bulletins"

    func run() async throws {
        let server = MCPServer(tools: MCPTools(client: try gateway.client(), collection: collection))
        var line: [UInt8] = []
        while true {
            let data = FileHandle.standardInput.availableData
            if data.isEmpty { break }
            for byte in data {
                if byte != 10 {
                    // A longer line is refused when it ends; what is beyond the limit is not kept.
                    if line.count <= MCPServer.lineLimit { line.append(byte) }
                    continue
                }
                if !line.isEmpty, let answer = await server.answer(line) { Terminal.write(answer + [10]) }
                line.removeAll(keepingCapacity: true)
            }
        }
    }
}
