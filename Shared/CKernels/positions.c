// Positions of phrases: bit streams summed up, and places that two lists have at a distance.
#include "CKernels.h"
#include <string.h>

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

uint32_t kb_keep_at_distance(
    uint32_t *places, uint32_t count, const uint32_t *others, uint32_t otherCount, uint32_t distance) {
    // Counting costs about an eighth of a step of the loop below for each of the others.
    if (count <= 8) return keep_few(places, count, others, otherCount, distance);
    uint32_t kept = 0, i = 0, j = 0;
    while (i < count && j < otherCount) {
        // No branch depends on the values: they are as good as random, and a wrong guess costs more than the step.
        const uint32_t wanted = places[i] + distance, other = others[j];
        places[kept] = places[i];
        kept += wanted == other;
        i += wanted <= other;
        j += other <= wanted;
    }
    return kept;
}
