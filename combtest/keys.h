/* The table of configuration keys. Inner to room combtest/: rooms above use core.h. */
#ifndef COMBTEST_KEYS_H
#define COMBTEST_KEYS_H
#include <combtest/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ct__kind {
    CT__KIND_TEXT,
    CT__KIND_CHOICE,  /* one of choices, "a|b" */
    CT__KIND_NUMBER,  /* a whole number, min..max */
    CT__KIND_SECONDS, /* a decimal number of seconds, at most max; not 0 where min is 1 */
    CT__KIND_BYTES,   /* a whole number of bytes, or of K, M or G (1024 of the one before) */
    CT__KIND_CORES,   /* a whole number, or auto, auto*2, auto/2 */
    CT__KIND_SHARD,   /* K/N */
    CT__KIND_IDS,     /* 3,7-9 */
    CT__KIND_FILE,    /* a path; not "-" */
    CT__KIND_LIST,    /* strings: a JSON list, or separated by commas */
    CT__KIND_MAP      /* a JSON object of strings */
};

struct ct__key {
    const char *name; /* "RUN.services" */
    enum ct__kind kind;
    bool secret;
    int64_t min, max;
    const char *choices;
    const char *fallback; /* the default; NULL: none */
    const char *unused;   /* why it has no effect in this version; NULL: it has one */
};

extern const struct ct__key ct__keys[];
extern const size_t ct__key_count;

/* The index of a key, under its name or its other name (NET.rsakey); ct__key_count where there is none. */
size_t ct__key_find(const char *name);
/* The row of a key: of one in the table, or of "HOST name.user" for any name; NULL where there is none. */
const struct ct__key *ct__key_of(const char *name);
bool ct__key_is_host(const char *name); /* in a section [HOST name] */
/* How many bytes of "SECTION.key" are the section's: a host's name may have dots, a key has none. */
size_t ct__section_size(const char *name);
/* Whether some key is in the section that name begins with, up to its dot. */
bool ct__section_exists(const char *name);
/* The i-th name that stands for another key's, NULL after the last. */
const char *ct__key_other(size_t i);
/* Says what is wrong with a name that is no key, and which key may be meant. CT_ECONFIG. */
enum ct_err ct__key_unknown(const char *name, const char *where, struct ct_error *error);

/* Whether value is one that key can take: CT_ECONFIG with a text that begins with where, CT_NOMEM. */
enum ct_err ct__value_check(const struct ct__key *key, const char *value, const char *where, struct ct_error *error);
/* The number in a value that ct__value_check let through: seconds as ms, cores counted on this host, sizes in bytes. */
int64_t ct__value_number(const struct ct__key *key, const char *value);
/* The two numbers of "K/N", 1 <= K <= N. */
bool ct__value_shard(const char *value, uint64_t *shard, uint64_t *shard_count);
#endif
