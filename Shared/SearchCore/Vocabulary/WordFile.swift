// The file of the user's own words of one meaning.

import Foundation
package import Messages

/// Reads the setting `synonyms` of query gateways and index workers.
package enum WordFile {
    /// Bytes of the file; a larger one is no list of words.
    private static let fileBytes = 16 << 20

    /// The built-in groups with those of the file at `path` added; only the built-in ones for an empty path.
    ///
    /// - Throws: `invalidRequest` where the file cannot be read or a line of it is no group.
    package static func groups(at path: String) throws(KuaibaoError) -> WordGroups {
        guard !path.isEmpty else { return .builtIn }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)), data.count <= fileBytes,
            let text = String(data: data, encoding: .utf8)
        else {
            throw KuaibaoError(
                .invalidRequest, "the file of synonyms \(path) cannot be read as UTF-8 of at most \(fileBytes) bytes",
                fix: "give a text file in synonyms, or leave it empty")
        }
        do {
            var groups = try WordGroups(parsing: text)
            groups.merge(.builtIn)
            return groups
        } catch {
            throw KuaibaoError(
                .invalidRequest, "\(path): \(error.message)", fix: "write a group a line, its words with = between them"
            )
        }
    }
}
