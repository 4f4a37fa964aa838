// The words of a PDF and their places, by poppler's program `pdftotext` in a process of its own.
//
// A program and not a library: what a broken PDF breaks is that process; its memory, time and files are bounded by the
// system; and poppler's licence (GPL) stays with poppler.

package import Documents
import Glibc
import Messages

/// Runs `pdftotext -bbox-layout`.
package struct PopplerLayout: PDFLayoutSource {
    /// Where Debian and most others have it.
    package static let program = "/usr/bin/pdftotext"

    private let program: String
    private let milliseconds: Int64
    private let addressBytes: Int
    private let outputBytes: Int

    /// Processor time of any PDF, in seconds, and bytes of it that are worth one more: a few lines that draw without end are
    /// refused after a second, a book has the time that its pages take. `pdftotext` reads real documents at 1 to 4 MB/s.
    private static let leastSeconds = 1
    private static let bytesPerSecond = 128 << 10

    /// - Parameters:
    ///   - milliseconds: longest time for one document.
    ///   - addressBytes: its address space; real documents of hundreds of pages need below 100 MiB.
    ///   - outputBytes: longest layout; about 110 bytes a word.
    package init(
        program: String = Self.program, milliseconds: Int64 = 20_000, addressBytes: Int = 224 << 20,
        outputBytes: Int = 96 << 20
    ) {
        self.program = program
        self.milliseconds = milliseconds
        self.addressBytes = addressBytes
        self.outputBytes = outputBytes
    }

    /// Processor time for a PDF of `byteCount` bytes, in seconds.
    func processorSeconds(byteCount: Int) -> Int {
        min(Self.leastSeconds + byteCount / Self.bytesPerSecond, max(Int(milliseconds / 1000), 1))
    }

    package func layout(of pdf: [UInt8]) throws(DocumentError) -> [UInt8] {
        let seconds = processorSeconds(byteCount: pdf.count)
        let limits = ContainmentLimits(addressBytes: addressBytes, processorSeconds: seconds)
        var process: ContainedProcess
        do {
            process = try ContainedProcess(
                path: program, arguments: ["-q", "-bbox-layout", "-", "-"], limits: limits, group: .parents)
        } catch {
            throw DocumentError(.unavailable, error.message, fix: "install poppler-utils, or send the document as text")
        }
        let deadline = ContainedProcess.milliseconds() + milliseconds
        let output: [UInt8]
        do {
            output = try process.exchange(pdf, outputBytes: outputBytes, deadline: deadline)
        } catch {
            let end = process.stop()
            throw refusal(error, end, seconds)
        }
        let end = process.finish(deadline: deadline)
        guard end.exitStatus == 0 else { throw refusal(.ended, end, seconds) }
        return output
    }

    private func refusal(
        _ failure: ContainedProcess.Failure, _ end: ContainedProcess.End, _ seconds: Int
    ) -> DocumentError {
        switch failure {
        case .ended where end.signal == SIGXCPU || end.signal == SIGKILL && end.processorSeconds >= Double(seconds):
            DocumentError(
                .deadlineExceeded, "the PDF was not read within \(seconds) s of processor time",
                fix: "split it, or convert it to text")
        case .deadline:
            DocumentError(
                .deadlineExceeded, "the PDF was not read within \(milliseconds / 1000) s",
                fix: "split it, or convert it to text")
        case .tooMuchOutput:
            DocumentError(
                .documentTooLarge, "the words of the PDF take more than \(outputBytes) bytes", fix: "split it")
        case .ended where end.signal != nil:
            DocumentError(
                .documentTooLarge, "the reader of PDF ended by \(end.text): the PDF is broken or needs too much memory",
                fix: "open and save it anew with another program, or split it")
        case .ended:
            DocumentError(
                .unreadableDocument, "the PDF is damaged or needs a password (\(end.text))",
                fix: "open and save it anew without a password")
        }
    }
}
