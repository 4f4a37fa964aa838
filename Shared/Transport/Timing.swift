// The transport's time constants, set together because they depend on each other.
//
//     heartbeat interval  <  expiry = interval × liveness  <  lease
//     hedge delay         <  expiry                        (a query need not wait for a death to be noticed)
//     lease               <  stuck                         (a slow worker is not taken for one that hangs)

/// Intervals of every link, in milliseconds.
package struct Timing: Sendable, Hashable {
    /// A peer that has sent nothing for this long sends a heartbeat. Default 1000; 100…10000.
    package var heartbeatMilliseconds: Int64 = 1000
    /// Heartbeats missed before a peer counts as dead. Default 3; 2…10.
    package var liveness: Int64 = 3
    /// How long a parse worker may hold a lease. Default 30000, ten times the expiry; a stuck worker is caught by it.
    package var leaseMilliseconds: Int64 = 30_000
    /// Deliveries of one document before it becomes a dead letter, and losses of one part of a query before the query is
    /// given up. Default 3; 1…100. With 1 every document is leased to a worker that holds nothing else.
    package var deliveryLimit: Int = 3
    /// Age at which an unanswered part of a query is asked of a second worker. Default 250.
    package var hedgeMilliseconds: Int64 = 250
    /// A worker that has held one lease for longer than this has a thread that hangs, and ends to be started anew. Default
    /// 300000: longer than the longest honest work, which is a search of 60 s or three tries of a document at 30 s.
    package var stuckMilliseconds: Int64 = 300_000
    /// How long a draining process finishes what it holds. Default 8000, below the 10000 that a supervisor allows.
    package var drainMilliseconds: Int64 = 8000

    package init() {}

    /// Silence after which a peer counts as dead, in milliseconds.
    package var expiryMilliseconds: Int64 { heartbeatMilliseconds * liveness }
}
