// One hop of a traced search, as a log line: the same fields as a document's hops.

package import Logging
import Messages

/// A search at one of its stations.
package struct SearchHop: Sendable {
    private let hop: String
    private let trace: String
    private let microseconds: Int64
    private let segments: Int?

    /// - Parameters:
    ///   - hop: `asked`, `searched` or `answered`.
    ///   - microseconds: time spent at this station so far.
    init(_ hop: String, trace: String, microseconds: Int64, segments: Int? = nil) {
        self.hop = hop
        self.trace = trace
        self.microseconds = microseconds
        self.segments = segments
    }

    /// Writes the line.
    package func log(_ logger: Logger) {
        var metadata: Logger.Metadata = [
            "trace": "\(trace)", "hop": "\(hop)", "milliseconds": "\(Double(microseconds) / 1000)",
        ]
        if let segments { metadata["segments"] = "\(segments)" }
        logger.info("hop", metadata: metadata)
    }

    /// Answers a request under its trace context, with a hop before and one after.
    static func traced<Value: Sendable>(
        _ trace: String?, _ logger: Logger, microseconds: @Sendable () -> Int64,
        _ body: @Sendable () async throws -> Value
    ) async rethrows -> Value {
        guard let trace = TraceParent.checked(trace) else { return try await body() }
        let started = microseconds()
        SearchHop("asked", trace: trace, microseconds: 0).log(logger)
        defer { SearchHop("answered", trace: trace, microseconds: microseconds() - started).log(logger) }
        return try await TraceParent.$current.withValue(trace, operation: body)
    }
}
