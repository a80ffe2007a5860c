/* The two captures of a pair laid over each other: who is the client, and which sequence numbers are the same byte. */
#include "compare/compare.h"
#include "compare/pair.h"

#include <stdlib.h>

/* Bytes that must be the same for a place to be the same one. What TLS sends repeats itself less. */
enum { PROBE = 32, SURE = 16 };

static void turn_around(struct wt_conversation_seen *v)
{
    struct wt_seen_tls *t = v->tls;
    v->client = 1 - v->client;
    if (!t)
        return;
    for (size_t i = 0; i < t->count; i++)
        t->messages[i].from = 1 - t->messages[i].from;
    for (unsigned side = 0; side < 2; side++) /* no hello that it took for the other side's */
        t->has_random[side] = false;
}

/* A story that lacks the handshake cannot tell who the client is, and guesses: the other one may know, by what the two
 * have in common. */
static void agree_on_client(struct wt_pair *p)
{
    unsigned knows = !p->seen[0]->client_sure && (p->seen[1]->client_sure || !p->seen[0]->client_known);
    const struct wt_conversation_seen *from = p->seen[knows];
    struct wt_conversation_seen *to = p->seen[1 - knows];
    const struct wt_address *client = &from->end[from->client], *server = &from->end[1 - from->client];
    int same = (to->end[to->client].port == client->port) + (to->end[1 - to->client].port == server->port);
    int turned = (to->end[1 - to->client].port == client->port) + (to->end[to->client].port == server->port);
    if (!to->client_sure && turned > same)
        turn_around(to);
}

static struct wt_span first_run(const struct wt_seen_stream *s)
{
    if (s->kept.count == 0 || s->kept.list[0].from >= s->bytes.n)
        return (struct wt_span){NULL, 0};
    size_t from = s->kept.list[0].from, to = s->kept.list[0].to < s->bytes.n ? s->kept.list[0].to : s->bytes.n;
    return wt_span_of(s->bytes.p + from, to - from);
}

/* Where a's first bytes are in b: index in b's stream less index in a's. */
static bool found_in(const struct wt_seen_stream *a, const struct wt_seen_stream *b, int64_t *shift)
{
    struct wt_span run = wt_span_cut(first_run(a), 0, PROBE);
    const uint8_t *at = run.n == PROBE && b->bytes.n ? memmem(b->bytes.p, b->bytes.n, run.p, run.n) : NULL;
    if (!at)
        return false;
    *shift = at - b->bytes.p - (int64_t)a->kept.list[0].from;
    return true;
}

/* Whether the bytes at the same numbers are the same: 1 they are, 0 they are not, -1 there are none. */
static int same_bytes(const struct wt_seen_stream *a, const struct wt_seen_stream *b, int64_t shift)
{
    struct wt_span x = first_run(a);
    if (x.n == 0)
        return -1;
    int64_t from = a->kept.list[0].from + shift, skip = from < 0 ? -from : 0;
    for (uint32_t i = 0; i < b->kept.count; i++) {
        const struct wt_seen_range *r = &b->kept.list[i];
        int64_t at = from + skip > r->from ? from + skip : r->from,
                to = r->to < b->bytes.n ? r->to : (int64_t)b->bytes.n;
        if (to > from + (int64_t)x.n)
            to = from + (int64_t)x.n;
        if (to > at) {
            size_t n = to - at < SURE ? (size_t)(to - at) : SURE;
            return memcmp(x.p + (at - from), b->bytes.p + at, n) == 0;
        }
    }
    return -1;
}

/* `shift`: index in the second's stream less index in the first's of the same byte. */
static void lay(struct wt_pair *p, unsigned side, const struct wt_seen_stream *const s[2], int64_t shift)
{
    /* byte 0 is that of the one which begins earlier, or has the SYN */
    bool second = s[0]->syn ? false : s[1]->syn || shift > 0;
    p->origin[0][side] = s[0]->reference - (second ? (uint32_t)shift : 0);
    p->origin[1][side] = s[1]->reference + (second ? 0 : (uint32_t)shift);
    p->aligned[side] = true;
}

/* Both SYNs name byte 0, whatever the numbers are. Without one the bytes themselves decide, else the numbers. */
static void align_side(struct wt_pair *p, unsigned side)
{
    const struct wt_seen_stream *const s[2] = {wt_pair_stream(p, 0, side), wt_pair_stream(p, 1, side)};
    for (unsigned k = 0; k < 2; k++)
        p->origin[k][side] = s[k]->reference;
    p->aligned[side] = s[0]->started && s[1]->started;
    if (!p->aligned[side] || (s[0]->syn && s[1]->syn))
        return;
    int32_t apart = (int32_t)(s[0]->reference - s[1]->reference);
    bool near = apart > -(1 << 28) && apart < 1 << 28;
    int64_t shift = apart, back;
    if (near && same_bytes(s[0], s[1], apart) == 1) {
        lay(p, side, s, apart);
    } else if (found_in(s[0], s[1], &shift)) {
        lay(p, side, s, shift);
    } else if (found_in(s[1], s[0], &back)) {
        lay(p, side, s, -back);
    } else if (near) {
        lay(p, side, s, apart);
    } else {
        p->aligned[side] = false;
    }
}

void wt_pair_align(struct wt_pair *p)
{
    agree_on_client(p);
    align_side(p, WT_CLIENT);
    align_side(p, WT_SERVER);
}
