// The settings of the executable `index`.

package import ServiceKit

package enum IndexSettings {
    package static let keys: [SettingKey] = [
        SettingKey("role", default: "worker", "worker is the only role"),
        SettingKey("data-dir", default: "./var/kuaibao", "folder that holds segments/, shared with the query workers"),
        SettingKey("ledger-endpoint", default: "tcp://127.0.0.1:7512", "ZeroMQ endpoint of the ledger"),
        SettingKey("news-endpoint", default: "tcp://127.0.0.1:7513", "ZeroMQ endpoint of hints"),
        SettingKey(
            "synonyms", default: "",
            "file of words of one meaning that watches look for too; the query gateway's, so that both find the same"),
        SettingKey("merge-threads", default: "1", "threads that merge segments, 1 to 16"),
        SettingKey("gc-grace-seconds", default: "120", "seconds a dead segment is kept, 65 to 86400; longer than any query"),
        SettingKey("keys", default: "", "folder of this process's keys, made by kuaibao keys; none leaves links plain"),
        SettingKey(
            "insecure-transport", default: "false",
            "TCP without keys: false refuses it, loopback allows it on this machine, true everywhere"),
        SettingKey("log-level", default: "info", "trace, debug, info, notice, warning, error or critical"),
    ]
}
