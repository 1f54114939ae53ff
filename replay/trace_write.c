/* The writer: lines are put together from an action's options as they were formatted once. */
#include <errno.h>
#include <logging/logging.h>
#include <replay/trace_inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIXED_ROOM 512u /* of a line, besides its options and the texts given with it */

struct ct__trace {
    const struct ct_plan *plan;
    size_t count; /* actions */
    struct ct__fragments *values, *labels;
    bool labeled, has_serial;
    size_t options_room;
    struct ct__sink *sink;
    char *target; /* what the file is renamed to; NULL: it is not */
};

static enum ct_err format_columns(struct ct__trace *trace, struct ct_error *error)
{
    const struct ct__table *table = ct__plan_table(trace->plan);
    enum ct_err err = CT_OK;
    trace->values = calloc(table->count, sizeof *trace->values);
    trace->labels = calloc(table->count, sizeof *trace->labels);
    if (trace->values == NULL || trace->labels == NULL) return ct__nomem(error);
    trace->count = table->count;
    for (size_t i = 0; i < trace->count && err == CT_OK; i++) {
        err = ct__fragments_values(table, i, &trace->values[i], error);
        if (err == CT_OK) err = ct__fragments_labels(table, i, &trace->labels[i], error);
        trace->options_room += trace->values[i].longest + trace->labels[i].longest + 2;
        trace->options_room += ct__string_room(table->suite->actions[i].name); /* of the one that ended the walk */
        trace->labeled = trace->labeled || trace->labels[i].text != NULL;
        trace->has_serial = trace->has_serial || table->suite->actions[i].serial;
    }
    return err;
}

static enum ct_err put_header(struct ct__trace *trace, const struct ct__trace_facts *facts, struct ct_error *error)
{
    json_t *header = ct__header_make(trace->plan, facts);
    char *text = header != NULL ? json_dumps(header, JSON_COMPACT) : NULL, *room;
    size_t size = text != NULL ? strlen(text) : 0;
    enum ct_err err = text != NULL ? CT_OK : ct__nomem(error);
    if (err == CT_OK && size >= CT__TRACE_LINE_MAX)
        err = ct__error(error, CT_ETOOBIG, "the trace's header has %zu bytes, over the limit of %zu", size,
                        CT__TRACE_LINE_MAX);
    if (err == CT_OK) err = ct__sink_room(trace->sink, size + 1, &room, error);
    if (err == CT_OK) {
        room = ct__put_bytes_of(room, text, size);
        *room = '\n';
        ct__sink_add(trace->sink, size + 1);
        err = ct__sink_flush(trace->sink, error);
    }
    free(text);
    json_decref(header);
    return err;
}

static enum ct_err open_file(struct ct__trace *trace, const char *path, bool aside, struct ct_error *error)
{
    char *partial = NULL;
    enum ct_err err;
    if (!aside) return ct__sink_open(path, &trace->sink, error);
    trace->target = strdup(path);
    if (trace->target == NULL || asprintf(&partial, "%s.partial", path) < 0) return ct__nomem(error);
    err = ct__sink_open_alone(partial, &trace->sink, error);
    free(partial);
    return err;
}

static void trace_free(struct ct__trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        ct__fragments_clear(&trace->values[i]);
        ct__fragments_clear(&trace->labels[i]);
    }
    free(trace->values);
    free(trace->labels);
    free(trace->target);
    free(trace);
}

enum ct_err ct__trace_open(const char *path, const struct ct_plan *plan, const struct ct__trace_facts *facts,
                           struct ct__trace **trace, struct ct_error *error)
{
    struct ct__trace *made = calloc(1, sizeof *made);
    enum ct_err err;
    if (made == NULL) return ct__nomem(error);
    made->plan = plan;
    err = format_columns(made, error);
    if (err == CT_OK) err = open_file(made, path, facts->aside, error);
    if (err == CT_OK) err = put_header(made, facts, error);
    if (err == CT_OK) {
        *trace = made;
    } else {
        (void)ct__sink_close(made->sink, NULL);
        trace_free(made);
    }
    return err;
}

static char *put_fragment(char *to, const struct ct__fragments *fragments, size_t option)
{
    size_t begin = option > 0 ? fragments->ends[option - 1] : 0;
    return ct__put_bytes_of(to, fragments->text + begin, fragments->ends[option] - begin);
}

/* The members of an object that the walk's options make of those columns which have fragments; of serial actions or of
 * the others, or of both. */
static char *put_members(char *to, const struct ct__trace *trace, const struct ct__fragments *columns, uint64_t id,
                         bool serial, bool both)
{
    const struct ct_action *actions = ct__plan_table(trace->plan)->suite->actions;
    char *begin = to;
    for (size_t i = 0; i < trace->count; i++) {
        if (columns[i].text == NULL || (!both && actions[i].serial != serial)) continue;
        char *comma = to;
        if (to != begin) *to++ = ',';
        char *fragment = to;
        to = put_fragment(to, &columns[i], ct__plan_digit(trace->plan, id, i));
        if (to == fragment) to = comma;
    }
    return to;
}

static char *put_options(char *to, const struct ct__trace *trace, uint64_t id)
{
    if (trace->has_serial) {
        to = CT__PUT(to, ",\"serial\":{");
        to = put_members(to, trace, trace->values, id, true, false);
        *to++ = '}';
    }
    to = CT__PUT(to, ",\"options\":{");
    to = put_members(to, trace, trace->values, id, false, false);
    *to++ = '}';
    if (!trace->labeled) return to;
    char *before = to;
    char *first = CT__PUT(to, ",\"labels\":{");
    to = put_members(first, trace, trace->labels, id, false, true);
    if (to == first) return before;
    *to++ = '}';
    return to;
}

static char *put_status(char *to, enum ct_status status)
{
    const char *name = ct_status_name(status);
    to = ct__put_bytes_of(to, name, strlen(name));
    *to++ = '"';
    return to;
}

/* Within what readers of JSON take for an integer. */
static char *put_duration(char *to, uint64_t duration_ns)
{
    to = CT__PUT(to, ",\"duration_ns\":");
    return ct__put_number(to, duration_ns < INT64_MAX ? duration_ns : INT64_MAX);
}

static bool is_said(const char *text)
{
    return text != NULL && *text != '\0';
}

static char *put_message(char *to, const char *message)
{
    if (!is_said(message)) return to;
    to = CT__PUT(to, ",\"message\":");
    return ct__put_string(to, message);
}

static char *put_walk(char *to, const struct ct__trace *trace, const struct ct__walk_line *line)
{
    to = CT__PUT(to, CT__WALK_BEGIN);
    to = ct__put_number(to, line->walk);
    to = CT__PUT(to, CT__STAGE_BEGIN);
    to = ct__put_number(to, line->stage);
    to = CT__PUT(to, CT__STATUS_BEGIN);
    to = put_status(to, line->status);
    to = put_options(to, trace, line->walk);
    to = put_duration(to, line->duration_ns);
    if (line->service != NULL) {
        to = CT__PUT(to, ",\"service\":");
        to = ct__put_string(to, line->service);
    }
    if (line->action < trace->count) {
        to = CT__PUT(to, ",\"action\":");
        to = ct__put_string(to, ct__plan_table(trace->plan)->suite->actions[line->action].name);
    }
    to = put_message(to, line->message);
    if (line->notes != NULL) {
        to = CT__PUT(to, ",\"notes\":");
        to = ct__put_bytes_of(to, line->notes, strlen(line->notes));
    }
    return CT__PUT(to, "}\n");
}

static char *put_serial(char *to, const struct ct__trace *trace, const struct ct__serial_line *line)
{
    const struct ct__table *table = ct__plan_table(trace->plan);
    const char *name = table->suite->actions[line->action].name;
    to = CT__PUT(to, CT__SERIAL_BEGIN);
    to = ct__put_string(to, name);
    to = CT__PUT(to, ",\"branch\":[");
    to = ct__put_number(to, line->first_id);
    *to++ = ',';
    to = ct__put_number(to, line->end_id);
    to = CT__PUT(to, "]" CT__STATUS_BEGIN);
    to = put_status(to, line->status);
    to = CT__PUT(to, ",\"serial\":{");
    if (trace->values[line->action].text != NULL) to = put_fragment(to, &trace->values[line->action], line->option);
    *to++ = '}';
    to = put_duration(to, line->duration_ns);
    to = put_message(to, line->message);
    return CT__PUT(to, "}\n");
}

/* Room for a line with these texts. */
static enum ct_err need_room(struct ct__trace *trace, size_t texts, char **room, struct ct_error *error)
{
    size_t size = FIXED_ROOM + trace->options_room + texts;
    if (size > CT__TRACE_LINE_MAX)
        return ct__error(error, CT_ETOOBIG, "%s: a line could have %zu bytes, over the limit of %zu; it was left out",
                         ct__sink_path(trace->sink), size, CT__TRACE_LINE_MAX);
    return ct__sink_room(trace->sink, size, room, error);
}

enum ct_err ct__trace_walk(struct ct__trace *trace, const struct ct__walk_line *line, struct ct_error *error)
{
    size_t texts = 0;
    char *room;
    enum ct_err err;
    if (line->service != NULL) texts += ct__string_room(line->service);
    if (is_said(line->message)) texts += ct__string_room(line->message);
    if (line->notes != NULL) texts += strlen(line->notes);
    err = need_room(trace, texts, &room, error);
    if (err == CT_OK) ct__sink_add(trace->sink, (size_t)(put_walk(room, trace, line) - room));
    return err;
}

enum ct_err ct__trace_serial(struct ct__trace *trace, const struct ct__serial_line *line, struct ct_error *error)
{
    size_t texts = is_said(line->message) ? ct__string_room(line->message) : 0;
    char *room;
    enum ct_err err = need_room(trace, texts, &room, error);
    if (err == CT_OK) ct__sink_add(trace->sink, (size_t)(put_serial(room, trace, line) - room));
    return err;
}

enum ct_err ct__trace_flush(struct ct__trace *trace, struct ct_error *error)
{
    return ct__sink_flush(trace->sink, error);
}

enum ct_err ct__trace_close(struct ct__trace *trace, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    char *partial;
    if (trace == NULL) return CT_OK;
    partial = trace->target != NULL ? strdup(ct__sink_path(trace->sink)) : NULL;
    if (trace->target != NULL && partial == NULL) err = ct__nomem(error);
    enum ct_err closed = ct__sink_close(trace->sink, err == CT_OK ? error : NULL);
    if (err == CT_OK) err = closed;
    if (err == CT_OK && partial != NULL && rename(partial, trace->target) != 0)
        err = ct__error(error, CT_EIO, "%s: cannot be renamed to %s: %s", partial, trace->target,
                        strerrordesc_np(errno));
    free(partial);
    trace_free(trace);
    return err;
}
