// Every kind of address that is refused, and the neighbours that are not.

import Testing

@testable import WebClient

@Suite struct AddressGuards {
    private func refusal(_ text: String, allowing allowed: [String] = []) throws -> String? {
        try #require(AddressGuard(allowing: allowed)).refusal(of: try #require(NetworkAddress(text), "\(text)"))
    }

    @Test(arguments: [
        // IPv4: both ends of each range.
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.0.1", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.0.2.1",
        "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.9",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        // IPv6.
        "::", "::1", "::127.0.0.1", "fc00::1", "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1",
        "2001:db8::1",
        "2001::1", "2001:1ff::1", "3fff::1", "100::1", "64:ff9b:1::1", "5f00::1", "4000::1", "1::1",
        // IPv6 that stands for IPv4: mapped ones always, translated ones where the inner address is refused.
        "::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1",
        "64:ff9b::169.254.169.254", "2002:7f00:1::", "2002:a00:1::1",
    ])
    func refused(_ text: String) throws {
        #expect(try refusal(text) != nil)
    }

    @Test(arguments: [
        "1.0.0.0", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2400:3200::1", "2606:4700::1111", "2001:200::1",
        "2001:4860::8888",
        "64:ff9b::8.8.8.8", "2002:808:808::1",
    ])
    func let_through(_ text: String) throws {
        #expect(try refusal(text) == nil)
    }

    @Test func namesTheKind() throws {
        #expect(try refusal("127.0.0.1") == "loopback")
        #expect(try refusal("::ffff:192.168.1.1") == "private")
        #expect(try refusal("::ffff:8.8.8.8") == "IPv4-mapped")
        #expect(try refusal("64:ff9b::a9fe:a9fe") == "link-local")
    }

    @Test func aSettingAllowsItsRangesOnly() throws {
        let allowed = ["127.0.0.0/8", "10.1.0.0/17", "fd00::/8"]
        for text in ["127.0.0.1", "10.1.127.255", "fd12::1", "::ffff:127.0.0.1"] {
            #expect(try refusal(text, allowing: allowed) == nil, "\(text)")
        }
        for text in ["10.1.128.0", "10.2.0.0", "::1", "192.168.1.1", "fc00::1"] {
            #expect(try refusal(text, allowing: allowed) != nil, "\(text)")
        }
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "localhost", "10.0.0.0/8/8", "::/129", "10.0.0.0/"])
    func wrongRangesAreNoRanges(_ text: String) {
        #expect(NetworkRange(text) == nil)
        #expect(AddressGuard(allowing: ["127.0.0.1", text]) == nil)
    }
}
