// `ingest`: the front door and owner of the ledger (role gateway), or a parser (role worker).

import Foundation
import IngestService
import Messages
import ServiceKit
import ServiceLifecycle

@main
struct Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.contains("--help") {
            print("ingest - takes documents in, keeps the ledger, parses\n\n\(Settings.help(IngestSettings.keys))")
            return
        }
        do {
            // A parsing child of a worker: no settings, no log, only standard input and output.
            if let folder = DirectDocumentWork.dictionariesFolder(of: arguments) {
                return try DirectDocumentWork.serve(dictionaries: folder)
            }
            let settings = try Settings(
                keys: IngestSettings.keys, arguments: arguments, environment: ProcessInfo.processInfo.environment)
            let role = settings.string("role")
            let logger = ServiceRun.makeLogger(label: "ingest.\(role)", level: settings.string("log-level"))
            let service: any Service
            switch role {
            case "gateway": service = IngestGatewayService(settings: settings, logger: logger)
            case "worker": service = IngestWorkerService(settings: settings, logger: logger)
            default:
                throw KuaibaoError(.invalidRequest, "role \"\(role)\"", fix: "use --role gateway or --role worker")
            }
            try await ServiceRun.run([service], logger: logger)
        } catch {
            ServiceRun.fail(error)
        }
    }
}
