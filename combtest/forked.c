/* Telling a process from the copies of it that user code forks. */
#include <combtest/core.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile pid_t *mark; /* who made it; on a page that is wiped in a child */
static pid_t marked;         /* with ct__fork_mark_at: who called it, and who else is no copy */
static const _Atomic int32_t *other;

bool ct__fork_mark(void)
{
    if (mark == NULL) {
        void *page = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                          0);
        if (page == MAP_FAILED) return false;
        if (madvise(page, (size_t)sysconf(_SC_PAGESIZE), MADV_WIPEONFORK) != 0) return false;
        mark = page;
    }
    *mark = getpid();
    return true;
}

void ct__fork_mark_at(const _Atomic int32_t *place)
{
    marked = getpid();
    other = place;
}

CT__HOT static bool is_marked(pid_t pid)
{
    return other != NULL ? pid == marked || pid == atomic_load(other) : mark != NULL && *mark == pid;
}

CT__HOT bool ct__fork_is_copy(void)
{
    if (other != NULL) return !is_marked(getpid());
    return mark != NULL && *mark == 0;
}

bool ct__fork_is_marked(void)
{
    return is_marked(getpid());
}
