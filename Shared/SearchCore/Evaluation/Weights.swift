// The weights of a plan's leaves, and scores as whole numbers.
//
// A score is an integer: contributions of leaves are computed as Float, cut to integers in units of 2^-exponent, and
// added as integers. Integer sums do not depend on their order, so scores are identical bit by bit whatever the
// segments, the workers and the evaluator, and bounds need no rounding rules. The exponent is chosen for each query so
// that the sum of all weights, which no score exceeds, stays below 2^30: a unit is less than a billionth of it.

import CKernels
import Foundation

/// The natural logarithm of a positive number.
func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// Weights of a plan, from collection-wide statistics.
struct Weights: Sendable {
    /// By leaf: the most it can contribute, in score units.
    let leaves: [Float]
    /// By leaf: the weights of a passage's members, in score units; empty for other leaves.
    let members: [[Int32]]
    /// By field: the mean length over the collection.
    let averageLengths: [Double]
    /// By field: 1 / c(norm) at that length, for each norm byte.
    let inverses: [[Float]]
    /// A score unit is 2^-exponent.
    let exponent: Int

    private static let sumBits = 30

    init(_ plan: Plan, schema: IndexSchema, statistics: CollectionStatistics) {
        self.init(plan, statistics: PlanStatistics(plan, schema: schema, statistics))
    }

    init(_ plan: Plan, statistics: PlanStatistics) {
        averageLengths = statistics.lengths.map(\.average)
        var inverses = [[Float]](repeating: [], count: averageLengths.count)
        var raw: [Double] = []
        var rawMembers: [[Double]] = []
        // Place of the next weight key's documents.
        var place = 0
        /// The inverse document frequency of the next weight key.
        func nextInverse(_ field: Int) -> Double {
            place += 1
            return statistics.inverseDocumentFrequency(field: field, at: place - 1)
        }
        for leaf in plan.leaves {
            let field = leaf.field
            if inverses[field].isEmpty { inverses[field] = Saturation.inverse(averageLength: averageLengths[field]) }
            let weight: Double
            var members: [Double] = []
            switch leaf.match {
            case .term(let key):
                weight = nextInverse(field)
                    * (leaf.association.map { association in
                        // Its two keys were counted for this.
                        place += 2
                        let strength = statistics.collection?.association(of: key, association.first, association.second)
                        return association.chanceWeight + (1 - association.chanceWeight) * (strength ?? 1)
                    } ?? 1)
            case .passage(let passage):
                members = passage.members.map { member in
                    leaf.boost * member.factor * nextInverse(field)
                }
                weight = leaf.boost > 0 ? members.reduce(0, +) / leaf.boost : 0
            case .phrase(let phrase):
                weight = phrase.parts.reduce(0) { sum, part in
                    sum
                        + part.factor
                        * part.keys.reduce(0) { sum, _ in sum + nextInverse(field) }
                }
            case .prefix, .pattern, .chain, .variants, .fuzzy: weight = 1
            }
            raw.append(weight * leaf.boost)
            rawMembers.append(members)
        }
        self.inverses = inverses
        let sum = raw.reduce(0, +)
        // 2^magnitude > sum; the exponent makes the scaled sum less than 2^30.
        let magnitude = sum > 0 ? sum.exponent + 1 : 0
        let exponent = Self.sumBits - Int(magnitude)
        self.exponent = exponent
        leaves = raw.map { Float(scalbn($0, exponent)) }
        // Cut to whole units one by one, so that the sum of some of them does not depend on their order.
        members = rawMembers.map { $0.map { Int32(scalbn($0, exponent)) } }
    }

    /// A score in the usual numbers.
    func value(of score: Int64) -> Double { scalbn(Double(score), -exponent) }
}

/// Turns a leaf's frequencies and norms into contributions.
struct LeafScorer {
    /// The most a posting can contribute.
    let weight: Float
    /// 1 / c(norm) by norm byte, at the collection's mean length.
    let inverse: ScratchBuffer<Float>
    private let boundFactor: Float
    private let boundSlack: Float

    /// - Parameter referenceAverage: the field's mean length in the segment, at which stored bounds were taken.
    init(weight: Float, average: Double, referenceAverage: Double, inverse: ScratchBuffer<Float>) {
        self.weight = weight
        self.inverse = inverse
        let drift = Float(max(1, max(average, 1) / max(referenceAverage, 1)))
        // Outward: a relative slack above the rounding of this product, and an absolute one above that of
        // `contribution`, whose subtraction can be off by a few units in the last place of the weight.
        boundFactor = weight * drift / Float(Saturation.boundUnit) * 1.00001
        boundSlack = weight * 0.000_001 + 1
    }

    /// A posting's contribution. Ascends with the frequency and descends with the norm, in Float arithmetic too:
    /// each of its four roundings is monotone.
    @inline(__always)
    func contribution(frequency: UInt32, norm: UInt8) -> Int32 {
        let product = Float(frequency) * inverse[Int(norm)]
        // Below 2^30, as the weight is; never negative or NaN, as the product is at least 0.
        return Int32(weight - weight / (1 + product))
    }

    /// Contributions of `count` postings of a decoded block, from `first` on.
    /// - Parameter norms: of the whole segment, so that every document of the block has one.
    @inline(__always)
    func contributions(
        _ documents: ScratchBuffer<UInt32>, _ frequencies: ScratchBuffer<UInt32>, from first: Int, count: Int,
        norms: ByteView, into out: ScratchBuffer<Int32>
    ) {
        assert(first + count <= documents.count && count <= out.count)
        // In bounds: documents of a decoded block are below the document count, which is the number of norms.
        unsafe kb_contributions(
            documents.base + first, frequencies.base + first, UInt32(count),
            norms.base.assumingMemoryBound(to: UInt8.self), inverse.base, weight, out.base)
    }

    /// An upper bound of contributions from a stored saturation bound.
    @inline(__always)
    func bound(_ stored: UInt16) -> Int32 {
        Int32(min(Float(stored) * boundFactor, weight) + boundSlack)
    }

    /// The most that any posting contributes.
    var largest: Int32 { Int32(weight + 1) }
}
