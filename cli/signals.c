/* While a run lasts, a first SIGINT, SIGTERM or SIGHUP ends it with its results, a second one at once, and a
 * third one does not wait for that. SIGTSTP suspends it. */
#include <cli/inner.h>
#include <errno.h>
#include <service/service.h>
#include <signal.h>
#include <unistd.h>

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP };
static struct sigaction before[CT_COUNT(signals)];
static volatile sig_atomic_t received, received_count; /* the first one, and how many */
static pid_t owner;

static void end_run(int number)
{
    if (received_count >= 2) _exit(128 + number);
    if (received_count == 1) ct__stop_now();
    if (received_count == 0) ct_stop();
    if (received_count == 0) received = number;
    received_count++;
}

static void handle(int number)
{
    if (getpid() != owner) { /* a fork that has not set its handlers back: what it would be without us */
        signal(number, SIG_DFL);
        raise(number);
        return;
    }
    int error_before = errno;
    if (number == SIGTSTP)
        ct__suspend();
    else
        end_run(number);
    errno = error_before;
}

void ct__signals_install(void)
{
    struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CT_COUNT(signals); i++) sigaddset(&action.sa_mask, signals[i]);
    received = 0;
    received_count = 0;
    owner = getpid();
    for (size_t i = 0; i < CT_COUNT(signals); i++) {
        sigaction(signals[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN) sigaction(signals[i], &action, NULL); /* nohup stays in force */
    }
}

void ct__signals_restore(void)
{
    for (size_t i = 0; i < CT_COUNT(signals); i++) sigaction(signals[i], &before[i], NULL);
}

int ct__signals_exit_code(void)
{
    return received != 0 ? 128 + received : 0;
}
