// Packs and unpacks blocks of 128 integers, four lanes at a time, with a constant width in each unrolled body.
//
// Layout (see docs/formats/segment.md, "packed block"): value i belongs to lane i % 4 and row i / 4. A lane's 32 rows are
// one little-endian bit stream of 32 * bits bits, so a block is `bits` words of 128 bits. Vector extensions of the
// compiler are used instead of intrinsics: the same source serves x86-64 (SSE2) and arm64 (NEON).
#include "CKernels.h"
#include <string.h>

typedef uint32_t lanes __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) lanes load(const uint8_t *p) {
    lanes v;
    memcpy(&v, p, 16);
    return v;
}

static inline __attribute__((always_inline)) void store(void *p, lanes v) { memcpy(p, &v, 16); }

/// Row `row` of a block of width `bits`; both are constants after unrolling.
static inline __attribute__((always_inline)) lanes row_of(const uint8_t *in, const uint32_t bits, const uint32_t row) {
    const uint32_t first = row * bits;
    const uint32_t word = first / 32, shift = first % 32;
    const lanes mask = (lanes){0} + (bits == 32 ? 0xFFFFFFFFu : ((1u << (bits & 31)) - 1));
    lanes value = load(in + 16 * word) >> shift;
    if (shift + bits > 32) value |= load(in + 16 * (word + 1)) << (32 - shift);
    return value & mask;
}

static inline __attribute__((always_inline)) void unpack(const uint8_t *in, const uint32_t bits, uint32_t *out) {
#pragma clang loop unroll(full)
    for (uint32_t row = 0; row < 32; row++) store(out + 4 * row, row_of(in, bits, row));
}

static inline __attribute__((always_inline)) void unpack_ascending(
    const uint8_t *in, const uint32_t bits, uint32_t base, uint32_t *out) {
    const lanes zero = {0}, steps = {1, 2, 3, 4};
    lanes before = zero + base;
#pragma clang loop unroll(full)
    for (uint32_t row = 0; row < 32; row++) {
        lanes v = row_of(in, bits, row);
        v += __builtin_shufflevector(zero, v, 0, 4, 5, 6);
        v += __builtin_shufflevector(zero, v, 0, 1, 4, 5);
        v += before + steps;
        store(out + 4 * row, v);
        before = __builtin_shufflevector(v, v, 3, 3, 3, 3);
    }
}

#define EACH_WIDTH(X) \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) \
    X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32)

void kb_unpack128(const uint8_t *in, uint32_t bits, uint32_t *out) {
    switch (bits) {
#define X(b) case b: unpack(in, b, out); return;
        EACH_WIDTH(X)
#undef X
    default: memset(out, 0, 128 * sizeof(uint32_t));
    }
}

void kb_unpack128_ascending(const uint8_t *in, uint32_t bits, uint32_t base, uint32_t *out) {
    switch (bits) {
#define X(b) case b: unpack_ascending(in, b, base, out); return;
        EACH_WIDTH(X)
#undef X
    default:
        for (uint32_t i = 0; i < 128; i++) out[i] = base + i + 1;
    }
}

void kb_pack128(const uint32_t *values, uint32_t bits, uint8_t *out) {
    if (bits == 0 || bits > 32) return;
    const uint32_t mask = bits == 32 ? 0xFFFFFFFFu : (1u << bits) - 1;
    uint32_t words[32 * 4];
    memset(words, 0, sizeof words);
    for (uint32_t i = 0; i < 128; i++) {
        const uint32_t lane = i % 4, first = (i / 4) * bits, word = first / 32, shift = first % 32;
        const uint64_t value = (uint64_t)(values[i] & mask) << shift;
        words[4 * word + lane] |= (uint32_t)value;
        if (shift + bits > 32) words[4 * (word + 1) + lane] |= (uint32_t)(value >> 32);
    }
    memcpy(out, words, 16 * bits);
}

uint32_t kb_count_below(const uint32_t *values, uint32_t count, uint32_t target) {
    uint32_t below = 0;
    for (uint32_t i = 0; i < count; i++) below += values[i] < target;
    return below;
}
