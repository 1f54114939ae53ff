/* Targets in the form of libFuzzer: build fuzz_X.c with -fsanitize=fuzzer where there is a clang for it. Elsewhere
 * fuzz_main.c takes libFuzzer's place: it gives the target its own seeds, and then mutations of them, the same ones
 * each time. A target that finds something wrong aborts. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Writes the target's seed of that number, at most room bytes, and returns its size; 0: there is no such seed. */
size_t fuzz_seed(size_t number, uint8_t *data, size_t room);
#endif
