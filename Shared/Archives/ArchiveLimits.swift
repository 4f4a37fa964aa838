// The bounds of unpacking, and what is said when one is passed.

/// How much an archive may unpack to. A small file can unpack to petabytes; nothing is unpacked beyond these.
package struct ArchiveLimits: Sendable, Hashable {
    /// Bytes of one member. Default 64 MiB, the parser's limit on a document.
    package var entryBytes: Int
    /// Bytes of all members together. Default 4 GiB.
    package var totalBytes: Int
    /// Members, folders included. Default 100,000.
    package var entries: Int
    /// Unpacked bytes for each packed one, judged once `ratioFreeBytes` are unpacked. Real text packs 2 to 20 times,
    /// tables up to 100; a run of zeros packs 1000 times.
    package var ratio: Int
    /// Unpacked bytes below which the ratio is not judged: tiny files of blanks are harmless.
    package var ratioFreeBytes: Int

    package init(
        entryBytes: Int = 64 << 20, totalBytes: Int = 4 << 30, entries: Int = 100_000, ratio: Int = 200,
        ratioFreeBytes: Int = 4 << 20
    ) {
        self.entryBytes = max(entryBytes, 1)
        self.totalBytes = max(totalBytes, 1)
        self.entries = max(entries, 1)
        self.ratio = max(ratio, 1)
        self.ratioFreeBytes = max(ratioFreeBytes, 0)
    }
}

/// Why an archive is not unpacked, or not further.
package struct ArchiveError: Error, Sendable, Equatable {
    package enum Code: String, Sendable {
        /// The bytes are no archive of a known kind, or a broken one.
        case damaged
        /// A member or the whole is larger than the limit.
        case tooLarge
        /// More members than the limit.
        case tooMany
        /// Packed so tightly that it can only be meant to exhaust whoever unpacks it.
        case bomb
        /// A member is encrypted.
        case encrypted
    }

    package var code: Code
    /// What failed, with which value: lowercase, no full stop.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
