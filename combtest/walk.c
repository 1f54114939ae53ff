#include <combtest/core.h>
#include <combtest/plan_inner.h>
#include <combtest/walk_inner.h>
#include <stdlib.h>
#include <string.h>

/* Far from any id and from the successor of one. */
#define NO_ID (UINT64_MAX - 1)
enum { PAGE = 4096, CACHE_LINE = 64 };

/* Of the shared library too: the general model costs a call for each walk. */
static _Thread_local struct ct_walk *current __attribute__((tls_model("initial-exec")));

/* The options stand before the walk, and both from the beginning of a page: what is written for each walk is then on
 * one, and a process that is forked for the walk copies no other. */
static struct ct_walk *new_block(size_t option_count)
{
    size_t size = option_count * sizeof(const struct ct_option *);
    size += (CACHE_LINE - size % CACHE_LINE) % CACHE_LINE;
    unsigned char *block = aligned_alloc(PAGE, (size + sizeof(struct ct_walk) + PAGE - 1) / PAGE * PAGE);
    if (block == NULL) return NULL;
    memset(block, 0, size + sizeof(struct ct_walk));
    struct ct_walk *walk = (struct ct_walk *)(void *)(block + size);
    walk->options = (const struct ct_option **)(void *)block;
    return walk;
}

struct ct_walk *ct__walk_new(const struct ct_plan *plan, const struct ct__voice *voice, void *voice_user,
                             const char *scratch)
{
    struct ct_walk *walk = new_block(plan->table->count);
    if (walk == NULL) return NULL;
    if (pthread_mutex_init(&walk->lock, NULL) != 0) {
        free(walk->options);
        return NULL;
    }
    walk->plan = plan;
    walk->decoded_id = NO_ID;
    walk->kind = CT__HOOK;
    walk->action = CT__NO_ACTION;
    walk->action_shown = &walk->unseen;
    walk->part_shown = &walk->unseen_part;
    walk->voice = voice;
    walk->voice_user = voice_user;
    walk->scratch = scratch;
    if (!ct__state_init(walk, plan->table->state)) {
        ct__walk_free(walk);
        return NULL;
    }
    return walk;
}

void ct__walk_free(struct ct_walk *walk)
{
    if (walk == NULL) return;
    ct__walk_close(walk);
    ct__state_free(walk);
    (void)pthread_mutex_destroy(&walk->lock);
    free(walk->options);
}

CT__HOT static void count_up(struct ct_walk *walk)
{
    const struct ct__wheel *wheel = walk->plan->wheels, *end = wheel + walk->plan->wheel_count;
    for (; wheel < end; wheel++) {
        const struct ct_option **option = &walk->options[wheel->action];
        if (++*option != wheel->end) return;
        *option = wheel->first;
    }
}

static void look_up(struct ct_walk *walk, uint64_t id)
{
    const struct ct__table *table = walk->plan->table;
    for (size_t i = 0; i < table->count; i++) {
        const struct ct_option *options = table->columns[i].options;
        walk->options[i] = options != NULL ? options + ct__plan_row_digit(walk->plan, id, i) : NULL;
    }
}

CT__HOT static void decode(struct ct_walk *walk, uint64_t id)
{
    const struct ct__wheel *wheel = walk->plan->wheels, *end = wheel + walk->plan->wheel_count;
    for (; wheel < end; wheel++) {
        uint64_t count = (uint64_t)(wheel->end - wheel->first);
        walk->options[wheel->action] = wheel->first + id % count;
        id /= count;
    }
}

CT__HOT void ct__walk_open(struct ct_walk *walk, enum ct__walk_kind kind, uint64_t id, size_t stage, json_t *own)
{
    if (kind != CT__HOOK && id != walk->decoded_id) {
        if (walk->plan->rows != NULL)
            look_up(walk, id);
        else if (id == walk->decoded_id + 1)
            count_up(walk);
        else
            decode(walk, id);
        walk->decoded_id = id;
    }
    walk->id = id;
    walk->kind = kind;
    walk->stage = stage;
    ct__walk_set_action(walk, CT__NO_ACTION);
    atomic_store_explicit(&walk->said, CT_PASS, memory_order_relaxed);
    walk->message[0] = '\0';
    walk->own = own;
    walk->holds = own != NULL;
    current = walk;
}

CT__HOT void ct__walk_close(struct ct_walk *walk)
{
    if (walk->holds) {
        ct__tmpdir_remove(walk);
        ct__state_close(walk);
        walk->holds = false;
    }
    current = NULL;
}

struct ct_walk *ct__walk_current(void)
{
    return current;
}

CT__HOT const struct ct_plan *ct__walk_plan(const struct ct_walk *walk)
{
    return walk->plan;
}

void ct__walk_show_action(struct ct_walk *walk, _Atomic uint32_t *action_shown)
{
    walk->action_shown = action_shown != NULL ? action_shown : &walk->unseen;
}

CT__HOT void ct__walk_set_action(struct ct_walk *walk, size_t action)
{
    walk->action = action;
    atomic_store_explicit(walk->action_shown, (uint32_t)action, memory_order_relaxed);
    atomic_store_explicit(walk->part_shown, CT__PART_ACTION, memory_order_relaxed);
}

bool ct__walk_is_one(const struct ct_walk *walk)
{
    return walk->kind != CT__HOOK;
}

size_t ct__walk_action(const struct ct_walk *walk)
{
    return walk->action;
}

/* In a serial action only the serial options up to its own are settled. */
CT__HOT static bool is_settled(const struct ct_walk *walk, size_t action)
{
    return walk->kind == CT__SERIAL && walk->plan->table->suite->actions[action].serial &&
           action <= walk->plan->serials[walk->stage - 1];
}

CT__HOT const struct ct_option *ct__walk_option_at(const struct ct_walk *walk, size_t action)
{
    if (walk->kind == CT__WALK || is_settled(walk, action)) return walk->options[action];
    return NULL;
}

CT__HOT uint64_t ct_walk_id(const struct ct_walk *walk)
{
    return walk->kind != CT__HOOK ? walk->id : 0;
}

CT__HOT size_t ct_walk_stage(const struct ct_walk *walk)
{
    return walk->stage;
}

CT__HOT const struct ct_suite *ct_walk_suite(const struct ct_walk *walk)
{
    return walk->plan->table->suite;
}

const struct ct_option *ct_walk_option(const struct ct_walk *walk, const char *name)
{
    const struct ct__table *table = walk->plan->table;
    for (size_t i = 0; i < table->count && name != NULL; i++)
        if (strcmp(table->suite->actions[i].name, name) == 0) return ct__walk_option_at(walk, i);
    return NULL;
}
