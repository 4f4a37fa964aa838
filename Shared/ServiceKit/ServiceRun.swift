// The life of a service process: logging, signals, running, and an exit status that means something.

import Foundation
package import Logging
package import Messages
package import ServiceLifecycle
import UnixSignals

/// Runs the services of one process until a signal, or the end of one of them.
package enum ServiceRun {
    /// Sends log lines to standard error at the level of the setting `log-level`.
    package static func makeLogger(label: String, level: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: level.lowercased()) ?? .info
        return logger
    }

    /// Runs services in the given order and drains them in reverse on SIGTERM or SIGINT.
    package static func run(_ services: [any Service], logger: Logger) async throws {
        if ProcessInfo.processInfo.environment["KUAIBAO_SUPERVISED"] == "1" { ParentWatch.start() }
        // Lists of keys are watched, so a hang-up means nothing; unhandled it would end the process.
        signal(SIGHUP, SIG_IGN)
        var configuration = ServiceGroupConfiguration(
            services: services.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(9)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Prints an error with its fix and ends the process with the code's exit status.
    package static func fail(_ error: any Error) -> Never {
        let known =
            error as? KuaibaoError
            ?? KuaibaoError(.internal, "\(error)", fix: "see the log; report it if it happens again")
        let line = "error \(known.code.rawValue): \(known.message)\nfix: \(known.fix)\n"
        FileHandle.standardError.write(Data(line.utf8))
        exit(known.code.exitStatus)
    }
}

extension KuaibaoError {
    /// Why a worker ends itself: whoever supervises it starts it anew, and its work is leased again.
    package static let stuckThread = KuaibaoError(
        .internal, "a thread has worked on one task for too long and must hang; this process ends to be started anew",
        fix: "report this with the log; a document that did it thrice is among the dead letters")
}

extension Logger {
    /// Tells what became of a changed allow-list.
    package func note(reloadedKeys result: Result<Int, any Error>) {
        switch result {
        case .success(let count): notice("the allow-list has changed", metadata: ["keys": "\(count)"])
        case .failure(let error):
            self.error("the changed allow-list cannot be used, the former stays", metadata: ["error": "\(error)"])
        }
    }
}

/// Ends this process when the one that started it is gone: the supervisor holds the other end of standard input.
package enum ParentWatch {
    package static func start() {
        let thread = Thread {
            while let data = try? FileHandle.standardInput.read(upToCount: 4096), !data.isEmpty {}
            kill(getpid(), SIGTERM)
        }
        thread.name = "parent-watch"
        thread.start()
    }
}
