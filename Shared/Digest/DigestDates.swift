// Dates of a digest: their order, their Chinese words, and days counted one by one.

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

    /// Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `dayNumber`.
    static func date(dayNumber: Int) -> PartialDate {
        let shifted = dayNumber + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return PartialDate(
            year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
            day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
