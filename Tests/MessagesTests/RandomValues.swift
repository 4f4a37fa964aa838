// Random values of the message types from a seed, for comparing coders.

import Messages

/// SplitMix64 (Steele, Lea and Flood: Fast Splittable Pseudorandom Number Generators, 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func text(upTo limit: Int) -> String {
        let letters = ["复", "工", "产", "疫", "情", "a", "Z", "0", " ", "\"", "\\", "\n", "é", "😀", "\u{0}", "／"]
        return (0..<Int.random(in: 0...limit, using: &self)).map { _ in
            letters.randomElement(using: &self)!
        }.joined()
    }

    mutating func maybe<Value>(_ make: (inout SeededGenerator) -> Value) -> Value? {
        Bool.random(using: &self) ? make(&self) : nil
    }

    mutating func many<Value>(upTo limit: Int, _ make: (inout SeededGenerator) -> Value) -> [Value] {
        (0..<Int.random(in: 0...limit, using: &self)).map { _ in make(&self) }
    }

    /// An integer whose size is as random as its bits.
    mutating func integer() -> Int {
        Int(bitPattern: UInt(next())) >> Int.random(in: 0..<64, using: &self)
    }

    mutating func number() -> Double {
        Bool.random(using: &self)
            ? Double(Int.random(in: -1_000...1_000, using: &self)) / 8 : Double.random(in: -1e300...1e300, using: &self)
    }

    /// A value of any kind that JSON has, with at most so many containers inside one another.
    mutating func json(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &self) {
        case 0: .null
        case 1: .boolean(Bool.random(using: &self))
        case 2: .integer(Int64(integer()))
        case 3: .number(number())
        case 4: .string(text(upTo: 300))
        case 5: .string(text(upTo: 12))
        case 6: .list(many(upTo: 20) { $0.json(depth: depth - 1) })
        default:
            .object(
                Dictionary(
                    many(upTo: 20) { ($0.text(upTo: 9), $0.json(depth: depth - 1)) }, uniquingKeysWith: { $1 }))
        }
    }

    mutating func range() -> ByteRange {
        ByteRange(integer(), integer())
    }

    mutating func basis() -> Basis {
        Basis(rule: text(upTo: 12), range: maybe { $0.range() }, certainty: Double.random(in: 0...1, using: &self))
    }

    mutating func date() -> PartialDate {
        PartialDate(
            year: maybe { $0.integer() }, month: maybe { $0.integer() }, day: maybe { $0.integer() },
            minuteOfDay: maybe { $0.integer() }, utcOffsetMinutes: maybe { $0.integer() })
    }

    mutating func figure() -> Figure {
        Figure(
            subject: text(upTo: 8), lower: maybe { $0.number() }, upper: maybe { $0.number() },
            includesLower: Bool.random(using: &self), includesUpper: Bool.random(using: &self), unit: text(upTo: 3),
            comparator: text(upTo: 2), date: maybe { $0.date() }, quote: text(upTo: 40), range: range())
    }

    mutating func item() -> Item {
        Item(
            ordinal: integer(), title: text(upTo: 30), body: text(upTo: 400),
            published: maybe { Found($0.date(), $0.basis()) }, events: many(upTo: 3) { Found($0.date(), $0.basis()) },
            department: maybe { Found($0.text(upTo: 9), $0.basis()) },
            sources: many(upTo: 3) { Found($0.text(upTo: 9), $0.basis()) },
            districts: many(upTo: 20) { $0.text(upTo: 6) }, citations: many(upTo: 2) { $0.text(upTo: 40) },
            figures: many(upTo: 18) { $0.figure() },
            questions: many(upTo: 2) {
                QuestionAnswer(question: $0.text(upTo: 30), answer: $0.text(upTo: 90), range: $0.range())
            },
            language: text(upTo: 7), flags: many(upTo: 4) { $0.text(upTo: 10) }, range: range(),
            people: many(upTo: 3) { $0.text(upTo: 4) },
            doubts: many(upTo: 2) { Doubt(flag: $0.text(upTo: 9), detail: $0.text(upTo: 30), quote: $0.text(upTo: 20)) },
            repairs: many(upTo: 3) {
                Repair(
                    rule: $0.text(upTo: 9), found: $0.text(upTo: 3), suggestion: $0.text(upTo: 3), range: $0.range(),
                    certainty: $0.number())
            },
            signature: maybe { generator in
                Signature(words: (0..<Signature.wordCount).map { _ in generator.next() })
            }.flatMap { $0 })
    }

    mutating func document() -> ParsedDocument {
        ParsedDocument(
            items: many(upTo: 4) { $0.item() },
            remainders: many(upTo: 20) {
                Remainder(
                    role: Bool.random(using: &$0) ? .heading : .discard, name: $0.text(upTo: 9), range: $0.range())
            },
            format: text(upTo: 9), encoding: text(upTo: 9), replacedSequences: integer(),
            warnings: many(upTo: 3) { $0.text(upTo: 20) })
    }

    mutating func query(depth: Int) -> Query {
        let node = Int.random(in: 0..<(depth > 0 ? 15 : 11), using: &self)
        switch node {
        case 0: return .all
        case 1: return .none
        case 2: return .text(text(upTo: 9), field: maybe { $0.text(upTo: 9) })
        case 3: return .phrase(text(upTo: 9), field: maybe { $0.text(upTo: 9) }, slop: integer())
        case 4: return .prefix(text(upTo: 9), field: maybe { $0.text(upTo: 9) })
        case 5: return .fuzzy(text(upTo: 9), field: maybe { $0.text(upTo: 9) }, edits: integer())
        case 6: return .term(text(upTo: 9), field: text(upTo: 9))
        case 7: return .dates(DateRange(lower: maybe { $0.integer() }, upper: maybe { $0.integer() }), field: "d")
        case 8: return .numbers(numberRange(), field: text(upTo: 9))
        case 9: return .figure(subject: text(upTo: 9), range: numberRange(), unit: text(upTo: 3))
        case 10: return .monthDay(month: integer(), day: maybe { $0.integer() }, field: text(upTo: 9))
        case 11: return .and(many(upTo: 3) { $0.query(depth: depth - 1) })
        case 12: return .or(many(upTo: 3) { $0.query(depth: depth - 1) })
        case 13: return .not(query(depth: depth - 1))
        default: return .boost(query(depth: depth - 1), factor: Float.random(in: 0...9, using: &self))
        }
    }

    private mutating func numberRange() -> NumberRange {
        NumberRange(
            lower: maybe { $0.number() }, upper: maybe { $0.number() }, includesLower: Bool.random(using: &self),
            includesUpper: Bool.random(using: &self))
    }

    mutating func header() -> Header {
        Header(
            kind: Kind.allCases.randomElement(using: &self)!, id: "m" + text(upTo: 9),
            parent: maybe { "p" + $0.text(upTo: 9) }, deadline: maybe { Int64($0.integer()) },
            trace: maybe { $0.text(upTo: 20) })
    }

    mutating func error() -> KuaibaoError {
        let lower = Int.random(in: 0...1000, using: &self)
        return KuaibaoError(
            ErrorCode.allCases.randomElement(using: &self)!, text(upTo: 40), fix: text(upTo: 40),
            range: maybe { lower..<lower + Int.random(in: 0...99, using: &$0) })
    }
}
