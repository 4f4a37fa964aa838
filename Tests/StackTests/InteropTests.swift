// Another language joins: a Python client asks and submits, a Python worker parses.

import Foundation
import Messages
import Testing
import Transport

/// The Python that has pyzmq; the tests' make target sets it.
enum Interpreter {
    static var python: String? { ProcessInfo.processInfo.environment["KUAIBAO_TEST_PYTHON"] }
}

extension StackSuites {
    @Suite(.timeLimit(.minutes(10)), .enabled(if: Interpreter.python != nil, "there is no Python with pyzmq"))
    struct InteropTests {
        private func run(_ script: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(Interpreter.python))
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Python")
            process.arguments = [folder.appendingPathComponent(script).path] + arguments
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationStatus, text)
        }

        @Test func aPythonClientSubmitsAndFinds() async throws {
            let stack = try await RunningStack()
            try await stack.watch("蟒蛇", id: "py")
            let result = try run("client.py", [stack.submit, stack.ask])
            #expect(result.status == 0, "\(result.output)")
            try await stack.stop()
        }

        @Test func aPythonClientWithKeysSubmitsAndFinds() async throws {
            let place = try await GatePlace()
            let maker = KeyMaker(root: try RunningStack.makeFolder())
            try maker.makeAll()
            var shape = RunningStack.Shape()
            shape.keys = maker.root
            let stack = try await RunningStack(shape)
            let folders = [maker.folder(of: .submitClient), maker.folder(of: .askClient)]
            try await stack.watch("蟒蛇", id: "py")
            let result = try run("client.py", [stack.submit, stack.ask] + folders)
            #expect(result.status == 0, "\(result.output)")
            try await stack.stop()
            place.leave()
        }

        @Test func aPythonWorkerParses() async throws {
            let stack = try await RunningStack(.init(parseWorkers: 0))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: try #require(Interpreter.python))
            let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Python")
            process.arguments = [folder.appendingPathComponent("parse_worker.py").path, stack.parse]
            try process.run()
            let submitted = try await stack.add("由另一种语言解析的公告", identity: "python")
            #expect(submitted.state?.stage == .searchable)
            let reply = try await stack.search("另一种语言")
            #expect(reply.hits.map(\.document) == ["python"])
            #expect(reply.hits.first?.title.text == "parsed by Python")
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            try await stack.stop()
        }

        @Test func malformedMessagesAreAnsweredWithCodes() async throws {
            let stack = try await RunningStack()
            let result = try run("malformed.py", [stack.submit, stack.ask, stack.parse])
            #expect(result.status == 0, "\(result.output)")
            try await stack.add("还活着\n\n服务仍在运行。")
            #expect(try await stack.search("仍在运行").total == 1)
            try await stack.stop()
        }
    }
}
