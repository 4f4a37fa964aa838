// The embedded page is the page that stands in the source tree.

import Foundation
import Testing

@testable import QueryService

/// Services/Query/Service/Page in the source tree.
private let pageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Services/Query/Service/Page", isDirectory: true)

/// The names of the page's files, without the script that embeds them.
private func namesInFolder() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: pageFolder.path)).subtracting(["embed.py", "__pycache__"])
}

private func name(of file: PageFiles.File) -> String {
    file.path == "/" ? "index.html" : (file.path as NSString).lastPathComponent
}

@Test func everyFileOfThePageIsServedAsItStandsInTheTree() throws {
    for file in PageFiles.all {
        let source = try Data(contentsOf: pageFolder.appendingPathComponent(name(of: file)))
        #expect(Array(source) == file.bytes, "\(name(of: file)) differs: run Services/Query/Service/Page/embed.py")
    }
    #expect(Set(PageFiles.all.map(name)) == (try namesInFolder()))
    #expect(Set(PageFiles.all.map(\.path)).count == PageFiles.all.count)
}

@Test func everyModuleThatThePageImportsIsServed() throws {
    let paths = Set(PageFiles.all.map(\.path))
    var importCount = 0
    for file in PageFiles.all where file.type.hasPrefix("text/javascript") {
        let text = String(decoding: file.bytes, as: UTF8.self)
        for match in text.matches(of: /from "\.(\/[a-z\/]+\.js)"/) {
            let path = file.path == "/page.js" ? String(match.1) : "/page\(match.1)"
            #expect(paths.contains(path), "\(file.path) imports \(path)")
            importCount += 1
        }
    }
    #expect(importCount > 20)
}

@Test func thePageNeedsNothingFromOutsideAndNoInlineCode() throws {
    let page = String(decoding: try #require(PageFiles.all.first { $0.path == "/" }).bytes, as: UTF8.self)
    #expect(page.matches(of: /<script(?! type="module" src="\/page\.js"><\/script>)/).isEmpty)
    #expect(page.matches(of: /<style| style=| on[a-z]+=/).isEmpty)
    for file in PageFiles.all {
        let text = String(decoding: file.bytes, as: UTF8.self)
        let addresses = text.matches(of: /https?:\/\/[a-z0-9.-]+/).map { String($0.0) }
        #expect(Set(addresses).isSubset(of: ["http://www.w3.org"]), "\(file.path)")
        #expect(!text.contains("innerHTML"), "\(file.path)")
    }
}

@Test func thePolicyInThePageIsThatOfTheHeaderButForFrames() throws {
    let page = String(decoding: try #require(PageFiles.all.first { $0.path == "/" }).bytes, as: UTF8.self)
    let named = PageFiles.contentSecurityPolicy.replacing("; frame-ancestors 'none'", with: "")
    #expect(page.contains("<meta http-equiv=\"Content-Security-Policy\" content=\"\(named)\">"))
}
