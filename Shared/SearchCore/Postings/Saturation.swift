// BM25's term-frequency part, its field lengths in one byte, and the bounds that are stored with posting blocks.
//
// Robertson, Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.4; the idf is
// ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.
//
//     saturation(tf, length) = tf / (tf + k1 (1 - b + b length / average))      in [0, 1)
//     score(term, document)  = weight * saturation
//
// A length is kept in one byte (`FieldNorm`). The average changes with the collection, so a block's stored bound is
// taken at a reference average R, kept per field. At a query's average A the saturation is at most max(1, A / R) times
// that: with c(x) = k1 (1 - b + b length / x), saturation_A / saturation_R = (tf + c(R)) / (tf + c(A)) <= c(R) / c(A)
// <= A / R when A > R, and at most 1 otherwise.

import Synchronization

/// A field's length in one byte: exact up to 31, then 16 steps an octave; longer than 2^19 counts as 2^19 or so.
enum FieldNorm {
    /// Lengths below this are exact.
    static let exactLimit = 32

    /// The byte for a length; 0 only for an empty or missing field. Never descends as the length grows.
    static func encode(_ length: Int) -> UInt8 {
        guard length >= exactLimit else { return UInt8(max(0, length)) }
        let octave = Int.bitWidth - 1 - length.leadingZeroBitCount
        let step = (length >> (octave - 4)) & 15
        return UInt8(min(255, exactLimit + (octave - 5) * 16 + step))
    }

    /// The least length with this byte.
    static func decode(_ norm: UInt8) -> Int {
        guard norm >= exactLimit else { return Int(norm) }
        let octave = (Int(norm) - exactLimit) / 16 + 5
        let step = (Int(norm) - exactLimit) % 16
        return (16 + step) << (octave - 4)
    }
}

/// Saturation at a given average length, and stored bounds of it.
struct Saturation: Sendable {
    /// Term-frequency saturation. Part of the format, as stored bounds depend on it.
    static let k1 = 1.2
    /// Strength of length normalisation, 0...1. Part of the format.
    static let b = 0.75
    /// Stored bounds are in units of 1 / 65535.
    static let boundUnit = 65535.0

    /// 1 / c(norm), for each norm byte.
    let inverse: [Float]

    /// Tables of the last averages: those of a collection change seldom, and every query needs them.
    private static let known = Mutex<[(average: Double, inverse: [Float])]>([])
    /// Averages remembered; a collection has one for each text field.
    private static let maximumKnown = 16

    /// 1 / c(norm), for each norm byte, at an average length.
    static func inverse(averageLength: Double) -> [Float] {
        if let table = known.withLock({ $0.first { $0.average == averageLength }?.inverse }) { return table }
        let table = Saturation(averageLength: averageLength).inverse
        known.withLock {
            if $0.count >= maximumKnown { $0.removeFirst() }
            $0.append((averageLength, table))
        }
        return table
    }

    init(averageLength: Double) {
        let average = max(averageLength, 1)
        inverse = Self.lengths.map { Float(1 / (Self.k1 * (1 - Self.b + Self.b * $0 / average))) }
    }

    /// Lengths by norm byte: made once, as every query needs them.
    private static let lengths = (0...255).map { Double(FieldNorm.decode(UInt8($0))) }

    /// An upper bound, in 1/65535, of the saturation with tf / c(norm) = `product`. Never descends as the product grows.
    static func bound(product: Float) -> UInt16 {
        let saturation = Double(product) / (1 + Double(product))
        // One unit more covers the rounding of the product's factors to Float.
        return UInt16(min(Self.boundUnit, (saturation * Self.boundUnit).rounded(.up) + 1))
    }
}
