// What the store's tests share: engines, temporary directories, files with content.
import Foundation
import Messages
import SegmentStore
import Synchronization

/// The engines that the suite runs on. A further engine is one more case.
enum StoreKind: String, CaseIterable, Sendable, CustomStringConvertible {
    case directory
    case memory

    var description: String { rawValue }
}

/// A directory of its own, removed with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A store with a place for local files beside it.
final class StoreBench: Sendable {
    let store: any SegmentStore
    let directory: TemporaryDirectory
    /// The root of the directory engine.
    let root: String

    init(_ kind: StoreKind) throws {
        directory = try TemporaryDirectory()
        root = directory.path + "/store"
        switch kind {
        case .directory: store = try DirectorySegmentStore(directory: root)
        case .memory: store = MemorySegmentStore(cache: directory.path)
        }
    }

    /// Writes a local file and returns its path.
    func local(_ bytes: [UInt8], _ name: String = "local") throws -> String {
        let path = directory.path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Puts bytes and returns what the catalog would know of them.
    @discardableResult
    func put(_ name: String, _ bytes: [UInt8]) throws -> SegmentFile {
        try store.put(name, fromFile: try local(bytes))
        return describe(name, bytes)
    }

    func describe(_ name: String, _ bytes: [UInt8]) -> SegmentFile {
        SegmentFile(name: name, byteCount: Int64(bytes.count), checksum: slowCRC32C(bytes))
    }

    func bytes(_ file: SegmentFile) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: try store.fetch(file))))
    }
}

/// CRC-32C bit by bit, straight from its polynomial: the oracle of the fast one.
func slowCRC32C(_ bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    return ~crc
}

/// A second engine, for the suite: files in memory, and a cache of them on disk as a remote store would need it.
final class MemorySegmentStore: SegmentStore {
    private let cache: String
    private let files = Mutex<[String: [UInt8]]>([:])
    private let opened = Mutex<[String: FileFingerprint]>([:])

    init(cache: String) { self.cache = cache }

    func put(_ name: String, fromFile localPath: String) throws(SegmentStoreError) {
        let name = try SegmentFileName(name)
        guard let data = FileManager.default.contents(atPath: localPath) else {
            throw SegmentStoreError(.notFound, name: name.text, "no local file")
        }
        let isNew = files.withLock { files in
            guard files[name.text] == nil else { return false }
            files[name.text] = [UInt8](data)
            return true
        }
        guard isNew else { throw SegmentStoreError(.exists, name: name.text, "taken") }
    }

    func fetch(_ file: SegmentFile) throws(SegmentStoreError) -> String {
        let name = try SegmentFileName(file.name)
        let path = cache + "/cached-" + name.collection + "-" + name.file
        let expected = FileFingerprint(byteCount: file.byteCount, checksum: file.checksum)
        if let known = opened.withLock({ $0[name.text] }) {
            guard known == expected else {
                throw SegmentStoreError(.corrupt(expected: expected, found: known), name: name.text, "differs")
            }
            return path
        }
        try verify(file)
        guard let bytes = files.withLock({ $0[name.text] }),
            FileManager.default.createFile(atPath: path, contents: Data(bytes))
        else { throw SegmentStoreError(.io, name: name.text, "cannot cache") }
        opened.withLock { $0[name.text] = expected }
        return path
    }

    func delete(_ name: String) throws(SegmentStoreError) {
        let name = try SegmentFileName(name)
        files.withLock { $0[name.text] = nil }
        opened.withLock { $0[name.text] = nil }
    }

    func names() throws(SegmentStoreError) -> [String] { files.withLock { $0.keys.sorted() } }

    func verify(_ file: SegmentFile) throws(SegmentStoreError) {
        let name = try SegmentFileName(file.name)
        guard let bytes = files.withLock({ $0[name.text] }) else {
            throw SegmentStoreError(.notFound, name: name.text, "absent")
        }
        let expected = FileFingerprint(byteCount: file.byteCount, checksum: file.checksum)
        let found = FileFingerprint(byteCount: Int64(bytes.count), checksum: slowCRC32C(bytes))
        guard found == expected else {
            throw SegmentStoreError(.corrupt(expected: expected, found: found), name: name.text, "differs")
        }
    }
}
