// A digest as a mail (RFC 5322): one text part in UTF-8, base64.

import Foundation
import WebClient

/// One mail to one mailbox.
struct MailMessage: Sendable {
    let sender: Mailbox
    let recipient: Mailbox
    let subject: String
    /// Two mails with one of these are one: a digest that was sent again after a crash.
    let identity: String
    /// Milliseconds since 1970, UTC.
    let date: Int64
    let text: [UInt8]

    /// Characters of a line of base64 (RFC 2045, 6.8).
    private static let lineCharacters = 76
    /// Bytes of text in one encoded word of a header, which has at most 75 characters (RFC 2047).
    private static let wordBytes = 42

    /// The message with its header, lines ended by CR LF.
    var bytes: [UInt8] {
        let header = [
            "From: <\(sender.text)>", "To: <\(recipient.text)>", "Subject: \(Self.encodedWords(subject))",
            "Date: \(Self.dateText(date))", "Message-ID: <\(identity)@\(sender.domain)>", "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
        ]
        let body = Array(Data(text).base64EncodedString().utf8)
        var lines = header + [""]
        for start in stride(from: 0, to: body.count, by: Self.lineCharacters) {
            lines.append(String(decoding: body[start..<min(start + Self.lineCharacters, body.count)], as: UTF8.self))
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    /// A text as encoded words, none of which cuts a character.
    private static func encodedWords(_ text: String) -> String {
        var words: [String] = []
        var word = ""
        for character in text.unicodeScalars where character.value >= 0x20 {
            if word.utf8.count + UTF8.width(character) > wordBytes {
                words.append(word)
                word = ""
            }
            word.unicodeScalars.append(character)
        }
        return (words + [word]).map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// `Sat, 28 Nov 2026 16:00:00 +0000`.
    private static func dateText(_ milliseconds: Int64) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.weekday, .day, .month, .year, .hour, .minute, .second],
            from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
        func two(_ value: Int?) -> String { (value ?? 0) < 10 ? "0\(value ?? 0)" : "\(value ?? 0)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(days[(parts.weekday ?? 1) - 1]), \(two(parts.day)) \(months[(parts.month ?? 1) - 1]) \(parts.year ?? 1970) "
            + "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second)) +0000"
    }
}

extension UTF8 {
    /// Bytes of a scalar.
    fileprivate static func width(_ scalar: Unicode.Scalar) -> Int { String(scalar).utf8.count }
}
