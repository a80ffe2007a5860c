/* Threads beside the program's own, and what they share. */
#include "base/thread.h"

#include "greedy.h"

#include <sched.h>
#include <signal.h>

struct seen {
    sigset_t blocked;
    pthread_mutex_t lock;
    pthread_cond_t changed[2];
    int turn;
};

static void *look(void *context)
{
    struct seen *s = context;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &s->blocked);
    return NULL;
}

/* Signals to the process are for threads that expect them; what an access causes comes to who accesses. */
static void test_signals(void **state)
{
    struct seen s;
    pthread_t thread;
    sigset_t before, after;
    (void)state;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_true(wt_thread_start(&thread, look, &s));
    (void)pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(pthread_join(thread, NULL), 0);
    static const int others[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM, SIGCHLD, SIGUSR1, SIGWINCH};
    static const int own[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(sigismember(&s.blocked, others[i]), 1);
        assert_int_equal(sigismember(&after, others[i]), sigismember(&before, others[i]));
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_int_equal(sigismember(&s.blocked, own[i]), 0);
}

/* Where the system gives none, as for one that asks for more memory than there is, that is said. */
static void test_none(void **state)
{
    struct seen s;
    pthread_t thread;
    pthread_attr_t usual;
    (void)state;
    be_greedy(&usual);
    assert_false(wt_thread_start(&thread, look, &s));
    be_modest(&usual);
}

static void *answer(void *context)
{
    struct seen *s = context;
    (void)pthread_mutex_lock(&s->lock);
    for (int turn = 0; turn < 20; turn += 2) {
        while (s->turn != turn + 1)
            (void)pthread_cond_wait(&s->changed[0], &s->lock);
        s->turn++;
        (void)pthread_cond_signal(&s->changed[1]);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void test_lock(void **state)
{
    struct seen s = {.turn = 0};
    pthread_t thread;
    (void)state;
    assert_true(wt_thread_lock_new(&s.lock, s.changed, 2));
    assert_true(wt_thread_start(&thread, answer, &s));
    (void)pthread_mutex_lock(&s.lock);
    for (int turn = 0; turn < 20; turn += 2) {
        s.turn++;
        (void)pthread_cond_signal(&s.changed[0]);
        while (s.turn != turn + 2)
            (void)pthread_cond_wait(&s.changed[1], &s.lock);
    }
    (void)pthread_mutex_unlock(&s.lock);
    assert_int_equal(pthread_join(thread, NULL), 0);
    wt_thread_lock_free(&s.lock, s.changed, 2);
}

/* As taskset and containers do it: of all processors one is left. */
static void test_one_processor(void **state)
{
    cpu_set_t before, one;
    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    const bool several = CPU_COUNT(&before) > 1;
    assert_int_equal(wt_thread_is_worth_it(), several);
    int first = 0;
    while (!CPU_ISSET(first, &before))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_false(wt_thread_is_worth_it());
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
    assert_int_equal(wt_thread_is_worth_it(), several);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_signals), cmocka_unit_test(test_none),
                                       cmocka_unit_test(test_lock), cmocka_unit_test(test_one_processor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
