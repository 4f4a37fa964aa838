// Names of submissions that are derived from what they say.

import ServiceKit

/// Hashes for submission keys.
enum ContentKey {
    /// One hash of several texts; no two different lists have the same but by accident.
    static func hash(_ parts: [String], _ bytes: [UInt8] = []) -> String {
        var input: [UInt8] = []
        for part in parts { input += "\(part.utf8.count):\(part)".utf8 }
        return ContentHash.hex(of: input + bytes)
    }
}
