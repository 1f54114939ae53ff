/* The functions of combtest/replay.h. */
#include <replay/replay.h>
#include <stdlib.h>

static enum ct_err run(struct ct__replay *replay, const struct ct_replay_options *options, struct ct_outcome *outcome,
                       struct ct_error *error)
{
    static const struct ct_replay_options none = { 0 };
    if (options == NULL) options = &none;
    struct ct__narrator narrator = { .out = stderr,
                                     .in = options->step ? stdin : NULL,
                                     .verbose = options->verbose > 0 ? 1 : -1,
                                     .actions = options->verbose > 0 || options->step,
                                     .trap_at = CT__NO_TRAP };
    struct ct__observer observer = ct__narrator_observer(&narrator);
    return ct__replay_run(replay, &observer, options->verbose >= 0 ? &ct__narrator_voice : NULL, &narrator, outcome,
                          error);
}

enum ct_err ct_replay_walk(const struct ct_suite *suite, const struct ct_option *const *options,
                           const struct ct_replay_options *replay, struct ct_outcome *outcome, struct ct_error *error)
{
    struct ct__replay *made = NULL;
    enum ct_err err;
    if (suite == NULL || options == NULL || outcome == NULL)
        return ct__error(error, CT_EINVAL, "ct_replay_walk: suite, options and outcome must not be NULL");
    err = ct__replay_new(suite, options, replay != NULL ? replay->state : NULL, &made, error);
    if (err == CT_OK) err = run(made, replay, outcome, error);
    ct__replay_free(made);
    return err;
}

enum ct_err ct_replay_walk_by_id(const struct ct_suite *suite, const char *trace, uint64_t id,
                                 const struct ct_replay_options *replay, struct ct_outcome *outcome,
                                 struct ct_error *error)
{
    struct ct__reader *reader = NULL;
    struct ct__replay *made = NULL;
    enum ct_err err;
    if (suite == NULL || trace == NULL || outcome == NULL)
        return ct__error(error, CT_EINVAL, "ct_replay_walk_by_id: suite, trace and outcome must not be NULL");
    err = ct__reader_open(trace, &reader, error);
    if (err == CT_OK) err = ct__replay_find(suite, reader, id, replay != NULL ? replay->state : NULL, &made, error);
    if (err == CT_OK) err = run(made, replay, outcome, error);
    ct__replay_free(made);
    ct__reader_close(reader);
    return err;
}

void ct_outcome_clear(struct ct_outcome *outcome)
{
    if (outcome == NULL) return;
    free(outcome->message);
    json_decref(outcome->state);
    *outcome = (struct ct_outcome){ 0 };
}
