// Posting lists: which documents hold a term, how often, and where.
//
// A list of n = document frequency postings, n >= 2, is cut into blocks of 128; the last may be shorter.
//
//     n >= 128:  block table, then block data, then positions; the list begins at a multiple of 4
//                u32 x blocks  last document of each block
//                12 B x blocks { u32 data offset, u32 position offset, u8 gapBits, u8 frequencyBits, u16 bound }
//     n <  128:  u8 gapBits, u8 frequencyBits, then block data, then positions
//
// Offsets count from the first byte of the block data, and from the first byte of the positions.
// Block data: the gaps, then the frequencies minus one. A gap is document - previous document - 1, where the document
// before the first is -1. A full block uses the 128-value layout of CKernels (16 * bits bytes each); a shorter one is a
// little-endian bit stream of ceil(count * bits / 8) bytes.
// Positions of a block: all its occurrences in order, each document's first position, then the distances between
// positions. Cut into groups of 32 occurrences: one width byte for each group, then each group as a little-endian bit
// stream of ceil(count * width / 8) bytes. So the occurrences of one document can be read alone.
// A list of one posting has no block data; its positions are encoded as those of a block.
// `bound` is an upper bound of a posting's saturation within the block (see `Saturation`).
//
// Invariants
// 1. Documents ascend strictly and are below the segment's document count.
// 2. Frequencies are 1 ... `maximumFrequency`; positions within a document never descend.

/// Constants of posting lists.
enum PostingFormat {
    static let blockSize = 128
    static let positionGroupSize = 32
    /// Bytes of a block's entry besides its last document.
    static let blockEntryBytes = 12
    /// A frequency at most this: no field has more positions.
    static let maximumFrequency = 1 << 24
    /// Gap widths up to this cannot overflow: 128 * 2^23 + 2^30 documents < 2^32.
    static let safeGapBits = 23
}

/// How many bits the largest of the values needs.
func bitWidth(of union: UInt32) -> Int { 32 - union.leadingZeroBitCount }
