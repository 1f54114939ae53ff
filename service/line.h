/* What log lines begin with. */
#ifndef COMBTEST_SERVICE_LINE_H
#define COMBTEST_SERVICE_LINE_H
#include "service/wire.h"
#include <combtest/walk.h>

const char *ct__level_name(enum ct_log_level level); /* "debug", "info", "warning", "error", "status" */
/* "2026-11-20T21:17:03.123456Z ", now, in UTC. */
void ct__line_time(struct ct__bytes *line);
#endif
