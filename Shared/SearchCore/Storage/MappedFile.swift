// A file mapped read-only; unmapped when its last owner goes.

import Foundation

/// A read-only mapping of a whole file.
@safe
final class MappedFile: @unchecked Sendable {  // because the mapping is read-only and lives as long as the object
    private let base: UnsafeMutableRawPointer?
    let count: Int

    /// Maps the file at `path`.
    /// - Throws: `io` when it cannot be opened or mapped, `corrupt` when it is empty.
    init(path: String) throws(SearchCoreError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SearchCoreError.system("cannot open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw SearchCoreError.system("cannot examine", path) }
        let length = Int(status.st_size)
        guard length > 0 else { throw SearchCoreError(.corrupt, "\(path) is empty; copy it again") }
        let mapping = unsafe mmap(nil, length, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            throw SearchCoreError.system("cannot map", path)
        }
        unsafe base = mapping
        count = length
    }

    deinit {
        if let base = unsafe base { unsafe munmap(base, count) }
    }

    /// Tells the kernel that some bytes will be read soon, so that it fetches them while others are waited for. Costs about a
    /// microsecond; without effect on results. - Parameter range: what lies behind the file's end is left out.
    func willNeed(_ range: Range<Int>) {
        let first = max(0, range.lowerBound) / Self.pageBytes * Self.pageBytes
        let end = min(count, range.upperBound)
        guard let base = unsafe base, first < end else { return }
        _ = unsafe madvise(base + first, end - first, MADV_WILLNEED)
    }

    /// The smallest page of the systems that this runs on.
    private static let pageBytes = 4096

    /// The file's bytes, valid while this object lives.
    var view: ByteView {
        guard let base = unsafe base else { preconditionFailure("a mapped file without its mapping") }
        return unsafe ByteView(base: UnsafeRawPointer(base), count: count)
    }
}

extension SearchCoreError {
    /// An error of the operating system, from `errno`.
    static func system(_ action: String, _ path: String) -> SearchCoreError {
        let number = errno
        let reason = unsafe String(cString: strerror(number))
        return SearchCoreError(number == ENOSPC || number == EDQUOT ? .diskFull : .io, "\(action) \(path): \(reason)")
    }
}
