// The analyser again, slowly: the text is decoded by the standard library, cut into pieces by rules that look at whole
// runs, and positions and bigrams are given at the end. It shares only the folding tables with the analyser.

@testable import Analysis

enum AnalyzerOracle {
    struct Atom {
        var scalar: UInt32
        var kind: CharacterClass
        var folded: [UInt32]
        var range: Range<Int>
    }

    enum Piece {
        /// CJK characters with one range each.
        case cjk(term: [UInt32], range: Range<Int>)
        case other(TokenKind, term: [UInt32], range: Range<Int>)
        case gap
    }

    static func tokens(_ bytes: [UInt8]) -> [String] {
        let atoms = atoms(bytes)
        var position = 0
        var isGapPending = false
        var previous: (term: [UInt32], range: Range<Int>, position: Int)?
        var result: [String] = []
        for piece in pieces(atoms) {
            if case .gap = piece {
                isGapPending = position > 0
                previous = nil
                continue
            }
            if isGapPending { position += 1 }
            isGapPending = false
            switch piece {
            case .cjk(let term, let range):
                if let before = previous {
                    result.append(
                        describe(
                            .bigram, before.term + term, before.position, before.range.lowerBound..<range.upperBound))
                }
                result.append(describe(.unigram, term, position, range))
                previous = (term, range, position)
            case .other(let kind, let term, let range):
                result.append(describe(kind, term, position, range))
                previous = nil
            case .gap: break
            }
            position += 1
        }
        return result
    }

    static func describe(_ kind: TokenKind, _ term: [UInt32], _ position: Int, _ range: Range<Int>) -> String {
        let text = String(String.UnicodeScalarView(term.map { Unicode.Scalar($0)! }))
        return "\(kind) \(text) @\(position) \(range)"
    }

    /// The tokens of the analyser itself, described alike.
    static func analyzed(_ bytes: [UInt8]) -> [String] {
        var buffer = TokenBuffer()
        Analyzer().analyze(bytes, into: &buffer)
        return buffer.tokens.map { token in
            let term = String(decoding: buffer.term(token), as: UTF8.self).unicodeScalars.map(\.value)
            return describe(token.kind, term, Int(token.position), Int(token.startByte)..<Int(token.endByte))
        }
    }

    private static func atoms(_ bytes: [UInt8]) -> [Atom] {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var offset = 0
        var atoms: [Atom] = []
        func add(_ scalar: UInt32, _ length: Int) {
            let entry = FoldingTables.shared.entry(scalar)
            let kind = CharacterClass(rawValue: entry >> 28)!
            let folded: [UInt32]
            if kind == .letters || kind == .characters {
                folded = Array(FoldingTables.shared.expansion(entry))
            } else {
                folded = [entry & 0x1F_FFFF == 0 ? scalar : entry & 0x1F_FFFF]
            }
            atoms.append(Atom(scalar: scalar, kind: kind, folded: folded, range: offset..<(offset + length)))
            offset += length
        }
        loop: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let units): add(Unicode.UTF8.decode(units).value, units.count)
            case .error(let length): add(0xFFFD, length)
            case .emptyInput: break loop
            }
        }
        return atoms
    }

    private static func pieces(_ atoms: [Atom]) -> [Piece] {
        var pieces: [Piece] = []
        var index = 0
        func kind(_ at: Int) -> CharacterClass? { at >= 0 && at < atoms.count ? atoms[at].kind : nil }
        func startsWord(_ at: Int) -> Bool { [.letter, .letters, .digit].contains(kind(at)) }
        /// Whether the token that ended last ended just before `at`.
        var lastEnd = -1
        var lastIsNumber = false
        func bounded(_ scalars: [UInt32]) -> [UInt32] {
            var length = 0
            return Array(
                scalars.prefix {
                    length += UTF8.width(Unicode.Scalar($0)!)
                    return length <= 255
                })
        }
        while index < atoms.count {
            let atom = atoms[index]
            switch atom.kind {
            case .cjk, .characters:
                var end = index + 1
                let base = atom.folded.last!
                let takesMarks = atom.kind == .characters || (0x3040..<0x3100).contains(base)
                while takesMarks, kind(end) == .voicing { end += 1 }
                let marks = atoms[(index + 1)..<end].prefix(2).flatMap(\.folded)
                // Split the folded scalars into characters with their marks.
                var characters: [[UInt32]] = []
                for scalar in atom.folded {
                    if scalar == 0x3099 || scalar == 0x309A {
                        characters[characters.count - 1].append(scalar)
                    } else {
                        characters.append([scalar])
                    }
                }
                for (number, character) in characters.enumerated() {
                    let isLast = number == characters.count - 1
                    let range =
                        atom.range.lowerBound..<(isLast ? atoms[end - 1].range.upperBound : atom.range.upperBound)
                    pieces.append(.cjk(term: character + (isLast ? marks : []), range: range))
                }
                index = end
                lastEnd = -1
            case .letter, .letters:
                var end = index
                var stop = index
                while end < atoms.count {
                    switch atoms[end].kind {
                    case .letter, .letters, .digit, .voicing: stop = end + 1
                    case .apostrophe where startsWord(end + 1): break
                    case .transparent where isMark(atoms[end].scalar): stop = end + 1
                    default:
                        end = atoms.count
                        continue
                    }
                    end += 1
                }
                let run = atoms[index..<stop]
                let term = run.filter { $0.kind != .apostrophe && $0.kind != .transparent }.flatMap(\.folded)
                pieces.append(
                    .other(.word, term: bounded(term), range: atom.range.lowerBound..<atoms[stop - 1].range.upperBound))
                index = stop
                lastEnd = stop
                lastIsNumber = false
            case .digit:
                func digits(_ at: Int) -> Int {
                    var end = at
                    while kind(end) == .digit { end += 1 }
                    return end
                }
                let isChained = index > 0 && kind(index - 1) == .point && lastEnd == index - 1
                var end = digits(index)
                if end - index <= 3 {
                    while kind(end) == .comma, digits(end + 1) == end + 4,
                        (atoms[end].scalar < 0x80) == (atoms[end - 1].scalar < 0x80)
                    { end += 4 }
                }
                if kind(end) == .point, kind(end + 1) == .digit, !isChained {
                    let fraction = digits(end + 1)
                    if !(kind(fraction) == .point && kind(fraction + 1) == .digit) { end = fraction }
                }
                let run = atoms[index..<end]
                let term = run.flatMap { $0.kind == .comma ? [] : $0.kind == .point ? [0x2E] : $0.folded }
                pieces.append(
                    .other(.number, term: bounded(term), range: atom.range.lowerBound..<atoms[end - 1].range.upperBound)
                )
                index = end
                lastEnd = end
                lastIsNumber = true
            case .percent:
                if lastEnd == index, lastIsNumber {
                    pieces.append(.other(.word, term: atom.folded, range: atom.range))
                    lastEnd = index + 1
                    lastIsNumber = false
                } else {
                    pieces.append(.gap)
                    lastEnd = -1
                }
                index += 1
            case .point:
                if lastEnd != index || !startsWord(index + 1) {
                    pieces.append(.gap)
                    lastEnd = -1
                }
                index += 1
            case .separator, .comma:
                pieces.append(.gap)
                lastEnd = -1
                index += 1
            case .transparent, .apostrophe, .voicing:
                index += 1
            }
        }
        return pieces
    }

    /// Marks and joiners that can stand inside a word, by their Unicode properties.
    private static func isMark(_ scalar: UInt32) -> Bool {
        let properties = Unicode.Scalar(scalar)!.properties
        return [.nonspacingMark, .enclosingMark, .spacingMark].contains(properties.generalCategory)
            || [0xAD, 0x200C, 0x200D, 0x2060].contains(scalar)
    }
}
