#include "observer/transport/multipath.h"

#include "base/memory.h"
#include "base/recent.h"
#include "base/span_hash.h"
#include "crypto/library.h"
#include "observer/queue.h"
#include "observer/state.h"

#include <stdlib.h>

/* RFC 8684, 3: kind 30, whose first four bits are the subtype. */
enum { MPTCP = 30, MP_CAPABLE = 0, MP_JOIN = 1, DSS = 2 };

/* `place`s of wt_recent are used again by others: who refers to one knows its key. */
struct whole {
    uint64_t token;      /* key of its place */
    uint32_t id, stream; /* of the first subflow's conversation */
    uint8_t responder;   /* its direction that answered the SYN */
    bool has_base[2], ended[2], told_end[2];
    uint32_t base[2]; /* what a number of the stream has more than the first subflow's, modulo 2^32 */
    uint32_t end[2];  /* of the stream, in the first subflow's numbers: of its DATA_FIN */
    uint32_t open[2]; /* subflows that can still send in a direction */
};

struct subflow {
    uint64_t token; /* of its connection */
    bool turned;    /* its direction 0 is the first one's direction 1 */
    bool first, closed[2], has_shift[2];
    uint32_t shift[2]; /* what its numbers lack to the first one's */
};

struct wt_multipath {
    struct wt_recent *whole_places, *subflow_places;
    struct whole wholes[WT_LIMIT_MULTIPATH];
    struct subflow subflows[WT_LIMIT_MULTIPATH];
};

/* RFC 8684, 3.3: Data ACK, and the mapping of subflow_sequence (from 1 on) to the stream's, each if `has`. */
struct dss {
    bool has_ack, has_mapping, fin;
    uint32_t ack, data, subflow; /* the low 32 bits */
    uint16_t length;             /* with one more for the DATA_FIN */
};

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A number of 4 or 8 bytes, by its low 32 bits. */
static bool take_number(struct wt_span *body, bool wide, uint32_t *out)
{
    const size_t n = wide ? 8 : 4;
    if (body->n < n)
        return false;
    *out = u32(body->p + n - 4);
    *body = wt_span_cut(*body, n, SIZE_MAX);
    return true;
}

/* The body of the first option with this subtype, behind kind and length; n = 0: there is none. */
static struct wt_span find(struct wt_span options, unsigned subtype)
{
    struct wt_span body;
    uint8_t kind;
    while (wt_transport_next_option(&options, &kind, &body))
        if (kind == MPTCP && body.n >= 2 && body.p[0] >> 4 == (int)subtype)
            return body;
    return (struct wt_span){0};
}

static bool find_dss(struct wt_span options, struct dss *out)
{
    enum { HAS_ACK = 1, ACK_8 = 2, HAS_MAPPING = 4, MAPPING_8 = 8, DATA_FIN = 16 };
    struct wt_span body = find(options, DSS);
    *out = (struct dss){0};
    if (!body.n)
        return false;
    const uint8_t flags = body.p[1];
    body = wt_span_cut(body, 2, SIZE_MAX);
    out->has_ack = flags & HAS_ACK && take_number(&body, flags & ACK_8, &out->ack);
    out->has_mapping = flags & HAS_MAPPING && take_number(&body, flags & MAPPING_8, &out->data) &&
                       take_number(&body, false, &out->subflow) && body.n >= 2;
    if (out->has_mapping)
        out->length = (uint16_t)(body.p[0] << 8 | body.p[1]);
    out->fin = flags & DATA_FIN && out->has_mapping;
    return true;
}

static uint64_t key_of(const struct wt_conversation *c)
{
    const uint32_t key[2] = {c->id, c->stream};
    return wt_span_hash(wt_span_of((const uint8_t *)key, sizeof key));
}

static struct wt_multipath *ensure(struct wt_observer *o)
{
    if (!o->multipath)
        o->multipath = wt_calloc(1, sizeof *o->multipath);
    struct wt_multipath *m = o->multipath;
    return m && wt_recent_ensure(&m->whole_places, WT_LIMIT_MULTIPATH) &&
                   wt_recent_ensure(&m->subflow_places, WT_LIMIT_MULTIPATH)
               ? m
               : NULL;
}

static struct whole *find_whole(struct wt_multipath *m, uint64_t token)
{
    const uint32_t at = m ? wt_recent_find(m->whole_places, token) : WT_RECENT_NONE;
    return at == WT_RECENT_NONE ? NULL : &m->wholes[at];
}

static struct subflow *find_subflow(struct wt_multipath *m, const struct wt_conversation *c)
{
    const uint32_t at = m ? wt_recent_find(m->subflow_places, key_of(c)) : WT_RECENT_NONE;
    return at == WT_RECENT_NONE ? NULL : &m->subflows[at];
}

static struct subflow *add_subflow(struct wt_multipath *m, struct wt_conversation *c, struct whole *w, bool turned)
{
    bool is_new;
    const uint32_t at = wt_recent_take(m->subflow_places, key_of(c), &is_new);
    if (at == WT_RECENT_NONE)
        return NULL;
    m->subflows[at] = (struct subflow){.token = w->token, .turned = turned};
    w->open[0]++;
    w->open[1]++;
    c->multipath = true;
    return &m->subflows[at];
}

/* A connection, with its first subflow. NULL: without memory, or it is known. */
static struct whole *add_whole(struct wt_multipath *m, struct wt_conversation *c, uint64_t token, unsigned responder)
{
    bool is_new;
    const uint32_t at = wt_recent_take(m->whole_places, token, &is_new);
    if (at == WT_RECENT_NONE)
        return NULL;
    struct whole *w = &m->wholes[at];
    if (!is_new && w->id == c->id && w->stream == c->stream) /* the SYN-ACK was sent again */
        return NULL;
    *w = (struct whole){.token = token, .id = c->id, .stream = c->stream, .responder = (uint8_t)responder};
    struct subflow *first = add_subflow(m, c, w, false);
    if (!first)
        return NULL;
    first->first = true;
    if (c->layer_count < sizeof c->layers)
        c->layers[c->layer_count++] = WT_LAYER_MPTCP;
    return w;
}

/* RFC 8684, 3.1: the SYN-ACK of the first subflow carries its sender's key. The first 32 bits of the key's SHA-256 are
 * the token by which others join (3.2), the last 64 the stream's initial number, which counts one as a SYN's does.
 * Version 0 (RFC 6824, 3.1 and 3.2) has SHA-1. */
static void begin_whole(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s,
                        struct wt_span capable)
{
    enum { HEAD = 2, KEY = 8 };
    uint8_t digest[WT_DIGEST_MOST];
    struct wt_multipath *m = capable.n >= HEAD + KEY ? ensure(o) : NULL;
    const enum wt_hash_id hash = capable.n && capable.p[0] & 15 ? WT_HASH_SHA256 : WT_HASH_SHA1;
    const size_t n = m ? wt_digest(o->crypto, hash, wt_span_of(capable.p + HEAD, KEY), digest) : 0;
    if (n < KEY)
        return;
    struct whole *w = add_whole(m, c, u32(digest), d);
    if (!w)
        return;
    w->base[d] = u32(digest + n - 4) - s->sequence;
    w->has_base[d] = true;
}

/* RFC 8684, 3.2: the SYN of a further subflow names the connection by the token of its receiver. Of a connection whose
 * beginning is not in the capture the subflow is the first that is known. Servers that join, to a client's second
 * address, are not followed: no NAT lets them. */
static void join(struct wt_observer *o, struct wt_conversation *c, unsigned d, struct wt_span joining)
{
    enum { TOKEN_AT = 2, LENGTH = 10 };
    const uint64_t none = UINT64_C(1) << 32; /* no token */
    struct wt_multipath *m = joining.n == LENGTH ? ensure(o) : NULL;
    if (!m || wt_recent_find(m->subflow_places, key_of(c)) != WT_RECENT_NONE)
        return;
    struct whole *w = find_whole(m, u32(joining.p + TOKEN_AT));
    if (!w)
        add_whole(m, c, none + c->stream, !d);
    else
        add_subflow(m, c, w, d == w->responder);
}

/* It is a TCP connection of its own, whatever its SYN had in mind. */
static void leave(struct wt_observer *o, struct wt_conversation *c, struct whole *w, const struct subflow *f)
{
    for (unsigned i = 0; i < 2 && w; i++)
        w->open[i ^ f->turned] -= !f->closed[i];
    c->multipath = false;
    if (c->phase == WT_PHASE_NOT_TLS)
        wt_queue_go_on(o, c);
}

/* What a subflow carries is read elsewhere: it is no connection that says nothing. */
static void set_aside(struct wt_observer *o, struct wt_conversation *c)
{
    if (c->phase != WT_PHASE_PLAIN)
        return;
    c->phase = WT_PHASE_NOT_TLS;
    wt_account_tls(&o->account, c);
}

void wt_multipath_syn(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    const struct wt_span capable = find(s->options, MP_CAPABLE), joining = find(s->options, MP_JOIN);
    struct subflow *f = c->multipath ? find_subflow(o->multipath, c) : NULL;
    if (!(s->flags & WT_TCP_ACK)) {
        if (joining.n)
            join(o, c, d, joining);
    } else if (capable.n) {
        begin_whole(o, c, d, s, capable);
    } else if (f && !f->first && joining.n) {
        set_aside(o, c);
    } else if (f && !joining.n && s->options.p) {
        /* RFC 8684, 3.2: a SYN-ACK that accepts has MP_JOIN as well */
        leave(o, c, find_whole(o->multipath, f->token), f);
    }
}

/* Which number the segment's first byte has in the first subflow. */
static void map(struct whole *w, struct subflow *f, const struct wt_conversation *c, unsigned d,
                const struct wt_segment *s, const struct dss *x)
{
    const unsigned to = d ^ f->turned;
    if (!x->has_mapping)
        return;
    /* RFC 8684, 3.3.1: the subflow's number is counted from its SYN */
    const uint32_t mapped = c->transport.tcp[d].syn ? c->transport.tcp[d].base + x->subflow : s->sequence;
    /* one that only ends the stream has 0 for the subflow's number (3.3.3) */
    const uint32_t data = x->subflow ? x->data + (s->sequence - mapped) : x->data;
    /* what has passed until now is the first subflow's: others join it later */
    if (!w->has_base[to] && f->first && x->subflow) {
        w->base[to] = data - s->sequence;
        w->has_base[to] = true;
    }
    if (w->has_base[to] && x->subflow) {
        f->shift[d] = data - w->base[to] - s->sequence;
        f->has_shift[d] = true;
    }
    if (w->has_base[to] && x->fin) {
        w->end[to] = x->data + x->length - 1 - w->base[to];
        w->ended[to] = true;
    }
}

/* Subflows come and go: the stream ends with its DATA_FIN, or with the last of them. */
static void move_end(struct whole *w, struct subflow *f, unsigned d, struct wt_segment *s)
{
    const unsigned to = d ^ f->turned;
    const uint8_t flags = s->flags;
    for (unsigned i = 0; i < 2; i++)
        if (!f->closed[i] && (flags & WT_TCP_RST || (flags & WT_TCP_FIN && i == d))) {
            f->closed[i] = true;
            w->open[i ^ f->turned]--;
        }
    s->flags &= (uint8_t) ~(WT_TCP_FIN | WT_TCP_RST);
    if (flags & WT_TCP_RST && !w->open[0] && !w->open[1])
        s->flags |= WT_TCP_RST;
    if (w->told_end[to])
        return;
    if (w->ended[to] && !s->length && !(s->flags & WT_TCP_RST))
        s->sequence = w->end[to];
    const bool here = w->ended[to] && s->sequence + s->length == w->end[to];
    if (here || (flags & WT_TCP_FIN && !w->open[to])) {
        s->flags |= WT_TCP_FIN;
        w->told_end[to] = true;
    }
}

/* What the first subflow's own segments would say beside bytes and numbers: its window's scale and its path are other
 * ones. */
static void put_in_place(const struct wt_conversation *first, unsigned to, struct wt_segment *s)
{
    const struct wt_tcp_direction *tcp = &first->transport.tcp[to];
    s->window = tcp->window;
    s->ttl = first->path.hop_limit[to];
    s->id = 0;
    if (!s->length && !(s->flags & (WT_TCP_FIN | WT_TCP_RST)))
        s->sequence = tcp->next;
}

bool wt_multipath_take(struct wt_observer *o, struct wt_conversation **c, unsigned *d, struct wt_segment *s)
{
    struct wt_multipath *m = o->multipath;
    struct subflow *f = find_subflow(m, *c);
    struct whole *w = f ? find_whole(m, f->token) : NULL;
    struct wt_conversation *first = w ? wt_conversations_get(o->conversations, w->id, w->stream) : NULL;
    struct dss x;
    if (!first)
        return false;
    find_dss(s->options, &x);
    map(w, f, *c, *d, s, &x);
    const unsigned to = *d ^ f->turned;
    if (!f->first && s->length && !f->has_shift[*d]) {
        /* nobody who takes part in Multipath TCP sends so; what hides behind its options is read all the same */
        leave(o, *c, w, f);
        return false;
    }
    if (!f->first && s->length)
        set_aside(o, *c);
    s->sequence += f->shift[*d];
    if (x.has_ack && w->has_base[!to])
        s->acknowledgment = x.ack - w->base[!to];
    else if (f->first)
        s->acknowledgment += f->shift[!*d];
    else
        s->flags &= (uint8_t)~WT_TCP_ACK;
    move_end(w, f, *d, s);
    if (!f->first)
        put_in_place(first, to, s);
    *c = first;
    *d = to;
    return true;
}

void wt_multipath_free(struct wt_multipath *m)
{
    if (!m)
        return;
    wt_recent_free(m->whole_places);
    wt_recent_free(m->subflow_places);
    free(m);
}
