// What only the directory engine promises: what it leaves on disk, and what it survives.
import Foundation
import Glibc
import Messages
import SegmentStore
import Testing

@Suite("directory segment store")
struct DirectorySegmentStoreTests {
    private func entries(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    @Test("files lie in a folder a collection, and nothing else is left")
    func filesLieInFolders() throws {
        let bench = try StoreBench(.directory)
        try bench.put("c/a.seg", [1])
        try bench.put("d/b.seg", [2])
        #expect(throws: SegmentStoreError.self) { try bench.put("c/a.seg", [3]) }
        #expect(throws: SegmentStoreError.self) { try bench.store.put("c/x", fromFile: bench.directory.path) }
        #expect(try entries(bench.root) == ["c", "d"])
        #expect(try entries(bench.root + "/c") == ["a.seg"])
        #expect(try entries(bench.root + "/d") == ["b.seg"])
    }

    @Test("another opening sees the files and removes what a crashed put left")
    func openingRemovesLeftovers() throws {
        let bench = try StoreBench(.directory)
        let file = try bench.put("c/a", [1])
        try Data([9]).write(to: URL(fileURLWithPath: bench.root + "/c/.put-b"))
        let second = try DirectorySegmentStore(directory: bench.root)
        #expect(try entries(bench.root + "/c") == ["a"])
        _ = try second.fetch(file)
        #expect(try second.names() == ["c/a"])
    }

    @Test("a left-over temporary file does not stop a put of the same name")
    func leftoverDoesNotStopPut() throws {
        let bench = try StoreBench(.directory)
        try bench.put("c/a", [1])
        try Data([9, 9]).write(to: URL(fileURLWithPath: bench.root + "/c/.put-b"))
        let file = try bench.put("c/b", [2])
        #expect(try bench.bytes(file) == [2])
        #expect(try entries(bench.root + "/c") == ["a", "b"])
    }

    @Test("a temporary file that a living process writes is left alone")
    func livingTemporaryFileIsLeft() throws {
        let bench = try StoreBench(.directory)
        try bench.put("c/a", [1])
        let path = bench.root + "/c/.put-b"
        let descriptor = unsafe open(path, O_RDWR | O_CREAT, 0o600)
        #expect(flock(descriptor, LOCK_EX) == 0)
        _ = try DirectorySegmentStore(directory: bench.root)
        #expect(try entries(bench.root + "/c") == [".put-b", "a"])
        let error = #expect(throws: SegmentStoreError.self) { try bench.put("c/b", [2]) }
        #expect(error?.code == .exists)
        #expect(try bench.store.names() == ["c/a"])
        close(descriptor)
        try bench.put("c/b", [2])
    }

    @Test("every changed bit and every cut is noticed", arguments: [0, 1, 37, 300])
    func damageIsNoticed(_ count: Int) throws {
        let bench = try StoreBench(.directory)
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let file = try bench.put("c/a", content)
        let path = bench.root + "/c/a"
        func isNoticed(_ damaged: [UInt8]) throws -> Bool {
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            let fresh = try DirectorySegmentStore(directory: bench.root)
            return (try? fresh.fetch(file)) == nil && (try? bench.store.verify(file)) == nil
        }
        for position in 0..<count {
            for bit in 0..<8 where position % 7 == 0 || bit == position % 8 {
                var damaged = content
                damaged[position] ^= 1 << bit
                #expect(try isNoticed(damaged), "bit \(bit) of byte \(position)")
            }
            #expect(try isNoticed(Array(content[..<position])), "cut at \(position)")
        }
        #expect(try isNoticed(content + [0]), "one byte more")
        #expect(try !isNoticed(content))
    }

    @Test("a file is verified once a process, and again after damage was seen")
    func verifiedOnce() throws {
        let bench = try StoreBench(.directory)
        let file = try bench.put("c/a", [1, 2, 3])
        let path = try bench.store.fetch(file)
        #expect(path == bench.root + "/c/a")
        try Data([9, 9, 9]).write(to: URL(fileURLWithPath: path))
        #expect(try bench.store.fetch(file) == path, "it is not read again")
        #expect(throws: SegmentStoreError.self) { try bench.store.verify(file) }
        let error = #expect(throws: SegmentStoreError.self) { try bench.store.fetch(file) }
        #expect(error?.code.isCorrupt == true)
    }

    @Test("a name deleted by another process is not found")
    func deletedByAnother() throws {
        let bench = try StoreBench(.directory)
        let file = try bench.put("c/a", [1])
        _ = try bench.store.fetch(file)
        try DirectorySegmentStore(directory: bench.root).delete("c/a")
        let error = #expect(throws: SegmentStoreError.self) { try bench.store.fetch(file) }
        #expect(error?.code == .notFound)
    }

    @Test("a mapping of a fetched file outlives its deletion")
    func openFileOutlivesDeletion() throws {
        let bench = try StoreBench(.directory)
        let file = try bench.put("c/a", [5, 6])
        let open = try FileHandle(forReadingFrom: URL(fileURLWithPath: bench.store.fetch(file)))
        try bench.store.delete("c/a")
        #expect(try open.readToEnd() == Data([5, 6]))
    }

    @Test("symbolic links in the store are not followed")
    func linksAreNotFollowed() throws {
        let bench = try StoreBench(.directory)
        try bench.put("c/a", [1])
        let outside = try bench.local([7], "outside")
        try FileManager.default.createSymbolicLink(atPath: bench.root + "/c/link", withDestinationPath: outside)
        #expect(throws: SegmentStoreError.self) { try bench.store.fetch(bench.describe("c/link", [7])) }
        #expect(throws: SegmentStoreError.self) { try bench.put("c/link", [8]) }
    }

    @Test("a source that is no ordinary file is refused", arguments: ["/dev/zero", "/"])
    func strangeSourceIsRefused(_ source: String) throws {
        let bench = try StoreBench(.directory)
        let error = #expect(throws: SegmentStoreError.self) { try bench.store.put("c/a", fromFile: source) }
        #expect(error?.code == .io)
        #expect(try bench.store.names() == [])
    }
}

extension SegmentStoreError.Code {
    var isCorrupt: Bool { if case .corrupt = self { true } else { false } }
}
