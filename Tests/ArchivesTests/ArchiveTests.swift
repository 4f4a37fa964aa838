// Archives give their members, bombs are refused early, and damage is an error.

import Foundation
import Testing

@testable import Archives

private func members(
    _ bytes: [UInt8], _ content: ArchiveReader.Content = .any, limits: ArchiveLimits = ArchiveLimits()
) throws -> [String: [UInt8]] {
    var archive = try ArchiveReader(bytes, content: content, limits: limits)
    var found: [String: [UInt8]] = [:]
    while let entry = try archive.next() {
        if entry.isFile { found[String(decoding: entry.name, as: UTF8.self)] = try archive.read() }
    }
    return found
}

private func code(_ body: () throws -> Void) -> ArchiveError.Code? {
    do { try body() } catch let error as ArchiveError { return error.code } catch { return nil }
    return nil
}

@Test func readsStoredZipMembersWithChineseNames() throws {
    let zip = ZipWriter.zip([("通报/一.txt", Array("正文".utf8)), ("b.txt", [1, 2, 3])])
    #expect(try members(zip) == ["通报/一.txt": Array("正文".utf8), "b.txt": [1, 2, 3]])
}

@Test func readsGzipAsOneMember() throws {
    let text = Array("上海发布".utf8)
    #expect(try members(Gzip.stored(text)).values.map { $0 } == [text])
}

@Test func readsSeveralGzipMembersOneBehindTheOther() throws {
    let both = Gzip.stored(Array("一".utf8)) + Gzip.stored(Array("二".utf8))
    #expect(try members(both, .single).values.map { $0 } == [Array("一二".utf8)])
}

@Test func refusesABombAsSoonAsItShows() throws {
    // 8 MiB of zeros pack to about 53 kB in the simplest way, a 160th.
    let bomb = Gzip.zeros(8 << 20)
    #expect(bomb.count < 60_000)
    #expect(code { _ = try members(bomb, .single, limits: ArchiveLimits(ratio: 100)) } == .bomb)
    #expect(code { _ = try members(bomb, .single, limits: ArchiveLimits(ratio: 1000)) } == nil)
}

@Test func refusesTooManyAndTooLargeMembers() throws {
    let zip = ZipWriter.zip((0..<20).map { ("\($0)", [UInt8](repeating: 65, count: 100)) })
    #expect(code { _ = try members(zip, limits: ArchiveLimits(entries: 19)) } == .tooMany)
    #expect(code { _ = try members(zip, limits: ArchiveLimits(entryBytes: 99)) } == .tooLarge)
    #expect(code { _ = try members(zip, limits: ArchiveLimits(totalBytes: 1999)) } == .tooLarge)
    #expect(try members(zip, limits: ArchiveLimits(entryBytes: 100, totalBytes: 2000, entries: 20)).count == 20)
}

@Test func damageAtAnyByteIsAnErrorOrOtherBytes() throws {
    let zip = ZipWriter.zip([("a.txt", Array("正文正文".utf8)), ("b.txt", Array("再一个".utf8))])
    var refused = 0
    for index in zip.indices {
        var damaged = zip
        damaged[index] ^= 0x55
        if code({ _ = try members(damaged, .archive) }) != nil { refused += 1 }
    }
    #expect(refused > 20)
}

@Test func cutOffArchivesEndWithAnError() throws {
    let packed = Gzip.zeros(100_000)
    for count in [3, 12, packed.count / 2] {
        #expect(code { _ = try members(Array(packed[..<count]), .single) } == .damaged)
    }
}
