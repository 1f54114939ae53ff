/* combtest: generates test cases as combinations of options and runs them in parallel.
 * This one header brings all that the author of a suite needs; each part also compiles alone, as C11 and as C++17. */
#ifndef COMBTEST_COMBTEST_H
#define COMBTEST_COMBTEST_H
#include <combtest/config.h>
#include <combtest/error.h>
#include <combtest/launcher.h>
#include <combtest/main.h>
#include <combtest/option.h>
#include <combtest/plan.h>
#include <combtest/replay.h>
#include <combtest/run.h>
#include <combtest/suite.h>
#include <combtest/walk.h>
#endif
