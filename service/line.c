#include "service/line.h"
#include <string.h>
#include <time.h>

const char *ct__level_name(enum ct_log_level level)
{
    static const char *const names[] = { "debug", "info", "warning", "error", "status" };
    return level <= CT_LOG_STATUS ? names[level] : "unknown";
}

void ct__line_time(struct ct__bytes *line)
{
    static _Thread_local char text[32]; /* the part up to the second, made once in it */
    static _Thread_local time_t made;
    struct timespec now;
    struct tm day;
    char fraction[9];
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec != made) {
        gmtime_r(&now.tv_sec, &day);
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &day);
        made = now.tv_sec;
    }
    long micros = now.tv_nsec / 1000;
    fraction[0] = '.';
    for (int i = 6; i > 0; i--, micros /= 10) fraction[i] = (char)('0' + micros % 10);
    fraction[7] = 'Z';
    fraction[8] = ' ';
    ct__put_bytes(line, text, strlen(text));
    ct__put_bytes(line, fraction, sizeof fraction);
}
