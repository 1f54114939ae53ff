/* Models of files. */
#ifndef COMBTEST_TESTS_PICT_FILE_H
#define COMBTEST_TESTS_PICT_FILE_H
#include <generator/generator.h>

/* The model of generate/models/NAME.pict, or of NAME where that is a whole path. The test fails where it is none. */
struct ct__pict *pict_file_read(const char *name);
#endif
