/* Stories for strangers: the same connection with stand-ins for what says whose it is.
 *
 *     options.neutral = true;                          of the observer
 *     struct wt_redaction *r = wt_redaction_new();
 *     … wt_redaction_story(r, connection)              in the observer's callback; report what it returns
 *     wt_redaction_free(r);
 *
 * The observer works on what was sent, so that proofs, verdicts and findings are those of the true bytes. What is
 * replaced, and what stays, is listed in wiretale(1), under --redact. An original has the same stand-in wherever it is
 * met in a run, of the same length where it is among bytes; stand-ins of bytes are made with a key that is drawn for
 * the run and forgotten with it. What this library does not know to be harmless is replaced or left out. */
#ifndef WIRETALE_REDACT_H
#define WIRETALE_REDACT_H

#include "wiretale/story.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_redaction;

/* NULL when the system gives no memory or no random numbers. */
WT_API struct wt_redaction *wt_redaction_new(void);
WT_API void wt_redaction_free(struct wt_redaction *redaction);

/* The story with stand-ins; it holds until the next call. `connection` is one that was made with the observer's option
 * `neutral`, and so is what is returned: a page takes it so, for other reports wt_connection_spoken() puts it into
 * words. Secrets and the steps made with them are left out. NULL without memory. */
WT_API const struct wt_connection *wt_redaction_story(struct wt_redaction *redaction,
                                                      const struct wt_connection *connection);

/* The stand-in of an input's name; it holds until the next call. */
WT_API const char *wt_redaction_file(struct wt_redaction *redaction, const char *name);

/* A time (seconds since 1970 UTC) as times of certificates are moved in the stories. Before the first story it returns
 * the time itself. */
WT_API int64_t wt_redaction_date(const struct wt_redaction *redaction, int64_t seconds);

#ifdef __cplusplus
}
#endif
#endif
