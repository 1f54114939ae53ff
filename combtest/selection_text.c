#include <combtest/selection_inner.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const char *text, *at;
    uint64_t walk_count;
    struct ct_error *error;
};

static void skip_blanks(struct reader *reader)
{
    while (*reader->at == ' ' || *reader->at == '\t') reader->at++;
}

static enum ct_err read_id(struct reader *reader, uint64_t *id)
{
    uint64_t value = 0;
    const char *start;
    skip_blanks(reader);
    start = reader->at;
    for (; *reader->at >= '0' && *reader->at <= '9'; reader->at++)
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*reader->at - '0'), &value))
            value = UINT64_MAX; /* is no id, and stays as it is: the next digit overflows again */
    if (reader->at == start)
        return ct__error(reader->error, CT_EINVAL, "'%.60s': not a list of walk ids, such as 3,7-9 (at character %td)",
                         reader->text, reader->at - reader->text + 1);
    if (value >= reader->walk_count)
        return ct__error(reader->error, CT_EINVAL, "there is no walk %.*s; the largest id is %llu",
                         (int)(reader->at - start > 40 ? 40 : reader->at - start), start,
                         (unsigned long long)(reader->walk_count - 1));
    skip_blanks(reader);
    *id = value;
    return CT_OK;
}

static enum ct_err read_run(struct reader *reader, struct ct__run *run)
{
    uint64_t first = 0, last;
    enum ct_err err = read_id(reader, &first);
    if (err != CT_OK) return err;
    last = first;
    if (*reader->at == '-') {
        reader->at++;
        err = read_id(reader, &last);
        if (err != CT_OK) return err;
    }
    if (last < first)
        return ct__error(reader->error, CT_EINVAL, "%llu-%llu: the smaller id goes first", (unsigned long long)first,
                         (unsigned long long)last);
    *run = (struct ct__run){ .first = first, .end = last + 1 };
    return CT_OK;
}

static size_t count_items(const char *text)
{
    size_t count = 1;
    for (; *text != '\0'; text++) count += *text == ',';
    return count;
}

enum ct_err ct__select_text(const char *text, uint64_t walk_count, struct ct__selection **selection,
                            struct ct_error *error)
{
    struct reader reader = { .text = text, .at = text, .walk_count = walk_count, .error = error };
    size_t room = count_items(text), count = 0;
    struct ct__run *runs = calloc(room, sizeof *runs);
    enum ct_err err = CT_OK;
    if (runs == NULL) return ct__nomem(error);
    while (err == CT_OK) {
        err = read_run(&reader, &runs[count++]);
        if (err != CT_OK || *reader.at == '\0') break;
        if (*reader.at != ',')
            err = ct__error(error, CT_EINVAL, "'%.60s': not a list of walk ids, such as 3,7-9 (at character %td)", text,
                            reader.at - text + 1);
        else
            reader.at++;
    }
    if (err == CT_OK) return ct__selection_from_runs(runs, count, selection, error);
    free(runs);
    return err;
}
