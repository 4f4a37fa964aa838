// `kuaibao watch preview`: what a watch would have said of the last days, before it is made.

import ArgumentParser
import Foundation
import Messages

extension WatchCommand {
    /// The gateway's answer to a dry run.
    struct PreviewAnswer: Decodable {
        struct Day: Decodable {
            let day: String
            let count: Int
        }

        struct Miss: Decodable {
            let change: String
            let part: String
            let total: Int
            let hits: [SearchHit]
        }

        let understood: String
        let from: String
        let to: String
        let total: Int
        let days: [Day]
        let listed: Int
        let hits: [SearchHit]
        let misses: [Miss]
        let everyItem: Bool
        let complete: Bool
    }

    struct Preview: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "试运行：过去若干天会有哪些提醒，差一点的有哪些。 A dry run, with near misses.")

        @OptionGroup var gateway: GatewayOptions
        @Option(help: "天数，1 到 366。 Days.") var days = 30
        @Option(help: "最后一天，如 2020-03-01。 The last day; today unless given.") var until: String?
        @Option(help: "集合。 Collection.") var collection = "bulletins"
        @Argument(help: "检索式。 The query.") var query: [String]

        /// Columns of the longest bar.
        private static let barColumns = 40

        func run() async throws {
            var parameters = [
                ("q", query.joined(separator: " ")), ("days", "\(days)"), ("collection", collection),
            ]
            if let until { parameters.append(("until", until)) }
            let (bytes, answer) = try await gateway.client().get(
                "/v1/watches/preview", parameters, as: PreviewAnswer.self)
            if gateway.json { return Terminal.write(bytes) }
            let most = max(1, answer.days.map(\.count).max() ?? 1)
            for day in answer.days {
                let bar = String(repeating: "▇", count: max(1, day.count * Self.barColumns / most))
                Terminal.write("\(day.day.isEmpty ? "日期不明" : day.day)  \(bar) \(day.count)")
            }
            Terminal.write(
                Terminal.styled(
                    "\(answer.from) – \(answer.to)：会有 \(answer.total) 条提醒 alerts  \(answer.understood)", .dim))
            guard !answer.misses.isEmpty else { return }
            Terminal.write("\n差一点 Near misses")
            for miss in answer.misses {
                Terminal.write("  \(Self.words(miss.change)) \(Terminal.styled(miss.part, .mark))：+\(miss.total)")
                for hit in miss.hits {
                    Terminal.write("     \(hit.date ?? "日期不明")  \(hit.title.text)  \(Terminal.styled(hit.id, .dim))")
                }
            }
        }

        private static func words(_ change: String) -> String {
            switch change {
            case "without": "不要求 without"
            case "apart": "允许分开 words apart in"
            case "any-number": "不限数值 any number of"
            case "included": "不排除 not excluding"
            default: change
            }
        }
    }
}
