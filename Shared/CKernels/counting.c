// Counts the values of a column over a set of documents.
#include "CKernels.h"

#include <string.h>

static inline uint64_t load(const uint8_t *bytes, uint32_t width, uint64_t index) {
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    switch (width) {
    case 0: return 0;
    case 1: return bytes[index];
    case 2: memcpy(&two, bytes + 2 * index, 2); return two;
    case 4: memcpy(&four, bytes + 4 * index, 4); return four;
    default: memcpy(&eight, bytes + 8 * index, 8); return eight;
    }
}

/// Where a value is counted; NULL where there is no place for it.
static inline int32_t *place_of(const kb_tally tally, uint64_t value) {
    const uint64_t code = (uint64_t)((int64_t)value >> tally.shift);
    if (code - tally.lowest < tally.limit) return tally.counts + (code - tally.lowest);
    return code < tally.lowLimit ? tally.lows + code : NULL;
}

static inline __attribute__((always_inline)) uint32_t count_rows(
    const uint64_t *members, uint32_t words, uint64_t first, const kb_column column, uint32_t width, kb_tally tally,
    uint64_t *missed) {
    uint32_t misses = 0;
    for (uint32_t word = 0; word < words; word++) {
        uint64_t bits = members[word];
        uint64_t outside = 0;
        while (bits) {
            const uint64_t place = 64 * (uint64_t)word + (uint64_t)__builtin_ctzll(bits);
            if (first + place >= column.count) break;
            const uint64_t value = column.least + load(column.bytes, width, first + place);
            int32_t *count = place_of(tally, value);
            if (count) {
                ++*count;
            } else {
                outside |= bits & (0 - bits);
                misses++;
            }
            bits &= bits - 1;
        }
        missed[word] = outside;
    }
    return misses;
}

uint32_t kb_count_rows(
    const uint64_t *members, uint32_t words, uint64_t first, kb_column column, kb_tally tally, uint64_t *missed) {
    switch (column.width) {
    case 1: return count_rows(members, words, first, column, 1, tally, missed);
    case 2: return count_rows(members, words, first, column, 2, tally, missed);
    case 4: return count_rows(members, words, first, column, 4, tally, missed);
    default: return count_rows(members, words, first, column, column.width, tally, missed);
    }
}

uint32_t kb_count_lists(
    const uint64_t *members, uint32_t words, uint64_t first, kb_column starts, kb_column column, kb_tally tally,
    uint64_t *missed) {
    uint32_t misses = 0;
    for (uint32_t word = 0; word < words; word++) {
        uint64_t bits = members[word];
        uint64_t outside = 0;
        while (bits) {
            const uint64_t place = first + 64 * (uint64_t)word + (uint64_t)__builtin_ctzll(bits);
            if (place + 1 >= starts.count) break;
            const uint64_t begin = starts.least + load(starts.bytes, starts.width, place);
            const uint64_t end = starts.least + load(starts.bytes, starts.width, place + 1);
            if (begin <= end && end <= column.count && end - begin <= KB_MAXIMUM_ROW) {
                int misses_here = 0;
                for (uint64_t index = begin; index < end; index++) {
                    const uint64_t value = column.least + load(column.bytes, column.width, index);
                    misses_here |= !place_of(tally, value);
                }
                if (misses_here) {
                    outside |= bits & (0 - bits);
                    misses++;
                } else {
                    for (uint64_t index = begin; index < end; index++) {
                        const uint64_t value = column.least + load(column.bytes, column.width, index);
                        ++*place_of(tally, value);
                    }
                }
            }
            bits &= bits - 1;
        }
        missed[word] = outside;
    }
    return misses;
}
