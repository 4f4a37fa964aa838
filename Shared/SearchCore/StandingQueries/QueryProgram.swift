// A plan as a row of numbers that is run on the keys of one document.
//
// Grammar (words of 32 bits)
//     node    = everything | nothing | open
//             | key number
//             | phrase units (number offset) x units
//             | loose span slop units number x units
//                                             in this order, with at most `slop` positions more than `span` from first to last
//             | every end node …              all of the nodes up to `end`, a place in the row
//             | any end minimum node …        at least `minimum` of them
//             | complement node
//             | column test                   a place in the tests of columns
//
// A run says yes, no, or that it cannot tell. It cannot tell what needs more than keys and their positions: words that begin so
// or are nearly so, figures, areas; those are `open`, together with the keys that they need (`RequiredKeys.swift`). With three
// answers (Kleene, "On Notation for Ordinal Numbers", 1938: AND is the least, OR the greatest of no < open < yes) most documents
// are decided although a part is open.
//
// Invariant: yes only where the plan matches the document, no only where it does not.

/// What running a program on a document says.
enum Verdict: Int, Comparable {
    case no, open, yes

    @inline(__always)
    static func < (one: Verdict, other: Verdict) -> Bool { one.rawValue < other.rawValue }
}

/// Words of a program.
enum ProgramWord {
    static let everything: Int32 = 0
    static let nothing: Int32 = 1
    static let open: Int32 = 2
    static let key: Int32 = 3
    static let phrase: Int32 = 4
    static let every: Int32 = 5
    static let any: Int32 = 6
    static let complement: Int32 = 7
    static let column: Int32 = 8
    static let loose: Int32 = 9
}

/// A condition on a column of a document.
struct ColumnTest: Sendable {
    let field: Int
    let test: ColumnNode.Test
}

/// The program of one query, made to stand at a place among others.
struct QueryProgram {
    private(set) var words: [Int32] = []
    private(set) var tests: [ColumnTest] = []
    private let start: Int
    private let firstTest: Int

    /// - Parameters:
    ///   - finder: of the plan; parts are run in ascending order of the documents that have what they need.
    ///   - start: words before this program; `firstTest`: tests before its own.
    ///   - number: the number of a key, and whether its positions are read.
    init(_ plan: Plan, _ finder: RequirementFinder, start: Int, firstTest: Int, number: (QueryKey, Bool) -> Int32) {
        self.start = start
        self.firstTest = firstTest
        append(plan.root, plan, finder, number)
    }

    private mutating func append(
        _ node: PlanNode, _ plan: Plan, _ finder: RequirementFinder, _ number: (QueryKey, Bool) -> Int32
    ) {
        switch node {
        case .everything: words.append(ProgramWord.everything)
        case .nothing: words.append(ProgramWord.nothing)
        case .leaf(let leaf): append(plan.leaves[leaf], number)
        case .filter(let filter): append(filter, number)
        case .adding(let base, _): append(base, plan, finder, number)
        case .complement(let part):
            words.append(ProgramWord.complement)
            append(part, plan, finder, number)
        case .every(let parts):
            // What is seldom there decides soonest.
            let costs = parts.map { finder.cost(of: $0) }
            group(ProgramWord.every) { program in
                for place in parts.indices.sorted(by: { (costs[$0], $0) < (costs[$1], $1) }) {
                    program.append(parts[place], plan, finder, number)
                }
            }
        case .any(let parts, let minimum):
            group(ProgramWord.any, minimum) { program in
                for part in parts { program.append(part, plan, finder, number) }
            }
        }
    }

    private mutating func group(_ word: Int32, _ minimum: Int? = nil, _ parts: (inout QueryProgram) -> Void) {
        words.append(word)
        let end = words.count
        words.append(0)
        if let minimum { words.append(Int32(minimum)) }
        parts(&self)
        words[end] = Int32(start + words.count)
    }

    private mutating func append(_ leaf: Leaf, _ number: (QueryKey, Bool) -> Int32) {
        switch leaf.match {
        case .term(let key): words += [ProgramWord.key, number(QueryKey(field: leaf.field, key), false)]
        case .phrase(let phrase):
            let numbers = phrase.units.map { number(QueryKey(field: leaf.field, $0.key), true) }
            if phrase.slop > 0 {
                words += [ProgramWord.loose, Int32(phrase.span), Int32(phrase.slop), Int32(numbers.count)] + numbers
            } else {
                words += [ProgramWord.phrase, Int32(numbers.count)]
                for (number, unit) in zip(numbers, phrase.units) { words += [number, Int32(unit.offset)] }
            }
        case .prefix, .pattern, .chain, .variants, .fuzzy, .passage: words.append(ProgramWord.open)
        }
    }

    private mutating func append(_ filter: Filter, _ number: (QueryKey, Bool) -> Int32) {
        switch filter {
        case .keyword(let field, let key): words += [ProgramWord.key, number(QueryKey(field: field, key), false)]
        case .dates(let field, let lower, let upper): append(field, .dates(DateTest(lower: lower, upper: upper)))
        case .monthDay(let field, let month, let day): append(field, .monthDay(month: month, day: day))
        case .numbers(let field, let range): append(field, .numbers(range))
        case .within(let field, let shape): append(field, .within(shape))
        case .figure(let field, let condition):
            needing(
                FigurePieces.required(condition.subject).map {
                    number(QueryKey(field: field, isPiece: true, $0), false)
                })
        case .keywordPrefix, .keywordPattern, .keywordFuzzy, .covers, .near: words.append(ProgramWord.open)
        }
    }

    private mutating func append(_ field: Int, _ test: ColumnNode.Test) {
        words += [ProgramWord.column, Int32(firstTest + tests.count)]
        tests.append(ColumnTest(field: field, test: test))
    }

    /// Open where all keys are there, else no.
    private mutating func needing(_ keys: [Int32]) {
        group(ProgramWord.every) { program in
            for key in keys { program.words += [ProgramWord.key, key] }
            program.words.append(ProgramWord.open)
        }
    }
}

/// Runs programs on one document after the other.
struct ProgramRun {
    private let words: [Int32]
    private let tests: [ColumnTest]
    private let reader: SegmentReader
    private let keys: ItemKeys
    /// By key number: `stamp` for the keys of the current document.
    private(set) var stamps: [UInt32]
    /// By key number, for keys with this stamp: their place in `keys`.
    private var places: [Int32]
    private(set) var stamp: UInt32 = 0
    private var document: DocID = 0

    init(_ index: QueryIndex, _ reader: SegmentReader, _ keys: ItemKeys) {
        words = index.words
        tests = index.tests
        self.reader = reader
        self.keys = keys
        stamps = [UInt32](repeating: 0, count: index.keyCount)
        places = [Int32](repeating: 0, count: index.keyCount)
    }

    /// Goes on to a document. - Parameter place: its place among those of `keys`, ascending from call to call.
    mutating func begin(_ document: DocID, at place: Int) {
        self.document = document
        stamp = UInt32(place + 1)
        for entry in keys.entries(ofItem: place) {
            let key = Int(keys.numbers[entry])
            stamps[key] = stamp
            places[key] = Int32(entry)
        }
    }

    @inline(__always)
    func has(_ key: Int32) -> Bool { stamps[Int(key)] == stamp }

    /// - Parameter start: where the program begins.
    func verdict(_ start: Int) -> Verdict {
        var position = start
        return verdict(at: &position)
    }

    private func verdict(at position: inout Int) -> Verdict {
        let word = words[position]
        position += 1
        switch word {
        case ProgramWord.key:
            position += 1
            return has(words[position - 1]) ? .yes : .no
        case ProgramWord.phrase:
            let units = Int(words[position])
            let first = position + 1
            position = first + units * 2
            return hasPhrase(first, units) ? .yes : .no
        case ProgramWord.loose:
            let first = position + 3
            let units = Int(words[position + 2])
            let longest = Int64(words[position]) + Int64(words[position + 1])
            position = first + units
            return hasLoosePhrase(first, units, longest) ? .yes : .no
        case ProgramWord.every:
            let end = Int(words[position])
            position += 1
            var least = Verdict.yes
            while position < end, Verdict.no < least { least = min(least, verdict(at: &position)) }
            position = end
            return least
        case ProgramWord.any:
            let end = Int(words[position])
            let minimum = words[position + 1]
            position += 2
            var (certain, possible): (Int32, Int32) = (0, 0)
            while position < end, certain < minimum {
                let part = verdict(at: &position)
                if part == .yes { certain += 1 }
                if part != .no { possible += 1 }
            }
            position = end
            return certain >= minimum ? .yes : possible >= minimum ? .open : .no
        case ProgramWord.complement:
            switch verdict(at: &position) {
            case .no: return .yes
            case .open: return .open
            case .yes: return .no
            }
        case ProgramWord.column:
            let test = tests[Int(words[position])]
            position += 1
            guard test.field < reader.columns.count, let column = reader.columns[test.field] else { return .open }
            return test.test.holds(column, document) ? .yes : .no
        case ProgramWord.everything: return .yes
        case ProgramWord.nothing: return .no
        default: return .open
        }
    }

    /// Whether some position p has each unit at p + its offset.
    ///
    /// - Complexity: O(positions of the rarest unit · units · log positions).
    private func hasPhrase(_ first: Int, _ units: Int) -> Bool {
        var rarest = 0
        var fewest = Int.max
        for unit in 0..<units {
            let key = words[first + unit * 2]
            guard has(key) else { return false }
            let count = keys.positions(at: Int(places[Int(key)])).count
            if count < fewest {
                fewest = count
                rarest = unit
            }
        }
        let offset = words[first + rarest * 2 + 1]
        for place in keys.positions(at: Int(places[Int(words[first + rarest * 2])])) {
            let start = Int64(keys.values[place]) - Int64(offset)
            guard start >= 0 else { continue }
            var isThere = true
            for unit in 0..<units where unit != rarest && isThere {
                let others = keys.positions(at: Int(places[Int(words[first + unit * 2])]))
                isThere = keys.holds(UInt32(start + Int64(words[first + unit * 2 + 1])), others)
            }
            if isThere { return true }
        }
        return false
    }

    /// Whether the units stand in their order within `longest` positions from the first to the last. Of all that end at one
    /// place the one whose units stand as late as they can is the shortest.
    ///
    /// - Complexity: O(positions of the last unit · units · log positions).
    private func hasLoosePhrase(_ first: Int, _ units: Int, _ longest: Int64) -> Bool {
        for unit in 0..<units where !has(words[first + unit]) { return false }
        for last in keys.positions(at: Int(places[Int(words[first + units - 1])])) {
            let end = keys.values[last]
            var start = end
            var isWhole = true
            for unit in (0..<(units - 1)).reversed() {
                let others = keys.positions(at: Int(places[Int(words[first + unit])]))
                guard let earlier = keys.last(below: start, others) else {
                    isWhole = false
                    break
                }
                start = earlier
            }
            if isWhole, Int64(end) - Int64(start) <= longest { return true }
        }
        return false
    }
}
