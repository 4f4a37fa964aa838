// Which files of a watched folder have to be sent, as a value: scans in, names out.
//
//     unknown ── scan ──▶ seen ── same size and time at the next scan ──▶ due ── settle ──▶ known
//                           ▲                                                                 │
//                           └────────────────── size or time changed ─────────────────────────┘
//
// A file that is still being written changes between two scans and is not due. What is known is remembered over
// restarts; a file that was touched but says the same is not sent again, because its content's hash is known.

import Foundation
import Messages

/// The memory of a watched folder.
struct FolderWatch: Sendable {
    /// What tells that a file has changed.
    struct Stamp: Codable, Sendable, Hashable {
        var size: Int
        /// Nanoseconds since 1970.
        var modified: Int64
    }

    /// A file that was sent.
    struct Known: Codable, Sendable, Hashable {
        var stamp: Stamp
        /// Hash of the content.
        var content: String
    }

    private(set) var known: [String: Known]
    private var seen: [String: Stamp] = [:]

    init(known: [String: Known] = [:]) {
        self.known = known
    }

    /// Takes what a scan found and returns the names of the files that are due, sorted.
    mutating func scan(_ found: [String: Stamp]) -> [String] {
        let due = found.filter { name, stamp in known[name]?.stamp != stamp && seen[name] == stamp }.map(\.key).sorted()
        seen = found
        return due
    }

    /// Whether the content of a file that is due is other than what was sent.
    func isNew(_ name: String, content: String) -> Bool { known[name]?.content != content }

    /// Remembers that a file was sent, or was found to say the same as before.
    mutating func settle(_ name: String, content: String) {
        guard let stamp = seen[name] else { return }
        known[name] = Known(stamp: stamp, content: content)
    }

    /// Names a submission: sent twice it changes nothing, but going back to an older text does.
    func key(_ name: String, content: String) -> String {
        "watch/" + ContentKey.hash(["\(name)", known[name]?.content ?? "", content])
    }
}
