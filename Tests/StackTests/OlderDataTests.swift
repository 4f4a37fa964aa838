// A newer release opens the data folders that older ones left. Tests/Golden says what is in each.

import Foundation
import Messages
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(5)))
    struct OlderDataTests {
        /// Unpacks a golden data folder and returns its path.
        private static func unpack(_ name: String) throws -> String {
            let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("Golden").appendingPathComponent(name)
            let folder = try RunningStack.makeFolder()
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/tar")
            process.arguments = ["-xzf", golden.path, "-C", folder]
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
            return folder
        }

        /// Its segments are of a format that is no longer read: the answer says so, with the way out.
        @Test(.enabled(if: ProcessStack.programs != nil, "the programs are not built"))
        func aFolderOfTheFirstReleaseIsReindexedSearchedAndGoesOn() async throws {
            let folder = try Self.unpack("data-0.1.0-november.tar.gz")
            let old = try await RunningStack(folder: folder)
            let refused = try await old.call("GET", "/v1/collections/bulletins/search", ["q": "复工复产"])
            #expect(refused.error?.code == .corrupt && refused.error?.message.contains("kuaibao reindex") == true)
            try await old.stop()
            #expect(try await Self.reindex(folder) == 0)
            for round in 0..<2 {
                let stack = try await RunningStack(folder: folder)
                let everything = try await stack.search("*", ["limit": "100"])
                #expect(everything.complete && everything.total == 48 + round)
                let found = try await stack.search("\"复工复产\"", ["limit": "100", "facets": "department"])
                #expect(found.total == 15 && found.hits.contains { $0.id == "seeds/001_9191d7ea8c34fb0b.txt#11" })
                #expect(found.hits.allSatisfy { !$0.title.marks.isEmpty || !$0.snippet.marks.isEmpty })
                #expect(try await stack.search("旧版删除的通告").hits.allSatisfy { $0.document != "gone" })
                #expect(try await stack.search("复工率>70%").total > 0)
                let status: StatusReply = try await stack.get("/v1/status")
                let counts = status.ingest?.collections.first?.counts
                #expect(counts?.deadLettered == 1 && counts?.accepted == 8 + Int64(round))
                let original = try await stack.call(
                    "GET", "/v1/collections/bulletins/documents/seeds%2F001_9191d7ea8c34fb0b.txt/original")
                let seed = try #require(try RunningStack.seeds.first { $0.name.hasPrefix("001") })
                #expect(original.body == seed.bytes)
                if round == 0 {
                    try await stack.add("新版添加的通告\n\n2020年2月9日\n\n新的正文。", identity: "newer")
                    #expect(try await stack.search("\"新版添加的通告\"").total == 1)
                }
                try await stack.stop()
            }
        }

        /// The exit status of `kuaibao reindex`; with `--swap` on a folder that nobody uses.
        static func reindex(_ folder: String, swap: Bool = true) async throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(ProcessStack.programs) + "/kuaibao")
            process.arguments = ["reindex", "--data-dir", folder, "--json"] + (swap ? ["--swap"] : [])
            // The tests' own variables are no settings, and a service refuses what it does not know.
            process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("KUAIBAO_") }
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
            return process.terminationStatus
        }
    }
}
