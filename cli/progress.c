/* The run's progress on stderr: one live line on a terminal, a plain line at most every ten seconds elsewhere. */
#include <cli/inner.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define PLAIN_EVERY_S 10.0
#define ITEM_SIZE     16 /* ", eta 0:12:34" */
#define ERASE         "\r\033[K"

void ct__progress_start(struct ct__progress *progress, const char *name, bool quiet)
{
    const char *terminal = getenv("TERM");
    bool dumb = terminal && strcmp(terminal, "dumb") == 0;
    *progress = (struct ct__progress){ .name = name ? name : "", .quiet = quiet };
    progress->live = !quiet && !dumb && isatty(STDERR_FILENO) == 1;
}

static size_t line_width(void)
{
    struct winsize window;
    const char *columns = getenv("COLUMNS");
    long width = columns ? strtol(columns, NULL, 10) : 0;
    if (width <= 0 && ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0) width = window.ws_col;
    return width > 0 && width < 10000 ? (size_t)width : 80;
}

void ct__format_count(double n, char *text, size_t size)
{
    if (n >= 1e9)
        snprintf(text, size, "%.1fG", n / 1e9);
    else if (n >= 1e6)
        snprintf(text, size, "%.1fM", n / 1e6);
    else if (n >= 1e4)
        snprintf(text, size, "%.1fk", n / 1e3);
    else
        snprintf(text, size, "%.0f", n);
}

static void format_time(double s, char *text, size_t size)
{
    uint64_t whole = s > 0 && s < 3e7 ? (uint64_t)s : 0;
    if (whole >= 3600)
        snprintf(text, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, size, "%" PRIu64 ":%02" PRIu64, whole / 60, whole % 60);
}

static uint64_t done_count(const struct ct_results *so_far)
{
    uint64_t done = 0;
    for (size_t i = 0; i < CT_STATUS_COUNT; i++) done += i == CT_NOT_RUN ? 0 : so_far->counts[i];
    return done;
}

/* Remembers when something ended last. */
static void watch(struct ct__progress *progress, const struct ct_results *so_far)
{
    uint64_t ended = done_count(so_far) + so_far->segment_count + so_far->serial_count;
    if (ended == progress->ended) return;
    progress->ended = ended;
    progress->ended_s = so_far->elapsed_s;
}

/* "no result for 63 s; in flight: walks 17, 230" */
static void format_stuck(const struct ct__progress *progress, const struct ct_results *so_far, char *text, size_t size)
{
    int used = snprintf(text, size, "no result for %.0f s; in flight: walk%s", so_far->elapsed_s - progress->ended_s,
                        so_far->in_flight_count == 1 ? "" : "s");
    for (size_t i = 0; i < so_far->in_flight_count && i < CT_COUNT(so_far->in_flight); i++) {
        if (used < 0 || (size_t)used >= size) return;
        used += snprintf(text + used, size - (size_t)used, "%s %" PRIu64, i > 0 ? "," : "", so_far->in_flight[i]);
    }
}

/* "12.3k/s, 4 failed, 0:10, eta 0:30" */
static void format_pace(const struct ct_results *so_far, uint64_t done, char *text, size_t size)
{
    char rate[32], elapsed[32], eta[48] = "", failures[48] = "";
    double rate_s = so_far->elapsed_s > 0 ? (double)done / so_far->elapsed_s : 0;
    ct__format_count(rate_s, rate, sizeof(rate));
    format_time(so_far->elapsed_s, elapsed, sizeof(elapsed));
    if (rate_s > 0 && done < so_far->walk_count) {
        char left[32];
        format_time((double)(so_far->walk_count - done) / rate_s, left, sizeof(left));
        snprintf(eta, sizeof(eta), ", eta %s", left);
    }
    if (so_far->error_count > 0) snprintf(failures, sizeof(failures), ", %" PRIu64 " failed", so_far->error_count);
    snprintf(text, size, "%s/s%s, %s%s", rate, failures, elapsed, eta);
}

static void format_line(const struct ct__progress *progress, const struct ct_results *so_far, char *line, size_t size)
{
    char pace[224];
    uint64_t done = done_count(so_far), planned = so_far->walk_count;
    if (so_far->rows_made > 0) {
        snprintf(line, size, "%s: making rows, %" PRIu64 " so far, %.0f s", progress->name, so_far->rows_made,
                 so_far->elapsed_s);
        return;
    }
    if (so_far->in_flight_count > 0)
        format_stuck(progress, so_far, pace, sizeof(pace));
    else
        format_pace(so_far, done, pace, sizeof(pace));
    snprintf(line, size, "%s: %" PRIu64 "/%" PRIu64 " (%.0f %%), %s%s%s", progress->name, done, planned,
             planned > 0 ? 100.0 * (double)done / (double)planned : 100.0, pace, so_far->note ? ", " : "",
             so_far->note ? so_far->note : "");
}

/* Cuts the line to size bytes, before a short item rather than within: half of a time would be another time. */
static void cut_line(char *line, size_t size)
{
    line[ct__utf8_cut(line, size)] = '\0';
    char *comma = strrchr(line, ',');
    if (comma && strlen(comma) <= ITEM_SIZE) *comma = '\0';
}

/* Control characters out, and no more bytes than the terminal has columns. */
static void fit_line(char *line)
{
    size_t width = line_width();
    if (strlen(line) >= width) cut_line(line, width - 1);
    for (char *c = line; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    }
}

/* In one write, so that nothing of another process comes in between. */
static void print_live(struct ct__progress *progress)
{
    fprintf(stderr, ERASE "%s", progress->line);
    progress->shown = true;
}

void ct__progress_show(void *user, const struct ct_results *so_far)
{
    struct ct__progress *progress = user;
    if (progress->quiet) return;
    if (so_far->rows_made > 0 && !progress->live) return;
    watch(progress, so_far);
    if (!progress->live && so_far->elapsed_s - progress->last_s < PLAIN_EVERY_S) return;
    progress->last_s = so_far->elapsed_s;
    format_line(progress, so_far, progress->line, sizeof(progress->line));
    ct__cli_pipes_guard();
    if (progress->live) {
        fit_line(progress->line);
        print_live(progress);
    } else {
        fprintf(stderr, "%s\n", progress->line);
    }
    ct__cli_pipes_release();
}

void ct__progress_log(void *user, enum ct_log_level level, const char *line)
{
    struct ct__progress *progress = user;
    (void)level;
    ct__cli_pipes_guard();
    if (progress->shown) fputs(ERASE, stderr);
    ct__cli_print_clean(stderr, line, 4);
    fputc('\n', stderr);
    if (progress->shown) print_live(progress);
    ct__cli_pipes_release();
}

void ct__progress_stop(struct ct__progress *progress)
{
    if (!progress->shown) return;
    ct__cli_pipes_guard();
    fputs(ERASE, stderr);
    ct__cli_pipes_release();
    progress->shown = false;
}
