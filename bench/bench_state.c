/* Walks that each change their own copy of a JSON state of five keys. */
#include "bench.h"

static size_t inner;

static enum ct_status change(struct ct_walk *walk, const struct ct_option *option)
{
    json_integer_set(json_object_get(ct_walk_state(walk), "count"), ct_option_int(option));
    return CT_PASS;
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = { [BENCH_QUICK] = 1000000, [BENCH_NORMAL] = 1000000, [BENCH_LONG] = 1000000 };
    static const struct ct_option rounds[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4) };
    enum bench_size size = bench_size(argc, argv);
    inner = sizes[size];
    const struct ct_action actions[] = {
        { .name = "round", .run = change, .options = rounds, .option_count = size == BENCH_QUICK ? 1 : 5 },
        { .name = "change", .run = change, .source = bench_count_up, .source_user = &inner },
    };
    const struct ct_suite suite = {
        .name = "state",
        .actions = actions,
        .action_count = 2,
        .state = "{\"count\": 0, \"name\": \"a state\", \"ratio\": 0.5, \"ready\": false, \"nothing\": null}",
    };
    double walks = (double)inner * (double)actions[0].option_count;
    bench_print("walks with a state of five keys", walks / bench_run_s(&suite) / 1e6, "million/s");
    return 0;
}
