/* Messages that are kept for the story, with their bodies. */
#include "observer/message/log.h"

#include "base/array.h"
#include "base/memory.h"
#include "observer/dtls/dtls.h"
#include "observer/places.h"
#include "observer/state.h"

#include <stdlib.h>
#include <string.h>

struct wt_message_log {
    struct wt_message *messages;
    size_t count, cap, dropped;
    struct wt_arena bodies;
    const char *ja3, *ja3s, *ja4;
};

struct wt_message_log *wt_log_new(void)
{
    struct wt_message_log *log = wt_calloc(1, sizeof *log);
    if (log)
        log->bodies.limit = WT_LIMIT_MESSAGE_BYTES;
    return log;
}

size_t wt_log_bytes(const struct wt_message_log *log)
{
    return sizeof *log + log->bodies.used + log->cap * sizeof *log->messages;
}

void wt_log_free(struct wt_message_log *log)
{
    if (!log)
        return;
    wt_arena_free(&log->bodies);
    free(log->messages);
    free(log);
}

static bool room(struct wt_message_log *log)
{
    return wt_array_grow_within(&log->messages, log->count, &log->cap, sizeof *log->messages, 16, WT_LIMIT_MESSAGES);
}

struct wt_message *wt_log_add(struct wt_observer *o, struct wt_conversation *c, struct wt_message message,
                              struct wt_span body)
{
    struct wt_message_log *log = c->tls->log;
    bool framed = message.content_type == WT_CONTENT_HANDSHAKE &&
                  (message.flags & (WT_MESSAGE_TYPED | WT_MESSAGE_SSL2)) == WT_MESSAGE_TYPED;
    wt_places_message(o, c, framed, &message);
    if (!log || !room(log)) {
        if (log) {
            log->dropped++;
            o->lost[WT_LOST_MESSAGES]++;
        }
        return NULL;
    }
    struct wt_message *m = &log->messages[log->count++];
    *m = message;
    m->frame = o->frame;
    m->time = o->now;
    if (c->tls->dtls)
        wt_dtls_mark(o, c, m);
    if (c->tls->side[message.from].missing)
        m->flags |= WT_MESSAGE_AFTER_GAP;
    if (body.n) {
        m->body = wt_arena_copy(&log->bodies, body);
        if (!m->body.p) {
            m->flags |= WT_MESSAGE_CUT;
            o->lost[WT_LOST_MESSAGES]++;
        }
    }
    return m;
}

const struct wt_message *wt_log_messages(const struct wt_message_log *log, size_t *count, size_t *dropped)
{
    *count = log->count;
    *dropped = log->dropped;
    return log->messages;
}

/* NULL without memory. */
static char *copy(struct wt_message_log *log, const char *text)
{
    const size_t n = text ? strlen(text) + 1 : 0;
    char *kept = n ? wt_arena_alloc(&log->bodies, n) : NULL;
    return kept ? memcpy(kept, text, n) : NULL;
}

void wt_log_client_strings(struct wt_message_log *log, const char *ja3, const char *ja4, char transport)
{
    char *kept = copy(log, ja4);
    if (kept && kept[0]) /* what is empty, for want of memory, stays that */
        kept[0] = transport;
    log->ja3 = copy(log, ja3);
    log->ja4 = kept;
}

void wt_log_server_string(struct wt_message_log *log, const char *ja3s)
{
    log->ja3s = copy(log, ja3s);
}

void wt_log_get_strings(const struct wt_message_log *log, const char **ja3, const char **ja3s, const char **ja4)
{
    *ja3 = log->ja3;
    *ja3s = log->ja3s;
    *ja4 = log->ja4;
}

/* The order in the log decides between messages of one packet; `records` and the like say nothing of it. */
struct place {
    uint32_t frame, index;
};

static int by_packet(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

void wt_log_sort(struct wt_message_log *log)
{
    struct place *places = wt_malloc(log->count * sizeof *places);
    struct wt_message *sorted = wt_malloc(log->cap * sizeof *sorted);
    if (places && sorted) {
        /* RFC 9293, 3.4: a direction's bytes have one order, whatever packet brought them */
        uint32_t newest[2] = {0, 0};
        for (uint32_t i = 0; i < log->count; i++) {
            uint32_t *of = &newest[log->messages[i].from];
            if (log->messages[i].frame > *of)
                *of = log->messages[i].frame;
            places[i] = (struct place){*of, i};
        }
        qsort(places, log->count, sizeof *places, by_packet);
        for (size_t i = 0; i < log->count; i++)
            sorted[i] = log->messages[places[i].index];
        free(log->messages);
        log->messages = sorted;
        sorted = NULL;
    }
    free(places);
    free(sorted);
}

void wt_log_turn(struct wt_message_log *log)
{
    for (size_t i = 0; i < log->count; i++)
        log->messages[i].from = !log->messages[i].from;
}
