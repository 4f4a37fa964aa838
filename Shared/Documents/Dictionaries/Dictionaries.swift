// The names and clue words by which the parser recognises media, organs, districts and boilerplate.
//
// The built-in lists are in the neighbouring files, one entry a line. A user's text is added to them:
//
//     text    = *( section / entry / comment )
//     section = "[" ( "media" / "organs" / "districts" / "boilerplate" ) "]"
//     entry   = name / ( alias "=" name )
//     comment = "#" anything

import Messages

/// Names and clue words.
package struct Dictionaries: Sendable {
    /// Newspapers, agencies, sites and accounts that publish.
    var media: NameTable
    /// Public bodies, in full and in short.
    var organs: NameTable
    /// Districts, with their short names as aliases.
    var districts: NameTable
    /// Phrases that mark a line as boilerplate.
    var boilerplate: NameTable
    /// The first characters of the districts' names.
    private(set) var districtInitials: Set<UInt32>
    private(set) var boilerplateInitials: Set<UInt32>

    /// The built-in lists.
    package static let standard = Dictionaries()

    private init() {
        media = NameTable(text: DefaultMedia.entries)
        organs = NameTable(text: DefaultOrgans.entries)
        districts = NameTable(text: DefaultDistricts.entries)
        boilerplate = NameTable(text: DefaultBoilerplate.entries)
        districtInitials = districts.initials
        boilerplateInitials = boilerplate.initials
    }

    /// These lists with a user's entries added.
    /// - Throws: `unreadableDocument` for a section that is not known, or an entry before the first section.
    package func extended(with text: String) throws(DocumentError) -> Dictionaries {
        var result = self
        var section = ""
        for (number, rawLine) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        {
            let line = String(rawLine.drop { $0 == " " || $0 == "\t" })
            if line.isEmpty || line.hasPrefix("#") { continue }
            if line.hasPrefix("[") {
                section = line.filter { $0 != "[" && $0 != "]" && $0 != " " }
                continue
            }
            switch section {
            case "media": result.media.add(line: line)
            case "organs": result.organs.add(line: line)
            case "districts": result.districts.add(line: line)
            case "boilerplate": result.boilerplate.add(line: line)
            default:
                throw DocumentError(
                    .unreadableDocument, "line \(number + 1) of the dictionary is in section \"\(section)\"",
                    fix: "put entries under [media], [organs], [districts] or [boilerplate]")
            }
        }
        result.districtInitials = result.districts.initials
        result.boilerplateInitials = result.boilerplate.initials
        return result
    }
}
