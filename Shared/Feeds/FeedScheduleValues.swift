// What goes into the schedule of feeds and comes out of it.

package import Documents
package import WebClient

extension FeedSchedule {
    package struct Politeness: Sendable, Hashable {
        /// Between two requests to one host. Default 5 s.
        package var delayMilliseconds: Int64 = 5000
        /// Longest delay that a robots.txt can ask for.
        package var longestDelayMilliseconds: Int64 = 60_000
        /// First rest of a host that fails, doubled with each failure up to the longest.
        package var restMilliseconds: Int64 = 30_000
        package var longestRestMilliseconds: Int64 = 3_600_000
        /// Longest `Retry-After` that is obeyed, and longest time between two looks of a feed that fails.
        package var patienceMilliseconds: Int64 = 86_400_000
        /// How long a robots.txt counts.
        package var robotsMilliseconds: Int64 = 86_400_000
        /// Pages that wait in all.
        package var waitingLimit = 20_000
        /// Requests under way in all.
        package var concurrency = 4
        /// Tries of one page, and redirects and nested sitemaps that are followed.
        package var attempts = 4
        package var hops = 5

        package init() {}
    }

    /// What is fetched.
    package enum Purpose: Sendable, Hashable {
        case robots(origin: String)
        /// The feed at this place of the list, or a sitemap that it names.
        case list(feed: Int)
        case page(feed: Int, key: FeedKey)
    }

    /// A request to be made now.
    package struct Fetch: Sendable, Hashable {
        package var id: Int
        package var purpose: Purpose
        package var address: WebAddress
        package var etag: String?
        package var modified: String?
    }

    /// What became of it.
    package enum Outcome: Sendable, Hashable {
        case robots(RobotsRules)
        case list(LinkList, etag: String?, modified: String?)
        /// A page that was handed in.
        case taken(etag: String?, modified: String?)
        case unchanged
        case moved(WebAddress)
        case status(Int, retryAfterMilliseconds: Int64?)
        case failed(code: String, isTransient: Bool)
    }

    /// Counts since the start.
    package struct Counters: Sendable, Hashable {
        package var looks = 0
        package var looksUnchanged = 0
        package var looksFailed = 0
        package var pagesFound = 0
        package var pagesTaken = 0
        package var pagesUnchanged = 0
        package var pagesFailed = 0
        package var pagesRetried = 0
        package var pagesForbidden = 0
        package var pagesBeyondLimit = 0
        package var rests = 0
    }
}
