/* The cache of a host is ${XDG_CACHE_HOME:-~/.cache}/combtest there: a directory for each content, under its SHA-256,
 * that holds the file under its own name. A file comes to be there by a rename, after all of it has come; so what is
 * there is whole, and runs that upload the same at the same time do each other no harm. On the way ssh guards each byte
 * (RFC 4253, 6.4), and a file that is written to here, after it was hashed, is not sent to its end. The time of a
 * directory is when it was last asked for. What a run uses stands in a file beside them, .run-MARK, with its host and
 * shell, until it ends: whoever cleans up renews that first, so that nothing goes under a run that lasts longer than
 * entries are kept. The directory may be shared between hosts: of the runs of others it is not known whether they live,
 * and they are believed for a year. */
#include <bootstrap/items.h>
#include <bootstrap/quote.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 262144

/* Functions that all scripts use: POSIX sh and coreutils, and no more than that. */
static const char functions[] =
    "umask 077\n"
    "trap : PIPE\n" /* the shell itself, and nothing that it starts, lives on to clean up when nobody listens */
    "cache=${XDG_CACHE_HOME:-$HOME/.cache}/combtest\n"
    "say() { printf '%s %s\\n' \"$mark\" \"$*\"; }\n"
    "die() { say failed \"$*\"; exit 1; }\n"
    "have() {\n"
    "  [ \"$(stat -c %s \"$cache/$1/$2\" 2>/dev/null)\" = \"$3\" ] && touch -c \"$cache/$1\" && say have \"$1\"\n"
    "}\n"
    "put() {\n"
    "  new=$cache/.new-$1-$mark\n"
    "  trap 'rm -f \"$new\"' EXIT\n"
    "  head -c \"$3\" >\"$new\"\n"
    "  [ \"$(stat -c %s \"$new\")\" = \"$3\" ] || die \"cannot write into $cache\"\n"
    "  chmod \"$4\" \"$new\" && mkdir -p \"$cache/$1\" && mv -f \"$new\" \"$cache/$1/$2\" ||\n"
    "    die \"cannot write into $cache\"\n"
    "  trap - EXIT\n"
    "  say put \"$1\"\n"
    "}\n"
    "use() {\n"
    "  live=$cache/.run-$mark\n"
    "  trap 'rm -f \"$live\"' EXIT\n"
    "  echo \"$(uname -n) $$ $*\" 2>/dev/null >\"$live\"\n"
    "}\n"
    "renew() {\n"
    "  for live in \"$cache\"/.run-*; do\n"
    "    [ -e \"$live\" ] && read -r node pid hashes <\"$live\" || continue\n"
    "    if [ \"$node\" = \"$(uname -n)\" ]; then\n"
    "      kill -0 \"$pid\" 2>/dev/null || { rm -f \"$live\"; continue; }\n"
    "      touch -c \"$live\"\n"
    "    fi\n"
    "    for hash in $hashes; do touch -c \"$cache/$hash\"; done\n"
    "  done\n"
    "}\n"
    "clean() {\n"
    "  renew\n"
    "  now=$(date +%s)\n"
    "  for old in \"$cache\"/* \"$cache\"/.new-* \"$cache\"/.run-*; do\n"
    "    case $old in\n"
    "      \"$cache\"/.new-*) age=86400 ;;\n"
    "      \"$cache\"/.run-*) age=31536000 ;;\n"
    "      *) age=$1 ;;\n"
    "    esac\n"
    "    time=$(stat -c %Y \"$old\" 2>/dev/null) || continue\n"
    "    [ $((now - time)) -le \"$age\" ] || rm -rf \"$old\"\n"
    "  done\n"
    "}\n"
    "guard() {\n" /* runs a command until the connection ends: nothing but that end can come on it meanwhile */
    "  exec 3<&0\n"
    "  timeout 0 sh -c \"$1\" </dev/null >&2 3<&- &\n" /* in a process group of its own */
    "  group=$!\n"
    "  { while read -r line; do :; done; kill -s KILL -- \"-$group\" \"$group\"; } <&3 3<&- >/dev/null 2>&1 &\n"
    "  watch=$!\n"
    "  exec 3<&-\n"
    "  wait \"$group\" 2>/dev/null\n"
    "  set -- $?\n"
    "  kill \"$watch\" 2>/dev/null\n"
    "  wait \"$watch\" 2>/dev/null\n"
    "  return \"$1\"\n"
    "}\n"
    "look() {\n"
    "  for dir in /lib /usr/lib /lib64 /usr/lib64 /usr/local/lib /lib/*-linux-gnu /usr/lib/*-linux-gnu; do\n"
    "    [ ! -e \"$dir/$1\" ] || return 0\n"
    "  done\n"
    "  say library \"$1 => not found\"\n"
    "}\n"
    "trace() {\n" /* a program, where else it may find libraries, and those that it loads when it needs them */
    "  out=$(LD_LIBRARY_PATH=$2 LD_PRELOAD=$3 LD_TRACE_LOADED_OBJECTS=1 \"$1\" 2>&1) ||\n"
    "    case $out in *'not found'*) ;; *) say broken \"$out\" ;; esac\n"
    "  printf '%s\\n' \"$out\" | while IFS= read -r line; do\n"
    "    case $line in\n"
    "      *\"' from LD_PRELOAD cannot be preloaded\"*) line=${line#*\\'} && say library \"${line%%\\'*} => not "
    "found\" ;;\n"
    "      *'not found'*) say library \"$line\" ;;\n"
    "    esac\n"
    "  done\n"
    "}\n";

static const char questions[] = "mkdir -p \"$cache\" || die \"cannot make $cache\"\n"
                                "say kernel \"$(uname -s)\"\n"
                                "say machine \"$(uname -m)\"\n"
                                "say name \"$(uname -n)\"\n"
                                "say cores \"$(nproc)\"\n"
                                "say libc \"$(getconf GNU_LIBC_VERSION 2>/dev/null)\"\n";

static const char *file_name(const struct ct__item *item, size_t index, const struct ct__deploy *deploy)
{
    bool library = index >= deploy->program_count;
    const char *path = library ? item->target : item->path, *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "$cache"/HASH/NAME */
static void write_place(FILE *to, const struct ct__deploy *deploy, size_t index)
{
    fprintf(to, "\"$cache\"/%s/", deploy->items[index].hash);
    ct__quote(to, file_name(&deploy->items[index], index, deploy));
}

/* ---- asking ---- */

/* What failed there, with what the command that failed wrote. */
static enum ct_err say_why(struct ct__deploy *deploy, struct ct_error *error)
{
    char said[256];
    ct__shell_said(deploy->shell, said, sizeof(said));
    return ct__error(error, CT_EIO, "%s: %s%s", deploy->host_name, deploy->failed, said);
}

static enum ct_err take_answers(struct ct__deploy *deploy, struct ct_error *error)
{
    bool done = false;
    enum ct_err err = CT_OK;
    while (!err && !done) {
        const char *line;
        err = ct__shell_read(deploy->shell, &line, error);
        if (!err) err = ct__deploy_answer(deploy, line, &done, error);
    }
    return err == CT_EIO && deploy->failed[0] != '\0' ? say_why(deploy, error) : err;
}

static enum ct_err check_host(const struct ct__deploy *deploy, struct ct_error *error)
{
    const struct ct__elf *elf = &deploy->elf;
    const struct ct__probe *probe = &deploy->probe;
    if (deploy->count == 0 || !elf->is_elf) return CT_OK;
    if (strcmp(probe->kernel, "Linux") != 0)
        return ct__error(error, CT_ECONFIG, "%s: it runs %s; the program is for Linux", deploy->host_name,
                         probe->kernel);
    if (!ct__elf_runs_on(elf, probe->machine) && !elf->machine)
        return ct__error(error, CT_ECONFIG,
                         "%s: its architecture is %s, and the program is built for another, number %u in its header",
                         deploy->host_name, probe->machine, elf->machine_number);
    if (!ct__elf_runs_on(elf, probe->machine))
        return ct__error(error, CT_ECONFIG, "%s: its architecture is %s, and the program is built for %s",
                         deploy->host_name, probe->machine, elf->machine);
    if (!elf->dynamic) return CT_OK;
    bool older = probe->glibc_major < elf->glibc_major ||
                 (probe->glibc_major == elf->glibc_major && probe->glibc_minor < elf->glibc_minor);
    if (older && probe->glibc_major == 0)
        return ct__error(error, CT_ECONFIG, "%s: it has no glibc, and the program needs %d.%d", deploy->host_name,
                         elf->glibc_major, elf->glibc_minor);
    if (older)
        return ct__error(
            error, CT_ECONFIG,
            "%s: its glibc is %d.%d, and the program needs %d.%d; build it on the oldest host of the fleet",
            deploy->host_name, probe->glibc_major, probe->glibc_minor, elf->glibc_major, elf->glibc_minor);
    return CT_OK;
}

static void write_have(FILE *to, const struct ct__deploy *deploy, size_t index)
{
    const struct ct__item *item = &deploy->items[index];
    fprintf(to, "have %s ", item->hash);
    ct__quote(to, file_name(item, index, deploy));
    fprintf(to, " %llu", (unsigned long long)item->size);
}

/* The directories of the libraries that are, or will be, in the cache, one word of the shell's. */
static void write_library_path(FILE *to, const struct ct__deploy *deploy)
{
    for (size_t i = deploy->program_count; i < deploy->count; i++) fprintf(to, "\"$cache\"/%s:", deploy->items[i].hash);
    fputs("\"$LD_LIBRARY_PATH\"", to);
}

static void write_trace(FILE *to, const struct ct__deploy *deploy)
{
    if (!deploy->elf.dynamic) return;
    fputs("trace ", to);
    write_place(to, deploy, 0);
    fputc(' ', to);
    write_library_path(to, deploy);
    fputs(" " CT__SERVICE_LIBRARIES "\n", to);
}

/* Sends a script that a stream in memory has gathered; frees it. */
static enum ct_err send_script(struct ct__deploy *deploy, FILE *to, char **text, struct ct_error *error)
{
    bool failed = ferror(to) != 0;
    failed = fclose(to) != 0 || failed;
    enum ct_err err = failed ? ct__nomem(error) : ct__shell_run(deploy->shell, *text, error);
    free(*text);
    *text = NULL;
    return err;
}

enum ct_err ct__deploy_probe(struct ct__deploy *deploy, struct ct_error *error)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) return ct__nomem(error);
    fprintf(to, "mark=%s\n%s%s", deploy->shell->mark, functions, questions);
    for (size_t i = 0; i < deploy->count; i++) {
        write_have(to, deploy, i);
        if (i == 0 && deploy->elf.dynamic) {
            fputs(" && {\n", to);
            write_trace(to, deploy);
            fputc('}', to);
        }
        fputc('\n', to);
    }
    fputs("say done\n", to);
    enum ct_err err = send_script(deploy, to, &text, error);
    if (!err) err = take_answers(deploy, error);
    return err ? err : check_host(deploy, error);
}

enum ct_err ct__deploy_look(struct ct__deploy *deploy, struct ct_error *error)
{
    char *text = NULL;
    size_t size, count = 0;
    struct ct__library *libraries = NULL;
    if (deploy->count == 0 || deploy->items[0].there || !deploy->elf.dynamic) return CT_OK;
    enum ct_err err = ct__items_libraries(deploy->items[0].path, &libraries, &count, error);
    FILE *to = err ? NULL : open_memstream(&text, &size);
    for (size_t i = 0; to && i < count; i++) {
        fputs("look ", to);
        ct__quote(to, libraries[i].name);
        fputc('\n', to);
    }
    free(libraries);
    if (err || !to) return err ? err : ct__nomem(error);
    fputs("say done\n", to);
    err = send_script(deploy, to, &text, error);
    return err ? err : take_answers(deploy, error);
}

enum ct_err ct__deploy_ping(struct ct__deploy *deploy, double *round_trip_ms, struct ct_error *error)
{
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    enum ct_err err = ct__shell_run(deploy->shell, "say done\n", error);
    if (!err) err = take_answers(deploy, error);
    clock_gettime(CLOCK_MONOTONIC, &after);
    if (!err)
        *round_trip_ms = (double)(after.tv_sec - before.tv_sec) * 1e3 + (double)(after.tv_nsec - before.tv_nsec) / 1e6;
    return err;
}

/* ---- uploading ---- */

static enum ct_err send_file(struct ct__deploy *deploy, struct ct__item *item, struct ct_error *error)
{
    uint64_t left = item->size;
    enum ct_err err = CT_OK;
    char *block = malloc(BLOCK);
    int fd = block ? open(item->path, O_RDONLY | O_CLOEXEC) : -1;
    if (!block) return ct__nomem(error);
    if (fd < 0) err = ct__error(error, CT_EIO, "%s: cannot be read: %s", item->path, strerror(errno));
    while (!err && left > 0) {
        ssize_t got = read(fd, block, left < BLOCK ? (size_t)left : BLOCK);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || ((uint64_t)got == left && !ct__item_is_same(item, fd))) {
            err = ct__error(error, CT_EIO, "%s: it changed while it was sent to %s", item->path, deploy->host_name);
            break;
        }
        err = ct__shell_write(deploy->shell, block, (size_t)got, error);
        left -= (uint64_t)got;
        deploy->sent += (uint64_t)got;
    }
    if (fd >= 0) close(fd);
    free(block);
    return err;
}

/* A script puts the file that comes behind it into the cache; the answers are read later. */
static enum ct_err put_item(struct ct__deploy *deploy, size_t index, struct ct_error *error)
{
    char *text = NULL;
    size_t size;
    struct ct__item *item = &deploy->items[index];
    FILE *to = open_memstream(&text, &size);
    if (!to) return ct__nomem(error);
    fprintf(to, "put %s ", item->hash);
    ct__quote(to, file_name(item, index, deploy));
    fprintf(to, " %llu %s\n", (unsigned long long)item->size, access(item->path, X_OK) == 0 ? "500" : "400");
    enum ct_err err = send_script(deploy, to, &text, error);
    return err ? err : send_file(deploy, item, error);
}

static bool same_content(const struct ct__deploy *deploy, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(deploy->items[i].hash, deploy->items[index].hash) == 0 &&
            strcmp(file_name(&deploy->items[i], i, deploy), file_name(&deploy->items[index], index, deploy)) == 0)
            return true;
    }
    return false;
}

/* Those from first on that are not there; if there are any, asks again which libraries are missing. */
static enum ct_err put_items(struct ct__deploy *deploy, size_t first, struct ct_error *error)
{
    char *text = NULL;
    size_t size, count = 0;
    enum ct_err err = CT_OK;
    for (size_t i = first; !err && i < deploy->count; i++) {
        if (deploy->items[i].there || same_content(deploy, i)) continue;
        err = put_item(deploy, i, error);
        count++;
    }
    if (err || count == 0) return err;
    FILE *to = open_memstream(&text, &size);
    if (!to) return ct__nomem(error);
    write_trace(to, deploy);
    fprintf(to, "clean %lld\nsay done\n", (long long)deploy->cache_days * 86400);
    err = send_script(deploy, to, &text, error);
    return err ? err : take_answers(deploy, error);
}

static bool is_of_glibc(const char *name)
{
    static const char *const names[] = { "libc.so",  "libm.so",      "libpthread.so", "libdl.so",
                                         "librt.so", "libresolv.so", "ld-linux" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strncmp(name, names[i], strlen(names[i])) == 0) return true;
    }
    return false;
}

static bool is_item(const struct ct__deploy *deploy, const char *library)
{
    for (size_t i = deploy->program_count; i < deploy->count; i++)
        if (strcmp(deploy->items[i].target, library) == 0) return true;
    return false;
}

/* Items for the libraries that the host said it lacks. */
static enum ct_err add_libraries(struct ct__deploy *deploy, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    char *rest = NULL;
    if (deploy->missing_more)
        return ct__error(error, CT_ECONFIG, "%s: it lacks too many libraries; install them there", deploy->host_name);
    for (char *name = strtok_r(deploy->missing, "\n", &rest); !err && name; name = strtok_r(NULL, "\n", &rest)) {
        struct ct__elf elf;
        if (is_item(deploy, name)) continue; /* asked before it was there */
        if (is_of_glibc(name))
            return ct__error(error, CT_ECONFIG, "%s: its %s is older than what the program needs", deploy->host_name,
                             name);
        err = ct__items_add_library(deploy, name, error);
        if (!err) err = ct__elf_read(deploy->items[deploy->count - 1].path, &elf, error);
        if (!err && elf.glibc_major == deploy->elf.glibc_major && elf.glibc_minor > deploy->elf.glibc_minor)
            deploy->elf.glibc_minor = elf.glibc_minor;
    }
    deploy->missing[0] = '\0';
    return err ? err : check_host(deploy, error);
}

/* Which of the libraries from first on are in the cache, and which are missing even with them. */
static enum ct_err probe_libraries(struct ct__deploy *deploy, size_t first, struct ct_error *error)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) return ct__nomem(error);
    for (size_t i = first; i < deploy->count; i++) {
        write_have(to, deploy, i);
        fputc('\n', to);
    }
    write_trace(to, deploy);
    fputs("say done\n", to);
    enum ct_err err = send_script(deploy, to, &text, error);
    return err ? err : take_answers(deploy, error);
}

enum ct_err ct__deploy_upload(struct ct__deploy *deploy, struct ct_error *error)
{
    enum ct_err err = put_items(deploy, 0, error);
    /* What a library needs itself is known when it is there. */
    for (size_t first; !err && deploy->missing[0] != '\0';) {
        first = deploy->count;
        err = add_libraries(deploy, error);
        if (!err && deploy->count == first) break;
        if (!err) err = probe_libraries(deploy, first, error);
        if (!err) err = put_items(deploy, first, error);
    }
    return err;
}

/* ---- starting ---- */

/* The work directory: the user's, or one for this start alone, which goes with it. */
static void write_work_dir(FILE *to, const struct ct_host *host)
{
    if (!host->work_dir) {
        fputs("work=$(mktemp -d) && cd \"$work\" || die \"cannot make a work directory\"\n", to);
        return;
    }
    fputs("dir=", to);
    if (strncmp(host->work_dir, "~/", 2) == 0) fputs("$HOME/", to);
    ct__quote(to, host->work_dir + (strncmp(host->work_dir, "~/", 2) == 0 ? 2 : 0));
    fputs("\nmkdir -p \"$dir\" && cd \"$dir\" || die \"cannot make the work directory $dir\"\n", to);
}

static void write_use(FILE *to, const struct ct__deploy *deploy)
{
    fputs("use", to);
    for (size_t i = 0; i < deploy->count; i++) fprintf(to, " %s", deploy->items[i].hash);
    fputc('\n', to);
}

static void write_files(FILE *to, const struct ct__deploy *deploy)
{
    for (size_t i = 1; i < deploy->program_count; i++) {
        char *target = deploy->items[i].target, *slash = strrchr(target, '/');
        if (slash) {
            fputs("mkdir -p ./", to);
            *slash = '\0';
            ct__quote(to, target);
            *slash = '/';
            fputs(" && ", to);
        }
        fputs("ln -sf ", to);
        write_place(to, deploy, i);
        fputs(" ./", to);
        ct__quote(to, target);
        fputs(" || die \"cannot write into the work directory\"\n", to);
    }
}

static void write_environment(FILE *to, const char *const *environment)
{
    for (; *environment; environment++) {
        size_t size = strcspn(*environment, "=");
        fprintf(to, "export %.*s=", (int)size, *environment);
        ct__quote(to, *environment + size + 1);
        fputc('\n', to);
    }
}

/* Library directories are for the program alone, not for the commands before and after it. */
static void write_program(FILE *to, const struct ct__deploy *deploy, const char *const *arguments)
{
    if (deploy->count > deploy->program_count) {
        fputs("LD_LIBRARY_PATH=", to);
        write_library_path(to, deploy);
        fputc(' ', to);
    }
    write_place(to, deploy, 0);
    for (size_t i = 1; arguments[0] && arguments[i]; i++) {
        fputc(' ', to);
        ct__quote(to, arguments[i]);
    }
    fputs("\ncode=$?\n", to);
}

static void write_prepare(FILE *to, const char *command)
{
    if (!command) return;
    fputs("guard ", to);
    ct__quote(to, command);
    fputs(" || die \"the command prepare ended with $?\"\n", to);
}

/* It may run when the connection has ended, so it has a time of its own. */
static void write_finalize(FILE *to, const char *command, int64_t stop_ms)
{
    if (!command) return;
    fprintf(to, "timeout -s KILL %lld.%03d sh -c ", (long long)(stop_ms / 1000), (int)(stop_ms % 1000));
    ct__quote(to, command);
    fputs(" </dev/null >&2 || printf 'the command finalize ended with %s\\n' \"$?\" >&2\n", to);
}

char *ct__deploy_script(const struct ct__deploy *deploy, const char *const *arguments, const char *const *environment,
                        int64_t stop_ms)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) return NULL;
    write_use(to, deploy);
    write_work_dir(to, deploy->host);
    write_files(to, deploy);
    write_environment(to, deploy->host->environment);
    write_environment(to, environment);
    write_prepare(to, deploy->host->prepare);
    fputs("say start\n", to);
    write_program(to, deploy, arguments);
    write_finalize(to, deploy->host->finalize, stop_ms);
    fputs("[ -z \"$work\" ] || { cd / && rm -rf \"$work\"; }\nexit \"$code\"\n", to);
    bool failed = ferror(to) != 0;
    if (fclose(to) == 0 && !failed) return text;
    free(text);
    return NULL;
}

enum ct_err ct__deploy_start(struct ct__deploy *deploy, struct ct__shell *shell, const struct ct_host *host,
                             const char *program, int cache_days, struct ct_error *error)
{
    *deploy = (struct ct__deploy){ .shell = shell, .host = host, .host_name = host->name, .cache_days = cache_days };
    enum ct_err err = program ? ct__elf_read(program, &deploy->elf, error) : CT_OK;
    if (!err && program) err = ct__items_add(deploy, program, NULL, error);
    for (const char *const *file = host->files; !err && program && *file; file++)
        err = ct__items_add_file(deploy, *file, error);
    deploy->program_count = deploy->count;
    return err;
}
