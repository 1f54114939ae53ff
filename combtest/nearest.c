#include <combtest/core.h>
#include <ctype.h>
#include <string.h>

#define NAME_MAX_SIZE 40
#define BEGINNING_MIN 3 /* letters */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b) || (a == '-' && b == '_') || (a == '_' && b == '-');
}

/* The optimal string alignment distance (Damerau's, each substring edited once), case and - or _ aside. Both names are
 * shorter than NAME_MAX_SIZE. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][NAME_MAX_SIZE + 1];
    for (size_t j = 0; j <= b_size; j++) rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *above_that = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t swap = above[j - 1] + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1);
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), swap);
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]))
                row[j] = least(row[j], above_that[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

/* Whether given is how candidate begins, and long enough to be meant so. */
static bool is_beginning(const char *given, const char *candidate)
{
    const char *letters = given + strspn(given, "-");
    size_t size = strlen(given);
    if (strlen(letters) < BEGINNING_MIN || size >= strlen(candidate)) return false;
    for (size_t i = 0; i < size; i++)
        if (!same_letter(given[i], candidate[i])) return false;
    return true;
}

bool ct__is_nearer(const char *given, const char *candidate, size_t *best)
{
    size_t given_size = strlen(given), candidate_size = strlen(candidate);
    if (given_size >= NAME_MAX_SIZE || candidate_size >= NAME_MAX_SIZE) return false;
    bool begins = is_beginning(given, candidate);
    size_t edits = begins ? 0 : distance(given, given_size, candidate, candidate_size);
    if (edits > 3 || edits * 2 >= candidate_size || edits >= *best) return false;
    *best = edits;
    return true;
}
