// Addresses and redirects, without any network.

import Testing

@testable import WebClient

@Suite struct WebAddresses {
    @Test func readsWhatPeopleWrite() throws {
        let address = try WebAddress("HTTPS://Example.org/a/../新闻?页=1#top")
        #expect(address.text == "https://example.org/%e6%96%b0%e9%97%bb?%e9%a1%b5=1")
        #expect(address.origin == "https://example.org:443")
        #expect(address.shown == "https://example.org/%e6%96%b0%e9%97%bb")
    }

    @Test(arguments: [
        ("/b", "http://a.org/b"), ("c", "http://a.org/x/c"), ("?q=1", "http://a.org/x/y?q=1"),
        ("//b.org/z", "http://b.org/z"),
        ("https://b.org", "https://b.org/"), ("../../../c", "http://a.org/c"),
    ])
    func resolvesReferences(_ reference: String, _ expected: String) throws {
        #expect(try WebAddress(reference, relativeTo: WebAddress("http://a.org/x/y?p=2")).text == expected)
    }

    @Test(arguments: [
        "", "file:///etc/passwd", "ftp://a.org/", "gopher://a.org/", "a.org", "http://", "http://user@a.org/",
        "http://user:pass@127.0.0.1/", "javascript:alert(1)", "http://a.org/\r\nHost: b.org", "http://a.org:99999/",
    ])
    func refusesOthers(_ text: String) {
        #expect {
            try WebAddress(text)
        } throws: {
            let error = $0 as? WebClientError
            return error?.code == .invalidAddress && error?.message.contains("pass@") == false
        }
    }
}

@Suite struct RedirectRules {
    private func step(
        _ request: WebRequest, _ status: Int, _ location: String?, followed: Int = 0
    ) throws -> RedirectRule.Step {
        try RedirectRule.step(
            after: request, at: WebAddress(request.address), status: status, location: location, followed: followed)
    }

    private let post = WebRequest(
        .post, "https://a.org/hook", headers: [("Content-Type", "text/plain"), ("Authorization", "secret")],
        body: [1, 2])

    @Test func answersEnd() throws {
        #expect(try step(post, 200, "/x") == .finished)
        #expect(try step(post, 302, nil) == .finished)
        #expect(try step(post, 304, "/x") == .finished)
    }

    @Test func postBecomesGet() throws {
        for status in [301, 302, 303] {
            guard case .follow(let next, let address) = try step(post, status, "/new") else {
                Issue.record("\(status) was not followed")
                continue
            }
            #expect(next.method == .get && next.body.isEmpty && address.text == "https://a.org/new")
            #expect(next.headers["content-type"] == nil && next.headers["authorization"] == "secret")
        }
    }

    @Test func sameMethodWhereTheServerSaysSo() throws {
        guard case .follow(let next, _) = try step(post, 308, "/new") else {
            throw WebClientError(.badAnswer, "no redirect")
        }
        #expect(next.method == .post && next.body == [1, 2])
    }

    @Test func bodiesStayWithTheirHost() {
        #expect {
            try step(post, 307, "https://b.org/")
        } throws: {
            ($0 as? WebClientError)?.code == .redirectRefused
        }
    }

    @Test(arguments: ["https://b.org/", "http://a.org/", "https://a.org:8443/"])
    func secretsStayWithTheirOrigin(_ location: String) throws {
        let request = WebRequest(
            .get, "https://a.org/",
            headers: [("Authorization", "s"), ("Cookie", "c"), ("X-Key", "k"), ("Accept", "text/html")])
        guard case .follow(let next, _) = try step(request, 302, location) else {
            throw WebClientError(.badAnswer, "none")
        }
        #expect(next.headers.fields.map(\.name) == ["accept"])
    }

    @Test func onlySoMany() {
        #expect {
            try step(WebRequest(.get, "https://a.org/"), 302, "/", followed: 5)
        } throws: {
            ($0 as? WebClientError)?.code == .tooManyRedirects
        }
    }

    @Test func otherProtocolsAreNoTarget() {
        for location in ["file:///etc/passwd", "gopher://127.0.0.1:6379/x", "http://u:p@b.org/"] {
            #expect {
                try step(WebRequest(.get, "https://a.org/"), 302, location)
            } throws: {
                ($0 as? WebClientError)?.code == .invalidAddress
            }
        }
    }

    @Test func noneIsFollowedWhereNoneIsWanted() throws {
        let request = WebRequest(.get, "https://a.org/", limits: WebLimits(redirects: 0))
        #expect(try step(request, 302, "/x") == .finished)
    }
}
