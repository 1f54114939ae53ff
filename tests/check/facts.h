/* What clang-tidy cannot see from one file: what says an error never returns CT_OK. Included before every file but the
 * one that defines them. */
#include <combtest/core.h>
#define ct__error(error, code, ...) ((void)(ct__error)((error), (code), __VA_ARGS__), (code))
#define ct__nomem(error)            ((void)(ct__nomem)(error), CT_NOMEM)
