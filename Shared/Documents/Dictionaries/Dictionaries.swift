// The names and clue words by which the parser recognises media, organs, districts and boilerplate.
//
// The built-in lists are in the neighbouring files, one entry a line. A user's text is added to them:
//
//     text    = *( section / entry / comment )
//     section = "[" ( "media" / "organs" / "districts" / "boilerplate" / "words" / "glyphs" ) "]"
//     entry   = name / ( alias "=" name )
//     comment = "#" anything
//
// A folder of files does the same: media.txt, organs.txt, districts.txt, boilerplate.txt, words.txt and glyphs.txt hold
// the entries of one section each; a file of any other name has sections. `words` and `glyphs` are what repairs of
// recognised text are made of, see `GlyphTable`.

import Messages

/// Names and clue words. A class, because every reader of a document holds them: a copy of the tables' sixty arrays costs as much
/// as the parsing of a line.
package final class Dictionaries: Sendable {
    /// Newspapers, agencies, sites and accounts that publish.
    let media: NameTable
    /// Public bodies, in full and in short.
    let organs: NameTable
    /// Districts, with their short names as aliases.
    let districts: NameTable
    /// Phrases that mark a line as boilerplate.
    let boilerplate: NameTable
    /// Look-alike characters and the words in which they are mended.
    let glyphs: GlyphTable
    /// What a character of running text may start, by its scalar value; see `TextScanner`.
    let scannerStarts: [UInt16]
    let boilerplateInitials: Set<UInt32>

    /// The built-in lists.
    package static let standard = Dictionaries(
        Entries(
            media: NameTable(text: DefaultMedia.entries), organs: NameTable(text: DefaultOrgans.entries),
            districts: NameTable(text: DefaultDistricts.entries), boilerplate: NameTable(text: DefaultBoilerplate.entries),
            glyphs: GlyphTable(pairs: DefaultGlyphs.pairs, words: DefaultGlyphs.words)))

    /// Tables that entries may still be added to.
    private struct Entries {
        var media: NameTable
        var organs: NameTable
        var districts: NameTable
        var boilerplate: NameTable
        var glyphs: GlyphTable
    }

    private init(_ entries: Entries) {
        (media, organs, districts) = (entries.media, entries.organs, entries.districts)
        (boilerplate, glyphs) = (entries.boilerplate, entries.glyphs)
        scannerStarts = TextScanner.starts(districts: districts.initials)
        boilerplateInitials = boilerplate.initials
    }

    /// These lists with a user's entries added.
    /// - Throws: `unreadableDocument` for a section that is not known, or an entry before the first section.
    package func extended(with text: String) throws(DocumentError) -> Dictionaries {
        try extended(with: text, section: "")
    }

    /// Sections by the names that files of a folder may have.
    private static let sections: Set<String> = ["media", "organs", "districts", "boilerplate", "words", "glyphs"]

    /// These lists with the files of a folder added, in the order of their names.
    /// - Throws: as `extended(with:)`, with the file's name.
    package func extended(withFiles files: [(name: String, text: String)]) throws(DocumentError) -> Dictionaries {
        var result = self
        for file in files.sorted(by: { $0.name < $1.name }) {
            let stem = file.name.hasSuffix(".txt") ? String(file.name.dropLast(4)) : file.name
            do {
                result = try result.extended(with: file.text, section: Self.sections.contains(stem) ? stem : "")
            } catch {
                throw DocumentError(error.code, "\(file.name): \(error.message)", fix: error.fix)
            }
        }
        return result
    }

    private func extended(with text: String, section first: String) throws(DocumentError) -> Dictionaries {
        var result = Entries(media: media, organs: organs, districts: districts, boilerplate: boilerplate, glyphs: glyphs)
        var section = first
        for (number, rawLine) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        {
            let line = String(rawLine.drop { $0 == " " || $0 == "\t" })
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("[") {
                section = line.filter { $0 != "[" && $0 != "]" && $0 != " " }
                continue
            }
            switch section {
            case "media": result.media.note(line: line)
            case "organs": result.organs.note(line: line)
            case "districts": result.districts.note(line: line)
            case "boilerplate": result.boilerplate.note(line: line)
            case "words": result.glyphs.note(word: line)
            case "glyphs": result.glyphs.note(pair: line)
            default:
                throw DocumentError(
                    .unreadableDocument, "line \(number + 1) of the dictionary is in section \"\(section)\"",
                    fix: "put entries under [media], [organs], [districts], [boilerplate], [words] or [glyphs]")
            }
        }
        result.glyphs.compile()
        result.media.layOut()
        result.organs.layOut()
        result.districts.layOut()
        result.boilerplate.layOut()
        return Dictionaries(result)
    }
}
