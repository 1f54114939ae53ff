/* Models as text, for tests of PICT's language. Include after cmocka.h. */
#ifndef TESTS_GENERATE_PICT_TEXT_H
#define TESTS_GENERATE_PICT_TEXT_H
#include <generator/generator.h>

/* The model of a text, which must be right. */
struct ct__pict *pict_model(const char *text);
struct ct__pict *pict_model_with(const char *text, const struct ct__pict_options *options);
/* Checks that the text, as "m", is refused with this code and message. */
void pict_refused(const char *text, enum ct_err code, const char *message);
/* The values of a row by their first names, separated by commas: "1,a,x"; which must be in the model. */
void pict_row(struct ct__pict *model, const char *names, uint16_t *row);
/* Whether the row keeps all constraints. */
bool pict_keeps(struct ct__pict *model, const char *names);
#endif
