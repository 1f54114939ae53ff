/* `run --rerun STATUS --from TRACE`: which walks that are. */
#include <cli/inner.h>
#include <inttypes.h>
#include <replay/replay.h>

static enum ct_err check_options(const struct ct__cli *cli, struct ct_error *error)
{
    if (!cli->rerun) return ct__error(error, CT_EINVAL, "--from is given, but not --rerun STATUS");
    if (!cli->from) return ct__error(error, CT_EINVAL, "--rerun is given, but not --from TRACE");
    if (ct_config_get(cli->config, "RUN.only"))
        return ct__error(error, CT_EINVAL, "--rerun and --only both say which walks to run; give one of them");
    return CT_OK;
}

enum ct_err ct__cli_rerun(struct ct__cli *cli, char **only, struct ct_error *error)
{
    struct ct_plan *plan = NULL;
    struct ct_error damage;
    uint64_t lost = 0;
    unsigned statuses;
    if (!cli->rerun && !cli->from) return CT_OK;
    enum ct_err err = check_options(cli, error);
    if (!err) err = ct__status_bits(cli->rerun, true, &statuses, error);
    if (!err) err = ct__cli_plan(cli, true, &plan, error);
    if (!err) err = ct__trace_ids(cli->from, statuses, plan, only, &lost, &damage, error);
    if (!err && damage.code != CT_OK) ct__cli_note(cli->label, "%s; the rest of the trace is used", damage.text);
    if (!err && lost > 0)
        ct__cli_note(cli->label,
                     "%" PRIu64 " walks of the trace are none of this run: it has not their options, or not these rows",
                     lost);
    ct_plan_free(plan);
    return err;
}
