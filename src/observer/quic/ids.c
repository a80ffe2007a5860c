#include "observer/quic/ids.h"

#include "base/memory.h"
#include "base/span_hash.h"

#include <stdlib.h>

/* A hash table whose entries are the connections' own. `lengths`: how many ids of each length there are. */
struct wt_quic_ids {
    struct wt_quic_id **buckets;
    size_t mask, count;
    uint32_t lengths[WT_QUIC_CID_MOST + 1];
};

void wt_quic_ids_free(struct wt_quic_ids *ids)
{
    if (!ids)
        return;
    free(ids->buckets);
    free(ids);
}

static struct wt_quic_id *find(const struct wt_quic_ids *ids, struct wt_span cid)
{
    const uint64_t hash = wt_span_hash(cid);
    struct wt_quic_id *id = ids->buckets[hash & ids->mask];
    while (id && !(id->hash == hash && wt_span_equal(wt_quic_cid_span(&id->cid), cid)))
        id = id->next;
    return id;
}

struct wt_quic_id *wt_quic_ids_find(const struct wt_observer *o, struct wt_span cid)
{
    return o->quic_ids && cid.n && cid.n <= WT_QUIC_CID_MOST && o->quic_ids->lengths[cid.n] ? find(o->quic_ids, cid)
                                                                                            : NULL;
}

/* The longest first: a short id that is the beginning of a longer one is less likely to be meant. */
struct wt_quic_id *wt_quic_ids_find_short(const struct wt_observer *o, struct wt_span rest)
{
    struct wt_quic_id *id = NULL;
    for (size_t n = WT_QUIC_CID_MOST; o->quic_ids && n && !id; n--)
        if (n <= rest.n && o->quic_ids->lengths[n])
            id = find(o->quic_ids, wt_span_cut(rest, 0, n));
    return id;
}

static struct wt_quic_ids *table_of(struct wt_observer *o)
{
    enum { BEGIN = 64 };
    if (o->quic_ids)
        return o->quic_ids;
    struct wt_quic_ids *ids = wt_calloc(1, sizeof *ids);
    if (ids && !(ids->buckets = wt_calloc(BEGIN, sizeof(struct wt_quic_id *)))) {
        free(ids);
        return NULL;
    }
    if (ids)
        ids->mask = BEGIN - 1;
    return o->quic_ids = ids;
}

/* Without memory the chains become longer, no more. */
static void grow(struct wt_quic_ids *ids)
{
    const size_t size = 2 * (ids->mask + 1);
    struct wt_quic_id **buckets = wt_calloc(size, sizeof(struct wt_quic_id *));
    if (!buckets)
        return;
    for (size_t i = 0; i <= ids->mask; i++) {
        for (struct wt_quic_id *next, *id = ids->buckets[i]; id; id = next) {
            next = id->next;
            id->next = buckets[id->hash & (size - 1)];
            buckets[id->hash & (size - 1)] = id;
        }
    }
    free(ids->buckets);
    ids->buckets = buckets;
    ids->mask = size - 1;
}

static void unlink_id(struct wt_quic *q, struct wt_quic_id *id)
{
    struct wt_observer *o = q->o;
    struct wt_quic_ids *ids = o->quic_ids;
    struct wt_quic_id **at = &ids->buckets[id->hash & ids->mask], **mine = &q->ids;
    while (*at != id)
        at = &(*at)->next;
    *at = id->next;
    while (*mine != id)
        mine = &(*mine)->sibling;
    *mine = id->sibling;
    q->id_count--;
    ids->lengths[id->cid.n]--;
    ids->count--;
    wt_wipe(id->token, sizeof id->token);
    wt_pool_give(&o->pool, id, sizeof *id);
}

/* The oldest that was retired, else the oldest that was numbered. */
static bool make_room(struct wt_quic *q)
{
    struct wt_quic_id *oldest = NULL, *retired = NULL;
    if (q->id_count < WT_LIMIT_QUIC_IDS)
        return true;
    for (struct wt_quic_id *id = q->ids; id; id = id->sibling) {
        if (id->retired)
            retired = id;
        if (id->sequence != WT_QUIC_UNNUMBERED)
            oldest = id;
    }
    q->o->lost[WT_LOST_QUIC_IDS] += !retired;
    if (retired || oldest)
        unlink_id(q, retired ? retired : oldest);
    return retired || oldest;
}

/* Its own: the other side may have chosen the same. */
static struct wt_quic_id *own(const struct wt_quic *q, unsigned owner, struct wt_span cid)
{
    struct wt_quic_id *id = q->ids;
    while (id && !(id->owner == owner && wt_span_equal(wt_quic_cid_span(&id->cid), cid)))
        id = id->sibling;
    return id;
}

/* Two connections may have the same id, which their clients chose: the newer one's is found first. */
struct wt_quic_id *wt_quic_ids_add(struct wt_quic *q, unsigned owner, struct wt_span cid, uint64_t sequence)
{
    struct wt_observer *o = q->o;
    struct wt_quic_ids *ids = table_of(o);
    struct wt_quic_id *id = own(q, owner, cid);
    if (!ids || !cid.n || cid.n > WT_QUIC_CID_MOST)
        return NULL;
    if (id) {
        if (sequence != WT_QUIC_UNNUMBERED)
            id->sequence = sequence;
        return id;
    }
    if (!make_room(q) || !(id = wt_pool_take_zeroed(&o->pool, sizeof *id)))
        return NULL;
    if (ids->count > ids->mask)
        grow(ids);
    *id = (struct wt_quic_id){.quic = q,
                              .hash = wt_span_hash(cid),
                              .sequence = sequence,
                              .owner = (uint8_t)owner,
                              .sibling = q->ids,
                              .cid = {.n = (uint8_t)cid.n}};
    memcpy(id->cid.bytes, cid.p, cid.n);
    id->next = ids->buckets[id->hash & ids->mask];
    ids->buckets[id->hash & ids->mask] = id;
    q->ids = id;
    q->id_count++;
    ids->lengths[cid.n]++;
    ids->count++;
    return id;
}

void wt_quic_ids_retire(struct wt_quic *q, unsigned owner, uint64_t sequence)
{
    for (struct wt_quic_id *id = q->ids; id; id = id->sibling)
        if (id->owner == owner && id->sequence == sequence)
            id->retired = true;
}

void wt_quic_ids_token(struct wt_quic_id *id, struct wt_span token)
{
    if (token.n != WT_RESET_TOKEN)
        return;
    memcpy(id->token, token.p, WT_RESET_TOKEN);
    id->has_token = true;
}

/* RFC 9000, 10.3: "The resulting minimum size of 21 bytes": what looks like a short header, and the token. */
bool wt_quic_ids_is_reset(const struct wt_quic *q, unsigned owner, struct wt_span datagram)
{
    enum { LEAST = 5 + WT_RESET_TOKEN };
    if (datagram.n < LEAST || datagram.p[0] & WT_QUIC_LONG)
        return false;
    const uint8_t *end = datagram.p + datagram.n - WT_RESET_TOKEN;
    for (const struct wt_quic_id *id = q->ids; id; id = id->sibling)
        if (id->has_token && id->owner == owner && memcmp(id->token, end, WT_RESET_TOKEN) == 0)
            return true;
    return false;
}

void wt_quic_ids_turn(struct wt_quic *q)
{
    for (struct wt_quic_id *id = q->ids; id; id = id->sibling)
        id->owner = !id->owner;
}

void wt_quic_ids_drop(struct wt_quic *q)
{
    while (q->ids)
        unlink_id(q, q->ids);
}
