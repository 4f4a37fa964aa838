// What the console writes: colours and bars on a terminal, plain lines elsewhere.

import Foundation

/// Standard output, and whether a person looks at it.
struct Terminal {
    /// Whether colours and moving lines are wanted: a terminal, and no NO_COLOR (no-color.org).
    static let isStyled =
        isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil
        && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    static let progressIsShown = isatty(STDERR_FILENO) == 1

    enum Style: String {
        case bold = "1"
        case dim = "2"
        case mark = "1;33"
        case good = "32"
        case bad = "31"
    }

    static func styled(_ text: String, _ style: Style) -> String {
        isStyled ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    static func write(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    static func write(_ bytes: [UInt8]) { FileHandle.standardOutput.write(Data(bytes)) }

    static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
}

/// A bar with rate and time left, on standard error; nothing where nobody looks.
struct ProgressBar: Sendable {
    private static let width = 28

    private let total: Int
    private let label: String
    private let started = Date()
    private var done = 0

    init(_ label: String, total: Int) {
        self.label = label
        self.total = total
    }

    mutating func advance(by count: Int = 1) {
        done += count
        guard Terminal.progressIsShown else { return }
        let seconds = max(Date().timeIntervalSince(started), 0.001)
        let rate = Double(done) / seconds
        let left = rate > 0 ? Double(total - done) / rate : 0
        let filled = total == 0 ? Self.width : done * Self.width / max(total, 1)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        let line = "\r\(label) \(bar) \(done)/\(total)  \(Int(rate))/s  \(Int(left.rounded(.up))) s \u{1B}[K"
        FileHandle.standardError.write(Data(line.utf8))
        if done >= total { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
