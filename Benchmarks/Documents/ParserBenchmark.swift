// The speed of the parser, items and fields included, in one run with ratios.
//
//     KUAIBAO_BENCHMARKS=1 swift build -c release --product documents-bench
//     .build/release/documents-bench [megabytes of each input, default 8] [files]
//
// Every figure is the best of three runs of one thread. The ratio is to a pass that only checks and copies the same bytes
// as UTF-8 (`String(decoding:as:)`), so that figures of different machines can be compared. The last line parses the news
// in pieces of one document each, with one and with two tasks at a time. With --rate it measures as `Rate` says.

import Documents
import Foundation
import Messages

/// Measures and prints.
@main
struct ParserBenchmark {
    private let parser = DocumentParser()
    private let clock = ContinuousClock()

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        if let place = arguments.firstIndex(of: "--rate"), let seconds = arguments.dropFirst(place).first.flatMap(Double.init) {
            let start = arguments.firstIndex(of: "--start").flatMap { arguments.dropFirst($0).first.flatMap(Double.init) }
            return try Rate().run(seconds: seconds, start: start)
        }
        let megabytes = arguments.lazy.compactMap { Int($0) }.first ?? 8
        try await ParserBenchmark().run(megabytes: megabytes, files: arguments.filter { Int($0) == nil })
    }

    private func run(megabytes: Int, files: [String]) async throws {
        var inputs = Inputs()
        let stories = inputs.stories(bytes: megabytes << 20)
        let text = stories.map { "\($0.title)\n\n\($0.paragraphs.joined(separator: "\n"))\n\n来源：\($0.source)\n\n" }
        let prose = stories.flatMap(\.paragraphs).joined(separator: "\n")
        let markdown = stories.map { "## \($0.title)\n\n\($0.paragraphs.joined(separator: "\n\n"))\n\n" }.joined()
        let html = stories.map { story in
            let lines = story.paragraphs.map { "<p style=\"text-indent: 2em; margin: 0\">\($0)</p>\n" }
            return "<h2>\(story.title)</h2>\(lines.joined())"
        }.joined()
        try report("text, a digest", text.joined(), type: "text/plain")
        try report("text, prose", prose, type: "text/plain")
        try report("markdown", "# 每日要闻\n\n\(markdown)", type: "text/markdown")
        try report(
            "html", "<html><head><title>每日要闻</title></head><body><div><h1>每日要闻</h1>\(html)</div></body></html>",
            type: "text/html")
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
            try report(file, bytes, DocumentDescription(identity: "b", sourceAddress: file))
        }
        let pieces = text.map { Array($0.utf8) }
        let one = try await spread(pieces, over: 1)
        let two = try await spread(pieces, over: 2)
        print("two tasks: \(String(format: "%.2f", one / two)) x one (\(pieces.count) documents)")
    }

    private func report(_ name: String, _ text: String, type: String) throws {
        try report(name, Array(text.utf8), DocumentDescription(identity: "b", contentType: type))
    }

    private func report(_ name: String, _ bytes: [UInt8], _ description: DocumentDescription) throws {
        var items = 0
        let time = try best { items = try parser.parse(bytes, description).items.count }
        var length = 0
        let base = best { length = String(decoding: bytes, as: UTF8.self).utf8.count }
        let rate = String(format: "%.1f MB/s, %.1f x a copy", Double(bytes.count) / time / 1e6, time / base)
        print("\(name): \(length) bytes, \(items) items, \(rate)")
    }

    /// Seconds of the best of three runs.
    private func best(_ body: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        for _ in 0..<3 { best = min(best, Self.seconds(try clock.measure(body))) }
        return best
    }

    private func spread(_ pieces: [[UInt8]], over tasks: Int) async throws -> Double {
        let start = clock.now
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<tasks {
                group.addTask {
                    var items = 0
                    for index in stride(from: number, to: pieces.count, by: tasks) {
                        items += try parser.parse(pieces[index], DocumentDescription(identity: "b")).items.count
                    }
                    return items
                }
            }
            for try await _ in group {}
        }
        return Self.seconds(start.duration(to: clock.now))
    }

    private static func seconds(_ time: Duration) -> Double {
        Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
    }
}
