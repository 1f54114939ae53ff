#include <combtest/core.h>
#include <combtest/library.h>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>

/* Guards the functions of libraries that are not loaded yet. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Looks at the program, which comes first, and at nothing else. */
static int has_loader(struct dl_phdr_info *object, size_t size, void *found)
{
    (void)size;
    for (size_t i = 0; i < object->dlpi_phnum; i++)
        if (object->dlpi_phdr[i].p_type == PT_INTERP) *(bool *)found = true;
    return 1;
}

/* The lock is held. */
static enum ct_err load(struct ct__library *library, void *functions, struct ct_error *error)
{
    bool dynamic = false;
    dl_iterate_phdr(has_loader, &dynamic);
    if (!dynamic) /* glibc lets it try, and crashes in what was loaded */
        return ct__error(error, CT_ESYSTEM,
                         "%s cannot be loaded by a program that is linked with -static; combtest itself may be linked "
                         "statically, libc may not",
                         library->soname);
    void *handle = dlopen(library->soname, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return ct__error(error, CT_ESYSTEM, "%s (Debian: %s)", dlerror(), library->package);
    for (size_t i = 0; i < library->count; i++) {
        void *found = dlsym(handle, library->names[i]);
        if (!found)
            return ct__error(error, CT_ESYSTEM, "%s has no function %s: another version of Debian's %s is needed",
                             library->soname, library->names[i], library->package);
        memcpy((char *)functions + i * sizeof found, &found, sizeof found);
    }
    atomic_store_explicit(&library->loaded, true, memory_order_release);
    return CT_OK;
}

enum ct_err ct__library_load(struct ct__library *library, void *functions, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    if (atomic_load_explicit(&library->loaded, memory_order_acquire)) return CT_OK;
    pthread_mutex_lock(&lock);
    if (!atomic_load_explicit(&library->loaded, memory_order_relaxed)) err = load(library, functions, error);
    pthread_mutex_unlock(&lock);
    return err;
}

void ct__libraries_before_fork(void)
{
    struct stat tasks; /* it has two links, and one for each thread */
    if (stat("/proc/self/task", &tasks) != 0 || tasks.st_nlink > 3) ct__libraries_load();
}
