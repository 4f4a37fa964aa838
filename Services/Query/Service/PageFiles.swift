// The files of the web page, as the gateway serves them.
//
// Page/ holds them as people read and change them; Page/embed.py writes them into PageText/, and PageFilesTests checks
// that the two are equal.

/// The texts of the page's files, one constant a file.
enum PageText {}

/// What is served at which address.
enum PageFiles {
    /// One file.
    struct File: Sendable {
        let path: String
        /// The media type.
        let type: String
        let bytes: [UInt8]

        fileprivate init(_ path: String, _ type: String, _ text: String) {
            self.path = path
            self.type = type
            bytes = Array(text.utf8)
        }
    }

    /// What the page may do, as a `Content-Security-Policy`: its own scripts, styles, pictures and requests, and nothing
    /// else. The page also names all but `frame-ancestors` in itself, for a proxy that drops headers.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'",
        "form-action 'none'", "base-uri 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    private static let script = "text/javascript; charset=utf-8"

    static let all: [File] = [
        File("/", "text/html; charset=utf-8", PageText.indexHTML),
        File("/page.css", "text/css; charset=utf-8", PageText.pageCSS),
        File("/page.js", script, PageText.pageJS),
        File("/page/icon.svg", "image/svg+xml", PageText.iconSVG),
        File("/page/alerts.js", script, PageText.alertsJS),
        File("/page/api.js", script, PageText.apiJS),
        File("/page/collections.js", script, PageText.collectionsJS),
        File("/page/composition.js", script, PageText.compositionJS),
        File("/page/dead.js", script, PageText.deadJS),
        File("/page/digest.js", script, PageText.digestJS),
        File("/page/dom.js", script, PageText.domJS),
        File("/page/facets.js", script, PageText.facetsJS),
        File("/page/figures.js", script, PageText.figuresJS),
        File("/page/gauges.js", script, PageText.gaugesJS),
        File("/page/hits.js", script, PageText.hitsJS),
        File("/page/inbox.js", script, PageText.inboxJS),
        File("/page/lenses.js", script, PageText.lensesJS),
        File("/page/names.js", script, PageText.namesJS),
        File("/page/notices.js", script, PageText.noticesJS),
        File("/page/preview.js", script, PageText.previewJS),
        File("/page/query.js", script, PageText.queryJS),
        File("/page/routes.js", script, PageText.routesJS),
        File("/page/samples.js", script, PageText.samplesJS),
        File("/page/search.js", script, PageText.searchJS),
        File("/page/sentences.js", script, PageText.sentencesJS),
        File("/page/status.js", script, PageText.statusJS),
        File("/page/suggest.js", script, PageText.suggestJS),
        File("/page/timeline.js", script, PageText.timelineJS),
        File("/page/watches.js", script, PageText.watchesJS),
        File("/page/words.js", script, PageText.wordsJS),
    ]
}
