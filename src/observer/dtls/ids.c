#include "observer/dtls/ids.h"

void wt_dtls_ids_unlist(struct wt_observer *o, struct wt_dtls *dtls)
{
    struct wt_dtls **at = &o->udp.moving;
    if (!dtls->listed)
        return;
    while (*at && *at != dtls)
        at = &(*at)->moving_next;
    if (*at)
        *at = dtls->moving_next;
    o->udp.moving_count--;
    dtls->listed = false;
}

void wt_dtls_ids_list(struct wt_observer *o, struct wt_dtls *dtls)
{
    if (dtls->listed || (!dtls->way[0].cid_count && !dtls->way[1].cid_count))
        return;
    if (o->udp.moving_count >= WT_LIMIT_DTLS_MOVING) {
        struct wt_dtls *oldest = o->udp.moving;
        while (oldest->moving_next)
            oldest = oldest->moving_next;
        wt_dtls_ids_unlist(o, oldest);
        o->lost[WT_LOST_UDP_CONNECTIONS]++;
    }
    dtls->moving_next = o->udp.moving;
    o->udp.moving = dtls;
    o->udp.moving_count++;
    dtls->listed = true;
}

/* Where the id is: RFC 9146, 4, behind the sequence number; RFC 9147, 4, behind the first byte. n = 0: none. */
static struct wt_span id_and_more(struct wt_span record)
{
    enum { BEFORE = 11 };
    if (record.n > BEFORE && record.p[0] == WT_CONTENT_TLS12_CID && wt_get16(record.p + 1) == WT_DTLS12)
        return wt_span_cut(record, BEFORE, record.n);
    if (record.n > 1 && wt_dtls_is_unified(record.p[0]) && record.p[0] & WT_DTLS13_CID)
        return wt_span_cut(record, 1, record.n);
    return (struct wt_span){0};
}

/* RFC 9146, 3: a peer may ask for an id of no bytes, with which every record begins. */
static bool begins_with(struct wt_span found, struct wt_span id)
{
    return !id.n || (id.n <= found.n && memcmp(id.p, found.p, id.n) == 0);
}

size_t wt_dtls_ids_length(const struct wt_dtls_way *way, struct wt_span record)
{
    const struct wt_span found = id_and_more(record);
    for (size_t i = 0; i < way->cid_count; i++)
        if (begins_with(found, way->cids[i]))
            return way->cids[i].n;
    return way->cid_count ? way->cids[0].n : 0;
}

static bool has_id(const struct wt_dtls_way *way, struct wt_span found)
{
    for (size_t i = 0; i < way->cid_count; i++)
        if (begins_with(found, way->cids[i]))
            return true;
    return false;
}

struct wt_conversation *wt_dtls_ids_find(struct wt_observer *o, struct wt_span datagram, unsigned *direction)
{
    const struct wt_span found = id_and_more(datagram);
    for (struct wt_dtls *dtls = found.n ? o->udp.moving : NULL; dtls; dtls = dtls->moving_next)
        for (unsigned d = 0; d < 2; d++)
            if (has_id(&dtls->way[d], found)) {
                *direction = d;
                return dtls->c;
            }
    return NULL;
}
