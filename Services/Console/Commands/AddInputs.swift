// What `kuaibao add` hands in: files, folders, patterns, standard input, and what is inside of archives.
//
// One document is in memory at a time for each that is on its way. Archives (zip, tar, and gz, zst, bz2, xz, alone or
// around a tar) are walked through, not unpacked to the disk; a member's name is `archive!member`. Web archives (WARC) give
// each page under the address it was archived from. An archive inside of an archive is refused by the parser.

import Archives
import Documents
import Foundation
import Messages

/// One document on its way in.
struct AddInput: Sendable {
    /// The file's name, the member's, or the address of an archived page.
    var name: String
    var contentType: String?
    var bytes: [UInt8]
}

/// Walks through everything that was named.
struct AddInputs: ~Copyable {
    /// What a step gives.
    enum Step {
        case input(AddInput)
        /// Something could not be read: its name and why.
        case failure(String, KuaibaoError)
    }

    private static let archiveSuffixes = [".zip", ".tar", ".tgz", ".tar.gz", ".tar.zst", ".tzst", ".tar.bz2", ".tar.xz"]
    private static let packedSuffixes = [".gz", ".zst", ".bz2", ".xz"]
    /// The largest document that is sent.
    private static let limits = ArchiveLimits(entryBytes: 60_000_000, totalBytes: 16 << 30, entries: 1_000_000)

    private let files: [String]
    private let stdinName: String
    private var next = 0
    private var archive: ArchiveReader?
    private var archiveName = ""
    private var pages: WARCRecords?
    /// Bytes of the named files that have been walked through, for the progress bar.
    private(set) var bytesDone = 0
    /// Members of archives that are no documents: folders, links, hidden files, records that are no pages.
    private(set) var skipped = 0

    init(files: [String], stdinName: String) {
        self.files = files
        self.stdinName = stdinName
    }

    /// The next document or failure; nil at the end.
    mutating func step() -> Step? {
        while true {
            if let step = nextPage() { return step }
            if let step = nextMember() { return step }
            guard next < files.count else { return nil }
            let file = files[next]
            next += 1
            if let step = open(file) { return step }
        }
    }

    private mutating func open(_ file: String) -> Step? {
        let lowered = file.lowercased()
        let isPacked = Self.packedSuffixes.contains { lowered.hasSuffix($0) }
        let isArchive = Self.archiveSuffixes.contains { lowered.hasSuffix($0) }
        let isWARC = lowered.hasSuffix(".warc") || lowered.hasSuffix(".warc.gz")
        do {
            if isArchive || isPacked, !isWARC {
                let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
                archive = try ArchiveReader(
                    path: file, fileBytes: size, content: isArchive ? .archive : .single, limits: Self.limits)
                archiveName = file
                bytesDone += size
                return nil
            }
            var bytes = try AddCommand.read(file)
            bytesDone += bytes.count
            if isWARC {
                if lowered.hasSuffix(".gz") { bytes = try WARCRecords.unpack(bytes, limit: 4 << 30) }
                pages = WARCRecords(bytes, pageBytes: Self.limits.entryBytes)
                archiveName = file
                return nil
            }
            let name = file == "-" ? stdinName : file
            return .input(AddInput(name: name, contentType: AddCommand.mediaType(of: name), bytes: bytes))
        } catch {
            return .failure(file, Self.refusal(error, file))
        }
    }

    private mutating func nextMember() -> Step? {
        while var reader = archive.take() {
            do {
                guard let entry = try reader.next() else { return nil }
                var name = EntryName.text(entry.name)
                let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__MACOSX" }
                guard entry.isFile, !isHidden else {
                    skipped += 1
                    archive = consume reader
                    continue
                }
                let bytes = try reader.read()
                archive = consume reader
                // A packed file has the name of the archive without its suffix.
                name = name == "data" ? (archiveName as NSString).deletingPathExtension : "\(archiveName)!\(name)"
                return .input(AddInput(name: name, contentType: AddCommand.mediaType(of: name), bytes: bytes))
            } catch {
                return .failure(archiveName, Self.refusal(error, archiveName))
            }
        }
        return nil
    }

    private mutating func nextPage() -> Step? {
        while var records = pages {
            guard let record = records.next() else {
                pages = nil
                guard !records.isAtEnd else { return nil }
                return .failure(
                    archiveName,
                    KuaibaoError(.unreadableDocument, "\(archiveName) is broken in its middle", fix: "copy it anew"))
            }
            pages = records
            guard let page = record.page, let address = record.address else {
                skipped += 1
                continue
            }
            return .input(AddInput(name: address, contentType: record.contentType, bytes: page))
        }
        return nil
    }

    private static func refusal(_ error: any Error, _ name: String) -> KuaibaoError {
        if let error = error as? KuaibaoError { return error }
        guard let error = error as? ArchiveError else {
            return KuaibaoError(.internal, "\(name): \(error)", fix: "report this")
        }
        let code: ErrorCode =
            switch error.code {
            case .damaged, .encrypted: .unreadableDocument
            case .tooLarge, .tooMany, .bomb: .documentTooLarge
            }
        return KuaibaoError(code, "\(name): \(error.message)", fix: "unpack it by hand and add its files")
    }
}

/// Names of members: UTF-8, else GB18030, which Chinese packers of zip write without saying so.
enum EntryName {
    static func text(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return DocumentText.decode(bytes, as: "gb18030") ?? String(decoding: bytes, as: UTF8.self)
    }
}
