/* Threads beside the caller's. */
#ifndef WT_BASE_THREAD_H
#define WT_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* Starts a thread that takes no signals but those that an access of its own causes: all others are for the program's
 * own threads. False: there is none to be had. */
bool wt_thread_start(pthread_t *thread, void *(*run)(void *context), void *context);
/* A lock and `count` conditions; false, and none of them, when the system refuses one. */
bool wt_thread_lock_new(pthread_mutex_t *lock, pthread_cond_t *conditions, unsigned count);
void wt_thread_lock_free(pthread_mutex_t *lock, pthread_cond_t *conditions, unsigned count);
/* Whether a second thread can run at the same time: the process may use more than one processor. */
bool wt_thread_is_worth_it(void);

#endif
