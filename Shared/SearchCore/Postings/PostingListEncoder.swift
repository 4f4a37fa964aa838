// Encodes one posting list after another; builder and merger feed it the same way.

import CKernels

/// Turns the postings of a term into bytes. Reused for all terms of a field.
/// Holds one list's packed bytes and one block's integers.
struct PostingListEncoder {
    private let detail: PostingDetail
    private let arena = ScratchArena()
    /// 1 / c(norm) at the reference average length of the field.
    private let inverse: ScratchBuffer<Float>
    private let documents: ScratchBuffer<UInt32>
    private let frequencies: ScratchBuffer<UInt32>
    private let scratch: ScratchBuffer<UInt32>
    private var gaps: ScratchBuffer<UInt32>
    private var gapCount = 0
    /// Position gaps of the current block that belong to postings added already.
    private var settledGaps = 0
    private var blockCount = 0
    private var count = 0
    /// The greatest tf / c(norm) of the block and of the list: saturation ascends with it.
    private var blockProduct: Float = 0
    private var listProduct: Float = 0
    private var previousDocument = UInt32.max
    private var lastDocuments = ByteWriter()
    private var table = ByteWriter()
    private var data = ByteWriter()
    private var positions = ByteWriter()
    private var firstGapBits = 0
    private var firstFrequencyBits = 0

    /// - Parameter saturation: at the reference average length of the field.
    init(detail: PostingDetail, saturation: Saturation) {
        self.detail = detail
        inverse = arena.buffer(of: Float.self, count: 256)
        for (norm, value) in saturation.inverse.enumerated() { inverse[norm] = value }
        documents = arena.buffer(of: UInt32.self, count: PostingFormat.blockSize)
        frequencies = arena.buffer(of: UInt32.self, count: PostingFormat.blockSize)
        scratch = arena.buffer(of: UInt32.self, count: PostingFormat.blockSize)
        gaps = arena.buffer(of: UInt32.self, count: 4096)
    }

    /// Adds an occurrence of the posting that `add` ends: its position, or the distance to the occurrence before.
    @inline(__always)
    mutating func addPositionGap(_ gap: UInt32) {
        if gapCount == gaps.count { growGaps() }
        gaps[gapCount] = gap
        gapCount &+= 1
    }

    /// Adds a posting; its frequency is the number of position gaps since the one before.
    /// - Precondition: documents ascend strictly within a list; in a field with positions there is a gap at least.
    @inline(__always)
    mutating func add(document: UInt32, norm: UInt8) {
        var frequency: UInt32 = 1
        if detail == .positions {
            frequency = UInt32(truncatingIfNeeded: gapCount &- settledGaps)
            settledGaps = gapCount
        }
        add(document: document, frequency: frequency, norm: norm)
    }

    /// Adds a posting of a list without positions.
    /// - Precondition: documents ascend strictly within a list; the frequency is not 0.
    @inline(__always)
    mutating func add(document: UInt32, frequency: UInt32, norm: UInt8) {
        documents[blockCount] = document
        if detail == .positions {
            frequencies[blockCount] = frequency
            blockProduct = max(blockProduct, Float(frequency) * inverse[Int(norm)])
        }
        blockCount &+= 1
        count &+= 1
        if blockCount == PostingFormat.blockSize { closeBlock() }
    }

    /// Ends the list and appends its bytes to the postings section. Nil when nothing was added.
    mutating func finish(into file: SegmentFileWriter) throws(SearchCoreError) -> TermInfo? {
        guard count > 0 else { return nil }
        var info = TermInfo(documentFrequency: count)
        if count == 1 {
            info.singleDocument = documents[0]
            info.singleFrequency = detail == .positions ? frequencies[0] : 1
            appendPositions()
        } else {
            if blockCount > 0 { closeBlock() }
            info.bound = detail == .positions ? Saturation.bound(product: listProduct) : 0
        }
        info.offset = TermInfo.aligned(file.sectionLength, documentFrequency: count)
        info.positionBytes = positions.count
        if info.offset > file.sectionLength {
            try file.append([UInt8](repeating: 0, count: info.offset - file.sectionLength))
        }
        if count >= PostingFormat.blockSize {
            guard data.count <= Int(UInt32.max), positions.count <= Int(UInt32.max) else {
                throw SearchCoreError(.invalidDocument, "a posting list exceeds 4 GiB; use smaller segments")
            }
            info.postingBytes = lastDocuments.count + table.count + data.count
            try file.append(lastDocuments.bytes)
            try file.append(table.bytes)
        } else if count > 1 {
            info.postingBytes = 2 + data.count
            try file.append([UInt8(firstGapBits), UInt8(firstFrequencyBits)])
        }
        try file.append(data.bytes)
        try file.append(positions.bytes)
        reset()
        return info
    }

    private mutating func reset() {
        blockCount = 0
        gapCount = 0
        settledGaps = 0
        lastDocuments.removeAll()
        table.removeAll()
        data.removeAll()
        positions.removeAll()
        previousDocument = UInt32.max
        blockProduct = 0
        listProduct = 0
        count = 0
    }

    private mutating func growGaps() {
        let larger = arena.buffer(of: UInt32.self, count: gaps.count * 2)
        for index in 0..<gapCount { larger[index] = gaps[index] }
        gaps = larger
    }

    private mutating func closeBlock() {
        let size = blockCount
        var gapUnion: UInt32 = 0
        var frequencyUnion: UInt32 = 0
        for index in 0..<size {
            let gap = documents[index] &- previousDocument &- 1
            scratch[index] = gap
            gapUnion |= gap
            previousDocument = documents[index]
        }
        if detail == .positions {
            for index in 0..<size { frequencyUnion |= frequencies[index] &- 1 }
        }
        let gapBits = bitWidth(of: gapUnion)
        let frequencyBits = bitWidth(of: frequencyUnion)
        if table.count == 0 {
            firstGapBits = gapBits
            firstFrequencyBits = frequencyBits
        }
        lastDocuments.append32(previousDocument)
        table.append32(UInt32(truncatingIfNeeded: data.count))
        table.append32(UInt32(truncatingIfNeeded: positions.count))
        table.append(UInt8(gapBits))
        table.append(UInt8(frequencyBits))
        table.append16(detail == .positions ? Saturation.bound(product: blockProduct) : 0)
        appendPacked(size, bits: gapBits)
        if detail == .positions {
            for index in 0..<size { scratch[index] = frequencies[index] &- 1 }
            appendPacked(size, bits: frequencyBits)
            appendPositions()
        }
        listProduct = max(listProduct, blockProduct)
        blockProduct = 0
        blockCount = 0
    }

    /// Appends the first `size` values of `scratch`.
    private mutating func appendPacked(_ size: Int, bits: Int) {
        guard size == PostingFormat.blockSize else {
            data.appendBits(scratch, from: 0, count: size, bits: bits)
            return
        }
        unsafe data.appendUninitialized(16 * bits) { out in
            unsafe kb_pack128(scratch.base, UInt32(bits), out)
        }
    }

    private mutating func appendPositions() {
        guard detail == .positions else { return }
        let size = PostingFormat.positionGroupSize
        var start = 0
        while start < gapCount {
            positions.append(UInt8(width(from: start, to: min(start + size, gapCount))))
            start += size
        }
        start = 0
        while start < gapCount {
            let end = min(start + size, gapCount)
            positions.appendBits(gaps, from: start, count: end - start, bits: width(from: start, to: end))
            start = end
        }
        gapCount = 0
        settledGaps = 0
    }

    /// Bits of the widest position gap.
    private func width(from start: Int, to end: Int) -> Int {
        var union: UInt32 = 0
        for index in start..<end { union |= gaps[index] }
        return bitWidth(of: union)
    }
}
