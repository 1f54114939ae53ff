#include <combtest/core.h>
#include <combtest/selection_inner.h>
#include <stdlib.h>

static int compare_runs(const void *left, const void *right)
{
    const struct ct__run *a = left, *b = right;
    return (a->first > b->first) - (a->first < b->first);
}

/* Joins runs that touch or overlap, and counts. */
static void settle(struct ct__selection *selection)
{
    size_t kept = 0;
    struct ct__run *runs = selection->runs;
    selection->count = 0;
    for (size_t i = 0; i < selection->run_count; i++) {
        if (kept > 0 && runs[i].first <= runs[kept - 1].end) {
            if (runs[i].end > runs[kept - 1].end) runs[kept - 1].end = runs[i].end;
        } else {
            runs[kept++] = runs[i];
        }
    }
    selection->run_count = kept;
    for (size_t i = 0; i < kept; i++) {
        runs[i].before = selection->count;
        selection->count += runs[i].end - runs[i].first;
    }
}

enum ct_err ct__selection_from_runs(struct ct__run *runs, size_t run_count, struct ct__selection **selection,
                                    struct ct_error *error)
{
    struct ct__selection *made = malloc(sizeof *made);
    if (made == NULL) {
        free(runs);
        return ct__nomem(error);
    }
    qsort(runs, run_count, sizeof *runs, compare_runs);
    *made = (struct ct__selection){ .runs = runs, .run_count = run_count };
    settle(made);
    *selection = made;
    return CT_OK;
}

static enum ct_err select_all(uint64_t walk_count, struct ct__selection **selection, struct ct_error *error)
{
    struct ct__run *runs = malloc(sizeof *runs);
    if (runs == NULL) return ct__nomem(error);
    *runs = (struct ct__run){ .end = walk_count };
    return ct__selection_from_runs(runs, walk_count > 0 ? 1 : 0, selection, error);
}

/* The id at a rank below the count. */
static uint64_t id_at(const struct ct__selection *selection, uint64_t rank)
{
    size_t low = 0, high = selection->run_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (selection->runs[middle].before <= rank)
            low = middle;
        else
            high = middle;
    }
    return selection->runs[low].first + (rank - selection->runs[low].before);
}

/* The index of the first run that ends behind id. */
static size_t run_behind(const struct ct__selection *selection, uint64_t id)
{
    size_t low = 0, high = selection->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (selection->runs[middle].end > id)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* How many selected ids are below id. */
static uint64_t rank_of(const struct ct__selection *selection, uint64_t id)
{
    size_t i = run_behind(selection, id);
    if (i == selection->run_count) return selection->count;
    return selection->runs[i].before + (id > selection->runs[i].first ? id - selection->runs[i].first : 0);
}

bool ct__selection_next(const struct ct__selection *selection, uint64_t first, uint64_t end, uint64_t *run_first,
                        uint64_t *run_end)
{
    size_t i = run_behind(selection, first);
    const struct ct__run *run = selection->runs + i;
    if (first >= end || i == selection->run_count || run->first >= end) return false;
    *run_first = run->first > first ? run->first : first;
    *run_end = run->end < end ? run->end : end;
    return true;
}

/* Cuts the selection down to the ids at ranks first to end - 1. */
static void keep_ranks(struct ct__selection *selection, uint64_t first, uint64_t end)
{
    uint64_t first_id, last_id;
    size_t kept = 0;
    if (first >= end) {
        selection->run_count = 0;
        selection->count = 0;
        return;
    }
    first_id = id_at(selection, first);
    last_id = id_at(selection, end - 1);
    for (size_t i = 0; i < selection->run_count; i++) {
        struct ct__run run = selection->runs[i];
        if (run.end <= first_id || run.first > last_id) continue;
        if (run.first < first_id) run.first = first_id;
        if (run.end > last_id + 1) run.end = last_id + 1;
        selection->runs[kept++] = run;
    }
    selection->run_count = kept;
    settle(selection);
}

/* A run of ranks can lie in several runs of ids, so what was drawn is laid over what it was drawn from. */
static enum ct_err narrow(struct ct__selection **selection, const struct ct__selection *ranks, struct ct_error *error)
{
    const struct ct__selection *from = *selection;
    size_t room = ranks->run_count + from->run_count, count = 0;
    struct ct__run *runs = malloc(room * sizeof *runs);
    struct ct__selection *made = NULL;
    enum ct_err err;
    if (runs == NULL) return ct__nomem(error);
    for (size_t i = 0, k = 0; i < ranks->run_count && k < from->run_count;) {
        uint64_t before = from->runs[k].before, size = from->runs[k].end - from->runs[k].first;
        uint64_t first = ranks->runs[i].first > before ? ranks->runs[i].first : before;
        uint64_t end = ranks->runs[i].end < before + size ? ranks->runs[i].end : before + size;
        if (first < end)
            runs[count++] = (struct ct__run){ .first = from->runs[k].first + (first - before),
                                              .end = from->runs[k].first + (end - before) };
        if (ranks->runs[i].end < before + size)
            i++;
        else
            k++;
    }
    err = ct__selection_from_runs(runs, count, &made, error);
    if (made == NULL) return err;
    ct__selection_free(*selection);
    *selection = made;
    return CT_OK;
}

static enum ct_err take_sample(struct ct__selection **selection, uint64_t sample, uint64_t seed, struct ct_error *error)
{
    struct ct__selection *ranks = NULL;
    enum ct_err err;
    if (sample == 0 || sample >= (*selection)->count) return CT_OK;
    err = ct__sample_ranks((*selection)->count, sample, seed, &ranks, error);
    if (ranks == NULL) return err;
    err = narrow(selection, ranks, error);
    ct__selection_free(ranks);
    return err;
}

static void take_shard(struct ct__selection *selection, uint64_t shard, uint64_t shard_count)
{
    unsigned __int128 count = selection->count;
    if (shard_count == 0) return;
    keep_ranks(selection, (uint64_t)(count * (shard - 1) / shard_count), (uint64_t)(count * shard / shard_count));
}

enum ct_err ct__selection_new(uint64_t walk_count, const char *only, uint64_t sample, uint64_t seed, uint64_t shard,
                              uint64_t shard_count, struct ct__selection **selection, struct ct_error *error)
{
    struct ct__selection *made = NULL;
    enum ct_err err;
    if (shard_count == 0 ? shard != 0 : shard == 0 || shard > shard_count)
        return ct__error(error, CT_EINVAL, "shard %llu/%llu: write K/N with K from 1 to N", (unsigned long long)shard,
                         (unsigned long long)shard_count);
    err = only != NULL && walk_count > 0 ? ct__select_text(only, walk_count, &made, error)
                                         : select_all(walk_count, &made, error);
    if (made == NULL) return err;
    err = take_sample(&made, sample, seed, error);
    if (err != CT_OK) {
        ct__selection_free(made);
        return err;
    }
    take_shard(made, shard, shard_count);
    *selection = made;
    return CT_OK;
}

void ct__selection_free(struct ct__selection *selection)
{
    if (selection == NULL) return;
    free(selection->runs);
    free(selection);
}

uint64_t ct__selection_count(const struct ct__selection *selection)
{
    return selection->count;
}

uint64_t ct__selection_count_in(const struct ct__selection *selection, uint64_t first, uint64_t end)
{
    return first < end ? rank_of(selection, end) - rank_of(selection, first) : 0;
}
