// CKernels: the few loops that need instructions Swift cannot name (SSE4.2 CRC-32C, SIMD unpacking), chosen at run time.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "prefetch.h"

/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `count` bytes, continuing from `seed` (0 to begin).
uint32_t kb_crc32c(uint32_t seed, const void *_Nullable bytes, size_t count);

/// Packs 128 values into `16 * bits` bytes (`bits` 0...32; higher bits of a value are dropped). Value i lies in lane
/// i % 4 of the 128-bit words; each lane is a little-endian bit stream of its 32 values.
void kb_pack128(const uint32_t *_Nonnull values, uint32_t bits, uint8_t *_Nonnull out);

/// The inverse of `kb_pack128`: reads exactly `16 * bits` bytes, writes 128 values. A `bits` above 32 writes zeros.
void kb_unpack128(const uint8_t *_Nonnull in, uint32_t bits, uint32_t *_Nonnull out);

/// Unpacks 128 gaps and sums them: `out[i] = base + (i + 1) + gap[0] + … + gap[i]`, modulo 2^32.
void kb_unpack128_ascending(const uint8_t *_Nonnull in, uint32_t bits, uint32_t base, uint32_t *_Nonnull out);

/// How many of the `count` ascending values are below `target`.
uint32_t kb_count_below(const uint32_t *_Nonnull values, uint32_t count, uint32_t target);

/// Values `first ..< first + count` of a stream of `bits` bits each (at most 32), summed up from `base`: out[i] = base plus
/// the values up to the i-th. Loads eight bytes at the byte where each value begins. Returns the last sum, modulo 2^32.
uint32_t kb_sum_bits(
    const uint8_t *_Nonnull in, uint32_t first, uint32_t count, uint32_t bits, uint32_t base, uint32_t *_Nonnull out);

/// Keeps, in order, the `places` p for which the others have p + distance; both ascend. Returns how many are kept.
uint32_t kb_keep_at_distance(
    uint32_t *_Nonnull places, uint32_t count, const uint32_t *_Nonnull others, uint32_t otherCount, uint32_t distance);

/// Positions of `count` neighbouring documents of a block as keys: ((documents[i] - before) << shift) + position, in order. Document i's
/// occurrences are `starts`[i] ..< `starts`[i + 1] of the block's `total`; `widths` has a byte for each 32 of them, `groups` their bits,
/// which end before `end`; eight bytes behind it can be read. `bases` is scratch of `starts`[count] - `starts`[0] numbers, as many as
/// are written to `out`. Returns all positions or-ed together; UINT32_MAX where the bits do not end before `end`.
/// - Precondition: starts ascend strictly up to `total`.
uint32_t kb_position_keys(
    const uint8_t *_Nonnull widths, const uint8_t *_Nonnull groups, const uint8_t *_Nonnull end, uint32_t total,
    const uint32_t *_Nonnull starts, const uint32_t *_Nonnull documents, uint32_t count, uint32_t before, uint32_t shift,
    uint32_t *_Nonnull bases, uint32_t *_Nonnull out);

/// The same for some documents of a block: those with the ascending indices `wanted`. Writes how many keys there are to `written`; what
/// is or-ed together is the last position of each document.
uint32_t kb_wanted_position_keys(
    const uint8_t *_Nonnull widths, const uint8_t *_Nonnull groups, const uint8_t *_Nonnull end, uint32_t total,
    const uint32_t *_Nonnull starts, const uint32_t *_Nonnull documents, const uint32_t *_Nonnull wanted, uint32_t count,
    uint32_t before, uint32_t shift, uint32_t *_Nonnull out, uint32_t *_Nonnull written);

/// Keeps, in order, the documents with a contribution of at least `least`, and their contributions; both may be written over what they
/// are read from. Returns how many.
uint32_t kb_keep_least(
    const uint32_t *_Nonnull documents, const int32_t *_Nonnull contributions, uint32_t count, int32_t least,
    uint32_t *_Nonnull keptDocuments, int32_t *_Nonnull keptContributions);

/// For each bit that both sets have (64 * `words` bits), ascending: the document `start` + bit, and its ordinal, which is `ordinal` plus the
/// number of `own` bits below it. Moves `ordinal` behind all `own` bits. Returns how many; both arrays have room for 64 * `words`.
uint32_t kb_ranks(
    const uint64_t *_Nonnull own, const uint64_t *_Nonnull wanted, uint32_t words, uint32_t start,
    uint32_t *_Nonnull ordinal, uint32_t *_Nonnull documents, uint32_t *_Nonnull ordinals);

/// BM25 contributions of `count` postings: out[i] = weight - weight / (1 + frequencies[i] * inverse[norms[documents[i]]]),
/// cut to an integer; each operation rounded to float, none fused, so the result equals the same formula in Swift.
void kb_contributions(
    const uint32_t *_Nonnull documents, const uint32_t *_Nonnull frequencies, uint32_t count,
    const uint8_t *_Nonnull norms, const float *_Nonnull inverse, float weight, int32_t *_Nonnull out);

/// A column of `count` integers: `least` plus a little-endian distance of `width` bytes each (0, 1, 2, 4 or 8).
typedef struct {
    const uint8_t *_Nonnull bytes;
    uint64_t count;
    uint64_t least;
    uint32_t width;
} kb_column;

/// Counts by code: a value's code is the value without its low `shift` bits. Codes from `lowest` up to `lowest` + `limit` are counted
/// in `counts`, others below `lowLimit` in `lows`; all modulo 2^64.
typedef struct {
    int32_t *_Nonnull counts;
    uint64_t limit;
    uint64_t lowest;
    int32_t *_Nullable lows;
    uint64_t lowLimit;
    uint32_t shift;
} kb_tally;

/// For each set bit i of `members` (64 * `words` bits) counts the value of row `first` + i. A code that has no place is not
/// counted: its bit is set in `missed`, all others are cleared there. Rows from `count` on are passed over. Returns how many missed.
uint32_t kb_count_rows(
    const uint64_t *_Nonnull members, uint32_t words, uint64_t first, kb_column column, kb_tally tally,
    uint64_t *_Nonnull missed);

/// A row with more values is damaged: it is read as one without values.
#define KB_MAXIMUM_ROW 16384

/// The same for lists of values: row i's are the values from `starts`[i] up to `starts`[i + 1]. A row with one code that has no
/// place is missed as a whole; one whose bounds leave the column, or that has more than KB_MAXIMUM_ROW, has no values.
uint32_t kb_count_lists(
    const uint64_t *_Nonnull members, uint32_t words, uint64_t first, kb_column starts, kb_column column, kb_tally tally,
    uint64_t *_Nonnull missed);

/// Sets bit `documents`[i] - `start` of `bits`. - Precondition: each difference is below the number of bits.
void kb_mark(const uint32_t *_Nonnull documents, uint32_t count, uint32_t start, uint64_t *_Nonnull bits);

/// The same, and adds `contributions`[i] to `scores`[`documents`[i] - `start`]. - Precondition: documents differ.
void kb_mark_and_add(
    const uint32_t *_Nonnull documents, const int32_t *_Nonnull contributions, uint32_t count, uint32_t start,
    uint64_t *_Nonnull bits, int32_t *_Nonnull scores);
