// `query`: answers over HTTP and ZeroMQ (role gateway), or searches segments (role worker).

import Foundation
import Messages
import QueryService
import ServiceKit
import ServiceLifecycle

@main
struct Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains("--help") {
            print("query - answers searches over HTTP and ZeroMQ\n\n\(Settings.help(QuerySettings.keys))")
            return
        }
        do {
            let settings = try Settings(
                keys: QuerySettings.keys, arguments: arguments, environment: ProcessInfo.processInfo.environment)
            let role = settings.string("role")
            let logger = ServiceRun.makeLogger(label: "query.\(role)", level: settings.string("log-level"))
            let service: any Service
            switch role {
            case "gateway": service = QueryGatewayService(settings: settings, logger: logger)
            case "worker": service = QueryWorkerService(settings: settings, logger: logger)
            default:
                throw KuaibaoError(.invalidRequest, "role \"\(role)\"", fix: "use --role gateway or --role worker")
            }
            try await ServiceRun.run([service], logger: logger)
        } catch {
            ServiceRun.fail(error)
        }
    }
}
