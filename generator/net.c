#include <generator/search.h>

static size_t real_width(const struct ct__net *net, const uint16_t *members)
{
    size_t width = net->strength;
    while (width > 1 && members[width - 1] == net->problem->factor_count) width--;
    return width;
}

/* Where each target's tuples and each factor's spots begin: false where they are too many. */
static bool lay_out(struct ct__net *net)
{
    uint64_t tuples = 0, spots = 0;
    size_t factor_count = net->problem->factor_count;
    for (size_t t = 0; t < net->targets.count; t++) {
        const uint16_t *members = net->targets.factors + t * net->strength;
        net->base[t] = (uint32_t)tuples;
        tuples += ct__target_tuples(net->problem, members, net->strength);
        if (tuples > CT__NET_TUPLES_MAX) return false;
        for (size_t i = 0; i < real_width(net, members); i++, spots++) net->first[members[i] + 1]++;
    }
    net->base[net->targets.count] = (uint32_t)tuples;
    net->tuple_count = (size_t)tuples;
    for (size_t f = 0; f <= factor_count; f++) net->first[f + 1] += net->first[f];
    return spots <= CT__NET_SPOTS_MAX;
}

static void add_spot(struct ct__net *net, size_t target, size_t member, size_t at)
{
    const uint16_t *members = net->targets.factors + target * net->strength;
    uint32_t stride = 1;
    for (size_t i = member + 1; i < net->strength; i++) stride *= net->problem->counts[members[i]];
    net->spots[at] = (struct ct__spot){ .base = net->base[target], .stride = stride };
    memcpy(net->members + at * net->strength, members, net->strength * sizeof *members);
}

/* Those of targets that a factor leads come first. */
static bool add_spots(struct ct__net *net)
{
    size_t *next = malloc((net->problem->factor_count + 1) * sizeof *next);
    if (next == NULL) return false;
    memcpy(next, net->first, (net->problem->factor_count + 1) * sizeof *next);
    for (size_t t = 0; t < net->targets.count; t++) {
        uint16_t leader = net->targets.factors[t * net->strength];
        net->lead[leader]++;
        add_spot(net, t, 0, next[leader]++);
    }
    for (size_t t = 0; t < net->targets.count; t++) {
        const uint16_t *members = net->targets.factors + t * net->strength;
        for (size_t i = 1; i < real_width(net, members); i++) add_spot(net, t, i, next[members[i]]++);
    }
    free(next);
    return true;
}

static enum ct_err fill(struct ct__net *net, bool *small, struct ct_error *error)
{
    size_t factor_count = net->problem->factor_count, spots;
    net->base = malloc((net->targets.count + 1) * sizeof *net->base);
    net->first = calloc(factor_count + 2, sizeof *net->first);
    net->lead = calloc(factor_count + 1, sizeof *net->lead);
    if (net->base == NULL || net->first == NULL || net->lead == NULL) return ct__nomem(error);
    *small = lay_out(net);
    if (!*small) return CT_OK;
    spots = net->first[factor_count];
    net->spots = malloc((spots + 1) * sizeof *net->spots);
    net->members = malloc(((spots + 1) * net->strength + 1) * sizeof *net->members);
    return net->spots != NULL && net->members != NULL && add_spots(net) ? CT_OK : ct__nomem(error);
}

/* Whether there will be too many spots: known before the targets are listed. */
static bool is_too_large(const struct ct__problem *problem)
{
    const struct ct__cover *cover = &problem->cover;
    double spots = ct__choices(problem->factor_count, (size_t)cover->strength) * cover->strength;
    for (size_t g = 0; g < cover->group_count; g++)
        spots += ct__choices(cover->groups[g].factor_count, (size_t)cover->groups[g].strength) *
                 cover->groups[g].strength;
    return spots > (double)CT__NET_SPOTS_MAX;
}

enum ct_err ct__net_new(const struct ct__problem *problem, struct ct__net **net, struct ct_error *error)
{
    struct ct__net *made;
    bool small = false;
    enum ct_err err;
    if (is_too_large(problem)) return CT_OK;
    made = calloc(1, sizeof *made);
    if (made == NULL) return ct__nomem(error);
    made->problem = problem;
    err = ct__targets_all(problem, &made->targets, error);
    made->strength = made->targets.width;
    if (err == CT_OK) err = fill(made, &small, error);
    if (err != CT_OK || !small) {
        ct__net_free(made);
        made = NULL;
    }
    if (err == CT_OK) *net = made;
    return err;
}

void ct__net_free(struct ct__net *net)
{
    if (net == NULL) return;
    ct__targets_clear(&net->targets);
    free(net->first);
    free(net->lead);
    free(net->spots);
    free(net->members);
    free(net->base);
    free(net);
}
