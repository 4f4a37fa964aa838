// How a payload stands in the table `batch`: as it is, or compressed with zstd where that saves something.
//
// `plain_bytes` is NULL for a payload that stands as it is, else the number of bytes that must come out. Chinese text
// shrinks to about a half, parsed records to about a third, at some 400 MB/s a core: less than the disk would need for them.

import CZstd
import Foundation

enum PayloadCodec {
    /// Shorter payloads are not worth the call, which takes longer than all else that is done with a record of 300 bytes and saves
    /// a fifth of it (28 % of the ingest gateway's time with 100,000 registrations).
    private static let leastBytes = 512
    /// zstd's level; 1 is its fastest usual one, because one thread writes for everybody.
    private static let level: Int32 = 1

    /// The stored form and, where it is compressed, the number of bytes that it stands for.
    static func pack(_ payload: [UInt8]) -> (stored: Data, plainBytes: Int?) {
        guard payload.count >= leastBytes else { return (Data(payload), nil) }
        // One that does not become shorter by an eighth stays as it is.
        let limit = payload.count - payload.count / 8
        var size = 0
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, used in
            size = unsafe payload.withUnsafeBytes {
                unsafe ZSTD_compress(buffer.baseAddress, limit, $0.baseAddress, $0.count, level)
            }
            used = ZSTD_isError(size) == 0 ? size : 0
        }
        // The one error there is here: the result does not fit.
        guard ZSTD_isError(size) == 0 else { return (Data(payload), nil) }
        return (Data(packed), payload.count)
    }

    /// The payload of a stored form.
    ///
    /// - Throws: `corrupt` unless exactly `plainBytes` bytes come out.
    static func unpack(_ stored: Data, plainBytes: Int?) throws(LedgerError) -> [UInt8] {
        guard let plainBytes else { return [UInt8](stored) }
        guard (0...LedgerLimits.payloadBytes).contains(plainBytes) else {
            throw LedgerError(.corrupt, "a payload claims \(plainBytes) bytes; restore from a backup")
        }
        var size = 0
        let payload = unsafe [UInt8](unsafeUninitializedCapacity: plainBytes) { buffer, used in
            size = unsafe stored.withUnsafeBytes {
                unsafe ZSTD_decompress(buffer.baseAddress, plainBytes, $0.baseAddress, $0.count)
            }
            used = ZSTD_isError(size) == 0 ? size : 0
        }
        guard ZSTD_isError(size) == 0, payload.count == plainBytes else {
            throw LedgerError(
                .corrupt, "a compressed payload of \(stored.count) bytes does not hold \(plainBytes); restore from a backup")
        }
        return payload
    }
}
