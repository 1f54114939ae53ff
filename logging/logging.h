/* The door of room logging/: files of lines, and the central log of a run. One thread at a time for each object; no
 * socket, no process. */
#ifndef COMBTEST_LOGGING_H
#define COMBTEST_LOGGING_H
#include <combtest/core.h>

/* ---- a file that takes whole lines (sink.c) ----
 * Lines are gathered and written with one write(2) for many of them, none of it a part of a line. Where a write fails,
 * the file is cut back to its last whole line, what was gathered is dropped, and the sink can be used on. */
struct ct__sink;

/* Opens path, which is made, or emptied where it is there. CT_EIO says which file, and why. */
enum ct_err ct__sink_open(const char *path, struct ct__sink **sink, struct ct_error *error);
/* The same for a file that several processes may want at once: where another one writes it, path.PID instead. Until the
 * sink is closed no other call, in whatever process, opens the same file in this way. */
enum ct_err ct__sink_open_alone(const char *path, struct ct__sink **sink, struct ct_error *error);
/* Room for size bytes, to be filled and then counted by ct__sink_add: the caller adds whole lines only. Valid until the
 * next call on the sink. CT_NOMEM, CT_EIO (what was gathered before could not be written). */
enum ct_err ct__sink_room(struct ct__sink *sink, size_t size, char **room, struct ct_error *error);
void ct__sink_add(struct ct__sink *sink, size_t size);
/* Bytes of the file and of what is gathered for it. */
uint64_t ct__sink_size(const struct ct__sink *sink);
const char *ct__sink_path(const struct ct__sink *sink);
enum ct_err ct__sink_flush(struct ct__sink *sink, struct ct_error *error);
/* Flushes and frees, whatever comes of it. CT_EIO also where the file was removed. NULL is allowed. */
enum ct_err ct__sink_close(struct ct__sink *sink, struct ct_error *error);

/* ---- the log of a run (log.c) ---- */
struct ct__log_options {
    uint64_t size;  /* bytes after which a file is put aside; 0: 64 MiB */
    unsigned count; /* how many files are kept beside the one that is written; 0: 9, at most 999 */
};
struct ct__log;

/* Opens DIRECTORY/run.log. One that is there already, and each that reaches its size, becomes run.log.1, that one
 * run.log.2, and so on; the oldest goes. The directory is made where it is missing, its parents are not. Several
 * processes may log into one directory: each writes files of its own. CT_EIO. */
enum ct_err ct__log_open(const char *directory, const struct ct__log_options *options, struct ct__log **log,
                         struct ct_error *error);
/* Adds a line, given without its newline; newlines inside it become "\n    ", so that a line's other lines are told
 * from the next one's first, and each byte that is neither UTF-8 nor to be seen on a terminal '?'. Lines of
 * CT_LOG_ERROR and above are in the file when this returns, others when the buffer is full or ct__log_flush is called:
 * after a SIGKILL the file holds all of the former, and of the others a beginning. CT_EIO (a full disk): the lines that
 * were gathered are lost, the file keeps the whole lines before them, and the caller chooses to go on or to end. */
enum ct_err ct__log_write(struct ct__log *log, enum ct_log_level level, const char *line, size_t size,
                          struct ct_error *error);
enum ct_err ct__log_flush(struct ct__log *log, struct ct_error *error);
/* Flushes and frees, whatever comes of it. NULL is allowed. */
enum ct_err ct__log_close(struct ct__log *log, struct ct_error *error);
const char *ct__log_path(const struct ct__log *log); /* of the file that is written; borrowed */
#endif
