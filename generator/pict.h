/* PICT's model language: a model as text becomes parameters, sub-models and constraints. Part of the door of room
 * generator/. The language is that of PICT 3.7 (github.com/microsoft/pict, doc/pict.md); where its documentation is
 * silent, as its program behaves. */
#ifndef COMBTEST_GENERATOR_PICT_H
#define COMBTEST_GENERATOR_PICT_H
#include <generator/generator.h>

struct ct__pict_name {
    const char *text; /* as it was written */
    const char *key;  /* as it is compared: folded to upper case unless the model is case sensitive. strcmp orders keys
                       * as PICT orders names, by code point. */
};

struct ct__pict_value {
    struct ct__pict_name *names; /* at least one; the first decides comparisons, the others are aliases */
    size_t name_count;
    unsigned weight; /* at least 1 */
    bool negative;
    double number; /* of the first name, where the parameter is numeric */
};

struct ct__pict_parameter {
    struct ct__pict_name name;
    struct ct__pict_value *values;
    size_t value_count;
    unsigned order; /* "name @ 3: …"; 0: the model's */
    bool numeric;   /* each value's first name is a number, so the values are compared as numbers */
    bool labeled;   /* its aliases are labels: they, too, name a value in =, <> and IN */
    bool result;    /* "$name": an expected result, which is no input and is not combined */
    unsigned line;
};

struct ct__pict_submodel {
    size_t *parameters; /* indices, in the model's order */
    size_t count;
    unsigned order; /* 0: the model's */
};

/* What a message says of the constraint of the same index in the model. */
struct ct__pict_constraint {
    const char *text; /* as it was written, on one line, with its semicolon */
    unsigned line, column;
};

struct ct__pict_options {
    const char *value_separator; /* one character as UTF-8; NULL: "," */
    const char *alias_separator; /* NULL: "|" */
    const char *negative_prefix; /* NULL: "~" */
    bool case_sensitive;
};

struct ct__pict {
    const char *file; /* its name, as messages give it */
    struct ct__pict_parameter *parameters;
    size_t parameter_count;
    struct ct__pict_submodel *submodels;
    size_t submodel_count;
    struct ct__pict_constraint *constraints; /* model.constraint_count of them */
    struct ct__model model;                  /* a factor for each parameter */
    const char **warnings;                   /* "file:line:column: what": what PICT warns of and goes on */
    size_t warning_count;
    bool has_negative;
    bool has_bom; /* the text began with UTF-8's byte order mark; PICT's output then does too */
    char negative_prefix[8];
    struct ct__pict_pool *pool; /* what all of this lies in */
};

/* Reads the text of a model. file stands for it in messages. *model is the caller's, for ct__pict_free.
 * CT_EINVAL: "file:line:column: expected …"; CT_ETOOBIG: over CT__VALUES_MAX values, or nested too deep;
 * CT_NOMEM. Columns count characters from 1. */
enum ct_err ct__pict_parse(const char *file, const char *text, size_t size, const struct ct__pict_options *options,
                           struct ct__pict **model, struct ct_error *error);
void ct__pict_free(struct ct__pict *model);

/* The parameter of that name, or parameter_count; SIZE_MAX: no memory. */
size_t ct__pict_parameter_find(struct ct__pict *model, const char *name, size_t size);
/* The value that has that name among its names, or value_count. A negative prefix before it is no part of it, but
 * tells two of that name apart. SIZE_MAX: no memory. */
size_t ct__pict_value_find(struct ct__pict *model, size_t parameter, const char *name, size_t size);

/* ---- rows as text: seeding files, rows to be measured, PICT's output ---- */
struct ct__pict_rows {
    uint16_t *values; /* count rows of parameter_count values each */
    unsigned *lines;  /* where each row stood */
    bool numbered;    /* lines are numbers of rows, from 1: they were JSON */
    size_t count;
    const char *
        *warnings; /* "file:line: what": columns and values that the model does not know and that were left out */
    size_t warning_count;
    struct ct__pict_pool *pool;
};
/* Reads rows: a line of parameter names between tabs or, as CSV, commas, then a line for each row; or JSON, a list of
 * rows, each a list of {"key", "value"}. An empty cell is CT__ANY, and so
 * is the "?" of an expected result, and a value that is not in the model; a row with no value at all is left out. An
 * empty line ends the rows. CT_EINVAL: not UTF-8 text, or no name is known; CT_NOMEM. *rows is the caller's, for
 * ct__pict_rows_free. */
enum ct_err ct__pict_rows_parse(struct ct__pict *model, const char *file, const char *text, size_t size,
                                struct ct__pict_rows **rows, struct ct_error *error);
void ct__pict_rows_free(struct ct__pict_rows *rows);

/* ---- generating ---- */
/* What the model asks to be covered where all parameters are taken at strength: sub-models, parameters with an order of
 * their own and expected results (order 1) make groups; those of a higher order at that one, where own is true, or at
 * strength. *cover borrows from the model. */
enum ct_err ct__pict_cover(struct ct__pict *model, int strength, bool own, struct ct__cover *cover,
                           struct ct_error *error);
/* As ct__generate, of a model; of options->cover the strength alone is taken. A sub-model is generated by itself first,
 * and each of its rows then is one value of it, which is combined with the other sub-models and the parameters that are
 * in none, as PICT does it: few configurations of a sub-model, at the price of more rows. coverage counts the
 * combinations of each sub-model, and those of their rows. */
enum ct_err ct__pict_generate(struct ct__pict *model, const struct ct__generate_options *options,
                              struct ct__rows **rows, struct ct_error *error);
#endif
