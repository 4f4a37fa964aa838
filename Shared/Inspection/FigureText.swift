// A figure in words: `企业 (1000, …) 家`.

package import Messages

/// Writes figures for people.
package enum FigureText {
    /// Subject, interval and unit.
    package static func describe(_ figure: Figure) -> String {
        [figure.subject, interval(figure) + figure.unit].filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The interval alone: one number where it is exact.
    package static func interval(_ figure: Figure) -> String {
        if let lower = figure.lower, lower == figure.upper { return number(lower) }
        let left = figure.lower.map { (figure.includesLower ? "[" : "(") + number($0) } ?? "(…"
        let right = figure.upper.map { number($0) + (figure.includesUpper ? "]" : ")") } ?? "…)"
        return left + ", " + right
    }

    /// A number without a needless fraction, in groups of three digits.
    package static func number(_ value: Double) -> String {
        guard value.magnitude < 1e15, value == value.rounded() else { return "\(value)" }
        return grouped(Int(value))
    }

    /// A whole number in groups of three digits.
    package static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var result = value < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }
}
