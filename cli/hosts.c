/* `hosts check`: a table of the hosts that the settings name, a row for each. */
#include <bootstrap/bootstrap.h>
#include <cli/inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLUMNS 10

static const char *yes(bool is)
{
    return is ? "yes" : "no";
}

/* "liba.so.1 libb.so.2"; "-" for none. */
static void libraries_text(const char *missing, char *text, size_t size)
{
    snprintf(text, size, "%s", *missing != '\0' ? missing : "-");
    size_t used = strlen(text);
    if (used > 0 && text[used - 1] == '\n') text[used - 1] = '\0';
    for (char *c = text; *c != '\0'; c++) *c = *c == '\n' ? ' ' : *c;
}

static void print_cells(const char *const *cells, const int *widths)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i + 1 < COLUMNS)
            printf("%-*s  ", widths[i], cells[i]);
        else
            puts(cells[i]);
    }
}

static void print_row(const struct ct_host *host, const struct ct__host_report *report, bool program, const int *widths)
{
    char cores[16] = "-", glibc[16] = "-", missing[1024], trip[32] = "-";
    bool known = report->machine[0] != '\0';
    libraries_text(report->missing, missing, sizeof(missing));
    if (known) snprintf(cores, sizeof(cores), "%d", report->cores);
    if (report->glibc_major > 0) snprintf(glibc, sizeof(glibc), "%d.%d", report->glibc_major, report->glibc_minor);
    if (report->round_trip_ms > 0) snprintf(trip, sizeof(trip), "%.1f ms", report->round_trip_ms);
    const char *const cells[COLUMNS] = {
        host->name,
        yes(report->reachable),
        report->reachable ? yes(report->key) : "-",
        report->key ? yes(report->login) : "-",
        known ? report->machine : "-",
        cores,
        glibc,
        known && program ? yes(report->cached) : "-",
        trip,
        missing,
    };
    print_cells(cells, widths);
}

static void print_table(const struct ct__hosts *hosts, const struct ct__host_report *reports, bool program)
{
    static const char *const heads[COLUMNS] = { "host",  "reachable", "key",    "login",      "architecture",
                                                "cores", "glibc",     "cached", "round trip", "missing libraries" };
    int widths[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++) widths[i] = (int)strlen(heads[i]);
    for (size_t i = 0; i < ct__hosts_count(hosts); i++) {
        int size = (int)strlen(ct__hosts_at(hosts, i)->name);
        if (size > widths[0]) widths[0] = size;
    }
    print_cells(heads, widths);
    for (size_t i = 0; i < ct__hosts_count(hosts); i++) print_row(ct__hosts_at(hosts, i), &reports[i], program, widths);
}

static json_t *libraries_json(const char *missing)
{
    json_t *list = json_array();
    for (size_t size; list && *missing != '\0'; missing += size + (missing[size] == '\n')) {
        size = strcspn(missing, "\n");
        json_array_append_new(list, json_stringn(missing, size));
    }
    return list;
}

static bool print_json(const struct ct_host *host, const struct ct__host_report *report, bool program)
{
    char glibc[16] = "";
    bool known = report->machine[0] != '\0';
    if (report->glibc_major > 0) snprintf(glibc, sizeof(glibc), "%d.%d", report->glibc_major, report->glibc_minor);
    json_t *row = json_pack(
        "{s:s, s:b, s:b, s:b, s:s?, s:o, s:s?, s:o, s:o, s:o, s:s?}", "host", host->name, "reachable",
        report->reachable, "key", report->key, "login", report->login, "architecture", known ? report->machine : NULL,
        "cores", known ? json_integer(report->cores) : json_null(), "glibc", *glibc != '\0' ? glibc : NULL, "cached",
        known && program ? json_boolean(report->cached) : json_null(), "round_trip_ms",
        report->round_trip_ms > 0 ? json_real(report->round_trip_ms) : json_null(), "missing_libraries",
        libraries_json(report->missing), "error", report->err ? report->error : NULL);
    char *text = row ? ct__json_shortest(row) : NULL;
    if (text) puts(text);
    free(text);
    json_decref(row);
    return text != NULL;
}

static int check_hosts(const struct ct__cli *cli, const struct ct__hosts *hosts, const char *program)
{
    struct ct_error error;
    size_t count = ct__hosts_count(hosts);
    int code = CT__EXIT_OK;
    struct ct__host_report *reports = calloc(count, sizeof(*reports));
    enum ct_err err = reports ? ct__hosts_check(hosts, program, reports, &error) : ct__nomem(&error);
    if (!err && !cli->json) print_table(hosts, reports, program != NULL);
    for (size_t i = 0; !err && i < count; i++) {
        if (cli->json && !print_json(ct__hosts_at(hosts, i), &reports[i], program != NULL)) err = ct__nomem(&error);
        if (!reports[i].err) continue;
        code = CT__EXIT_LOST;
        fflush(stdout);
        if (!cli->json) ct__cli_note(cli->label, "%s", reports[i].error);
    }
    free(reports);
    return err ? ct__cli_say_error(cli->label, &error) : code;
}

/* The program that is asked about: the one named, else the suite that this is; in *path, for malloc's free. */
static enum ct_err find_program(const struct ct__cli *cli, char **path, struct ct_error *error)
{
    const char *named = cli->argument_count > 1 ? cli->arguments[1] : cli->suite_count > 0 ? "/proc/self/exe" : NULL;
    if (!named) return CT_OK;
    char *found = ct__cli_find_program(named);
    *path = found ? realpath(found, NULL) : NULL;
    free(found);
    if (*path && access(*path, X_OK) == 0) return CT_OK;
    return ct__error(error, CT_EINVAL, "%s: there is no such program", named);
}

int ct__cli_hosts(struct ct__cli *cli)
{
    struct ct_error error;
    struct ct__hosts *hosts = NULL;
    char *program = NULL;
    enum ct_err err = CT_OK;
    if (cli->argument_count == 0 || strcmp(cli->arguments[0], "check") != 0)
        err = ct__error(&error, CT_EINVAL, "hosts needs a word that says what to do: hosts check");
    if (!err) err = find_program(cli, &program, &error);
    if (!err) err = ct__hosts_new(cli->config, NULL, &hosts, &error);
    if (!err && ct__hosts_count(hosts) == 0)
        err = ct__error(&error, CT_EINVAL, "no host is named; name them with --hosts a,b or [NET] machine_ips");
    int code = err ? ct__cli_say_error(cli->label, &error) : check_hosts(cli, hosts, program);
    ct__hosts_free(hosts);
    free(program);
    return code;
}
