// libFuzzer's entry for the readers of segments: what lies on a disk is read as if somebody had written it on purpose.
//
//     input   first byte: the reader; then its parameters, a byte each; then the bytes that it reads
//
// Readers of parts get the bytes as a section that ends where a page begins that must not be touched, so that a load behind
// it is a fault; the module is compiled with its assertions, so that one inside of the section but outside of a list is found
// too. Checksums are put right first. Readers of whole segments get a small valid file in which some bytes are exchanged.
//
// Nothing may trap, hang or take memory without bound; ways of reading the same must agree where the file does not
// contradict itself. FUZZ_READERS=parts or whole leaves out the others: a whole segment takes as long as fifty parts.

import Foundation
import Messages

@testable import SearchCore

private typealias Target = @Sendable (inout Input) -> Void

private let parts: [Target] = [
    { dictionary(&$0, .positions) }, postings, column, store, { dictionary(&$0, .documents) }, postings, liveDocuments, values,
    keys,
]
/// What takes long: tables of texts are made anew for each input.
private let slow: [Target] = [whole, suggestions]

private let targets: [Target] =
    switch ProcessInfo.processInfo.environment["FUZZ_READERS"] {
    case "parts": parts
    case "whole": slow
    default: parts + slow
    }

/// First inputs: parts of a valid segment, written into the folder that FUZZ_SEEDS names.
private func writeSeeds(to folder: String) {
    var count = 0
    func seed(_ bytes: [UInt8]) {
        count += 1
        _ = FileManager.default.createFile(atPath: "\(folder)/\(count)", contents: Data(bytes))
    }
    for field in [0, 1] { seed([0, 3, 0x70, 0xE7, 0x96] + base.section(.terms, field: field)) }
    for field in [2, 3, SystemField.identity] { seed([4, 2, 0x6B, 0x64] + base.section(.terms, field: field)) }
    for field in [1, 2] {
        let section = Array(base.section(.postings, field: field))
        for (place, frequency) in frequencies.enumerated() where frequency < 300 {
            let blocks = (frequency + 127) / 128
            for bytes in [20, 60, 100] {
                seed([1, UInt8(field - 1 | 4), UInt8(place), 1, 2, UInt8(bytes * blocks & 255), UInt8(bytes * blocks >> 8)] + section.prefix(900))
            }
        }
    }
    for field in 2...8 {
        let (starts, rows) = (base.section(.starts, field: field), base.section(.values, field: field))
        seed([2, 2, 44, 0, 0, 20] + rows)
        if starts.count < 256 { seed([2, 3, 44, 3, 1, 20, UInt8(starts.count)] + starts + rows) }
    }
    seed([2, 1, 3, 0, 0, 9, 28] + FixedColumn.encode([0, 1, 3, 4]) + FixedColumn.encode([5, 1, 7, 2]))
    seed([2, 8, 4, 9, 1, 9] + FixedColumn.encode([0, 70_000, 3 << 9, 1]))
    seed([3, 64, 140] + base.section(.store, field: SystemField.store))
    seed([3, 0x41, 3, 0, 3, 0, 9, 2, 2, 2, 65, 66, 67, 68, 69, 70])
    var live = LiveDocs(documentCount: 70)
    live.delete(3)
    seed([6, 1] + live.encode().dropLast(4))
    seed([7, 159, 0, 188] + GeoColumn.values(of: GeoPoint(latitude: 31, longitude: 121)).flatMap { code in
        (0..<8).map { UInt8(truncatingIfNeeded: code >> Int64(8 * $0)) }
    })
    seed([8, 4] + Array("0a1b".utf8) + [5, 0x6B, 97, 0, 65, 66, 2, 0x6B, 97] + Array("上海發布".utf8))
    let first = UInt8(parts.count)
    seed([first + 1, 3, 6] + Array("上海".utf8) + Array("上海发布\u{0}复工复产\u{0}covid".utf8))
    seed([first + 1, 3, 3] + Array("fgf".utf8) + Array("上海发布\u{0}复工复产\u{0}阜阳".utf8))
    for query in 0..<108 { seed([first, UInt8(query), UInt8(query &* 37 & 255), 60, 1, UInt8(query)]) }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_: UnsafeMutablePointer<CInt>, _: UnsafeMutableRawPointer) -> CInt {
    if let folder = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] { writeSeeds(to: folder) }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var input = Input(bytes: Array(UnsafeBufferPointer(start: start, count: count))[...])
    guard count > 0 else { return 0 }
    targets[input.byte() % targets.count](&input)
    return 0
}
