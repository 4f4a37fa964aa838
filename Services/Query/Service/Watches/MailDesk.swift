// What the settings say of mail: where it is handed in, from whom it comes, and whom it may go to.

import Foundation
import Messages
import ServiceKit
import WebClient

/// Sends mail, or says why there is none.
struct MailDesk: Sendable {
    private static let sendMilliseconds = 30_000

    let server: MailServer
    let sender: Mailbox
    /// Domains of mailboxes that mail may go to; a domain's own only, not those below it.
    let domains: Set<String>

    /// Nil where no server is named.
    ///
    /// - Throws: `invalidRequest` for settings that do not fit together.
    init?(_ settings: Settings) throws(KuaibaoError) {
        let address = settings.string("mail-server")
        guard !address.isEmpty else { return nil }
        guard let sender = Mailbox(settings.string("mail-from")) else {
            throw KuaibaoError(
                .invalidRequest, "mail-from is \"\(settings.string("mail-from"))\"",
                fix: "give the mailbox that digests come from, such as kuaibao@example.org")
        }
        let domains = Set(settings.list("mail-domains").map { $0.lowercased() })
        guard !domains.isEmpty else {
            throw KuaibaoError(
                .invalidRequest, "mail-domains is empty", fix: "list the domains that mail may go to, such as example.org")
        }
        do {
            server = try MailServer(
                address, login: try Self.login(settings.string("mail-login")),
                certificateFile: settings.string("mail-certificates"))
        } catch let error as KuaibaoError {
            throw error
        } catch {
            throw KuaibaoError(.invalidRequest, "mail-server: \(error)", fix: "write smtp://host:587 or smtps://host:465")
        }
        self.sender = sender
        self.domains = domains
    }

    /// Name and password of a file's first line, with a colon between them; nil for no file.
    private static func login(_ path: String) throws(KuaibaoError) -> MailServer.Login? {
        guard !path.isEmpty else { return nil }
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let parts = (text.split(whereSeparator: \.isNewline).first ?? "").split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else {
            throw KuaibaoError(
                .invalidRequest, "mail-login names \(path), which has no name and password",
                fix: "write name:password in its first line")
        }
        return MailServer.Login(name: String(parts[0]), password: String(parts[1]))
    }

    /// The mailbox of `mailto:desk@example.org`, if mail may go there.
    ///
    /// - Throws: `invalidRequest`, `notAllowed`.
    func recipient(_ address: String) throws(KuaibaoError) -> Mailbox {
        guard address.hasPrefix("mailto:"), let mailbox = Mailbox(String(address.dropFirst("mailto:".count))) else {
            throw KuaibaoError(
                .invalidRequest, "\"\(address.prefix(80))\" is no mailbox", fix: "write it like mailto:desk@example.org")
        }
        guard domains.contains(mailbox.domain) else {
            throw KuaibaoError(
                .notAllowed, "mail does not go to \(mailbox.domain)",
                fix: "use another mailbox, or have its domain added to mail-domains")
        }
        return mailbox
    }

    /// Hands one mail in. Blocks for at most 30 s.
    func send(_ message: MailMessage) throws(MailSender.Refusal) {
        try MailSender.send(
            message.bytes, from: message.sender, to: message.recipient, by: server,
            milliseconds: Self.sendMilliseconds)
    }
}
