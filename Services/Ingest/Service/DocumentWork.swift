// What is made of one leased document, wherever it is parsed: in this process or in a child.
//
//     request of a child = length u32 | `LeasedDocument` in MessagePack | the document's bytes
//     answer of a child  = length u32 | `ParseOutcome` in MessagePack | the encoded `ItemsRecord`, empty where it failed

import Containment
import Documents
package import Messages

/// Makes an outcome and a record of a document.
protocol DocumentWork: Sendable {
    func outcome(of document: LeasedDocument, _ content: [UInt8]) -> (ParseOutcome, [UInt8])
}

/// Parses in this process.
package struct DirectDocumentWork: DocumentWork {
    private let parser: DocumentParser

    init(parser: DocumentParser) {
        self.parser = parser
    }

    func outcome(of document: LeasedDocument, _ content: [UInt8]) -> (ParseOutcome, [UInt8]) {
        do {
            let parsed = try parser.parse(content, document.description)
            guard !parsed.items.isEmpty else {
                return refusal(
                    document,
                    KuaibaoError(
                        .emptyDocument, "nothing to search for was found in it", fix: "send a document that has text"))
            }
            let record = ItemsRecord(document: document.description, version: document.rawOffset, parsed: parsed)
            let bytes = try MessagePackEncoder.encode(record)
            let outcome = ParseOutcome(
                submission: document.submission, itemCount: parsed.items.count, recordBytes: bytes.count,
                warnings: parsed.warnings)
            return (outcome, bytes)
        } catch let error as DocumentError {
            return refusal(document, error.asKuaibaoError)
        } catch {
            return refusal(
                document, KuaibaoError(.internal, "its items cannot be written: \(error)", fix: "report this"))
        }
    }

    /// What a parsing child is started with.
    static func arguments(dictionaries folder: String) -> [String] { ["--role", "parser", folder] }

    /// The folder of dictionaries, if these are the arguments of a parsing child.
    package static func dictionariesFolder(of arguments: [String]) -> String? {
        arguments.count == 3 && arguments.starts(with: ["--role", "parser"]) ? arguments[2] : nil
    }

    /// Answers a parent's requests on standard input until it closes; the role `parser`.
    ///
    /// - Throws: `invalidRequest` where the folder of dictionaries cannot be used.
    package static func serve(dictionaries folder: String) throws(KuaibaoError) {
        let dictionaries = try DictionaryFolder.dictionaries(at: folder)
        let work = DirectDocumentWork(parser: DocumentParser(dictionaries: dictionaries, pdf: PopplerLayout()))
        ParserLoop.run { request in
            guard let (document, content) = ChildFrames.split(request, as: LeasedDocument.self) else { return [] }
            let (outcome, record) = work.outcome(of: document, content)
            return ChildFrames.join(outcome, record) ?? []
        }
    }
}

/// Parses in children; what they die of stays with them.
struct ContainedDocumentWork: DocumentWork {
    let children: ParserChildren

    func outcome(of document: LeasedDocument, _ content: [UInt8]) -> (ParseOutcome, [UInt8]) {
        guard let request = ChildFrames.join(document, content) else {
            return refusal(
                document, KuaibaoError(.internal, "its description cannot be written", fix: "report this with the log"))
        }
        do throws(KuaibaoError) {
            let answer = try children.answer(request)
            guard let (outcome, record) = ChildFrames.split(answer, as: ParseOutcome.self),
                outcome.submission == document.submission, outcome.recordBytes == record.count
            else {
                throw KuaibaoError(.parserFailed, "the parser answered something else", fix: "report this with the log")
            }
            return (outcome, record)
        } catch {
            return refusal(document, error)
        }
    }
}

extension DocumentWork {
    func refusal(_ document: LeasedDocument, _ error: KuaibaoError) -> (ParseOutcome, [UInt8]) {
        (ParseOutcome(submission: document.submission, itemCount: 0, recordBytes: 0, failure: error), [])
    }
}

/// A small value and bytes in one frame.
enum ChildFrames {
    static func join(_ value: some Encodable, _ bytes: [UInt8]) -> [UInt8]? {
        guard let head = try? MessagePackEncoder.encode(value) else { return nil }
        let count = UInt32(truncatingIfNeeded: head.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32(8 * $0)) } + head + bytes
    }

    static func split<Value: Decodable>(_ frame: [UInt8], as type: Value.Type) -> (Value, [UInt8])? {
        guard frame.count >= 4 else { return nil }
        let count = (0..<4).reduce(0) { $0 | Int(frame[$1]) << (8 * $1) }
        guard count <= frame.count - 4 else { return nil }
        guard let value = try? MessagePackDecoder.decode(type, from: Array(frame[4..<(4 + count)])) else { return nil }
        return (value, Array(frame[(4 + count)...]))
    }
}
