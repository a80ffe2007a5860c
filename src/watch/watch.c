/* An endpoint's tap, joined with an observer's stream: neither knows of the other. */
#include "wiretale/watch.h"

#include "base/memory.h"
#include "base/options.h"

#include <time.h>

struct watch {
    struct wt_endpoint_tap tap;
    struct wt_watch_options o;
    struct wt_stream *stream;
    struct wt_keys_log *log;
    enum wt_side side, peer;
    uint8_t random[32]; /* of the ClientHello that the secrets are for */
    bool has_random;
};

static struct wt_time now_of(const struct watch *w)
{
    enum { DIGITS = 9 };
    struct timespec t;
    if (w->o.clock)
        return w->o.clock(w->o.context);
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (struct wt_time){(int64_t)t.tv_sec * 1000000000 + t.tv_nsec, DIGITS};
}

static void on_bytes(void *context, bool sent, struct wt_span bytes)
{
    const struct watch *w = context;
    wt_stream_bytes(w->stream, sent ? w->side : w->peer, now_of(w), bytes.p, bytes.n);
}

static void on_secret(void *context, const uint8_t random[32], const char *line)
{
    struct watch *w = context;
    memcpy(w->random, random, sizeof w->random);
    w->has_random = true;
    wt_keys_log_feed(w->log, line, strlen(line));
    wt_keys_log_feed(w->log, "\n", 1);
}

static void on_end(void *context, enum wt_tap_end how)
{
    struct watch *w = context;
    if (how != WT_TAP_GONE) {
        wt_stream_end(w->stream, w->peer, now_of(w), how == WT_TAP_BROKEN);
        return;
    }
    wt_stream_end(w->stream, w->side, now_of(w), false);
    wt_stream_close(w->stream, now_of(w), false);
    if (w->log)
        wt_keys_log_close(w->log);
    if (w->has_random)
        wt_keys_forget(w->o.keys, w->random);
    free(w);
}

bool wt_endpoint_watch(struct wt_endpoint *e, const struct wt_watch_options *options)
{
    struct watch *w = wt_calloc(1, sizeof *w);
    if (!w || !wt_options_take(&w->o, sizeof w->o, options, NULL)) {
        free(w);
        return false;
    }
    w->stream = wt_observer_stream(w->o.observer, &w->o.client, &w->o.server);
    w->log = w->o.keys ? wt_keys_log_open(w->o.keys, "endpoint", false) : NULL;
    if (!w->stream || (w->o.keys && !w->log)) {
        if (w->stream)
            wt_stream_close(w->stream, now_of(w), false);
        free(w);
        return false;
    }
    w->side = wt_endpoint_side(e);
    w->peer = w->side == WT_CLIENT ? WT_SERVER : WT_CLIENT;
    w->tap = (struct wt_endpoint_tap){on_bytes, w->log ? on_secret : NULL, on_end, w};
    wt_endpoint_tap(e, &w->tap);
    return true;
}
