// The Swift clients against a running stack.

import KuaibaoClient
import Testing

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)))
    struct ClientTests {
        @Test func bothClientsFindWhatWasAdded() async throws {
            let stack = try await RunningStack()
            let client = KuaibaoClient(port: stack.httpPort)
            for number in 0..<5 {
                let receipt = try await client.add(
                    Array("通知第\(number)号\n\n企业复工复产。".utf8), identity: "客户/\(number)#", waits: true)
                #expect(receipt.identity == "客户/\(number)#" && !receipt.isDuplicate)
            }
            let first = try await client.search("复工复产", limit: 3)
            #expect(first.total == 5 && first.hits.count == 3 && first.complete)
            let rest = try await client.search("复工复产", limit: 3, cursor: first.cursor)
            #expect(Set((first.hits + rest.hits).map(\.id)).count == 5)
            let original = try await client.original(of: "客户/3#")
            #expect(String(decoding: original, as: UTF8.self).hasPrefix("通知第3号"))
            #expect(try await client.similar(to: first.hits[0].id, limit: 2).hits.count == 2)
            let ask = try AskClient(endpoint: stack.ask)
            let over = try await ask.search("复工复产", limit: 5)
            #expect(Set(over.hits.map(\.id)) == Set((first.hits + rest.hits).map(\.id)))
            for query in ["(复工", "部们:公安局"] {
                await #expect(throws: ClientError.self) { _ = try await client.search(query) }
                await #expect(throws: ClientError.self) { _ = try await ask.search(query) }
            }
            _ = try await client.remove("客户/3#")
            // Where nobody listens it is told so, after the time that was allowed.
            let nobody = try AskClient(endpoint: "tcp://127.0.0.1:1")
            await #expect(throws: ClientError.self) { _ = try await nobody.search("复工", timeoutMilliseconds: 100) }
            nobody.close()
            ask.close()
            try await stack.stop()
        }

        @Test func manyTasksShareAClient() async throws {
            let stack = try await RunningStack()
            let client = KuaibaoClient(port: stack.httpPort)
            _ = try await client.add(Array("通知\n\n企业复工复产。".utf8), waits: true)
            let totals = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<64 { group.addTask { try await client.search("复工").total } }
                return try await group.reduce(0, +)
            }
            #expect(totals == 64)
            await #expect(throws: ClientError.self) { _ = try await KuaibaoClient(port: 1).search("复工") }
            try await stack.stop()
        }
    }
}
