/* The door of room cli/: ct_main and ct_main_suites are in combtest/main.h; this is what the combtest command shares
 * with them. Only this room prints and picks exit codes. */
#ifndef COMBTEST_CLI_H
#define COMBTEST_CLI_H
#include <combtest/error.h>
#include <combtest/suite.h>
#include <stdbool.h>
#include <stdio.h>

enum ct__exit {
    CT__EXIT_OK = 0,
    CT__EXIT_FAILED = 1,
    CT__EXIT_USAGE = 2,
    CT__EXIT_LOST = 3,
    CT__EXIT_NOTHING = 4,
    CT__EXIT_BUG = 70
};

/* ---- options and commands (options.c, commands.c) ---- */
enum ct__command_bit {
    CT__RUN = 1,
    CT__LIST = 2,
    CT__SETTINGS = 4,
    CT__REPLAY = 8,
    CT__TRACE = 16,
    CT__SERVICE = 32,
    CT__HOSTS = 64,
    CT__ANY = 127
};

enum ct__option_role {
    CT__ROLE_KEY, /* sets its key to the value, or to fixed */
    CT__ROLE_SET, /* SECTION.key=value */
    CT__ROLE_CONFIG,
    CT__ROLE_SUITE,
    CT__ROLE_COUNT,
    CT__ROLE_JSON,
    CT__ROLE_RERUN,
    CT__ROLE_FROM,
    CT__ROLE_JOIN,
    CT__ROLE_STATUS,
    CT__ROLE_WHERE,
    CT__ROLE_STATE,
    CT__ROLE_PRINT_STATE,
    CT__ROLE_STEP,
    CT__ROLE_GDB,
    CT__ROLE_TRAP,
    CT__ROLE_ASK_PASSWORD,
    CT__ROLE_ASK_PASSPHRASE,
    CT__ROLE_HELP,
    CT__ROLE_VERSION
};

struct ct__cli_option {
    const char *name; /* "--services" */
    char letter;      /* 'v', or 0 */
    enum ct__option_role role;
    const char *value; /* "N"; NULL: it takes none */
    const char *key;
    const char *fixed; /* the value of an option that takes none; beside value: that of one given without "=N" */
    unsigned commands; /* of enum ct__command_bit */
    const char *help;
};
extern const struct ct__cli_option ct__cli_options[];
extern const size_t ct__cli_option_count;
/* What the options from the first one on have in common. */
struct ct__cli_heading {
    const char *first, *title;
};
extern const struct ct__cli_heading ct__cli_headings[];
extern const size_t ct__cli_heading_count;

struct ct__cli;
struct ct__cli_command {
    const char *name;
    enum ct__command_bit bit;
    int (*run)(struct ct__cli *cli); /* returns the exit code */
    const char *help;
    const char *arguments; /* "TRACE IDS", each of them required; NULL: it takes none */
};
extern const struct ct__cli_command ct__cli_commands[];
extern const size_t ct__cli_command_count;
/* The command of that name, or NULL: then error says which there are; tools: among them those of combtest alone. */
const struct ct__cli_command *ct__cli_command_find(const char *name, bool tools, struct ct_error *error);

/* Commands of the combtest command alone, which need no suite. */
struct ct__cli_tool {
    const char *name;
    const char *arguments;             /* "MODEL" */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns the exit code */
    const char *help;
};
extern const struct ct__cli_tool ct__cli_tools[];
extern const size_t ct__cli_tool_count;
const struct ct__cli_tool *ct__cli_tool_find(const char *name); /* NULL: there is none */
int ct__cli_generate(int argc, char **argv);
int ct__cli_exec(int argc, char **argv);

/* ---- reading a command line (args.c) ---- */
struct ct__words {
    int argc, at; /* at: the next one to read */
    char **argv;
    bool options_over; /* after -- */
};
enum ct__token { CT__TOKEN_END, CT__TOKEN_OPTION, CT__TOKEN_ARGUMENT, CT__TOKEN_WRONG };
/* Reads the next option with its value, or argument (in *value). After CT__TOKEN_WRONG, which fills error, the words
 * stands behind the word that was wrong. */
enum ct__token ct__cli_next(struct ct__words *words, const struct ct__cli_option **option, const char **value,
                            struct ct_error *error);

/* ---- programs that are named (find.c) ---- */
/* A name without a slash is looked for here, then in PATH. A path, for malloc's free, which need not exist where the
 * name has a slash; NULL with errno. */
char *ct__cli_find_program(const char *name);

/* ---- replaying by another program (reach.c) ---- */
/* Runs a program with these words, and ends as it did; one that ends without a call of ct__cli_reached is an error.
 * advice: for where it cannot be run. Returns the exit code. */
int ct__cli_replay_by(const char *label, const char *path, char **arguments, const char *advice);
/* In a program that was run so: it has a suite. */
void ct__cli_reached(void);
/* Ends this process as another one ended, for whoever looks at its end; a core of it would be of no use. */
int ct__cli_die_alike(int number);

/* ---- messages (say.c) ---- */
/* "label: error: …" on stderr. Returns the exit code that goes with error->code. */
int ct__cli_say_error(const char *label, const struct ct_error *error);
void ct__cli_note(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ct__cli_warn(const char *label, const char *text);
/* Prints text so that a terminal obeys nothing in it: control characters as '?', later lines indented. */
void ct__cli_print_clean(FILE *stream, const char *text, int indent);

/* ---- output (output.c) ---- */
/* The part of a path behind its last slash; "combtest" for none. */
const char *ct__cli_base_name(const char *path);
/* Ends the output of results: code, or 3 with a message where standard output did not take all of it.
 * Whoever closes a pipe early has read what was wanted: code, and no message. */
int ct__cli_finish(const char *label, int code);
/* Keeps the numbers of standard streams that are closed from what is opened later: reading them finds nothing, and
 * writing fails as before. */
void ct__cli_streams_keep(void);
/* Until the matching call, a closed pipe is an error of the write, not the end of the process. Calls do not nest. */
void ct__cli_pipes_guard(void);
void ct__cli_pipes_release(void);
/* program: as it is called in usage lines; combtest: whether they name a SUITE. command NULL: all of them. */
void ct__cli_print_help(const char *program, bool combtest, const struct ct__cli_command *command);
void ct__cli_print_version(void);
#endif
