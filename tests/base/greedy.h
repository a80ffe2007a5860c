/* A system that gives no threads: each asks for a stack larger than there is room for. */
#ifndef WT_TESTS_BASE_GREEDY_H
#define WT_TESTS_BASE_GREEDY_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* From now on; `usual` is what was asked for before. */
static inline void be_greedy(pthread_attr_t *usual)
{
    pthread_attr_t greedy;
    assert_int_equal(pthread_getattr_default_np(usual), 0);
    assert_int_equal(pthread_attr_init(&greedy), 0);
    /* where pointers have 32 bits, a quarter of what they reach is to be had */
    assert_int_equal(pthread_attr_setstacksize(&greedy, SIZE_MAX / 8 * 7), 0);
    assert_int_equal(pthread_setattr_default_np(&greedy), 0);
    (void)pthread_attr_destroy(&greedy);
}

static inline void be_modest(pthread_attr_t *usual)
{
    assert_int_equal(pthread_setattr_default_np(usual), 0);
    (void)pthread_attr_destroy(usual);
}

#endif
