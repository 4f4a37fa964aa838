/* The other side of throughput.py: what libzmq does without us.
 *
 *   link echo FRONT                      a ROUTER that answers every message with itself
 *   link broker FRONT BACK               two ROUTERs: clients in front, workers behind, in turn
 *   link worker BACK                     joins a broker and echoes
 *   link client FRONT BYTES WINDOW SECONDS
 *                                        prints messages a second, and the median and 99th percentile of a round trip in us
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void *make(void *context, int type, const char *endpoint, int binds) {
    void *made = zmq_socket(context, type);
    int mark = 100000, zero = 0;
    zmq_setsockopt(made, ZMQ_SNDHWM, &mark, sizeof mark);
    zmq_setsockopt(made, ZMQ_RCVHWM, &mark, sizeof mark);
    zmq_setsockopt(made, ZMQ_LINGER, &zero, sizeof zero);
    if ((binds ? zmq_bind(made, endpoint) : zmq_connect(made, endpoint)) != 0) {
        perror(endpoint);
        exit(1);
    }
    return made;
}

/* Moves one message, `first` (if any) before its frames and `skip` of them left out; 0 where none waits. */
static int move(void *from, void *to, zmq_msg_t *first, int skip) {
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    if (zmq_msg_recv(&frame, from, ZMQ_DONTWAIT) < 0) return 0;
    if (first) {
        zmq_msg_t copy;
        zmq_msg_init(&copy);
        zmq_msg_copy(&copy, first);
        zmq_msg_send(&copy, to, ZMQ_SNDMORE);
    }
    for (;;) {
        int more = zmq_msg_more(&frame);
        if (skip > 0) skip--, zmq_msg_close(&frame);
        else zmq_msg_send(&frame, to, more ? ZMQ_SNDMORE : 0);
        if (!more) return 1;
        zmq_msg_init(&frame);
        zmq_msg_recv(&frame, from, 0);
    }
}

static void broker(void *front, void *back) {
    zmq_msg_t workers[16];
    int count = 0, next = 0;
    for (;;) {
        zmq_pollitem_t items[] = {{front, 0, count ? ZMQ_POLLIN : 0, 0}, {back, 0, ZMQ_POLLIN, 0}};
        zmq_poll(items, 2, -1);
        for (int i = 0; i < 256; i++) {
            zmq_msg_t name;
            zmq_msg_init(&name);
            if (zmq_msg_recv(&name, back, ZMQ_DONTWAIT) < 0) break;
            zmq_msg_t second;
            zmq_msg_init(&second);
            zmq_msg_recv(&second, back, 0);
            if (!zmq_msg_more(&second)) {
                if (count < 16) workers[count++] = name;
                continue;
            }
            zmq_msg_close(&name);
            zmq_msg_send(&second, front, ZMQ_SNDMORE);
            move(back, front, NULL, 0);
        }
        for (int i = 0; i < 256 && count; i++) {
            next = (next + 1) % count;
            if (!move(front, back, &workers[next], 0)) break;
        }
    }
}

static int compare(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void client(void *socket, size_t size, int window, double seconds) {
    char *bytes = calloc(1, size < 8 ? 8 : size);
    size_t room = 4000000, count = 0;
    double *times = malloc(room * sizeof(double)), begin = now(), measured = begin + seconds * 0.2;
    int flying = 0;
    double started[4096];
    unsigned sent = 0, received = 0;
    while (now() < begin + seconds) {
        while (flying < window) {
            started[sent % 4096] = now();
            memcpy(bytes, &sent, sizeof sent);
            zmq_send(socket, bytes, size, 0);
            sent++, flying++;
        }
        zmq_msg_t frame;
        zmq_msg_init(&frame);
        if (zmq_msg_recv(&frame, socket, 0) < 0) break;
        unsigned number;
        memcpy(&number, zmq_msg_data(&frame), sizeof number);
        zmq_msg_close(&frame);
        flying--, received++;
        double end = now();
        if (end > measured && count < room) times[count++] = end - started[number % 4096];
    }
    double took = now() - measured;
    qsort(times, count, sizeof(double), compare);
    printf("%.0f %.1f %.1f\n", count / took, count ? times[count / 2] * 1e6 : 0, count ? times[count * 99 / 100] * 1e6 : 0);
}

int main(int argc, char **argv) {
    if (argc < 3) return 2;
    void *context = zmq_ctx_new();
    if (!strcmp(argv[1], "echo")) {
        void *front = make(context, ZMQ_ROUTER, argv[2], 1);
        for (;;) {
            zmq_pollitem_t item = {front, 0, ZMQ_POLLIN, 0};
            zmq_poll(&item, 1, -1);
            for (int i = 0; i < 256 && move(front, front, NULL, 0); i++) {}
        }
    }
    if (!strcmp(argv[1], "broker") && argc == 4) broker(make(context, ZMQ_ROUTER, argv[2], 1), make(context, ZMQ_ROUTER, argv[3], 1));
    if (!strcmp(argv[1], "worker")) {
        void *back = make(context, ZMQ_DEALER, argv[2], 0);
        zmq_send(back, "", 0, 0);
        for (;;) {
            zmq_pollitem_t item = {back, 0, ZMQ_POLLIN, 0};
            zmq_poll(&item, 1, -1);
            for (int i = 0; i < 256 && move(back, back, NULL, 0); i++) {}
        }
    }
    if (!strcmp(argv[1], "client") && argc == 6)
        client(make(context, ZMQ_DEALER, argv[2], 0), strtoul(argv[3], 0, 10), atoi(argv[4]), atof(argv[5]));
    return 0;
}
