// Tables of the legacy Chinese encodings.
//
// A legacy encoding is decoded by table and not by iconv(3) itself, because every character needs its place in the
// original, which one call over a whole buffer does not tell, and one call a character is slow. The tables are asked of
// iconv once, at first use (24,066 pairs, about 3 ms), so that no table is carried in the source.

import Glibc

/// From byte pairs, and for GB18030 also from byte quadruples, to Unicode scalar values.
struct LegacyTable: Sendable {
    /// The least and greatest first byte of a pair.
    static let leads: ClosedRange<UInt8> = 0x81...0xFE
    /// The least and greatest second byte of a pair.
    static let trails: ClosedRange<UInt8> = 0x40...0xFE

    /// Scalar values by (lead - 0x81) * 191 + (trail - 0x40); 0 where a pair means nothing.
    let pairs: [UInt32]
    /// Scalar values of the four-byte codes below U+10000, by linear index; empty for Big5.
    let quadruples: [UInt32]

    /// GB18030, of which GBK and GB2312 are parts; nil where the system's converter is not installed.
    static let gb18030 = LegacyTable(iconvName: "GB18030", readsQuadruples: true)
    /// Big5 with the Hong Kong supplement; nil where the system's converter is not installed.
    static let big5 = LegacyTable(iconvName: "BIG5-HKSCS", readsQuadruples: false)

    /// The scalar value of a pair; 0 where it means nothing.
    @inline(__always)
    func scalar(_ lead: UInt8, _ trail: UInt8) -> UInt32 {
        guard Self.leads.contains(lead), Self.trails.contains(trail) else { return 0 }
        return pairs[(Int(lead) - 0x81) * 191 + Int(trail) - 0x40]
    }

    /// The scalar value of a GB18030 quadruple; 0 where it means nothing.
    func scalar(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) -> UInt32 {
        guard Self.leads.contains(first), (0x30...0x39).contains(second), Self.leads.contains(third),
            (0x30...0x39).contains(fourth)
        else { return 0 }
        let linear =
            ((Int(first) - 0x81) * 10 + Int(second) - 0x30) * 1260 + (Int(third) - 0x81) * 10 + Int(fourth) - 0x30
        if linear < quadruples.count { return quadruples[linear] }
        // The supplementary planes follow one another from 0x90308130 on.
        let supplementary = linear - 189_000 + 0x10000
        return (0x10000...0x10FFFF).contains(supplementary) ? UInt32(supplementary) : 0
    }

    private init?(iconvName: String, readsQuadruples: Bool) {
        guard let converter = PairConverter(from: iconvName) else { return nil }
        var pairs: [UInt32] = []
        pairs.reserveCapacity(126 * 191)
        for lead in Self.leads {
            for trail in Self.trails { pairs.append(converter.scalar([lead, trail])) }
        }
        var quadruples: [UInt32] = []
        if readsQuadruples {
            // Everything below U+10000 that has four bytes starts with 0x81…0x84.
            for linear in 0..<(4 * 12_600) {
                let bytes = [
                    UInt8(0x81 + linear / 12_600), UInt8(0x30 + linear / 1260 % 10), UInt8(0x81 + linear / 10 % 126),
                    UInt8(0x30 + linear % 10),
                ]
                quadruples.append(converter.scalar(bytes))
            }
        }
        self.pairs = pairs
        self.quadruples = quadruples
    }
}

/// Owns one iconv descriptor; safe because the descriptor never leaves it and is closed once.
@safe
private struct PairConverter: ~Copyable {
    private let descriptor: iconv_t

    init?(from name: String) {
        let opened = unsafe iconv_open("UTF-32LE", name)
        // iconv_open answers (iconv_t)-1 where it cannot.
        guard let valid = unsafe opened, Int(bitPattern: valid) != -1 else { return nil }
        unsafe descriptor = valid
    }

    deinit {
        unsafe iconv_close(descriptor)
    }

    /// The one scalar value that `bytes` stand for; 0 where they stand for none or for several.
    func scalar(_ bytes: [UInt8]) -> UInt32 {
        var input = bytes.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: 8)
        var inputLeft = input.count
        var outputLeft = output.count
        let result = unsafe input.withUnsafeMutableBufferPointer { inputBuffer in
            unsafe output.withUnsafeMutableBufferPointer { outputBuffer in
                var inputPointer = inputBuffer.baseAddress
                var outputPointer = outputBuffer.baseAddress
                return unsafe iconv(descriptor, &inputPointer, &inputLeft, &outputPointer, &outputLeft)
            }
        }
        guard result == 0, inputLeft == 0, outputLeft == 4 else {
            // Leave no half-read sequence behind for the next call.
            _ = unsafe iconv(descriptor, nil, nil, nil, nil)
            return 0
        }
        let scalar = (0..<4).reduce(UInt32(0)) { $0 | UInt32(UInt8(bitPattern: output[$1])) << UInt32($1 * 8) }
        return Unicode.Scalar(scalar) == nil ? 0 : scalar
    }
}
