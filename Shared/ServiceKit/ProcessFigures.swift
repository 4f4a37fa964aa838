// What a process knows of itself, for the metrics of the stack.

import Foundation

package enum ProcessFigures {
    /// Resident memory, processor time and open files of this process, by metric name.
    ///
    /// Reads three files under `/proc`; what cannot be read is left out.
    package static func now() -> [String: Int] {
        var figures: [String: Int] = [:]
        if let words = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " "),
            words.count > 1, let pages = Int(words[1])
        {
            figures["resident_bytes"] = pages * sysconf(Int32(_SC_PAGESIZE))
        }
        // The name of the program, in parentheses, may have spaces; fields 14 and 15 are ticks in user and system mode.
        if let text = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let rest = text.lastIndex(of: ")").map({ text[$0...].split(separator: " ") }), rest.count > 13,
            let user = Int(rest[12]), let system = Int(rest[13])
        {
            figures["processor_milliseconds_total"] = (user + system) * 1000 / max(1, sysconf(Int32(_SC_CLK_TCK)))
        }
        if let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            figures["open_files"] = names.count
        }
        return figures
    }
}
