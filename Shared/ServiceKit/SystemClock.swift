// The only place that reads the machine's clocks and random numbers; everything else is given them.

import Foundation

package enum SystemClock {
    /// Milliseconds since some fixed instant; never goes back. For time-outs and leases inside one process.
    package static func monotonicMilliseconds() -> Int64 {
        Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000)
    }

    /// Microseconds since some fixed instant; for timings that are shown.
    package static func monotonicMicroseconds() -> Int64 {
        Int64(DispatchTime.now().uptimeNanoseconds / 1_000)
    }

    /// Milliseconds since 1970, UTC. For dates that people see and for deadlines between processes.
    package static func wallMilliseconds() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1000)
    }
}

package enum Identifier {
    /// 16 random bytes as 32 hexadecimal digits.
    package static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return [generator.next(), generator.next()]
            .map { (word: UInt64) in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }
            .joined()
    }

    /// `<host>-<process>`: names a worker for people.
    package static func workerName(role: String) -> String {
        "\(role)-\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)"
    }
}
