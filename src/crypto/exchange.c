#include "crypto/exchange.h"

#include "base/memory.h"
#include "crypto/exchange_field.h"

#include <openssl/err.h>
#include <stdatomic.h>
#include <stdlib.h>

#define WT_GROUP(value, id, name, kind, bits, openssl, rfc) value,
static const uint16_t ids[] = {
#include "registry/groups.def"
};
#undef WT_GROUP

enum { GROUPS = sizeof ids / sizeof *ids };

struct wt_exchanges {
    OSSL_LIB_CTX *lib;
    /* Made when they are first needed: whoever comes second waits for nobody, and gives up what he has made. */
    _Atomic(struct wt_exchange_group *) ready[GROUPS];
    _Atomic bool missing[GROUPS];
};

struct wt_exchanges *wt_exchanges_new(struct wt_crypto *crypto)
{
    struct wt_exchanges *groups = wt_calloc(1, sizeof *groups);
    if (groups)
        groups->lib = wt_crypto_context(crypto);
    return groups;
}

static void release(struct wt_exchange_group *g)
{
    if (!g)
        return;
    g->kind->release(g);
    free(g);
}

void wt_exchanges_free(struct wt_exchanges *groups)
{
    if (!groups)
        return;
    for (size_t i = 0; i < GROUPS; i++)
        release(atomic_load(&groups->ready[i]));
    free(groups);
}

static const struct wt_exchange_kind *kind_of(const struct wt_group *row)
{
    if (!row->openssl)
        return NULL;
    switch (row->kind) {
    case WT_GROUP_EC:
        return &wt_exchange_curve;
    case WT_GROUP_MONTGOMERY:
        return &wt_exchange_montgomery;
    case WT_GROUP_FF:
        return &wt_exchange_field;
    case WT_GROUP_PQ:
    case WT_GROUP_HYBRID:
        return &wt_exchange_kem;
    default:
        return NULL;
    }
}

static struct wt_exchange_group *make(OSSL_LIB_CTX *lib, const struct wt_exchange_kind *kind, uint16_t id)
{
    struct wt_exchange_group *g = wt_calloc(1, sizeof *g);
    if (g)
        *g = (struct wt_exchange_group){.kind = kind, .lib = lib, .id = id};
    return g;
}

/* Rows are in the order of their numbers. */
static size_t place_of(uint16_t id)
{
    size_t low = 0, high = GROUPS;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (ids[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < GROUPS && ids[low] == id ? low : GROUPS;
}

static const struct wt_exchange_group *group_of(const struct wt_exchanges *all, uint16_t id)
{
    struct wt_exchanges *groups = (struct wt_exchanges *)(uintptr_t)all; /* only `ready` and `missing` change */
    const size_t i = place_of(id);
    if (i == GROUPS)
        return NULL;
    struct wt_exchange_group *g = atomic_load_explicit(&groups->ready[i], memory_order_acquire), *other = NULL;
    if (g || atomic_load_explicit(&groups->missing[i], memory_order_relaxed))
        return g;
    const struct wt_group *row = wt_group_find(id);
    const struct wt_exchange_kind *kind = kind_of(row);
    g = kind ? make(groups->lib, kind, id) : NULL;
    if (!g || !kind->prepare(g, row)) {
        ERR_clear_error();
        release(g);
        atomic_store(&groups->missing[i], true);
        return NULL;
    }
    if (atomic_compare_exchange_strong(&groups->ready[i], &other, g))
        return g;
    release(g);
    return other;
}

bool wt_exchanges_have(const struct wt_exchanges *groups, uint16_t group)
{
    return group_of(groups, group) != NULL;
}

size_t wt_exchange_share_length(const struct wt_exchanges *groups, uint16_t group, bool server)
{
    const struct wt_exchange_group *g = group_of(groups, group);
    return !g ? 0 : server ? g->server : g->client;
}

static void drop_keys(struct wt_exchange *e)
{
    BN_clear_free(e->scalar);
    EVP_PKEY_free(e->pkey); /* which wipes it */
    if (e->deriving)
        e->group->kind->drop(e);
    e->scalar = NULL;
    e->pkey = NULL;
    e->deriving = NULL;
}

void wt_exchange_free(struct wt_exchange *e)
{
    if (!e)
        return;
    drop_keys(e);
    release(e->own);
    free(e);
}

/* Takes `own` over. */
static struct wt_exchange *create(const struct wt_exchange_group *g, struct wt_exchange_group *own,
                                  const struct wt_random *random, struct wt_share *share)
{
    struct wt_exchange *e = wt_calloc(1, sizeof *e);
    if (!e) {
        release(own);
        return NULL;
    }
    e->group = g;
    e->own = own;
    if (g->kind->create(g, random, e, share))
        return e;
    ERR_clear_error();
    share->n = 0;
    wt_exchange_free(e);
    return NULL;
}

struct wt_exchange *wt_exchange_new(const struct wt_exchanges *groups, uint16_t group, const struct wt_random *random,
                                    struct wt_share *share)
{
    const struct wt_exchange_group *g = group_of(groups, group);
    share->n = 0;
    return g ? create(g, NULL, random, share) : NULL;
}

/* What did not come to a secret leaves nothing of one, and nothing in libcrypto's queue of errors. */
static enum wt_exchanged end(enum wt_exchanged result, struct wt_shared *shared)
{
    if (result != WT_EXCHANGED) {
        ERR_clear_error();
        wt_wipe(shared->bytes, sizeof shared->bytes);
        shared->n = 0;
    }
    return result;
}

enum wt_exchanged wt_exchange_finish(struct wt_exchange *e, struct wt_span peer, struct wt_shared *shared)
{
    shared->n = 0;
    const bool unused = e->scalar || e->pkey || e->deriving;
    const enum wt_exchanged result = end(unused ? e->group->kind->finish(e, peer, shared) : WT_EXCHANGE_FAILED, shared);
    drop_keys(e);
    return result;
}

enum wt_exchanged wt_exchange_answer(const struct wt_exchanges *groups, uint16_t group, const struct wt_random *random,
                                     struct wt_span peer, struct wt_share *share, struct wt_shared *shared)
{
    const struct wt_exchange_group *g = group_of(groups, group);
    struct wt_exchange e = {.group = g};
    enum wt_exchanged result = WT_EXCHANGE_FAILED;
    share->n = shared->n = 0;
    if (!g)
        return WT_EXCHANGE_FAILED;
    if (peer.n != g->client)
        return WT_EXCHANGE_BAD_SHARE;
    if (g->kind->answer)
        result = g->kind->answer(g, peer, share, shared);
    else if (g->kind->create(g, random, &e, share))
        result = g->kind->finish(&e, peer, shared);
    drop_keys(&e);
    if (result != WT_EXCHANGED)
        share->n = 0;
    return end(result, shared);
}

struct wt_exchange *wt_exchange_new_dh(const struct wt_exchanges *groups, struct wt_span p, struct wt_span generator,
                                       const struct wt_random *random, struct wt_share *share, enum wt_exchanged *why)
{
    const uint16_t id = wt_exchange_dh_find(groups, p, generator);
    struct wt_exchange *e = NULL;
    *why = WT_EXCHANGE_FAILED;
    share->n = 0;
    if (id) {
        e = wt_exchange_new(groups, id, random, share);
    } else {
        struct wt_exchange_group *own = make(groups->lib, &wt_exchange_field, 0);
        if (!own)
            return NULL;
        *why = wt_exchange_field_named(own, p, generator);
        if (*why == WT_EXCHANGED) {
            *why = WT_EXCHANGE_FAILED;
            e = create(own, own, random, share);
        } else {
            ERR_clear_error();
            release(own);
        }
    }
    if (e)
        *why = WT_EXCHANGED;
    return e;
}

bool wt_exchange_dh(const struct wt_exchanges *groups, uint16_t group, struct wt_span *p, struct wt_span *g)
{
    const struct wt_exchange_group *own = group_of(groups, group);
    if (!own || own->kind != &wt_exchange_field)
        return false;
    *p = wt_span_of(own->ff.prime, own->secret);
    *g = wt_span_of(own->ff.generator, own->ff.generator_n);
    return true;
}

static struct wt_span without_zeros(struct wt_span number)
{
    while (number.n && !*number.p)
        number = wt_span_cut(number, 1, number.n);
    return number;
}

uint16_t wt_exchange_dh_find(const struct wt_exchanges *groups, struct wt_span p, struct wt_span g)
{
    struct wt_span prime, generator;
    const struct wt_span wanted = without_zeros(p), by = without_zeros(g);
    for (size_t i = 0; i < GROUPS; i++) {
        const struct wt_group *row = wt_group_find(ids[i]);
        if (row->kind == WT_GROUP_FF && row->bits == 8 * wanted.n &&
            wt_exchange_dh(groups, row->id, &prime, &generator) && wt_span_equal(prime, wanted) &&
            wt_span_equal(generator, by))
            return row->id;
    }
    return 0;
}

struct wt_span wt_exchange_strip(struct wt_span secret)
{
    return without_zeros(secret);
}

void wt_shared_wipe(struct wt_shared *shared)
{
    wt_wipe(shared->bytes, shared->n);
    shared->n = 0;
}
