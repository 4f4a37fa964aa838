// A posting list inside the mapped file: where its table, data and positions lie, checked once.

/// The place of one posting list. See `PostingFormat` for the layout.
struct PostingList: Sendable {
    let info: TermInfo
    let detail: PostingDetail
    /// The whole postings section; its padding lets a bit stream be read eight bytes at a time.
    let section: ByteView
    /// Documents of the segment; every decoded document is below it.
    let documentLimit: UInt32
    let blockCount: Int
    /// Offset of the last documents; -1 for a list without a block table.
    let tableOffset: Int
    let dataOffset: Int
    let dataEnd: Int
    let positionOffset: Int
    let positionEnd: Int

    /// - Throws: `corrupt` when the list is not inside the section or its parts contradict one another.
    init(info: TermInfo, detail: PostingDetail, section: ByteView, documentCount: Int) throws(SearchCoreError) {
        let content = section.count - SegmentFormat.sectionPadding
        let end = info.offset + info.postingBytes + info.positionBytes
        guard end <= content, info.documentFrequency <= documentCount else {
            throw SearchCoreError(.corrupt, "a list of \(info.documentFrequency) postings ends at \(end) of \(content)")
        }
        self.info = info
        self.detail = detail
        self.section = section
        documentLimit = UInt32(documentCount)
        let count = info.documentFrequency
        blockCount = (count + PostingFormat.blockSize - 1) / PostingFormat.blockSize
        positionOffset = info.offset + info.postingBytes
        positionEnd = end
        dataEnd = positionOffset
        if count >= PostingFormat.blockSize {
            tableOffset = info.offset
            dataOffset = info.offset + blockCount * (4 + PostingFormat.blockEntryBytes)
        } else {
            tableOffset = -1
            dataOffset = count > 1 ? info.offset + 2 : info.offset
        }
        guard dataOffset <= dataEnd, count > 1 || info.singleDocument < documentLimit else {
            throw SearchCoreError(.corrupt, "a list of \(count) postings has no room for its block table")
        }
    }

    /// Postings in block `block`.
    @inline(__always)
    func length(ofBlock block: Int) -> Int {
        min(PostingFormat.blockSize, info.documentFrequency &- block &* PostingFormat.blockSize)
    }

    /// The last document of a block. - Precondition: the list has a block table.
    @inline(__always)
    func lastDocument(ofBlock block: Int) -> UInt32 {
        section.uncheckedUInt32(at: tableOffset &+ block &* 4)
    }

    @inline(__always)
    private func entryOffset(_ block: Int) -> Int {
        tableOffset &+ blockCount &* 4 &+ block &* PostingFormat.blockEntryBytes
    }

    /// The stored saturation bound of a block.
    @inline(__always)
    func bound(ofBlock block: Int) -> UInt16 {
        tableOffset < 0 ? info.bound : section.uncheckedUInt16(at: entryOffset(block) &+ 10)
    }

    /// The frequency of one posting, without decoding its block. - Precondition: `place` is the block's, `index` inside it.
    @inline(__always)
    func frequency(_ place: BlockPlace, block: Int, index: Int) -> UInt32 {
        let bits = place.frequencyBits
        guard length(ofBlock: block) == PostingFormat.blockSize else {
            return section.uncheckedBits(at: place.frequencies, index: index, bits: bits) &+ 1
        }
        guard bits > 0 else { return 1 }
        // See "packed block" in docs/formats/segment.md. In bounds: `place` checked the block's 16 * bits bytes, row 31 begins in the
        // last word of its lane, and what does not fit in a word goes on in one that is there.
        let first = (index &>> 2) &* bits
        let shift = UInt32(truncatingIfNeeded: first & 31)
        let offset = place.frequencies &+ (first &>> 5) &* 16 &+ (index & 3) &* 4
        var value = section.uncheckedUInt32(at: offset) &>> shift
        if Int(shift) &+ bits > 32 { value |= section.uncheckedUInt32(at: offset &+ 16) &<< (32 &- shift) }
        return (value & (1 &<< UInt32(truncatingIfNeeded: bits) &- 1)) &+ 1
    }

    /// Where a block's packed data begins and how wide its values are; nil when the numbers leave the list.
    func place(ofBlock block: Int) -> BlockPlace? {
        var place: BlockPlace
        if tableOffset < 0 {
            guard info.documentFrequency > 1 else { return nil }
            place = BlockPlace(
                gaps: dataOffset, gapBits: Int(section.uncheckedUInt8(at: info.offset)),
                frequencyBits: Int(section.uncheckedUInt8(at: info.offset + 1)), positions: positionOffset)
        } else {
            let entry = entryOffset(block)
            place = BlockPlace(
                gaps: dataOffset + Int(section.uncheckedUInt32(at: entry)),
                gapBits: Int(section.uncheckedUInt8(at: entry + 8)),
                frequencyBits: Int(section.uncheckedUInt8(at: entry + 9)),
                positions: positionOffset + Int(section.uncheckedUInt32(at: entry + 4)))
        }
        let count = length(ofBlock: block)
        guard place.gapBits <= 32, place.frequencyBits <= 24 else { return nil }
        place.frequencies = place.gaps + (count * place.gapBits + 7) / 8
        guard place.frequencies + (count * place.frequencyBits + 7) / 8 <= dataEnd, place.positions <= positionEnd else {
            return nil
        }
        return place
    }
}

/// Where the parts of a block lie in the postings section, and their widths in bits.
struct BlockPlace {
    var gaps: Int
    var gapBits: Int
    var frequencyBits: Int
    var positions: Int
    var frequencies = 0
}
