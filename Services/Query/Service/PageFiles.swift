// The files of the web page.

enum PageFiles {
    struct File: Sendable {
        let path: String
        let type: String
        let bytes: [UInt8]
    }

    static let all: [File] = []
}
