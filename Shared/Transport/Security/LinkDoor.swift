// The door of a gateway: who gets in, and what they may do, by an allow-list that can change while it serves.
//
// Two checks, so that neither alone must be right. The handshake admits a key to a link if its role has any right there
// (`ProcessGate`). Every message is then judged by the present list (`RouterPort`), so a key that was taken off the list
// is refused at its next message, although its connection stays.

import Messages
import Synchronization
import ZeroMQ

/// One gateway's allow-list. Without keys it lets everybody in and knows nobody.
package final class LinkDoor: Sendable {
    /// Decisions since the start.
    package struct Counts: Sendable, Hashable {
        package var admitted = 0
        package var denied = 0
        package var reloads = 0
        package var failedReloads = 0
    }

    private static let watchMilliseconds = 1000

    private struct State {
        var list: AllowList
        var text: String
        var reloads = 0
        var failedReloads = 0
        var newsRevocations = 0
    }

    package let security: LinkSecurity
    private let links: [Link]
    private let state: Mutex<State>

    /// Reads the list and begins to admit.
    ///
    /// - Parameter links: those that this gateway binds; another gateway of the process has others.
    /// - Throws: `invalidRequest` for a damaged list.
    package init(_ security: LinkSecurity, links: [Link]) async throws {
        self.security = security
        self.links = links
        let text = try security.keys?.allowListText() ?? ""
        let list = try AllowList(text: text)
        state = Mutex(State(list: list, text: text))
        if security.keys != nil { try await ProcessGate.shared.admit(list.admissions(to: links)) }
    }

    /// Whether peers have keys at all.
    package var isLocked: Bool { security.keys != nil }

    /// The role of a message's sender; nil where its key is not, or no more, on the list.
    package func role(of userID: String?) -> LinkRole? {
        guard let userID else { return nil }
        return state.withLock { $0.list.role(ofUser: userID) }
    }

    /// How often a list came that takes the news link from somebody. A publisher sees no messages of its subscribers that it
    /// could refuse, so its connections must be closed for it.
    package var newsRevocations: Int { state.withLock { $0.newsRevocations } }

    /// Reads the list again, and uses it from now on if it has changed.
    ///
    /// - Returns: the number of keys of a new list; nil where nothing has changed.
    /// - Throws: what is wrong with a list that cannot be used; the old one then stays. The same text fails only once.
    package func reload() async throws -> Int? {
        guard let keys = security.keys else { return nil }
        do {
            let text = try keys.allowListText()
            guard state.withLock({ $0.text != text }) else { return nil }
            state.withLock { $0.text = text }
            let list = try AllowList(text: text)
            try await ProcessGate.shared.admit(list.admissions(to: links))
            state.withLock { state in
                let former = state.list.admissions(to: [.news]).values.first ?? [:]
                let present = list.admissions(to: [.news]).values.first ?? [:]
                if former.contains(where: { present[$0.key] != $0.value }) { state.newsRevocations += 1 }
                state.list = list
                state.reloads += 1
            }
            return list.entries.count
        } catch {
            state.withLock { $0.failedReloads += 1 }
            throw error
        }
    }

    /// Reads the list again each second until the task is cancelled, and tells of each change and each failure.
    package func watch(_ report: @Sendable (Result<Int, any Error>) -> Void) async {
        while isLocked, !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Self.watchMilliseconds))
            do {
                if let count = try await reload() { report(.success(count)) }
            } catch {
                report(.failure(error))
            }
        }
    }

    /// Admits nobody any more.
    package func close() async {
        if isLocked { await ProcessGate.shared.dismiss(links.map(\.rawValue)) }
    }

    package func counts() async -> Counts {
        let (reloads, failed) = state.withLock { ($0.reloads, $0.failedReloads) }
        let gate = isLocked ? await ProcessGate.shared.counts() : ZAPHandler.Counts()
        return Counts(
            admitted: gate.allowed, denied: gate.denied + gate.malformed, reloads: reloads, failedReloads: failed)
    }
}

/// The process's one place for a `ZAPHandler`, shared by all its gateways.
package actor ProcessGate {
    package static let shared = ProcessGate()

    private var lists: ZAPHandler.AllowLists = [:]
    private var handler: ZAPHandler?
    private var closing: Task<Void, Never>?

    /// Sets the lists of some links; the first ones start the handler.
    func admit(_ new: ZAPHandler.AllowLists) async throws {
        while let closing { await closing.value }
        lists.merge(new) { _, new in new }
        if let handler {
            try await handler.replace(lists)
            try await handler.start()
        } else {
            let made = try ZAPHandler(thread: try PollThread(name: "zap"), allowLists: lists)
            handler = made
            try await made.start()
        }
    }

    /// Takes lists away; after the last one the handler ends.
    func dismiss(_ domains: [String]) async {
        for domain in domains { lists[domain] = nil }
        guard let handler else { return }
        guard lists.isEmpty else {
            try? await handler.replace(lists)
            return
        }
        self.handler = nil
        // Unstructured so that whoever opens a door meanwhile can wait for it; it ends with the thread.
        let task = Task {
            try? await handler.stop()
            handler.thread.stop()
            await handler.thread.waitUntilStopped()
        }
        closing = task
        await task.value
        closing = nil
    }

    func counts() async -> ZAPHandler.Counts { await handler?.counts ?? ZAPHandler.Counts() }
}
