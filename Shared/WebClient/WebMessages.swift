// Requests and answers as values.

/// What is asked of a server.
package enum WebMethod: String, Sendable, Hashable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
}

/// The bounds of one request with all its redirects.
package struct WebLimits: Sendable, Hashable {
    /// Until a connection stands, name look-up and handshake included; milliseconds, at least 1. Default 10 s.
    package var connectMilliseconds: Int64
    /// From when a thread takes the request to the last byte of the last hop; milliseconds, at least 1. Default 30 s.
    package var totalMilliseconds: Int64
    /// Longest body after unpacking. Default 32 MiB.
    package var bodyBytes: Int
    /// All header lines of one answer together. Default 64 KiB.
    package var headerBytes: Int
    /// Redirects that are followed; with 0 the redirecting answer itself is handed over. Default 5.
    package var redirects: Int

    package init(
        connectMilliseconds: Int64 = 10_000, totalMilliseconds: Int64 = 30_000, bodyBytes: Int = 32 << 20,
        headerBytes: Int = 64 << 10, redirects: Int = 5
    ) {
        self.connectMilliseconds = max(1, connectMilliseconds)
        self.totalMilliseconds = max(1, totalMilliseconds)
        self.bodyBytes = max(0, bodyBytes)
        self.headerBytes = max(0, headerBytes)
        self.redirects = max(0, redirects)
    }
}

/// Names and values in the order they were given. Names are lowercase.
package struct WebHeaders: Sendable, Hashable {
    package struct Field: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package private(set) var fields: [Field] = []

    package init(_ pairs: [(String, String)] = []) {
        for (name, value) in pairs { add(name, value) }
    }

    package mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name.lowercased(), value: value))
    }

    /// The first value of a name, in lowercase or not.
    package subscript(_ name: String) -> String? {
        let name = name.lowercased()
        return fields.first { $0.name == name }?.value
    }

    mutating func keep(where isKept: (Field) -> Bool) { fields.removeAll { !isKept($0) } }
}

/// One request.
package struct WebRequest: Sendable, Hashable {
    package var method: WebMethod
    package var address: String
    package var headers: WebHeaders
    package var body: [UInt8]
    package var limits: WebLimits

    package init(
        _ method: WebMethod, _ address: String, headers: [(String, String)] = [], body: [UInt8] = [],
        limits: WebLimits = WebLimits()
    ) {
        self.method = method
        self.address = address
        self.headers = WebHeaders(headers)
        self.body = body
        self.limits = limits
    }
}

/// The answer of the last hop.
package struct WebResponse: Sendable, Hashable {
    package var status: Int
    package var headers: WebHeaders
    /// Unpacked where it came packed.
    package var body: [UInt8]
    /// The address that answered, after all redirects.
    package var address: String
    /// Every redirect on the way: its status and where it led.
    package var redirects: [Redirect]

    package struct Redirect: Sendable, Hashable {
        package var status: Int
        package var address: String
    }

    package var isSuccess: Bool { (200..<300).contains(status) }
}
