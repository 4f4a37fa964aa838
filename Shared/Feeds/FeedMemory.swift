// What is remembered of feeds and their pages over restarts.
//
// A log of lines of JSON, each the new record of one feed or page. Appended without waiting for the disk: what a crash loses is
// fetched once more, and the same page under the same identity changes nothing. A torn last line is passed over. The log is
// written anew, whole, when it has grown to several times what it says.

import Foundation

/// What is known of one feed.
package struct FeedRecord: Codable, Sendable, Hashable {
    package var etag: String?
    package var modified: String?
    /// Milliseconds since 1970.
    package var lookedAt: Int64?
    package var nextAt: Int64 = 0
    /// Looks that failed, one after the other.
    package var failures = 0
    /// The code of the last failure; nil after a success.
    package var problem: String?

    package init() {}
}

/// What is known of one page.
package struct PageRecord: Codable, Sendable, Hashable {
    /// What the list said of the version that was taken.
    package var revision: String?
    package var etag: String?
    package var modified: String?
    /// When a list last named it, in milliseconds since 1970; the longest unnamed are forgotten first.
    package var namedAt: Int64
    /// Why it is not taken; nil where it was.
    package var problem: String?

    package init(revision: String?, namedAt: Int64, problem: String? = nil) {
        self.revision = revision
        self.namedAt = namedAt
        self.problem = problem
    }
}

/// A feed or page in the memory: the collection that it is for, and its address.
package struct FeedKey: Codable, Sendable, Hashable {
    package var collection: String
    package var address: String

    package init(_ collection: String, _ address: String) {
        self.collection = collection
        self.address = address
    }
}

/// All that is remembered.
package struct FeedMemory: Sendable, Hashable {
    /// One line of the log.
    package struct Change: Codable, Sendable, Hashable {
        var key: FeedKey
        var feed: FeedRecord?
        var page: PageRecord?
    }

    /// Pages that are remembered; about 200 bytes each.
    package static let pageLimit = 200_000

    package private(set) var feeds: [FeedKey: FeedRecord] = [:]
    package private(set) var pages: [FeedKey: PageRecord] = [:]

    package init() {}

    /// Reads a log. Lines that cannot be read are passed over.
    package init(log: [UInt8]) {
        let decoder = JSONDecoder()
        for line in log.split(separator: 10) {
            guard let change = try? decoder.decode(Change.self, from: Data(line)) else { continue }
            apply(change)
        }
    }

    package mutating func apply(_ change: Change) {
        if let feed = change.feed {
            feeds[change.key] = feed
        } else if let page = change.page {
            pages[change.key] = page
        } else {
            pages[change.key] = nil
        }
    }

    /// Forgets the pages that were not named for the longest time, where there are too many.
    package mutating func trim(to limit: Int = Self.pageLimit) {
        guard pages.count > limit else { return }
        let oldest = pages.sorted { ($0.value.namedAt, $0.key.address) < ($1.value.namedAt, $1.key.address) }
        for (key, _) in oldest.prefix(pages.count - limit * 9 / 10) { pages[key] = nil }
    }

    /// The whole memory as a log.
    package func log() throws -> [UInt8] {
        var bytes: [UInt8] = []
        let feeds = feeds.map { Change(key: $0.key, feed: $0.value) }
        let pages = pages.map { Change(key: $0.key, page: $0.value) }
        for change in feeds + pages { bytes += try Self.line(change) }
        return bytes
    }

    package static func line(_ change: Change) throws -> [UInt8] { Array(try JSONEncoder().encode(change)) + [10] }
}
