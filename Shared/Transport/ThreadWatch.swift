// Looks after threads whose work no broker has leased out: whether one of them never comes back.
//
// Parse and query workers know of a thread that hangs by the lease that it never answers (`WorkerSession.isStuck`). An index
// worker gives itself work, so its threads are asked instead. The watch runs on a socket's thread: nothing blocks there, and
// it goes on where all threads of the cooperative pool wait for the one that hangs.

package import ZeroMQ

/// Asks groups of threads how long they have been at one piece of work.
package actor ThreadWatch {
    /// Some threads, and how long the longest honest piece of their work takes.
    package struct Group: Sendable {
        package let name: String
        package let limitMilliseconds: Int64
        /// How long one of them has been at the same piece; called on the watch's thread.
        package let longestMilliseconds: @Sendable () -> Int64

        package init(name: String, limitMilliseconds: Int64, longestMilliseconds: @escaping @Sendable () -> Int64) {
            self.name = name
            self.limitMilliseconds = limitMilliseconds
            self.longestMilliseconds = longestMilliseconds
        }
    }

    private nonisolated let thread: PollThread
    private let groups: [Group]
    private let intervalMilliseconds: Int
    private let whenStuck: @Sendable (Group) -> Void
    private var isStarted = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - intervalMilliseconds: how often they are asked, at least 1.
    ///   - whenStuck: called on the thread, once, for the first group that is beyond its limit; the watch ends with it.
    package init(
        thread: PollThread, groups: [Group], intervalMilliseconds: Int = 1000,
        whenStuck: @escaping @Sendable (Group) -> Void
    ) {
        self.thread = thread
        self.groups = groups
        self.intervalMilliseconds = max(1, intervalMilliseconds)
        self.whenStuck = whenStuck
    }

    /// Begins to watch; returns at once.
    package func start() {
        guard !isStarted else { return }
        isStarted = true
        look()
    }

    private func look() {
        if let stuck = groups.first(where: { $0.longestMilliseconds() > $0.limitMilliseconds }) {
            return whenStuck(stuck)
        }
        thread.schedule(after: intervalMilliseconds) { [weak self] in self?.assumeIsolated { $0.look() } }
    }
}
