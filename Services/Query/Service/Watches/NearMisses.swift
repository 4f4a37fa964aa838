// What a query misses by one condition: the query with one part left out or made wider, without what it finds already.

import Messages

/// One way in which a query could be wider.
struct RelaxedQuery: Sendable, Hashable {
    enum Change: String, Encodable, Sendable {
        /// The part is left out.
        case without
        /// The words may stand apart.
        case apart
        /// Any number will do.
        case anyNumber = "any-number"
        /// What was excluded is let in.
        case included
    }

    let change: Change
    /// The part that was changed.
    let part: Query
    /// What the wider query finds and the query does not.
    let query: Query
}

enum NearMisses {
    /// Ways that are tried.
    static let limit = 8
    /// Characters among the words of a phrase that is taken apart.
    private static let slop = 10

    /// The ways in which a query could be wider, by one part each.
    static func relaxed(_ query: Query) -> [RelaxedQuery] {
        let parts = conditions(query)
        var result: [RelaxedQuery] = []
        for (place, part) in parts.enumerated() {
            let others = parts.indices.filter { $0 != place }.map { parts[$0] }
            func add(_ change: RelaxedQuery.Change, _ wider: [Query]) {
                guard wider.contains(where: \.isPositive), result.count < limit else { return }
                let found = wider.count == 1 ? wider[0] : Query.and(wider)
                result.append(RelaxedQuery(change: change, part: part, query: .and([found, .not(query)])))
            }
            switch part {
            case .not: add(.included, others)
            case .figure(let subject, _, let unit):
                add(
                    .anyNumber,
                    others + [.figure(subject: subject, range: NumberRange(lower: nil, upper: nil), unit: unit)])
                add(.without, others)
            case .text(let text, let field) where text.count > 2:
                add(.apart, others + [.phrase(text, field: field, slop: slop)])
                add(.without, others)
            case .phrase(let text, let field, let allowed) where allowed < slop && text.count > 1:
                add(.apart, others + [.phrase(text, field: field, slop: slop)])
                add(.without, others)
            default: add(.without, others)
            }
        }
        return result
    }

    /// The conditions that must all hold; words with a space between them are conditions of their own.
    private static func conditions(_ query: Query) -> [Query] {
        switch query {
        case .and(let parts): parts.flatMap(conditions)
        case .boost(let part, _): conditions(part)
        case .text(let text, let field):
            text.split(whereSeparator: \.isWhitespace).map { .text(String($0), field: field) }
        default: [query]
        }
    }
}

extension Query {
    /// Whether it asks for something, so that it does not find nearly everything.
    fileprivate var isPositive: Bool {
        switch self {
        case .all, .none, .not: false
        case .and(let parts): parts.contains(where: \.isPositive)
        case .or(let parts): parts.allSatisfy(\.isPositive)
        case .boost(let part, _): part.isPositive
        default: true
        }
    }
}
