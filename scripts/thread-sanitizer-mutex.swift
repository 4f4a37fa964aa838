// A mutual exclusion lock that the thread sanitizer sees, in place of the standard library's, whose futex it does not see.
// scripts/sanitize.sh puts this file into every module of the copy it builds; a module's own `Mutex` hides the imported one.
import Glibc

/// The interface of `Synchronization.Mutex` on a POSIX mutex.
@safe struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    init(_ initial: consuming sending Value) {
        unsafe lock = .allocate(capacity: 1)
        unsafe pthread_mutex_init(lock, nil)
        unsafe value = .allocate(capacity: 1)
        unsafe value.initialize(to: initial)
    }

    deinit {
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe _ = pthread_mutex_unlock(lock) }
        return try unsafe body(&value.pointee)
    }
}
