// TLS of the HTTP server: a certificate and its key from files, TLS 1.2 or later. Programs built without the package's
// trait TLS have plain HTTP only, and refuse the settings.

import HummingbirdCore
import Messages

#if TLS
import HummingbirdTLS
import NIOSSL
#endif

/// Makes the HTTP server with or without TLS.
enum GatewayTLS {
    /// The server's channel; plain HTTP where neither file is named.
    ///
    /// - Throws: `invalidRequest` where one file is missing, cannot be read, or does not fit the other, or where this
    ///   program has no TLS.
    static func server(certificate: String, key: String) throws -> HTTPServerBuilder {
        if certificate.isEmpty, key.isEmpty { return .http1() }
        guard !certificate.isEmpty, !key.isEmpty else {
            throw KuaibaoError(
                .invalidRequest, "TLS has a \(certificate.isEmpty ? "key" : "certificate") only",
                fix: "set both tls-certificate and tls-key, or neither")
        }
        #if TLS
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            // Files that do not belong together are found here and not by the first client.
            _ = try NIOSSLContext(configuration: configuration)
            return try .tls(.http1(), tlsConfiguration: configuration)
        } catch {
            throw KuaibaoError(
                .invalidRequest, "the certificate \(certificate) or its key \(key) cannot be used: \(error)",
                fix: "give PEM files: the certificate with its chain, and its private key")
        }
        #else
        throw KuaibaoError(
            .invalidRequest, "this program was built without TLS",
            fix: "use the image, build with `make build TRAITS=TLS`, or put a proxy with TLS before the gateway")
        #endif
    }
}
