/* Which conversation of one capture is which of the other, by the surest sign that there is. */
#include "compare/compare.h"

typedef bool same_sign(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b);

static bool same_random(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b, unsigned hello)
{
    return a->tls && b->tls && a->tls->has_random[hello] && b->tls->has_random[hello] &&
           memcmp(a->tls->random[hello], b->tls->random[hello], 32) == 0;
}

static bool by_randoms(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    return same_random(a, b, WT_CLIENT) && same_random(a, b, WT_SERVER);
}

static bool by_random(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    return same_random(a, b, WT_CLIENT) || same_random(a, b, WT_SERVER);
}

/* Numbers that pass unchanged, also through most translators of addresses: those of the SYNs, at least the client's
 * and, where both captures have it, the server's. */
static bool by_sequence(const struct wt_conversation_seen *a, const struct wt_conversation_seen *b)
{
    const struct wt_seen_stream *x = &a->stream[a->client], *y = &b->stream[b->client];
    const struct wt_seen_stream *u = &a->stream[1 - a->client], *v = &b->stream[1 - b->client];
    if (!x->syn || !y->syn || x->reference != y->reference)
        return false;
    return !u->syn || !v->syn || u->reference == v->reference;
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

/* At least one of the two is TLS: nothing else is compared. */
static void match(struct wt_compare *c, enum wt_compare_match sign, same_sign *same)
{
    const struct wt_seen_capture *k = c->capture;
    for (uint32_t i = 0; i < k[0].count; i++) {
        struct wt_conversation_seen *a = k[0].list[i];
        for (uint32_t n = 0; !a->mate && n < k[1].count; n++) {
            struct wt_conversation_seen *b = k[1].list[n];
            if (b->mate || (!a->tls && !b->tls) || !same(a, b))
                continue;
            a->mate = b;
            b->mate = a;
            a->match = b->match = (uint8_t)sign;
        }
    }
}

void wt_compare_match_all(struct wt_compare *c)
{
    match(c, WT_MATCH_RANDOMS, by_randoms);
    match(c, WT_MATCH_RANDOM, by_random);
    match(c, WT_MATCH_SEQUENCE, by_sequence);
    match(c, WT_MATCH_ENDS, by_ends);
}
