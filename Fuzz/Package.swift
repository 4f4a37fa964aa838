// swift-tools-version: 6.2
// Fuzz targets: the readers of documents under libFuzzer. A package of its own, because everything in it is compiled for
// coverage. `make fuzz` builds and runs it; see Fuzz/README.md.
import PackageDescription

let covered: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"]),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

func shared(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Shared/\(name)", swiftSettings: covered)
}

let package = Package(
    name: "Fuzz",
    dependencies: [.package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2")],
    targets: [
        .systemLibrary(name: "CArchive", path: "Shared/CArchive", pkgConfig: "libarchive"),
        .target(name: "CFuzzer"),
        shared("Messages"),
        shared("Archives", ["CArchive"]),
        shared("Documents", ["Messages", "Archives", .product(name: "Yams", package: "Yams")]),
        .executableTarget(
            name: "FuzzDocuments", dependencies: ["CFuzzer", "Documents", "Messages"],
            swiftSettings: [.swiftLanguageMode(.v6)],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]),
    ])
