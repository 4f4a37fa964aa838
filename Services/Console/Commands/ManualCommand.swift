// `kuaibao write-manual`: manual pages, made of the same command tree as `kuaibao help`. The image installs them.

import ArgumentParser
import Foundation
import Messages
import ServiceKit

struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "write-manual", abstract: "写出手册页。 Write the manual pages (man 1) into a folder.",
        discussion: "例 Example:\n  kuaibao write-manual ~/.local/share/man/man1 && man kuaibao-search",
        shouldDisplay: false)

    @Argument(help: "目录，没有则创建。 The folder; made where it is not there.") var folder: String

    func run() throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for page in try ManualPage.all(ofHelp: Kuaibao._dumpHelp()) {
                try Data(page.text.utf8).write(
                    to: URL(fileURLWithPath: folder).appendingPathComponent(page.name + ".1"))
            }
        } catch let error as CocoaError {
            throw KuaibaoError(
                .invalidRequest, "\"\(folder)\" cannot be written: \(error.localizedDescription)",
                fix: "name another folder")
        }
    }
}

/// One manual page in man's macros (man(7)).
struct ManualPage {
    /// `kuaibao-search`.
    let name: String
    let text: String

    /// The page of `kuaibao` and of every command that help shows.
    ///
    /// - Parameter json: what the argument parser dumps of the command tree.
    static func all(ofHelp json: String) throws -> [ManualPage] {
        let root = try JSONDecoder().decode(Help.self, from: Data(json.utf8)).command
        var pages: [ManualPage] = []
        func add(_ command: Help.Command, _ path: [String]) {
            let path = path + [command.commandName]
            let shown = (command.subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
            pages.append(ManualPage(command, path: path, shown: shown))
            for part in shown { add(part, path) }
        }
        add(root, [])
        return pages
    }

    private init(_ command: Help.Command, path: [String], shown: [Help.Command]) {
        name = path.joined(separator: "-")
        let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
        var lines = [
            ".\\\" Made by kuaibao write-manual; not to be changed.",
            ".TH \(Self.quoted(name.uppercased())) 1 \"\" \(Self.quoted("Kuaibao " + Release.version)) \"Kuaibao\"",
            ".SH NAME", Self.plain(name) + " \\- " + Self.plain(command.abstract ?? ""), ".SH SYNOPSIS",
            ".B " + Self.plain(path.joined(separator: " ")),
        ]
        lines += arguments.map(\.synopsis)
        if !shown.isEmpty { lines.append("\\fICOMMAND\\fR") }
        if let discussion = command.discussion {
            lines +=
                [".SH DESCRIPTION", ".nf"]
                + discussion.split(separator: "\n", omittingEmptySubsequences: false).map {
                    $0.isEmpty ? ".sp" : Self.plain(String($0))
                } + [".fi"]
        }
        if !shown.isEmpty {
            lines.append(".SH COMMANDS")
            for part in shown {
                lines += [
                    ".TP", ".BR \(Self.plain(name + "-" + part.commandName)) (1)", Self.plain(part.abstract ?? ""),
                ]
            }
        }
        if !arguments.isEmpty {
            lines.append(".SH OPTIONS")
            for argument in arguments {
                lines += [".TP", argument.heading, Self.plain(argument.text)]
            }
        }
        lines += [
            ".SH ENVIRONMENT", ".TP", ".B KUAIBAO_URL",
            "The address of the query gateway; http://127.0.0.1:8080 unless given.", ".TP", ".B KUAIBAO_KEY",
            "The API key that is sent.",
        ]
        lines += [".SH \"EXIT STATUS\"", ".TP", ".B 0", "Success."]
        let codes = Dictionary(grouping: ErrorCode.allCases, by: \.exitStatus)
        for (status, codes) in codes.sorted(by: { $0.key < $1.key }) {
            lines += [".TP", ".B \(status)", Self.plain(codes.map(\.rawValue).joined(separator: ", "))]
        }
        lines += [".TP", ".B 64", "The command line is wrong."]
        text = lines.joined(separator: "\n") + "\n"
    }

    /// A text in roff: no line of it is a request, no sign of it an escape.
    fileprivate static func plain(_ text: String) -> String {
        let escaped = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("\n", with: " ")
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    private static func quoted(_ text: String) -> String { "\"" + plain(text).replacing("\"", with: "\\(dq") + "\"" }
}

/// The part of the argument parser's dump that pages are made of.
private struct Help: Decodable {
    let command: Command

    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let subcommands: [Command]?
        let arguments: [Argument]?
        private let isShown: Bool?

        var shouldDisplay: Bool { isShown ?? true }

        private enum CodingKeys: String, CodingKey {
            case commandName, abstract, discussion, subcommands, arguments
            case isShown = "shouldDisplay"
        }
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String

            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        let kind: String
        let shouldDisplay: Bool
        let isOptional: Bool
        let isRepeating: Bool
        let names: [Name]?
        let valueName: String?
        let defaultValue: String?
        let abstract: String?
        let discussion: String?

        private var value: String { "\\fI" + ManualPage.plain(valueName ?? "value") + "\\fR" }

        var heading: String {
            let names = (names ?? []).map { "\\fB" + ManualPage.plain($0.text) + "\\fR" }.joined(separator: ", ")
            switch kind {
            case "positional": return value
            case "flag": return names
            default: return names + " " + value
            }
        }

        var synopsis: String {
            let first = names?.last.map { "\\fB" + ManualPage.plain($0.text) + "\\fR" } ?? ""
            let whole = kind == "positional" ? value : kind == "flag" ? first : first + " " + value
            return (isOptional ? "[" + whole + "]" : whole) + (isRepeating ? " ..." : "")
        }

        var text: String {
            let standard = defaultValue.map { $0.isEmpty ? "" : " (default: \($0))" } ?? ""
            return [abstract, discussion].compactMap { $0 }.joined(separator: " ") + standard
        }
    }
}
