// The configuration file: YAML or JSON, one map of settings' names to words, numbers, flags or lists.
//
//     http-port: 9090
//     cors-origins: [https://desk.example, https://news.example]
//
// All services of a machine may share one file: a setting of another service is known, not used.

import Foundation
import Messages
import Yams

enum SettingsFile {
    /// Largest file that is read, in bytes.
    private static let byteLimit = 1 << 20

    /// The values by name, as they would stand on a command line.
    ///
    /// - Parameter known: every name that may stand in the file.
    /// - Throws: `invalidRequest` for a file that cannot be read, an unknown name, or a value that is none.
    static func values(path: String, known: [String]) throws(KuaibaoError) -> [String: String] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw KuaibaoError(.invalidRequest, "there is no file \(path)", fix: "give config another path, or none")
        }
        guard data.count <= byteLimit, let text = String(data: data, encoding: .utf8) else {
            throw KuaibaoError(
                .invalidRequest, "\(path) has \(data.count) bytes or is no UTF-8",
                fix: "write at most \(byteLimit) bytes")
        }
        let loaded: Any?
        do {
            loaded = try Yams.load(yaml: text)
        } catch {
            throw KuaibaoError(
                .invalidRequest, "\(path) is neither YAML nor JSON: \(error)",
                fix: "write a line \"name: value\" for each setting")
        }
        guard let loaded else { return [:] }
        guard let map = loaded as? [String: Any] else {
            throw KuaibaoError(
                .invalidRequest, "\(path) is no map", fix: "write a line \"name: value\" for each setting")
        }
        var values: [String: String] = [:]
        for (name, value) in map.sorted(by: { $0.key < $1.key }) {
            guard known.contains(name) else {
                throw Settings.unknown("setting \"\(name.prefix(80))\" in \(path)", nearest: name, among: known)
            }
            guard let text = Self.text(value) else {
                throw KuaibaoError(
                    .invalidRequest, "setting \(name) in \(path) is no word, number, flag or list of these",
                    fix: "write one value, or a list")
            }
            values[name] = text
        }
        return values
    }

    private static func text(_ value: Any) -> String? {
        switch value {
        case let value as String: value
        case let value as Bool: value ? "true" : "false"
        case let value as Int: String(value)
        case let value as Double: String(value)
        case is NSNull: ""
        case let list as [Any]:
            list.allSatisfy({ !($0 is [Any]) && text($0) != nil }) ? list.compactMap(text).joined(separator: ",") : nil
        default: nil
        }
    }
}
