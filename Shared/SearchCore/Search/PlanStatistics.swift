// The numbers that the weights of one plan are made from, by place instead of by name.
//
// A short query spent a tenth of its time on texts and dictionaries of them, and looked every term up twice: for its documents,
// and for its list. Here the counts stand in the order of the plan's leaves, and what was found of a term is kept for the
// evaluators.

/// Sums over a collection for one plan.
struct PlanStatistics {
    /// By field of the schema: of its fields that the plan asks.
    private(set) var lengths: [FieldLengths]
    /// Documents of each leaf's weight keys, one leaf after the other.
    private(set) var frequencies: [Int] = []
    /// For the associations of pairs, which look at all fields; nil where the plan has none.
    private(set) var collection: CollectionStatistics?
    /// By view: what its dictionaries know of the plan's terms.
    private(set) var found: [FoundTerms] = []

    /// From sums that are known by name.
    init(_ plan: Plan, schema: IndexSchema, _ collection: CollectionStatistics) {
        self.collection = collection
        lengths = schema.fields.map { collection.lengths[$0.name] ?? FieldLengths() }
        for leaf in plan.leaves {
            let counts = collection.documentFrequencies[schema.fields[leaf.field].name] ?? [:]
            Plan.forEachWeightKey(leaf) { frequencies.append(counts[String(decoding: $0, as: UTF8.self)] ?? 0) }
        }
    }

    /// The sums over the live documents of the views.
    /// - Parameter maps: the fields of each view.
    /// - Complexity: O(terms · segments), plus the postings of the terms in segments with deleted documents.
    init(_ plan: Plan, schema: IndexSchema, views: [SegmentView], maps: [FieldMap]) throws(SearchCoreError) {
        guard !plan.leaves.contains(where: { $0.association != nil }) else {
            self.init(plan, schema: schema, try CollectionStatistics(for: plan, schema: schema, views: views))
            return
        }
        self.init(fieldCount: schema.fields.count)
        for (number, leaf) in plan.leaves.enumerated() {
            let isFirst = !plan.leaves[..<number].contains { $0.field == leaf.field }
            guard isFirst else { continue }
            for (view, map) in zip(views, maps) {
                if let field = map[leaf.field] { lengths[leaf.field].merge(view.lengths(field: field)) }
            }
        }
        found = [FoundTerms](repeating: FoundTerms(), count: views.count)
        for leaf in plan.leaves {
            var keys: [[UInt8]] = []
            Plan.forEachWeightKey(leaf) { keys.append($0) }
            for key in keys {
                var count = 0
                for (place, view) in views.enumerated() {
                    guard let field = maps[place][leaf.field] else { continue }
                    count += try view.liveDocumentFrequency(field: field, key: key, found: &found[place])
                }
                frequencies.append(count)
            }
        }
    }

    private init(fieldCount: Int) {
        lengths = [FieldLengths](repeating: FieldLengths(), count: fieldCount)
    }

    /// Inverse document frequency of the weight key at `place`, of a leaf in `field`.
    func inverseDocumentFrequency(field: Int, at place: Int) -> Double {
        CollectionStatistics.inverseDocumentFrequency(
            documents: lengths[field].documentCount, frequency: frequencies[place])
    }
}

/// What a segment's dictionaries know of some terms. For a few terms: they are looked through one by one.
struct FoundTerms {
    private var terms: [(field: Int, key: [UInt8], info: TermInfo?)] = []

    /// Beyond this the dictionary is quicker.
    private static let maximumTerms = 24

    /// - Parameters:
    ///   - field: of the segment.
    ///   - info: nil where the field has no such term.
    mutating func note(field: Int, key: [UInt8], _ info: TermInfo?) {
        if terms.count < Self.maximumTerms { terms.append((field, key, info)) }
    }

    /// What is known of a term; nil where it was not looked up, or too many were.
    func info(field: Int, key: [UInt8]) -> TermInfo?? {
        for term in terms where term.field == field && term.key == key { return .some(term.info) }
        return nil
    }
}
