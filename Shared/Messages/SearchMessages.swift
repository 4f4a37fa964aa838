// The ask link, and the same search over HTTP: a request from any client and the gateway's reply.

/// A search by any client. Exactly one of `q` and `query` is given.
package struct SearchRequest: Codable, Sendable, Hashable {
    package var collection: String
    /// The query as text, in the query language.
    package var q: String?
    /// The query as a tree.
    package var query: Query?
    /// Hits to return, 0…1000; 10 unless given.
    package var limit: Int?
    /// Hits to pass over, 0…10000; 0 unless given.
    package var offset: Int?
    /// Goes on behind the hits of an earlier answer, on the version that it saw: that answer's `cursor`. Not with `offset`.
    package var cursor: String?
    package var sort: RequestedOrder?
    /// A field of a declared collection that hits are ordered by; `-` before it reverses. Not with `sort`.
    package var order: String?
    /// A place: hits come nearest first, with their distances. `31.23,121.47`, `gcj02:31.23,121.47`, or with a field's
    /// name before an `@`. Not with `sort` and `order`.
    package var near: String?
    /// Keyword fields whose values are counted.
    package var facets: [String]?
    /// True counts hits by month of publication.
    package var histogram: Bool?
    /// Longest snippet in characters, 20…1000; 120 unless given.
    package var snippetCharacters: Int?
    /// True says of each hit which parts of the query it met, and where.
    package var explain: Bool?
    /// True puts near-duplicates of a hit under it, as its `copies`; among the hits of one answer.
    package var collapse: Bool?
    /// Keyword fields: of the hits with the same values of all of them only the first is shown. Not with `cursor`.
    package var collapseBy: [String]?
    /// `2020-03-20`: only the editions that were in force on that day, of a collection whose records' identity has a date.
    package var asOf: String?
    /// Time allowed in milliseconds, 1…60000; 5000 unless given.
    package var timeoutMilliseconds: Int?
    /// Over the ask link an API key or a tenant token; HTTP has it in its header.
    package var key: String?

    package init(
        collection: String, q: String? = nil, query: Query? = nil, limit: Int? = nil, offset: Int? = nil,
        cursor: String? = nil, sort: RequestedOrder? = nil, order: String? = nil, near: String? = nil,
        facets: [String]? = nil, histogram: Bool? = nil, snippetCharacters: Int? = nil, explain: Bool? = nil,
        collapse: Bool? = nil, collapseBy: [String]? = nil, asOf: String? = nil, timeoutMilliseconds: Int? = nil,
        key: String? = nil
    ) {
        self.key = key
        self.collection = collection
        self.q = q
        self.query = query
        self.limit = limit
        self.offset = offset
        self.cursor = cursor
        self.sort = sort
        self.order = order
        self.near = near
        self.facets = facets
        self.histogram = histogram
        self.snippetCharacters = snippetCharacters
        self.explain = explain
        self.collapse = collapse
        self.collapseBy = collapseBy
        self.asOf = asOf
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

/// How hits are ordered; ties go by identity.
package enum RequestedOrder: String, Codable, Sendable, CaseIterable {
    case relevance
    case newest
    case oldest
}

/// The gateway's answer, as its clients read it.
package typealias SearchReply = SearchAnswer<SearchHit>

/// The gateway's answer; its hits may still be encoded.
package struct SearchAnswer<Shown: Codable & Sendable>: Codable, Sendable {
    /// The collection's version that was searched.
    package var version: Int64
    /// True when every segment of the version was searched.
    package var complete: Bool
    /// Documents that match, exact over the segments searched.
    package var total: Int
    package var hits: [Shown]
    /// Goes on behind the last hit, on this version; absent where there is none behind it.
    package var cursor: String?
    package var facets: [String: [FacetCount]]?
    /// Hits by month, oldest first.
    package var histogram: [FacetCount]?
    /// How the query was understood, printed in the query language.
    package var understood: String
    /// Where nothing was found: queries that may have been meant, the likeliest first; absent where none is known.
    package var corrections: [CorrectedQuery]?
    /// Milliseconds of each part: `parse`, `statistics`, `search`, `fetch`, `corrections`, `total`.
    package var timings: [String: Double]
    package var workers: [WorkerAnswer]

    package init(
        version: Int64, complete: Bool, total: Int, hits: [Shown], cursor: String? = nil,
        facets: [String: [FacetCount]]?, histogram: [FacetCount]?, understood: String, timings: [String: Double],
        workers: [WorkerAnswer]
    ) {
        self.version = version
        self.complete = complete
        self.total = total
        self.hits = hits
        self.cursor = cursor
        self.facets = facets
        self.histogram = histogram
        self.understood = understood
        self.timings = timings
        self.workers = workers
    }
}

extension SearchAnswer {
    /// The same with each hit changed.
    package func mapHits<Other>(_ change: (Shown) throws -> Other) rethrows -> SearchAnswer<Other> {
        var answer = SearchAnswer<Other>(
            version: version, complete: complete, total: total, hits: try hits.map(change), cursor: cursor, facets: facets,
            histogram: histogram, understood: understood, timings: timings, workers: workers)
        answer.corrections = corrections
        return answer
    }
}

/// One value of a field and the number of hits that have it.
package struct FacetCount: Codable, Sendable, Hashable {
    package var value: String
    package var count: Int

    package init(value: String, count: Int) {
        self.value = value
        self.count = count
    }
}

/// A worker's part in an answer.
package struct WorkerAnswer: Codable, Sendable, Hashable {
    package var name: String
    package var segments: Int
    package var milliseconds: Double

    package init(name: String, segments: Int, milliseconds: Double) {
        self.name = name
        self.segments = segments
        self.milliseconds = milliseconds
    }
}

/// A text with the ranges to mark: half-open, in Unicode scalars of `text`, ascending and disjoint.
package struct MarkedText: Codable, Sendable, Hashable {
    package var text: String
    package var marks: [[Int]]

    package init(text: String, marks: [[Int]]) {
        self.text = text
        self.marks = marks
    }
}

/// One item found.
package struct SearchHit: Codable, Sendable, Hashable {
    /// `<document>#<ordinal>`.
    package var id: String
    package var document: String
    package var ordinal: Int
    package var score: Double
    package var title: MarkedText
    package var snippet: MarkedText
    /// ISO 8601, truncated where a part is unknown (`--02-08`).
    package var date: String?
    package var dateBasis: String?
    package var department: String?
    package var departmentBasis: String?
    package var sources: [String]
    /// The source file or address.
    package var file: String?
    /// Bytes of the original that hold the item.
    package var range: ByteRange
    package var flags: [String]
    /// Why it was found; only if asked for.
    package var explanation: Explanation?
    /// Hits behind this one that say nearly the same; only if asked for.
    package var copies: [SearchHit]?
    /// Readings of damaged words by which it was found.
    package var readings: [HitReading]?
    /// For a near-duplicate of another item: the estimated share of text that both have, 0…1.
    package var similarity: Double?
    /// What near-duplicates are told by; only between workers and gateway.
    package var signature: Signature?
    /// The record, in declared collections.
    package var record: ShownRecord?
    /// Metres from the place that was asked for.
    package var distance: Double?

    package init(
        id: String, document: String, ordinal: Int, score: Double, title: MarkedText, snippet: MarkedText,
        date: String?, dateBasis: String?, department: String?, departmentBasis: String?, sources: [String],
        file: String?, range: ByteRange, flags: [String], explanation: Explanation? = nil,
        copies: [SearchHit]? = nil, signature: Signature? = nil, record: ShownRecord? = nil, distance: Double? = nil
    ) {
        self.id = id
        self.document = document
        self.ordinal = ordinal
        self.score = score
        self.title = title
        self.snippet = snippet
        self.date = date
        self.dateBasis = dateBasis
        self.department = department
        self.departmentBasis = departmentBasis
        self.sources = sources
        self.file = file
        self.range = range
        self.flags = flags
        self.explanation = explanation
        self.copies = copies
        self.signature = signature
        self.record = record
        self.distance = distance
    }
}

/// A damaged word as it stands in the text, and how it was read to find the item.
package struct HitReading: Codable, Sendable, Hashable {
    package var found: String
    package var suggestion: String

    package init(found: String, suggestion: String) {
        self.found = found
        self.suggestion = suggestion
    }
}

/// Why one item was found.
package struct Explanation: Codable, Sendable, Hashable {
    /// One sentence for people, in Chinese.
    package var words: String
    /// The parts of the query that the item met, in the query's order.
    package var clauses: [ExplainedClause]

    package init(words: String, clauses: [ExplainedClause]) {
        self.words = words
        self.clauses = clauses
    }
}

/// One part of a query that an item met.
package struct ExplainedClause: Codable, Sendable, Hashable {
    /// The part, printed in the query language.
    package var clause: String
    /// What it alone scores; 0 for conditions that do not rank.
    package var score: Double
    /// The text fields where it stands, with the number of places in each.
    package var fields: [FacetCount]

    package init(clause: String, score: Double, fields: [FacetCount]) {
        self.clause = clause
        self.score = score
        self.fields = fields
    }
}
