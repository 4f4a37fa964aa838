// The text that `/metrics` answers: Prometheus' exposition format, version 0.0.4.

/// Collects metrics and prints them, each name with its help and type once, in the order of first use.
package struct PrometheusPage: Sendable {
    package enum MetricType: String, Sendable { case counter, gauge, histogram }

    private struct Family: Sendable {
        var help: String
        var type: MetricType
        var lines: [String] = []
    }

    private var families: [String: Family] = [:]
    private var order: [String] = []

    package init() {}

    package mutating func add(
        _ name: String, _ type: MetricType, help: String, labels: [(String, String)] = [], _ value: Double
    ) {
        append(name, type, help: help, line: "\(name)\(Self.text(labels)) \(Self.text(value))")
    }

    /// Adds a histogram in seconds.
    package mutating func add(
        _ name: String, help: String, labels: [(String, String)] = [], _ histogram: LatencyHistogram
    ) {
        var total: Int64 = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bounds = LatencyHistogram.boundsMicroseconds
            let bound = index < bounds.count ? Self.text(Double(bounds[index]) / 1e6) : "+Inf"
            append(
                name, .histogram, help: help,
                line: "\(name)_bucket\(Self.text(labels + [("le", bound)])) \(total)")
        }
        let seconds = Self.text(Double(histogram.sumMicroseconds) / 1e6)
        append(name, .histogram, help: help, line: "\(name)_sum\(Self.text(labels)) \(seconds)")
        append(name, .histogram, help: help, line: "\(name)_count\(Self.text(labels)) \(total)")
    }

    package var text: String {
        order.map { name in
            guard let family = families[name] else { return "" }
            let head = "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.type.rawValue)\n"
            return head + family.lines.joined(separator: "\n") + "\n"
        }.joined()
    }

    private mutating func append(_ name: String, _ type: MetricType, help: String, line: String) {
        if families[name] == nil {
            families[name] = Family(help: help, type: type)
            order.append(name)
        }
        families[name]?.lines.append(line)
    }

    private static func text(_ labels: [(String, String)]) -> String {
        guard !labels.isEmpty else { return "" }
        let pairs = labels.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }
        return "{" + pairs.joined(separator: ",") + "}"
    }

    private static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
