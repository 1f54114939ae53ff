/* Monotonic time. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_CLOCK_H
#define COMBTEST_BOOTSTRAP_CLOCK_H
#include <stdint.h>
#include <time.h>

static inline int64_t ct__now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What poll() is to wait until the deadline: 0 once it has passed. */
static inline int ct__until_ms(int64_t deadline_ms)
{
    int64_t left = deadline_ms - ct__now_ms();
    return left < 0 ? 0 : left > 3600000 ? 3600000 : (int)left;
}
#endif
