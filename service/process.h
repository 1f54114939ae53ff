/* Processes of a run: forking, killing, and reading from /proc whose children there are. */
#ifndef COMBTEST_SERVICE_PROCESS_H
#define COMBTEST_SERVICE_PROCESS_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* fork(), after stdio is flushed. The child has a process group of its own and is killed when this process ends,
 * however it does. Only a process with a single thread, or the program's own, may call it: the signal is sent when the
 * thread ends. */
pid_t ct__fork_child(void);
/* Blocks every signal, so that only SIGKILL and SIGSTOP reach this process and the threads it starts; and has its
 * children, and theirs, wait to be reaped, whatever the program had asked for. */
void ct__block_signals(void);
/* Kills a child with its process group, and waits for the child. Returns its wait status. */
int ct__kill_child(pid_t pid);
/* User code can have its parent trace it (PTRACE_TRACEME), and then stands still at its next signal: lets all such
 * children of this process go on, with that signal. */
void ct__let_go(void);
/* The children of this process's first thread, adopted ones too: at most size of them, returns how many. */
size_t ct__list_children(pid_t *children, size_t size);
/* Kills and reaps every child of this process, those it adopted too, but for count pids in keep. */
void ct__kill_children(const pid_t *keep, size_t count);
/* Writes or reads all of size bytes of a descriptor; false: it ended or failed. */
bool ct__write_all(int fd, const void *data, size_t size);
bool ct__read_all(int fd, void *data, size_t size);
#endif
