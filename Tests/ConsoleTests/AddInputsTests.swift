// Folders, patterns and web archives become documents with names that say where they are from.

import Foundation
import Messages
import Testing

@testable import Console

/// A folder that is removed with its files.
private final class Scratch {
    let path = FileManager.default.temporaryDirectory.path + "/kuaibao-console-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}

private func inputs(_ files: [String]) -> (names: [String], texts: [String], failures: [ErrorCode]) {
    var inputs = AddInputs(files: files, stdinName: "stdin")
    var found: (names: [String], texts: [String], failures: [ErrorCode]) = ([], [], [])
    while let step = inputs.step() {
        switch step {
        case .input(let input):
            found.names.append(input.name)
            found.texts.append(String(decoding: input.bytes, as: UTF8.self))
        case .failure(_, let error): found.failures.append(error.code)
        }
    }
    return found
}

@Test func pagesOfAWebArchiveAreDocumentsOfTheirOwn() throws {
    let scratch = try Scratch()
    func record(_ address: String, _ block: String) -> String {
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: \(address)\r\nContent-Length: \(block.utf8.count)\r\n\r\n\(block)\r\n\r\n"
    }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    let file = try scratch.write(
        "a.warc", Array((record("https://a.example/1", head + "一") + record("https://a.example/2", head + "二")).utf8))
    let found = inputs([file])
    #expect(found.names == ["https://a.example/1", "https://a.example/2"])
    #expect(found.texts == ["一", "二"])
}

@Test func aDamagedArchiveIsAFailureAndTheNextFileIsRead() throws {
    let scratch = try Scratch()
    let broken = try scratch.write("a.zip", Array("PK\u{3}\u{4}nothing of a zip".utf8))
    let good = try scratch.write("b.txt", Array("正文".utf8))
    let found = inputs([broken, good])
    #expect(found.failures == [.unreadableDocument])
    #expect(found.names == [good])
}

@Test func patternsNameFilesInOrder() throws {
    let scratch = try Scratch()
    for name in ["b.txt", "a.txt", "c.html"] { _ = try scratch.write(name, [65]) }
    #expect(try AddCommand.files(["\(scratch.path)/*.txt"]) == ["\(scratch.path)/a.txt", "\(scratch.path)/b.txt"])
    #expect(throws: KuaibaoError.self) { try AddCommand.files(["\(scratch.path)/*.pdf"]) }
}

@Test func namesOfMembersInGBKAreRead() {
    #expect(EntryName.text([0xCD, 0xA8, 0xB1, 0xA8, 0x2E, 0x74, 0x78, 0x74]) == "通报.txt")
    #expect(EntryName.text(Array("通报.txt".utf8)) == "通报.txt")
}

@Test func aFileHasOneName() {
    let here = FileManager.default.currentDirectoryPath
    for spelling in ["news/a.txt", "news//a.txt", "./news/a.txt", "news/../news/a.txt", "news/./a.txt", here + "/news/a.txt"] {
        #expect(AddCommand.plain(spelling) == "news/a.txt", "\(spelling)")
    }
    #expect(AddCommand.plain("/etc/../tmp/a.txt") == "/tmp/a.txt")
    #expect(AddCommand.plain("../a.txt") == "../a.txt")
    #expect(AddCommand.plain("-") == "-")
    #expect(AddCommand.plain("./") == ".")
}

@Test func whatMustNotBeThereIsNoOption() {
    #expect(KuaibaoCommand.arguments(["search", "复工", "-隔离"]) == ["search", "复工", "--", "-隔离"])
    #expect(KuaibaoCommand.arguments(["search", "-隔离", "--limit", "3", "复工"]) == ["search", "--limit", "3", "复工", "--", "-隔离"])
    #expect(KuaibaoCommand.arguments(["search", "--", "-隔离"]) == ["search", "--", "-隔离"])
    #expect(KuaibaoCommand.arguments(["add", "-"]) == ["add", "-"])
}
