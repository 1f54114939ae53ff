/* A launcher of one's own: how combtest gets onto hosts that neither ssh nor a scheduler reaches. Here a host is a
 * directory below HOSTS (default: hosts), whose program runs in it; `ip netns exec`, `docker exec -i` or `kubectl exec
 * -i` would stand where the chdir is. ./launcher a,b*2 runs the suite on two of them. */
#define _GNU_SOURCE 1
#include <combtest/combtest.h>
#include <combtest/launcher.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Becomes the program, in the host's directory, with the wire as its standard input and output. */
static void become(const struct ct_launch *launch)
{
    const char *hosts = getenv("HOSTS");
    if (chdir(hosts ? hosts : "hosts") == 0 && chdir(launch->host->address) == 0) {
        dup2(launch->wire, STDIN_FILENO);
        dup2(launch->wire, STDOUT_FILENO);
        for (size_t i = 0; launch->environment[i]; i++) putenv((char *)launch->environment[i]);
        execv(launch->program, (char *const *)launch->arguments);
    }
    perror(launch->host->address);
    _exit(127);
}

static enum ct_err start(const struct ct_launch *launch, struct ct_error *error)
{
    int status = 0;
    pid_t program = fork();
    if (program == 0) become(launch);
    while (program > 0 && waitpid(program, &status, 0) < 0 && errno == EINTR) continue;
    if (program > 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 127)) return CT_OK;
    error->code = CT_ESYSTEM;
    snprintf(error->text, sizeof error->text, "cannot start %s for host %s", launch->program, launch->host->name);
    return error->code;
}

static const struct ct_launcher launcher = { .name = "directories", .launch = start };

static const struct ct_option sizes[] = { CT_INT(1), CT_INT(100), CT_INT(10000) };
static const struct ct_option letters[] = { CT_STRING("a"), CT_STRING("z") };

static enum ct_status choose_size(struct ct_walk *walk, const struct ct_option *size)
{
    json_object_set_new(ct_walk_state(walk), "size", json_integer(ct_option_int(size)));
    return CT_PASS;
}

static enum ct_status fill(struct ct_walk *walk, const struct ct_option *letter)
{
    size_t size = (size_t)json_integer_value(json_object_get(ct_walk_state(walk), "size"));
    char *text = calloc(size + 1, 1);
    CT_REQUIRE(walk, text != NULL);
    memset(text, *ct_option_string(letter), size);
    CT_CHECK_INT_EQ(walk, (int64_t)strlen(text), (int64_t)size);
    free(text);
    return CT_PASS;
}

static const struct ct_action actions[] = { CT_ACTION("size", choose_size, sizes), CT_ACTION("letter", fill, letters) };
static const struct ct_suite suite = { .name = "launcher", .actions = actions, .action_count = CT_COUNT(actions) };

int main(int argc, char **argv)
{
    struct ct_run_options options = { .hosts = argc > 1 ? argv[1] : NULL, .launcher = &launcher };
    struct ct_results *results;
    struct ct_error error;
    if (run_tests(&suite, &options, &results, &error) != CT_OK) return fprintf(stderr, "%s\n", error.text) > 0 ? 2 : 3;
    printf("%llu of %llu walks passed%s%s\n", (unsigned long long)results->counts[CT_PASS],
           (unsigned long long)results->walk_count, results->note ? "; " : "", results->note ? results->note : "");
    int code = results->exit_code;
    ct_results_free(results);
    return code;
}
