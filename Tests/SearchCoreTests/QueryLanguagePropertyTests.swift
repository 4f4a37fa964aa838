// The query language on random trees and texts.

import Foundation
import Messages
import SearchCore
import Testing

@Suite struct QueryLanguagePropertyTests {
    private let parser = QueryParser(fields: queryLanguageFields)
    private let normalizer = QueryNormalizer(fields: queryLanguageFields)
    private let printer = QueryPrinter(fields: queryLanguageFields)

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func aPrintedTreeReadsBackAsItself(seed: UInt64) throws {
        var random = QueryLanguageRandom(seed: seed)
        for round in 0..<1_500 {
            let tree = random.tree(depth: 4)
            let normal: Query
            do { normal = try normalizer.normalized(tree) } catch {
                Issue.record("seed \(seed), round \(round): \(error) \(tree)")
                return
            }
            let text = printer.print(normal)
            guard text.utf8.count <= 4_096 else { continue }
            do {
                let read = try parser.parse(text)
                guard read == normal else {
                    Issue.record("seed \(seed), round \(round): \(text)\nis  \(read)\nnot \(normal)")
                    return
                }
            } catch {
                Issue.record("seed \(seed), round \(round): \(text)\n\(error)\n\(normal)")
                return
            }
        }
    }

    @Test(arguments: [11, 12] as [UInt64])
    func normalisingTwiceChangesNothing(seed: UInt64) throws {
        var random = QueryLanguageRandom(seed: seed)
        for round in 0..<1_500 {
            let normal = try normalizer.normalized(random.tree(depth: 4))
            #expect(try normalizer.normalized(normal) == normal, "seed \(seed), round \(round)")
        }
    }

    @Test(arguments: [13, 14, 15] as [UInt64])
    func normalisingKeepsTheMeaning(seed: UInt64) throws {
        var random = QueryLanguageRandom(seed: seed)
        for round in 0..<400 {
            let tree = random.tree(depth: 4)
            let normal = try normalizer.normalized(tree)
            // A document satisfies a leaf or not, by chance; eight such documents.
            for document in 0..<8 {
                let isFound = try holds(tree, document)
                #expect(try holds(normal, document) == isFound, "seed \(seed), round \(round): \(tree)")
            }
        }
    }

    /// Whether a document of chance satisfies a tree.
    private func holds(_ query: Query, _ document: Int) throws -> Bool {
        switch query {
        case .all: return true
        case .none: return false
        case .and(let parts): return try parts.allSatisfy { try holds($0, document) }
        case .or(let parts): return try parts.contains { try holds($0, document) }
        case .not(let part): return try !holds(part, document)
        case .boost(let part, _): return try holds(part, document)
        default:
            let leaf = try normalizer.normalized(query)
            if leaf == .all || leaf == .none { return leaf == .all }
            let sum = printer.print(leaf).utf8.reduce(UInt(document)) { $0 &* 31 &+ UInt($1) }
            return (sum ^ sum >> 7) & 1 == 0
        }
    }

    @Test(arguments: [21, 22] as [UInt64])
    func treesSurviveJSON(seed: UInt64) throws {
        var random = QueryLanguageRandom(seed: seed)
        for round in 0..<600 {
            let tree = random.tree(depth: 4)
            let read = try JSONDecoder().decode(Query.self, from: JSONEncoder().encode(tree))
            #expect(read == tree, "seed \(seed), round \(round)")
        }
    }

    @Test(arguments: [31, 32, 33] as [UInt64])
    func anyTextIsReadOrRefusedWithAPlaceInIt(seed: UInt64) {
        var random = QueryLanguageRandom(seed: seed)
        var read = 0
        for round in 0..<4_000 {
            let text = random.queryText()
            do {
                let query = try parser.parse(text)
                read += 1
                #expect(try parser.parse(printer.print(query)) == query, "seed \(seed), round \(round): \(text)")
            } catch {
                guard let range = error.range else {
                    Issue.record("seed \(seed), round \(round): \(text) is refused without a place: \(error)")
                    return
                }
                let isInside = range.lowerBound >= 0 && range.upperBound <= text.utf8.count && !range.isEmpty
                #expect(isInside && isOnCharacters(range, text), "seed \(seed), round \(round): \(text) \(error)")
                #expect(!error.fix.isEmpty && !error.message.isEmpty && !error.message.hasSuffix("."), "\(error)")
            }
        }
        #expect(read > 200, "seed \(seed): only \(read) texts were read")
    }

    @Test(arguments: [41] as [UInt64])
    func damagedQueriesNeverTrap(seed: UInt64) {
        var random = QueryLanguageRandom(seed: seed)
        for _ in 0..<3_000 {
            var scalars = Array("复工复产 部门:公安局 日期:2020-02..2020-03 \"常态化防控\"~4 -(隔离 OR a*) 复工率>70%^2".unicodeScalars)
            for _ in 0..<3 {
                let index = Int.random(in: 0..<scalars.count, using: &random)
                if random.flip() { scalars.remove(at: index) } else { scalars[index] = random.pick(scalars) }
            }
            _ = try? parser.parse(String(String.UnicodeScalarView(scalars)))
        }
    }

    private func isOnCharacters(_ range: Range<Int>, _ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return [range.lowerBound, range.upperBound].allSatisfy { $0 == bytes.count || bytes[$0] & 0xC0 != 0x80 }
    }
}
