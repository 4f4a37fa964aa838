// Names of elements and of classes, and what they mean for reading.

/// What element and class names mean.
enum MarkupNames {
    /// Elements that start and end a line.
    static let blocks: Set<String> = [
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt",
        "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header",
        "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead",
        "tr", "ul",
    ]
    /// Cells of a row.
    static let cells: Set<String> = ["td", "th"]
    /// Elements without an end tag.
    static let void: Set<String> = [
        "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "img", "input", "keygen", "link",
        "meta", "param", "source", "track", "wbr",
    ]
    /// Elements whose content is no markup and never shown.
    static let raw: Set<String> = ["script", "style", "noscript", "iframe", "noframes", "xmp", "template"]
    /// Elements whose text is not shown.
    static let silent: Set<String> = ["head", "svg", "object", "select", "button", "canvas", "audio", "video", "math"]
    /// What a start tag closes without being asked.
    static let closedBy: [String: Set<String>] = [
        "li": ["li"], "dt": ["dt", "dd"], "dd": ["dt", "dd"], "tr": ["tr"], "td": ["td", "th"], "th": ["td", "th"],
        "option": ["option"], "tbody": ["tbody", "thead"], "body": ["head"],
    ]
    /// Elements through which nothing is closed unasked.
    static let scopes: Set<String> = [
        "table", "ul", "ol", "dl", "body", "html", "td", "th", "div", "section", "article",
    ]

    private static let marginalElements: Set<String> = ["nav", "footer", "aside", "form", "menu"]
    private static let exemptElements: Set<String> = ["html", "body", "main", "article"]
    /// Words in class and id names of what is not content.
    private static let marginalWords: Set<String> = [
        "nav", "navbar", "navigation", "menu", "submenu", "footer", "foot", "copyright", "breadcrumb", "breadcrumbs",
        "crumb", "crumbs", "sidebar", "share", "sharing", "bdshare", "comment", "comments", "recommend", "recommended",
        "related", "ad", "ads", "advert", "adv", "banner", "qr", "qrcode", "erweima", "pagination", "pager", "login",
        "search", "toolbar", "editor", "copyrights", "sitemap", "toplink", "friendlink", "jiucuo", "fenxiang",
        "dingwei", "weizhi", "daohang", "daoju",
    ]

    /// The level of `h1`…`h6`.
    static func headingLevel(_ name: String) -> UInt8? {
        let bytes = Array(name.utf8)
        guard bytes.count == 2, bytes[0] == 0x68, (0x31...0x36).contains(bytes[1]) else { return nil }
        return bytes[1] - 0x30
    }

    /// Whether an element holds what surrounds the content: by its name, or by a word of its class or id.
    static func isMarginal(_ tag: MarkupTokenizer.Tag, _ tokens: MarkupTokenizer) -> Bool {
        if marginalElements.contains(tag.name) { return true }
        guard !tag.attributes.isEmpty, !exemptElements.contains(tag.name) else { return false }
        for key in ["class", "id"] {
            guard let value = tokens.attribute(key, of: tag) else { continue }
            if words(value).contains(where: marginalWords.contains) { return true }
        }
        return false
    }

    /// The words of `article-editor`, `appendQr_wrap`, `navBar`: cut at marks, digits and capitals, in lower case.
    static func words(_ value: String) -> [String] {
        var words: [String] = []
        var word: [UInt8] = []
        for byte in value.utf8.prefix(200) {
            let isCapital = (0x41...0x5A).contains(byte)
            if isCapital || !(0x61...0x7A).contains(byte), !word.isEmpty {
                words.append(String(decoding: word, as: UTF8.self))
                word = []
            }
            if isCapital || (0x61...0x7A).contains(byte) { word.append(byte | 0x20) }
        }
        if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
