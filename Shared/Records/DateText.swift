// Dates in records, with as much precision as they have.

package import Messages

package enum DateText {
    /// Reads `2020`, `2020-02`, `2020-02-08`, `--02-08`, each also with `/` or with 年月日, and behind a whole date a time
    /// of day (`T20:11`, ` 20:11:05`) with `Z` or `+08:00`; nil for all else. Seconds are read and let go.
    package static func read(_ text: String) -> PartialDate? {
        let bytes = Array(text.utf8)
        guard bytes.count <= 48 else { return nil }
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        let ascii =
            isASCII
            ? bytes : Array(text.replacing("年", with: "-").replacing("月", with: "-").replacing("日", with: "").utf8)
        var reader = DigitReader(bytes: ascii.map { $0 == 0x2F ? 0x2D : $0 })
        var date = PartialDate()
        if reader.bytes.starts(with: [0x2D, 0x2D]) {
            _ = reader.take("-") && reader.take("-")
            guard let month = reader.number(1...2), reader.take("-"), let day = reader.number(1...2) else { return nil }
            date.month = month
            date.day = day
        } else {
            guard let year = reader.number(4...4) else { return nil }
            date.year = year
            if reader.take("-"), !reader.isAtEnd {
                date.month = reader.number(1...2)
                guard date.month != nil else { return nil }
                if reader.take("-"), !reader.isAtEnd {
                    date.day = reader.number(1...2)
                    guard date.day != nil else { return nil }
                }
            }
        }
        guard exists(date) else { return nil }
        if reader.isAtEnd { return date }
        guard date.day != nil, reader.take("T") || reader.take(" "), let hour = reader.number(1...2), reader.take(":"),
            let minute = reader.number(2...2), hour < 24, minute < 60
        else { return nil }
        if reader.take(":") { guard let second = reader.number(2...2), second <= 60 else { return nil } }
        date.minuteOfDay = hour * 60 + minute
        if reader.take("Z") {
            date.utcOffsetMinutes = 0
        } else if let sign = reader.take("+") ? 1 : reader.take("-") ? -1 : nil {
            guard let hours = reader.number(2...2), hours <= 14 else { return nil }
            _ = reader.take(":")
            guard let minutes = reader.number(2...2), minutes < 60 else { return nil }
            date.utcOffsetMinutes = sign * (hours * 60 + minutes)
        }
        return reader.isAtEnd ? date : nil
    }

    /// A month and a day of some year are a day of a leap year at least.
    private static func exists(_ date: PartialDate) -> Bool {
        if let year = date.year, !(1...9999).contains(year) { return false }
        guard let month = date.month else { return true }
        return CalendarDay(year: date.year ?? 2000, month: month, day: date.day ?? 1) != nil
    }
}

private struct DigitReader {
    let bytes: [UInt8]
    private var place = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { place == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// A number of as many digits as stand here, where `count` allows that many.
    mutating func number(_ count: ClosedRange<Int>) -> Int? {
        var value = 0
        var digits = 0
        while place < bytes.count, (0x30...0x39).contains(bytes[place]), digits < count.upperBound {
            value = value * 10 + Int(bytes[place] - 0x30)
            place += 1
            digits += 1
        }
        return count.contains(digits) ? value : nil
    }
}
