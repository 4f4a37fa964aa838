// Feasts by name, where the day is meant and not the holidays around it.
//
//     feast = [ year ] name said
//     year  = 2023年 / 今年 / 去年 / 明年
//     name  = 国庆节, 国庆, 中秋节, 中秋, 端午节, 清明节, 劳动节, 五一, 元旦, 重阳节, 儿童节, 建军节, 教师节 …
//     said  = 当天 / 当日 / 当晚 / 当夜 / 这天 / 那天
//           / nothing, between a year or 是 and a mark: 今年端午节，…; 今天是国庆节。
//
// 国庆节期间, 国庆假期, 中秋节前 and 五一小长假 name no day. The year is the written one, else that in which the day lies between 275
// days before the item and 90 days after it; without either the day is not read. 清明 is reckoned after Shou Xing's rule of the
// century: day = ⌊Y·0.2422 + C⌋ − ⌊Y/4⌋ with C = 4.81 for 2000…2099 and 5.59 for the century before.

import Messages

/// Reads feasts.
enum FeastDays {
    private enum Day: Sendable {
        case common(month: Int, day: Int)
        case moon(month: Int, day: Int)
        /// 清明, of the sun's calendar.
        case clearAndBright
    }

    /// Names by their last character, longest first.
    private static let names: [UInt32: [(name: [UInt32], day: Day)]] = {
        let list: [(String, Day)] = [
            ("国庆节 国庆 國慶節 國慶", .common(month: 10, day: 1)), ("劳动节 五一节 五一 勞動節", .common(month: 5, day: 1)),
            ("元旦 元旦节", .common(month: 1, day: 1)), ("妇女节 三八节 婦女節", .common(month: 3, day: 8)), ("植树节", .common(month: 3, day: 12)),
            ("青年节 五四青年节", .common(month: 5, day: 4)), ("护士节", .common(month: 5, day: 12)), ("儿童节 六一 兒童節", .common(month: 6, day: 1)),
            ("建党节", .common(month: 7, day: 1)), ("建军节 八一建军节", .common(month: 8, day: 1)), ("教师节", .common(month: 9, day: 10)),
            ("平安夜", .common(month: 12, day: 24)), ("圣诞节 聖誕節", .common(month: 12, day: 25)),
            ("中秋节 中秋 中秋節", .moon(month: 8, day: 15)), ("端午节 端午 端午節", .moon(month: 5, day: 5)), ("七夕 七夕节", .moon(month: 7, day: 7)),
            ("重阳节 重阳 重陽節 重陽", .moon(month: 9, day: 9)), ("腊八节 腊八", .moon(month: 12, day: 8)), ("元宵", .moon(month: 1, day: 15)),
            ("春节 春節", .moon(month: 1, day: 1)), ("清明节 清明 清明節", .clearAndBright),
        ]
        var table: [UInt32: [(name: [UInt32], day: Day)]] = [:]
        for (words, day) in list {
            for word in words.split(separator: " ") {
                let name = word.unicodeScalars.map(\.value)
                table[name[name.count - 1], default: []].append((name, day))
            }
        }
        for last in table.keys { table[last]?.sort { $0.name.count > $1.name.count } }
        return table
    }()

    private static let saidAfter = ["当天", "当日", "当晚", "当夜", "这天", "那天", "當天", "當日", "當晚"].map { $0.unicodeScalars.map(\.value) }

    /// The feast that 节 or 旦 at `index` ends, or that stands before 当天 at `index`.
    /// - Returns: the day, and the half-open place of its words: 国庆节, with 当天 where that follows.
    static func read(_ scalars: [UInt32], at index: Int, published: PartialDate?) -> (date: PartialDate, start: Int, end: Int)? {
        let said = saidAfter.first { scalars[index...].starts(with: $0) }
        let nameEnd = said == nil ? index + 1 : index
        guard nameEnd > 1, let (start, day) = name(scalars, endingAt: nameEnd) else { return nil }
        let after = said ?? saidAfter.first { scalars[nameEnd...].starts(with: $0) }
        let end = nameEnd + (after?.count ?? 0)
        let (year, first) = year(scalars, before: start, published)
        guard after != nil || isNamedAlone(scalars, start, nameEnd, hasYear: first < start) else { return nil }
        return resolve(day, year: year, published).map { ($0, first, end) }
    }

    private static func name(_ scalars: [UInt32], endingAt end: Int) -> (start: Int, day: Day)? {
        guard let group = names[scalars[end - 1]] else { return nil }
        if end > 3, [0x201D, 0x22].contains(scalars[end - 2]) { return quoted(scalars, endingAt: end, group) }
        for (name, day) in group where name.count <= end && scalars[(end - name.count)..<end].elementsEqual(name) {
            // 二十五一天, 三十六一: the numeral goes on.
            let start = end - name.count
            let isNumeral = CharacterClass.of(name[0]).contains(.chineseNumeral)
            if isNumeral, start > 0, CharacterClass.of(scalars[start - 1]).contains(.chineseNumeral) { return nil }
            return (start, day)
        }
        return nil
    }

    /// “三八”节: the name's first part in quotation marks.
    private static func quoted(_ scalars: [UInt32], endingAt end: Int, _ group: [(name: [UInt32], day: Day)]) -> (start: Int, day: Day)? {
        guard let open = (max(0, end - 7)..<(end - 2)).last(where: { [0x201C, 0x22].contains(scalars[$0]) }) else { return nil }
        let name = Array(scalars[(open + 1)..<(end - 2)]) + [scalars[end - 1]]
        return group.first { $0.name == name }.map { (open, $0.day) }
    }

    /// 今年端午节，: between a year or 是 and a mark that ends the clause.
    private static func isNamedAlone(_ scalars: [UInt32], _ start: Int, _ end: Int, hasYear: Bool) -> Bool {
        guard hasYear || start > 0 && scalars[start - 1] == 0x662F else { return false }  // 是
        return end == scalars.count || !CharacterClass.of(scalars[end]).isDisjoint(with: [.sentenceEnd, .clauseMark]) && scalars[end] != 0x3001
    }

    /// The year that stands before `start`, and where its words begin.
    private static func year(_ scalars: [UInt32], before start: Int, _ published: PartialDate?) -> (year: Int?, start: Int) {
        guard start > 1, scalars[start - 1] == 0x5E74 else { return (nil, start) }
        if start > 4 {
            var cursor = start - 5
            if let year = Numerals.integer(scalars, &cursor, digits: 4...4), cursor == start - 1, (1900...2100).contains(year) {
                return (year, start - 5)
            }
        }
        guard let year = published?.year else { return (nil, start) }
        switch scalars[start - 2] {
        case "今", "本": return (year, start - 2)
        case "去": return (year - 1, start - 2)
        case "明": return (year + 1, start - 2)
        default: return (nil, start)
        }
    }

    private static func resolve(_ day: Day, year: Int?, _ published: PartialDate?) -> PartialDate? {
        if let year { return date(day, in: year) }
        guard let item = published?.year else { return nil }
        return MoonCalendar.nearest(((item - 1)...(item + 1)).compactMap { date(day, in: $0) }, published)
    }

    /// The day in a year of the common calendar. All feasts of the moon's calendar here but 腊八 lie in the year of their name.
    private static func date(_ day: Day, in year: Int) -> PartialDate? {
        switch day {
        case .common(let month, let day): return PartialDate(year: year, month: month, day: day)
        case .moon(let month, let day):
            return [year - 1, year].lazy.compactMap { MoonCalendar.common(year: $0, month: month, day: day) }.first { $0.year == year }
        case .clearAndBright:
            guard (1901...2099).contains(year) else { return nil }
            let ofCentury = year % 100
            let constant = year < 2000 ? 5.59 : 4.81
            return PartialDate(year: year, month: 4, day: Int(Double(ofCentury) * 0.2422 + constant) - ofCentury / 4)
        }
    }
}
