// Measures suggestions over a list of titles: building, and each way of typing them.

import Foundation
import SearchCore

enum SuggestionBench {
    static func run(_ path: String) throws {
        let titles = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        let clock = ContinuousClock()
        let start = clock.now
        let table = SuggestionTable(titles)
        print("built from \(titles.count) titles, about \(table.byteCount >> 20) MiB, in \(clock.now - start)")
        let typings: [(name: String, make: (String) -> String)] = [
            ("one character", { String($0.prefix(1)) }),
            ("three characters", { String($0.prefix(3)) }),
            ("from the middle", { String($0.dropFirst(2).prefix(4)) }),
            ("one character wrong", { String($0.prefix(2)) + "囧" + String($0.dropFirst(3).prefix(3)) }),
            ("two letters", { _ in "sh" }),
            ("one letter", { _ in "s" }),
            ("two characters, the first of most", { _ in "上海" }),
            ("letters", { String(["shanghai", "fgfc", "zhongguo", "gwyb", "fgong", "zzzzzz"][$0.utf8.count % 6]) }),
        ]
        for (name, make) in typings {
            var times: [Double] = []
            var found = 0
            for title in titles.prefix(5000) {
                let typed = make(title)
                let began = clock.now
                found += TypedText(typed).map { table.matches($0, limit: 10).isEmpty } == false ? 1 : 0
                times.append((clock.now - began) / .microseconds(1))
            }
            times.sort()
            let middle = times.isEmpty ? 0 : times[times.count / 2]
            let late = times.isEmpty ? 0 : times[times.count * 99 / 100]
            let figures = String(format: "p50 %.0f us, p99 %.0f us, longest %.0f us", middle, late, times.last ?? 0)
            print("\(name): \(figures), answered \(found) of \(times.count)")
        }
    }
}
