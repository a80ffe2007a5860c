#include "endpoint/grease.h"

#include "endpoint/failure.h"

/* RFC 8446, 4.1.2: the second hello has the same as the first. */
bool wt_grease_start(struct wt_endpoint *e)
{
    struct wt_exchanging *x = e->x;
    if (!e->party->o.grease)
        return true;
    if (!wt_random_public(&e->party->random, WT_RANDOM_HELLO, x->grease, sizeof x->grease))
        return wt_endpoint_broken(e);
    /* RFC 8446, 4.2: "There MUST NOT be more than one extension of the same type in a given extension block." */
    if (x->grease[WT_GREASE_FIRST] >> 4 == x->grease[WT_GREASE_LAST] >> 4)
        x->grease[WT_GREASE_LAST] ^= 0x10;
    return true;
}

/* RFC 8701, 2: {0x0A, 0x0A}, {0x1A, 0x1A} and so on up to {0xFA, 0xFA}. */
size_t wt_grease_put(const struct wt_endpoint *e, enum wt_grease what, uint8_t *out)
{
    if (!e->party->o.grease)
        return 0;
    out[0] = out[1] = (uint8_t)((e->x->grease[what] & 0xf0) | 0x0a);
    return 2;
}

void wt_grease_extension(struct wt_block *b, const struct wt_endpoint *e, enum wt_grease what)
{
    uint8_t id[2];
    if (!wt_grease_put(e, what, id))
        return;
    wt_write_u16(&b->w, wt_get16(id));
    wt_write_u16(&b->w, what == WT_GREASE_LAST);
    if (what == WT_GREASE_LAST)
        wt_write_u8(&b->w, 0);
}

/* RFC 8701, 4.1: of a server's messages it is these two that may have some. */
bool wt_grease_server(struct wt_block *b, const struct wt_endpoint *e)
{
    uint8_t id;
    if (!e->party->o.grease)
        return true;
    if (!wt_random_public(&e->party->random, WT_RANDOM_GREASE, &id, 1))
        return false;
    id = (uint8_t)((id & 0xf0) | 0x0a);
    wt_write_u16(&b->w, (uint16_t)(id << 8 | id));
    wt_write_u16(&b->w, 0);
    return true;
}
