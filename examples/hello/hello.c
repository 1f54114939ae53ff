/* Writes a number and reads it back: does strtoll understand what printf wrote? Every base, sign and value is tried. */
#include <combtest/combtest.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const struct ct_option bases[] = { CT_INT(8, .label = "octal"), CT_INT(10), CT_INT(16, .label = "hex") };
static const struct ct_option signs[] = { CT_STRING(""), CT_STRING("+"), CT_STRING("-") };
static const struct ct_option values[] = { CT_INT(0), CT_INT(1), CT_INT(42), CT_INT(INT32_MAX), CT_INT(INT64_MAX) };

static enum ct_status choose_base(struct ct_walk *walk, const struct ct_option *base)
{
    json_object_set_new(ct_walk_state(walk), "base", json_integer(ct_option_int(base)));
    return CT_PASS;
}

static enum ct_status choose_sign(struct ct_walk *walk, const struct ct_option *sign)
{
    json_object_set_new(ct_walk_state(walk), "sign", json_string(ct_option_string(sign)));
    return CT_PASS;
}

static enum ct_status round_trip(struct ct_walk *walk, const struct ct_option *value)
{
    int base = (int)json_integer_value(json_object_get(ct_walk_state(walk), "base"));
    const char *sign = json_string_value(json_object_get(ct_walk_state(walk), "sign"));
    const char *format = base == 8 ? "%s%" PRIo64 : base == 10 ? "%s%" PRId64 : "%s%" PRIx64;
    char text[32];
    snprintf(text, sizeof text, format, sign, ct_option_int(value));
    CT_CHECK_INT_EQ(walk, strtoll(text, NULL, base), *sign == '-' ? -ct_option_int(value) : ct_option_int(value));
    return CT_PASS;
}

static const struct ct_action actions[] = { CT_ACTION("base", choose_base, bases),
                                            CT_ACTION("sign", choose_sign, signs),
                                            CT_ACTION("value", round_trip, values) };
static const struct ct_suite suite = { .name = "hello", .actions = actions, .action_count = CT_COUNT(actions) };

int main(int argc, char **argv)
{
    return ct_main(&suite, argc, argv);
}
