#include "observer/asleep.h"

#include "observer/detect/detect.h"
#include "observer/state.h"
#include "observer/transport/journal.h"

/* A struct as those of its 16-bit words that are not zero, after a bit for each word. Most of a connection's state is
 * about what did not happen. */
enum { WORDS = sizeof(struct wt_tls) / 2, BITS = (WORDS + 7) / 8 };
_Static_assert(sizeof(struct wt_tls) % 2 == 0, "it is packed by words");

struct wt_packed {
    uint32_t n;      /* bytes in all */
    uint32_t beside; /* and of what it points to */
    uint8_t bits[BITS];
    uint8_t words[2 * WORDS];
};

static struct wt_packed *pack(const struct wt_tls *tls)
{
    struct wt_packed room, *packed;
    const uint8_t *from = (const uint8_t *)tls;
    uint8_t *to = room.words;
    memset(room.bits, 0, sizeof room.bits);
    for (unsigned i = 0; i < WORDS; i++) {
        if (!from[2 * i] && !from[2 * i + 1])
            continue;
        room.bits[i / 8] |= (uint8_t)(1u << i % 8);
        *to++ = from[2 * i];
        *to++ = from[2 * i + 1];
    }
    room.n = (uint32_t)(to - (uint8_t *)&room);
    room.beside = (uint32_t)tls->arena.used;
    if ((packed = wt_malloc(room.n)))
        memcpy(packed, &room, room.n);
    return packed;
}

static void unpack(const struct wt_packed *packed, struct wt_tls *tls)
{
    const uint8_t *from = packed->words;
    uint8_t *to = (uint8_t *)tls;
    memset(tls, 0, sizeof *tls);
    for (unsigned i = 0; i < WORDS; i++)
        if (packed->bits[i / 8] >> i % 8 & 1) {
            to[2 * i] = *from++;
            to[2 * i + 1] = *from++;
        }
}

/* All that it has is in it, its arena, its handshake and its journal, and nothing else points into it. */
static bool is_plain(const struct wt_tls *tls)
{
    return !tls->keys && !tls->log && !tls->carrier && !tls->life;
}

/* All that was read can be read anew, and gives the same: the client's bytes alone. */
static bool can_be_read_anew(const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    return tls->journal && tls->journaling && is_plain(tls) && !tls->report.findings && !tls->report.alerts &&
           !wt_transport_is_ending(&c->transport) && !c->places && !c->transport.repeats[0] &&
           !c->transport.repeats[1] && !tls->announced && !tls->side[WT_SERVER].data.records &&
           !tls->side[WT_SERVER].message_frame && !tls->same &&
           wt_journal_is_of(tls->journal, wt_tls_direction_of(tls, WT_CLIENT));
}

bool wt_asleep_put(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    if (c->asleep || !tls || c->flags & WT_CONV_ENDED)
        return false;
    if (can_be_read_anew(c)) {
        wt_detect_free(o, c);
        c->sleeps.journal = wt_journal_lay_down(o, c);
        c->asleep = WT_ASLEEP_JOURNAL;
        return true;
    }
    if (tls->handshake || tls->journal || !is_plain(tls) || c->plain || !(c->sleeps.packed = pack(tls)))
        return false;
    wt_pool_give(&o->pool, tls, sizeof *tls);
    c->tls = NULL;
    c->asleep = WT_ASLEEP_PACKED;
    return true;
}

uint32_t wt_asleep_bytes(const struct wt_conversation *c)
{
    switch (c->asleep) {
    case WT_ASLEEP_JOURNAL:
        return (uint32_t)wt_journal_bytes(c->sleeps.journal);
    case WT_ASLEEP_PACKED:
        return c->sleeps.packed->n + c->sleeps.packed->beside;
    default:
        return 0;
    }
}

void wt_asleep_wake_up(struct wt_observer *o, struct wt_conversation *c)
{
    if (c->asleep == WT_ASLEEP_JOURNAL) {
        c->asleep = WT_AWAKE;
        wt_journal_pick_up(o, c, c->sleeps.journal);
        return;
    }
    struct wt_tls *tls = wt_pool_take(&o->pool, sizeof *tls);
    if (tls)
        unpack(c->sleeps.packed, tls);
    else /* what it was is lost, and it with it */
        c->phase = WT_PHASE_NOT_TLS;
    free(c->sleeps.packed);
    c->asleep = WT_AWAKE;
    c->tls = tls;
}
