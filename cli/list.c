/* `list`: the walks that would run. */
#include <cli/inner.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum ct_err print_json(const struct ct_plan *plan, uint64_t id, struct ct_error *error)
{
    json_t *options = ct__cli_options_json(plan, id);
    char *text = options ? ct__json_shortest(options) : NULL;
    const char *rule = ct__plan_broken_rule(plan, id);
    json_t *excluded = rule ? json_string(rule) : NULL;
    char *why = excluded ? ct__json_shortest(excluded) : NULL;
    bool good = text && (why || !rule);
    if (good) printf("{\"walk\":%" PRIu64 ",\"options\":%s", id, text);
    if (good && why) printf(",\"excluded\":%s", why);
    if (good) puts("}");
    json_decref(excluded);
    json_decref(options);
    free(why);
    free(text);
    return good ? CT_OK : ct__nomem(error);
}

static enum ct_err print_plain(const struct ct_plan *plan, uint64_t id, struct ct_error *error)
{
    json_t *options = ct__cli_options_json(plan, id), *labels = ct__cli_labels_json(plan, id);
    char *text = options && labels ? ct__cli_labeled_text(options, labels) : NULL;
    if (text) {
        printf("%" PRIu64 "%s", id, *text != '\0' ? "  " : "");
        ct__cli_print_clean(stdout, text, 4);
        const char *rule = ct__plan_broken_rule(plan, id);
        if (rule) fputs("  excluded by ", stdout);
        if (rule) ct__cli_print_clean(stdout, rule, 4);
        putchar('\n');
    }
    json_decref(labels);
    json_decref(options);
    free(text);
    return text ? CT_OK : ct__nomem(error);
}

static enum ct_err print_walks(const struct ct__cli *cli, const struct ct_plan *plan,
                               const struct ct__selection *selection, struct ct_error *error)
{
    uint64_t count = ct_plan_walk_count(plan), from = 0, first, end;
    enum ct_err err = CT_OK;
    while (!err && ct__selection_next(selection, from, count, &first, &end)) {
        for (uint64_t id = first; !err && id < end && !ferror(stdout); id++)
            err = cli->json ? print_json(plan, id, error) : print_plain(plan, id, error);
        if (ferror(stdout)) break;
        from = end;
    }
    return err;
}

static enum ct_err select_walks(const struct ct__cli *cli, const struct ct_plan *plan, struct ct__selection **selection,
                                struct ct_error *error)
{
    uint64_t shard = 0, shard_count = 0;
    ct__config_shard(cli->config, &shard, &shard_count);
    return ct__selection_new(ct_plan_walk_count(plan), ct_config_get(cli->config, "RUN.only"),
                             (uint64_t)ct__config_number(cli->config, "RUN.sample"),
                             (uint64_t)ct__config_number(cli->config, "RUN.seed"), shard, shard_count, selection,
                             error);
}

int ct__cli_list(struct ct__cli *cli)
{
    struct ct_error error;
    struct ct_plan *plan = NULL;
    struct ct__selection *selection = NULL;
    enum ct_err err = CT_OK;
    if (cli->count && cli->json) err = ct__error(&error, CT_EINVAL, "--count and --json exclude each other");
    if (!err) err = ct__cli_plan(cli, false, &plan, &error);
    if (!err) err = select_walks(cli, plan, &selection, &error);
    if (err) goto out;
    if (cli->count)
        printf("%" PRIu64 "\n", ct__selection_count(selection));
    else
        err = print_walks(cli, plan, selection, &error);
out:
    ct__selection_free(selection);
    ct_plan_free(plan);
    return err ? ct__cli_say_error(cli->label, &error) : CT__EXIT_OK;
}
