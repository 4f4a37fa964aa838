// What the page as a whole says, given to its items: dates, departments and sources from front matter, `meta` elements and
// hints, and the chain of a repost.
//
// A repost names where it took its text from in its first paragraphs (“上海发布”微信公众号消息, 据新华社报道). The source named
// there is the primary one and comes first, with the rule `quoted-source`; the outlet that published the page follows with
// the rule `repost`.

import Messages

/// Fills items from what governs the page.
struct PageFields {
    let context: SplitContext

    /// How many paragraphs of a body may name where it was taken from.
    private static let quotingParagraphs = 3

    func fill(_ split: inout Split) {
        let metadata = context.reading.metadata
        let hintedYear = YearInference.hintedYear(context.description)
        // A digest of ours says of each entry all that is known; what it leaves out stays unknown.
        let isInferred = !context.reading.keepsLines
        for index in split.drafts.indices {
            if isInferred { fillDate(&split.drafts[index], metadata.published, isOnly: split.drafts.count == 1) }
            if split.drafts[index].published?.value.year == nil, let hintedYear, split.drafts[index].published != nil {
                split.drafts[index].published?.value.year = hintedYear
                split.drafts[index].published?.basis.rule = "hint"
            }
            if let department = context.description.hints["department"], split.drafts[index].department == nil {
                split.drafts[index].department = Found(department, Basis(rule: "hint", certainty: 0.95))
            }
            if isInferred { fillSources(&split.drafts[index], isOnly: split.drafts.count == 1) }
        }
    }

    private func fillDate(_ draft: inout Draft, _ page: Found<PartialDate>?, isOnly: Bool) {
        if let page {
            guard let own = draft.published else {
                draft.published = page
                return
            }
            guard isOnly else { return }
            let isTimed = own.value.minuteOfDay == nil && page.value.minuteOfDay != nil
            let isSameDay = own.value.day == page.value.day && own.value.month == page.value.month
            let isSurer = page.basis.rule == "hint" || own.basis.certainty < page.basis.certainty
            if isTimed && isSameDay || isSurer { draft.published = page }
        } else if draft.published == nil {
            draft.published = DispatchDate(context: context).find(draft.body, isOnly: isOnly)
        }
    }

    private func fillSources(_ draft: inout Draft, isOnly: Bool) {
        if let quoted = quotedSource(draft) {
            draft.sources = [quoted] + draft.sources.filter { $0.value != quoted.value }.map(reposted)
        }
        if draft.sources.isEmpty, context.reading.metadata.outlet == nil, let issuer = draft.department,
            issuer.basis.rule == "label" || issuer.basis.rule == "signature"
        {
            // A document whose page names no source comes from the body that issued it.
            draft.sources = [Found(issuer.value, Basis(rule: "issuer", range: issuer.basis.range, certainty: 0.7))]
        }
        if draft.sources.isEmpty, context.reading.metadata.outlet == nil, isOnly, let site = context.reading.metadata.site {
            draft.sources = [site]
        }
        guard let outlet = context.reading.metadata.outlet, !draft.sources.contains(where: { $0.value == outlet.value })
        else { return }
        if draft.sources.isEmpty {
            draft.sources = [outlet]
        } else if isOnly {
            // The page's own outlet published what another one wrote.
            draft.sources.append(reposted(outlet))
        }
    }

    private func reposted(_ source: Found<String>) -> Found<String> {
        var result = source
        result.basis.rule = "repost"
        return result
    }

    /// `“上海发布”微信公众号消息，…`, `据“上海发布”消息`, `据新华社报道`.
    private func quotedSource(_ draft: Draft) -> Found<String>? {
        for index in draft.body.prefix(Self.quotingParagraphs) {
            let text = ScalarTextPrefix.of(index, context, characters: 60)
            if let english = EnglishDispatch.read(text.scalars), context.sourceReader.isKnown(text.scalars, english.agency) {
                return context.names(text, english.agency, rule: "dispatch", certainty: 0.85).first
            }
            if let range = Self.quotedName(text.scalars) {
                let first = text.scalars[range.lowerBound]
                let isQuoted = first == 0x201C || first == 0x22 || first == 0x300C
                guard isQuoted || context.sourceReader.isKnown(text.scalars, range) else { continue }
                return context.names(text, range, rule: "quoted-source", certainty: 0.85).first
            }
        }
        return nil
    }

    private static let endings = [
        "微信公众号消息", "微信公众号发布", "微信公众号", "官方微信消息", "微信消息", "官方微博消息", "微博消息", "客户端消息", "公众号消息", "网站消息",
        "消息", "报道", "电", "微博", "微信",
    ].map { $0.unicodeScalars.map(\.value) }

    /// The end of the name in `“上海发布”7月25日`.
    private static func withoutDate(_ scalars: [UInt32], _ range: Range<Int>) -> Int {
        for index in range.dropFirst(2) where Numerals.digit(scalars[index]) != nil {
            if let match = DateReader.read(scalars, at: index), match.end <= range.upperBound { return index }
        }
        return range.upperBound
    }

    /// The range of the name at the start of a paragraph that says where its news is from.
    static func quotedName(_ scalars: [UInt32]) -> Range<Int>? {
        var start = 0
        let isQuoting = scalars.first == 0x636E || scalars.first == 0x64DA  // 据 據
        if isQuoting { start = 1 }
        guard start < scalars.count else { return nil }
        for index in (start + 2)..<max(start + 2, min(scalars.count, start + 24)) {
            if CharacterClass.of(scalars[index]).contains(.clauseMark)
                || CharacterClass.of(scalars[index]).contains(.sentenceEnd)
            {
                return nil
            }
            guard let ending = endings.first(where: { scalars[index...].starts(with: $0) }) else { continue }
            let after = index + ending.count
            let isEnd = after >= scalars.count || CharacterClass.of(scalars[after]).contains(.clauseMark)
            let isQuoted = scalars[start] == 0x201C || scalars[start] == 0x22 || scalars[start] == 0x300C
            // Without quotes or 据 the words would match any sentence that says 消息.
            guard isQuoting || isQuoted, isEnd || ending.count > 2 else { continue }
            return start..<withoutDate(scalars, start..<index)
        }
        return nil
    }
}

/// The first characters of a paragraph with their places.
enum ScalarTextPrefix {
    static func of(_ paragraph: Int, _ context: SplitContext, characters: Int) -> ScalarText {
        var text = ScalarText()
        guard let line = context.paragraphs.all[paragraph].lines.first else { return text }
        let range = context.reading.lines[line].text
        var end = min(range.upperBound, range.lowerBound + characters * 3)
        while end < range.upperBound, context.reading.text[end] & 0xC0 == 0x80 { end += 1 }
        text.append(context.reading.text, range.lowerBound..<end)
        return text
    }
}
