// Rewrites a plan into an equal one that evaluators like better: flat, without empty or certain parts.

/// Simplifies plans; scores and matches stay the same for every document.
enum PlanSimplifier {
    static func simplify(_ node: PlanNode) -> PlanNode {
        switch node {
        case .everything, .nothing, .leaf, .filter: return node
        case .every(let parts): return every(parts.map(simplify))
        case .any(let parts, let minimum): return any(parts.map(simplify), minimum)
        case .complement(let part):
            switch simplify(part) {
            case .everything: return .nothing
            case .nothing: return .everything
            case let simple: return .complement(simple)
            }
        case .adding(let base, let extras):
            let simple = simplify(base)
            if case .nothing = simple { return .nothing }
            let kept = extras.map(simplify).filter { if case .nothing = $0 { false } else { true } }
            return kept.isEmpty ? simple : .adding(base: simple, extras: kept)
        }
    }

    private static func every(_ parts: [PlanNode]) -> PlanNode {
        var kept: [PlanNode] = []
        for part in parts {
            switch part {
            case .nothing: return .nothing
            case .everything: continue
            case .every(let inner): kept += inner
            default: kept.append(part)
            }
        }
        if kept.isEmpty { return .everything }
        return kept.count == 1 ? kept[0] : .every(kept)
    }

    private static func any(_ parts: [PlanNode], _ minimum: Int) -> PlanNode {
        var kept: [PlanNode] = []
        for part in parts {
            switch part {
            case .nothing: continue
            case .any(let inner, 1) where minimum == 1: kept += inner
            default: kept.append(part)
            }
        }
        if kept.count < minimum { return .nothing }
        if kept.count == minimum { return every(kept) }
        return .any(kept, minimum: minimum)
    }
}
