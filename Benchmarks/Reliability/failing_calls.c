/* A library for LD_PRELOAD: the k-th call that concerns a file under a folder fails, once or for ever.
 *
 *   FAIL_UNDER  folder; only files below it count
 *   FAIL_CALL   write, fsync, open, rename, truncate
 *   FAIL_AT     number of the call that fails, from 1
 *   FAIL_EVER   1: all later ones fail too
 *   FAIL_WITH   number of the error, such as 5 (EIO) or 28 (ENOSPC)
 *   FAIL_COUNT  file; the number of calls so far is kept in it, so that a scenario knows when it has tried them all
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *under, *call;
static long at, ever, with;
static atomic_long *count;

__attribute__((constructor)) static void begin(void) {
    under = getenv("FAIL_UNDER");
    call = getenv("FAIL_CALL");
    const char *text = getenv("FAIL_AT");
    at = text ? atol(text) : 0;
    text = getenv("FAIL_EVER");
    ever = text ? atol(text) : 0;
    text = getenv("FAIL_WITH");
    with = text ? atol(text) : EIO;
    const char *path = getenv("FAIL_COUNT");
    int file = path ? (int)open(path, O_RDWR | O_CREAT, 0600) : -1;
    static atomic_long own;
    count = &own;
    if (file >= 0) {
        if (ftruncate(file, sizeof(atomic_long)) == 0) {
            void *page = mmap(NULL, sizeof(atomic_long), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
            if (page != MAP_FAILED) count = page;
        }
    }
}

/* Whether this call is to fail. */
static int fails(const char *name, const char *path) {
    if (!under || !call || strcmp(name, call) || !path || strncmp(path, under, strlen(under))) return 0;
    long number = atomic_fetch_add(count, 1) + 1;
    if (!at || number < at || (number > at && !ever)) return 0;
    errno = (int)with;
    return 1;
}

static int fails_file(const char *name, int file) {
    if (!under || !call || strcmp(name, call)) return 0;
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return fails(name, path);
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t length) {
    REAL(write);
    return fails_file("write", file) ? -1 : real(file, bytes, length);
}
ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite);
    return fails_file("write", file) ? -1 : real(file, bytes, length, offset);
}
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset) {
    REAL(pwrite64);
    return fails_file("write", file) ? -1 : real(file, bytes, length, offset);
}
int fsync(int file) {
    REAL(fsync);
    return fails_file("fsync", file) ? -1 : real(file);
}
int fdatasync(int file) {
    REAL(fdatasync);
    return fails_file("fsync", file) ? -1 : real(file);
}
int ftruncate(int file, off_t length) {
    REAL(ftruncate);
    return fails_file("truncate", file) ? -1 : real(file, length);
}
int ftruncate64(int file, off64_t length) {
    REAL(ftruncate64);
    return fails_file("truncate", file) ? -1 : real(file, length);
}
int rename(const char *from, const char *to) {
    REAL(rename);
    return fails("rename", to) ? -1 : real(from, to);
}
static int mode_of(int flags, va_list rest) { return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, int) : 0; }
int open(const char *path, int flags, ...) {
    REAL(open);
    va_list rest;
    va_start(rest, flags);
    int mode = mode_of(flags, rest);
    va_end(rest);
    return fails("open", path) ? -1 : real(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    REAL(open64);
    va_list rest;
    va_start(rest, flags);
    int mode = mode_of(flags, rest);
    va_end(rest);
    return fails("open", path) ? -1 : real(path, flags, mode);
}
