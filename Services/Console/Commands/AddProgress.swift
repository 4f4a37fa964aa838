// How far `kuaibao add` is: documents counted, the share by bytes, because archives do not say how many they hold.

import Foundation

/// A bar with rate and time left, on standard error; nothing where nobody looks.
struct AddProgress: Sendable {
    private static let width = 28

    private let totalBytes: Int
    private let label: String
    private let started = Date()
    private var documents = 0

    init(_ label: String, totalBytes: Int) {
        self.label = label
        self.totalBytes = totalBytes
    }

    /// One more document is done; `bytes` of all have been read.
    mutating func advance(toBytes bytes: Int) {
        documents += 1
        guard Terminal.progressIsShown else { return }
        let seconds = max(Date().timeIntervalSince(started), 0.001)
        let share = totalBytes == 0 ? 1 : min(Double(bytes) / Double(totalBytes), 1)
        let left = share > 0 ? seconds / share * (1 - share) : 0
        let filled = Int(share * Double(Self.width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        let rate = "\(Int((Double(documents) / seconds).rounded()))/s"
        let line = "\r\(label) \(bar) \(documents) 份 documents  \(rate)  \(Int(left.rounded(.up))) s \u{1B}[K"
        FileHandle.standardError.write(Data(line.utf8))
    }

    func finish() {
        if Terminal.progressIsShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
