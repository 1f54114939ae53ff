/* The same suite in C++. */
#include <combtest/combtest.h>
#include <cstdlib>
#include <stdexcept>

static const char thing[] = "thing";
static const ct_option lefts[] = { CT_INT(1), CT_INT(2, "two"), CT_INT(3) };
static const ct_option rights[] = { CT_INT(10), CT_INT(20) };
static const ct_option others[] = { CT_NULL,        CT_BOOL(true, "yes"), CT_REAL(0.5),
                                    CT_JSON("[1]"), CT_STRING("text"),    CT_POINTER("thing", thing) };

static bool holds(const ct_option *option)
{
    switch (ct_option_type(option)) {
    case CT_TYPE_NULL: return ct_option_label(option) == nullptr;
    case CT_TYPE_BOOL: return ct_option_bool(option) && ct_option_label(option)[0] == 'y';
    case CT_TYPE_REAL: return ct_option_real(option) == 0.5;
    case CT_TYPE_JSON: return json_array_size(ct_option_json(option)) == 1;
    case CT_TYPE_STRING: return ct_option_string(option)[0] == 't';
    case CT_TYPE_POINTER: return ct_option_pointer(option) == thing;
    default: return false;
    }
}

static ct_status set_left(ct_walk *walk, const ct_option *left)
{
    json_object_set_new(ct_walk_state(walk), "left", json_integer(ct_option_int(left)));
    for (const ct_option &other : others) {
        if (ct_option_type(&other) != CT_TYPE_JSON) CT_CHECK(walk, holds(&other));
    }
    return CT_PASS;
}

static ct_status check_sum(ct_walk *walk, const ct_option *right)
{
    int64_t left = json_integer_value(json_object_get(ct_walk_state(walk), "left"));
    if (left == 2 && std::getenv("CONSUMER_THROWS")) throw std::runtime_error("nobody catches it");
    if (left == 3 && ct_option_int(right) == 20) return ct_fail(walk, "planted: 3 and 20");
    CT_CHECK_INT_EQ(walk, left, ct_option_int(ct_walk_option(walk, "left")));
    return CT_PASS;
}

static const ct_action actions[] = { CT_ACTION("left", set_left, lefts), CT_ACTION("right", check_sum, rights) };
static const ct_strength groups[] = { CT_STRENGTH(2, "left", "right") };

int main(int argc, char **argv)
{
    ct_suite suite = {};
    suite.name = "consumer";
    suite.actions = actions;
    suite.action_count = CT_COUNT(actions);
    suite.strengths = groups;
    suite.strength_count = CT_COUNT(groups);
    return ct_main(&suite, argc, argv);
}
