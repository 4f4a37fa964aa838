// How newspaper stories open: 晨报讯, 本报讯（记者 某某）, 新华社北京2月8日电, 央视网消息（新闻联播）：, 晨报记者 某某, 又讯.

/// The opening of a newspaper story.
enum StoryHead {
    /// What a paragraph opens, and how far its head reaches.
    struct Match {
        var kind: Paragraph.Kind
        /// The outlet's name in indices of the scalars; empty where the head names none (本报讯).
        var outlet: Range<Int>
    }

    /// The longest name of an outlet in a head, in characters.
    private static let longestOutlet = 9
    /// How far into a paragraph its head reaches, in characters.
    private static let window = 48
    /// Characters up to which a paragraph that names a reporter is a byline and not the story itself.
    private static let longestByline = 30

    /// Characters up to which 记者 and a name are a byline.
    private static let longestBareByline = 14
    /// Marks that pages put in front of a head.
    private static let ornaments = ScalarSet("【★□■◎●▲◆文/／")

    /// The head that `line` starts with; nil for other paragraphs.
    /// - Parameters:
    ///   - length: characters of the whole paragraph, of which `line` may be the beginning.
    ///   - isSpaced: the line is recognised text without its spaces, so that nothing need part the head from what follows.
    static func match(_ line: [UInt32], length: Int, dictionaries: Dictionaries, isSpaced: Bool = false) -> Match? {
        var start = 0
        let end = min(line.count, window)
        while start < end, start < 4,
            CharacterClass.of(line[start]).contains(.space) || ornaments.contains(line[start])
        {
            start += 1
        }
        guard end - start >= 2 else { return nil }
        if has(followUp, line, start) { return Match(kind: .followUp, outlet: start..<start) }
        if let found = wire(line, start, end, dictionaries) { return found }
        if let found = paper(line, start, end, length: length, isSpaced: isSpaced, dictionaries) { return found }
        return isBareByline(line, start, length: length) ? Match(kind: .byline, outlet: start..<start) : nil
    }

    /// 记者 潘文: the word, a space and a name.
    private static func isBareByline(_ line: [UInt32], _ start: Int, length: Int) -> Bool {
        guard length <= longestBareByline, has(bylines[0], line, start), start + 2 < line.count else { return false }
        let rest = line[(start + 2)...]
        return CharacterClass.of(line[start + 2]).contains(.space)
            && rest.allSatisfy { !CharacterClass.of($0).isDisjoint(with: [.ideograph, .space]) || $0 == 0x3001 }
    }

    /// 新华社北京2月8日电, 据央视新闻消息, 央视网消息（…）：
    private static func wire(_ line: [UInt32], _ start: Int, _ end: Int, _ dictionaries: Dictionaries) -> Match? {
        var cursor = line[start] == 0x636E ? start + 1 : start  // 据
        while cursor < end, [0x201C, 0x22, 0x300C].contains(line[cursor]) { cursor += 1 }
        guard cursor < end, let name = dictionaries.media.match(line, at: cursor, before: end) else { return nil }
        let outlet = cursor..<(cursor + name.length)
        cursor += name.length
        let tail = cursor..<min(end, cursor + 24)
        if let mark = tail.first(where: { line[$0] == 0x7535 }), (cursor..<mark).contains(where: { line[$0] == 0x65E5 })
        {  // 电, 日
            return Match(kind: .storyHead, outlet: outlet)
        }
        if has(news, line, cursor) { return isBreak(line, cursor + 2) ? Match(kind: .storyHead, outlet: outlet) : nil }
        let isDispatch = cursor < end && line[cursor] == 0x8BAF && isBreak(line, cursor + 1)  // 讯
        return isDispatch ? Match(kind: .storyHead, outlet: outlet) : nil
    }

    /// 晨报讯 …, 本报讯（…）…, 晨报记者 某某
    private static func paper(
        _ line: [UInt32], _ start: Int, _ end: Int, length: Int, isSpaced: Bool, _ dictionaries: Dictionaries
    ) -> Match? {
        let last = min(end, start + longestOutlet + 1)
        // 某报记者：请问… speaks, it signs nothing.
        let mayBeByline = length <= longestByline && !line[start..<end].contains { $0 == 0xFF1A || $0 == 0x3A }
        for index in start + 2..<max(start + 2, last) {
            let isDispatch =
                line[index] == 0x8BAF && (isSpaced || isBreak(line, index + 1) || has(bylines[0], line, index + 1))
            let isByline = !isDispatch && mayBeByline && bylines.contains { has($0, line, index) }
            let isOpening = !isDispatch && !isByline && bylines.contains { has($0, line, index) && opensStory(line, index + $0.count, end) }
            guard isDispatch || isByline || isOpening, let outlet = outlet(line, start..<index, dictionaries) else { continue }
            return Match(kind: isByline ? .byline : .storyHead, outlet: outlet)
        }
        return nil
    }

    /// Whether names of reporters stand at `index` and the story itself after them: `本报记者 张华 徐汇区…`, `晨报记者张华报道`.
    private static func opensStory(_ line: [UInt32], _ index: Int, _ end: Int) -> Bool {
        var cursor = index
        let isSpaced = cursor < end && CharacterClass.of(line[cursor]).contains(.space)
        for _ in 0..<4 {
            while cursor < end, CharacterClass.of(line[cursor]).contains(.space) || line[cursor] == 0x3001 { cursor += 1 }
            let name = cursor
            while cursor < end, cursor - name < 5, CharacterClass.of(line[cursor]).contains(.ideograph) {
                if has(report, line, cursor), cursor - name >= 2 || cursor == name && name > index { return true }
                cursor += 1
            }
            guard (2...4).contains(cursor - name), cursor < end else {
                // What no name follows is the story, after at least one name.
                return isSpaced && name > index + 2 && cursor > name
            }
            guard CharacterClass.of(line[cursor]).contains(.space) || line[cursor] == 0x3001 else {
                return isSpaced && name > index + 2
            }
        }
        return false
    }

    /// The name of the paper; empty for 本报, nil for what is no paper's name.
    private static func outlet(_ line: [UInt32], _ range: Range<Int>, _ dictionaries: Dictionaries) -> Range<Int>? {
        let name = line[range]
        if own.contains(where: name.elementsEqual) { return range.lowerBound..<range.lowerBound }
        if papers.contains(where: name.ends) { return range }
        return dictionaries.media.canonical(of: Array(name)) != nil ? range : nil
    }

    /// What may follow a head: a space, a bracket, a colon.
    private static func isBreak(_ line: [UInt32], _ index: Int) -> Bool {
        guard index < line.count else { return false }
        return CharacterClass.of(line[index]).contains(.space)
            || [0xFF08, 0x28, 0xFF1A, 0x3A, 0xFF0C, 0x2C, 0x3011].contains(line[index])
    }

    @inline(__always)
    private static func has(_ word: [UInt32], _ line: [UInt32], _ index: Int) -> Bool {
        guard index + word.count <= line.count, line[index] == word[0] else { return false }
        return line[index..<(index + word.count)].elementsEqual(word)
    }

    private static func words(_ list: [String]) -> [[UInt32]] { list.map { $0.unicodeScalars.map(\.value) } }
    private static let followUp = words(["又讯"])[0]
    private static let report = words(["报道"])[0]
    private static let news = words(["消息"])[0]
    private static let own = words(["本报", "本刊", "本台", "本网"])
    private static let papers = words(["晨报", "晚报", "日报", "早报", "时报", "商报", "快报", "青年报", "都市报", "周报"])
    private static let bylines = words(["记者", "首席记者", "见习记者", "实习记者", "特派记者", "驻沪记者", "通讯员"])
}
