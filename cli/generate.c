/* combtest generate: rows of a PICT model. */
#include <cli/generate.h>
#include <cli/inner.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define LABEL "combtest"

/* ---- signals: a first one asks for the best so far, where there is one; a second one ends at once ---- */

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
static atomic_bool stop;
static volatile sig_atomic_t stop_signal, something_done; /* which came; there is something to be had */

#define NOTHING_DONE "combtest: stopped before a first set of rows was complete; nothing is written\n"

static void on_signal(int number)
{
    if (number == SIGALRM) {
        atomic_store(&stop, true);
        return;
    }
    if (stop_signal == 0 && !something_done && write(STDERR_FILENO, NOTHING_DONE, sizeof(NOTHING_DONE) - 1) < 0)
        _exit(128 + number);
    if (stop_signal != 0 || !something_done) _exit(128 + number);
    stop_signal = number;
    atomic_store(&stop, true);
}

static void install_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CT_COUNT(signals); i++) {
        sigaction(signals[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) sigaction(signals[i], &action, NULL);
    }
    sigaction(SIGALRM, &action, NULL);
}

static void set_alarm(double seconds)
{
    struct itimerval timer = { .it_value = { .tv_sec = (time_t)seconds } };
    timer.it_value.tv_usec = (suseconds_t)((seconds - (double)timer.it_value.tv_sec) * 1e6);
    if (timer.it_value.tv_sec == 0 && timer.it_value.tv_usec == 0) timer.it_value.tv_usec = 1;
    setitimer(ITIMER_REAL, &timer, NULL);
}

void ct__gen_signals_release(void)
{
    struct sigaction none = { .sa_handler = SIG_DFL }, action;
    for (size_t i = 0; i < CT_COUNT(signals); i++) {
        sigaction(signals[i], NULL, &action);
        if (action.sa_handler == on_signal) sigaction(signals[i], &none, NULL);
    }
    if (stop_signal != 0) _exit(128 + stop_signal);
}

bool ct__gen_stopped(void)
{
    return stop_signal != 0;
}

/* ---- progress ---- */

struct progress {
    struct timespec began, shown;
    bool live, any;
};

static double seconds_since(const struct timespec *then)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

static void show(void *user, const struct ct__generate_progress *so_far)
{
    struct progress *progress = user;
    if (so_far->factors_done >= so_far->factor_count) something_done = 1;
    if (!progress->live || seconds_since(&progress->shown) < 0.2) return;
    clock_gettime(CLOCK_MONOTONIC, &progress->shown);
    double elapsed_s = seconds_since(&progress->began);
    if (so_far->factors_done < so_far->factor_count)
        fprintf(stderr, "\r\033[K%zu of %zu parameters, %zu rows, %.0f s", so_far->factors_done, so_far->factor_count,
                so_far->row_count, elapsed_s);
    else
        fprintf(stderr, "\r\033[K%zu rows, %.0f s; Ctrl-C takes these", so_far->row_count, elapsed_s);
    fflush(stderr);
    progress->any = true;
}

static void start_progress(struct progress *progress, bool quiet)
{
    *progress = (struct progress){ .live = !quiet && isatty(STDERR_FILENO) == 1 };
    clock_gettime(CLOCK_MONOTONIC, &progress->began);
    progress->shown = progress->began;
}

static void stop_progress(const struct progress *progress)
{
    if (progress->any) fputs("\r\033[K", stderr);
}

/* ---- the model ---- */

static enum ct_err read_model(const struct ct__gen_args *args, struct ct__pict **model, struct ct_error *error)
{
    char *text = NULL;
    size_t size;
    const char *name = strcmp(args->model, "-") == 0 ? "standard input" : args->model;
    enum ct_err err = ct__gen_read(args->model, &text, &size, error);
    if (!err) err = ct__pict_parse(name, text, size, &args->language, model, error);
    free(text);
    for (size_t i = 0; !err && i < (*model)->warning_count; i++) ct__cli_warn(LABEL, (*model)->warnings[i]);
    return err;
}

/* ---- seeds ---- */

/* Whether the first line is, where the names would be. */
static bool is_empty(const char *text)
{
    if (strncmp(text, "\xef\xbb\xbf", 3) == 0) text += 3;
    text += strspn(text, " \t\r");
    return *text == '\n' || *text == '\0';
}

/* Expected results are no input: nothing is asked of them. */
static void leave_out_results(const struct ct__pict *model, struct ct__pict_rows *seeds)
{
    size_t width = model->parameter_count, kept = 0;
    for (size_t s = 0; s < seeds->count; s++) {
        uint16_t *row = seeds->values + kept * width;
        bool any = false;
        memmove(row, seeds->values + s * width, width * sizeof(*row));
        seeds->lines[kept] = seeds->lines[s];
        for (size_t i = 0; i < width; i++) {
            if (model->parameters[i].result) row[i] = CT__ANY;
            any = any || row[i] != CT__ANY;
        }
        kept += any;
    }
    seeds->count = kept;
}

/* *seeds stays NULL where the file is empty, which PICT warns of, too. */
static enum ct_err read_seeds(const struct ct__gen_args *args, struct ct__pict *model, struct ct__pict_rows **seeds,
                              struct ct_error *error)
{
    char *text = NULL;
    size_t size;
    enum ct_err err = ct__gen_read(args->seed_rows, &text, &size, error);
    bool empty = !err && is_empty(text);
    if (!err && !empty) err = ct__pict_rows_parse(model, args->seed_rows, text, size, seeds, error);
    free(text);
    if (empty) {
        char warning[300];
        snprintf(warning, sizeof(warning), "%.200s: there are no rows to begin with: the first line is empty",
                 args->seed_rows);
        ct__cli_warn(LABEL, warning);
    }
    for (size_t i = 0; *seeds && i < (*seeds)->warning_count; i++) ct__cli_warn(LABEL, (*seeds)->warnings[i]);
    if (*seeds) leave_out_results(model, *seeds);
    return err;
}

static void warn_of_dropped(const struct ct__gen_args *args, const struct ct__pict *model,
                            const struct ct__pict_rows *seeds, const struct ct__rows *rows)
{
    for (size_t i = 0; i < rows->dropped_count; i++) {
        char text[400];
        size_t seed = rows->dropped[i].seed, parameter = rows->dropped[i].factor;
        size_t value = seeds->values[seed * model->parameter_count + parameter];
        snprintf(
            text, sizeof(text), "%.120s:%s%u: the constraints exclude %.80s=%s%.80s in this row; the value is left out",
            args->seed_rows, seeds->numbered ? " row " : "", seeds->lines[seed], model->parameters[parameter].name.text,
            model->parameters[parameter].values[value].negative ? model->negative_prefix : "",
            model->parameters[parameter].values[value].names[0].text);
        ct__cli_warn(LABEL, text);
    }
}

/* ---- generating ---- */

static void print_stats(const struct ct__gen_args *args, const struct ct__rows *rows, double elapsed_s)
{
    unsigned long whole_s = (unsigned long)elapsed_s;
    printf("%-16s%" PRIu64 "\n", "Combinations:", rows->coverage.coverable);
    if (args->stats == CT__GEN_STATS)
        printf("%-16s%" PRIu64 "\n", "Excluded:", rows->coverage.combinations - rows->coverage.coverable);
    printf("%-16s%zu\n", "Generated tests:", rows->count);
    printf("%-16s%lu:%02lu:%02lu\n", "Generation time:", whole_s / 3600, whole_s / 60 % 60, whole_s % 60);
}

static enum ct_err write_file(const struct ct__gen_args *args, const struct ct__pict *model,
                              const struct ct__rows *rows, struct ct_error *error)
{
    int fd = ct__open_in_place(args->output);
    FILE *stream = fd < 0 ? NULL : fdopen(fd, "w");
    if (!stream) return ct__error(error, CT_EIO, "%.200s: cannot be written: %s", args->output, strerror(errno));
    enum ct_err err = ct__gen_write(stream, args->format, model, rows, error);
    bool wrong = ferror(stream) != 0;
    if (fclose(stream) != 0) wrong = true;
    if (!err && wrong) err = ct__error(error, CT_EIO, "%.200s: cannot be written: %s", args->output, strerror(errno));
    return err;
}

static enum ct_err write_rows(const struct ct__gen_args *args, const struct ct__pict *model,
                              const struct ct__rows *rows, double elapsed_s, struct ct_error *error)
{
    enum ct_err err = args->output ? write_file(args, model, rows, error) : CT_OK;
    if (!err && args->stats != CT__GEN_ROWS) print_stats(args, rows, elapsed_s);
    if (!err && args->stats == CT__GEN_ROWS && !args->output)
        err = ct__gen_write(stdout, args->format, model, rows, error);
    return err;
}

/* How many sub-models and parameters in none there are to combine. */
static size_t count_units(const struct ct__pict *model)
{
    size_t count = model->submodel_count;
    for (size_t i = 0; i < model->parameter_count; i++) {
        bool found = model->submodel_count == 0 && model->parameters[i].result;
        for (size_t s = 0; !found && s < model->submodel_count; s++) {
            const struct ct__pict_submodel *submodel = &model->submodels[s];
            for (size_t m = 0; m < submodel->count; m++) found = found || submodel->parameters[m] == i;
        }
        count += !found;
    }
    return count;
}

static enum ct_err find_strength(const struct ct__gen_args *args, const struct ct__pict *model, int *strength,
                                 struct ct_error *error)
{
    size_t most = count_units(model);
    if (args->order && args->strength > 0 && (size_t)args->strength > most)
        return ct__error(error, CT_EINVAL, "/o:%d: expected at most %zu, which is how many %s there are",
                         args->strength, most,
                         model->submodel_count > 0 ? "sub-models and parameters in none" : "parameters");
    if (args->most && most > CT__STRENGTH_MAX)
        return ct__error(error, CT_EINVAL, "/o:max: expected at most %d parameters to combine, found %zu",
                         CT__STRENGTH_MAX, most);
    *strength = args->most ? (int)most : args->strength;
    return CT_OK;
}

/* Looks for fewer rows for as long as there is time: where one search has done all it can, another seed begins anew. */
static enum ct_err search(const struct ct__gen_args *args, struct ct__pict *model, struct ct__generate_options *options,
                          struct ct__rows **rows, struct ct_error *error)
{
    struct ct__rows *best = NULL;
    set_alarm(args->seconds);
    enum ct_err err = ct__pict_generate(model, options, &best, error);
    options->abandon = true;
    while (!err && !atomic_load(&stop)) {
        struct ct__rows *other = NULL;
        options->random++;
        err = ct__pict_generate(model, options, &other, error);
        if (!err && other->count < best->count) {
            struct ct__rows *larger = best;
            best = other;
            other = larger;
        }
        ct__rows_free(other);
    }
    if (err && !best) return err;
    if (err && err != CT_ENOTFOUND) {
        ct__rows_free(best);
        return err;
    }
    *rows = best;
    return CT_OK;
}

static enum ct_err generate(const struct ct__gen_args *args, struct ct__pict *model, const struct ct__pict_rows *seeds,
                            struct ct_error *error)
{
    struct ct__rows *rows = NULL;
    struct progress progress;
    int strength = 0;
    enum ct_err err = find_strength(args, model, &strength, error);
    if (err) return err;
    start_progress(&progress, args->quiet);
    struct ct__generate_options options = {
        .cover = { .strength = strength },
        .seeds = seeds ? seeds->values : NULL,
        .seed_count = seeds ? seeds->count : 0,
        .random = args->random,
        .effort = args->effort,
        .stop = &stop,
        .progress = show,
        .progress_user = &progress,
    };
    err = args->seconds > 0 ? search(args, model, &options, &rows, error)
                            : ct__pict_generate(model, &options, &rows, error);
    stop_progress(&progress);
    if (err) return err;
    something_done = 1; /* a small set may not have been told of */
    if (seeds) warn_of_dropped(args, model, seeds, rows);
    if (args->random_drawn) fprintf(stderr, "Used seed: %" PRIu64 "\n", args->random);
    err = ct__gen_open_results(model, rows, error);
    if (!err) err = write_rows(args, model, rows, seconds_since(&progress.began), error);
    ct__rows_free(rows);
    return err;
}

static int generate_from(const struct ct__gen_args *args, struct ct__pict *model)
{
    struct ct_error error = { 0 };
    struct ct__pict_rows *seeds = NULL;
    if (args->output && ct__summary_check(args->output, &error)) return ct__cli_say_error(LABEL, &error);
    if (!ct__gen_check_values(model, &error)) return error.code ? ct__cli_say_error(LABEL, &error) : CT__EXIT_NOTHING;
    enum ct_err err = args->seed_rows ? read_seeds(args, model, &seeds, &error) : CT_OK;
    if (!err) err = generate(args, model, seeds, &error);
    ct__pict_rows_free(seeds);
    return err ? ct__cli_say_error(LABEL, &error) : CT__EXIT_OK;
}

/* With --verbose, on standard error, what the model was read as. */
static void describe(const struct ct__pict *model)
{
    for (size_t i = 0; i < model->parameter_count; i++) {
        const struct ct__pict_parameter *parameter = &model->parameters[i];
        ct__cli_note(LABEL, "%.80s: %zu values, %s", parameter->name.text, parameter->value_count,
                     parameter->numeric ? "numbers" : "strings");
    }
    ct__cli_note(LABEL, "%zu sub-models, %zu constraints", model->submodel_count, model->model.constraint_count);
}

static int run(const struct ct__gen_args *args)
{
    struct ct_error error;
    struct ct__pict *model = NULL;
    int code;
    if (!args->measure) install_signals();
    if (read_model(args, &model, &error)) return ct__cli_say_error(LABEL, &error);
    if (args->verbose) describe(model);
    if (args->measure) {
        code = ct__gen_measure(args, model);
    } else if (args->explain) {
        something_done = 1; /* what was printed */
        code = ct__gen_explain(args, model);
    } else {
        code = generate_from(args, model);
    }
    ct__pict_free(model);
    return stop_signal != 0 && code == CT__EXIT_OK ? 128 + stop_signal : code;
}

int ct__cli_generate(int argc, char **argv)
{
    struct ct__gen_args args;
    struct ct_error error;
    int code = CT__EXIT_OK;
    ct__cli_pipes_guard();
    if (ct__gen_parse(&args, argc, argv, &error))
        code = ct__cli_say_error(LABEL, &error);
    else if (args.help)
        ct__gen_help();
    else if (args.version)
        ct__cli_print_version();
    else
        code = run(&args);
    code = ct__cli_finish(LABEL, code);
    ct__cli_pipes_release();
    return code;
}
