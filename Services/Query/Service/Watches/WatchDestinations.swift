// Where alerts may go, as a new watch asks for it.

import Messages
import WebClient

enum WatchDestinations {
    /// Characters of a secret: enough that nobody guesses it.
    private static let secretCharacters = 16...200

    /// The destination as it is stored.
    ///
    /// - Parameter mail: nil where this gateway sends none.
    /// - Throws: `invalidRequest`, `notAllowed` for a mailbox that mail does not go to.
    static func checked(_ asked: WatchDestination, mail: MailDesk?) throws(KuaibaoError) -> WatchDestination {
        switch asked.kind {
        case .stream, .digest:
            guard asked.url == nil, asked.secret == nil else {
                throw KuaibaoError(
                    .invalidRequest, "a \(asked.kind.rawValue) has no url and no secret", fix: "leave them out")
            }
            return WatchDestination(kind: asked.kind)
        case .webhook:
            guard let url = asked.url, let secret = asked.secret, secretCharacters.contains(secret.count) else {
                throw KuaibaoError(
                    .invalidRequest, "a webhook needs a url and a secret of 16 to 200 characters",
                    fix: "give both; the secret signs what is sent")
            }
            do {
                _ = try WebAddress(url)
            } catch {
                throw KuaibaoError(.invalidRequest, error.message, fix: "write it like https://example.org/alerts")
            }
            return WatchDestination(kind: .webhook, url: url, secret: secret)
        case .mail:
            guard let mail else {
                throw KuaibaoError(
                    .invalidRequest, "this gateway sends no mail",
                    fix: "have mail-server, mail-from and mail-domains set, or choose another destination")
            }
            guard let url = asked.url, asked.secret == nil else {
                throw KuaibaoError(
                    .invalidRequest, "a mail needs a url and has no secret", fix: "give mailto:desk@example.org in url")
            }
            _ = try mail.recipient(url)
            return WatchDestination(kind: .mail, url: url)
        }
    }
}
