/* Which conversation of one capture is which of the other, by the surest sign that there is. */
#include "compare/match.h"

#include "base/memory.h"
#include "compare/compare.h"
#include "registry/limits.h"

#include <stdlib.h>

uint64_t wt_compare_hash_ends(const struct wt_address *a, const struct wt_address *b, uint64_t key)
{
    uint64_t h[2];
    const struct wt_address *const ends[2] = {a, b};
    for (unsigned i = 0; i < 2; i++) {
        uint64_t high, low;
        memcpy(&high, ends[i]->ip, 8);
        memcpy(&low, ends[i]->ip + 8, 8);
        uint64_t x = ((high ^ key) * 0xd6e8feb86659fd93u ^ low) * 0x9e3779b97f4a7c15u + ends[i]->port;
        x ^= x >> 32;
        x *= 0xd6e8feb86659fd93u;
        h[i] = x ^ (x >> 29);
    }
    return ((h[0] + h[1]) ^ key) * 0xd6e8feb86659fd93u >> 20;
}

/* --- signs -------------------------------------------------------------------------------------------------------- */

/* The sign as a number: equal ones are compared themselves, and in the order of the captures. */
struct signed_by {
    uint64_t key;
    uint32_t at;
};

typedef bool sign_of(const struct wt_conversation_seen *v, uint64_t *key);
typedef bool same_sign(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b);

static bool hello_sign(const struct wt_conversation_seen *v, unsigned hello, uint64_t *key)
{
    if (!v->tls || !v->tls->has_random[hello])
        return false;
    memcpy(key, v->tls->random[hello] + 16, sizeof *key);
    return true;
}

static bool client_hello_sign(const struct wt_conversation_seen *v, uint64_t *key)
{
    return hello_sign(v, WT_CLIENT, key);
}

static bool server_hello_sign(const struct wt_conversation_seen *v, uint64_t *key)
{
    return hello_sign(v, WT_SERVER, key);
}

static bool same_random(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b, unsigned hello)
{
    return a->tls && b->tls && a->tls->has_random[hello] && b->tls->has_random[hello] &&
           memcmp(a->tls->random[hello], b->tls->random[hello], 32) == 0;
}

static bool by_randoms(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    return same_random(a, b, WT_CLIENT) && same_random(a, b, WT_SERVER);
}

static bool by_client_random(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    return same_random(a, b, WT_CLIENT);
}

static bool by_server_random(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    return same_random(a, b, WT_SERVER);
}

static bool syn_sign(const struct wt_conversation_seen *v, uint64_t *key)
{
    *key = v->stream[v->client].reference;
    return v->stream[v->client].syn;
}

/* Numbers that pass unchanged, also through most translators of addresses: those of the SYNs, the client's and, where
 * both captures have it, the server's. */
static bool by_sequence(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    const struct wt_seen_stream *x = &a->stream[a->client], *y = &b->stream[b->client];
    const struct wt_seen_stream *u = &a->stream[1 - a->client], *v = &b->stream[1 - b->client];
    return x->reference == y->reference && (!u->syn || !v->syn || u->reference == v->reference);
}

static bool ends_sign(const struct wt_conversation_seen *v, uint64_t *key)
{
    *key = wt_compare_hash_ends(&v->end[0], &v->end[1], 0);
    return true;
}

static bool same_end(const struct wt_address *a, const struct wt_address *b)
{
    return a->port == b->port && memcmp(a->ip, b->ip, 16) == 0;
}

static bool by_ends(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    return (same_end(&a->end[0], &b->end[0]) && same_end(&a->end[1], &b->end[1])) ||
           (same_end(&a->end[0], &b->end[1]) && same_end(&a->end[1], &b->end[0]));
}

/* FNV-1a: the same in every run, since pairs are tried in the order of these numbers, and not all if they are many. */
static uint64_t number_of(struct wt_span name)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ name.p[i]) * 0x100000001b3u;
    return h;
}

static bool name_sign(const struct wt_conversation_seen *v, uint64_t *key)
{
    if (!v->tls || !v->tls->sni.n || !v->tls->asked_ns)
        return false;
    *key = number_of(v->tls->sni);
    return true;
}

static bool same_host(const struct wt_address *a, const struct wt_address *b)
{
    return memcmp(a->ip, b->ip, sizeof a->ip) == 0;
}

/* One host is the server of the one and the client of the other. */
static bool is_chained(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    if (same_host(&a->end[0], &a->end[1]) || same_host(&b->end[0], &b->end[1]))
        return false; /* of a host that talks to itself all connections are */
    return same_host(&a->end[1 - a->client], &b->end[b->client]) ||
           same_host(&b->end[1 - b->client], &a->end[a->client]);
}

/* RFC 5280, 4.1.2.4: who has certified the server. Something that ends TLS between two captures shows its client a
 * certificate of its own; two clients of the same server see the same one. Where none can be read (TLS 1.3), it is at
 * least a host that has both connections. A clock differs by less than the bound, or times mean nothing. */
static bool by_name(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    const struct wt_seen_tls *x = a->tls, *y = b->tls;
    if (!x || !y || !wt_span_equal(x->sni, y->sni) || same_random(a, b, WT_CLIENT))
        return false;
    const int64_t apart = x->asked_ns - y->asked_ns;
    if (apart > WT_LIMIT_COMPARE_LEGS_NS || apart < -WT_LIMIT_COMPARE_LEGS_NS)
        return false;
    if (x->issuer.n && y->issuer.n)
        return !wt_span_equal(x->issuer, y->issuer) && memcmp(x->leaf, y->leaf, sizeof x->leaf) != 0;
    return is_chained(a, b);
}

/* --- matching ----------------------------------------------------------------------------------------------------- */

static int order(const void *a, const void *b)
{
    const struct signed_by *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static struct signed_by *sort(const struct wt_seen_capture *k, sign_of *sign, uint32_t *n)
{
    struct signed_by *list = k->count ? wt_malloc(k->count * sizeof *list) : NULL;
    *n = 0;
    for (uint32_t i = 0; list && i < k->count; i++)
        if (!k->list[i]->mate && sign(k->list[i], &list[*n].key))
            list[(*n)++].at = i;
    if (list)
        qsort(list, *n, sizeof *list, order);
    return list;
}

/* One round of matching: pairs that share a sign, and in its first half the addresses and ports too. */
struct round {
    enum wt_compare_match by;
    sign_of *sign;
    same_sign *same;
    bool same_ends;
};

/* Offers a's conversation those of b's from `from` on that have its number. Conversations without TLS are matched like
 * the others, though they are not compared: else the TLS conversation of one capture would be left to be matched with
 * one of the other that only happens to share its sign. */
static void offer(struct wt_compare *c, const struct signed_by *a, const struct signed_by *b, uint32_t from, uint32_t m,
                  const struct round *r)
{
    struct wt_conversation_seen *x = c->capture[0].list[a->at];
    for (uint32_t k = from; k < m && b[k].key == a->key; k++) {
        struct wt_conversation_seen *y = c->capture[1].list[b[k].at];
        if (c->tried++ >= WT_LIMIT_COMPARE_TRIES)
            return;
        if (y->mate || !r->same(x, y) || (r->same_ends && !by_ends(x, y)))
            continue;
        x->mate = y;
        y->mate = x;
        x->match = y->match = (uint8_t)r->by;
        return;
    }
}

static void match_round(struct wt_compare *c, const struct round *r)
{
    uint32_t n, m;
    struct signed_by *a = sort(&c->capture[0], r->sign, &n), *b = sort(&c->capture[1], r->sign, &m);
    for (uint32_t i = 0, k = 0; a && b && i < n && k < m;) {
        if (a[i].key == b[k].key)
            offer(c, &a[i++], b, k, m, r);
        else if (a[i].key < b[k].key)
            i++;
        else
            k++;
    }
    free(a);
    free(b);
}

/* Several conversations may share a sign: sequence numbers that a sender always begins with, randoms of a connection
 * that was captured before and after a translator. Those that have their addresses in common as well go first. */
static void match(struct wt_compare *c, enum wt_compare_match by, sign_of *sign, same_sign *same)
{
    match_round(c, &(struct round){by, sign, same, true});
    match_round(c, &(struct round){by, sign, same, false});
}

void wt_compare_match_all(struct wt_compare *c)
{
    match(c, WT_MATCH_RANDOMS, client_hello_sign, by_randoms);
    match(c, WT_MATCH_RANDOM, client_hello_sign, by_client_random);
    match(c, WT_MATCH_RANDOM, server_hello_sign, by_server_random);
    match(c, WT_MATCH_SEQUENCE, syn_sign, by_sequence);
    match_round(c, &(struct round){WT_MATCH_ENDS, ends_sign, by_ends, false});
    match_round(c, &(struct round){WT_MATCH_NAME, name_sign, by_name, false});
}
