// The bounds within which the parser works. Every one of them exists because input is hostile: without it a small
// document could cost unbounded memory or time.

/// How much the parser takes, reads and returns.
package struct ParserLimits: Sendable, Hashable {
    /// Bytes of one document; a larger one is refused. Default 64 MiB, range 1…512 MiB (offsets are 32 bits wide
    /// and a document may grow to three times its size when it is decoded).
    package var bytes: Int
    /// Lines or blocks of one document; one with more is refused. Bounds memory: a line costs 40 bytes.
    package var lines: Int
    /// Items of one document; the rest is left in a remainder `beyond-limit` and a warning says so.
    package var items: Int
    /// Open elements of a markup or JSON document; deeper ones are read as if closed.
    package var nestingDepth: Int
    /// Figures kept of one item.
    package var figuresPerItem: Int
    /// Event dates kept of one item.
    package var eventsPerItem: Int
    /// Cited titles kept of one item.
    package var citationsPerItem: Int
    /// Question-and-answer pairs kept of one item.
    package var questionsPerItem: Int
    /// Bytes of a front matter block; a longer one is read as text.
    package var frontMatterBytes: Int

    package init(
        bytes: Int = 64 << 20, lines: Int = 2_000_000, items: Int = 10_000, nestingDepth: Int = 256,
        figuresPerItem: Int = 512, eventsPerItem: Int = 64, citationsPerItem: Int = 256, questionsPerItem: Int = 256,
        frontMatterBytes: Int = 64 << 10
    ) {
        self.bytes = min(max(bytes, 1), 512 << 20)
        self.lines = max(lines, 1)
        self.items = max(items, 1)
        self.nestingDepth = max(nestingDepth, 1)
        self.figuresPerItem = max(figuresPerItem, 0)
        self.eventsPerItem = max(eventsPerItem, 0)
        self.citationsPerItem = max(citationsPerItem, 0)
        self.questionsPerItem = max(questionsPerItem, 0)
        self.frontMatterBytes = max(frontMatterBytes, 0)
    }
}
