// Starting a program under limits; see the header. Between fork and exec everything is async-signal-safe.
#define _GNU_SOURCE
#include "containment.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
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

// System calls that a parser has no use for, by number: new sockets and everything that connects or listens, changes of
// names and modes of files, other processes' memory, and the ways around such a filter (io_uring) or out of it. Pairs of
// sockets stay: a parser speaks over one to the program that reads PDF. Denied calls fail with EACCES and nothing else
// happens, so that a library that asks out of habit (for a name service, say) goes on.
#if defined(__x86_64__)
#define KB_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define KB_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef KB_ARCHITECTURE
static const unsigned short denied[] = {
    SYS_socket, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4,
    SYS_unlinkat, SYS_renameat2, SYS_mkdirat, SYS_linkat, SYS_symlinkat, SYS_mknodat, SYS_fchmod, SYS_fchmodat,
    SYS_fchown, SYS_fchownat, SYS_truncate, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr,
#ifdef SYS_renameat
    SYS_renameat,
#endif
#ifdef SYS_unlink
    SYS_unlink, SYS_rename, SYS_mkdir, SYS_rmdir, SYS_link, SYS_symlink, SYS_mknod, SYS_chmod, SYS_chown, SYS_lchown,
    SYS_creat,
#endif
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_io_uring_setup, SYS_io_uring_enter,
    SYS_io_uring_register, SYS_bpf, SYS_perf_event_open, SYS_keyctl, SYS_add_key, SYS_request_key, SYS_userfaultfd,
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_init_module, SYS_finit_module,
    SYS_delete_module, SYS_kexec_load, SYS_reboot, SYS_swapon, SYS_swapoff, SYS_sethostname, SYS_setdomainname,
    SYS_settimeofday, SYS_clock_settime, SYS_acct, SYS_quotactl,
};

enum { denied_count = sizeof denied / sizeof denied[0], program_length = denied_count + 7 };

// One comparison a call: load the architecture, refuse another one (its numbers mean other calls) and x32 numbers, then jump
// to the refusal at the end on the first number that fits. Jumps are at most 255 long; the list is shorter.
_Static_assert(denied_count < 250, "jumps of a filter are eight bits");

static int filter(void) {
    struct sock_filter program[program_length];
    int next = 0;
    program[next++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
    program[next++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, KB_ARCHITECTURE, 0, denied_count + 3);
    program[next++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    program[next++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000u, denied_count + 1, 0);
    for (int index = 0; index < denied_count; index++)
        program[next++] =
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, denied[index], denied_count - index, 0);
    program[next++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    program[next++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
    struct sock_fprog whole = {.len = (unsigned short)next, .filter = program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole);
}

int32_t kb_filters(void) { return 1; }
#else
static int filter(void) { return 0; }

int32_t kb_filters(void) { return 0; }
#endif

static int confine(const struct kb_limits *limits, pid_t parent) {
    if (limits->own_group && setpgid(0, 0) != 0) return -1;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    if (getppid() != parent) return -1;  // the parent died before the signal was set
    if (limit(RLIMIT_CORE, 0) != 0) return -1;
    if (!limits->may_write_files && limit(RLIMIT_FSIZE, 0) != 0) return -1;
    if (limits->address_bytes && limit(RLIMIT_AS, limits->address_bytes) != 0) return -1;
    if (limits->cpu_seconds && limit(RLIMIT_CPU, limits->cpu_seconds) != 0) return -1;
    if (limits->open_files && limit(RLIMIT_NOFILE, limits->open_files) != 0) return -1;
    // Last, so that nothing above meets it. PR_SET_NO_NEW_PRIVS has been set, which the kernel asks for.
    if (!limits->may_call_all && filter() != 0) return -1;
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
