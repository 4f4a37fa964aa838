// What clients send of watches, in bodies of JSON.

import Messages

/// The body of `POST /v1/watches`.
struct NewWatch: Decodable, Sendable {
    let collection: String
    let q: String
    let id: String?
    let name: String?
    let destination: WatchDestination?
    let route: String?
    let dueSeconds: Int?

    private enum Key: String, CodingKey, CaseIterable { case collection, q, id, name, destination, route, dueSeconds }

    init(from decoder: any Decoder) throws {
        try StrictBody.check(decoder, known: Key.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: Key.self)
        collection = try values.decodeIfPresent(String.self, forKey: .collection) ?? "bulletins"
        q = try values.decode(String.self, forKey: .q)
        id = try values.decodeIfPresent(String.self, forKey: .id)
        name = try values.decodeIfPresent(String.self, forKey: .name)
        destination = try values.decodeIfPresent(WatchDestination.self, forKey: .destination)
        route = try values.decodeIfPresent(String.self, forKey: .route)
        dueSeconds = try values.decodeIfPresent(Int.self, forKey: .dueSeconds)
    }
}

/// The body of `POST /v1/watches/{id}/ack`: exactly one of the two.
struct Acknowledgement: Decodable, Sendable {
    /// Alerts named at once.
    static let limit = 1000

    let choice: AlertChoice

    private enum Key: String, CodingKey, CaseIterable { case through, alerts }

    init(from decoder: any Decoder) throws {
        try StrictBody.check(decoder, known: Key.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: Key.self)
        let through = try values.decodeIfPresent(Int64.self, forKey: .through)
        let alerts = try values.decodeIfPresent([Int64].self, forKey: .alerts)
        switch (through, alerts) {
        case (let through?, nil): choice = .through(through)
        case (nil, let alerts?) where alerts.count <= Self.limit: choice = .these(alerts)
        case (nil, let alerts?):
            throw KuaibaoError(
                .invalidRequest, "\(alerts.count) alerts",
                fix: "name at most \(Self.limit), or use through")
        default:
            throw KuaibaoError(
                .invalidRequest, "an acknowledgement needs either through or alerts",
                fix: "give the number of the last alert in through")
        }
    }
}

/// The body of `POST /v1/watches/{id}/retry`.
struct AlertNumbers: Decodable, Sendable {
    /// Alerts named at once.
    static let limit = 1000

    let alerts: [Int64]

    private enum Key: String, CodingKey { case alerts }

    init(from decoder: any Decoder) throws {
        try StrictBody.check(decoder, known: ["alerts"])
        alerts = try decoder.container(keyedBy: Key.self).decode([Int64].self, forKey: .alerts)
        guard alerts.count <= Self.limit else {
            throw KuaibaoError(
                .invalidRequest, "\(alerts.count) alerts", fix: "name at most \(Self.limit) at once")
        }
    }
}

/// Refuses fields that nobody knows, so that a typing mistake is never silent.
enum StrictBody {
    private struct AnyKey: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static func check(_ decoder: any Decoder, known: [String]) throws {
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw KuaibaoError(
                .invalidRequest, "unknown field \"\(key.stringValue.prefix(80))\"",
                fix: "use \(known.joined(separator: ", "))")
        }
    }
}
