// The rule for addresses: what is not encrypted stays on this machine unless somebody says otherwise.

package import Messages

package enum Endpoints {
    /// Checks an endpoint that a service is going to bind.
    ///
    /// - Throws: `notAllowed` for a TCP address beyond loopback where `isInsecureAllowed` is false.
    package static func checkBind(_ endpoint: String, isInsecureAllowed: Bool) throws(KuaibaoError) {
        guard endpoint.hasPrefix("tcp://"), !isInsecureAllowed else { return }
        let address = endpoint.dropFirst(6)
        let local = ["127.", "localhost:", "[::1]:"]
        guard !local.contains(where: { address.hasPrefix($0) }) else { return }
        throw KuaibaoError(
            .notAllowed, "\(endpoint) is reachable from other machines and not encrypted",
            fix: "bind 127.0.0.1, or set insecure-transport to true on a private network")
    }
}
