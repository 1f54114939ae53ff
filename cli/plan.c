/* The plan that the settings ask for. */
#include <cli/inner.h>
#include <time.h>

struct making {
    const struct ct__cli *cli;
    struct ct__progress progress;
    struct timespec began;
    double shown_s;
};

static void note(void *user, const char *line)
{
    struct making *making = user;
    ct__progress_stop(&making->progress); /* what is shown would stand in the way */
    if (ct__config_number(making->cli->config, "RUN.verbose") >= 0) ct__cli_note(making->cli->label, "%s", line);
}

/* Five times a second, once a second is over. */
static void show_rows(void *user, uint64_t row_count)
{
    struct making *making = user;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double elapsed_s = (double)(now.tv_sec - making->began.tv_sec) +
                       (double)(now.tv_nsec - making->began.tv_nsec) / 1e9;
    if (elapsed_s < 1 || elapsed_s - making->shown_s < 0.2) return;
    making->shown_s = elapsed_s;
    const struct ct_results so_far = { .elapsed_s = elapsed_s, .rows_made = row_count };
    ct__progress_show(&making->progress, &so_far);
}

enum ct_err ct__cli_plan(struct ct__cli *cli, bool quiet, struct ct_plan **plan, struct ct_error *error)
{
    struct making making = { .cli = cli };
    ct__progress_start(&making.progress, cli->suite->name, ct__config_number(cli->config, "RUN.verbose") < 0);
    clock_gettime(CLOCK_MONOTONIC, &making.began);
    const struct ct_plan_options options = {
        .strength = (int)ct__config_number(cli->config, "RUN.strength"),
        .seed = (uint64_t)ct__config_number(cli->config, "RUN.seed"),
        .seed_rows = ct_config_get(cli->config, "RUN.seed_rows"),
        .timeout_ms = ct__config_number(cli->config, "RUN.timeout"),
        .note = quiet ? NULL : note,
        .note_user = &making,
        .progress = show_rows,
        .progress_user = &making,
    };
    enum ct_err err = ct_plan_new_with(cli->suite, &options, plan, error);
    ct__progress_stop(&making.progress);
    return err;
}
