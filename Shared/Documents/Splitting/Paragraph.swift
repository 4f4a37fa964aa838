// Paragraphs and what can be told of each by itself.

import Messages

/// A paragraph: one line, or several that a fixed line width broke apart.
struct Paragraph: Sendable {
    /// Indices into `Reading.lines`, half-open.
    var lines: Range<Int>
    var role: Line.Role
    var level: UInt8
    var blankLinesBefore: UInt8
    var isBold: Bool
    var isLink: Bool
    var isIndented: Bool
    /// Characters, at most `Paragraph.longestCounted`.
    var characters = 0
    /// What the paragraph is by its own text.
    var kind = Kind.body
    /// True where it could be a title: short, and no sentence by its last mark.
    var isTitleLike = false
    /// True where its last character ends a sentence.
    var endsSentence = false
    /// True where it announces what follows, by a colon at the end.
    var endsWithColon = false
    /// How it is numbered, if it is.
    var numbering = Numbering.none

    /// Beyond this many characters a paragraph is simply long.
    static let longestCounted = 400

    /// What a paragraph is by its own text.
    enum Kind: UInt8, Sendable {
        case body
        /// A date and nothing else.
        case dateHeading
        /// The name of a public body and nothing else.
        case departmentHeading
        /// `来源：…` and nothing else.
        case source
        /// Other statements of a page about itself: `发布日期：…`, `【标题】…`.
        case label
        /// Opens a newspaper story: 晨报讯, 本报讯, 新华社北京1月2日电.
        case storyHead
        /// Opens a follow-up inside a story: 又讯.
        case followUp
        /// Names the reporter and nothing else.
        case byline
        /// 【…】 or [ … ] and nothing else.
        case bracketed
        /// Part of the page's frame.
        case boilerplate
    }

    /// The sign in front of a numbered paragraph.
    enum Numbering: UInt8, Sendable {
        case none
        /// 一、
        case chinese
        /// （一）
        case chineseInBrackets
        /// 1. or 1、
        case western
        /// (1) or ①
        case westernInBrackets
        /// 第一条, 第二章
        case ordinal
        /// 一是, 二是
        case spoken
    }

    /// True for a paragraph of running text: long, or a whole sentence.
    var isProse: Bool {
        switch kind {
        case .body, .storyHead, .followUp: !isTitleLike || role == .listItem
        default: false
        }
    }
}

/// All paragraphs of a reading.
struct Paragraphs: Sendable {
    var all: [Paragraph]
    /// The dates of date headings, by paragraph index.
    var dates: [Int: PartialDate] = [:]
    /// Labels and their values, by paragraph index.
    var labels: [Int: [Label]] = [:]
    /// The paper and the day that the first lines name.
    var masthead: HeadLine?
    /// True where recognised text is spaced and broken like a scanned page.
    var isRecognised = false
}
