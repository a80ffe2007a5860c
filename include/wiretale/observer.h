/* The observer: packets or stream bytes in, the story of every TLS connection out.
 *
 *     struct wt_observer_options options = {.connection = print, .context = stdout};
 *     struct wt_observer *o = wt_observer_new(&options);
 *     wt_observer_file(o, "capture.pcapng");          // names the file; stream numbers start at 0
 *     while (wt_capture_next(capture, &packet))
 *         wt_observer_packet(o, &packet);
 *     wt_observer_finish(o);                          // every connection has been told when this returns
 *     wt_observer_free(o);
 *
 * An observer is for one thread; several observers may run side by side. */
#ifndef WIRETALE_OBSERVER_H
#define WIRETALE_OBSERVER_H

#include "wiretale/story.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wt_observer_options {
    /* Told once for each TLS connection, in the order of their first packets, when it has ended and all before it have
     * been told. */
    void (*connection)(void *context, const struct wt_connection *connection);
    /* Told as soon as a connection's outcome is known (established or failed), in any order; for live use. May be
     * NULL. */
    void (*known)(void *context, const struct wt_connection *connection);
    void *context;
    bool keep_messages;         /* the `messages` array and raw fingerprint strings */
    uint32_t keep_connections;  /* with keep_messages: only for the first so many connections; 0 for all */
    uint32_t idle_seconds;      /* a connection silent for so long (by packet times) has ended; 0 for never */
};

struct wt_observer;

/* NULL when the system gives no memory. */
WT_API struct wt_observer *wt_observer_new(const struct wt_observer_options *options);

/* A new input begins: connections of the one before have ended and are told. `name` is copied. */
WT_API void wt_observer_file(struct wt_observer *observer, const char *name);

WT_API void wt_observer_packet(struct wt_observer *observer, const struct wt_packet *packet);

/* Bytes without packets: a proxy's or a program's own connection. */
struct wt_stream;
WT_API struct wt_stream *wt_observer_stream(struct wt_observer *observer, const struct wt_address *client,
                                            const struct wt_address *server);
WT_API void wt_stream_bytes(struct wt_stream *stream, enum wt_side from, struct wt_time time, const void *bytes,
                            size_t length);
/* Ends it; the handle is gone. reset: by a RST rather than in order. */
WT_API void wt_stream_close(struct wt_stream *stream, struct wt_time time, bool reset);

/* Ends all connections and tells them. */
WT_API void wt_observer_finish(struct wt_observer *observer);

/* Holds until the next call on the observer. */
WT_API const struct wt_summary *wt_observer_summary(struct wt_observer *observer);

WT_API void wt_observer_free(struct wt_observer *observer);

#ifdef __cplusplus
}
#endif
#endif
