// libFuzzer's entry for everything that a peer or the journal hands us as bytes: headers, every body of every link, raw
// records, compressed payloads, and the small texts that come with requests.
//
//     input   first byte: which decoder; for whole messages the second: where the header ends; then the bytes
//
// The variable FUZZ_TARGETS chooses decoders by name, separated by commas; FUZZ_CODEC is `json` or `msgpack` to write every body in
// that codec: the first byte of a body that is not of it is changed. At the end the executions of each decoder are printed, and
// how many of them were read as a value.
//
// What is decoded must be encoded again and come back equal; a decoder must neither trap nor hang nor take memory
// without bound (libFuzzer's limits of time and memory).

import Foundation
import Messages
import SearchCore

/// Whether the bytes were read as a value.
private typealias Decoder = @Sendable ([UInt8]) -> Bool

private struct Target: Sendable {
    let name: String
    let decode: Decoder
}

private let environment = ProcessInfo.processInfo.environment

/// The codec that all bodies are written in; nil where their first byte says.
private let onlyCodec = environment["FUZZ_CODEC"].flatMap(Codec.init(rawValue:))

/// The codec of a body, and the body with a first byte of it.
private func codecOf(_ bytes: [UInt8]) -> (Codec, [UInt8])? {
    guard let first = bytes.first else { return nil }
    let codec = Codec(firstByte: first)
    guard let onlyCodec, codec != onlyCodec else { return codec.map { ($0, bytes) } }
    var changed = bytes
    changed[0] = onlyCodec == .json ? UInt8(ascii: "{") : 0x80 | first & 0x0f
    return (onlyCodec, changed)
}

/// Decodes a body in the codec that its first byte names, and checks that its own encoding is read back.
private func body<Value: Codable & Equatable>(_ type: Value.Type) -> Target {
    Target(name: "\(type)") { bytes in
        guard let (codec, bytes) = codecOf(bytes), let value = try? codec.decode(type, from: bytes) else { return false }
        guard let again = try? MessagePackEncoder.encode(value),
            let copy = try? MessagePackDecoder.decode(type, from: again), copy == value
        else {
            // A value with a number that is not equal to itself is the one exception.
            guard "\(value)".contains("nan") else { fatalError("\(type) does not come back: \(value)") }
            return true
        }
        return true
    }
}

/// The same for a body that is not Equatable: what comes back must be written the same again.
private func loose<Value: Codable>(_ type: Value.Type) -> Target {
    Target(name: "\(type)") { bytes in
        guard let (codec, bytes) = codecOf(bytes), let value = try? codec.decode(type, from: bytes) else { return false }
        guard let again = try? MessagePackEncoder.encode(value),
            let copy = try? MessagePackDecoder.decode(type, from: again),
            let third = try? MessagePackEncoder.encode(copy), third.count == again.count
        else {
            guard "\(value)".contains("nan") else { fatalError("\(type) does not come back: \(value)") }
            return true
        }
        return true
    }
}

/// A payload as the journal stores it: it comes out with the size that was promised, or is an error.
private let payload = Target(name: "payload") { bytes in
    guard bytes.count >= 3 else { return false }
    let size = Int(bytes[0]) << 8 | Int(bytes[1])
    let stored = Data(bytes.dropFirst(2))
    let plain = try? PayloadCodec.unpack(stored, plainBytes: size)
    if let plain, plain.count != size { fatalError("\(plain.count) bytes came out instead of \(size)") }
    let content = Array(bytes.dropFirst(2))
    let (packed, plainBytes) = PayloadCodec.pack(content)
    guard (try? PayloadCodec.unpack(packed, plainBytes: plainBytes)) == content else {
        fatalError("a payload does not come back")
    }
    return plain != nil
}

/// Texts of requests that have a grammar of their own.
private let texts = Target(name: "texts") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let id = SubmissionID(text)
    let trace = TraceParent.checked(text)
    if let id, SubmissionID(id.text) != id { fatalError("a submission id does not come back") }
    if let trace, trace != text { fatalError("a trace context is changed") }
    return id != nil || trace != nil
}

private let allTargets: [Target] = [
    Target(name: "message") { bytes in
        guard let split = bytes.first.map({ min(Int($0), bytes.count - 1) }) else { return false }
        let content = Array(bytes.dropFirst())
        let frames = [Array(content.prefix(split)), Array(content.dropFirst(split))]
        guard let message = try? Message.decode(frames: frames) else { return false }
        _ = try? message.body(as: SubmitRequest.self)
        _ = try? message.errorReply(KuaibaoError(.internal, "x", fix: "y"), id: "z").encode()
        return true
    },
    Target(name: "record") { bytes in
        guard let record = try? RawRecord(decoding: bytes) else { return false }
        guard let again = try? record.encode(), let copy = try? RawRecord(decoding: again), copy == record else {
            fatalError("a raw record does not come back")
        }
        return true
    },
    body(Header.self), body(SubmitRequest.self), body(SubmitReply.self), body(Ready.self), body(ParseLease.self),
    body(ParseResult.self), body(LeaseFailure.self), body(ItemsRecord.self), body(News.self), body(LedgerRequest.self),
    body(LedgerReply.self), body(SearchRequest.self), body(KuaibaoError.self), body(IngestStatus.self),
    body(Query.self),
    body(StatusReply.self), loose(SearchReply.self), loose(WorkerLease.self), loose(WorkerResult.self), payload, texts,
    body(WorkerReport.self), body(WatchRequest.self), body(WatchReply.self), body(StoredItem.self), body(AlertItem.self),
]

/// Those that were chosen, each with its executions and the values read.
private let targets: [Target] = {
    guard let names = environment["FUZZ_TARGETS"]?.split(separator: ",") else { return allTargets }
    let chosen = allTargets.filter { names.contains(Substring($0.name)) }
    guard chosen.count == names.count else { fatalError("decoders are \(allTargets.map(\.name))") }
    return chosen
}()

/// Nothing is unsafe about it: libFuzzer runs inputs one after the other, and prints at the end of the same thread.
private nonisolated(unsafe) var counts: [(executions: Int, values: Int)] = {
    atexit {
        for (target, count) in unsafe zip(targets, counts) {
            print("decoder \(target.name): \(count.executions) executions, \(count.values) read as a value")
        }
    }
    return targets.map { _ in (0, 0) }
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = bytes.first else { return 0 }
    let number = Int(first) % targets.count
    unsafe counts[number].executions += 1
    if targets[number].decode(Array(bytes.dropFirst())) { unsafe counts[number].values += 1 }
    return 0
}
