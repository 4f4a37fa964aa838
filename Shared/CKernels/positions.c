// Positions of phrases: bit streams summed up, and places that two lists have at a distance.
#include "CKernels.h"
#include <string.h>

typedef uint32_t lanes __attribute__((vector_size(16)));

static inline lanes load(const uint32_t *p) {
    lanes v;
    memcpy(&v, p, 16);
    return v;
}

uint32_t kb_sum_bits(
    const uint8_t *in, uint32_t first, uint32_t count, uint32_t bits, uint32_t base, uint32_t *restrict out) {
    const uint64_t mask = ((uint64_t)1 << bits) - 1;
    uint64_t bit = (uint64_t)first * bits;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, in + (bit >> 3), 8);
        base += (uint32_t)((word >> (bit & 7)) & mask);
        out[i] = base;
        bit += bits;
    }
    return base;
}

/// Few against many: each one's place is counted, which the compiler does several at a time.
static uint32_t keep_few(uint32_t *places, uint32_t count, const uint32_t *others, uint32_t otherCount, uint32_t distance) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t wanted = places[i] + distance, place = kb_count_below(others, otherCount, wanted);
        places[kept] = places[i];
        kept += place < otherCount && others[place] == wanted;
    }
    return kept;
}

/// Very few against very many: a binary search each.
static uint32_t keep_rare(uint32_t *places, uint32_t count, const uint32_t *others, uint32_t otherCount, uint32_t distance) {
    uint32_t kept = 0, first = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t wanted = places[i] + distance;
        uint32_t left = first, right = otherCount;
        while (left < right) {
            const uint32_t middle = left + (right - left) / 2;
            if (others[middle] < wanted) left = middle + 1;
            else right = middle;
        }
        first = left;
        places[kept] = places[i];
        kept += left < otherCount && others[left] == wanted;
    }
    return kept;
}

/// Blocks of four against blocks of four, each with each; the block that ends first goes on. No branch depends on the values:
/// they are as good as random, and a wrong guess costs more than a step. After Schlegel, Willhalm, Lehner, "Fast Sorted-Set
/// Intersection using SIMD Instructions", ADMS 2011.
static uint32_t keep_many(uint32_t *places, uint32_t count, const uint32_t *others, uint32_t otherCount, uint32_t distance) {
    const lanes bit = {1, 2, 4, 8};
    uint32_t spare[4];
    uint32_t kept = 0, i = 0, j = 0, found = 0;
    while (i + 4 <= count && j + 4 <= otherCount) {
        const lanes a = load(places + i) + distance, b = load(others + j);
        lanes equal = (lanes)(a == b) | (lanes)(a == __builtin_shufflevector(b, b, 1, 2, 3, 0))
            | (lanes)(a == __builtin_shufflevector(b, b, 2, 3, 0, 1)) | (lanes)(a == __builtin_shufflevector(b, b, 3, 0, 1, 2));
        equal &= bit;
        equal |= __builtin_shufflevector(equal, equal, 2, 3, 0, 1);
        equal |= __builtin_shufflevector(equal, equal, 1, 0, 3, 2);
        found |= equal[0];
        const uint32_t lastA = places[i + 3] + distance, lastB = others[j + 3];
        const uint32_t goA = lastA <= lastB, goB = lastB <= lastA;
        // Kept places move down, at most onto themselves; where the block stays they go nowhere.
        uint32_t *to = goA ? places + kept : spare, taken = 0;
        for (uint32_t lane = 0; lane < 4; lane++) {
            to[taken] = places[i + lane];
            // The fourth one kept ends the block, so `taken` is at most 3 when it is written to.
            taken += found >> lane & 1;
        }
        kept += goA ? taken : 0;
        found = goA ? 0 : found;
        i += 4 * goA;
        j += 4 * goB;
    }
    for (; i < count; i++, found >>= 1) {
        const uint32_t wanted = places[i] + distance;
        while (j < otherCount && others[j] < wanted) j++;
        places[kept] = places[i];
        kept += (found & 1) | (j < otherCount && others[j] == wanted);
    }
    return kept;
}

uint32_t kb_keep_at_distance(
    uint32_t *places, uint32_t count, const uint32_t *others, uint32_t otherCount, uint32_t distance) {
    if (otherCount / 64 > count) return keep_rare(places, count, others, otherCount, distance);
    // Counting costs about an eighth of a step of a merge for each of the others.
    if (count <= 8) return keep_few(places, count, others, otherCount, distance);
    return keep_many(places, count, others, otherCount, distance);
}

uint32_t kb_position_keys(
    const uint8_t *widths, const uint8_t *groups, const uint8_t *end, uint32_t total, const uint32_t *starts,
    const uint32_t *documents, uint32_t count, uint32_t before, uint32_t shift, uint32_t *restrict bases,
    uint32_t *restrict out) {
    const uint32_t first = starts[0], last = starts[count], none = UINT32_MAX;
    memset(bases, 0xFF, (size_t)(last - first) * sizeof *bases);
    for (uint32_t i = 0; i < count; i++) bases[starts[i] - first] = (documents[i] - before) << shift;
    uint32_t base = 0, position = 0, seen = 0;
    for (uint32_t group = 0; 32 * group < last; group++) {
        const uint32_t begin = 32 * group, size = total - begin < 32 ? total - begin : 32, width = widths[group];
        const uint32_t bytes = (size * width + 7) / 8;
        if (width > 32 || end - groups < (ptrdiff_t)bytes) return UINT32_MAX;
        const uint64_t mask = ((uint64_t)1 << width) - 1;
        if (begin + size <= first) {
            groups += bytes;
            continue;
        }
        uint32_t from = begin < first ? first : begin;
        const uint32_t to = begin + size < last ? begin + size : last;
        for (uint64_t bit = (uint64_t)(from - begin) * width; from < to; from++, bit += width) {
            uint64_t word;
            memcpy(&word, groups + (bit >> 3), 8);
            const uint32_t value = (uint32_t)((word >> (bit & 7)) & mask), fresh = bases[from - first];
            // A document's first value is a position, the others are distances.
            position = fresh == none ? position + value : value;
            base = fresh == none ? base : fresh;
            seen |= position;
            out[from - first] = base + position;
        }
        groups += bytes;
    }
    return seen;
}

uint32_t kb_wanted_position_keys(
    const uint8_t *widths, const uint8_t *groups, const uint8_t *end, uint32_t total, const uint32_t *starts,
    const uint32_t *documents, const uint32_t *wanted, uint32_t count, uint32_t before, uint32_t shift,
    uint32_t *restrict out, uint32_t *written) {
    uint32_t seen = 0, made = 0, group = 0;
    *written = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t base = (documents[wanted[i]] - before) << shift, last = starts[wanted[i] + 1];
        uint32_t from = starts[wanted[i]], position = 0;
        while (from < last) {
            // All groups before the last one are full; one that is wider than it may be is refused before it is passed.
            for (; group < from / 32; group++) {
                if (widths[group] > 32 || end - groups < (ptrdiff_t)(4 * widths[group])) return UINT32_MAX;
                groups += 4 * widths[group];
            }
            const uint32_t begin = 32 * group, size = total - begin < 32 ? total - begin : 32, width = widths[group];
            if (width > 32 || end - groups < (ptrdiff_t)((size * width + 7) / 8)) return UINT32_MAX;
            const uint64_t mask = ((uint64_t)1 << width) - 1;
            const uint32_t to = begin + size < last ? begin + size : last;
            for (uint64_t bit = (uint64_t)(from - begin) * width; from < to; from++, bit += width) {
                uint64_t word;
                memcpy(&word, groups + (bit >> 3), 8);
                position += (uint32_t)((word >> (bit & 7)) & mask);
                out[made++] = base + position;
            }
        }
        seen |= position;
    }
    *written = made;
    return seen;
}
