// The watches' part of the HTTP API.

import Foundation
import HTTPTypes
import Hummingbird
import Messages
import ServiceKit

extension APIEndpoints {
    private static let json = "application/json"
    private static let errors: [ErrorCode] = [
        .notFound, .unknownCollection, .notReady, .unavailable, .deadlineExceeded, .diskFull,
    ]
    private static let one = Endpoint.Answer(status: 200, mediaType: json, schema: "Watch", summary: "The watch.")
    private static let counts = Endpoint.Answer(
        status: 200, mediaType: json, schema: "AlertCounts", summary: "The watch's balance.")

    static let watches = [
        Endpoint(
            name: "createWatch", method: .post, path: "/v1/watches", scope: .watch,
            summary: "Makes a watch: a standing query that says when a new item matches.",
            body: .init(
                mediaType: json, schema: "NewWatch",
                summary: "The query; a watch with an id may be sent again.",
                example: #"{"collection":"bulletins","q":"核酸采样点","name":"采样点"}"#),
            answers: [one],
            errors: errors + [.invalidQuery, .queryTooComplex, .conflict, .documentTooLarge]),
        Endpoint(
            name: "watches", method: .get, path: "/v1/watches", scope: .watch, summary: "The asker's watches.",
            parameters: [
                .init(
                    name: "after", kind: .integer(0...Int(Int32.max)), summary: "Goes on behind this number; see next."),
                .init(
                    name: "limit", kind: .integer(WatchDesk.Limits.list), summary: "At most so many; 100 unless given."),
            ],
            answers: [.init(status: 200, mediaType: json, schema: "WatchList", summary: "The watches.")], errors: errors
        ),
        Endpoint(
            name: "previewWatch", method: .get, path: "/v1/watches/preview", scope: .watch,
            summary: "What a watch would have said of the last days, and what it would have missed by one condition.",
            parameters: [
                .init(name: "q", kind: .text, summary: "The query as text.", isRequired: true),
                .init(name: "collection", kind: .text, summary: "bulletins unless given."),
                .init(
                    name: "days", kind: .integer(PreviewDesk.Limits.days),
                    summary: "\(PreviewDesk.Limits.usualDays) unless given."),
                .init(name: "until", kind: .text, summary: "The last day, 2020-03-01; today unless given."),
            ],
            answers: [.init(status: 200, mediaType: json, schema: "WatchPreview", summary: "The dry run.")],
            errors: errors + [.invalidQuery, .queryTooComplex, .conflict, .corrupt]),
        Endpoint(
            name: "watch", method: .get, path: "/v1/watches/{id}", scope: .watch,
            summary: "One watch, with its balance.",
            answers: [one], errors: errors),
        Endpoint(
            name: "deleteWatch", method: .delete, path: "/v1/watches/{id}", scope: .watch,
            summary: "Deletes a watch with all its alerts.",
            answers: [.init(status: 200, mediaType: json, schema: "State", summary: "It is gone.")], errors: errors),
        Endpoint(
            name: "desks", method: .get, path: "/v1/watches/{id}/desks", scope: .watch,
            summary: "The desks of a rule, each with its balance and how late it is.",
            parameters: [
                .init(
                    name: "after", kind: .integer(0...Int(Int32.max)), summary: "Goes on behind this number; see next."),
                .init(
                    name: "limit", kind: .integer(WatchDesk.Limits.list), summary: "At most so many; 100 unless given."),
                .init(name: "overdue", kind: .flag, summary: "Only desks with alerts that are overdue."),
            ],
            answers: [.init(status: 200, mediaType: json, schema: "DeskList", summary: "The desks.")], errors: errors),
        Endpoint(
            name: "alerts", method: .get, path: "/v1/watches/{id}/alerts", scope: .watch,
            summary: "Alerts that are not acknowledged, or dead letters.",
            parameters: [
                .init(name: "after", kind: .integer(0...Int(Int32.max)), summary: "Only alerts behind this number."),
                .init(
                    name: "limit", kind: .integer(WatchDesk.Limits.alerts),
                    summary: "At most so many; 100 unless given."),
                .init(name: "dead", kind: .flag, summary: "Dead letters instead of pending alerts."),
            ],
            answers: [.init(status: 200, mediaType: json, schema: "Alerts", summary: "The alerts.")], errors: errors),
        Endpoint(
            name: "watchEvents", method: .get, path: "/v1/watches/{id}/events", scope: .watch,
            summary: "Alerts as server-sent events, as they come; resumes behind the header Last-Event-ID.",
            parameters: [
                .init(
                    name: "after", kind: .integer(0...Int(Int32.max)),
                    summary: "Begins behind this number, for who cannot send the header.")
            ],
            answers: [.init(status: 200, mediaType: "text/event-stream", schema: "ServerEvent", summary: "The events.")],
            errors: errors),
        Endpoint(
            name: "acknowledge", method: .post, path: "/v1/watches/{id}/ack", scope: .watch,
            summary: "Settles alerts: they are not sent again.",
            body: .init(
                mediaType: json, schema: "Acknowledgement", summary: "Exactly one of through and alerts.",
                example: #"{"through":17}"#),
            answers: [counts], errors: errors + [.documentTooLarge]),
        Endpoint(
            name: "retryAlerts", method: .post, path: "/v1/watches/{id}/retry", scope: .watch,
            summary: "Makes dead letters pending again.",
            body: .init(
                mediaType: json, schema: "AlertNumbers", summary: "Their numbers.", example: #"{"alerts":[3,4]}"#),
            answers: [counts], errors: errors + [.documentTooLarge]),
    ]
}

extension HTTPRoutes {
    static func watches(_ desks: Desks) -> [String: Route.Handler] {
        let desk = desks.watches
        return [
            "createWatch": { call in
                HTTPAnswers.json(
                    try await desk.create(try await body(NewWatch.self, of: call, what: "watch"), for: call.principal))
            },
            "watches": { call in
                HTTPAnswers.json(
                    try await desk.list(
                        after: Int64(try call.parameters.integer("after") ?? 0),
                        limit: try call.parameters.integer("limit") ?? 100, for: call.principal))
            },
            "previewWatch": { call in
                let collection = call.parameters["collection"] ?? "bulletins"
                try call.principal.require(.watch, collection: collection)
                return HTTPAnswers.json(
                    try await desks.preview.preview(
                        collection: collection, q: call.parameters["q"] ?? "",
                        days: try call.parameters.integer("days") ?? PreviewDesk.Limits.usualDays,
                        last: try day(call.parameters["until"]), for: call.principal))
            },
            "watch": { call in HTTPAnswers.json(try await desk.show(call.id, for: call.principal)) },
            "deleteWatch": { call in
                try await desk.delete(call.id, for: call.principal)
                return HTTPAnswers.json(["status": "deleted"])
            },
            "desks": { call in
                HTTPAnswers.json(
                    try await desk.desks(
                        call.id, after: Int64(try call.parameters.integer("after") ?? 0),
                        limit: try call.parameters.integer("limit") ?? 100,
                        onlyOverdue: try call.parameters.flag("overdue") ?? false, for: call.principal))
            },
            "alerts": { call in
                let alerts = try await desk.alerts(
                    call.id, after: Int64(try call.parameters.integer("after") ?? 0),
                    limit: try call.parameters.integer("limit") ?? 100,
                    isDead: try call.parameters.flag("dead") ?? false, for: call.principal)
                return HTTPAnswers.json(["alerts": alerts])
            },
            "watchEvents": { call in
                try await desks.events.response(
                    call.id, after: try after(call), for: call.principal, letGo: call.letGo)
            },
            "acknowledge": { call in
                let acknowledgement = try await body(Acknowledgement.self, of: call, what: "acknowledgement")
                return HTTPAnswers.json(
                    try await desk.acknowledge(call.id, acknowledgement.choice, for: call.principal))
            },
            "retryAlerts": { call in
                let numbers = try await body(AlertNumbers.self, of: call, what: "list of alerts")
                return HTTPAnswers.json(try await desk.retry(call.id, numbers.alerts, for: call.principal))
            },
        ]
    }

    private static let lastEventID = HTTPField.Name("Last-Event-ID")

    /// Where a stream begins: the header counts before the parameter, as a browser sends it when it connects again.
    private static func after(_ call: Call) throws(KuaibaoError) -> Int64? {
        guard let text = lastEventID.flatMap({ call.request.headers[$0] }), !text.isEmpty else {
            return try call.parameters.integer("after").map(Int64.init)
        }
        guard let number = Int64(text), number >= 0 else {
            throw KuaibaoError(
                .invalidRequest, "Last-Event-ID is \"\(text.prefix(80))\"", fix: "send the id of an event of this watch"
            )
        }
        return number
    }

    private static func day(_ text: String?) throws(KuaibaoError) -> CalendarDay? {
        guard let text else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            let date = CalendarDay(year: year, month: month, day: day)
        else {
            throw KuaibaoError(.invalidRequest, "until is \"\(text.prefix(80))\"", fix: "give a day: 2020-03-01")
        }
        return date
    }
}
