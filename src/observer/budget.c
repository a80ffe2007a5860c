#include "observer/budget.h"

#include "observer/asleep.h"
#include "observer/dtls/dtls.h"
#include "observer/message/log.h"
#include "observer/places.h"
#include "observer/queue.h"
#include "observer/quic/quic.h"
#include "observer/state.h"
#include "observer/transport/journal.h"
#include "observer/transport/trace.h"
#include "observer/udp/connections.h"

#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum {
    ROOM = 16,         /* bytes that the system adds to what it gives, about */
    SLOT = 16,         /* of a conversation in its table */
    SAMPLES = 1024,    /* conversations that are asked for their age */
    LEAST = 8 << 20,   /* bytes between two looks */
    RECENT = 2048,     /* packets: whose connections are not put to sleep */
    ASLEEP_RUN = 8192, /* conversations in a row that sleep: those before them do, too, for the most part */
};

/* --- what there is ------------------------------------------------------------------------------------------------ */

static size_t handshake_bytes(const struct wt_tls_handshake *hs)
{
    const struct wt_messages *m = &hs->common.messages;
    return sizeof *hs + ROOM + hs->reader[0].held.cap + hs->reader[1].held.cap + m->bytes +
           m->count * (sizeof(struct wt_handshake_message) + ROOM) +
           m->cap * (sizeof(struct wt_handshake_message *) + sizeof(struct wt_span));
}

static size_t tls_bytes(const struct wt_tls *tls)
{
    size_t n = sizeof *tls + ROOM + tls->arena.used;
    if (tls->handshake)
        n += handshake_bytes(tls->handshake);
    if (tls->journal)
        n += wt_journal_bytes(tls->journal);
    if (tls->log)
        n += wt_log_bytes(tls->log);
    if (tls->keys)
        n += wt_keyring_bytes(tls->keys);
    if (tls->quic)
        n += wt_quic_bytes(tls->quic);
    if (tls->dtls)
        n += wt_dtls_bytes(tls->dtls);
    return n;
}

void wt_budget_count(struct wt_observer *o, struct wt_conversation *c)
{
    size_t n = c->tls ? tls_bytes(c->tls) : c->asleep ? wt_asleep_bytes(c) + ROOM : 0;
    if (c->places)
        n += wt_places_bytes(c->places);
    const uint32_t held = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    o->held += held;
    o->held -= c->held;
    c->held = held;
}

void wt_budget_forget(struct wt_observer *o, struct wt_conversation *c)
{
    o->held -= c->held;
    c->held = 0;
}

static uint64_t rooms(const struct wt_conversations *t)
{
    return t ? (uint64_t)wt_conversations_held(t) * (sizeof(struct wt_conversation) + SLOT) : 0;
}

uint64_t wt_budget_used(const struct wt_observer *o)
{
    return o->held + rooms(o->conversations) + rooms(o->datagrams.table) + rooms(o->udp.table) + o->tcp.pending_bytes +
           o->dialogue_bytes + o->header_bytes + o->segments * sizeof(struct wt_traced) +
           wt_certificates_bytes(o->certificates);
}

/* --- sleep -------------------------------------------------------------------------------------------------------- */

/* From the newest on: the older ones sleep already. */
static void put_to_sleep(struct wt_observer *o)
{
    struct wt_conversation *c = wt_conversations_last(o->conversations, WT_LIST_OPEN);
    for (unsigned run = 0; c && run < ASLEEP_RUN; c = wt_conversations_before(o->conversations, c)) {
        if (c->asleep) {
            run++;
            continue;
        }
        run = 0;
        if (o->frame - c->last_frame >= RECENT && wt_asleep_put(o, c))
            wt_budget_count(o, c);
    }
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

static int by_age(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The time before which an eighth of the conversations were silent, as far as some of them tell. */
static int64_t eighth_of(struct wt_observer *o, enum wt_conversation_list list)
{
    const uint32_t step = wt_conversations_length(o->conversations, list) / SAMPLES + 1;
    int64_t seen[SAMPLES] = {0};
    uint32_t n = 0, i = 0;
    for (struct wt_conversation *c = wt_conversations_first(o->conversations, list); c && n < SAMPLES;
         c = wt_conversations_next(o->conversations, c))
        if (i++ % step == 0)
            seen[n++] = c->seen_ns;
    qsort(seen, n, sizeof *seen, by_age);
    return n ? seen[n / 8] : INT64_MIN;
}

/* Ends those that were silent for the longest time, or `all`, until no more than `most` bytes are used. */
static void end_silent(struct wt_observer *o, enum wt_conversation_list list, bool all, uint64_t most)
{
    if (wt_budget_used(o) <= most)
        return;
    const int64_t since = all ? INT64_MAX : eighth_of(o, list);
    struct wt_conversation *next, *c = wt_conversations_first(o->conversations, list);
    for (; c && wt_budget_used(o) > most; c = next) {
        next = wt_conversations_next(o->conversations, c);
        if (c->seen_ns > since || c->flags & WT_CONV_ENDED || wt_transport_is_fed(&c->transport))
            continue;
        o->lost[WT_LOST_BUDGET]++;
        wt_queue_end(o, c);
    }
}

/* What is over is remembered for late packets alone; datagrams have no end, and only their numbers are known. */
static void drop_over(struct wt_observer *o, uint64_t most)
{
    struct wt_conversations *t = o->conversations;
    for (struct wt_conversation *c; wt_budget_used(o) > most && (c = wt_conversations_first(t, WT_LIST_OVER));)
        wt_conversations_drop(t, c);
    for (struct wt_conversation *c; o->datagrams.table && wt_budget_used(o) > most &&
                                    rooms(o->datagrams.table) > o->options.max_memory / 4 &&
                                    (c = wt_conversations_first(o->datagrams.table, WT_LIST_OPEN));) {
        wt_conversations_drop(o->datagrams.table, c);
        o->datagrams.dropped++;
    }
}

static void let_go(struct wt_observer *o)
{
    const uint64_t most = o->options.max_memory / 8 * 7;
    drop_over(o, most);
    o->letting_go = true;
    wt_udp_let_go(o, most);
    for (unsigned all = 0; all < 2; all++) {
        end_silent(o, WT_LIST_ASIDE, all, most);
        end_silent(o, WT_LIST_OPEN, all, most);
    }
    o->letting_go = false;
    wt_queue_report_ready(o);
    drop_over(o, most);
}

/* What was freed between what stays goes back to the system, page by page, when twice as much is held as the last time:
 * in between it is used again, and giving it back each time took most of the time that large hellos without an end
 * took.
 */
static void give_back(struct wt_observer *o, uint64_t used)
{
    if (used / 2 < o->given_back_at)
        return;
    o->given_back_at = used;
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

void wt_budget_keep(struct wt_observer *o)
{
    const uint64_t most = o->options.max_memory, used = wt_budget_used(o);
    if (__builtin_expect(used < o->sleep_at, 1))
        return;
    put_to_sleep(o);
    const uint64_t next = wt_budget_used(o), step = next / 8;
    o->sleep_at = (next > WT_LIMIT_AWAKE ? next : WT_LIMIT_AWAKE) + (step > LEAST ? step : LEAST);
    if (wt_budget_used(o) > most)
        let_go(o);
    if (o->sleep_at > most)
        o->sleep_at = most;
    give_back(o, used);
}
