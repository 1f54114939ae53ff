/* Options: the values that an action can take. */
#ifndef COMBTEST_OPTION_H
#define COMBTEST_OPTION_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

enum ct_type {
    CT_TYPE_NULL = 0,
    CT_TYPE_BOOL,
    CT_TYPE_INT,
    CT_TYPE_REAL,
    CT_TYPE_STRING,
    CT_TYPE_JSON,   /* as.s is JSON text, parsed once when the suite is read */
    CT_TYPE_POINTER /* known by its label; never leaves this host */
};

/* One value of an action. Write tables with the macros below. What as.s, as.p and label point to is borrowed and must
 * live as long as the suite (a source's strings are copied, see ct_source_fn). */
struct ct_option {
    enum ct_type type;
    union {
        bool b;
        int64_t i;
        double d;
        const char *s;
        const void *p;
    } as;
    const char *label;  /* may be NULL; stands for the value in traces and replay */
    const json_t *json; /* combtest's: the parsed form of a CT_TYPE_JSON option; leave it out */
};

#ifdef __cplusplus
/* C++ has no nested designators: there the label, if any, follows as it is: CT_INT(9, "best"). */
static inline struct ct_option ct_make_option(enum ct_type type, const char *label)
{
    struct ct_option option = {};
    option.type = type;
    option.label = label;
    return option;
}
static inline struct ct_option ct_make_bool(bool value, const char *label = nullptr)
{
    struct ct_option option = ct_make_option(CT_TYPE_BOOL, label);
    option.as.b = value;
    return option;
}
static inline struct ct_option ct_make_int(int64_t value, const char *label = nullptr)
{
    struct ct_option option = ct_make_option(CT_TYPE_INT, label);
    option.as.i = value;
    return option;
}
static inline struct ct_option ct_make_real(double value, const char *label = nullptr)
{
    struct ct_option option = ct_make_option(CT_TYPE_REAL, label);
    option.as.d = value;
    return option;
}
static inline struct ct_option ct_make_string(const char *value, const char *label = nullptr)
{
    struct ct_option option = ct_make_option(CT_TYPE_STRING, label);
    option.as.s = value;
    return option;
}
static inline struct ct_option ct_make_json(const char *value, const char *label = nullptr)
{
    struct ct_option option = ct_make_option(CT_TYPE_JSON, label);
    option.as.s = value;
    return option;
}
static inline struct ct_option ct_make_pointer(const void *value, const char *label = nullptr)
{
    struct ct_option option = ct_make_option(CT_TYPE_POINTER, label);
    option.as.p = value;
    return option;
}
#define CT_NULL               ct_option()
#define CT_BOOL(...)          ct_make_bool(__VA_ARGS__)
#define CT_INT(...)           ct_make_int(__VA_ARGS__)
#define CT_REAL(...)          ct_make_real(__VA_ARGS__)
#define CT_STRING(...)        ct_make_string(__VA_ARGS__)
#define CT_JSON(...)          ct_make_json(__VA_ARGS__)
#define CT_POINTER(name, ptr) ct_make_pointer((ptr), (name))
#else
/* clang-format off */
/* Further fields may follow the value: CT_INT(9, .label = "best"). */
#define CT_NULL               { .type = CT_TYPE_NULL }
#define CT_BOOL(...)          { .type = CT_TYPE_BOOL,    .as.b = __VA_ARGS__ }
#define CT_INT(...)           { .type = CT_TYPE_INT,     .as.i = __VA_ARGS__ }
#define CT_REAL(...)          { .type = CT_TYPE_REAL,    .as.d = __VA_ARGS__ }
#define CT_STRING(...)        { .type = CT_TYPE_STRING,  .as.s = __VA_ARGS__ }
#define CT_JSON(...)          { .type = CT_TYPE_JSON,    .as.s = __VA_ARGS__ }
#define CT_POINTER(name, ptr) { .type = CT_TYPE_POINTER, .as.p = (ptr), .label = (name) }
/* clang-format on */
#endif
#define CT_COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* What an option holds. NULL reads as CT_TYPE_NULL. Read as another type than it has, an option gives false, 0, 0.0, ""
 * or NULL, in that order, and the walk that the calling thread is running fails with a message that names both types.
 * Two readings are no mistake: an int as a real, and any type's label. What is returned is borrowed from the option.
 * Any thread. */
enum ct_type ct_option_type(const struct ct_option *option);
bool ct_option_bool(const struct ct_option *option);
int64_t ct_option_int(const struct ct_option *option);
double ct_option_real(const struct ct_option *option);
const char *ct_option_string(const struct ct_option *option);
const json_t *ct_option_json(const struct ct_option *option); /* NULL also for text that is not JSON */
const void *ct_option_pointer(const struct ct_option *option);
const char *ct_option_label(const struct ct_option *option); /* NULL where there is none */

#ifdef __cplusplus
}
#endif
#endif
