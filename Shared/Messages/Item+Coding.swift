// How an item is written. The fields that were added after the first release (people, doubts, repairs, signature) are
// left out where they are empty, and may be missing when an item is read: items that were stored before stay readable.

extension Item: Codable {
    private enum Key: String, CodingKey {
        case ordinal, title, body, published, events, department, sources, districts, citations, figures, questions,
            language, flags, range, people, doubts, repairs, signature
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        self.init(
            ordinal: try values.decode(Int.self, forKey: .ordinal),
            title: try values.decode(String.self, forKey: .title),
            body: try values.decode(String.self, forKey: .body),
            published: try values.decodeIfPresent(Found<PartialDate>.self, forKey: .published),
            events: try values.decode([Found<PartialDate>].self, forKey: .events),
            department: try values.decodeIfPresent(Found<String>.self, forKey: .department),
            sources: try values.decode([Found<String>].self, forKey: .sources),
            districts: try values.decode([String].self, forKey: .districts),
            citations: try values.decode([String].self, forKey: .citations),
            figures: try values.decode([Figure].self, forKey: .figures),
            questions: try values.decode([QuestionAnswer].self, forKey: .questions),
            language: try values.decode(String.self, forKey: .language),
            flags: try values.decode([String].self, forKey: .flags),
            range: try values.decode(ByteRange.self, forKey: .range),
            people: try values.decodeIfPresent([String].self, forKey: .people) ?? [],
            doubts: try values.decodeIfPresent([Doubt].self, forKey: .doubts) ?? [],
            repairs: try values.decodeIfPresent([Repair].self, forKey: .repairs) ?? [],
            signature: try values.decodeIfPresent(Signature.self, forKey: .signature))
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(ordinal, forKey: .ordinal)
        try values.encode(title, forKey: .title)
        try values.encode(body, forKey: .body)
        try values.encodeIfPresent(published, forKey: .published)
        try values.encode(events, forKey: .events)
        try values.encodeIfPresent(department, forKey: .department)
        try values.encode(sources, forKey: .sources)
        try values.encode(districts, forKey: .districts)
        try values.encode(citations, forKey: .citations)
        try values.encode(figures, forKey: .figures)
        try values.encode(questions, forKey: .questions)
        try values.encode(language, forKey: .language)
        try values.encode(flags, forKey: .flags)
        try values.encode(range, forKey: .range)
        if !people.isEmpty { try values.encode(people, forKey: .people) }
        if !doubts.isEmpty { try values.encode(doubts, forKey: .doubts) }
        if !repairs.isEmpty { try values.encode(repairs, forKey: .repairs) }
        try values.encodeIfPresent(signature, forKey: .signature)
    }
}
