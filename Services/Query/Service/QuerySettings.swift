// The settings of the executable `query`, for both of its roles.

package import ServiceKit

package enum QuerySettings {
    package static let keys: [SettingKey] = [
        SettingKey("role", default: "gateway", "gateway (HTTP, ZeroMQ clients, web page) or worker (searcher)"),
        SettingKey(
            "data-dir", default: "./var/kuaibao",
            "folder that holds segments/ and, unless api-keys says otherwise, api-keys.json"),
        SettingKey("http-host", default: "127.0.0.1", "address of the HTTP server; gateway only"),
        SettingKey("http-port", default: "8080", "port of the HTTP server, 0 to 65535; 0 takes any free one"),
        SettingKey("ask-endpoint", default: "tcp://127.0.0.1:7520", "ZeroMQ endpoint for clients; gateway binds"),
        SettingKey(
            "search-endpoint", default: "tcp://127.0.0.1:7521", "ZeroMQ endpoint for query workers; gateway binds"),
        SettingKey(
            "submit-endpoint", default: "tcp://127.0.0.1:7510", "ZeroMQ endpoint of the ingest gateway for documents"),
        SettingKey("ledger-endpoint", default: "tcp://127.0.0.1:7512", "ZeroMQ endpoint of the ledger"),
        SettingKey("news-endpoint", default: "tcp://127.0.0.1:7513", "ZeroMQ endpoint of hints"),
        SettingKey("document-bytes", default: "33554432", "largest document in bytes, 1 to 60000000"),
        SettingKey("api-keys", default: "", "file of API keys; none means api-keys.json in data-dir; gateway only"),
        SettingKey(
            "tls-certificate", default: "",
            "PEM file of the certificate and its chain: HTTPS instead of HTTP; gateway only"),
        SettingKey("tls-key", default: "", "PEM file of the certificate's private key"),
        SettingKey(
            "key-rate", default: "0", "requests a second of a key without its own rate, 0 to 1000000; 0 for no limit"),
        SettingKey("key-requests", default: "256", "requests under way at once for one key, 1 to 1024"),
        SettingKey("audit-log", default: "", "file that tells who asked what over HTTP and the ask link; none keeps no such log"),
        SettingKey("cors-origins", default: "", "origins whose pages may use the API, with commas, * for all; none for none"),
        SettingKey("synonyms", default: "", "file of words of one meaning, a group a line, with = between; none has the built-in ones; gateway only"),
        SettingKey("cache-bytes", default: "33554432", "bytes of answers kept for the same question, 0 to 2^40; 0 keeps none"),
        SettingKey("event-streams", default: "4096", "streams of alerts open at once, 1 to 100000; gateway only"),
        SettingKey(
            "webhook-allow", default: "",
            "networks of this house that webhooks may reach, with commas, such as 10.0.0.0/8; none for public addresses only"),
        SettingKey("webhook-attempts", default: "8", "tries before an alert is given up, 1 to 50"),
        SettingKey(
            "webhook-pause-milliseconds", default: "1000",
            "pause before the second try, 10 to 60000; each further one is twice as long, at most five minutes"),
        SettingKey(
            "mail-server", default: "",
            "where daily digests are handed in as mail: smtp://host:587 or smtps://host:465; none sends no mail; gateway only"),
        SettingKey("mail-from", default: "", "mailbox that mail comes from"),
        SettingKey("mail-domains", default: "", "domains that mail may go to, with commas"),
        SettingKey(
            "mail-login", default: "", "file whose first line is name:password for the mail server, which then needs TLS"),
        SettingKey("mail-certificates", default: "", "PEM file of certificates trusted for the mail server; none for the system's"),
        SettingKey(
            "compress-bytes", default: "1024",
            "answers of at least so many bytes are compressed for clients that take it, 0 to 2^30; 0 compresses none"),
        SettingKey(
            "documents-per-worker", default: "100000",
            "items worth a query worker of their own, 1 to 1000000000; smaller collections are searched by one worker a query"
        ),
        SettingKey(
            "suggest-bytes", default: "268435456",
            "bytes of a worker's tables of suggestions, 0 to 2^40; about 500 a title; 0 suggests nothing"),
        SettingKey(
            "retention", default: "true", "false leaves records that are older than their collection keeps them; gateway only"),
        SettingKey("threads", default: "0", "search threads of a worker, 1 to 256; 0 takes one for each core"),
        SettingKey("keys", default: "", "folder of this process's keys, made by kuaibao keys; none leaves links plain"),
        SettingKey(
            "insecure-transport", default: "false",
            "TCP without keys: false refuses it, loopback allows it on this machine, true everywhere"),
        SettingKey("log-level", default: "info", "trace, debug, info, notice, warning, error or critical"),
    ]
}
