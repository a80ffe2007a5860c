/* An endpoint's connection as the observer sees it: what the endpoint sends and takes is observed in the same process,
 * opened with its secrets, and reported as the ordinary story.
 *
 *     struct wt_keys *keys = wt_keys_new(NULL, NULL);
 *     struct wt_observer_options options = {
 *         .size = sizeof options, .connection = print, .keys = keys, .own_secrets = true};
 *     struct wt_observer *observer = wt_observer_new(&options, &error);
 *     struct wt_endpoint *e = wt_client_connect(client, NULL, (int64_t)time(NULL) * 1000);
 *     struct wt_watch_options watch = {.size = sizeof watch, .observer = observer, .keys = keys};
 *     wt_endpoint_watch(e, &watch);           // the addresses, if they are known, go in `client` and `server`
 *     …                                       // the endpoint's loop
 *     wt_endpoint_free(e);                    // the connection has ended, and is reported
 */
#ifndef WIRETALE_WATCH_H
#define WIRETALE_WATCH_H

#include "wiretale/endpoint.h"
#include "wiretale/observer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All zero but `size` and `observer` is the default of each. */
struct wt_watch_options {
    size_t size;                  /* sizeof(struct wt_watch_options), as the program knows it */
    struct wt_observer *observer; /* must outlive the endpoint, and so must: */
    struct wt_keys *keys; /* the observer's. The endpoint's secrets are in it as long as the endpoint lives; NULL:
                             what is encrypted stays so */
    struct wt_address client, server;
    /* What time it is, asked for each piece of the connection; NULL: the system's. */
    struct wt_time (*clock)(void *context);
    void *context;
};

/* From now on, until the endpoint is freed: then the stream of the observer ends and the secrets are wiped. To be
 * called before the endpoint's first bytes were sent or came. It taps the endpoint: there is no other tap beside it.
 * False without memory, or when an option is set that this library does not know. */
WT_API bool wt_endpoint_watch(struct wt_endpoint *e, const struct wt_watch_options *options);

#ifdef __cplusplus
}
#endif
#endif
