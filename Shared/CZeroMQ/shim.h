// What Swift needs of libzmq, and of Linux' eventfd, whose declarations the Glibc module leaves out.
#pragma once
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <zmq.h>

/// Refuses peers where no ZAP handler serves the socket's domain. libzmq 4.3 has the option and lists it among the drafts.
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/// Names the calling thread for debuggers; the first 15 bytes count.
static inline void kuaibao_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/// A new non-blocking event counter that is closed on exec, or -1 with errno set.
static inline int kuaibao_eventfd_open(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

/// Adds one to the counter, which makes it readable; -1 with errno set on failure.
static inline int kuaibao_eventfd_signal(int counter) { return eventfd_write(counter, 1); }

/// Takes the counter back to zero; -1 with errno set where it was zero.
static inline int kuaibao_eventfd_clear(int counter) {
    eventfd_t value;
    return eventfd_read(counter, &value);
}
