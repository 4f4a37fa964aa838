// The parts of a form that a browser or `curl -F` sends: RFC 7578 over RFC 2046, section 5.1.1.
//
//     body       = [preamble CRLF] "--" boundary part *( CRLF "--" boundary part ) CRLF "--" boundary "--" …
//     part       = blanks CRLF *( header CRLF ) CRLF content
//
// Each part has a name; one with a file name is a file. Parts inside parts and transfer encodings are refused; texts are UTF-8.

/// One reading of a form's body. Everything is bounded: parts, and bytes of a part's headers.
struct MultipartForm {
    static let maximumParts = 1000
    static let maximumHeaderBytes = 4096
    /// RFC 2046.
    static let boundaryBytes = 1...70

    struct Part {
        let name: String
        /// Not nil for a file.
        let fileName: String?
        let contentType: String?
        let content: ArraySlice<UInt8>
        /// The line in which the content begins, from 1.
        let line: Int
    }

    /// Why a body is no such form, and at which line.
    struct Mistake: Error {
        let message: String
        let line: Int
    }

    private let bytes: [UInt8]
    private let delimiter: [UInt8]

    /// - Throws: for a content type without a good boundary.
    init(_ bytes: [UInt8], contentType: String) throws(Mistake) {
        guard let boundary = Self.parameter("boundary", of: contentType),
            Self.boundaryBytes.contains(boundary.utf8.count), boundary.utf8.allSatisfy({ (0x20..<0x7F).contains($0) })
        else {
            throw Mistake(message: "the content type names no boundary of 1 to 70 characters", line: 1)
        }
        self.bytes = bytes
        delimiter = Array("--\(boundary)".utf8)
    }

    func parts() throws(Mistake) -> [Part] {
        guard var place = firstDelimiter() else { throw mistake("the boundary does not stand in the body", at: 0) }
        var parts: [Part] = []
        while true {
            if bytes[place...].starts(with: Array("--".utf8)) { return parts }
            guard parts.count < Self.maximumParts else { throw mistake("more than \(Self.maximumParts) parts", at: place) }
            while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
            guard bytes[place...].starts(with: Self.lineEnd) else {
                throw mistake("something other than a line's end stands behind a boundary", at: place)
            }
            place += Self.lineEnd.count
            let headers = try headers(from: &place)
            guard let end = nextDelimiter(from: place) else { throw mistake("a part without its end", at: place) }
            parts.append(try part(headers, bytes[place..<end], at: place))
            place = end + Self.lineEnd.count + delimiter.count
        }
    }

    // MARK: Pieces

    private static let lineEnd: [UInt8] = [0x0D, 0x0A]

    /// Behind the first delimiter, at the beginning of the body or of a line.
    private func firstDelimiter() -> Int? {
        if bytes.starts(with: delimiter) { return delimiter.count }
        return nextDelimiter(from: 0).map { $0 + Self.lineEnd.count + delimiter.count }
    }

    /// Where the line's end before the next delimiter begins.
    ///
    /// - Complexity: O(bytes · delimiter).
    private func nextDelimiter(from start: Int) -> Int? {
        let wanted = Self.lineEnd + delimiter
        var place = start
        while place + wanted.count <= bytes.count {
            guard let found = bytes[place...].firstIndex(of: 0x0D), found + wanted.count <= bytes.count else { return nil }
            if bytes[found..<found + wanted.count].elementsEqual(wanted) { return found }
            place = found + 1
        }
        return nil
    }

    /// Header lines up to the empty one; `place` is then behind it. Names in small letters.
    private func headers(from place: inout Int) throws(Mistake) -> [String: String] {
        let start = place
        var headers: [String: String] = [:]
        while true {
            guard let end = bytes[place...].firstIndex(of: 0x0D), end - start <= Self.maximumHeaderBytes,
                bytes[end...].starts(with: Self.lineEnd)
            else { throw mistake("a part's headers have no end within \(Self.maximumHeaderBytes) bytes", at: start) }
            let line = bytes[place..<end]
            place = end + Self.lineEnd.count
            if line.isEmpty { return headers }
            guard let text = String(validating: line, as: UTF8.self), let colon = text.firstIndex(of: ":") else {
                throw mistake("a header of a part that cannot be read", at: end)
            }
            headers[text[..<colon].trimmed.lowercased()] = text[text.index(after: colon)...].trimmed
        }
    }

    private func part(
        _ headers: [String: String], _ content: ArraySlice<UInt8>, at place: Int
    ) throws(Mistake) -> Part {
        guard let disposition = headers["content-disposition"], disposition.lowercased().hasPrefix("form-data"),
            let name = Self.parameter("name", of: disposition)
        else { throw mistake("a part without a name", at: place) }
        let type = headers["content-type"]
        guard type?.lowercased().hasPrefix("multipart/") != true else { throw mistake("parts within a part", at: place) }
        let encoding = headers["content-transfer-encoding"]?.lowercased() ?? "8bit"
        guard ["7bit", "8bit", "binary"].contains(encoding) else {
            throw mistake("a part in \(encoding.prefix(40)); send it as it is", at: place)
        }
        return Part(
            name: name, fileName: Self.parameter("filename", of: disposition), contentType: type, content: content,
            line: line(of: place))
    }

    /// The value of a parameter of a header, quoted or not; browsers write `%22` for a quotation mark.
    static func parameter(_ name: String, of header: String) -> String? {
        var rest = header[...]
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...]
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            if let next = rest.firstIndex(of: ";"), next < equals { continue }
            let isWanted = rest[..<equals].trimmed.lowercased() == name
            rest = rest[rest.index(after: equals)...]
            var value = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.first, character != "\"" {
                    rest = rest.dropFirst()
                    if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
                        value.append(next)
                        rest = rest.dropFirst()
                    } else {
                        value.append(character)
                    }
                }
                guard rest.first == "\"" else { return nil }
                rest = rest.dropFirst()
            } else {
                let end = rest.firstIndex(of: ";") ?? rest.endIndex
                value = rest[..<end].trimmed
                rest = rest[end...]
            }
            if isWanted { return value.replacing("%22", with: "\"") }
        }
        return nil
    }

    private func line(of place: Int) -> Int { bytes[..<place].count { $0 == 0x0A } + 1 }

    private func mistake(_ message: String, at place: Int) -> Mistake {
        Mistake(message: message, line: line(of: min(place, bytes.count)))
    }
}
