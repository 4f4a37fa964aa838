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
