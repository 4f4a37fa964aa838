// The signature of a text (see `Signature` for what it is used for).
//
//     characters  ideographs, letters and digits of the text, letters in lower case, full-width forms as ASCII; white
//                 space and marks do not count, so that recognised and re-typeset copies stay alike
//     shingles    every run of five characters, by a 64-bit hash; a text with fewer than `fewestShingles` has no signature
//     bins        the hash's upper 6 bits choose one of 64 bins; a bin keeps its least hash
//     lane        16 bits of a bin's least hash; an empty bin takes those of another bin
//
// One pass with one hash a shingle instead of 64: P. Li, A. Owen, C.-H. Zhang, "One Permutation Hashing", NIPS 2012.
// Empty bins are filled as in A. Shrivastava, "Optimal Densification for Fast and Accurate Minwise Hashing", ICML 2017:
// the bin to copy from is drawn by a hash of the empty one's number and the attempt, so that two signatures draw alike.
// Keeping 16 bits of a hash: P. Li, A. C. König, "b-Bit Minwise Hashing", WWW 2010.

import Messages

/// Makes the signature of one text, part by part.
struct SignatureMaker {
    /// Characters of a shingle. Five Chinese characters are two or three words: long enough to be rare.
    static let shingleLength = 5
    /// Texts with fewer shingles have no signature: two such texts are alike by chance.
    static let fewestShingles = 8
    private static let binCount = 64

    private var bins = [UInt64](repeating: .max, count: binCount)
    private var window = Window()
    private var shingles = 0

    /// The signature of `parts`, read one after the other; nil for next to no text.
    static func signature(of parts: [String]) -> Signature? {
        var maker = SignatureMaker()
        for part in parts { maker.add(part.unicodeScalars.map(\.value)) }
        return maker.signature()
    }

    /// Reads on.
    /// - Complexity: linear in the length of the text.
    mutating func add(_ scalars: [UInt32]) {
        let kinds = CharacterClass.lookup
        var pass = begin()
        for scalar in scalars {
            let kind = kinds[scalar]
            guard !kind.isDisjoint(with: [.ideograph, .letter, .digit]) else { continue }
            pass.push(scalar, isIdeograph: kind.contains(.ideograph))
        }
        end(pass)
    }

    /// The maker's state as a local value of a loop.
    struct Pass {
        fileprivate var window: Window
        fileprivate var bins: [UInt64]
        fileprivate var shingles: Int

        /// Takes an ideograph, letter or digit.
        @inline(__always)
        mutating func push(_ scalar: UInt32, isIdeograph: Bool) {
            guard let hash = window.push(isIdeograph ? scalar : SignatureMaker.folded(scalar)) else { return }
            shingles += 1
            let bin = Int(hash >> 58)
            if hash < bins[bin] { bins[bin] = hash }
        }
    }

    /// Gives its state up to a loop; `end` takes it back.
    mutating func begin() -> Pass {
        defer { bins = [] }
        return Pass(window: window, bins: bins, shingles: shingles)
    }

    mutating func end(_ pass: Pass) { (window, bins, shingles) = (pass.window, pass.bins, pass.shingles) }

    /// The signature of what was read; nil for next to no text.
    func signature() -> Signature? {
        shingles >= Self.fewestShingles ? Signature(words: Self.words(Self.filled(bins))) : nil
    }

    /// A letter or digit in lower case and as ASCII where it has a full-width form.
    private static func folded(_ scalar: UInt32) -> UInt32 {
        let ascii = (0xFF01...0xFF5E).contains(scalar) ? scalar - 0xFEE0 : scalar
        return (0x41...0x5A).contains(ascii) ? ascii + 0x20 : ascii
    }

    /// The last characters, as one polynomial hash that is moved on in constant time.
    fileprivate struct Window {
        private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        /// `factor` to the power of the shingle's length.
        private static let leaving = (0..<shingleLength).reduce(UInt64(1)) { power, _ in power &* factor }
        private var ring = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        private var sum: UInt64 = 0
        private var count = 0

        /// The hash of the last five characters; nil for the first four.
        @inline(__always)
        mutating func push(_ character: UInt32) -> UInt64? {
            let entering = UInt64(character)
            sum = sum &* Self.factor &+ entering &- ring.0 &* Self.leaving
            ring = (ring.1, ring.2, ring.3, ring.4, entering)
            count += 1
            return count >= shingleLength ? SignatureMaker.mixed(sum) : nil
        }
    }

    /// A hash whose every bit depends on all bits of `value` (the finaliser of SplitMix64; Steele, Lea, Flood, 2014).
    @inline(__always)
    static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// `bins` with every empty one copied from one that is not.
    private static func filled(_ bins: [UInt64]) -> [UInt64] {
        var result = bins
        for bin in bins.indices where bins[bin] == .max {
            var attempt: UInt64 = 0
            var donor = bin
            // At least one bin is not empty, and the draws reach every bin.
            while bins[donor] == .max {
                attempt += 1
                donor = Int(mixed(UInt64(bin) << 32 | attempt) >> 58)
            }
            result[bin] = bins[donor]
        }
        return result
    }

    /// Four lanes of 16 bits to a word.
    private static func words(_ bins: [UInt64]) -> [UInt64] {
        var words = [UInt64](repeating: 0, count: Signature.wordCount)
        for (bin, hash) in bins.enumerated() { words[bin / 4] |= (hash & 0xFFFF) << UInt64(bin % 4 * 16) }
        return words
    }
}
