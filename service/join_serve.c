#include "combtest/core.h"
#include "service/join.h"
#include "service/keeper.h"
#include "service/process.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct stay {
    struct ct__setup *setup;
    int lifeline, signals;
    pid_t keeper;
    bool leaving;
};

static void say(const struct stay *stay, const char *text)
{
    if (stay->setup->join->say) stay->setup->join->say(text);
}

static bool start_keeper(struct stay *stay)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
    stay->keeper = ct__fork_child();
    if (stay->keeper == 0) {
        close(pair[0]);
        close(stay->signals);
        stay->setup->keeper_lifeline = pair[1];
        ct__keeper_main(stay->setup);
    }
    close(pair[1]);
    stay->lifeline = pair[0];
    return stay->keeper > 0 && ct__write_all(stay->lifeline, "g", 1);
}

/* Of SIGTERM, SIGINT and SIGHUP the first is to leave, the second to end. False: end. */
static bool take_signal(struct stay *stay)
{
    struct signalfd_siginfo info;
    if (read(stay->signals, &info, sizeof info) != (ssize_t)sizeof info) return true;
    if (stay->leaving) return false;
    stay->leaving = true;
    say(stay, "leaving the run: walks in flight end here, the others are given back");
    return ct__write_all(stay->lifeline, CT__KEEPER_LEAVE, 1);
}

/* Waits for the keeper; what it exited with, or 1. */
static int stay_until_the_end(struct stay *stay)
{
    struct pollfd fds[] = { { .fd = stay->lifeline, .events = POLLIN }, { .fd = stay->signals, .events = POLLIN } };
    siginfo_t ended = { 0 };
    do {
        poll(fds, 2, -1);
        if (fds[1].revents && !take_signal(stay)) return 1;
    } while (!fds[0].revents);
    bool exited = waitid(P_PID, (id_t)stay->keeper, &ended, WEXITED | WNOWAIT) == 0 && ended.si_code == CLD_EXITED;
    return exited ? ended.si_status : 1;
}

static int open_signals(void)
{
    sigset_t asked;
    sigemptyset(&asked);
    sigaddset(&asked, SIGTERM);
    sigaddset(&asked, SIGINT);
    sigaddset(&asked, SIGHUP);
    return signalfd(-1, &asked, SFD_CLOEXEC | SFD_NONBLOCK);
}

int ct__join_serve(struct ct__setup *setup)
{
    struct stay stay = { .setup = setup, .lifeline = -1 };
    char line[256];
    int code = 1;
    ct__block_signals();
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    setup->control = -1;
    stay.signals = open_signals();
    if (stay.signals < 0 || ct__make_run_dir(setup, NULL) != CT_OK || !start_keeper(&stay)) goto out;
    snprintf(line, sizeof line, "serving suite %.100s as %s", setup->suite->name, setup->host);
    say(&stay, line);
    code = stay_until_the_end(&stay);
    if (code == 0)
        say(&stay, stay.leaving ? "left the run" : "the run is over");
    else
        say(&stay, "the run cannot be reached any more: ended");
out:
    ct__kill_children(NULL, 0);
    if (setup->run_dir[0]) ct__remove_tree(setup->run_dir);
    return code == 0 ? 0 : 3;
}
