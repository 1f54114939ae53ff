/* `trace`: the lines of a trace that are wanted. */
#include <cli/inner.h>
#include <inttypes.h>
#include <replay/replay.h>
#include <stdlib.h>
#include <string.h>

static void print_member(const json_t *line, const char *name, const char *before)
{
    const char *text = json_string_value(json_object_get(line, name));
    if (!text) return;
    fputs(before, stdout);
    ct__cli_print_clean(stdout, text, 4);
}

/* "setting=true level=1": the serial options first, as they turn slowest. */
static enum ct_err print_options(const json_t *line, struct ct_error *error)
{
    static const char *const objects[] = { "serial", "options" };
    json_t *all = json_object();
    char *text = NULL;
    bool done = all != NULL;
    for (size_t i = 0; done && i < CT_COUNT(objects); i++) {
        json_t *options = json_object_get(line, objects[i]);
        if (json_is_object(options)) done = json_object_update(all, options) == 0;
    }
    if (done) text = ct__cli_labeled_text(all, json_object_get(line, "labels"));
    if (text) {
        fputs(*text != '\0' ? "  " : "", stdout);
        ct__cli_print_clean(stdout, text, 4);
    }
    free(text);
    json_decref(all);
    return text ? CT_OK : ct__nomem(error);
}

/* 12  stage 1  failed  setting=true level=6  in mode: file.c:3: why  (1.2 ms) */
static enum ct_err print_plain(const struct ct__line *line, const json_t *json, struct ct_error *error)
{
    if (line->serial)
        printf("serial  ");
    else
        printf("%" PRIu64 "  stage %zu  ", line->walk, line->stage);
    fputs(ct_status_name(line->status), stdout);
    enum ct_err err = print_options(json, error);
    if (err) return err;
    /* Messages of crashes say where themselves. */
    const char *message = json_string_value(json_object_get(json, "message"));
    bool says_where = message && strncmp(message, "in ", 3) == 0;
    if (!says_where) print_member(json, "action", "  in ");
    print_member(json, "message", !says_where && json_object_get(json, "action") ? ": " : "  ");
    printf("  (%.3g ms)\n", (double)json_integer_value(json_object_get(json, "duration_ns")) / 1e6);
    return CT_OK;
}

static enum ct_err print_line(const struct ct__cli *cli, const struct ct__line *line, struct ct_error *error)
{
    json_t *json = NULL;
    enum ct_err err = ct__line_json(line, &json, error);
    if (!err && cli->json)
        printf("%s\n", line->text);
    else if (!err)
        err = print_plain(line, json, error);
    json_decref(json);
    return err;
}

/* Damaged lines are told, the first of them by what is wrong, and cost themselves alone. */
static enum ct_err print_lines(const struct ct__cli *cli, struct ct__reader *reader, const struct ct__filter *filter,
                               uint64_t *damaged, struct ct_error *error)
{
    struct ct__line line;
    for (;;) {
        enum ct_err err = ct__reader_next(reader, filter, &line, error);
        if (!err) err = print_line(cli, &line, error);
        if (err == CT_ENOTFOUND || ferror(stdout)) return CT_OK;
        if (err && err != CT_ETRACE) return err;
        if (err && (*damaged)++ == 0) {
            fflush(stdout);
            ct__cli_say_error(cli->label, error);
        }
    }
}

static enum ct_err check_where(const struct ct__cli *cli, struct ct_error *error)
{
    for (size_t i = 0; i < cli->where_count; i++) {
        if (!strchr(cli->where[i], '='))
            return ct__error(error, CT_EINVAL, "--where: '%.80s' has no value; write NAME=VALUE", cli->where[i]);
    }
    return CT_OK;
}

/* A name that no action of the trace has would look like a walk that there is none of. */
static enum ct_err check_names(const struct ct__cli *cli, const struct ct__header *header, struct ct_error *error)
{
    const json_t *actions = json_object_get(header->json, "actions"), *action;
    for (size_t i = 0; i < cli->where_count; i++) {
        char given[CT__NAME_MAX + 1];
        const char *meant = NULL;
        size_t best = SIZE_MAX, at, size = strcspn(cli->where[i], "=");
        bool known = !json_is_array(actions);
        snprintf(given, sizeof given, "%.*s", (int)size, cli->where[i]); /* enough of it to be meant, and to be shown */
        json_array_foreach((json_t *)actions, at, action)
        {
            const char *name = json_string_value(json_object_get(action, "name"));
            known = known || (name && strlen(name) == size && memcmp(name, cli->where[i], size) == 0);
            if (name && ct__is_nearer(given, name, &best)) meant = name;
        }
        if (!known)
            return ct__error(error, CT_EINVAL, "--where: the trace has no action '%s'%s%s%s", given,
                             meant ? "; did you mean '" : "", meant ? meant : "", meant ? "'?" : "");
    }
    return CT_OK;
}

int ct__cli_trace(struct ct__cli *cli)
{
    struct ct_error error;
    struct ct__reader *reader = NULL;
    struct ct__filter filter = { .where = cli->where, .where_count = cli->where_count };
    uint64_t damaged = 0;
    enum ct_err err = CT_OK;
    if (cli->argument_count < 1) err = ct__error(&error, CT_EINVAL, "trace needs a trace: trace TRACE [options]");
    if (!err) err = check_where(cli, &error);
    if (!err && cli->status) err = ct__status_bits(cli->status, false, &filter.statuses, &error);
    if (!err) err = ct__reader_open(cli->arguments[0], &reader, &error);
    if (!err) err = check_names(cli, ct__reader_header(reader), &error);
    if (!err) err = print_lines(cli, reader, &filter, &damaged, &error);
    ct__reader_close(reader);
    if (err) return ct__cli_say_error(cli->label, &error);
    if (damaged > 1) ct__cli_note(cli->label, "%" PRIu64 " lines of the trace are damaged", damaged);
    return damaged > 0 ? CT__EXIT_USAGE : CT__EXIT_OK;
}
