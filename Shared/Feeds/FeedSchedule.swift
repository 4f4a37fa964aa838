// Who is fetched when: a value without clock and network. `FeedPoller` drives it.
//
// Work stands in one queue a host. Rules:
//  (1) A host has at most one request under way, and `delay` between the end of one and the start of the next; more where its
//      robots.txt asks for more.
//  (2) Before the first page of an origin its robots.txt is fetched, and again once a day. 4xx means that everything is
//      allowed; a failure or 5xx that nothing is, until it can be read (RFC 9309, 2.3.1).
//  (3) 429, 5xx and failures of the network let the host rest: `Retry-After`, else twice as long each time.
//  (4) A page is fetched when a list first names it or names another version of it. One that fails for good is remembered as
//      such and left alone until its version changes.
//  (5) Queues are bounded: `waitingLimit` pages wait in all. Those beyond are found again by a later look.
//
// States of a feed: due ─next─▶ waiting in its host's queue ─next─▶ under way ─finish─▶ due at `nextAt`.

import Documents
import WebClient

/// The schedule of all feeds, pages and hosts.
package struct FeedSchedule: Sendable {
    private struct Work: Sendable {
        var purpose: Purpose
        var address: WebAddress
        var revision: String?
        var attempts = 0
        var hops = 0
    }

    private enum Robots: Sendable {
        case rules(RobotsRules, until: Int64)
        case unknown(until: Int64)
    }

    private struct Host: Sendable {
        var waiting: [Work] = []
        /// The first of `waiting` that was not taken yet.
        var head = 0
        var isBusy = false
        var notBefore: Int64 = 0
        var failures = 0
        var robots: [String: Robots] = [:]

        var count: Int { waiting.count - head }

        mutating func popFirst() -> Work {
            defer {
                head += 1
                if head * 2 > waiting.count, head > 64 || head == waiting.count {
                    waiting.removeFirst(head)
                    head = 0
                }
            }
            return waiting[head]
        }

        mutating func pushFirst(_ work: Work) { waiting.insert(work, at: head) }
    }

    package let sources: [FeedSource]
    private let politeness: Politeness
    private var hosts: [String: Host] = [:]
    /// Hosts in the order in which they get their turn.
    private var turns: [String] = []
    private var running: [Int: (work: Work, host: String)] = [:]
    private var nextID = 0
    /// Feeds with a list that waits or is under way, and how many.
    private var looking: [Int: Int] = [:]
    /// Pages that wait or are under way.
    private var pending: Set<FeedKey> = []
    package private(set) var memory: FeedMemory
    package private(set) var counters = Counters()
    private var changes: [FeedMemory.Change] = []

    package init(sources: [FeedSource], memory: FeedMemory, politeness: Politeness = Politeness()) {
        self.sources = sources
        self.memory = memory
        self.politeness = politeness
    }

    /// Pages that wait for their host.
    package var waitingPages: Int { pending.count }

    /// Those of one feed.
    package func waitingPages(of source: FeedSource) -> Int {
        guard let index = sources.firstIndex(of: source) else { return 0 }
        return hosts.values.reduce(0) { sum, host in
            sum
                + host.waiting[host.head...].count { work in
                    if case .page(index, _) = work.purpose { return true }
                    return false
                }
        }
    }

    /// What was learned since the last call, for the log.
    package mutating func takeChanges() -> [FeedMemory.Change] {
        defer { changes = [] }
        return changes
    }

    /// Feeds with what is known of them.
    package var feeds: [(source: FeedSource, record: FeedRecord)] { sources.map { ($0, record(of: $0)) } }

    // MARK: Beginning

    /// The requests to make now. Each is to be ended with `finish`.
    package mutating func next(_ now: Int64) -> [Fetch] {
        for (index, source) in sources.enumerated() where looking[index] == nil && record(of: source).nextAt <= now {
            looking[index] = 1
            enqueue(Work(purpose: .list(feed: index), address: source.address), isFirst: true)
        }
        var fetches: [Fetch] = []
        var index = 0
        // A host that was served goes to the end of the turns.
        var served: [String] = []
        while index < turns.count, running.count < politeness.concurrency {
            let name = turns[index]
            if let fetch = begin(name, now) {
                fetches.append(fetch)
                turns.remove(at: index)
                served.append(name)
            } else if hosts[name].map({ $0.count == 0 && !$0.isBusy }) ?? true {
                turns.remove(at: index)
            } else {
                index += 1
            }
        }
        turns += served
        return fetches
    }

    /// When `next` may have something to do, if nothing ends before.
    package func wakeAt(_ now: Int64) -> Int64 {
        var time = Int64.max
        for (index, source) in sources.enumerated() where looking[index] == nil {
            time = min(time, record(of: source).nextAt)
        }
        for name in turns {
            guard let host = hosts[name], host.count > 0, !host.isBusy else { continue }
            time = min(time, host.notBefore)
        }
        return max(time, now)
    }

    private mutating func begin(_ name: String, _ now: Int64) -> Fetch? {
        while true {
            guard let host = hosts[name], host.count > 0, !host.isBusy, host.notBefore <= now else { return nil }
            let work = host.waiting[host.head]
            switch host.robots[work.address.origin] {
            case .rules(let rules, let until) where until > now:
                guard let work = hosts[name]?.popFirst() else { return nil }
                guard rules.allows(work.address.target) else {
                    forbid(work, now)
                    continue
                }
                return start(work, host: name)
            case .unknown(let until) where until > now:
                hosts[name]?.notBefore = until
                return nil
            default:
                guard let address = try? WebAddress("/robots.txt", relativeTo: work.address) else { return nil }
                return start(Work(purpose: .robots(origin: work.address.origin), address: address), host: name)
            }
        }
    }

    private mutating func start(_ work: Work, host: String) -> Fetch {
        hosts[host]?.isBusy = true
        nextID += 1
        running[nextID] = (work, host)
        var fetch = Fetch(id: nextID, purpose: work.purpose, address: work.address)
        switch work.purpose {
        case .robots: break
        case .list(let feed):
            counters.looks += 1
            // Only the feed itself has its marks remembered, not the sitemaps that it names.
            if work.address == sources[feed].address {
                let record = record(of: sources[feed])
                (fetch.etag, fetch.modified) = (record.etag, record.modified)
            }
        case .page(_, let key):
            let record = memory.pages[key]
            if record?.problem == nil { (fetch.etag, fetch.modified) = (record?.etag, record?.modified) }
        }
        return fetch
    }

    private mutating func enqueue(_ work: Work, isFirst: Bool) {
        let name = work.address.host
        if hosts[name] == nil { hosts[name] = Host() }
        if isFirst { hosts[name]?.pushFirst(work) } else { hosts[name]?.waiting.append(work) }
        if !turns.contains(name) { turns.append(name) }
    }

    // MARK: Ending

    /// Notes what became of a request.
    package mutating func finish(_ id: Int, _ outcome: Outcome, now: Int64) {
        guard let (work, name) = running.removeValue(forKey: id) else { return }
        hosts[name]?.isBusy = false
        let delay = delay(of: name, work.address.origin)
        hosts[name]?.notBefore = now + delay
        switch outcome {
        case .status(let status, let wait) where status == 429 || status >= 500: rest(name, now, wait)
        case .failed(_, isTransient: true): rest(name, now, nil)
        default: hosts[name]?.failures = 0
        }
        switch work.purpose {
        case .robots(let origin): learn(outcome, origin, host: name, now)
        case .list(let feed): finish(list: work, feed, outcome, now)
        case .page(let feed, let key): finish(page: work, feed, key, outcome, now)
        }
        if hosts[name].map({ $0.count > 0 }) == true, !turns.contains(name) { turns.append(name) }
    }

    private func delay(of name: String, _ origin: String) -> Int64 {
        guard case .rules(let rules, _)? = hosts[name]?.robots[origin], let seconds = rules.delaySeconds else {
            return politeness.delayMilliseconds
        }
        let asked = Int64(min(seconds, 1e6) * 1000)
        return max(politeness.delayMilliseconds, min(asked, politeness.longestDelayMilliseconds))
    }

    private mutating func rest(_ name: String, _ now: Int64, _ asked: Int64?) {
        let failures = hosts[name]?.failures ?? 0
        let doubled = politeness.restMilliseconds << Int64(min(failures, 16))
        let time = max(
            min(doubled, politeness.longestRestMilliseconds), min(asked ?? 0, politeness.patienceMilliseconds))
        hosts[name]?.failures += 1
        hosts[name]?.notBefore = now + time
        counters.rests += 1
    }

    private mutating func learn(_ outcome: Outcome, _ origin: String, host: String, _ now: Int64) {
        let until = now + politeness.robotsMilliseconds
        let rested = hosts[host]?.notBefore ?? now
        switch outcome {
        case .robots(let rules): hosts[host]?.robots[origin] = .rules(rules, until: until)
        // Gone, forbidden, or one that leads elsewhere than a robots.txt should: there are no rules.
        case .status(let status, _) where status != 429 && status < 500:
            hosts[host]?.robots[origin] = .rules(RobotsRules(), until: until)
        case .moved, .unchanged: hosts[host]?.robots[origin] = .rules(RobotsRules(), until: until)
        // What cannot be fetched for good, such as an address that is refused, will not let its pages be fetched either: they
        // say why.
        case .failed(_, isTransient: false): hosts[host]?.robots[origin] = .rules(RobotsRules(), until: until)
        default: hosts[host]?.robots[origin] = .unknown(until: rested)
        }
    }

    private mutating func forbid(_ work: Work, _ now: Int64) {
        switch work.purpose {
        case .robots: break
        case .list(let feed): endLook(feed, now) { $0.problem = "robots" }
        case .page(_, let key):
            pending.remove(key)
            counters.pagesForbidden += 1
            remember(key, PageRecord(revision: work.revision, namedAt: now, problem: "robots"))
        }
    }

    // MARK: Lists

    private func record(of source: FeedSource) -> FeedRecord {
        memory.feeds[FeedKey(source.collection, source.address.text)] ?? FeedRecord()
    }

    private mutating func finish(list work: Work, _ feed: Int, _ outcome: Outcome, _ now: Int64) {
        let isFeed = work.address == sources[feed].address || work.hops > 0
        switch outcome {
        case .list(let list, let etag, let modified):
            take(list, of: feed, at: work, now)
            endLook(feed, now) { record in
                if isFeed { (record.etag, record.modified) = (etag, modified) }
            }
        case .unchanged:
            counters.looksUnchanged += 1
            endLook(feed, now) { _ in }
        case .moved(let address) where work.hops < politeness.hops:
            enqueue(Work(purpose: work.purpose, address: address, hops: work.hops + 1), isFirst: true)
        case .moved: endLook(feed, now) { $0.problem = WebClientError.Code.tooManyRedirects.rawValue }
        case .status(let status, let wait): endLook(feed, now, wait: wait) { $0.problem = "status-\(status)" }
        case .failed(let code, _): endLook(feed, now) { $0.problem = code }
        case .robots, .taken: endLook(feed, now) { $0.problem = "bad-answer" }
        }
    }

    /// Ends one list of a look; the change says what went wrong, if anything.
    private mutating func endLook(_ feed: Int, _ now: Int64, wait: Int64? = nil, _ change: (inout FeedRecord) -> Void) {
        let source = sources[feed]
        let key = FeedKey(source.collection, source.address.text)
        var record = memory.feeds[key] ?? FeedRecord()
        let before = record.problem
        record.problem = nil
        change(&record)
        if record.problem != nil {
            counters.looksFailed += 1
            record.failures += 1
            let doubled = source.everyMilliseconds << Int64(min(record.failures, 10))
            let patience = max(politeness.patienceMilliseconds, source.everyMilliseconds)
            record.nextAt = now + max(min(doubled, patience), min(wait ?? 0, patience))
        } else {
            record.failures = 0
            record.nextAt = now + source.everyMilliseconds
        }
        // Of several lists of one look, one that failed is what is told.
        if looking[feed, default: 1] > 1, record.problem == nil { record.problem = before }
        record.lookedAt = now
        memory.apply(FeedMemory.Change(key: key, feed: record))
        changes.append(FeedMemory.Change(key: key, feed: record))
        let left = looking[feed, default: 1] - 1
        looking[feed] = left > 0 ? left : nil
    }

    private mutating func take(_ list: LinkList, of feed: Int, at work: Work, _ now: Int64) {
        let source = sources[feed]
        var links = list.pages
        // Sitemaps are in no order; versions written as dates of one form sort like dates.
        if list.isSitemap { links.sort { ($0.revision ?? "") > ($1.revision ?? "") } }
        var count = 0
        for link in links {
            guard let address = try? WebAddress(link.address, relativeTo: work.address),
                source.only.isEmpty || address.text.hasPrefix(source.only),
                // A sitemap speaks for its own host only, by the protocol.
                !list.isSitemap || address.host == work.address.host
            else { continue }
            let key = FeedKey(source.collection, address.text)
            if var known = memory.pages[key], known.revision == link.revision {
                // Once a day is enough to know what is still named.
                if now - known.namedAt > 86_400_000 {
                    known.namedAt = now
                    remember(key, known)
                }
                continue
            }
            guard !pending.contains(key) else { continue }
            guard count < source.pageLimit, pending.count < politeness.waitingLimit else {
                counters.pagesBeyondLimit += 1
                continue
            }
            count += 1
            counters.pagesFound += 1
            pending.insert(key)
            enqueue(
                Work(purpose: .page(feed: feed, key: key), address: address, revision: link.revision), isFirst: false)
        }
        // Each list of lists leads one level down, and levels are bounded like redirects.
        guard work.attempts < politeness.hops else { return }
        for text in list.lists.prefix(source.pageLimit) {
            guard let address = try? WebAddress(text, relativeTo: work.address), address.host == work.address.host
            else { continue }
            looking[feed, default: 0] += 1
            enqueue(Work(purpose: .list(feed: feed), address: address, attempts: work.attempts + 1), isFirst: false)
        }
    }

    // MARK: Pages

    private mutating func finish(page work: Work, _ feed: Int, _ key: FeedKey, _ outcome: Outcome, _ now: Int64) {
        var record = PageRecord(revision: work.revision, namedAt: now)
        switch outcome {
        case .taken(let etag, let modified):
            counters.pagesTaken += 1
            (record.etag, record.modified) = (etag, modified)
        case .unchanged:
            counters.pagesUnchanged += 1
            let known = memory.pages[key]
            (record.etag, record.modified) = (known?.etag, known?.modified)
        case .moved(let address) where work.hops < politeness.hops:
            var moved = work
            moved.address = address
            moved.hops += 1
            return enqueue(moved, isFirst: true)
        case .moved: record.problem = WebClientError.Code.tooManyRedirects.rawValue
        case .status(let status, _):
            if (status == 429 || status >= 500), retry(work) { return }
            record.problem = "status-\(status)"
        case .failed(let code, let isTransient):
            if isTransient, retry(work) { return }
            record.problem = code
        case .robots, .list: record.problem = "bad-answer"
        }
        if record.problem != nil { counters.pagesFailed += 1 }
        pending.remove(key)
        remember(key, record)
    }

    private mutating func retry(_ work: Work) -> Bool {
        guard work.attempts + 1 < politeness.attempts else { return false }
        counters.pagesRetried += 1
        var again = work
        again.attempts += 1
        enqueue(again, isFirst: false)
        return true
    }

    private mutating func remember(_ key: FeedKey, _ record: PageRecord) {
        memory.apply(FeedMemory.Change(key: key, page: record))
        changes.append(FeedMemory.Change(key: key, page: record))
        memory.trim()
    }
}
