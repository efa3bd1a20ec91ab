/*
 * The smallest test harness that prints what test/run.sh counts. A test is a function; LW_CHECK ends it at the first
 * expectation that does not hold.
 */
#ifndef LW_TEST_H
#define LW_TEST_H

#include <stdio.h>

static int lw_test_failures;
static const char *lw_test_reason;

#define LW_TEST_STRING_(x) #x
#define LW_TEST_STRING(x) LW_TEST_STRING_(x)

/* Ends the test function as failed when `condition` does not hold. */
#define LW_CHECK(condition)                                                                                              \
    do {                                                                                                                 \
        if (!(condition)) {                                                                                              \
            lw_test_reason = __FILE__ ":" LW_TEST_STRING(__LINE__) ": " #condition;                                      \
            return;                                                                                                      \
        }                                                                                                                \
    } while (0)

static inline void lw_test_run(const char *name, void (*test)(void))
{
    lw_test_reason = NULL;
    test();
    if (lw_test_reason) {
        lw_test_failures++;
        printf("not ok %s: %s\n", name, lw_test_reason);
    } else {
        printf("ok %s\n", name);
    }
    fflush(stdout);
}

/* Runs one test function under its own name. */
#define LW_RUN(test) lw_test_run(#test, test)

/* The exit status of a test program. */
static inline int lw_test_status(void)
{
    return lw_test_failures ? 1 : 0;
}

#endif
