#define _GNU_SOURCE 1
#include "failing.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
char *__real_getcwd(char *path, size_t size);
FILE *__real_open_memstream(char **text, size_t *size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
char *__wrap_getcwd(char *path, size_t size);
int __wrap_asprintf(char **text, const char *format, ...);
FILE *__wrap_open_memstream(char **text, size_t *size);
void __wrap_free(void *block);

enum { ALLOCATIONS_MAX = 10000 };
static bool counting;    /* whether allocations are counted and made to fail */
static long until_fails; /* the one that fails, counted from 1 */
static long live_blocks;

static bool fails(void)
{
    return counting && --until_fails == 0;
}

static void *counted(void *block)
{
    if (counting && block != NULL) live_blocks++;
    return block;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : counted(__real_aligned_alloc(alignment, size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *old, size_t size)
{
    if (fails()) return NULL;
    void *block = __real_realloc(old, size);
    return old != NULL ? block : counted(block);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
    if (fails()) return NULL;
    void *block = __real_reallocarray(old, count, size);
    return old != NULL ? block : counted(block);
}

char *__wrap_strdup(const char *text)
{
    return fails() ? NULL : counted(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t size)
{
    return fails() ? NULL : counted(__real_strndup(text, size));
}

char *__wrap_getcwd(char *path, size_t size)
{
    if (path != NULL) return __real_getcwd(path, size);
    return fails() ? NULL : counted(__real_getcwd(NULL, size));
}

int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list arguments;
    if (fails()) return -1;
    va_start(arguments, format);
    int size = vasprintf(text, format, arguments);
    va_end(arguments);
    if (size >= 0) (void)counted(*text);
    return size;
}

/* Its buffer is the caller's. */
FILE *__wrap_open_memstream(char **text, size_t *size)
{
    return fails() ? NULL : counted(__real_open_memstream(text, size));
}

void __wrap_free(void *block)
{
    if (counting && block != NULL) live_blocks--;
    __real_free(block);
}

void failing_include_jansson(void)
{
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
}

static void *spared_malloc(size_t size)
{
    return counted(__real_malloc(size));
}

void failing_spare_jansson(bool spared)
{
    json_set_alloc_funcs(spared ? spared_malloc : __wrap_malloc, __wrap_free);
}

void failing_begin(long nth)
{
    until_fails = nth;
    live_blocks = 0;
    counting = true;
}

bool failing_end(void)
{
    counting = false;
    return until_fails <= 0;
}

static void fail_each(bool (*operation)(void), bool forgiven)
{
    for (long nth = 1;; nth++) {
        failing_begin(nth);
        bool worked = operation(), failed = failing_end();
        if (live_blocks != 0) fail_msg("%ld blocks are left when allocation %ld fails", live_blocks, nth);
        if (worked == failed && !(worked && forgiven))
            fail_msg("it %s where allocation %ld %s", worked ? "worked" : "did not work", nth,
                     failed ? "failed" : "did not fail");
        if (!failed) {
            assert_true(nth > 1);
            return;
        }
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

void failing_each(bool (*operation)(void))
{
    fail_each(operation, false);
}

void failing_each_forgiven(bool (*operation)(void))
{
    fail_each(operation, true);
}
