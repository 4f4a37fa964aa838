// Every byte of the original in exactly one item, heading or discard.
//
// Law. Let R be the ranges of all items and remainders, sorted by their start. Then R starts at 0, ends at the
// original's length, each range ends where the next one starts, and none is empty.
//
// Items own the lines of their span; lines outside are remainders by the splitter's marks; what lies between lines is
// `blank` where it is white space, `front-matter` where it is that, `byte-order-mark`, else `markup`. Neighbouring
// remainders of one role and name are one.

import Messages

/// Ranges of items, and the remainders between them.
struct Cover {
    let reading: Reading
    let paragraphs: Paragraphs

    /// One stretch of the decoded document and what it is.
    private struct Stretch {
        var range: Range<Int>
        /// The item's index; nil for a remainder.
        var item: Int?
        var mark = Split.Mark(.discard, "markup")
    }

    /// The items' ranges in the order of `split.drafts`, and the remainders. Drafts must be in document order, with
    /// disjoint spans.
    func ranges(_ split: Split) -> (items: [ByteRange], remainders: [Remainder]) {
        var stretches: [Stretch] = []
        if let frontMatter = reading.metadata.frontMatter {
            stretches.append(Stretch(range: frontMatter, item: nil, mark: Split.Mark(.heading, "front-matter")))
        }
        var index = 0
        for (item, draft) in split.drafts.enumerated() {
            while index < draft.span.lowerBound {
                stretches.append(remainder(index, split))
                index += 1
            }
            stretches.append(Stretch(range: draft.decodedRange ?? decodedRange(draft.span), item: item))
            index = draft.span.upperBound
        }
        while index < paragraphs.all.count {
            stretches.append(remainder(index, split))
            index += 1
        }
        return original(stretches, itemCount: split.drafts.count)
    }

    private func remainder(_ index: Int, _ split: Split) -> Stretch {
        let mark = split.marks[index] ?? Split.Mark(.discard, "unread")
        return Stretch(range: decodedRange(index..<(index + 1)), item: nil, mark: mark)
    }

    private func decodedRange(_ span: Range<Int>) -> Range<Int> {
        let first = reading.lines[paragraphs.all[span.lowerBound].lines.lowerBound]
        let last = reading.lines[paragraphs.all[span.upperBound - 1].lines.upperBound - 1]
        return first.source.lowerBound..<last.source.upperBound
    }

    // MARK: To the original's bytes

    private func original(_ stretches: [Stretch], itemCount: Int) -> (items: [ByteRange], remainders: [Remainder]) {
        var items = [ByteRange](repeating: ByteRange(0, 0), count: itemCount)
        var remainders: [Remainder] = []
        let total = reading.decoded.originalCount
        var position = 0
        var decodedPosition = 0
        func close(_ upper: Int, _ mark: Split.Mark) {
            guard upper > position else { return }
            if let last = remainders.last, last.range.upper == position, last.role == mark.role, last.name == mark.name
            {
                remainders[remainders.count - 1].range.upper = upper
            } else {
                remainders.append(Remainder(role: mark.role, name: mark.name, range: ByteRange(position, upper)))
            }
            position = upper
        }
        for stretch in stretches {
            let place = reading.decoded.original(stretch.range)
            close(
                max(place.lowerBound, position), gapMark(decodedPosition..<stretch.range.lowerBound, startsAt: position)
            )
            let upper = max(place.upperBound, position)
            if let item = stretch.item {
                items[item] = ByteRange(position, upper)
                position = upper
            } else {
                close(upper, stretch.mark)
            }
            decodedPosition = max(decodedPosition, stretch.range.upperBound)
        }
        close(total, gapMark(decodedPosition..<reading.decoded.bytes.count, startsAt: position))
        return (items, remainders)
    }

    private func gapMark(_ range: Range<Int>, startsAt position: Int) -> Split.Mark {
        guard range.lowerBound < range.upperBound else {
            return Split.Mark(.discard, position == 0 ? "byte-order-mark" : "blank")
        }
        var index = range.lowerBound
        while index < range.upperBound {
            let length = LineScanner.space(reading.decoded.bytes, at: index, before: range.upperBound).length
            guard length > 0 else { return Split.Mark(.discard, "markup") }
            index += length
        }
        return Split.Mark(.discard, "blank")
    }
}
