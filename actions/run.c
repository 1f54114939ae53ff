/* What happens to one walk in one stage. */
#include <actions/actions.h>
#include <unistd.h>

/* The functions that call user code stand together, so that their frames can be told. */
#define RUNNER __attribute__((noinline, section("ct_runner")))
extern const char __start_ct_runner[], __stop_ct_runner[]; /* by the linker */

bool ct__is_runner_frame(const void *address)
{
    return (uintptr_t)address >= (uintptr_t)__start_ct_runner && (uintptr_t)address < (uintptr_t)__stop_ct_runner;
}

/* After each call of user code: a child that it forked ends here, and what it has to say is dropped. */
static void end_copies(void)
{
    if (ct__fork_is_copy()) _exit(0);
}

/* Whether a should_cancel ended the walk before it began. */
RUNNER static bool is_canceled(struct ct_walk *walk, const struct ct_suite *suite)
{
    for (size_t i = 0; i < suite->action_count; i++) {
        if (suite->actions[i].should_cancel == NULL) continue;
        ct__walk_set_action(walk, i);
        (void)ct__walk_set_part(walk, CT__PART_SHOULD_CANCEL);
        bool excluded = suite->actions[i].should_cancel(walk, i);
        end_copies();
        if (excluded) ct__walk_exclude(walk, i);
        if (ct__walk_status(walk) != CT_PASS) return true;
    }
    return false;
}

/* Whether a constraint excludes the walk. */
CT__HOT static bool breaks_rule(struct ct_walk *walk)
{
    const char *rule = ct__plan_broken_rule(ct__walk_plan(walk), ct_walk_id(walk));
    if (rule != NULL) ct__walk_exclude_by(walk, rule);
    return rule != NULL;
}

RUNNER static void run_actions(struct ct_walk *walk, const struct ct_suite *suite, const struct ct__observer *observer)
{
    size_t i, end;
    ct__plan_stage_actions(ct__walk_plan(walk), ct_walk_stage(walk), &i, &end);
    for (; i < end; i++) {
        ct__walk_set_action(walk, i);
        if (observer != NULL) observer->before(observer->user, walk, i);
        enum ct_status returned = suite->actions[i].run(walk, ct__walk_option_at(walk, i));
        end_copies();
        enum ct_status said = ct__walk_said(walk, returned);
        if (observer != NULL) observer->after(observer->user, walk, i);
        if (said != CT_PASS) return;
    }
}

/* Hooks that user code shares between places cannot be told apart by where they are. */
static enum ct__part part_of(const struct ct_suite *suite, enum ct_status (*hook)(struct ct_walk *walk))
{
    const struct {
        enum ct_status (*hook)(struct ct_walk *walk);
        enum ct__part part;
    } places[] = { { suite->run_start, CT__PART_RUN_START },
                   { suite->host_start, CT__PART_HOST_START },
                   { suite->service_start, CT__PART_SERVICE_START },
                   { suite->thread_start, CT__PART_THREAD_START },
                   { suite->walk_start, CT__PART_WALK_START } };
    enum ct__part part = CT__PART_ACTION;
    for (size_t i = 0; i < CT_COUNT(places); i++)
        if (places[i].hook == hook) part = part == CT__PART_ACTION ? places[i].part : CT__PART_HOOK;
    return part != CT__PART_ACTION ? part : CT__PART_HOOK;
}

static enum ct__part part_of_stop(const struct ct_suite *suite, void (*hook)(struct ct_walk *walk))
{
    const struct {
        void (*hook)(struct ct_walk *walk);
        enum ct__part part;
    } places[] = { { suite->run_stop, CT__PART_RUN_STOP },
                   { suite->host_stop, CT__PART_HOST_STOP },
                   { suite->service_stop, CT__PART_SERVICE_STOP },
                   { suite->thread_stop, CT__PART_THREAD_STOP },
                   { suite->walk_stop, CT__PART_WALK_STOP } };
    enum ct__part part = CT__PART_ACTION;
    for (size_t i = 0; i < CT_COUNT(places); i++)
        if (places[i].hook == hook) part = part == CT__PART_ACTION ? places[i].part : CT__PART_HOOK;
    return part != CT__PART_ACTION ? part : CT__PART_HOOK;
}

RUNNER static enum ct_status call_hook(struct ct_walk *walk, enum ct_status (*hook)(struct ct_walk *walk),
                                       enum ct__part part)
{
    if (hook == NULL) return ct__walk_status(walk);
    ct__walk_set_action(walk, CT__NO_ACTION);
    (void)ct__walk_set_part(walk, part);
    enum ct_status returned = hook(walk);
    end_copies();
    (void)ct__walk_set_part(walk, CT__PART_ACTION);
    return ct__walk_said(walk, returned);
}

RUNNER static void call_stop_hook(struct ct_walk *walk, void (*hook)(struct ct_walk *walk), enum ct__part part)
{
    if (hook == NULL) return;
    ct__walk_set_action(walk, CT__NO_ACTION);
    (void)ct__walk_set_part(walk, part);
    hook(walk);
    end_copies();
    (void)ct__walk_set_part(walk, CT__PART_ACTION);
}

/* Whether the stage calls user code, which may ask for the state. */
CT__HOT static bool calls_user(const struct ct_walk *walk, const struct ct_suite *suite, bool first)
{
    size_t i, end;
    ct__plan_stage_actions(ct__walk_plan(walk), ct_walk_stage(walk), &i, &end);
    if (i < end || suite->walk_start != NULL || suite->walk_stop != NULL) return true;
    for (i = 0; first && i < suite->action_count; i++)
        if (suite->actions[i].should_cancel != NULL) return true;
    return false;
}

/* A state that cannot be made fails the walk before user code finds none; false then. */
RUNNER static bool make_state(struct ct_walk *walk)
{
    bool made = ct__walk_make_state(walk);
    end_copies();
    return made;
}

bool ct__run_should_cancel(struct ct_walk *walk)
{
    const struct ct_suite *suite = ct_walk_suite(walk);
    if (suite->state_type == NULL || make_state(walk)) (void)is_canceled(walk, suite);
    return ct__walk_status(walk) == CT_EXCLUDED;
}

CT__HOT enum ct_status ct__run_stage(struct ct_walk *walk, bool first)
{
    return ct__run_stage_observed(walk, first, NULL);
}

CT__HOT enum ct_status ct__run_stage_observed(struct ct_walk *walk, bool first, const struct ct__observer *observer)
{
    const struct ct_suite *suite = ct_walk_suite(walk);
    if (first && breaks_rule(walk)) return ct__walk_status(walk);
    if (suite->state_type != NULL && calls_user(walk, suite, first) && !make_state(walk)) return ct__walk_status(walk);
    if (first && is_canceled(walk, suite)) return ct__walk_status(walk);
    if (call_hook(walk, suite->walk_start, CT__PART_WALK_START) == CT_PASS) run_actions(walk, suite, observer);
    call_stop_hook(walk, suite->walk_stop, CT__PART_WALK_STOP);
    return ct__walk_status(walk);
}

RUNNER enum ct_status ct__run_serial(struct ct_walk *walk, size_t action, size_t option_index)
{
    const struct ct__table *table = ct__plan_table(ct__walk_plan(walk));
    const struct ct_option *options = table->columns[action].options;
    ct__walk_set_action(walk, action);
    if (!make_state(walk)) return ct__walk_status(walk);
    const struct ct_option *option = options != NULL ? options + option_index : NULL;
    enum ct_status returned = table->suite->actions[action].run(walk, option);
    end_copies();
    return ct__walk_said(walk, returned);
}

enum ct_status ct__run_hook(struct ct_walk *walk, enum ct_status (*hook)(struct ct_walk *walk))
{
    return call_hook(walk, hook, part_of(ct_walk_suite(walk), hook));
}

void ct__run_stop_hook(struct ct_walk *walk, void (*hook)(struct ct_walk *walk))
{
    call_stop_hook(walk, hook, part_of_stop(ct_walk_suite(walk), hook));
}
