/* combtest generate: what its files share. Inner to room cli/. */
#ifndef COMBTEST_CLI_GENERATE_H
#define COMBTEST_CLI_GENERATE_H
#include <cli/cli.h>
#include <generator/generator.h>

struct ct__gen_writer;
struct ct__gen_format {
    const char *name;
    void (*begin)(const struct ct__gen_writer *writer);
    void (*row)(const struct ct__gen_writer *writer, bool last);
    void (*end)(const struct ct__gen_writer *writer);
};

struct ct__gen_args {
    const char *model, *seed_rows, *measure, *output; /* paths; model "-": standard input */
    const struct ct__gen_format *format;
    struct ct__pict_options language;
    char separators[3][8]; /* of values and aliases, and the negative prefix, where language has them from here */
    int strength;          /* 0: not given */
    bool order;            /* given as PICT's /o, which must not be over what there is to combine */
    bool most;             /* /o:max */
    uint64_t random;
    bool random_drawn; /* PICT's /r: the seed is said on standard error */
    enum ct__effort effort;
    double seconds; /* how long to look for fewer rows; 0: as effort says */
    enum ct__gen_stats { CT__GEN_ROWS, CT__GEN_PICT_STATS, CT__GEN_STATS } stats;
    bool explain, verbose, quiet, help, version;
    unsigned seen; /* PICT's switches, by letter */
};
/* Reads the words behind `generate`. CT_EINVAL. args borrows from argv. */
enum ct_err ct__gen_parse(struct ct__gen_args *args, int argc, char **argv, struct ct_error *error);
void ct__gen_help(void);

extern const struct ct__gen_format ct__gen_formats[];
extern const size_t ct__gen_format_count;
/* Takes the expected results that their rows do not decide out of them: CT__ANY. Rows that differ in nothing else
 * become one. CT_NOMEM. */
enum ct_err ct__gen_open_results(const struct ct__pict *model, struct ct__rows *rows, struct ct_error *error);
/* Writes rows (generate_write.c). Names are as the model writes them, aliases in turn; rows without negative values
 * come first; what is CT__ANY is "?". CT_NOMEM: nothing is written. */
enum ct_err ct__gen_write(FILE *stream, const struct ct__gen_format *format, const struct ct__pict *model,
                          const struct ct__rows *rows, struct ct_error *error);
/* A value's first name, with the prefix where it is negative. */
void ct__gen_print_value(FILE *stream, const struct ct__pict *model, size_t parameter, size_t value);

/* --measure and --explain: they print what they find and return the exit code. */
int ct__gen_measure(const struct ct__gen_args *args, struct ct__pict *model);
int ct__gen_explain(const struct ct__gen_args *args, struct ct__pict *model);
/* Says on stderr which constraints exclude everything, where they do, and warns of values that they exclude. False
 * where they exclude everything. *error is filled, and false returned, where it could not be found out. */
bool ct__gen_check_values(struct ct__pict *model, struct ct_error *error);
/* The whole of a file, with a NUL behind it: *text is the caller's. CT_ENOTFOUND, CT_EIO, CT_NOMEM. */
enum ct_err ct__gen_read(const char *path, char **text, size_t *size, struct ct_error *error);
/* Whether a signal asked generating to end. */
bool ct__gen_stopped(void);
/* Signals are what they were again; one that came ends the process now. */
void ct__gen_signals_release(void);
#endif
