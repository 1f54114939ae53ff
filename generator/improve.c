#include <generator/construct.h>
#include <generator/improve.h>
#include <pthread.h>
#include <signal.h>

#define MILLION UINT64_C(1000000)

enum { STREAMS = 2, ROUNDS = 3 };

struct ct__work ct__work_of(enum ct__effort effort, int strength)
{
    static const struct ct__work pairs[] = {
        [CT__EFFORT_DEFAULT] = { 20, 200 * MILLION, 600 * MILLION, 400 },
        [CT__EFFORT_FAST] = { 10, 20 * MILLION, 0, 1 },
        [CT__EFFORT_BEST] = { 200, 1000 * MILLION, 8000 * MILLION, 5000 },
    };
    static const struct ct__work more[] = {
        [CT__EFFORT_DEFAULT] = { 20, 500 * MILLION, 5000 * MILLION, 400 },
        [CT__EFFORT_FAST] = { 10, MILLION / 50, 0, 1 },
        [CT__EFFORT_BEST] = { 200, 1000 * MILLION, 8000 * MILLION, 5000 },
    };
    return strength <= 2 ? pairs[effort] : more[effort];
}

size_t ct__rows_least(const struct ct__problem *problem)
{
    uint64_t least = 1, pairs = 0;
    size_t varied = 0; /* factors of two values or more: as if they had two */
    if (problem->constrained || problem->cover.group_count != 0) return 0;
    for (int i = 0; i < problem->cover.strength && least < CT__NET_TUPLES_MAX; i++)
        least *= problem->counts[problem->order[i]];
    while (varied < problem->factor_count && problem->counts[problem->order[varied]] > 1) varied++;
    if (problem->cover.strength == 2 && varied > 1) pairs = ct__pairs_least(varied);
    return (size_t)(least > pairs ? least : pairs);
}

struct stream {
    struct ct__search search;
    uint16_t *rows;
    size_t row_count;
    bool stopped;
    bool anneals; /* instead of searching */
    int heat;
    enum ct_err err;
    struct ct_error error;
    pthread_t thread;
    bool started;
};

static void *run(void *user)
{
    struct stream *stream = user;
    if (stream->anneals)
        stream->err = ct__anneal(&stream->search, stream->heat, stream->rows, &stream->row_count, &stream->stopped,
                                 &stream->error);
    else
        stream->err = ct__search(&stream->search, stream->rows, &stream->row_count, &stream->stopped, &stream->error);
    return NULL;
}

/* The first stream is the calling thread's. Signals are none of the others' business. */
static void run_all(struct stream *streams)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t s = 1; s < STREAMS; s++)
        streams[s].started = pthread_create(&streams[s].thread, NULL, run, &streams[s]) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    run(&streams[0]);
    for (size_t s = 1; s < STREAMS; s++) {
        if (streams[s].started)
            pthread_join(streams[s].thread, NULL);
        else
            run(&streams[s]);
    }
}

static enum ct_err begin_stream(struct stream *stream, const struct ct__array *array, struct ct_error *error)
{
    const struct ct__problem *problem = array->problem;
    size_t size = array->count * array->width;
    enum ct_err err = CT_OK;
    if (problem->constrained && stream->search.space == NULL)
        err = ct__space_new(problem->model, &stream->search.space, error);
    if (err != CT_OK) return err;
    if (problem->constrained)
        ct__space_forbid_negatives(stream->search.space, problem->has_negatives && !problem->negative_phase);
    if (stream->rows == NULL) stream->rows = malloc((size + 1) * sizeof *stream->rows);
    if (stream->rows == NULL) return ct__nomem(error);
    memcpy(stream->rows, array->cells, size * sizeof *stream->rows);
    stream->row_count = array->count;
    return CT_OK;
}

/* From where the best stream ended: *best is its number. */
static enum ct_err run_round(struct stream *streams, struct ct__array *array, size_t *best, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    *best = 0;
    for (size_t s = 0; err == CT_OK && s < STREAMS; s++) err = begin_stream(&streams[s], array, error);
    if (err != CT_OK) return err;
    run_all(streams);
    for (size_t s = 0; s < STREAMS; s++) {
        array->work += streams[s].search.work;
        if (streams[s].err != CT_OK) {
            if (error != NULL) *error = streams[s].error;
            return streams[s].err;
        }
        if (streams[s].row_count < streams[*best].row_count) *best = s;
    }
    array->count = streams[*best].row_count;
    memcpy(array->cells, streams[*best].rows, array->count * array->width * sizeof *array->cells);
    return CT_OK;
}

/* Annealing, where it is for the problem: at strength 3 in both streams, each with a heat of its own at first, then the
 * better one's and the one between; for pairs beside a search, which is worth as much there. */
static void choose_ways(struct stream *streams, const struct ct__problem *problem, size_t round, size_t best)
{
    int better = round == 0 ? 0 : streams[best].heat;
    bool both = problem->cover.strength > 2;
    streams[0].anneals = both;
    streams[0].heat = better;
    streams[1].anneals = true;
    streams[1].heat = round == 0 ? CT__HEATS - 1 : both && better != 1 ? 1 : better;
    if (!both) streams[1].heat = CT__HEATS - 1 - (int)round % CT__HEATS;
}

static enum ct_err run_rounds(struct stream *streams, struct ct__array *array, uint64_t work, bool *stopped,
                              struct ct_error *error)
{
    size_t least = ct__rows_least(array->problem), best = 0;
    bool anneals = streams[0].search.locked == NULL && ct__anneal_suits(array->problem, array->count);
    enum ct_err err = CT_OK;
    for (size_t round = 0; err == CT_OK && !*stopped && array->count > least && round < ROUNDS; round++) {
        for (size_t s = 0; s < STREAMS; s++) {
            streams[s].search.least = least;
            streams[s].search.work = work / ROUNDS;
            streams[s].search.keep = 0;
        }
        if (round == 0 && array->count * 3 < least * 4) streams[1].search.keep = least;
        if (anneals) choose_ways(streams, array->problem, round, best);
        err = run_round(streams, array, &best, error);
        for (size_t s = 0; s < STREAMS; s++) *stopped = *stopped || streams[s].stopped;
    }
    return err;
}

enum ct_err ct__improve(struct ct__array *array, const uint8_t *locked, const struct ct__work *work, uint64_t random,
                        const struct ct__watch *watch, bool *stopped, struct ct_error *error)
{
    struct stream streams[STREAMS] = { 0 };
    const struct ct__watch quiet = { .stop = watch->stop };
    struct ct__net *net = NULL;
    uint64_t most = work->search;
    enum ct_err err = CT_OK;
    if (most == 0 || array->count > CT__NET_ROWS_MAX || array->count <= ct__rows_least(array->problem)) return CT_OK;
    err = ct__net_new(array->problem, &net, error);
    if (err != CT_OK || net == NULL) return err;
    for (size_t s = 0; s < STREAMS; s++)
        streams[s].search = (struct ct__search){
            .net = net, .locked = locked, .watch = s == 0 ? watch : &quiet, .random = random + s * 0x5bd1e995u
        };
    /* a small problem needs little: what is not found soon is not there */
    if (net->tuple_count * net->tuple_count < work->search / work->small)
        most = net->tuple_count * net->tuple_count * work->small;
    err = run_rounds(streams, array, most, stopped, error);
    for (size_t s = 0; s < STREAMS; s++) {
        ct__space_free(streams[s].search.space);
        free(streams[s].rows);
    }
    ct__net_free(net);
    return err;
}
