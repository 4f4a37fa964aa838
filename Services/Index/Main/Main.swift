// `index`: analyses items, builds, publishes and merges segments.

import Foundation
import IndexService
import Messages
import ServiceKit

@main
struct Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains("--help") {
            print("index - builds, publishes and merges segments\n\n\(Settings.help(IndexSettings.keys))")
            return
        }
        do {
            let settings = try Settings(
                keys: IndexSettings.keys, arguments: arguments, environment: ProcessInfo.processInfo.environment)
            guard settings.string("role") == "worker" else {
                throw KuaibaoError(.invalidRequest, "role \"\(settings.string("role"))\"", fix: "use --role worker")
            }
            let logger = ServiceRun.makeLogger(label: "index.worker", level: settings.string("log-level"))
            try await ServiceRun.run([IndexWorkerService(settings: settings, logger: logger)], logger: logger)
        } catch {
            ServiceRun.fail(error)
        }
    }
}
