/* What would otherwise be found by looking at every host. */
#include "service/coordinator_inner.h"

enum { STRANGER = 1, ABLE = 2, BARRED = 4 };

static uint8_t classify(const struct host *host)
{
    unsigned bits = host->outside && !host->proven ? STRANGER : 0;
    if (host->usable && host->channel) bits |= host->barred ? ABLE | BARRED : ABLE;
    return (uint8_t)bits;
}

/* threads does not change while a host is known. */
static void count_as(struct coordinator *c, struct host *host, uint8_t bits)
{
    struct head_count *heads = &c->heads;
    unsigned was = host->counted;
    heads->strangers += (bits & STRANGER) != 0;
    heads->strangers -= (was & STRANGER) != 0;
    heads->able += (bits & ABLE) != 0;
    heads->able -= (was & ABLE) != 0;
    heads->barred += (bits & BARRED) != 0;
    heads->barred -= (was & BARRED) != 0;
    if ((bits & (ABLE | BARRED)) == ABLE) heads->threads += host->threads;
    if ((was & (ABLE | BARRED)) == ABLE) heads->threads -= host->threads;
    host->counted = bits;
}

void ct__coord_recount(struct coordinator *c, struct host *host)
{
    uint8_t bits = classify(host);
    if (bits != host->counted) count_as(c, host, bits);
}

static void leave_queue(struct coordinator *c, struct host *host)
{
    if (!host->hungry_at) return;
    *host->hungry_at = host->hungry_next;
    if (host->hungry_next)
        host->hungry_next->hungry_at = host->hungry_at;
    else
        c->hungry_last = host->hungry_at;
    host->hungry_next = NULL;
    host->hungry_at = NULL;
}

void ct__coord_uncount(struct coordinator *c, struct host *host)
{
    count_as(c, host, 0);
    leave_queue(c, host);
}

size_t ct__coord_count_usable(const struct coordinator *c)
{
    return c->heads.able - (c->pool.open ? c->heads.barred : 0);
}

void ct__coord_hunger(struct coordinator *c, struct host *host, uint64_t wants)
{
    host->wants = wants;
    if (wants == 0) leave_queue(c, host);
    if (wants == 0 || host->hungry_at) return;
    if (!c->hungry_last) c->hungry_last = &c->hungry;
    host->hungry_at = c->hungry_last;
    *c->hungry_last = host;
    c->hungry_last = &host->hungry_next;
}
