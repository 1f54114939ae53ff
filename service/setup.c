#include "service/setup.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ct__setup_runs_walks(const struct ct__setup *setup)
{
    return setup->remote || setup->services > 0;
}

static bool has_host_part(const struct ct_suite *suite)
{
    bool found = suite->host_start || suite->host_stop;
    for (size_t i = 0; i < suite->action_count; i++) found = found || suite->actions[i].scope == CT_SCOPE_HOST;
    return found;
}

bool ct__setup_needs_serial(const struct ct__setup *setup)
{
    if (ct__setup_runs_walks(setup) && has_host_part(setup->suite)) return true;
    if (setup->remote) return false;
    return setup->suite->run_start || setup->suite->run_stop || ct__plan_stage_count(setup->plan) > 1;
}

CT__HOT size_t ct__setup_first_stage(const struct ct__setup *setup)
{
    return setup->suite->actions[0].serial ? 1 : 0;
}

CT__HOT size_t ct__setup_last_stage(const struct ct__setup *setup)
{
    return ct__plan_stage_count(setup->plan) - 1;
}

enum ct_err ct__make_run_dir(struct ct__setup *setup, struct ct_error *error)
{
    const char *base = getenv("TMPDIR");
    /* a socket's path has room for about a hundred characters */
    if (!base || *base != '/' || strlen(base) + sizeof "/combtest-XXXXXX" > sizeof setup->run_dir) base = "/tmp";
    snprintf(setup->run_dir, sizeof setup->run_dir, "%s/combtest-XXXXXX", base);
    if (!mkdtemp(setup->run_dir)) {
        setup->run_dir[0] = '\0';
        return ct__error(error, CT_ESYSTEM, "cannot make a directory in %s: %s", base, strerror(errno));
    }
    snprintf(setup->url, sizeof setup->url, "ipc://%s/socket", setup->run_dir);
    return CT_OK;
}
