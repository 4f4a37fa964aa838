// What is made of each seed document, in words, against golden files that were read line by line beside the documents.
//
// A change that is meant changes the golden file with it: the test prints the text that was made.

import Messages
import Testing

@testable import Documents

#if canImport(Glibc)
import Glibc
#endif

@Suite struct SeedGoldens {
    @Test(arguments: Seed.allCases)
    func agreeWithWhatIsMade(seed: Seed) throws {
        let made = try Self.describe(seed)
        let path = Self.path(seed)
        guard let golden = Self.read(path) else {
            Issue.record("no golden file \(path); made:\n\(made)")
            return
        }
        let (left, right) = (made.split(separator: "\n"), golden.split(separator: "\n"))
        for (line, (new, old)) in zip(left, right).enumerated() where new != old {
            Issue.record("line \(line + 1) is\n\(new)\nnot\n\(old)\nmade:\n\(made)")
            return
        }
        #expect(left.count == right.count, "made:\n\(made)")
    }

    /// One line a statement.
    private static func describe(_ seed: Seed) throws -> String {
        let document = try seed.parse()
        let bytes = try seed.bytes()
        var lines = ["\(document.format) \(document.encoding) \(document.warnings.joined(separator: " "))"]
        for item in document.items {
            lines.append("")
            lines.append("\(item.ordinal + 1). \(item.title)")
            if let date = item.published { lines.append("date \(date.value.text) \(date.basis.rule)") }
            if let department = item.department { lines.append("department \(department.value) \(department.basis.rule)") }
            for source in item.sources { lines.append("source \(source.value) \(source.basis.rule)") }
            for event in item.events {
                lines.append("event \(event.value.text) \(event.basis.rule) ‹\(text(bytes, event.basis.range))›")
            }
            for figure in item.figures {
                let day = figure.date.map { " on \($0.text)" } ?? ""
                lines.append("figure \(figure.subject) \(intervalText(figure)) \(figure.unit) \(figure.comparator) ‹\(figure.quote)›\(day)")
            }
            if !item.citations.isEmpty { lines.append("cites \(item.citations.joined(separator: "；"))") }
            if !item.districts.isEmpty { lines.append("districts \(item.districts.joined(separator: " "))") }
            if !item.people.isEmpty { lines.append("people \(item.people.joined(separator: " "))") }
            for pair in item.questions { lines.append("question \(ends(pair.question)) answer \(ends(pair.answer))") }
            for doubt in item.doubts { lines.append("doubt \(doubt.flag): \(doubt.detail)") }
            for repair in item.repairs where repair.rule == "glyph" {
                lines.append("repair \(repair.found) \(repair.suggestion)")
            }
            if !item.flags.isEmpty { lines.append("flags \(item.flags.joined(separator: " "))") }
            if !item.body.isEmpty { lines.append("body \(item.body.unicodeScalars.count) \(ends(item.body))") }
        }
        lines.append("")
        for remainder in document.remainders where remainder.name != "blank" && remainder.name != "markup" {
            lines.append("\(remainder.role.rawValue) \(remainder.name) \(ends(text(bytes, remainder.range)))")
        }
        return lines.joined(separator: "\n")
    }

    /// The first and last characters of a text, its lines joined.
    private static func ends(_ text: String) -> String {
        let plain = text.split(whereSeparator: \.isNewline).joined(separator: "⏎")
        return plain.count <= 32 ? "‹\(plain)›" : "‹\(plain.prefix(16))…\(plain.suffix(12))›"
    }

    private static func path(_ seed: Seed, _ file: String = #filePath) -> String {
        "/" + file.split(separator: "/").dropLast(2).joined(separator: "/") + "/Golden/seed-\(seed.rawValue.prefix(3)).txt"
    }

    private static func read(_ path: String) -> String? {
        guard let handle = unsafe fopen(path, "r") else { return nil }
        defer { unsafe _ = fclose(handle) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&buffer, 1, buffer.count, handle)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
