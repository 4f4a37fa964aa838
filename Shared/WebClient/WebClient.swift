// HTTP towards the world: feeds that are fetched, messages that are delivered.
//
// libcurl blocks, so it runs on threads of its own; callers await. Redirects are followed here, hop by hop, so that each hop is
// judged like a first request. See AddressGuard for where connections may lead.
//
// Invariants:
//  (1) No socket is opened to an address that the guard refuses, whatever name or redirect led there.
//  (2) Memory is bounded: `waitingLimit` requests wait, and no answer grows beyond its request's limits.
//  (3) Every request is answered exactly once, also when it is cancelled or the client is stopped.

import Foundation
import Synchronization

/// Sends requests over HTTP and HTTPS.
package final class WebClient: Sendable {
    package struct Configuration: Sendable, Hashable {
        /// Names the client to servers.
        package var userAgent: String
        /// What may be connected to.
        package var addressGuard: AddressGuard
        /// File of certificates that are trusted instead of the system's; empty for the system's.
        package var certificateFile: String
        /// Requests under way at once, a thread each; 1 to 64. Default 4.
        package var threads: Int
        /// Requests that wait for a thread; more are refused as `busy`. Default 256.
        package var waitingLimit: Int

        package init(
            userAgent: String, addressGuard: AddressGuard = AddressGuard(), certificateFile: String = "",
            threads: Int = 4,
            waitingLimit: Int = 256
        ) {
            self.userAgent = userAgent
            self.addressGuard = addressGuard
            self.certificateFile = certificateFile
            self.threads = min(max(1, threads), 64)
            self.waitingLimit = max(0, waitingLimit)
        }
    }

    /// Counts since the start.
    package struct Counters: Sendable, Hashable {
        package var requests = 0
        package var answered = 0
        package var redirects = 0
        package var bodyBytes = 0
        /// Failures by code.
        package var failures: [WebClientError.Code: Int] = [:]
    }

    private struct State: Sendable {
        var waiting: [WebJob] = []
        var running = 0
        var isStopped = false
        var counters = Counters()
    }

    /// Stack of a thread: libcurl and OpenSSL need far less.
    private static let stackBytes = 1 << 20

    private let configuration: Configuration
    private let condition = NSCondition()
    private let state = Mutex(State())

    /// Starts the threads; they end with `stop`.
    package init(_ configuration: Configuration, name: String = "web") {
        self.configuration = configuration
        for number in 0..<configuration.threads {
            let thread = Thread { [self] in work() }
            thread.name = "\(name)-\(number)"
            thread.stackSize = Self.stackBytes
            thread.start()
        }
    }

    /// Sends one request and waits for the answer, whatever its status is.
    ///
    /// A cancelled task gets `cancelled` at once where the request waits, else within about a second.
    package func send(_ request: WebRequest) async throws(WebClientError) -> WebResponse {
        let job = WebJob(request)
        return try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                job.wait(continuation)
                if let refusal = enqueue(job) { job.finish(.failure(refusal)) }
            }
        } onCancel: {
            job.cancel()
        }.get()
    }

    package var counters: Counters { state.withLock { $0.counters } }

    /// Ends the threads. Waiting requests fail with `stopped` now, running ones within about a second.
    package func stop() {
        condition.lock()
        let waiting = state.withLock { state in
            state.isStopped = true
            defer { state.waiting.removeAll() }
            return state.waiting
        }
        condition.broadcast()
        condition.unlock()
        for job in waiting { job.finish(.failure(Self.stopped)) }
    }

    private static let stopped = WebClientError(.stopped, "the client was stopped")

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Queues a job, or says why not.
    private func enqueue(_ job: WebJob) -> WebClientError? {
        condition.lock()
        defer { condition.unlock() }
        let limit = configuration.waitingLimit + configuration.threads
        let refusal: WebClientError? = state.withLock { state in
            state.counters.requests += 1
            if state.isStopped { return Self.stopped }
            // Those whose callers have gone take no place.
            state.waiting.removeAll { $0.isFinished }
            guard state.waiting.count + state.running < limit else {
                state.counters.failures[.busy, default: 0] += 1
                return WebClientError(.busy, "\(limit) requests are under way or wait already")
            }
            state.waiting.append(job)
            return nil
        }
        condition.signal()
        return refusal
    }

    private func next() -> WebJob? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let (job, isStopped) = state.withLock { state -> (WebJob?, Bool) in
                guard !state.waiting.isEmpty else { return (nil, state.isStopped) }
                state.running += 1
                return (state.waiting.removeFirst(), state.isStopped)
            }
            if let job { return job }
            if isStopped { return nil }
            condition.wait()
        }
    }

    private func work() {
        let hop = WebHop(configuration)
        while let job = next() {
            let result: Result<WebResponse, WebClientError>
            if job.isFinished {
                result = .failure(WebClientError(.cancelled, "nobody waits for it any more"))
            } else {
                do {
                    result = .success(try follow(job, hop))
                } catch {
                    result = .failure(isStopped ? Self.stopped : error)
                }
            }
            state.withLock { state in
                state.running -= 1
                switch result {
                case .success(let response):
                    state.counters.answered += 1
                    state.counters.redirects += response.redirects.count
                    state.counters.bodyBytes += response.body.count
                case .failure(let error): state.counters.failures[error.code, default: 0] += 1
                }
            }
            job.finish(result)
        }
    }

    /// Performs a request and the redirects after it.
    private func follow(_ job: WebJob, _ hop: borrowing WebHop) throws(WebClientError) -> WebResponse {
        var request = job.request
        var address = try WebAddress(request.address)
        var remaining = request.limits.totalMilliseconds
        var redirects: [WebResponse.Redirect] = []
        while true {
            guard remaining > 0 else { throw WebClientError(.timedOut, "\(address.shown): no time is left for it") }
            let answer = try hop.perform(
                request, at: address, milliseconds: remaining, isCancelled: { [self] in job.isFinished || isStopped })
            let step = try RedirectRule.step(
                after: request, at: address, status: answer.status, location: answer.headers["location"],
                followed: redirects.count)
            guard case .follow(let next, let target) = step else {
                return WebResponse(
                    status: answer.status, headers: answer.headers, body: answer.body, address: address.text,
                    redirects: redirects)
            }
            redirects.append(WebResponse.Redirect(status: answer.status, address: target.text))
            remaining -= answer.milliseconds
            (request, address) = (next, target)
        }
    }
}

/// One request and whoever waits for its answer.
final class WebJob: Sendable {
    typealias Answer = Result<WebResponse, WebClientError>

    private enum State: Sendable {
        case made
        case waits(CheckedContinuation<Answer, Never>)
        case cancelledBeforeWait
        case finished
    }

    let request: WebRequest
    private let state = Mutex(State.made)

    init(_ request: WebRequest) { self.request = request }

    /// Whether nobody waits for an answer any more.
    var isFinished: Bool {
        state.withLock { state in
            if case .finished = state { return true }
            return false
        }
    }

    /// Notes who waits. Cancelled ones are answered at once.
    func wait(_ continuation: CheckedContinuation<Answer, Never>) {
        let isCancelled = state.withLock { state in
            if case .cancelledBeforeWait = state {
                state = .finished
                return true
            }
            state = .waits(continuation)
            return false
        }
        if isCancelled { continuation.resume(returning: .failure(Self.cancellation)) }
    }

    /// Answers whoever waits; later answers are dropped.
    func finish(_ answer: Answer) {
        let waiting = state.withLock { state -> CheckedContinuation<Answer, Never>? in
            guard case .waits(let continuation) = state else { return nil }
            state = .finished
            return continuation
        }
        waiting?.resume(returning: answer)
    }

    func cancel() {
        let isEarly = state.withLock { state in
            guard case .made = state else { return false }
            state = .cancelledBeforeWait
            return true
        }
        if !isEarly { finish(.failure(Self.cancellation)) }
    }

    private static let cancellation = WebClientError(.cancelled, "nobody waits for it any more")
}
