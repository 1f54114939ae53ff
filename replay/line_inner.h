/* Inner header of room replay/: looking at one line of a trace. */
#ifndef COMBTEST_REPLAY_LINE_INNER_H
#define COMBTEST_REPLAY_LINE_INNER_H
#include <replay/trace_inner.h>

enum ct__wanted { CT__UNWANTED, CT__WANTED, CT__DAMAGED, CT__NO_MEMORY };
/* Fills what line's text says, and tells whether the filter lets it through. Lines as the writer makes them are judged
 * by their first bytes where these suffice. */
enum ct__wanted ct__line_look(struct ct__line *line, const struct ct__filter *filter);

const char *ct__reader_path(const struct ct__reader *reader);
#endif
