/* Looking at the processes of a run from outside, by /proc. What a test program starts, at any remove, carries a mark
 * in its environment, so that also those are found that nobody is a parent of any more. */
#ifndef TESTS_FAULT_PROCESSES_H
#define TESTS_FAULT_PROCESSES_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Runs this program anew with a mark of its own in the environment, unless it has one; and with TMPDIR an empty
 * directory of its own. First in main. */
void processes_mark(char **argv);
/* Removes the directory that processes_mark made. */
void processes_unmark(void);
/* Removes a directory with all in it. */
void processes_remove(const char *path);

/* How many processes with the mark are alive, besides this one, after waiting up to grace_ms for there to be none; each
 * is told of on stderr, and killed. Zombies do not live. */
size_t processes_left(int grace_ms);
/* Whether this process has a child, dead or alive. */
bool processes_has_children(void);
/* How many entries TMPDIR has. */
size_t processes_litter(void);

/* Up to size children of a process, in the order that /proc has them; returns how many. */
size_t processes_children(pid_t parent, pid_t *children, size_t size);

/* The processes of a run in progress; 0: not there. */
enum { CAST_MAX = 16 };
struct cast {
    pid_t coordinator, keeper, link;
    pid_t nurses[CAST_MAX],
        executors[CAST_MAX]; /* an executor is the child of its nurse; the serial one is among them */
    size_t count;
};
/* The run that the process `program` called. */
struct cast processes_cast(pid_t program);

/* The state letter of a process in /proc, 0 where there is none. */
char processes_state(pid_t pid);
/* The processor time that a process has used, in clock ticks; 0 where there is none. */
long processes_ticks(pid_t pid);
#endif
