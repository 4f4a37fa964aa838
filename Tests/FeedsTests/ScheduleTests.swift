// Every edge of the schedule, without network and clock.

import Documents
import Testing
import WebClient

@testable import Feeds

/// A schedule with a clock that the test turns.
private struct World {
    var schedule: FeedSchedule
    var now: Int64 = 1_000_000

    init(
        _ feeds: [String] = ["https://a.org/rss"], memory: FeedMemory = FeedMemory(),
        change: (inout FeedSource) -> Void = { _ in }
    )
        throws
    {
        let sources = try feeds.map { text in
            var source = FeedSource(address: try WebAddress(text))
            change(&source)
            return source
        }
        schedule = FeedSchedule(sources: sources, memory: memory)
    }

    /// The one request that is due now.
    mutating func one() throws -> FeedSchedule.Fetch {
        let fetches = schedule.next(now)
        try #require(fetches.count == 1, "\(fetches.map(\.address.text))")
        return fetches[0]
    }

    mutating func finish(_ fetch: FeedSchedule.Fetch, _ outcome: FeedSchedule.Outcome, after milliseconds: Int64 = 100)
    {
        now += milliseconds
        schedule.finish(fetch.id, outcome, now: now)
    }

    /// Lets the robots.txt that is due say something.
    mutating func robots(_ text: String = "") throws {
        let fetch = try one()
        #expect(fetch.address.target == "/robots.txt")
        finish(fetch, .robots(RobotsRules(Array(text.utf8), robot: "kuaibao")))
        now += 5000
    }

    /// Lets the list that is due name pages.
    mutating func list(_ pages: [(String, String?)], lists: [String] = [], isSitemap: Bool = false) throws {
        var list = LinkList()
        list.pages = pages.map { LinkList.Link(address: $0.0, revision: $0.1) }
        list.lists = lists
        list.isSitemap = isSitemap
        finish(try one(), .list(list, etag: "\"e\"", modified: "m"))
        now += 5000
    }
}

@Suite struct FeedSchedules {
    @Test func robotsThenFeedThenPagesOneByOne() throws {
        var world = try World()
        try world.robots()
        try world.list([("/1", nil), ("https://a.org/2", nil)])
        let first = try world.one()
        #expect(first.address.text == "https://a.org/1")
        #expect(world.schedule.next(world.now).isEmpty)
        world.finish(first, .taken(etag: nil, modified: nil))
        // The delay counts from the end of the request.
        #expect(world.schedule.next(world.now + 4999).isEmpty)
        #expect(world.schedule.wakeAt(world.now) == world.now + 5000)
        world.now += 5000
        #expect(try world.one().address.text == "https://a.org/2")
        #expect(world.schedule.counters.pagesFound == 2 && world.schedule.waitingPages == 1)
    }

    @Test func aFeedIsDueAgainAfterItsTime() throws {
        var world = try World()
        try world.robots()
        try world.list([])
        #expect(world.schedule.next(world.now + 890_000).isEmpty)
        world.now += 900_000
        let fetch = try world.one()
        #expect(fetch.etag == "\"e\"" && fetch.modified == "m")
        world.finish(fetch, .unchanged)
        #expect(world.schedule.counters.looksUnchanged == 1)
        #expect(world.schedule.feeds[0].record.nextAt == world.now + 900_000)
    }

    @Test func knownPagesAreFetchedWhenTheirVersionChanges() throws {
        var world = try World()
        try world.robots()
        try world.list([("/1", "v1")])
        world.finish(try world.one(), .taken(etag: "\"p\"", modified: nil))
        world.now += 900_000
        try world.list([("/1", "v1")])
        #expect(world.schedule.next(world.now).isEmpty)
        world.now += 900_000
        try world.list([("/1", "v2")])
        let again = try world.one()
        #expect(again.address.target == "/1" && again.etag == "\"p\"")
        world.finish(again, .unchanged)
        #expect(world.schedule.memory.pages[FeedKey("bulletins", "https://a.org/1")]?.revision == "v2")
    }

    @Test func memoryOutlivesARestart() throws {
        var world = try World()
        try world.robots()
        try world.list([("/1", nil), ("/2", nil)])
        world.finish(try world.one(), .taken(etag: nil, modified: nil))
        let changes = world.schedule.takeChanges()
        let log = try changes.reduce(into: [UInt8]()) { $0 += try FeedMemory.line($1) }
        // A torn last line is passed over.
        let memory = FeedMemory(log: log + Array("{\"key\":{\"colle".utf8))
        let copy = FeedMemory(log: try memory.log())
        #expect(memory == world.schedule.memory && copy == memory)
        var next = try World(memory: memory)
        next.now = world.now
        #expect(next.schedule.next(next.now).isEmpty)
        next.now += 900_000
        try next.robots()
        try next.list([("/1", nil), ("/2", nil)])
        #expect(try next.one().address.target == "/2")
    }

    @Test func whatRobotsForbidIsNotFetched() throws {
        var world = try World()
        try world.robots("User-agent: *\nDisallow: /private")
        try world.list([("/private/1", nil), ("/2", nil)])
        #expect(try world.one().address.target == "/2")
        #expect(world.schedule.counters.pagesForbidden == 1)
        #expect(world.schedule.memory.pages[FeedKey("bulletins", "https://a.org/private/1")]?.problem == "robots")
    }

    @Test func aForbiddenFeedSaysSo() throws {
        var world = try World()
        try world.robots("User-agent: *\nDisallow: /")
        #expect(world.schedule.next(world.now).isEmpty)
        #expect(world.schedule.feeds[0].record.problem == "robots")
        #expect(world.schedule.feeds[0].record.nextAt == world.now + 1_800_000)
    }

    @Test func withoutRobotsEverythingIsAllowedAndWithBrokenOnesNothing() throws {
        var world = try World()
        world.finish(try world.one(), .status(503, retryAfterMilliseconds: nil))
        #expect(world.schedule.next(world.now + 29_999).isEmpty)
        world.now += 30_000
        let again = try world.one()
        #expect(again.address.target == "/robots.txt")
        world.finish(again, .status(404, retryAfterMilliseconds: nil))
        world.now += 5000
        #expect(try world.one().address.target == "/rss")
    }

    @Test func robotsAreAskedAgainAfterADay() throws {
        var world = try World()
        try world.robots()
        try world.list([])
        world.now += 86_400_000
        #expect(try world.one().address.target == "/robots.txt")
    }

    @Test func crawlDelayIsObeyedWithinReason() throws {
        var world = try World(change: { $0.pageLimit = 10 })
        try world.robots("User-agent: *\nCrawl-delay: 20")
        world.now += 15_000
        try world.list([("/1", nil)])
        #expect(world.schedule.next(world.now).isEmpty)
        world.now += 15_000
        #expect(try world.one().address.target == "/1")
    }

    @Test func hostsThatFailRestTwiceAsLongEachTime() throws {
        var world = try World()
        try world.robots()
        try world.list([("/1", nil)])
        for rest in [30_000, 60_000, 120_000] as [Int64] {
            world.finish(try world.one(), .status(500, retryAfterMilliseconds: nil))
            #expect(world.schedule.next(world.now + rest - 1).isEmpty)
            world.now += rest
        }
        // The fourth try is the last.
        world.finish(try world.one(), .failed(code: "timed-out", isTransient: true))
        world.now += 800_000
        #expect(world.schedule.memory.pages[FeedKey("bulletins", "https://a.org/1")]?.problem == "timed-out")
        #expect(world.schedule.counters.pagesRetried == 3 && world.schedule.counters.pagesFailed == 1)
        #expect(world.schedule.waitingPages == 0)
    }

    @Test func retryAfterIsObeyed() throws {
        var world = try World()
        try world.robots()
        let feed = try world.one()
        world.finish(feed, .status(429, retryAfterMilliseconds: 7_200_000))
        #expect(world.schedule.feeds[0].record.problem == "status-429")
        #expect(world.schedule.feeds[0].record.nextAt == world.now + 7_200_000)
        #expect(world.schedule.next(world.now + 7_199_999).isEmpty)
    }

    @Test func pagesThatAreGoneAreLeftAlone() throws {
        var world = try World()
        try world.robots()
        try world.list([("/1", nil)])
        world.finish(try world.one(), .status(404, retryAfterMilliseconds: nil))
        world.now += 900_000
        try world.list([("/1", nil)])
        #expect(world.schedule.next(world.now).isEmpty)
    }

    @Test func hostsAreServedSideBySide() throws {
        var world = try World(["https://a.org/rss", "https://b.org/rss", "https://a.org/other"])
        let fetches = world.schedule.next(world.now)
        #expect(Set(fetches.map(\.address.text)) == ["https://a.org/robots.txt", "https://b.org/robots.txt"])
    }

    @Test func onlySoManyAtOnce() throws {
        var world = try World((1...9).map { "https://h\($0).org/rss" })
        let first = world.schedule.next(world.now)
        #expect(first.count == 4 && world.schedule.next(world.now).isEmpty)
        for fetch in first { world.finish(fetch, .robots(RobotsRules())) }
        // Those that have not had their turn come before those that have.
        let hosts = Set(world.schedule.next(world.now).map(\.address.host))
        #expect(hosts.isDisjoint(with: first.map(\.address.host)) && hosts.count == 4)
    }

    @Test func redirectsAreFollowedUnderTheRulesOfTheNewHost() throws {
        var world = try World()
        try world.robots()
        try world.list([("/1", nil)])
        world.finish(try world.one(), .moved(try WebAddress("https://b.org/x")))
        try world.robots("User-agent: *\nDisallow: /x")
        #expect(world.schedule.next(world.now).isEmpty)
        #expect(world.schedule.memory.pages[FeedKey("bulletins", "https://a.org/1")]?.problem == "robots")
    }

    @Test func redirectsEnd() throws {
        var world = try World()
        try world.robots()
        try world.list([("/1", nil)])
        for number in 0..<6 {
            world.finish(try world.one(), .moved(try WebAddress("https://a.org/next\(number)")))
            world.now += 5000
        }
        #expect(world.schedule.memory.pages[FeedKey("bulletins", "https://a.org/1")]?.problem == "too-many-redirects")
    }

    @Test func sitemapsOfSitemapsAreRead() throws {
        var world = try World(["https://a.org/sitemap.xml"])
        try world.robots()
        try world.list([], lists: ["/s1.xml", "https://other.org/s2.xml"], isSitemap: true)
        try world.list([("/old", "2020-01-01"), ("/new", "2020-03-01"), ("https://other.org/1", nil)], isSitemap: true)
        // The newest first, and only what is of the same host.
        let page = try world.one()
        #expect(page.address.target == "/new")
        #expect(world.schedule.waitingPages == 2)
    }

    @Test func onlyWhatTheFeedIsFor() throws {
        var world = try World(change: {
            $0.only = "https://a.org/news/"
            $0.pageLimit = 2
        })
        try world.robots()
        try world.list([("/x", nil), ("/news/1", nil), ("/news/2", nil), ("/news/3", nil), ("mailto:x@a.org", nil)])
        #expect(world.schedule.waitingPages == 2 && world.schedule.counters.pagesBeyondLimit == 1)
    }

    @Test func memoryIsBounded() throws {
        var memory = FeedMemory()
        for number in 0..<100 {
            memory.apply(
                FeedMemory.Change(
                    key: FeedKey("b", "\(number)"), feed: nil, page: PageRecord(revision: nil, namedAt: Int64(number))))
        }
        memory.trim(to: 50)
        #expect(
            memory.pages.count == 45 && memory.pages[FeedKey("b", "54")] == nil
                && memory.pages[FeedKey("b", "55")] != nil)
    }
}
