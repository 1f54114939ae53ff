/* Errors: a function that can fail returns an enum ct_err and takes a struct ct_error last, in which it says why, once.
 */
#ifndef COMBTEST_ERROR_H
#define COMBTEST_ERROR_H
#ifdef __cplusplus
extern "C" {
#endif

/* code, value, what it means. The values are part of the ABI: append only. */
#define CT_ERROR_MAP(X)                                                                                                \
    X(CT_OK, 0, "no error")                                                                                            \
    X(CT_EINVAL, 1, "an argument or a suite is wrong")                                                                 \
    X(CT_NOMEM, 2, "out of memory")                                                                                    \
    X(CT_ETOOBIG, 3, "a size is over its limit")                                                                       \
    X(CT_ECONFIG, 4, "the configuration is wrong")                                                                     \
    X(CT_EIO, 5, "reading or writing failed")                                                                          \
    X(CT_ESYSTEM, 6, "the system refused a process, thread or memory mapping")                                         \
    X(CT_ETRACE, 7, "a trace is damaged or of another suite")                                                          \
    X(CT_ENOTFOUND, 8, "no such name, id or file")                                                                     \
    X(CT_EBUG, 9, "a bug in combtest")

#define CT_ERROR_ENUM(code, value, text) code = value,
enum ct_err { CT_ERROR_MAP(CT_ERROR_ENUM) };
#undef CT_ERROR_ENUM

/* Filled only by a function that returns something else than CT_OK. text is one line without a newline: what is wrong,
 * where, and what would be right. Wherever a struct ct_error * is taken, NULL is allowed. */
struct ct_error {
    enum ct_err code;
    char text[512];
};

/* The meaning of a code, a static string; "unknown error" for a value outside the enum. Any thread. */
const char *ct_err_text(enum ct_err code);

#ifdef __cplusplus
}
#endif
#endif
