// A small SMTP server on a free port of 127.0.0.1, for tests of what sends mail. One mail a connection, a thread each; without TLS.

import Foundation
import Glibc
import Synchronization

/// A mail as it came.
package struct LocalMail: Sendable, Hashable {
    package var sender: String
    package var recipient: String
    /// Header and body, dots taken back out.
    package var lines: [String]

    /// The value of a header field, unfolded; nil for none.
    package func header(_ name: String) -> String? {
        let head = lines.prefix { !$0.isEmpty }
        guard let start = head.firstIndex(where: { $0.lowercased().hasPrefix(name.lowercased() + ":") }) else { return nil }
        let rest = head[(start + 1)...].prefix { $0.hasPrefix(" ") }
        return ([String(head[start].dropFirst(name.count + 1))] + rest).joined().trimmingCharacters(in: .whitespaces)
    }

    /// The body, decoded from base64.
    package var text: String {
        let body = lines.drop { !$0.isEmpty }.joined()
        return Data(base64Encoded: body).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

package final class LocalMailServer: Sendable {
    private struct State: Sendable {
        var mails: [LocalMail] = []
        var refused = 0
    }

    private let listener: LoopbackListener
    /// The answer to a whole mail: 250 takes it.
    private let answer: @Sendable (LocalMail, _ before: Int) -> Int
    private let state = Mutex(State())

    /// - Parameter answer: the code for a mail, given how many were refused before.
    package init(_ answer: @escaping @Sendable (LocalMail, _ before: Int) -> Int = { _, _ in 250 }) throws {
        self.answer = answer
        listener = try LoopbackListener()
        listener.start(name: "local-mail") { [self] in serve($0) }
    }

    package var port: Int { listener.port }

    package var address: String { "smtp://127.0.0.1:\(port)" }

    /// The mails that were taken.
    package var mails: [LocalMail] { state.withLock { $0.mails } }

    package var refused: Int { state.withLock { $0.refused } }

    package func stop() { listener.stop() }

    private func serve(_ connection: Int32) {
        var buffer: [UInt8] = []
        func say(_ text: String) {
            let bytes = Array((text + "\r\n").utf8)
            _ = unsafe bytes.withUnsafeBytes { unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        }
        func line() -> String? {
            var piece = [UInt8](repeating: 0, count: 4096)
            while true {
                if let end = buffer.firstIndex(of: 0x0A) {
                    let text = String(decoding: buffer[..<end], as: UTF8.self)
                    buffer.removeFirst(end + 1)
                    return text.hasSuffix("\r") ? String(text.dropLast()) : text
                }
                let count = unsafe recv(connection, &piece, piece.count, 0)
                guard count > 0 else { return nil }
                buffer += piece[..<count]
            }
        }
        func mailbox(_ command: String) -> String {
            String(command.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
        }
        var mail = LocalMail(sender: "", recipient: "", lines: [])
        say("220 local")
        while let command = line() {
            switch command.prefix(4).uppercased() {
            case "MAIL":
                mail.sender = mailbox(command)
                say("250 ok")
            case "RCPT":
                mail.recipient = mailbox(command)
                say("250 ok")
            case "DATA":
                say("354 go on")
                while let text = line(), text != "." { mail.lines.append(text.hasPrefix(".") ? String(text.dropFirst()) : text) }
                let code = answer(mail, refused)
                state.withLock { state in
                    if code == 250 { state.mails.append(mail) } else { state.refused += 1 }
                }
                say("\(code) \(code == 250 ? "ok" : "no")")
            case "QUIT":
                say("221 bye")
                return
            default: say("250 local")
            }
        }
    }
}
