/* Inner header of room combtest/: what its files share about options. */
#ifndef COMBTEST_OPTION_INNER_H
#define COMBTEST_OPTION_INNER_H
#include <combtest/option.h>

const char *ct__type_name(enum ct_type type); /* "int", "JSON"; static */
#endif
