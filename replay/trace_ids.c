/* The ids of a trace's walks that ended in a given way, for a run of these alone. */
#include <inttypes.h>
#include <replay/line_inner.h>
#include <stdlib.h>
#include <string.h>

struct ids {
    uint64_t *list;
    size_t count, room;
};

static bool add_id(struct ids *ids, uint64_t id)
{
    if (ids->count == ids->room) {
        size_t room = ids->room > 0 ? 2 * ids->room : 1024;
        uint64_t *larger = reallocarray(ids->list, room, sizeof *larger);
        if (larger == NULL) return false;
        ids->list = larger;
        ids->room = room;
    }
    ids->list[ids->count++] = id;
    return true;
}

static int compare(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static void sort_unique(struct ids *ids)
{
    size_t kept = 0;
    if (ids->count == 0) return;
    qsort(ids->list, ids->count, sizeof *ids->list, compare);
    for (size_t i = 1; i < ids->count; i++)
        if (ids->list[i] != ids->list[kept]) ids->list[++kept] = ids->list[i];
    ids->count = kept + 1;
}

/* "3,7-9"; the caller's. NULL: no memory. */
static char *ids_text(const struct ids *ids)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (stream == NULL) return NULL;
    for (size_t i = 0; i < ids->count; i++) {
        size_t last = i;
        while (last + 1 < ids->count && ids->list[last + 1] == ids->list[last] + 1) last++;
        (void)fprintf(stream, "%s%" PRIu64, i > 0 ? "," : "", ids->list[i]);
        if (last > i) (void)fprintf(stream, "-%" PRIu64, ids->list[last]);
        i = last;
    }
    if (fclose(stream) == 0) return text;
    free(text);
    return NULL;
}

/* What a scan does with each line that it is given. */
struct scan {
    struct ct__reader *reader;
    struct ct__filter filter;
    struct ct_error *damage;
    enum ct_err (*take)(struct scan *scan, const struct ct__line *line, struct ct_error *error);
    struct ids *ids;
    unsigned statuses;
    bool *ended_so; /* for each of ids: whether the last line so far has one of statuses */
    const struct ct_plan *plan;
    size_t *indices;
    struct ids *mapped, *lost; /* lost: ids of the trace that the plan has none for */
};

static enum ct_err scan_all(struct scan *scan, struct ct_error *error)
{
    enum ct_err err = ct__reader_rewind(scan->reader, error);
    while (err == CT_OK) {
        struct ct__line line;
        struct ct_error why;
        err = ct__reader_next(scan->reader, &scan->filter, &line, &why);
        if (err == CT_OK) err = scan->take(scan, &line, &why);
        if (err == CT_ETRACE) {
            if (scan->damage != NULL && scan->damage->code == CT_OK) *scan->damage = why;
            err = CT_OK;
        } else if (err != CT_OK && err != CT_ENOTFOUND) {
            ct__error(error, err, "%s", why.text);
        }
    }
    return err == CT_ENOTFOUND ? CT_OK : err;
}

static enum ct_err take_id(struct scan *scan, const struct ct__line *line, struct ct_error *error)
{
    return add_id(scan->ids, line->walk) ? CT_OK : ct__nomem(error);
}

/* A walk that failed and passed when it was run again did not end so. */
static enum ct_err take_end(struct scan *scan, const struct ct__line *line, struct ct_error *error)
{
    const uint64_t *at = bsearch(&line->walk, scan->ids->list, scan->ids->count, sizeof line->walk, compare);
    (void)error;
    if (at != NULL) scan->ended_so[at - scan->ids->list] = (scan->statuses & 1u << line->status) != 0;
    return CT_OK;
}

/* The walk's id in the tables of the plan. One that has none there is counted. */
static enum ct_err take_mapped(struct scan *scan, const struct ct__line *line, struct ct_error *error)
{
    json_t *json = NULL;
    uint64_t id;
    enum ct_err err = CT_OK;
    if ((scan->statuses & 1u << line->status) == 0) return CT_OK;
    err = ct__line_json(line, &json, error);
    if (err == CT_OK)
        err = ct__match_line(ct__plan_table(scan->plan), ct__reader_header(scan->reader), json, scan->indices, error);
    json_decref(json);
    if (err == CT_OK) err = ct_plan_id(scan->plan, scan->indices, &id);
    if (err == CT_ENOTFOUND) return add_id(scan->lost, line->walk) ? CT_OK : ct__nomem(error);
    return err != CT_OK || add_id(scan->mapped, id) ? err : ct__nomem(error);
}

/* Keeps those whose last line has one of the statuses. */
static enum ct_err keep_ended(struct scan *scan, struct ct_error *error)
{
    size_t kept = 0;
    enum ct_err err;
    scan->ended_so = calloc(scan->ids->count + 1, sizeof *scan->ended_so);
    if (scan->ended_so == NULL) return ct__nomem(error);
    scan->filter.statuses = 0;
    scan->take = take_end;
    err = scan_all(scan, error);
    for (size_t i = 0; i < scan->ids->count; i++)
        if (scan->ended_so[i]) scan->ids->list[kept++] = scan->ids->list[i];
    scan->ids->count = kept;
    free(scan->ended_so);
    return err;
}

static bool same_tables(const struct scan *scan)
{
    const char *recorded = json_string_value(json_object_get(ct__reader_header(scan->reader)->json, "tables"));
    char digest[17];
    return recorded != NULL && ct__plan_digest(scan->plan, digest) && strcmp(recorded, digest) == 0;
}

/* Turns ids of other tables into ids of the plan's. */
static enum ct_err map_ids(struct scan *scan, struct ct_error *error)
{
    struct ids mapped = { 0 };
    struct ct__selection *walks = NULL;
    char *text = ids_text(scan->ids);
    scan->indices = calloc(ct__plan_table(scan->plan)->count, sizeof *scan->indices);
    enum ct_err err = text != NULL && scan->indices != NULL ? CT_OK : ct__nomem(error);
    if (err == CT_OK) err = ct__selection_new(CT__WALKS_MAX, text, 0, 1, 0, 0, &walks, error);
    if (err != CT_OK) goto out;
    scan->filter.walks = walks;
    scan->filter.statuses = scan->statuses;
    scan->take = take_mapped;
    scan->mapped = &mapped;
    err = scan_all(scan, error);
    if (err != CT_OK) goto out;
    free(scan->ids->list);
    *scan->ids = mapped;
    mapped = (struct ids){ 0 };
    sort_unique(scan->ids);
out:
    scan->mapped = NULL;
    ct__selection_free(walks);
    free(mapped.list);
    free(scan->indices);
    free(text);
    return err;
}

enum ct_err ct__trace_ids(const char *path, unsigned statuses, const struct ct_plan *plan, char **ids, uint64_t *lost,
                          struct ct_error *damage, struct ct_error *error)
{
    struct ids found = { 0 };
    struct ids lost_ids = { 0 };
    struct scan scan = { .filter = { .statuses = statuses, .no_serial = true },
                         .damage = damage,
                         .take = take_id,
                         .ids = &found,
                         .statuses = statuses,
                         .plan = plan,
                         .lost = &lost_ids };
    char *text = NULL;
    if (damage != NULL) damage->code = CT_OK;
    enum ct_err err = ct__reader_open(path, &scan.reader, error);
    if (err == CT_OK) err = scan_all(&scan, error);
    if (err == CT_OK) sort_unique(&found);
    if (err == CT_OK && found.count > 0) err = keep_ended(&scan, error);
    if (err == CT_OK && found.count > 0 && plan != NULL && !same_tables(&scan)) err = map_ids(&scan, error);
    if (err == CT_OK && (text = ids_text(&found)) == NULL) err = ct__nomem(error);
    if (err == CT_OK) {
        *ids = text;
        sort_unique(&lost_ids);
        if (lost != NULL) *lost = lost_ids.count;
    }
    ct__reader_close(scan.reader);
    free(found.list);
    free(lost_ids.list);
    return err;
}
