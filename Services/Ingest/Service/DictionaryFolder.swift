// The folder from which a parse worker takes names and words besides the built-in ones.

import Documents
import Foundation
import Messages

/// Reads a folder of dictionaries.
enum DictionaryFolder {
    /// Bytes of one file; a larger one is no list of names.
    private static let fileBytes = 16 << 20

    /// The built-in dictionaries with the `.txt` files of `path` added; only the built-in ones for an empty path.
    ///
    /// - Throws: `invalidRequest` where the folder or a file cannot be read or is no dictionary.
    static func dictionaries(at path: String) throws(KuaibaoError) -> Dictionaries {
        guard !path.isEmpty else { return .standard }
        var files: [(name: String, text: String)] = []
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: path) where name.hasSuffix(".txt") {
                let data = try Data(contentsOf: URL(fileURLWithPath: path).appendingPathComponent(name))
                guard data.count <= fileBytes, let text = String(data: data, encoding: .utf8) else {
                    throw KuaibaoError(
                        .invalidRequest,
                        "\(name) in the folder of dictionaries is not UTF-8 of at most \(fileBytes) bytes",
                        fix: "save it as UTF-8, or take it out of the folder")
                }
                files.append((name, text))
            }
        } catch let error as KuaibaoError {
            throw error
        } catch {
            throw KuaibaoError(
                .invalidRequest, "the folder of dictionaries \(path) cannot be read: \(error.localizedDescription)",
                fix: "give a folder that exists in dictionaries-dir, or leave it empty")
        }
        do {
            return try Dictionaries.standard.extended(withFiles: files)
        } catch {
            throw error.asKuaibaoError
        }
    }
}
