// The release that this source tree builds.

package enum Release {
    /// Semantic version; the same in every executable, in `/v1/status` and in CHANGELOG.md.
    package static let version = "0.1.0"
}
