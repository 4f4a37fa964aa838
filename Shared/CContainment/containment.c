// Starting a program under limits; see the header. Between fork and exec everything is async-signal-safe.
#define _GNU_SOURCE
#include "containment.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int limit(__rlimit_resource_t what, uint64_t value) {
    struct rlimit both = {.rlim_cur = value, .rlim_max = value};
    return setrlimit(what, &both);
}

static void close_from(int first) {
    if (syscall(SYS_close_range, (unsigned)first, ~0U, 0U) == 0) return;
    for (int descriptor = first; descriptor < 4096; descriptor++) close(descriptor);
}

static int become(int from, int to) { return from == to ? fcntl(to, F_SETFD, 0) : dup2(from, to); }

static int confine(const struct kb_limits *limits, pid_t parent) {
    if (limits->own_group && setpgid(0, 0) != 0) return -1;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    if (getppid() != parent) return -1;  // the parent died before the signal was set
    if (limit(RLIMIT_CORE, 0) != 0) return -1;
    if (!limits->may_write_files && limit(RLIMIT_FSIZE, 0) != 0) return -1;
    if (limits->address_bytes && limit(RLIMIT_AS, limits->address_bytes) != 0) return -1;
    if (limits->cpu_seconds && limit(RLIMIT_CPU, limits->cpu_seconds) != 0) return -1;
    if (limits->open_files && limit(RLIMIT_NOFILE, limits->open_files) != 0) return -1;
    return 0;
}

pid_t kb_start(const char *path, char *const arguments[], char *const environment[], int input, int output, int error,
               const struct kb_limits *limits) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) != 0) return -errno;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        // Away from 0, 1 and 2 first, so that none is overwritten before it is used.
        int in = fcntl(input, F_DUPFD, 10), out = fcntl(output, F_DUPFD, 10), err = fcntl(error, F_DUPFD, 10);
        int say = fcntl(report[1], F_DUPFD_CLOEXEC, 10);
        if (say >= 0 && in >= 0 && out >= 0 && err >= 0 && become(in, 0) >= 0 && become(out, 1) >= 0 &&
            become(err, 2) >= 0 && become(say, 3) >= 0 && fcntl(3, F_SETFD, FD_CLOEXEC) == 0) {
            close_from(4);
            if (confine(limits, parent) == 0) execve(path, arguments, environment);
            say = 3;
        }
        int reason = errno ? errno : EINVAL;
        ssize_t ignored = write(say, &reason, sizeof reason);
        (void)ignored;
        _exit(127);
    }
    int failure = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(report[1]);
    int reason = 0;
    ssize_t count;
    do count = child > 0 ? read(report[0], &reason, sizeof reason) : 0;
    while (count < 0 && errno == EINTR);
    close(report[0]);
    if (child < 0) return -failure;
    if (count == (ssize_t)sizeof reason) {
        waitpid(child, NULL, 0);
        return -reason;
    }
    return child;
}
