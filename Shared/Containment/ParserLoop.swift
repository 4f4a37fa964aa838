// A parser in a process of its own: the child's end.

import Glibc

/// Answers requests from standard input on standard output until the input ends.
package enum ParserLoop {
    /// Longest request in bytes; a longer one ends the child.
    private static let requestBytes = 256 << 20

    /// - Parameter answer: the answer to one request; it must not print.
    package static func run(_ answer: ([UInt8]) -> [UInt8]) {
        while let head = read(FrameLength.byteCount), let length = FrameLength.decode(head), length <= requestBytes {
            guard let request = read(length) else { return }
            let result = answer(request)
            guard write(FrameLength.encode(result.count)), write(result) else { return }
        }
    }

    /// Exactly `count` bytes; nil at the end of the input.
    private static func read(_ count: Int) -> [UInt8]? {
        var isWhole = true
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            var done = 0
            while done < count {
                let got = unsafe Glibc.read(0, buffer.baseAddress?.advanced(by: done), count - done)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    isWhole = false
                    break
                }
                done += got
            }
            initialized = done
        }
        return isWhole ? bytes : nil
    }

    private static func write(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let put = unsafe Glibc.write(1, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if put < 0, errno == EINTR { continue }
                guard put > 0 else { return false }
                done += put
            }
            return true
        }
    }
}
