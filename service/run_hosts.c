/* From run options and settings to the hosts of a run. */
#include "bootstrap/bootstrap.h"
#include "service/run_inner.h"
#include <stdlib.h>
#include <string.h>

#define MACHINES_MAX 10000u
#define START_MS     30000
#define STOP_MS      10000

/* Those of the list but "local", which stands for this host. */
static enum ct_err take_hosts(struct run *run, struct ct_error *error)
{
    struct ct__setup *setup = &run->setup;
    size_t count = ct__hosts_count(run->hosts);
    if (count > MACHINES_MAX)
        return ct__error(error, CT_ETOOBIG, "hosts: %zu of them are more than %u", count, MACHINES_MAX);
    run->local_too = count == 0;
    run->machines = calloc(count + 1, sizeof *run->machines);
    if (!run->machines) return ct__nomem(error);
    for (size_t i = 0; i < count; i++) {
        const struct ct_host *host = ct__hosts_at(run->hosts, i);
        if (strcmp(host->name, "local") != 0) {
            run->machines[setup->machine_count++] = *host;
            continue;
        }
        run->local_too = true;
        uint32_t processes = setup->isolation == CT_ISOLATION_PROCESS ? setup->asked_threads : 1;
        if (host->services > 0) setup->services = (uint32_t)host->services * processes;
    }
    setup->machines = run->machines;
    return CT_OK;
}

/* Its own deadlines for a connection and for a start end first, and say which of them it was. */
static void set_ssh(struct run *run, const struct ct_config *config)
{
    struct ct__setup *setup = &run->setup;
    run->ssh = ct_launcher_ssh;
    run->ssh.user = run->hosts;
    setup->launcher = &run->ssh;
    if (setup->start_ms == 0)
        setup->start_ms = ct__config_number(config, "SSH.connect_timeout") +
                          ct__config_number(config, "SSH.start_timeout");
    if (setup->stop_ms == 0) setup->stop_ms = ct__config_number(config, "SSH.stop_timeout");
}

enum ct_err ct__run_hosts(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    const struct ct_run_options *options = run->options;
    struct ct__setup *setup = &run->setup;
    setup->start_ms = options->start_timeout_ms;
    setup->stop_ms = options->stop_timeout_ms;
    setup->require_all = options->require_all || ct__config_number(config, "RUN.require_all") != 0;
    setup->launcher = options->launcher;
    enum ct_err code = ct__hosts_new(config, options->hosts, &run->hosts, error);
    if (code == CT_OK) code = take_hosts(run, error);
    if (code == CT_OK && (!options->launcher || options->launcher == &ct_launcher_ssh)) set_ssh(run, config);
    if (setup->start_ms <= 0) setup->start_ms = START_MS;
    if (setup->stop_ms <= 0) setup->stop_ms = STOP_MS;
    return code;
}
