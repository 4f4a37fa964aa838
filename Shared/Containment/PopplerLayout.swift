// The words of a PDF and their places, by poppler's program `pdftotext` in a process of its own.
//
// A program and not a library: what a broken PDF breaks is that process; its memory, time and files are bounded by the
// system; and poppler's licence (GPL) stays with poppler.

package import Documents
import Messages

/// Runs `pdftotext -bbox-layout`.
package struct PopplerLayout: PDFLayoutSource {
    /// Where Debian and most others have it.
    package static let program = "/usr/bin/pdftotext"

    private let program: String
    private let milliseconds: Int64
    private let limits: ContainmentLimits
    private let outputBytes: Int

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
        limits = ContainmentLimits(addressBytes: addressBytes, processorSeconds: Int(milliseconds / 1000) + 1)
        self.outputBytes = outputBytes
    }

    package func layout(of pdf: [UInt8]) throws(DocumentError) -> [UInt8] {
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
            throw refusal(error, end)
        }
        let end = process.finish(deadline: deadline)
        guard end.exitStatus == 0 else { throw refusal(.ended, end) }
        return output
    }

    private func refusal(_ failure: ContainedProcess.Failure, _ end: ContainedProcess.End) -> DocumentError {
        switch failure {
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
