/* What fields are in what QUIC and DTLS tell beside TLS's messages: `quic` and `dtls` of the contract, and Wireshark's
 * names for it. */
#include "codec/frame/frame.h"
#include "filter/fields.h"
#include "filter/values.h"
#include "registry/quic.h"
#include "story/words.h"
#include "wiretale/dtls.h"
#include "wiretale/quic.h"

#include <string.h>

static void bytes(struct wt_filter_values *v, struct wt_span s)
{
    if (s.n)
        wt_filter_add_bytes(v, s);
}

static void said(struct wt_filter_values *v, struct wt_span s)
{
    if (s.p)
        wt_filter_add_bytes(v, s);
}

/* --- QUIC --------------------------------------------------------------------------------------------------------- */

static void versions(struct wt_filter_values *v, const uint32_t *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        wt_filter_add_number(v, list[i]);
}

static void sums(struct wt_filter_values *v, const struct wt_quic_counts *counts)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < counts->count; i++)
        sum += counts->items[i].count;
    wt_filter_add_some(v, sum);
}

/* The first type of each kind of frames that was seen: names are compared as in the registry. */
static void frame_types(struct wt_filter_values *v, const struct wt_quic_counts *counts)
{
    static const struct {
        const char *id;
        uint64_t first;
    } kinds[] = {
#define WT_QUIC_FRAME(first, last, ID, id, packets, eliciting, rfc) {id, first},
#include "registry/quic_frames.def"
#undef WT_QUIC_FRAME
    };
    for (size_t i = 0; i < counts->count; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            if (!strcmp(kinds[k].id, counts->items[i].what))
                wt_filter_add_number(v, (int64_t)kinds[k].first);
}

/* As Wireshark has them: RFC 9000, 17.2, table 5. */
static void long_types(struct wt_filter_values *v, const struct wt_quic_counts *counts)
{
    for (size_t i = 0; i < counts->count; i++)
        for (size_t k = WT_QUIC_INITIAL; k <= WT_QUIC_RETRY; k++)
            if (!strcmp(wt_quic_packet_id((enum wt_quic_packet)k), counts->items[i].what))
                wt_filter_add_number(v, (int64_t)k);
}

static void close_field(struct wt_filter_values *v, const struct wt_quic_close_seen *c, int what)
{
    switch (what) {
    case QUIC_CLOSE_FRAME:
        wt_filter_add_number(v, c->frame);
        break;
    case QUIC_CLOSE_FROM:
        wt_filter_add_text(v, wt_words_side(c->from));
        break;
    case QUIC_CLOSE_LAYER:
        wt_filter_add_text(v, c->application ? "application" : "transport");
        break;
    case QUIC_CLOSE_CODE:
        wt_filter_add_number(v, (int64_t)c->code);
        break;
    case QUIC_CLOSE_TRANSPORT:
        if (!c->application)
            wt_filter_add_number(v, (int64_t)c->code);
        break;
    case QUIC_CLOSE_APPLICATION:
        if (c->application)
            wt_filter_add_number(v, (int64_t)c->code);
        break;
    case QUIC_CLOSE_NAME:
        wt_filter_add_text(v, c->name);
        break;
    default: /* QUIC_CLOSE_REASON */
        wt_filter_add_bytes(v, c->reason);
        break;
    }
}

static void of_side(struct wt_filter_values *v, const struct wt_quic_story *q, unsigned side, int what)
{
    switch (what) {
    case QUIC_PACKETS:
        sums(v, &q->packets[side]);
        break;
    case QUIC_OPENED:
        sums(v, &q->opened[side]);
        break;
    case QUIC_KEY_UPDATES:
        if (q->key_updates[0] || q->key_updates[1])
            wt_filter_add_number(v, q->key_updates[side]);
        break;
    case QUIC_IDLE_TIMEOUT:
        if (q->idle_timeout[side])
            wt_filter_add_number(v, q->idle_timeout[side]);
        break;
    case QUIC_STREAM_BYTES:
        if (q->stream_bytes[0] || q->stream_bytes[1])
            wt_filter_add_number(v, (int64_t)q->stream_bytes[side]);
        break;
    default: /* QUIC_DATAGRAM_BYTES */
        if (q->datagram_bytes[0] || q->datagram_bytes[1])
            wt_filter_add_number(v, (int64_t)q->datagram_bytes[side]);
        break;
    }
}

static void of_ids(struct wt_filter_values *v, const struct wt_quic_story *q, int what)
{
    if (what == QUIC_DCID && q->has_client)
        wt_filter_add_bytes(v, q->dcid);
    if ((what == QUIC_CLIENT_SCID || what == QUIC_SCID) && q->has_client)
        wt_filter_add_bytes(v, q->client_scid);
    if (what == QUIC_SERVER_SCID || what == QUIC_SCID)
        bytes(v, q->server_scid);
}

static void of_connection(struct wt_filter_values *v, const struct wt_quic_story *q, int what)
{
    switch (what) {
    case QUIC_VERSION:
        wt_filter_add_number(v, q->version);
        versions(v, q->versions_tried, q->versions_tried_count);
        break;
    case QUIC_VERSIONS_TRIED:
        versions(v, q->versions_tried, q->versions_tried_count);
        break;
    case QUIC_VERSIONS_OFFERED:
        versions(v, q->versions_offered, q->versions_offered_count);
        break;
    case QUIC_RETRY:
        wt_filter_add_number(v, q->retry);
        break;
    case QUIC_EARLY_DATA:
        wt_filter_add_number(v, q->early_data);
        break;
    case QUIC_OFFLOADED:
        wt_filter_add_some(v, q->offloaded);
        break;
    case QUIC_STATELESS_RESET:
        wt_filter_add_some(v, q->reset_frame);
        break;
    case QUIC_FRAME_TYPE:
        frame_types(v, &q->frames[WT_CLIENT]);
        frame_types(v, &q->frames[WT_SERVER]);
        break;
    case QUIC_LONG_TYPE:
        long_types(v, &q->packets[WT_CLIENT]);
        long_types(v, &q->packets[WT_SERVER]);
        break;
    default:
        of_ids(v, q, what);
        break;
    }
}

void wt_filter_quic(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    const struct wt_quic_story *q = c->quic;
    if (!q)
        return;
    if (what >= QUIC_CLOSE_FRAME)
        for (size_t i = 0; i < q->close_count; i++)
            close_field(v, &q->closes[i], what);
    else if (what >= QUIC_PACKETS)
        of_side(v, q, (unsigned)(what - QUIC_PACKETS) & 1, QUIC_PACKETS + ((what - QUIC_PACKETS) & ~1));
    else
        of_connection(v, q, what);
}

/* --- DTLS --------------------------------------------------------------------------------------------------------- */

static void record(struct wt_filter_values *v, const struct wt_dtls_record_seen *r, int what)
{
    const bool known = r->opened || r->numbered;
    if (what == DTLS_RECORD_TYPE && r->type)
        wt_filter_add_number(v, r->type);
    else if (what == DTLS_RECORD_LENGTH)
        wt_filter_add_number(v, r->length);
    else if (what == DTLS_RECORD_EPOCH && known)
        wt_filter_add_number(v, (int64_t)r->epoch);
    else if (what == DTLS_RECORD_SEQUENCE && r->numbered)
        wt_filter_add_number(v, (int64_t)r->sequence);
}

static void of_dtls(struct wt_filter_values *v, const struct wt_dtls_story *d, int what)
{
    switch (what) {
    case DTLS_RECORDS:
        wt_filter_add_number(v, (int64_t)d->records);
        break;
    case DTLS_FRAGMENTS:
        wt_filter_add_number(v, (int64_t)d->fragments);
        break;
    case DTLS_RETRANSMISSIONS:
        wt_filter_add_number(v, (int64_t)d->retransmissions);
        break;
    case DTLS_REPLAYS:
        wt_filter_add_number(v, (int64_t)d->replays);
        break;
    case DTLS_COOKIE:
        bytes(v, d->cookie);
        break;
    case DTLS_MOVES:
        wt_filter_add_some(v, d->moves);
        break;
    case DTLS_SRTP_PROFILE:
        wt_filter_add_some(v, d->srtp_profile);
        break;
    case DTLS_INSIDE:
        wt_filter_add_text(v, d->inside);
        break;
    default:
        if (d->has_client_cid && what != DTLS_SERVER_CID)
            said(v, d->client_cid);
        if (d->has_server_cid && what != DTLS_CLIENT_CID)
            said(v, d->server_cid);
        break;
    }
}

void wt_filter_dtls(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    const struct wt_dtls_story *d = c->dtls;
    if (!d)
        return;
    const int shared = what - DTLS_SHARED;
    if (what >= DTLS_RECORD_TYPE)
        for (size_t i = 0; i < d->list_count; i++)
            record(v, &d->list[i], what);
    else if (shared >= 0 && shared < WT_DTLS_SHARED_COUNT)
        wt_filter_add_some(v, d->shared[shared]);
    else
        of_dtls(v, d, what);
}
