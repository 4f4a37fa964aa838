// `kuaibao reindex` of a folder with declared collections: everything is as it was, and goes on.

import Foundation
import Messages
import ServiceKit
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(5)), .enabled(if: ProcessStack.programs != nil, "the programs are not built"))
    struct ReindexTests {
        private static let desks = """
            collection: desks
            title: 窗口
            identity: id
            shows: name
            partitions: 2
            retention-days: 1
            fields:
              id: {type: keyword}
              name: {type: text, required: true}
              status: {type: keyword, values: [空闲, 忙碌], default: 空闲, facet: true, live: true}
              phone: {type: keyword, unique: true}
              keeper: {type: text, personal: true}
            """

        /// What a reader sees of all records, without their ages.
        private static func shown(_ stack: RunningStack) async throws -> [String: [String: JSONValue]] {
            let reply = try await stack.search(in: "desks", "*", ["limit": "100"])
            #expect(reply.complete)
            return Dictionary(uniqueKeysWithValues: reply.hits.compactMap { hit in hit.record.map { (hit.id, $0.values) } })
        }

        private static func counts(_ reply: StatusReply, _ collection: String) -> CollectionCounts? {
            reply.ingest?.collections.first { $0.name == collection }?.counts
        }

        private struct Unmasked: Decodable {
            struct Record: Decodable { let values: [String: JSONValue] }
            let record: Record
        }

        @Test func recordsAreTakenOverWithTheirKeysClaimsAndNumbers() async throws {
            let log = try RunningStack.makeFolder() + "/audit.ndjson"
            var shape = RunningStack.Shape(gateway: ["KUAIBAO_AUDIT_LOG": log])
            var stack = try await RunningStack(shape)
            let folder = stack.folder
            try await stack.addSeeds()
            _ = try await stack.declare(Self.desks)
            for number in 0..<20 {
                try await stack.send(
                    "POST", "desks",
                    #"{"id":"D\#(number)","name":"窗口\#(number)号","phone":"p\#(number)","keeper":"某人\#(number)"}"#)
            }
            try await stack.send("PATCH", "desks", #"{"status":"忙碌"}"#, id: "D3")
            #expect(try await OlderDataTests.reindex(folder, swap: false) == 0)
            // What comes in meanwhile is taken over too; what is erased is erased.
            try await stack.send("PATCH", "desks", #"{"status":"忙碌","phone":"other"}"#, id: "D4")
            try await stack.send("POST", "desks", #"{"id":"D20","name":"新窗口","phone":"p4","keeper":"新人"}"#)
            _ = try await stack.call("DELETE", "/v1/collections/desks/documents/D5", ["wait": "searchable"])
            try await stack.add("其间的通告\n\n2020年2月9日\n\n正文。", identity: "meanwhile")
            try await stack.waitUntilSettled()
            let before = try await Self.shown(stack)
            let bulletins = try await stack.search("*", ["limit": "100"]).hits.map(\.id)
            let status: StatusReply = try await stack.get("/v1/status")
            try await stack.stop()
            #expect(before.count == 20 && before["D4"]?["status"] == .string("忙碌") && before["D5"] == nil)
            #expect(try await OlderDataTests.reindex(folder) == 0)

            // Two days later by the gateway's clock nothing would be left, but for the setting.
            shape.gateway["KUAIBAO_RETENTION"] = "false"
            shape.gatewayAhead = 2 * 86_400_000
            stack = try await RunningStack(shape, folder: folder)
            try await stack.waitUntilSettled()
            #expect(try await Self.shown(stack) == before)
            #expect(try await stack.search("*", ["limit": "100"]).hits.map(\.id).sorted() == bulletins.sorted())
            let after: StatusReply = try await stack.get("/v1/status")
            for name in ["bulletins", "desks"] {
                let (one, other) = (Self.counts(status, name), Self.counts(after, name))
                #expect(one != nil && one?.accepted == other?.accepted && one?.searchable == other?.searchable, "\(name)")
            }
            let taken = try await stack.call(
                "POST", "/v1/collections/desks/documents", body: Data(#"{"id":"D21","name":"重号","phone":"p7"}"#.utf8))
            #expect(taken.error != nil, "a unique value is still taken")
            try await stack.send("POST", "desks", #"{"id":"D22","name":"再来","phone":"p5"}"#)
            let key = try stack.makeKey(AccessScope.allCases)
            try await stack.untilClosed(key: key)
            let path = "/v1/collections/desks/documents/D7"
            let opened = try await stack.call("GET", path, ["unmask": "keeper"], key: key)
            #expect(try opened.value(as: Unmasked.self).record.values["keeper"] == .string("某人7"))
            try await stack.stop()
        }
    }
}
