// How soon a new document is found, and how soon a cold index answers.

import Foundation
import Messages
import SearchCore

enum Opening {
    /// Adds documents one by one to an index and finds each; prints microseconds of the wall clock.
    static func fresh(_ folder: String, count: Int) throws {
        let serving = try Serving(folder: folder)
        var times: [Double] = []
        for number in 0..<count {
            let word = "新鲜\(number)测试"
            let id = "fresh-\(ProcessInfo.processInfo.processIdentifier)-\(number)"
            let started = wallSeconds()
            var builder = SegmentBuilder(schema: try benchSchema())
            try builder.add(
                IndexDocument(
                    documentID: id, itemOrdinal: 0, version: 1, fields: ["text": .text(word + "，一篇新的通报。")],
                    stored: Array(word.utf8)))
            let path = Indexing.path(folder, id)
            _ = try builder.write(to: path, segmentID: id)
            let view = try SegmentView(id: id, reader: try SegmentReader.open(path: path), liveDocs: nil)
            let snapshot = IndexSnapshot(views: serving.snapshot.views + [view])
            let result = try serving.searcher.search(SearchPlan(query: .text(word, field: "text")), in: snapshot)
            let taken = wallSeconds() - started
            try FileManager.default.removeItem(atPath: path)
            times.append(result.hits.count == 1 ? taken * 1e6 : -1)
        }
        print("[" + times.map { "\($0)" }.joined(separator: ",") + "]")
    }

    /// Opens an index whose files were dropped from the page cache; prints milliseconds to open and to the first answer.
    static func cold(_ folder: String, word: String) throws {
        for name in try Indexing.names(in: folder) {
            let descriptor = unsafe open(Indexing.path(folder, name), O_RDONLY)
            defer { close(descriptor) }
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        }
        let started = wallSeconds()
        let serving = try Serving(folder: folder)
        let opened = wallSeconds()
        let result = try serving.searcher.search(SearchPlan(query: .text(word, field: "text"), total: .atLeast), in: serving.snapshot)
        let answered = wallSeconds()
        print(
            "{\"open_ms\":\((opened - started) * 1e3),\"answer_ms\":\((answered - started) * 1e3),\"hits\":\(result.hits.count)}")
    }
}
