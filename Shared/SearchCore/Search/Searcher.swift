// Runs searches over a snapshot: plan, statistics, one segment after the other, hits in order of results.

package import Analysis
package import Messages

/// Searches collections of one schema. A value without state: share it freely.
package struct Searcher: Sendable {
    /// Which evaluator answers. They return the same hits, scores and order.
    package enum Evaluator: Sendable {
        /// The fastest that suits the query.
        case pruned
        /// The slow definition, for comparison.
        case exhaustive
    }

    let schema: IndexSchema
    private let analyzer: Analyzer
    private let evaluator: Evaluator
    private let ranking: RankingParameters

    package init(
        schema: IndexSchema, analyzer: Analyzer = Analyzer(), evaluator: Evaluator = .pruned,
        ranking: RankingParameters = .standard
    ) {
        self.schema = schema
        self.analyzer = analyzer
        self.evaluator = evaluator
        self.ranking = ranking
    }

    /// The sums over the snapshot that the query's scores need; add those of all workers before searching.
    /// - Throws: `invalidQuery`, `queryTooComplex`, `corrupt`.
    package func statistics(for query: Query, in snapshot: IndexSnapshot) throws(SearchCoreError)
        -> CollectionStatistics
    {
        let plan = try PlanCompiler.compile(query, schema: schema, analyzer: analyzer, ranking: ranking)
        return try CollectionStatistics(for: plan, schema: schema, views: snapshot.views)
    }

    /// Searches all segments of the snapshot.
    ///
    /// The result has the best `offset + limit` hits: `PartialResult.merge` of all parts drops the offset.
    /// - Parameter isCancelled: asked about every 4096 documents; true ends the search.
    /// - Throws: `invalidQuery`, `queryTooComplex`, `corrupt`, `cancelled`.
    package func search(
        _ search: SearchPlan, in snapshot: IndexSnapshot, isCancelled: @escaping () -> Bool = { false }
    ) throws(SearchCoreError) -> PartialResult {
        guard search.limit >= 0, search.offset >= 0, search.limit <= SearchPlan.maximumHits,
            search.offset <= SearchPlan.maximumHits - search.limit
        else {
            throw SearchCoreError(
                .invalidQuery,
                "\(search.offset)+\(search.limit) hits; at most \(SearchPlan.maximumHits) can be asked for")
        }
        let plan = try PlanCompiler.compile(search.query, schema: schema, analyzer: analyzer, ranking: ranking)
        let maps = snapshot.views.map { FieldMap(of: schema, in: $0.reader.schema) }
        let statistics: PlanStatistics
        if let given = search.statistics {
            statistics = PlanStatistics(plan, schema: schema, given)
        } else {
            statistics = try PlanStatistics(plan, schema: schema, views: snapshot.views, maps: maps)
        }
        let weights = Weights(plan, statistics: statistics)
        let wanted = search.offset + search.limit
        var result = PartialResult()
        var facets: [String: [FacetResult]] = [:]
        for (place, view) in snapshot.views.enumerated() {
            let context = SegmentContext(
                view: view, plan: plan, weights: weights, fields: maps[place],
                found: place < statistics.found.count ? statistics.found[place] : FoundTerms(), isCancelled: isCancelled)
            // Keys above the worst of enough hits found already are beaten.
            let worst = wanted > 0 && result.hits.count >= wanted ? result.hits[wanted - 1].place.key : Int64.max
            let run = try SegmentSearch(search, schema: schema, context: context, wanted: wanted, worstKey: worst)
            var part = PartialResult()
            let local = try run.evaluate(evaluator, into: &part)
            var hits: [Hit] = []
            hits.reserveCapacity(local.count)
            for found in local {
                var hit = try self.hit(found.hit, view, search.order, weights)
                hit.group = found.group
                hits.append(hit)
            }
            result.merge(hits: hits, limit: wanted)
            result.total = saturatingSum(result.total, part.total)
            result.isTotalExact = result.isTotalExact && part.isTotalExact
            for (field, facet) in part.facets { facets[field, default: []].append(facet) }
            result.histogram.merge(part.histogram)
        }
        result.facets = facets.mapValues(FacetResult.merged)
        return result
    }

    /// The stored bytes of hits, in the order asked for.
    /// - Throws: `invalidQuery` when a hit's segment is not in the snapshot, `corrupt`.
    package func fetch(_ references: [HitReference], in snapshot: IndexSnapshot) throws(SearchCoreError) -> [[UInt8]] {
        // By segment and document, so that hits of one block are read together.
        let order = references.indices.sorted {
            (references[$0].segmentID, references[$0].docID) < (references[$1].segmentID, references[$1].docID)
        }
        var result = [[UInt8]](repeating: [], count: references.count)
        let decoder = ZstdDecoder()
        var segment: String?
        var reader: DocumentStoreReader?
        for place in order {
            let reference = references[place]
            if reference.segmentID != segment {
                guard let view = snapshot.views.first(where: { $0.id == reference.segmentID }) else {
                    throw SearchCoreError(.invalidQuery, "segment \(reference.segmentID) is not in this snapshot")
                }
                reader = DocumentStoreReader(view.reader.store)
                segment = reference.segmentID
            }
            if let stored = try reader?.read(Int(reference.docID), with: decoder) { result[place] = stored }
        }
        return result
    }

    func compiled(_ query: Query) throws(SearchCoreError) -> Plan {
        try PlanCompiler.compile(query, schema: schema, analyzer: analyzer, ranking: ranking)
    }

    private func hit(
        _ local: LocalHit, _ view: SegmentView, _ order: HitOrder, _ weights: Weights
    ) throws(SearchCoreError) -> Hit {
        let place = HitPlace(
            key: local.key, documentID: try view.reader.documentID(of: local.document), itemOrdinal: local.itemOrdinal)
        return Hit(
            reference: HitReference(segmentID: view.id, docID: local.document),
            score: order == .relevance ? weights.value(of: -local.key) : 0, place: place,
            version: view.reader.version(of: local.document))
    }
}
