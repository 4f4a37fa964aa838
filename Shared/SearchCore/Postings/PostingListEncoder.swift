// Encodes one posting list after another; builder and merger feed it the same way.

import CKernels

/// Turns the postings of a term into bytes. Reused for all terms of a field.
/// Holds one list's packed bytes, not its integers.
struct PostingListEncoder {
    private let detail: PostingDetail
    private let saturation: Saturation
    private var documents: [UInt32] = []
    private var frequencies: [UInt32] = []
    private var positionGaps: [UInt32] = []
    private var blockBound: UInt16 = 0
    private var listBound: UInt16 = 0
    private var previousDocument = UInt32.max
    private var count = 0
    private var lastDocuments = ByteWriter()
    private var table = ByteWriter()
    private var data = ByteWriter()
    private var positions = ByteWriter()
    private var scratch = [UInt32](repeating: 0, count: PostingFormat.blockSize)
    private var packed = [UInt8](repeating: 0, count: PostingFormat.blockSize * 4)
    private var firstGapBits = 0
    private var firstFrequencyBits = 0

    /// - Parameter saturation: at the reference average length of the field.
    init(detail: PostingDetail, saturation: Saturation) {
        self.detail = detail
        self.saturation = saturation
    }

    /// Adds a posting; its positions follow by `addPositionGap`, `frequency` of them.
    /// - Precondition: documents ascend strictly within a list.
    mutating func add(document: UInt32, frequency: UInt32, norm: UInt8) {
        if documents.count == PostingFormat.blockSize { closeBlock() }
        documents.append(document)
        if detail == .positions {
            frequencies.append(frequency)
            blockBound = max(blockBound, saturation.bound(frequency: frequency, norm: norm))
        }
        count += 1
    }

    /// Adds an occurrence of the posting added last: its position, or the distance to the occurrence before.
    mutating func addPositionGap(_ gap: UInt32) {
        positionGaps.append(gap)
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
            closeBlock()
            info.bound = listBound
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
        documents.removeAll(keepingCapacity: true)
        frequencies.removeAll(keepingCapacity: true)
        positionGaps.removeAll(keepingCapacity: true)
        lastDocuments.removeAll()
        table.removeAll()
        data.removeAll()
        positions.removeAll()
        previousDocument = UInt32.max
        blockBound = 0
        listBound = 0
        count = 0
    }

    private mutating func closeBlock() {
        let size = documents.count
        guard let last = documents.last else { return }
        var gapUnion: UInt32 = 0
        var frequencyUnion: UInt32 = 0
        for index in 0..<size {
            scratch[index] = documents[index] &- previousDocument &- 1
            gapUnion |= scratch[index]
            previousDocument = documents[index]
            if detail == .positions { frequencyUnion |= frequencies[index] &- 1 }
        }
        let gapBits = bitWidth(of: gapUnion)
        let frequencyBits = bitWidth(of: frequencyUnion)
        if data.count == 0 && table.count == 0 {
            firstGapBits = gapBits
            firstFrequencyBits = frequencyBits
        }
        lastDocuments.append32(last)
        table.append32(UInt32(truncatingIfNeeded: data.count))
        table.append32(UInt32(truncatingIfNeeded: positions.count))
        table.append(UInt8(gapBits))
        table.append(UInt8(frequencyBits))
        table.append16(blockBound)
        appendPacked(size, bits: gapBits)
        if detail == .positions {
            for index in 0..<size { scratch[index] = frequencies[index] &- 1 }
            appendPacked(size, bits: frequencyBits)
            appendPositions()
        }
        listBound = max(listBound, blockBound)
        blockBound = 0
        documents.removeAll(keepingCapacity: true)
        frequencies.removeAll(keepingCapacity: true)
    }

    /// Appends the first `size` values of `scratch`.
    private mutating func appendPacked(_ size: Int, bits: Int) {
        guard size == PostingFormat.blockSize else {
            data.appendBits(scratch[..<size], bits: bits)
            return
        }
        unsafe scratch.withUnsafeBufferPointer { values in
            unsafe packed.withUnsafeMutableBufferPointer { out in
                guard let from = values.baseAddress, let to = out.baseAddress else { return }
                unsafe kb_pack128(from, UInt32(bits), to)
            }
        }
        data.append(packed[..<(16 * bits)])
    }

    private mutating func appendPositions() {
        guard detail == .positions else { return }
        let size = PostingFormat.positionGroupSize
        var widths: [UInt8] = []
        var start = 0
        while start < positionGaps.count {
            let end = min(start + size, positionGaps.count)
            var union: UInt32 = 0
            for index in start..<end { union |= positionGaps[index] }
            widths.append(UInt8(bitWidth(of: union)))
            start = end
        }
        positions.append(widths)
        for (group, width) in widths.enumerated() {
            let first = group * size
            positions.appendBits(positionGaps[first..<min(first + size, positionGaps.count)], bits: Int(width))
        }
        positionGaps.removeAll(keepingCapacity: true)
    }
}
