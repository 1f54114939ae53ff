/* Shared libraries that a process loads when it first needs them: of all the processes of a run each needs few. What is
 * loaded is listed in cmake/libraries.cmake. Inner to room combtest/ and to what cmake/libraries.cmake makes. */
#ifndef COMBTEST_LIBRARY_H
#define COMBTEST_LIBRARY_H
#include <combtest/error.h>
#include <stdatomic.h>
#include <stddef.h>

struct ct__library {
    const char *soname, *package; /* what is loaded; what Debian has it in, for whoever lacks it */
    const char *const *names;     /* of functions */
    size_t count;
    atomic_bool loaded;
};
/* Loads the library and fills functions, an array of `count` pointers in the order of names; nothing if that has been
 * done. It stays loaded. CT_ESYSTEM: it is not there, or lacks one of them. Any thread. */
enum ct_err ct__library_load(struct ct__library *library, void *functions, struct ct_error *error);
#endif
