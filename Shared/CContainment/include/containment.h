// Starting a program under limits, in the one way that needs C: between fork and exec only calls that are safe there.
#pragma once
#include <stdint.h>
#include <sys/types.h>

/// What a child may use. Zero means no limit but the parent's.
struct kb_limits {
    uint64_t address_bytes;  // RLIMIT_AS
    uint64_t cpu_seconds;    // RLIMIT_CPU
    uint64_t open_files;     // RLIMIT_NOFILE
    int32_t may_write_files; // 0: RLIMIT_FSIZE is 0
    int32_t own_group;       // 1: the child leads a process group of its own
    int32_t may_call_all;    // 0: a seccomp filter denies the network and changes of files and of the system (see kb_filters)
};

/// Whether this system has the filter that `may_call_all` = 0 asks for: Linux on x86-64 and ARM64. Elsewhere it is left out.
int32_t kb_filters(void);

/// Starts `path` with standard input, output and error from the given descriptors; all others are closed. The child dies
/// with the thread that started it, gains no privileges and leaves no core.
/// Returns its process id, or the negated errno.
pid_t kb_start(const char *path, char *const arguments[], char *const environment[], int input, int output, int error,
               const struct kb_limits *limits);
