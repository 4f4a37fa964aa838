// The configuration file: what it may say, what wins over it, and how a mistake in it is told.

import Foundation
import Messages
import Testing

@testable import ServiceKit

@Suite struct SettingsFileTests {
    private static let keys = [
        SettingKey("http-port", default: "8080", "port"), SettingKey("cors-origins", default: "", "origins"),
        SettingKey("insecure-transport", default: "false", "flag"),
    ]

    /// The settings of a file with this text; the file is removed again.
    private static func settings(
        _ text: String, _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) throws -> Settings {
        let path = FileManager.default.temporaryDirectory.path + "/kuaibao-\(UUID().uuidString).yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try Settings(keys: keys, arguments: ["--config", path] + arguments, environment: environment)
    }

    @Test(arguments: [
        "http-port: 9090\ncors-origins: [https://a.example, https://b.example]\ninsecure-transport: true\n",
        #"{"http-port":9090,"cors-origins":"https://a.example,https://b.example","insecure-transport":"yes"}"#,
    ])
    func yamlAndJSONSayTheSame(text: String) throws {
        let settings = try Self.settings(text)
        #expect(try settings.integer("http-port", in: 0...65_535) == 9090)
        #expect(settings.list("cors-origins") == ["https://a.example", "https://b.example"])
        #expect(try settings.flag("insecure-transport"))
    }

    @Test func flagsWinOverVariablesAndVariablesOverTheFile() throws {
        let text = "http-port: 1\ncors-origins: file\n"
        let settings = try Self.settings(
            text, ["--http-port", "3"], ["KUAIBAO_HTTP_PORT": "2", "KUAIBAO_CORS_ORIGINS": "variable"])
        #expect(settings.string("http-port") == "3")
        #expect(settings.string("cors-origins") == "variable")
    }

    @Test func anEmptyFileAndASettingOfAnotherServiceChangeNothing() throws {
        for text in ["", "# nothing\n", "gc-grace-seconds: 70\n"] {
            #expect(try Self.settings(text).string("http-port") == "8080")
        }
    }

    @Test(arguments: [
        ("http-prot: 1\n", "http-port"), ("- a\n", "name: value"), ("http-port: {a: 1}\n", "one value"),
        ("\"unclosed", "name: value"), ("http-port: [[1]]\n", "one value"),
    ])
    func aMistakeNamesWhatHelps(text: String, fix: String) {
        #expect {
            _ = try Self.settings(text)
        } throws: { error in
            (error as? KuaibaoError).map { $0.code == .invalidRequest && $0.fix.contains(fix) } ?? false
        }
    }
}
