// Which postings of a list the wanted documents of a window are, from the list's documents as bits.
#include "CKernels.h"

static inline __attribute__((always_inline)) uint32_t ranks(
    const uint64_t *own, const uint64_t *wanted, uint32_t words, uint32_t start, uint32_t *ordinal, uint32_t *documents,
    uint32_t *ordinals) {
    uint32_t count = 0, before = *ordinal;
    for (uint32_t word = 0; word < words; word++) {
        uint64_t bits = own[word] & wanted[word];
        while (bits) {
            const uint64_t lowest = bits & (0 - bits);
            documents[count] = start + 64 * word + (uint32_t)__builtin_ctzll(bits);
            ordinals[count++] = before + (uint32_t)__builtin_popcountll(own[word] & (lowest - 1));
            bits ^= lowest;
        }
        before += (uint32_t)__builtin_popcountll(own[word]);
    }
    *ordinal = before;
    return count;
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) static uint32_t with_instruction(
    const uint64_t *own, const uint64_t *wanted, uint32_t words, uint32_t start, uint32_t *ordinal, uint32_t *documents,
    uint32_t *ordinals) {
    return ranks(own, wanted, words, start, ordinal, documents, ordinals);
}
#endif

uint32_t kb_ranks(
    const uint64_t *own, const uint64_t *wanted, uint32_t words, uint32_t start, uint32_t *ordinal, uint32_t *documents,
    uint32_t *ordinals) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("popcnt")) return with_instruction(own, wanted, words, start, ordinal, documents, ordinals);
#endif
    return ranks(own, wanted, words, start, ordinal, documents, ordinals);
}
