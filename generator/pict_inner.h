/* What the files of PICT's language share. Inner to room generator/. */
#ifndef COMBTEST_GENERATOR_PICT_INNER_H
#define COMBTEST_GENERATOR_PICT_INNER_H
#include <combtest/core.h>
#include <generator/pict.h>
#include <locale.h>
#include <stdarg.h>

/* ---- a pool: memory that is freed all at once (pict_pool.c) ---- */
struct ct__pict_block;
struct ct__pict_pool {
    struct ct__pict_block *blocks; /* the first one has the room that is left */
    locale_t numbers, letters;     /* how numbers are read and letters folded, whatever the program's locale is */
    bool case_sensitive;
    char *scratch; /* of ct__pict_key */
    size_t scratch_size;
};
/* NULL: no memory. case_sensitive: how ct__pict_key folds. */
struct ct__pict_pool *ct__pict_pool_new(bool case_sensitive);
void ct__pict_pool_free(struct ct__pict_pool *pool);
/* Zeroed memory, aligned for anything; NULL: no memory. */
void *ct__pict_alloc(struct ct__pict_pool *pool, size_t count, size_t size);
/* Makes room for one more item behind count in an array that grows by doubling. NULL: no memory. */
void *ct__pict_grow(struct ct__pict_pool *pool, void *items, size_t count, size_t size);
char *ct__pict_copy(struct ct__pict_pool *pool, const char *text, size_t size);
/* Appends a copy of a warning to an array of them. False: no memory. */
bool ct__pict_warn(struct ct__pict_pool *pool, const char ***warnings, size_t *count, const char *warning);

/* ---- text (pict_text.c) ---- */
struct ct__pict_span {
    const char *at;
    size_t size;
};
/* The size of the white space beyond ASCII that text begins with; 0: there is none. Non-breaking spaces are none. */
size_t ct__pict_wide_space(const char *text, size_t size);
struct ct__pict_span ct__pict_trim(struct ct__pict_span span);
/* Cuts off what is before the first separator in *rest, which is left with what follows it; false after the last
 * item. Start with *more true. */
bool ct__pict_split(struct ct__pict_span *rest, bool *more, const char *separator, struct ct__pict_span *item);
/* Where needle begins in span, or NULL. */
const char *ct__pict_search(struct ct__pict_span span, const char *needle);
bool ct__pict_begins(struct ct__pict_span span, const char *prefix);
/* A name as it is compared; valid until the next call. NULL: no memory. */
const char *ct__pict_key(struct ct__pict_pool *pool, const char *text, size_t size);
bool ct__pict_name(struct ct__pict_pool *pool, struct ct__pict_span span, struct ct__pict_name *name);
/* The number that text begins with, as C's strtod reads it in the C locale: its length, or 0 for none. A number that
 * overflows or underflows is none. text ends with a NUL. */
size_t ct__pict_number(struct ct__pict_pool *pool, const char *text, double *number);
/* Whether text matches a pattern with * and ?; both as keys. Takes time in the product of their sizes at most. */
bool ct__pict_like(const char *pattern, const char *text);
/* Where at is in a text, both counted from 1; columns count characters. */
struct ct__pict_place {
    unsigned line, column;
};
struct ct__pict_place ct__pict_find_place(const char *text, const char *at);
/* CT_EINVAL with the place of the first NUL byte of text, if it has one. */
enum ct_err ct__pict_check_text(const char *file, const char *text, size_t size, struct ct_error *error);

/* ---- reading a model (pict_read.c, pict_line.c, pict_constraint.c, pict_term.c) ---- */
struct ct__pict_reader {
    struct ct__pict *model;
    struct ct__pict_pool *pool;
    const char *values, *aliases, *negative; /* the separators and the prefix */
    const char *text, *at, *end;             /* end is a NUL byte */
    bool strict;                             /* a parameter that is not there is an error */
    unsigned depth;                          /* of the parentheses and NOTs that are open */
    const char *mark;                        /* where ct__pict_place looked last, and what it found */
    struct ct__pict_place mark_place;
    struct ct_error *error;
    enum ct_err err; /* the first error; after it nothing is done any more */
};
struct ct__pict_place ct__pict_place(struct ct__pict_reader *reader, const char *at);
/* Notes an error at a place of the text. Returns false. */
bool ct__pict_fail(struct ct__pict_reader *reader, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for a limit: CT_ETOOBIG. */
bool ct__pict_too_big(struct ct__pict_reader *reader, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool ct__pict_no_memory(struct ct__pict_reader *reader);
/* Warns of a place of the text. False: no memory. */
bool ct__pict_warn_at(struct ct__pict_reader *reader, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "name: value, value" and "{ name, name } @ order": each a whole line, trimmed. False after an error. */
bool ct__pict_read_parameter(struct ct__pict_reader *reader, struct ct__pict_span line);
bool ct__pict_read_submodel(struct ct__pict_reader *reader, struct ct__pict_span line);
/* Reads all that is left as constraints. */
bool ct__pict_read_constraints(struct ct__pict_reader *reader);

/* ---- tokens of constraints (pict_lex.c) ---- */
/* Past the line end at at, and past lines of comment behind it. */
const char *ct__pict_next_line(const struct ct__pict_reader *reader, const char *at);
/* Past white space, line ends and lines of comment. */
void ct__pict_skip(struct ct__pict_reader *reader);
/* Takes a keyword or sign if it comes next; case does not matter, and nothing need separate it from what follows. */
bool ct__pict_take(struct ct__pict_reader *reader, const char *word);
/* The text up to the terminator, which is taken too, with \\, \" and \] as what they stand for and without line ends.
 * NULL after an error. */
const char *ct__pict_take_string(struct ct__pict_reader *reader, char terminator);
/* Fails with "expected …, found …" at the current place. Returns false. */
bool ct__pict_expected(struct ct__pict_reader *reader, const char *what);
/* One term: a comparison, LIKE, IN or a function. *known becomes false where the term names a parameter that the model
 * does not have: that is a warning, and the constraint is to be left out. False after an error. */
bool ct__pict_read_term(struct ct__pict_reader *reader, struct ct__formula *formula, bool *known);
#endif
