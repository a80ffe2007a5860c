#include "base/thread.h"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

bool wt_thread_start(pthread_t *thread, void *(*run)(void *context), void *context)
{
    sigset_t most, before;
    (void)sigfillset(&most);
    (void)sigdelset(&most, SIGBUS);
    (void)sigdelset(&most, SIGSEGV);
    (void)sigdelset(&most, SIGFPE);
    (void)sigdelset(&most, SIGILL);
    (void)pthread_sigmask(SIG_SETMASK, &most, &before);
    const bool started = pthread_create(thread, NULL, run, context) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

bool wt_thread_lock_new(pthread_mutex_t *lock, pthread_cond_t *conditions, unsigned count)
{
    if (pthread_mutex_init(lock, NULL) != 0)
        return false;
    for (unsigned i = 0; i < count; i++)
        if (pthread_cond_init(&conditions[i], NULL) != 0) {
            wt_thread_lock_free(lock, conditions, i);
            return false;
        }
    return true;
}

void wt_thread_lock_free(pthread_mutex_t *lock, pthread_cond_t *conditions, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        (void)pthread_cond_destroy(&conditions[i]);
    (void)pthread_mutex_destroy(lock);
}

bool wt_thread_is_worth_it(void)
{
#ifdef CPU_COUNT
    cpu_set_t ours;
    if (sched_getaffinity(0, sizeof ours, &ours) == 0) /* fails where there are more than such a set holds */
        return CPU_COUNT(&ours) > 1;
#endif
    return sysconf(_SC_NPROCESSORS_ONLN) > 1;
}
