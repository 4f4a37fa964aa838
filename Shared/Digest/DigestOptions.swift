// What a caller says about a digest besides the items.

import Messages

/// How a digest is compiled.
package struct DigestOptions: Sendable {
    package var title: String
    package var query: String
    package var grouping: DigestGrouping
    package var extent: DigestExtent
    package var version: Int64
    package var complete: Bool
    /// Items that match; those that are given to the compiler may be fewer.
    package var total: Int
    /// Words whose sentences a summary prefers.
    package var words: [String]
    /// Departments that the reader expects; those without an entry are gaps.
    package var expectedDepartments: [String]

    package init(
        title: String, query: String = "", grouping: DigestGrouping = .date, extent: DigestExtent = .body,
        version: Int64 = 0, complete: Bool = true, total: Int = 0, words: [String] = [],
        expectedDepartments: [String] = []
    ) {
        self.title = title
        self.query = query
        self.grouping = grouping
        self.extent = extent
        self.version = version
        self.complete = complete
        self.total = total
        self.words = words
        self.expectedDepartments = expectedDepartments
    }
}
