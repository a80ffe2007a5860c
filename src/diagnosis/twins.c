#include "diagnosis/twins.h"

#include "base/memory.h"
#include "base/recent.h"
#include "base/span_hash.h"
#include "observer/state.h"

#include <stdlib.h>

enum { SEGMENT = 1400 }; /* bytes: about what one packet carries; RFC 9293, 3.7.1 with Ethernet's 1500 */

struct peers {
    struct wt_attempt answered[WT_LIMIT_TWINS_KEPT]; /* the newest first, and no two alike */
    bool forgot;                                     /* there were more */
};

struct wt_twins {
    struct wt_recent *places; /* by hash of the pair: in `slots` */
    struct peers slots[WT_LIMIT_TWINS];
};

static uint64_t hash_of(const struct wt_conversation *c)
{
    unsigned client = wt_tls_direction_of(c->tls, WT_CLIENT);
    uint8_t key[34];
    memcpy(key, c->ip[client], 16);
    memcpy(key + 16, c->ip[!client], 16);
    key[32] = (uint8_t)(c->port[!client] >> 8);
    key[33] = (uint8_t)c->port[!client];
    return wt_span_hash(wt_span_of(key, sizeof key));
}

static struct wt_twins *twins_of(struct wt_observer *o)
{
    if (!o->twins)
        o->twins = wt_calloc(1, sizeof *o->twins);
    return o->twins && wt_recent_ensure_asked(&o->twins->places, WT_LIMIT_TWINS) ? o->twins : NULL;
}

bool wt_twins_own(const struct wt_observer *o, const struct wt_conversation *c, struct wt_attempt *out)
{
    const struct wt_tls *tls = c->tls;
    const struct wt_tls_handshake *hs = tls->handshake;
    const struct wt_handshake_message *m =
        hs ? wt_messages_newest(&hs->common.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO) : NULL;
    (void)o;
    if (!m || m->headless)
        return false;
    *out = (struct wt_attempt){
        .peers = hash_of(c),
        .stream = c->stream,
        .host = wt_facts_host(tls->agreed.sni),
        .length = (uint32_t)m->bytes.n,
        .ech = tls->seen.flags & WT_SEEN_ECH,
        .grease = tls->seen.flags & WT_SEEN_GREASE,
    };
    for (unsigned i = 0; i < hs->share_count && !out->group; i++) {
        const struct wt_group *g = wt_group_find(hs->shares[i]);
        if (g && (g->kind == WT_GROUP_PQ || g->kind == WT_GROUP_HYBRID))
            out->group = hs->shares[i];
    }
    return true;
}

/* But for the name and GREASE values. */
static bool like(const struct wt_attempt *a, const struct wt_attempt *b)
{
    return a->group == b->group && a->ech == b->ech && (a->length > SEGMENT) == (b->length > SEGMENT);
}

static bool alike(const struct wt_attempt *a, const struct wt_attempt *b)
{
    return a->host == b->host && a->grease == b->grease && like(a, b);
}

void wt_twins_learn(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_attempt own;
    if (!wt_twins_own(o, c, &own))
        return;
    struct wt_twins *const twins = twins_of(o);
    if (!twins)
        return;
    bool is_new;
    struct peers *p = &twins->slots[wt_recent_take(twins->places, own.peers, &is_new)];
    if (is_new)
        *p = (struct peers){.forgot = wt_recent_forgot(twins->places, own.peers)};
    unsigned at = 0;
    while (at < WT_LIMIT_TWINS_KEPT && p->answered[at].peers && !alike(&p->answered[at], &own))
        at++;
    if (at == WT_LIMIT_TWINS_KEPT) {
        p->forgot = true;
        at--;
    }
    memmove(p->answered + 1, p->answered, at * sizeof *p->answered);
    p->answered[0] = own;
}

bool wt_twins_is_smaller(const struct wt_attempt *one, const struct wt_attempt *other)
{
    return one->length <= SEGMENT && other->length > SEGMENT;
}

static const struct peers *peers_of(const struct wt_observer *o, const struct wt_attempt *own)
{
    const uint32_t at = o->twins ? wt_recent_find(o->twins->places, own->peers) : WT_RECENT_NONE;
    return at == WT_RECENT_NONE ? NULL : &o->twins->slots[at];
}

bool wt_twins_forgot(const struct wt_observer *o, const struct wt_attempt *own)
{
    const struct peers *p = peers_of(o, own);
    return p ? p->forgot : o->twins && wt_recent_forgot(o->twins->places, own->peers);
}

const struct wt_attempt *wt_twins_find(const struct wt_observer *o, const struct wt_attempt *own)
{
    const struct wt_attempt *smaller = NULL, *plain = NULL, *other_name = NULL;
    const struct peers *p = peers_of(o, own);
    for (unsigned i = 0; p && i < WT_LIMIT_TWINS_KEPT && p->answered[i].peers == own->peers; i++) {
        const struct wt_attempt *a = &p->answered[i];
        if (a->stream == own->stream)
            continue;
        if (alike(a, own))
            return NULL; /* it is not for what it looks like */
        if (!smaller && a->host == own->host && wt_twins_is_smaller(a, own))
            smaller = a;
        if (!plain && a->host == own->host && like(a, own) && own->grease)
            plain = a; /* or it were alike */
        if (!other_name && a->host != own->host && a->grease == own->grease && like(a, own))
            other_name = a;
    }
    return smaller ? smaller : plain ? plain : other_name;
}

void wt_twins_free(struct wt_twins *twins)
{
    if (twins)
        wt_recent_free(twins->places);
    free(twins);
}
