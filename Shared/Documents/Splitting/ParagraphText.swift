// Texts compared without their spaces and marks.

/// Comparing texts without their spaces and marks.
enum ParagraphText {
    /// Only the ideographs, letters and digits of `scalars`.
    static func compact(_ scalars: [UInt32]) -> [UInt32] {
        scalars.filter { scalar in
            let kind = CharacterClass.of(scalar)
            return kind.contains(.ideograph) || kind.contains(.letter) || kind.contains(.digit)
        }
    }
}
