// How much one process parses in a given time, for running several of them side by side.
//
//     documents-bench --rate SECONDS [--start SECONDS-SINCE-1970]
//
// Parses the documents of the benchmark one by one, over and over, from the start on (all processes with one start begin
// together), and prints bytes, seconds and MB/s of processor time and of the clock. Its first second warms up and does not
// count. `Benchmarks/parsing-processes.sh` runs one on each core alone and then two at once.

import Documents
import Foundation
import Messages

/// Measures a rate.
struct Rate {
    let parser = DocumentParser()

    func run(seconds: Double, start: Double?) throws {
        var inputs = Inputs()
        let pieces = inputs.stories(bytes: 2 << 20).map {
            Array("\($0.title)\n\n\($0.paragraphs.joined(separator: "\n"))\n\n来源：\($0.source)\n\n".utf8)
        }
        if let start { Thread.sleep(forTimeInterval: max(0, start - Date().timeIntervalSince1970)) }
        _ = try parse(pieces, until: Date().timeIntervalSince1970 + 1)
        let (clock, processor) = (Date().timeIntervalSince1970, Self.processorTime())
        let bytes = try parse(pieces, until: clock + seconds)
        let (elapsed, used) = (Date().timeIntervalSince1970 - clock, Self.processorTime() - processor)
        let format = "%d bytes, %.2f s, %.2f MB/s by the clock, %.2f MB/s of processor time"
        print(String(format: format, bytes, elapsed, Double(bytes) / elapsed / 1e6, Double(bytes) / used / 1e6))
    }

    private func parse(_ pieces: [[UInt8]], until end: Double) throws -> Int {
        var bytes = 0
        var index = 0
        while true {
            if index % 16 == 0, Date().timeIntervalSince1970 >= end { return bytes }
            _ = try parser.parse(pieces[index % pieces.count], DocumentDescription(identity: "b")).items.count
            bytes += pieces[index % pieces.count].count
            index += 1
        }
    }

    private static func processorTime() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
