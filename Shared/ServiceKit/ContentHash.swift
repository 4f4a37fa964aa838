// The identity of a document that came without name or address: a hash of its bytes.

import CSodium

package enum ContentHash {
    /// Bytes of a hash; 128 bits make an accidental collision among 10^12 documents less likely than 10^-14.
    private static let byteCount = 16

    /// BLAKE2b-128 (RFC 7693, by libsodium) as 32 hexadecimal digits.
    package static func hex(of bytes: [UInt8]) -> String {
        var hash = [UInt8](repeating: 0, count: byteCount)
        // `crypto_generichash` fails only for output lengths outside 16…64.
        let status = unsafe bytes.withUnsafeBufferPointer { input in
            unsafe hash.withUnsafeMutableBufferPointer { output -> Int32 in
                guard let start = output.baseAddress else { return -1 }
                return unsafe crypto_generichash(start, byteCount, input.baseAddress, UInt64(input.count), nil, 0)
            }
        }
        precondition(status == 0, "libsodium refused a hash of \(byteCount) bytes")
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(byteCount * 2)
        for byte in hash {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
