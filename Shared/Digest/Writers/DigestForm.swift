// How a digest becomes text: one form for each format, written from its beginning to its end.

package import Messages

/// The heading of a group.
package struct DigestHeading: Sendable, Hashable {
    package let name: String
    /// False where the name says that nothing is known.
    package let isKnown: Bool
    /// Entries below it.
    package let count: Int
}

/// A format of digests. The pieces in order are the file: opening, for each group its heading, entries and ending, closing.
package protocol DigestForm: SendableMetatype {
    /// - Parameter digest: here and below, without its groups.
    static func opening(_ digest: Digest) throws -> String
    static func heading(_ group: DigestHeading, isFirst: Bool, in digest: Digest) throws -> String
    /// - Parameter last: the entry before it in the same group.
    static func entry(_ entry: DigestEntry, after last: DigestEntry?, in digest: Digest) throws -> String
    static func ending(_ group: DigestHeading, in digest: Digest) throws -> String
    static func closing(_ digest: Digest) throws -> String
}

extension DigestForm {
    /// The whole file.
    package static func write(_ digest: Digest) throws -> String {
        var head = digest
        head.groups = []
        var text = try opening(head)
        for (place, group) in digest.groups.enumerated() {
            let heading = DigestHeading(name: group.name, isKnown: group.isKnown, count: group.entries.count)
            text += try self.heading(heading, isFirst: place == 0, in: head)
            var last: DigestEntry?
            for entry in group.entries {
                text += try self.entry(entry, after: last, in: head)
                last = entry
            }
            text += try ending(heading, in: head)
        }
        return text + (try closing(head))
    }
}

/// Writes a planned digest in portions, so that only a portion's items are in memory.
///
/// Invariant: the portions joined are what `DigestForm.write` makes of the whole digest.
package struct DigestPortions: Sendable {
    private let plan: DigestPlan
    private let form: any DigestForm.Type
    private var group = 0
    private var entry = 0
    private var last: DigestEntry?
    private var hasOpened = false
    package private(set) var isFinished = false

    package init(_ plan: DigestPlan, _ form: any DigestForm.Type) {
        self.plan = plan
        self.form = form
    }

    /// The items that the next portion shows, at most `count`: the numbers under which the outline took them in.
    package func wanted(_ count: Int) -> [Int] {
        var wanted: [Int] = []
        var (group, entry) = (group, entry)
        while wanted.count < count, group < plan.groups.count {
            let entries = plan.groups[group].entries
            wanted += entries[entry...].prefix(count - wanted.count).map { $0.members[0] }
            (group, entry) = (group + 1, 0)
        }
        return wanted
    }

    /// The next portion: the entries of `items`, which are those that `wanted` named, in that order. Without items what is
    /// left, and the end.
    package mutating func write(_ items: [StoredItem]) throws -> String {
        var text = hasOpened ? "" : try form.opening(plan.digest)
        hasOpened = true
        for item in items {
            let planned = plan.groups[group]
            if entry == 0 { text += try form.heading(planned.heading, isFirst: group == 0, in: plan.digest) }
            let written = plan.entry(planned.entries[entry], item)
            text += try form.entry(written, after: last, in: plan.digest)
            last = written
            entry += 1
            guard entry == planned.entries.count else { continue }
            text += try form.ending(planned.heading, in: plan.digest)
            (group, entry, last) = (group + 1, 0, nil)
        }
        if group == plan.groups.count {
            text += try form.closing(plan.digest)
            isFinished = true
        }
        return text
    }
}
