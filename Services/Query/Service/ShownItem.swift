// The part of a stored item that a hit shows. The other members, figures and citations among them, are passed over undecoded.

import Messages

/// A `StoredItem` without what hits do not show.
struct ShownItem: Decodable {
    struct Document: Decodable {
        var identity: String
        var sourceAddress: String?
    }

    struct Item: Decodable {
        var ordinal: Int
        var title: String
        var body: String
        var published: Ruled<PartialDate>?
        var department: Ruled<String>?
        var sources: [Named]
        var flags: [String]
        var range: ByteRange
        /// Read only where copies are to be told.
        var signature: EncodedValue<Signature>?
        var repairs: [Repair]?
    }

    /// A found value and the rule that found it; not where.
    struct Ruled<Value: Decodable>: Decodable {
        struct Basis: Decodable { var rule: String }

        var value: Value
        var basis: Basis
    }

    /// A found name alone.
    struct Named: Decodable { var value: String }

    var document: Document
    var item: Item
}

/// The same of a record of a declared collection.
struct ShownRecordItem: Decodable {
    struct Item: Decodable {
        var title: String
        var body: String
        var published: ShownItem.Ruled<PartialDate>?
        var range: ByteRange
    }

    var document: ShownItem.Document
    var item: Item
    var record: RecordContent?
}
