// A ZIP archive of stored (not compressed) files, as office documents need it.
//
// Layout (APPNOTE 6.3, PKWARE): for each file a local header (30 bytes + name) and its bytes; then the central directory,
// one record (46 bytes + name) a file; then the end record (22 bytes). All integers little-endian. Times are the format's
// first day, so that the same files give the same bytes.

/// Builds an archive in memory.
struct ZipArchive {
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count = 0

    /// Adds a file. Archives stay far below the format's limits of 4 GiB and 65,535 files.
    mutating func add(_ name: String, _ content: [UInt8]) {
        let offset = bytes.count
        let shared = Self.sharedHeader(name, content)
        bytes += Self.little(0x0403_4B50, 4) + shared + Array(name.utf8) + content
        directory += Self.little(0x0201_4B50, 4) + Self.little(20, 2) + shared
        directory += Self.little(0, 2) + Self.little(0, 2) + Self.little(0, 2) + Self.little(0, 4)
        directory += Self.little(offset, 4) + Array(name.utf8)
        count += 1
    }

    func finished() -> [UInt8] {
        var end = Self.little(0x0605_4B50, 4) + Self.little(0, 2) + Self.little(0, 2)
        end += Self.little(count, 2) + Self.little(count, 2)
        end += Self.little(directory.count, 4) + Self.little(bytes.count, 4) + Self.little(0, 2)
        return bytes + directory + end
    }

    /// What local header and directory record have in common: version, flags (names are UTF-8), method 0, time, CRC,
    /// sizes, length of the name, no extra field.
    private static func sharedHeader(_ name: String, _ content: [UInt8]) -> [UInt8] {
        little(20, 2) + little(0x0800, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
            + little(Int(checksum(content)), 4) + little(content.count, 4) + little(content.count, 4)
            + little(name.utf8.count, 2) + little(0, 2)
    }

    private static func little(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// CRC-32 of IEEE 802.3, reflected.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value: UInt32 = 0xFFFF_FFFF
        for byte in bytes { value = table[Int((value ^ UInt32(byte)) & 0xFF)] ^ value >> 8 }
        return ~value
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }
}
