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
        var published: Found<PartialDate>?
        var department: Found<String>?
        var sources: [Found<String>]
        var flags: [String]
        var range: ByteRange
        var signature: Signature?
        var repairs: [Repair]?
    }

    var document: Document
    var item: Item
}

/// The same of a record of a declared collection.
struct ShownRecordItem: Decodable {
    struct Item: Decodable {
        var title: String
        var body: String
        var published: Found<PartialDate>?
        var range: ByteRange
    }

    var document: ShownItem.Document
    var item: Item
    var record: RecordContent?
}
