// A message as a value, and its way to and from frames.
//
// `Message.decode` is the border to the network: it checks in this order, and the first failure decides the code:
//
//     1  there is a header frame of 1…`headerBytes` bytes that begins like JSON or MessagePack   invalid-message
//     2  the header names protocol `kuaibao`                                                     invalid-message
//     3  the header's version is `currentVersion`                                                unknown-version
//     4  the rest of the header is readable, ids are 1…`idBytes` bytes                           invalid-message
//     5  the header's kind is a `Kind`                                                           unknown-kind
//     6  there are 1…`frameCount` frames, body and payload within their limits                   invalid-message
//
// The body stays bytes until its receiver, who knows its type from the kind, asks for it with `body(as:)`. So a broker
// passes messages on without reading them.
//
// Invariants:
//  (1) A refused message is answered at most once and never if it was an answer itself, so that two peers cannot
//      send each other errors for ever; `MessageRejection.reply` holds to it.
//  (2) JSON and MessagePack have the same depth limit, checked before anything is decoded.

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A message without its routing ids.
package struct Message: Sendable, Equatable {
    package let header: Header
    package let kind: Kind
    /// How header and body are written.
    package let codec: Codec
    /// The encoded body; empty for a kind without one.
    package let body: [UInt8]
    /// Raw frames after the body.
    package let payload: [[UInt8]]

    /// Makes a message whose body, if any, is encoded already.
    ///
    /// - Throws: `unknownKind` where the header's kind was changed to one that is not in `Kind`.
    package init(
        _ header: Header, codec: Codec = .messagePack, body: [UInt8] = [], payload: [[UInt8]] = []
    ) throws(KuaibaoError) {
        guard let kind = Kind(rawValue: header.kind) else { throw .unknownKind(header.kind) }
        self.header = header
        self.kind = kind
        self.codec = codec
        self.body = body
        self.payload = payload
    }

    /// Makes a message and encodes its body.
    ///
    /// - Throws: `unknownKind` as above, `internal` where the body cannot be written.
    package init(
        _ header: Header, codec: Codec = .messagePack, encoding body: some Encodable, payload: [[UInt8]] = []
    ) throws(KuaibaoError) {
        let bytes: [UInt8]
        do {
            bytes = try codec.encode(body)
        } catch {
            throw KuaibaoError(
                .internal, "the body of a \(header.kind) message cannot be written: \(describe(error))",
                fix: "report this; a value of ours should always be writable")
        }
        try self.init(header, codec: codec, body: bytes, payload: payload)
    }

    /// The frames to send after the routing ids.
    ///
    /// - Throws: `documentTooLarge` where a payload frame passes its limit, `internal` where another limit is passed.
    package func encode() throws(KuaibaoError) -> [[UInt8]] {
        let headerFrame: [UInt8]
        do {
            headerFrame = try codec.encode(header)
        } catch {
            throw KuaibaoError(
                .internal, "the header of a \(header.kind) message cannot be written: \(describe(error))",
                fix: "report this; a header of ours should always be writable")
        }
        let frames = body.isEmpty && payload.isEmpty ? [headerFrame] : [headerFrame, body] + payload
        if let reason = Self.limitPassed(by: frames) {
            let isPayload = payload.contains { $0.count > EnvelopeLimits.payloadBytes }
            throw KuaibaoError(
                isPayload ? .documentTooLarge : .internal, "a \(header.kind) message is not sent: \(reason)",
                fix: isPayload ? "send less at once" : "report this; senders split what is too large")
        }
        return frames
    }

    /// Reads the frames that followed the routing ids.
    ///
    /// - Throws: `MessageRejection`, which names the message to answer where its header was readable.
    package static func decode(frames: [[UInt8]]) throws(MessageRejection) -> Message {
        guard let headerFrame = frames.first, let first = headerFrame.first else {
            throw MessageRejection(.invalid("a message has no header frame", fix: "send [header][body][payload …]"))
        }
        guard headerFrame.count <= EnvelopeLimits.headerBytes else {
            throw MessageRejection(
                .invalid(
                    "a header frame has \(headerFrame.count) bytes",
                    fix: "send at most \(EnvelopeLimits.headerBytes); bulk bytes belong into payload frames"))
        }
        guard let codec = Codec(firstByte: first) else {
            throw MessageRejection(
                .invalid(
                    "a header frame begins with byte \(first)",
                    fix: "write the header as a JSON object or a MessagePack map"))
        }
        let header = try readHeader(headerFrame, codec)
        do throws(KuaibaoError) {
            if let reason = limitPassed(by: frames) {
                throw .invalid("a \(header.kind) message is refused: \(reason)", fix: "split the message")
            }
            return try Message(
                header, codec: codec, body: frames.count > 1 ? frames[1] : [], payload: Array(frames.dropFirst(2)))
        } catch {
            throw MessageRejection(
                error, parent: header.id, codec: codec, wasAnswer: HeaderGlimpse(header).isAnswer)
        }
    }

    /// Reads the body.
    ///
    /// - Throws: `invalidMessage` with the field and, for MessagePack, the byte where it could not be read.
    package func body<Body: Decodable>(as type: Body.Type) throws(KuaibaoError) -> Body {
        guard !body.isEmpty else {
            throw .invalid("a \(header.kind) message has no body", fix: "send \(type) in the second frame")
        }
        do {
            return try codec.decode(type, from: body)
        } catch {
            throw .invalid(
                "the body of a \(header.kind) message is no \(type): \(describe(error))",
                fix: "compare the body with the protocol's page")
        }
    }

    /// An answer to this message, in its codec.
    package func reply(
        _ kind: Kind, id: String, encoding body: some Encodable, payload: [[UInt8]] = []
    ) throws(KuaibaoError) -> Message {
        try Message(
            Header(kind: kind, id: id, parent: header.id, trace: header.trace), codec: codec, encoding: body,
            payload: payload)
    }

    /// The error answer to this message, in its codec.
    package func errorReply(_ error: KuaibaoError, id: String) throws(KuaibaoError) -> Message {
        try reply(.error, id: id, encoding: error)
    }

    /// The first limit that the frames pass, in words; nil where they pass none.
    private static func limitPassed(by frames: [[UInt8]]) -> String? {
        if frames.count > EnvelopeLimits.frameCount {
            return "\(frames.count) frames where \(EnvelopeLimits.frameCount) are allowed"
        }
        for (index, frame) in frames.enumerated() {
            let limit =
                switch index {
                case 0: EnvelopeLimits.headerBytes
                case 1: EnvelopeLimits.bodyBytes
                default: EnvelopeLimits.payloadBytes
                }
            if frame.count > limit { return "frame \(index) has \(frame.count) bytes where \(limit) are allowed" }
        }
        return nil
    }

    private static func readHeader(_ frame: [UInt8], _ codec: Codec) throws(MessageRejection) -> Header {
        let header: Header
        do {
            header = try codec.decode(Header.self, from: frame)
        } catch {
            // A header of another version may differ in anything but what is glimpsed.
            let glimpse = try? codec.decode(HeaderGlimpse.self, from: frame)
            let unreadable = KuaibaoError.invalid(
                "a header cannot be read: \(describe(error))", fix: "compare the header with the protocol's page")
            throw MessageRejection(
                glimpse?.refusal ?? unreadable, parent: glimpse?.answerableID, codec: codec,
                wasAnswer: glimpse?.isAnswer ?? false)
        }
        let glimpse = HeaderGlimpse(header)
        if let refusal = glimpse.refusal ?? header.refusalOfIDs {
            throw MessageRejection(refusal, parent: glimpse.answerableID, codec: codec, wasAnswer: glimpse.isAnswer)
        }
        return header
    }
}

/// Why frames were refused, and what an error reply to them needs.
package struct MessageRejection: Error, Sendable, Equatable {
    /// The reason, fit to be sent to the peer.
    package let error: KuaibaoError
    /// The refused message's id; nil where it could not be read.
    package let parent: String?
    /// The refused message's codec; nil where it could not be told.
    package let codec: Codec?
    /// True where the refused message was itself an answer; it is counted and dropped.
    package let wasAnswer: Bool

    fileprivate init(_ error: KuaibaoError, parent: String? = nil, codec: Codec? = nil, wasAnswer: Bool = false) {
        self.error = error
        self.parent = parent
        self.codec = codec
        self.wasAnswer = wasAnswer
    }

    /// The error reply, in the peer's codec if that is known and JSON otherwise; nil where none may be sent.
    package func reply(id: String) -> Message? {
        guard !wasAnswer else { return nil }
        return try? Message(
            Header(kind: .error, id: id, parent: parent), codec: codec ?? .json, encoding: error)
    }
}

extension Codec {
    /// The codec of a header frame that begins so; nil where it is neither.
    package init?(firstByte: UInt8) {
        if firstByte == UInt8(ascii: "{") {
            self = .json
        } else if MessagePackFormat.startsMap(firstByte) {
            self = .messagePack
        } else {
            return nil
        }
    }

    /// Writes a value; JSON with sorted keys, so that equal values give equal bytes.
    package func encode(_ value: some Encodable) throws -> [UInt8] {
        switch self {
        case .messagePack: return try MessagePackEncoder.encode(value)
        case .json:
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(value))
        }
    }

    /// Reads a value from untrusted bytes.
    package func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        switch self {
        case .messagePack: return try MessagePackDecoder.decode(type, from: bytes)
        case .json:
            try requireShallowJSON(bytes)
            return try JSONDecoder().decode(type, from: Data(bytes))
        }
    }
}

/// As much of a header as a peer of any version is expected to write; fields of other types count as absent.
private struct HeaderGlimpse: Decodable {
    let `protocol`: String?
    let version: Int?
    let kind: String?
    let id: String?
    let parent: String?

    private enum CodingKeys: CodingKey {
        case `protocol`, version, kind, id, parent
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.protocol = try? container.decode(String.self, forKey: .protocol)
        version = try? container.decode(Int.self, forKey: .version)
        kind = try? container.decode(String.self, forKey: .kind)
        id = try? container.decode(String.self, forKey: .id)
        parent = try? container.decode(String.self, forKey: .parent)
    }

    init(_ header: Header) {
        self.protocol = header.protocol
        version = header.version
        kind = header.kind
        id = header.id
        parent = header.parent
    }

    /// Why the header is none of ours; nil where it may be.
    var refusal: KuaibaoError? {
        if let name = self.protocol, name != Header.protocolName {
            return .invalid("a header names protocol \(quoted(name))", fix: "send protocol \"\(Header.protocolName)\"")
        }
        if let version, version != Header.currentVersion {
            return KuaibaoError(
                .unknownVersion, "a header has protocol version \(version)",
                fix: "speak version \(Header.currentVersion), or upgrade this service")
        }
        return nil
    }

    /// The id, unless it is one that we would not repeat.
    var answerableID: String? {
        guard let id, (1...EnvelopeLimits.idBytes).contains(id.utf8.count) else { return nil }
        return id
    }

    var isAnswer: Bool { parent != nil || kind == Kind.error.rawValue }
}

extension Header {
    /// Why its ids are refused; nil where they are good.
    fileprivate var refusalOfIDs: KuaibaoError? {
        let allowed = 1...EnvelopeLimits.idBytes
        if allowed.contains(id.utf8.count) && parent.map({ allowed.contains($0.utf8.count) }) ?? true { return nil }
        return .invalid(
            "an id of a header has no byte or more than \(EnvelopeLimits.idBytes)",
            fix: "name messages by 1 to \(EnvelopeLimits.idBytes) bytes")
    }
}

extension EnvelopeLimits {
    /// Bytes of a message's id.
    package static let idBytes = 64
    /// Objects and arrays inside one another, in both codecs.
    package static let depth = MessagePackFormat.depthLimit
}

extension KuaibaoError {
    fileprivate static func invalid(_ message: String, fix: String) -> KuaibaoError {
        KuaibaoError(.invalidMessage, message, fix: fix)
    }

    fileprivate static func unknownKind(_ kind: String) -> KuaibaoError {
        KuaibaoError(
            .unknownKind, "a header has kind \(quoted(kind))", fix: "send a kind that the protocol's page lists")
    }
}

/// Refuses JSON that is nested deeper than `EnvelopeLimits.depth`. Brackets inside strings do not count.
///
/// - Complexity: O(bytes).
private func requireShallowJSON(_ bytes: [UInt8]) throws {
    var depth = 0
    var isInString = false
    var isEscaped = false
    for byte in bytes {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            continue
        }
        switch byte {
        case UInt8(ascii: "\""): isInString = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            guard depth <= EnvelopeLimits.depth else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: [], debugDescription: "JSON goes deeper than \(EnvelopeLimits.depth)"))
            }
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
    }
}

/// A peer's text, short enough to be repeated in a message.
private func quoted(_ text: String) -> String {
    "\"" + String(text.unicodeScalars.prefix(64)) + "\""
}

/// Why a value cannot be read or written, in one line: where and what.
package func codingReason(_ error: any Error) -> String { String(describe(error).prefix(300)) }

/// A coding error in one line: where and why.
private func describe(_ error: any Error) -> String {
    let context: DecodingError.Context
    switch error {
    case DecodingError.dataCorrupted(let found): context = found
    case DecodingError.keyNotFound(let key, let found):
        return "\(place(found.codingPath + [key])) is missing"
    case DecodingError.typeMismatch(_, let found): context = found
    case DecodingError.valueNotFound(_, let found): context = found
    case EncodingError.invalidValue(_, let found):
        return "\(place(found.codingPath)): \(found.debugDescription)"
    case let error as KuaibaoError: return error.message
    default: return "\(type(of: error))"
    }
    return "\(place(context.codingPath)): \(context.debugDescription)"
}

/// The path of keys as `items.3.title`.
private func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the whole value" }
    return quoted(path.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "."))
}
