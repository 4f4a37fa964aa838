// Whether every run of characters of a text can be found: random parts of bodies, searched for exactly.

import Foundation
import Messages
import SearchCore

enum Recall {
    /// Han characters of the basic block and extension A, as UTF-16 or scalars.
    private static func isHan(_ scalar: Unicode.Scalar) -> Bool {
        (0x3400...0x4DBF).contains(scalar.value) || (0x4E00...0x9FFF).contains(scalar.value)
    }

    /// Takes random runs of 2 to 6 Han characters from the corpus that the folder indexes and looks each up; prints how
    /// many were found in the document that they were taken from, and the first that were not.
    static func run(_ folder: String, corpus path: String, count: Int) throws {
        let serving = try Serving(folder: folder)
        var corpus = try Corpus(path: path)
        var texts: [[UInt8]] = []
        while let members = corpus.nextMembers() { texts.append(members["body"] ?? members["text"] ?? []) }
        var generator = SystemRandomNumberGenerator()
        var found = 0
        var asked = 0
        var missed: [String] = []
        while asked < count {
            let number = Int.random(in: 0..<texts.count, using: &generator)
            let scalars = Array(String(decoding: texts[number], as: UTF8.self).unicodeScalars)
            let length = Int.random(in: 2...6, using: &generator)
            guard scalars.count >= length else { continue }
            let start = Int.random(in: 0...(scalars.count - length), using: &generator)
            let run = scalars[start..<(start + length)]
            guard run.allSatisfy(isHan) else { continue }
            asked += 1
            let text = String(String.UnicodeScalarView(run))
            if try holds(serving, text, number) { found += 1 } else { missed.append("\(number): \(text)") }
        }
        print("{\"asked\":\(asked),\"found\":\(found),\"missed\":\(missed.prefix(10))}")
    }

    /// Whether the document is among all hits of the phrase.
    private static func holds(_ serving: Serving, _ text: String, _ number: Int) throws -> Bool {
        var plan = SearchPlan(
            query: .phrase(text, field: "text", slop: 0), limit: SearchPlan.maximumHits, total: .atLeast)
        while true {
            let hits = try serving.searcher.search(plan, in: serving.snapshot).hits
            if hits.contains(where: { $0.place.documentID == "\(number)" }) { return true }
            guard hits.count == plan.limit, let last = hits.last else { return false }
            plan.after = last.place
        }
    }
}
