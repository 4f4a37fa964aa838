// Linked with --wrap when FUZZ_COMPARISONS=0: comparisons are not recorded, only edges. An execution costs less;
// inputs that need a certain word are then found by the dictionary and the corpus, not by looking at what it is compared to.

#include <stdint.h>

void __wrap___sanitizer_cov_trace_cmp1(uint8_t a, uint8_t b) {}
void __wrap___sanitizer_cov_trace_cmp2(uint16_t a, uint16_t b) {}
void __wrap___sanitizer_cov_trace_cmp4(uint32_t a, uint32_t b) {}
void __wrap___sanitizer_cov_trace_cmp8(uint64_t a, uint64_t b) {}
void __wrap___sanitizer_cov_trace_const_cmp1(uint8_t a, uint8_t b) {}
void __wrap___sanitizer_cov_trace_const_cmp2(uint16_t a, uint16_t b) {}
void __wrap___sanitizer_cov_trace_const_cmp4(uint32_t a, uint32_t b) {}
void __wrap___sanitizer_cov_trace_const_cmp8(uint64_t a, uint64_t b) {}
void __wrap___sanitizer_cov_trace_switch(uint64_t value, uint64_t *cases) {}
