// Configuration: every setting is a named key with a default, read from flags, then from KUAIBAO_… variables, then from a
// file (`--config FILE` or KUAIBAO_CONFIG).
//
// `--http-port 8080` and `KUAIBAO_HTTP_PORT=8080` are the same setting. An unknown flag or variable is an error that
// names the nearest known key, so that a typing mistake never silently means the default.

import Configuration
import Foundation
package import Messages

/// One setting: its name as a flag without `--`, its default and what it does.
package struct SettingKey: Sendable, Hashable {
    package let name: String
    package let defaultValue: String
    /// Unit, range and effect, in one line.
    package let explanation: String

    package init(_ name: String, default defaultValue: String, _ explanation: String) {
        self.name = name
        self.defaultValue = defaultValue
        self.explanation = explanation
    }

    /// The same setting as an environment variable.
    package var variable: String { "KUAIBAO_" + name.uppercased().replacing("-", with: "_") }
}

/// Names of all settings of all services; each service's own list explains those that it reads.
package enum SettingNames {
    package static let all = [
        "role", "data-dir", "submit-endpoint", "parse-endpoint", "ledger-endpoint", "news-endpoint", "ask-endpoint",
        "search-endpoint", "partitions", "document-bytes", "disk-reserve-bytes", "keep-raw-hours", "keep-items-hours",
        "threads",
        "keys", "insecure-transport", "log-level", "http-host",
        "http-port", "merge-threads", "documents-per-worker", "gc-grace-seconds", "api-keys", "key-rate",
        "key-requests", "audit-log", "dictionaries-dir", "synonyms", "cors-origins", "cache-bytes", "containment",
        "parse-seconds", "parse-memory",
        "event-streams", "webhook-allow", "webhook-attempts", "webhook-pause-milliseconds",
        "mail-server", "mail-from", "mail-domains", "mail-login", "mail-certificates",
        "feeds-file", "feeds-delay-seconds", "feeds-allow-networks", "feeds-certificates",
        "suggest-bytes", "compress-bytes", "retention", "tls-certificate", "tls-key",
    ]
}

/// The setting that every service has beside its own.
private let configKey = SettingKey(
    "config", default: "", "file of settings in YAML or JSON, which flags and variables overrule")

/// The settings of one process.
package struct Settings: Sendable {
    private let values: [String: String]
    private let keys: [String: SettingKey]

    /// Variables that concern the launch and not a service.
    private static let launchVariables: Set<String> = ["KUAIBAO_SUPERVISED", "KUAIBAO_URL", "KUAIBAO_KEY"]

    /// Reads and checks all settings.
    ///
    /// All services of a machine share one environment, so a variable of another service is known, not used.
    ///
    /// - Throws: `invalidRequest` for an unknown or malformed flag, a variable that begins with `KUAIBAO_` and is nobody's,
    ///   or a file with something that is unknown.
    package init(
        keys ownKeys: [SettingKey], knownElsewhere: [String] = SettingNames.all, arguments: [String],
        environment: [String: String]
    ) throws(KuaibaoError) {
        let keys = ownKeys + [configKey]
        self.keys = Dictionary(keys.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        try Self.check(arguments, known: keys.map(\.name))
        let ours = environment.filter { $0.key.hasPrefix("KUAIBAO_") && !Self.launchVariables.contains($0.key) }
        let known = Set(keys.map(\.variable) + knownElsewhere.map { SettingKey($0, default: "", "").variable })
        for variable in ours.keys.sorted() where !known.contains(variable) {
            throw Self.unknown("variable \(variable)", nearest: variable, among: known.sorted())
        }
        let stripped = Dictionary(uniqueKeysWithValues: ours.map { (String($0.key.dropFirst(8)), $0.value) })
        let reader = ConfigReader(providers: [
            CommandLineArgumentsProvider(arguments: ["kuaibao"] + arguments),
            EnvironmentVariablesProvider(environmentVariables: stripped),
        ])
        func given(_ name: String) -> String? { reader.string(forKey: ConfigKey(name.replacing("-", with: "."))) }
        var file: [String: String] = [:]
        if let path = given(configKey.name), !path.isEmpty {
            file = try SettingsFile.values(path: path, known: Set(ownKeys.map(\.name) + knownElsewhere).sorted())
        }
        var values: [String: String] = [:]
        for key in keys { values[key.name] = given(key.name) ?? file[key.name] ?? key.defaultValue }
        self.values = values
    }

    package func string(_ name: String) -> String { values[name] ?? keys[name]?.defaultValue ?? "" }

    /// A list separated by commas, without empty entries.
    package func list(_ name: String) -> [String] {
        string(name).split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// - Throws: `invalidRequest` where the value is not a whole number within `range`.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws(KuaibaoError) -> Int {
        guard let value = Int(string(name)), range.contains(value) else {
            throw KuaibaoError(
                .invalidRequest, "setting \(name) is \"\(string(name))\"",
                fix: "give a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// - Throws: `invalidRequest` for anything but true, false, 1, 0, yes, no.
    package func flag(_ name: String) throws(KuaibaoError) -> Bool {
        switch string(name).lowercased() {
        case "true", "1", "yes": return true
        case "false", "0", "no", "": return false
        default:
            throw KuaibaoError(
                .invalidRequest, "setting \(name) is \"\(string(name))\"", fix: "give true or false")
        }
    }

    /// Flags and their meaning, a line each.
    package static func help(_ keys: [SettingKey]) -> String {
        (keys + [configKey]).map { key in
            let shown = key.defaultValue.isEmpty ? "none" : key.defaultValue
            return "  --\(key.name)  \(key.explanation) [\(key.variable); default \(shown)]"
        }.joined(separator: "\n")
    }

    private static func check(_ arguments: [String], known: [String]) throws(KuaibaoError) {
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            guard argument.hasPrefix("--") else {
                throw KuaibaoError(
                    .invalidRequest, "unexpected argument \"\(argument)\"", fix: "write settings as --name value")
            }
            let name = String(argument.dropFirst(2))
            guard known.contains(name) else {
                throw unknown("flag --\(name)", nearest: "--" + name, among: known.map { "--" + $0 })
            }
            guard index + 1 < arguments.count, !arguments[index + 1].hasPrefix("--") else {
                throw KuaibaoError(.invalidRequest, "flag --\(name) has no value", fix: "write --\(name) VALUE")
            }
            index += 2
        }
    }

    static func unknown(_ what: String, nearest to: String, among known: [String]) -> KuaibaoError {
        let best = known.min { distance($0, to) < distance($1, to) } ?? "--help"
        return KuaibaoError(.invalidRequest, "unknown \(what)", fix: "did you mean \(best)? --help lists all")
    }

    /// Levenshtein's edit distance between two short ASCII names.
    private static func distance(_ one: String, _ other: String) -> Int {
        let target = Array(other.utf8)
        var row = Array(0...target.count)
        for (i, byte) in one.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in target.indices {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (byte == target[j] ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[target.count]
    }
}
