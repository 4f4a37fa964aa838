// CRC-32C of bytes; the loop is in CKernels.

import CKernels

/// Continues the CRC-32C `seed` over `bytes`.
func crc32c(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
    unsafe kb_crc32c(seed, bytes.baseAddress, bytes.count)
}

/// Continues the CRC-32C `seed` over `bytes`.
func crc32c(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe crc32c($0, seed: seed) }
}
