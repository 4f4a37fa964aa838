// The settings of the executable `ingest`, for both of its roles.

package import ServiceKit

package enum IngestSettings {
    package static let keys: [SettingKey] = [
        SettingKey("role", default: "gateway", "gateway (front door, owner of the ledger) or worker (parser)"),
        SettingKey("data-dir", default: "./var/kuaibao", "folder of the ledger; gateway only"),
        SettingKey("submit-endpoint", default: "tcp://127.0.0.1:7510", "ZeroMQ endpoint for documents; gateway binds"),
        SettingKey(
            "parse-endpoint", default: "tcp://127.0.0.1:7511", "ZeroMQ endpoint for parse workers; gateway binds"),
        SettingKey("ledger-endpoint", default: "tcp://127.0.0.1:7512", "ZeroMQ endpoint of the ledger; gateway binds"),
        SettingKey("news-endpoint", default: "tcp://127.0.0.1:7513", "ZeroMQ endpoint of hints (PUB); gateway binds"),
        SettingKey(
            "partitions", default: "4",
            "partitions of a new collection, 1 to 64; bounds the index workers that get work"),
        SettingKey("document-bytes", default: "33554432", "largest document in bytes, 1 to 60000000"),
        SettingKey(
            "disk-reserve-bytes", default: "134217728",
            "bytes that must be free on the ledger's disk for documents to be taken, 0 to 2^60"),
        SettingKey(
            "keep-raw-hours", default: "-1",
            "hours that a document's bytes are kept after it was parsed, -1 to 1000000; -1 keeps them for ever, for a new index"
        ),
        SettingKey(
            "keep-items-hours", default: "24",
            "hours that parsed items are kept in the journal after they were indexed, -1 to 1000000; -1 for ever"),
        SettingKey("threads", default: "0", "parse threads of a worker, 1 to 256; 0 takes one for each core"),
        SettingKey("keys", default: "", "folder of this process's keys, made by kuaibao keys; none leaves links plain"),
        SettingKey(
            "insecure-transport", default: "false",
            "TCP without keys: false refuses it, loopback allows it on this machine, true everywhere"),
        SettingKey(
            "dictionaries-dir", default: "",
            "folder of .txt files that add names and words to the built-in ones; worker only; empty takes none"),
        SettingKey(
            "containment", default: "child", "child parses in processes that may die; none parses in the worker itself"),
        SettingKey("parse-seconds", default: "30", "longest time for one document and one try, 1 to 3600"),
        SettingKey("parse-memory", default: "2147483648", "address space of a parsing child in bytes, 256 MiB or more"),
        SettingKey(
            "feeds-file", default: "",
            "YAML file of feeds and sitemaps that the gateway polls; empty polls none"),
        SettingKey("feeds-delay-seconds", default: "5", "seconds between two requests to one host, 0 to 3600"),
        SettingKey(
            "feeds-allow-networks", default: "",
            "networks that feeds may be in although they are not public, like 10.1.0.0/16, separated by commas"),
        SettingKey(
            "feeds-certificates", default: "",
            "file of certificates that feeds are trusted by instead of the system's; empty for the system's"),
        SettingKey("log-level", default: "info", "trace, debug, info, notice, warning, error or critical"),
    ]
}

/// Addresses of the ingest gateway's sockets.
package struct IngestEndpoints: Sendable, Hashable {
    package var submit: String
    package var parse: String
    package var ledger: String
    package var news: String

    package init(submit: String, parse: String, ledger: String, news: String) {
        self.submit = submit
        self.parse = parse
        self.ledger = ledger
        self.news = news
    }

    package init(_ settings: Settings) {
        self.init(
            submit: settings.string("submit-endpoint"), parse: settings.string("parse-endpoint"),
            ledger: settings.string("ledger-endpoint"), news: settings.string("news-endpoint"))
    }
}
