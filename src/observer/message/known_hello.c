#include "observer/message/known_hello.h"

#include "base/memory.h"
#include "base/recent.h"
#include "base/span_hash.h"
#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "flow/flow.h"
#include "handshake/rules.h"
#include "observer/message/hello.h"
#include "observer/message/message.h"
#include "observer/state.h"

#include <stdlib.h>

struct wt_known_hellos {
    struct wt_recent *places;                           /* by the hash of a key */
    struct wt_known_hello *list[WT_LIMIT_KNOWN_HELLOS]; /* NULL: one like it was seen once */
    uint32_t again; /* the place of the hello that is being read, when it is the second one; or WT_RECENT_NONE */
};

struct wt_known_hellos *wt_known_hellos_new(void)
{
    struct wt_known_hellos *known = wt_calloc(1, sizeof *known);
    if (known && !wt_recent_ensure(&known->places, WT_LIMIT_KNOWN_HELLOS)) {
        free(known);
        return NULL;
    }
    return known;
}

void wt_known_hellos_free(struct wt_known_hellos *known)
{
    if (!known)
        return;
    for (size_t i = 0; i < WT_LIMIT_KNOWN_HELLOS; i++)
        free(known->list[i]);
    wt_recent_free(known->places);
    free(known);
}

/* --- what is the same --------------------------------------------------------------------------------------------- */

/* A hello without what is made anew, to compare; n is 0 where it cannot be known. */
struct key {
    size_t n;
    uint8_t bytes[WT_LIMIT_KNOWN_HELLO];
};

static void put(struct key *key, const uint8_t *from, const uint8_t *end)
{
    memcpy(key->bytes + key->n, from, (size_t)(end - from));
    key->n += (size_t)(end - from);
}

/* What else of a hello is never the same: RFC 8446, 4.2.2, "copy the contents of the extension received in the
 * HelloRetryRequest"; RFC 9849, 5: the payload is encrypted. */
static bool is_never_the_same(uint16_t id)
{
    return id == WT_EXT_COOKIE || id == WT_EXT_KEY_SHARE_OLD || id == WT_EXT_ENCRYPTED_CLIENT_HELLO ||
           id == WT_EXT_ENCRYPTED_SERVER_NAME;
}

/* The next vector of `rest`: its length becomes a part of the key. */
static bool put_next(struct key *key, struct wt_span *rest, unsigned width, struct wt_span *out)
{
    if (!wt_ext_opaque_next(rest, width, out))
        return false;
    put(key, out->p - width, out->p);
    return true;
}

/* RFC 8446, 4.2.8: each share's group and length, without its key. */
static bool put_shares(struct key *key, struct wt_span body)
{
    struct wt_span list, share;
    if (!put_next(key, &body, 2, &list) || body.n)
        return false;
    while (list.n) {
        if (list.n < 2)
            return false;
        put(key, list.p, list.p + 2);
        list = wt_span_cut(list, 2, list.n);
        if (!put_next(key, &list, 2, &share))
            return false;
    }
    return true;
}

/* RFC 8446, 4.2.11: the lengths of the identities and of their binders. */
static bool put_psks(struct key *key, struct wt_span body)
{
    enum { AGE = 4 };
    struct wt_span identities, binders, one;
    if (!put_next(key, &body, 2, &identities) || !put_next(key, &body, 2, &binders) || body.n)
        return false;
    while (identities.n) {
        if (!put_next(key, &identities, 2, &one) || identities.n < AGE)
            return false;
        identities = wt_span_cut(identities, AGE, identities.n);
    }
    while (binders.n)
        if (!put_next(key, &binders, 1, &one))
            return false;
    return true;
}

/* An extension whose body is made anew: what of it is the same in each hello like this one. */
static bool put_body(struct key *key, const struct wt_extension *e)
{
    switch (e->id) {
    case WT_EXT_KEY_SHARE:
        return put_shares(key, e->body);
    case WT_EXT_PRE_SHARED_KEY:
        return put_psks(key, e->body);
    default: /* a ticket is opaque (RFC 5077, 3.2) */
        return true;
    }
}

/* RFC 8446, 4.1.2: the fields of a ClientHello, each where the ones before it end. */
static size_t extensions_at(struct wt_span body)
{
    enum { SESSION_ID = 34 };
    size_t at = SESSION_ID;
    if (body.n <= at || body.p[at] > 32)
        return 0;
    at += 1u + body.p[at];
    if (body.n < at + 2)
        return 0;
    at += 2u + wt_get16(body.p + at);
    if (body.n < at + 1)
        return 0;
    at += 1u + body.p[at];
    return body.n >= at + 2 && wt_get16(body.p + at) == body.n - at - 2 ? at + 2 : 0;
}

static bool make_key(struct wt_span body, struct key *key)
{
    const size_t at = extensions_at(body);
    struct wt_extension e;
    key->n = 0;
    if (!at || body.n > sizeof key->bytes)
        return false;
    const uint8_t *from = body.p + 34 + 1 + body.p[34];
    struct wt_span rest = wt_span_cut(body, at, body.n);
    put(key, body.p, body.p + 2);
    put(key, body.p + 34, body.p + 35);
    while (rest.n) {
        if (!wt_extensions_next(&rest, &e) || is_never_the_same(e.id))
            return false;
        if (!wt_agreed_is_made_anew(e.id))
            continue;
        put(key, from, e.body.p);
        if (!put_body(key, &e))
            return false;
        from = e.body.p + e.body.n;
    }
    put(key, from, body.p + body.n);
    return true;
}

/* --- which is known ----------------------------------------------------------------------------------------------- */

/* Nothing was read before it that what follows from it depends on. */
static bool is_first(const struct wt_incoming *h)
{
    const struct wt_tls_handshake *hs = h->tls->handshake;
    if (!hs || h->context.version || h->context.certificate_type || h->context.from_server)
        return false;
    const struct wt_agreed *a = &hs->common.agreed;
    return !a->offered.seen && !a->chosen.seen && !a->retry.seen && !a->requested.seen && !a->again;
}

struct wt_known_hello *wt_known_hello_find(const struct wt_incoming *h, struct wt_span body)
{
    struct wt_known_hellos *known = h->o->known_hellos;
    struct key key WT_UNINITIALIZED;
    bool is_new;
    if (!known)
        return NULL;
    known->again = WT_RECENT_NONE;
    if (!is_first(h) || !make_key(body, &key))
        return NULL;
    const struct wt_span bytes = wt_span_of(key.bytes, key.n);
    const uint32_t at = wt_recent_take(known->places, wt_span_hash(bytes), &is_new);
    struct wt_known_hello **place = &known->list[at];
    if (is_new) {
        free(*place);
        *place = NULL;
    } else if (!*place) {
        known->again = at;
    }
    return *place && wt_span_equal((*place)->key, bytes) ? *place : NULL;
}

static void move(struct wt_span *s, const uint8_t *from, const uint8_t *to)
{
    if (s->p)
        s->p = to + (s->p - from);
}

/* A body that is made anew, which has the same lengths. */
static void move_body(struct wt_extensions_decoded *decoded, unsigned i, const uint8_t *to)
{
    struct wt_extension_decoded *e = &decoded->list[i];
    const uint8_t *from = e->body.p;
    e->body.p = to;
    switch (decoded->id[i]) {
    case WT_EXT_KEY_SHARE:
        move(&e->fields.key_share.client_shares, from, to);
        break;
    case WT_EXT_PRE_SHARED_KEY:
        move(&e->fields.pre_shared_key.identities, from, to);
        move(&e->fields.pre_shared_key.binders, from, to);
        break;
    default:
        move(&e->fields.session_ticket.ticket, from, to);
        break;
    }
}

void wt_known_hello_settle(struct wt_known_hello *known, struct wt_span body, struct wt_client_hello *out)
{
    const uint8_t *from = known->bytes.p;
    *out = known->hello;
    move(&out->random, from, body.p);
    move(&out->session_id, from, body.p);
    move(&out->cipher_suites, from, body.p);
    move(&out->compression_methods, from, body.p);
    move(&out->extensions.block, from, body.p);
    out->extensions.decoded = &known->decoded;
    for (unsigned i = 0; i < known->anew_count; i++)
        move_body(&known->decoded, known->anew[i].index, body.p + known->anew[i].at);
}

/* --- what is learnt ----------------------------------------------------------------------------------------------- */

/* What follows from the hello in its bytes; false where it breaks its format or a rule, which each like it reports
 * anew. As the first of a connection that was seen from its start it could break more than as any other. */
static bool work_out(const struct wt_incoming *h, struct wt_known_hello *k)
{
    struct wt_message_body m = {.type = WT_HANDSHAKE_CLIENT_HELLO};
    struct wt_breaches breaches;
    struct wt_error error;
    if (wt_message_decode(&h->context, m.type, k->bytes, NULL, &m, &error) != WT_OK || !m.client_hello.complete)
        return false;
    k->hello = m.client_hello;
    wt_decoded_fill(&k->hello.extensions, &h->context, WT_IN_CH, &k->decoded);
    if (k->decoded.error.code != WT_OK || k->decoded.more)
        return false;
    k->hello.extensions.decoded = m.client_hello.extensions.decoded = &k->decoded;
    wt_agreed_start(&k->agreed, true);
    wt_rules_check(&k->agreed, WT_CLIENT, &m, k->bytes, &breaches);
    if (breaches.count || breaches.more)
        return false;
    wt_agreed_message(&k->agreed, WT_CLIENT, &m, true);
    k->flow = wt_flow_facts(&h->tls->flow, WT_CLIENT, &m, (struct wt_span){0});
    k->seen = wt_hello_client_seen(&k->hello);
    wt_fingerprint_client(h->o->fingerprints, &k->hello, h->o->crypto, &h->o->ja3, NULL, &k->fingerprints);
    return true;
}

/* False where it has more of them than there are, each once. */
static bool find_parts(struct wt_known_hello *k)
{
    for (unsigned i = 0; i < k->decoded.count; i++) {
        const struct wt_extension_decoded *e = &k->decoded.list[i];
        if (k->decoded.id[i] == WT_EXT_SERVER_NAME)
            k->sni = e->fields.server_name.host_name;
        if (!wt_agreed_is_made_anew(k->decoded.id[i]))
            continue;
        if (k->anew_count == sizeof k->anew / sizeof *k->anew)
            return false;
        k->anew[k->anew_count++] = (struct wt_hello_part){i, (size_t)(e->body.p - k->bytes.p)};
    }
    return true;
}

void wt_known_hello_learn(const struct wt_incoming *h, struct wt_span body)
{
    struct wt_known_hellos *known = h->o->known_hellos;
    struct key key WT_UNINITIALIZED;
    if (!known || known->again == WT_RECENT_NONE || !make_key(body, &key))
        return;
    struct wt_known_hello *k = wt_calloc(1, sizeof *k + body.n + key.n);
    if (!k)
        return;
    uint8_t *room = (uint8_t *)(k + 1);
    memcpy(room, body.p, body.n);
    memcpy(room + body.n, key.bytes, key.n);
    k->bytes = wt_span_of(room, body.n);
    k->key = wt_span_of(room + body.n, key.n);
    if (!work_out(h, k) || !find_parts(k)) {
        free(k);
        return;
    }
    known->list[known->again] = k;
    known->again = WT_RECENT_NONE;
}
