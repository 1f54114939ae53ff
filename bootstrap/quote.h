/* Text for a POSIX shell. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_QUOTE_H
#define COMBTEST_BOOTSTRAP_QUOTE_H
#include <stdio.h>

/* Writes text as one word that the shell takes literally. */
static inline void ct__quote(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", to);
        else
            fputc(*text, to);
    }
    fputc('\'', to);
}
#endif
