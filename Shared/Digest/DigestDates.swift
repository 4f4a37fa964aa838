// Dates of a digest: their order and their Chinese words.

import Messages

enum DigestDates {
    /// A date's place among others: whole dates first, in time; then days of an unknown year; then no date at all.
    struct Order: Comparable {
        let rank: Int
        let parts: [Int]

        init(_ date: PartialDate?) {
            guard let date, date.year != nil || date.month != nil else {
                (rank, parts) = (2, [])
                return
            }
            rank = date.year == nil ? 1 : 0
            parts = [date.year ?? 0, date.month ?? 0, date.day ?? 0, date.minuteOfDay ?? 0]
        }

        static func < (left: Order, right: Order) -> Bool {
            left.rank != right.rank ? left.rank < right.rank : left.parts.lexicographicallyPrecedes(right.parts)
        }
    }

    /// `2020年2月8日`, `2月8日`, `2020年2月`; nil where nothing is known. Without the time of day.
    static func words(_ date: PartialDate?) -> String? {
        guard let date else { return nil }
        var text = ""
        if let year = date.year { text += "\(year)年" }
        if let month = date.month { text += "\(month)月" }
        if let day = date.day { text += "\(day)日" }
        return text.isEmpty ? nil : text
    }

    /// `20:11 +08:00`; nil where no time of day is known.
    static func time(_ date: PartialDate?) -> String? {
        guard let date, let minute = date.minuteOfDay else { return nil }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        var text = "\(two(minute / 60)):\(two(minute % 60))"
        if let offset = date.utcOffsetMinutes {
            let distance = Int(offset.magnitude)
            text += " \(offset < 0 ? "-" : "+")\(two(distance / 60)):\(two(distance % 60))"
        }
        return text
    }
}
