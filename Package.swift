// swift-tools-version: 6.2
// Kuaibao: one package. Services are thin mains over library targets; every module below them is in Shared/.
// Arrows point down only; see ARCHITECTURE.md for what each module answers.
import PackageDescription

/// Every target: Swift 6 mode, warnings as errors, memory-safety checked, explicit imports.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A library target under Shared/.
func shared(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)", swiftSettings: strict)
}

/// A test target under Tests/.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(name)Tests",
        // Pages that are parsed, each with what a reader finds in it.
        exclude: name == "Documents" ? ["Pages"] : [], swiftSettings: strict)
}

/// A service: its library under Services/<folder>/Service and its executable under Services/<folder>/Main.
func service(_ executable: String, folder: String, _ dependencies: [Target.Dependency]) -> [Target] {
    [
        .target(
            name: "\(folder)Service", dependencies: dependencies, path: "Services/\(folder)/Service",
            // The page's sources; PageText/ has them as Swift.
            exclude: folder == "Query" ? ["Page"] : [], swiftSettings: strict),
        .executableTarget(
            name: executable, dependencies: [.target(name: "\(folder)Service"), "ServiceKit"],
            path: "Services/\(folder)/Main", swiftSettings: strict),
    ]
}

let package = Package(
    name: "Kuaibao",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ingest", targets: ["ingest"]),
        .executable(name: "index", targets: ["index"]),
        .executable(name: "query", targets: ["query"]),
        .executable(name: "kuaibao", targets: ["kuaibao"]),
        .library(name: "KuaibaoClient", targets: ["KuaibaoClient"]),
    ],
    traits: [
        .trait(name: "TLS", description: "HTTPS in the query gateway; compiles BoringSSL, about four minutes (ADR 0031)")
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(
            url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: ["CommandLineArguments"]),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CZeroMQ", path: "Shared/CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(
            name: "CSodium", path: "Shared/CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(
            name: "CZstd", path: "Shared/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(
            name: "CZlib", path: "Shared/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(
            name: "CArchive", path: "Shared/CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(
            name: "CCurl", path: "Shared/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "CKernels", path: "Shared/CKernels"),
        .target(name: "CContainment", path: "Shared/CContainment"),
        shared("Messages"),
        shared("ZeroMQ", ["CZeroMQ"]),
        shared("Transport", ["Messages", "ZeroMQ", .product(name: "DequeModule", package: "swift-collections")]),
        shared("Ledger", ["Messages", "CZstd", .product(name: "GRDB", package: "GRDB.swift")]),
        shared("SegmentStore", ["Messages", "CKernels"]),
        shared("Archives", ["CArchive"]),
        shared("WebClient", ["Messages", "CCurl"]),
        shared("Documents", ["Messages", "Archives", .product(name: "Yams", package: "Yams")]),
        shared(
            "Feeds", ["Messages", "Documents", "WebClient", .product(name: "Yams", package: "Yams")]),
        shared("Inspection", ["Messages"]),
        shared("Geography", ["Messages"]),
        shared("Records", ["Messages", "Geography", .product(name: "Yams", package: "Yams")]),
        shared("Schemas", ["Messages", "Geography", "Records", "SearchCore"]),
        shared("Containment", ["Messages", "Documents", "CContainment"]),
        shared("Analysis"),
        shared("Digest", ["Messages"]),
        shared("SearchCore", ["Messages", "Analysis", "Geography", "CKernels", "CZstd"]),
        shared(
            "ServiceKit",
            [
                "Messages", "CSodium",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Yams", package: "Yams"),
            ]),
        tests("ServiceKit", ["ServiceKit", "Messages"]),
        tests("Messages", ["Messages"]),
        tests("ZeroMQ", ["ZeroMQ"]),
        tests("Transport", ["Transport", "TransportSimulation", "Messages", "ServiceKit", "ZeroMQ"]),
        .target(
            name: "TransportSimulation", dependencies: ["Transport", "Messages"], path: "Tests/TransportSimulation",
            swiftSettings: strict),
        tests("Ledger", ["Ledger", "Messages"]),
        tests("SegmentStore", ["SegmentStore", "Messages"]),
        tests("Archives", ["Archives"]),
        .target(name: "LocalWeb", path: "Tests/LocalWeb", swiftSettings: strict),
        tests("WebClient", ["WebClient", "LocalWeb"]),
        tests("Feeds", ["Feeds", "Documents", "WebClient", "Messages"]),
        tests("Documents", ["Documents", "Messages"]),
        tests("Containment", ["Containment", "Documents", "Messages"]),
        tests("Inspection", ["Inspection", "Documents", "Messages"]),
        tests("Records", ["Records", "Geography", "Messages"]),
        tests("Schemas", ["Schemas", "Records", "Geography", "SearchCore", "Messages"]),
        tests("Analysis", ["Analysis"]),
        tests("Digest", ["Digest", "Documents", "Messages"]),
        tests("SearchCore", ["SearchCore", "Analysis", "Messages"]),
    ]
)
package.targets += service(
    "ingest", folder: "Ingest",
    [
        "Messages", "ZeroMQ", "Transport", "Ledger", "Documents", "Containment", "Records", "ServiceKit", "CKernels",
        "Feeds", "WebClient",
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
    ])
package.targets += service(
    "index", folder: "Index",
    [
        "Messages", "ZeroMQ", "Transport", "SegmentStore", "SearchCore", "Schemas", "ServiceKit", "CKernels",
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
    ])
package.targets += service(
    "query", folder: "Query",
    [
        "Messages", "ZeroMQ", "Transport", "SegmentStore", "Analysis", "Geography", "Records", "SearchCore", "Schemas",
        "Digest", "ServiceKit", "WebClient", "CZlib",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird", condition: .when(traits: ["TLS"])),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log"),
    ])
package.targets += [
    .target(
        name: "KuaibaoClient", dependencies: ["Messages", "Transport", "ZeroMQ"], path: "clients/swift/KuaibaoClient",
        swiftSettings: strict),
    .target(
        name: "Console",
        dependencies: [
            "KuaibaoClient", "Messages", "Documents", "Archives", "Containment", "Inspection", "ServiceKit", "Ledger",
            "Feeds", "WebClient",
            "SegmentStore", "SearchCore", "Digest", "Transport", "ZeroMQ",
            .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ],
        path: "Services/Console/Commands", swiftSettings: strict),
    tests("Console", ["Console", "Messages"]),
    .executableTarget(
        name: "kuaibao", dependencies: ["Console"], path: "Services/Console/Main", swiftSettings: strict),
    .executableTarget(
        name: "relevance-bench", dependencies: ["SearchCore", "Messages", "Analysis"], path: "Benchmarks/Relevance",
        swiftSettings: strict),
    .testTarget(
        name: "StackTests",
        dependencies: [
            "IngestService", "IndexService", "QueryService", "KuaibaoClient", "Digest", "Ledger", "ServiceKit", "Messages", "ZeroMQ",
            "Transport", "LocalWeb", "SearchCore",
            .product(name: "Logging", package: "swift-log"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        ],
        path: "Tests/StackTests", exclude: ["Python"], swiftSettings: strict),
    .testTarget(
        name: "PageTests", dependencies: ["QueryService"], path: "Tests/PageTests",
        exclude: ["page_test.py", "session.py", "browser.py", "accessibility.js", "units.js"], swiftSettings: strict),
]
// Benchmarks; normal builds do not pay for them.
if Context.environment["KUAIBAO_BENCHMARKS"] == "1" {
    package.products += [
        .executable(name: "bench", targets: ["bench"]),
        .executable(name: "documents-bench", targets: ["documents-bench"]),
        .executable(name: "simulate", targets: ["simulate"]),
        .executable(name: "watch-bench", targets: ["watch-bench"]),
    ]
    package.targets += [
        .executableTarget(
            name: "bench", dependencies: ["SearchCore", "Messages"], path: "Benchmarks/Engine", swiftSettings: strict),
        .executableTarget(
            name: "watch-bench", dependencies: ["SearchCore", "Messages"], path: "Benchmarks/Watches",
            swiftSettings: strict),
        .executableTarget(
            name: "documents-bench", dependencies: ["Documents", "Messages"], path: "Benchmarks/Documents",
            swiftSettings: strict),
        .executableTarget(
            name: "simulate", dependencies: ["TransportSimulation"], path: "Benchmarks/Simulate", swiftSettings: strict),
    ]
}
