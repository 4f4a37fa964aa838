// A hint to the processor that memory will be read soon; no effect on results, harmless for any address.
#pragma once

static inline void kb_prefetch(const void *_Nullable address) { __builtin_prefetch(address); }
