// Scores a block of postings: the table look-ups one by one, the arithmetic four at a time.
#include "CKernels.h"

#pragma STDC FP_CONTRACT OFF

void kb_contributions(
    const uint32_t *documents, const uint32_t *frequencies, uint32_t count, const uint8_t *norms, const float *inverse,
    float weight, int32_t *restrict out) {
    float looked_up[128];
    while (count > 0) {
        const uint32_t size = count < 128 ? count : 128;
        for (uint32_t i = 0; i < size; i++) looked_up[i] = inverse[norms[documents[i]]];
        // Frequencies are at most 2^24 (the format's limit), so the signed conversion is exact and quick.
        for (uint32_t i = 0; i < size; i++) {
            const float product = (float)(int32_t)frequencies[i] * looked_up[i];
            out[i] = (int32_t)(weight - weight / (1.0f + product));
        }
        documents += size;
        frequencies += size;
        out += size;
        count -= size;
    }
}

static inline void mark(uint64_t *bits, uint32_t place) { bits[place >> 6] |= (uint64_t)1 << (place & 63); }

void kb_mark(const uint32_t *documents, uint32_t count, uint32_t start, uint64_t *bits) {
    // Neighbours share a word, and each step would wait for the store of the one before: four parts take turns.
    const uint32_t part = count / 4;
    for (uint32_t i = 0; i < part; i++) {
        mark(bits, documents[i] - start);
        mark(bits, documents[i + part] - start);
        mark(bits, documents[i + 2 * part] - start);
        mark(bits, documents[i + 3 * part] - start);
    }
    for (uint32_t i = 4 * part; i < count; i++) mark(bits, documents[i] - start);
}

void kb_mark_and_add(
    const uint32_t *documents, const int32_t *contributions, uint32_t count, uint32_t start, uint64_t *bits,
    int32_t *scores) {
    kb_mark(documents, count, start, bits);
    for (uint32_t i = 0; i < count; i++) scores[documents[i] - start] += contributions[i];
}

uint32_t kb_keep_least(
    const uint32_t *documents, const int32_t *contributions, uint32_t count, int32_t least, uint32_t *keptDocuments,
    int32_t *keptContributions) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const int32_t contribution = contributions[i];
        keptDocuments[kept] = documents[i];
        keptContributions[kept] = contribution;
        kept += contribution >= least;
    }
    return kept;
}
