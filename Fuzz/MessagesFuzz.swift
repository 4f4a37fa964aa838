// libFuzzer's entry for everything that a peer or the journal hands us as bytes: headers, every body of every link, raw
// records, compressed payloads, and the small texts that come with requests.
//
//     input   first byte: which decoder; for whole messages the second: where the header ends; then the bytes
//
// What is decoded must be encoded again and come back equal; a decoder must neither trap nor hang nor take memory
// without bound (libFuzzer's limits of time and memory).

import Foundation
import Messages
import SearchCore

private typealias Target = @Sendable ([UInt8]) -> Void

/// Decodes a body in the codec that its first byte names, and checks that its own encoding is read back.
private func body<Value: Codable & Equatable>(_ type: Value.Type) -> Target {
    { bytes in
        guard let first = bytes.first, let codec = Codec(firstByte: first),
            let value = try? codec.decode(type, from: bytes)
        else { return }
        guard let again = try? MessagePackEncoder.encode(value),
            let copy = try? MessagePackDecoder.decode(type, from: again), copy == value
        else {
            // A value with a number that is not equal to itself is the one exception.
            guard "\(value)".contains("nan") else { fatalError("\(type) does not come back: \(value)") }
            return
        }
    }
}

/// The same for a body that is not Equatable: what comes back must be written the same again.
private func loose<Value: Codable>(_ type: Value.Type) -> Target {
    { bytes in
        guard let first = bytes.first, let codec = Codec(firstByte: first),
            let value = try? codec.decode(type, from: bytes)
        else { return }
        guard let again = try? MessagePackEncoder.encode(value),
            let copy = try? MessagePackDecoder.decode(type, from: again),
            let third = try? MessagePackEncoder.encode(copy), third.count == again.count
        else {
            guard "\(value)".contains("nan") else { fatalError("\(type) does not come back: \(value)") }
            return
        }
    }
}

/// A payload as the journal stores it: it comes out with the size that was promised, or is an error.
private let payload: Target = { bytes in
    guard bytes.count >= 3 else { return }
    let size = Int(bytes[0]) << 8 | Int(bytes[1])
    let stored = Data(bytes.dropFirst(2))
    if let plain = try? PayloadCodec.unpack(stored, plainBytes: size), plain.count != size {
        fatalError("\(plain.count) bytes came out instead of \(size)")
    }
    let content = Array(bytes.dropFirst(2))
    let (packed, plainBytes) = PayloadCodec.pack(content)
    guard (try? PayloadCodec.unpack(packed, plainBytes: plainBytes)) == content else {
        fatalError("a payload does not come back")
    }
}

/// Texts of requests that have a grammar of their own.
private let texts: Target = { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    if let id = SubmissionID(text), SubmissionID(id.text) != id { fatalError("a submission id does not come back") }
    if let trace = TraceParent.checked(text), trace != text { fatalError("a trace context is changed") }
}

private let targets: [Target] = [
    { bytes in
        guard let split = bytes.first.map({ min(Int($0), bytes.count - 1) }) else { return }
        let content = Array(bytes.dropFirst())
        let frames = [Array(content.prefix(split)), Array(content.dropFirst(split))]
        guard let message = try? Message.decode(frames: frames) else { return }
        _ = try? message.body(as: SubmitRequest.self)
        _ = try? message.errorReply(KuaibaoError(.internal, "x", fix: "y"), id: "z").encode()
    },
    { bytes in
        guard let record = try? RawRecord(decoding: bytes) else { return }
        guard let again = try? record.encode(), let copy = try? RawRecord(decoding: again), copy == record else {
            fatalError("a raw record does not come back")
        }
    },
    body(Header.self), body(SubmitRequest.self), body(SubmitReply.self), body(Ready.self), body(ParseLease.self),
    body(ParseResult.self), body(LeaseFailure.self), body(ItemsRecord.self), body(News.self), body(LedgerRequest.self),
    body(LedgerReply.self), body(SearchRequest.self), body(KuaibaoError.self), body(IngestStatus.self),
    body(Query.self),
    body(StatusReply.self), loose(SearchReply.self), loose(WorkerLease.self), loose(WorkerResult.self), payload, texts,
]

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    targets[Int(first) % targets.count](Array(bytes.dropFirst()))
    return 0
}
