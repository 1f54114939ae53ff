/* An example's suite on four hosts and on one: the same, walk by walk. The example's own source is linked to this, with
 * its ct_main() renamed to example_main(). Argument: how many of its walks. */
#define _GNU_SOURCE 1
#include "fleets.h"
#include "processes.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int example_main(const struct ct_suite *suite, int argc, char **argv);

static struct ct_results *run_on(const struct ct_suite *suite, const char *hosts, uint64_t sample)
{
    const struct ct_run_options options = { .hosts = hosts,
                                            .services = 2,
                                            .threads = 1,
                                            .launcher = hosts ? &fleet_launcher : NULL,
                                            .sample = sample,
                                            .seed = 7,
                                            .log_dir = getenv("TMPDIR"),
                                            .require_all = true,
                                            .verbose = -1 };
    return fleet_run(suite, &options);
}

/* What the trace says of each stage of each walk: {"17 in 0": "passed"}; the caller's. The trace is removed. */
static json_t *read_trace(const struct ct_results *results)
{
    char *line = NULL, key[64];
    size_t capacity = 0;
    json_t *said = json_object();
    FILE *trace = fopen(results->trace_path, "r");
    if (!trace) fail_msg("there is no trace");
    while (getline(&line, &capacity, trace) > 0) {
        json_t *read = json_loads(line, 0, NULL);
        const json_t *walk = json_object_get(read, "walk");
        snprintf(key, sizeof key, "%lld in %lld", (long long)json_integer_value(walk),
                 (long long)json_integer_value(json_object_get(read, "stage")));
        if (walk) json_object_set(said, key, json_object_get(read, "status"));
        json_decref(read);
    }
    free(line);
    fclose(trace);
    remove(results->trace_path);
    remove(results->log_path);
    return said;
}

static bool same(const struct ct_results *here, const struct ct_results *there)
{
    json_t *one = read_trace(here), *other = read_trace(there), *status;
    const char *key;
    bool equal = json_equal(one, other) && json_object_size(one) >= here->walk_count &&
                 here->segment_count == there->segment_count && here->serial_count == there->serial_count &&
                 json_equal(here->counters, there->counters);
    for (int i = 0; i < CT_STATUS_COUNT; i++) equal = equal && here->counts[i] == there->counts[i];
    json_object_foreach(one, key, status) if (!json_equal(status, json_object_get(other, key)))
        fprintf(stderr, "%s: not the same\n", key);
    json_decref(one);
    json_decref(other);
    return equal;
}

int example_main(const struct ct_suite *suite, int argc, char **argv)
{
    fleet_serve(argc, argv, &suite, 1);
    processes_mark(argv);
    fleet_open();
    uint64_t sample = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    struct ct_results *here = run_on(suite, NULL, sample), *there = run_on(suite, "h0*1,h1*1,h2*2,h3*1", sample);
    bool good = same(here, there) && there->exit_code == 0;
    printf("%llu walks, %llu passed here, %llu there\n", (unsigned long long)there->walk_count,
           (unsigned long long)here->counts[CT_PASS], (unsigned long long)there->counts[CT_PASS]);
    ct_results_free(here);
    ct_results_free(there);
    good = good && processes_left(2000) == 0;
    processes_unmark();
    return good ? 0 : 1;
}
