// `kuaibao watch`: standing queries, what they matched, and what they would have.

import ArgumentParser
import Foundation
import Messages

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "关注：新条目一符合检索式就提醒。 Watches: standing queries that tell of new items.",
        discussion: """
            例 Examples:
              kuaibao watch preview 核酸采样点 --days 30
              kuaibao watch create 核酸采样点 --name 采样点
              kuaibao watch events ID --follow
              kuaibao watch ack ID --through 17
              kuaibao watch create 处置:待核实 --collection arrivals --id concerned --route 社区 --due-minutes 60
              kuaibao watch desks concerned --overdue
            """,
        subcommands: [
            Create.self, List.self, Show.self, Desks.self, Delete.self, Events.self, Ack.self, Retry.self, Preview.self,
        ])

    /// What the gateway tells of a watch.
    struct View: Decodable {
        let id: String
        let number: Int64
        let collection: String
        let name: String
        let q: String
        let filter: String?
        let owner: String
        let tenant: String?
        let destination: WatchDestination
        let createdAt: Int64
        let counts: AlertCounts
        let everyItem: Bool?
        let route: String?
        let desk: String?
        let rule: String?
        let due: AlertDue?
    }

    struct DesksAnswer: Decodable {
        struct Desk: Decodable {
            let desk: String
            let id: String
            let counts: AlertCounts
            let delivered: Int64
            let due: AlertDue
        }

        let desks: [Desk]
        let next: Int64?
    }

    struct ListAnswer: Decodable {
        let watches: [View]
        let next: Int64?
    }

    struct AlertsAnswer: Decodable { let alerts: [Alert] }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "新建关注。 Makes a watch.")

        @OptionGroup var gateway: GatewayOptions
        @Option(help: "名称。 A name for people.") var name: String?
        @Option(help: "标识，可重复提交。 An id; the same again changes nothing.") var id: String?
        @Option(help: "集合。 Collection.") var collection = "bulletins"
        @Option(help: "提醒发往的地址（Webhook）。 Address that alerts are sent to.") var webhook: String?
        @Option(help: "Webhook 签名密钥所在的文件。 File with the secret that requests are signed with.") var secretFile: String?
        @Flag(help: "每天汇成一份文件。 One digest file a day.") var daily = false
        @Option(help: "按此字段的值分送各处。 Field whose values are desks, each told of its own records.") var route: String?
        @Option(help: "几分钟未确认算逾期。 Minutes after which an alert is overdue.") var dueMinutes: Int?
        @Option(help: "每天汇成一封邮件，寄往这个邮箱。 One mail a day to this mailbox.") var mail: String?
        @Argument(help: "检索式。 The query.") var query: [String]

        private struct Body: Encodable {
            let collection: String
            let q: String
            let id: String?
            let name: String?
            let destination: WatchDestination?
            let route: String?
            let dueSeconds: Int?
        }

        func validate() throws {
            if let dueMinutes, !(1...500_000).contains(dueMinutes) {
                throw ValidationError("--due-minutes is \(dueMinutes); use 1 to 500000")
            }
            guard [daily, webhook != nil, mail != nil].count(where: { $0 }) < 2 else {
                throw ValidationError("give one of --webhook, --daily and --mail")
            }
            guard webhook == nil || secretFile != nil else {
                throw ValidationError("--webhook needs --secret-file: what requests are signed with, so that the receiver knows them")
            }
            guard webhook != nil || secretFile == nil else { throw ValidationError("--secret-file needs --webhook") }
        }

        func run() async throws {
            var destination: WatchDestination?
            if let webhook {
                // Not on the command line, which others can see.
                let secret = try secretFile.map {
                    try String(contentsOfFile: $0, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
                }
                destination = WatchDestination(kind: .webhook, url: webhook, secret: secret)
            } else if daily {
                destination = WatchDestination(kind: .digest)
            } else if let mail {
                destination = WatchDestination(kind: .mail, url: "mailto:" + mail)
            }
            let body = Body(
                collection: collection, q: query.joined(separator: " "), id: id, name: name, destination: destination,
                route: route, dueSeconds: dueMinutes.map { $0 * 60 })
            let (bytes, view) = try await gateway.client().post(
                "/v1/watches", body: [UInt8](try JSONEncoder().encode(body)), contentType: "application/json",
                as: View.self)
            if gateway.json { return Terminal.write(bytes) }
            WatchCommand.show(view)
            if view.everyItem == true {
                Terminal.write(
                    Terminal.styled("检索式没有必需的词，每个新条目都要比对。 The query needs no word: every item is compared.", .dim))
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "列出关注。 Lists watches.")

        @OptionGroup var gateway: GatewayOptions

        func run() async throws {
            let client = try gateway.client()
            var after: Int64 = 0
            var count = 0
            while true {
                let (bytes, answer) = try await client.get(
                    "/v1/watches", [("after", "\(after)"), ("limit", "1000")], as: ListAnswer.self)
                if gateway.json { Terminal.write(bytes) } else { answer.watches.forEach(WatchCommand.show) }
                count += answer.watches.count
                guard let next = answer.next else { break }
                after = next
            }
            if !gateway.json { Terminal.write(Terminal.styled("共 \(count) watches", .dim)) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "显示一个关注。 Shows a watch.")

        @OptionGroup var gateway: GatewayOptions
        @Argument(help: "标识。 Its id.") var id: String

        func run() async throws {
            let (bytes, view) = try await gateway.client().get(WatchCommand.path(id), as: View.self)
            if gateway.json { return Terminal.write(bytes) }
            WatchCommand.show(view)
        }
    }

    struct Desks: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "列出一条规则分送的各处。 Lists the desks of a rule, and how late they are.")

        @OptionGroup var gateway: GatewayOptions
        @Flag(help: "只列有逾期提醒的。 Only those with overdue alerts.") var overdue = false
        @Argument(help: "规则的标识。 The rule's id.") var id: String

        func run() async throws {
            let client = try gateway.client()
            var after: Int64 = 0
            var (desks, sum, late) = (0, AlertCounts(), Int64(0))
            while true {
                var parameters = [("after", "\(after)"), ("limit", "1000")]
                if overdue { parameters.append(("overdue", "true")) }
                let (bytes, answer) = try await client.get(
                    WatchCommand.path(id) + "/desks", parameters, as: DesksAnswer.self)
                if gateway.json { Terminal.write(bytes) }
                for desk in answer.desks {
                    desks += 1
                    sum = sum + desk.counts
                    late += desk.due.overdue
                    guard !gateway.json else { continue }
                    Terminal.write("\(Terminal.styled(desk.desk, .bold))  \(Terminal.styled(desk.id, .dim))")
                    let words = desk.due.overdue > 0
                        ? Terminal.styled("逾期 overdue \(desk.due.overdue)", .bad) : "逾期 overdue 0"
                    Terminal.write("   \(WatchCommand.words(desk.counts))")
                    Terminal.write("   已送到 delivered \(desk.delivered) · \(words)")
                }
                guard let next = answer.next else { break }
                after = next
            }
            guard !gateway.json else { return }
            Terminal.write(
                Terminal.styled("共 \(desks) desks · \(WatchCommand.words(sum)) · 逾期 overdue \(late)", .dim))
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "删除关注及其全部提醒。 Deletes a watch with its alerts.")

        @OptionGroup var gateway: GatewayOptions
        @Argument(help: "标识。 Its id.") var id: String

        func run() async throws {
            _ = try await gateway.client().delete(WatchCommand.path(id), as: [String: String].self)
            Terminal.write("已删除 deleted \(id)")
        }
    }

    struct Events: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "列出未确认的提醒，或持续接收。 Alerts that are not acknowledged, or as they come.")

        @OptionGroup var gateway: GatewayOptions
        @Flag(help: "持续接收，Ctrl-C 结束。 Goes on as they come.") var follow = false
        @Flag(help: "只列死信。 Dead letters only.") var dead = false
        @Option(help: "从此编号之后开始。 Begins behind this number.") var after: Int64 = 0
        @Argument(help: "标识。 Its id.") var id: String

        /// Alerts asked for at once.
        private static let page = 500
        /// Between two questions where none waits.
        private static let pause = Duration.seconds(1)

        func run() async throws {
            let client = try gateway.client()
            var last = after
            while true {
                var parameters = [("after", "\(last)"), ("limit", "\(Self.page)")]
                if dead { parameters.append(("dead", "true")) }
                let answer = try await client.get(
                    WatchCommand.path(id) + "/alerts", parameters, as: AlertsAnswer.self
                ).value
                for alert in answer.alerts { try WatchCommand.show(alert, isJSON: gateway.json) }
                last = answer.alerts.last?.sequence ?? last
                guard answer.alerts.count < Self.page else { continue }
                guard follow, !dead else { return }
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    struct Ack: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "确认提醒。 Acknowledges alerts.")

        @OptionGroup var gateway: GatewayOptions
        @Option(help: "确认到此编号为止的全部提醒。 All up to this number.") var through: Int64?
        @Argument(help: "标识。 Its id.") var id: String
        @Argument(help: "逐个确认的编号。 Numbers of single alerts.") var alerts: [Int64] = []

        private struct Body: Encodable {
            let through: Int64?
            let alerts: [Int64]?
        }

        func validate() throws {
            guard (through == nil) != alerts.isEmpty else { throw ValidationError("give either --through or numbers") }
        }

        func run() async throws {
            let body = Body(through: through, alerts: alerts.isEmpty ? nil : alerts)
            let (bytes, counts) = try await gateway.client().post(
                WatchCommand.path(id) + "/ack", body: [UInt8](try JSONEncoder().encode(body)),
                contentType: "application/json", as: AlertCounts.self)
            if gateway.json { return Terminal.write(bytes) }
            Terminal.write(WatchCommand.words(counts))
        }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "重发死信。 Makes dead letters pending again.")

        @OptionGroup var gateway: GatewayOptions
        @Argument(help: "标识。 Its id.") var id: String
        @Argument(help: "编号。 Their numbers.") var alerts: [Int64]

        func run() async throws {
            let (bytes, counts) = try await gateway.client().post(
                WatchCommand.path(id) + "/retry", body: [UInt8](try JSONEncoder().encode(["alerts": alerts])),
                contentType: "application/json", as: AlertCounts.self)
            if gateway.json { return Terminal.write(bytes) }
            Terminal.write(WatchCommand.words(counts))
        }
    }

    // MARK: Words

    static func path(_ id: String) -> String { "/v1/watches/\(GatewayClient.encode(id))" }

    private static func show(_ view: View) {
        let kind =
            switch view.destination.kind {
            case .stream: "事件流 stream"
            case .webhook: "→ \(view.destination.url ?? "")"
            case .digest: "每日汇编 daily digest"
            case .mail: "每日邮件 daily mail → \(view.destination.url?.dropFirst("mailto:".count) ?? "")"
            }
        Terminal.write("\(Terminal.styled(view.id, .bold))  \(view.name)")
        Terminal.write("   \(Terminal.styled(view.q, .mark))  \(Terminal.styled("\(view.collection) · \(kind)", .dim))")
        if let filter = view.filter { Terminal.write("   " + Terminal.styled("限于 within \(filter)", .dim)) }
        if let route = view.route {
            let words = view.desk.map { "\(route)：\($0)，规则 rule \(view.rule ?? "")" } ?? "按 \(route) 分送 routed by \(route)"
            Terminal.write("   " + Terminal.styled(words, .dim))
        }
        Terminal.write("   " + words(view.counts))
        if let due = view.due, due.overdue > 0 {
            Terminal.write("   " + Terminal.styled("逾期 overdue \(due.overdue)", .bad))
        }
    }

    private static func words(_ counts: AlertCounts) -> String {
        "符合 matched \(counts.matched) = 已确认 acknowledged \(counts.acknowledged) + 待确认 pending \(counts.pending)"
            + " + 死信 dead \(counts.dead)"
    }

    private static func show(_ alert: Alert, isJSON: Bool) throws {
        if isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Terminal.write([UInt8](try encoder.encode(alert)) + [0x0A])
        }
        let item = alert.item
        Terminal.write("\(Terminal.styled("\(alert.sequence)", .dim))  \(Terminal.styled(item.title, .bold))")
        var facts = ["日期 \(item.date ?? "不明 unknown")"]
        if let department = item.department { facts.append(department) }
        if !item.sources.isEmpty { facts.append(item.sources.joined(separator: "、")) }
        facts.append(item.id)
        Terminal.write("   " + Terminal.styled(facts.joined(separator: " · "), .dim))
        if let reason = alert.reason {
            Terminal.write("   " + Terminal.styled("死信 dead: \(reason)（\(alert.attempts ?? 0) 次 tries）", .bad))
        } else if !item.excerpt.isEmpty {
            Terminal.write("   " + item.excerpt.replacing("\n", with: " "))
        }
    }
}
