#include "report/text/datagrams.h"

#include "registry/registry.h"
#include "report/text/names.h"
#include "report/text/words.h"
#include "wiretale/dtls.h"
#include "wiretale/quic.h"

#include <inttypes.h>
#include <stdio.h>

const char *wt_text_quic_version(struct wt_text *x)
{
    const struct wt_quic_story *q = x->c->quic;
    static _Thread_local char room[48];
    if (!q || !q->version)
        return NULL;
    (void)snprintf(room, sizeof room, "QUIC %s", wt_text_name(x, WT_REG_QUIC_VERSION, q->version));
    return room;
}

void wt_text_quic_close(struct wt_text *x, const struct wt_quic_close_seen *close)
{
    const char *name = close->name ? close->name : "", *gap = close->name ? " " : "";
    if (close->application)
        wt_words_add(x, _("application error 0x%" PRIx64 "%s%s"), close->code, gap, name);
    else
        wt_words_add(x, _("transport error 0x%" PRIx64 "%s%s"), close->code, gap, name);
    if (close->reason.n)
        wt_words_add(x, "\"%s\"", wt_text_wire(x, close->reason, 60));
}

static uint32_t most(const uint32_t by_side[2])
{
    return by_side[0] > by_side[1] ? by_side[0] : by_side[1];
}

static void tried(struct wt_text *x, const struct wt_quic_story *q)
{
    if (q->versions_offered_count)
        wt_words_add(x, _("extra round trip (Version Negotiation): the client had begun with %s"),
                     wt_text_name(x, WT_REG_QUIC_VERSION, q->versions_tried_count ? q->versions_tried[0] : 0));
    else if (q->versions_tried_count && q->versions_tried[0] != q->version)
        wt_words_add(x, _("begun with %s"), wt_text_name(x, WT_REG_QUIC_VERSION, q->versions_tried[0]));
}

static void dtls_facts(struct wt_text *x, const struct wt_dtls_story *d)
{
    if (d->cookie.n)
        wt_words_add(x, "%s", _("extra round trip (HelloVerifyRequest)"));
    if (d->has_client_cid || d->has_server_cid)
        wt_words_add(x, "%s", _("with connection IDs"));
    if (d->moves)
        wt_words_add(x, ngettext_("%" PRIu32 " change of address", "%" PRIu32 " changes of address", d->moves),
                     d->moves);
    if (d->srtp_profile)
        wt_words_add(x, "%s", wt_text_name(x, WT_REG_SRTP_PROFILE, d->srtp_profile));
    if (d->inside)
        wt_words_add(x, _("carries %s"), d->inside);
    if (d->retransmissions)
        wt_words_add(x,
                     ngettext_("%" PRIu64 " handshake message sent again", "%" PRIu64 " handshake messages sent again",
                               (unsigned long)d->retransmissions),
                     d->retransmissions);
}

static unsigned long both(const uint64_t by_side[2])
{
    return (unsigned long)(by_side[0] + by_side[1]);
}

/* What got lost, and what was sent again though it had arrived; packets that the capture alone has missed. */
static void loss(struct wt_text *x, const struct wt_quic_story *q)
{
    const unsigned long again = both(q->resent_packets), lost = both(q->lost), missed = both(q->uncaptured);
    if (lost)
        wt_words_add(x, ngettext_("%lu packet lost", "%lu packets lost", lost), lost);
    if (again)
        wt_words_add(x, ngettext_("%lu packet with data sent again", "%lu packets with data sent again", again), again);
    if (missed)
        wt_words_add(x,
                     ngettext_("%lu packet that arrived is not in the capture",
                               "%lu packets that arrived are not in the capture", missed),
                     missed);
}

void wt_text_datagram_facts(struct wt_text *x)
{
    const struct wt_quic_story *q = x->c->quic;
    if (x->c->dtls)
        dtls_facts(x, x->c->dtls);
    if (!q)
        return;
    tried(x, q);
    if (q->retry)
        wt_words_add(x, "%s", _("extra round trip (Retry)"));
    if (q->path_count > 1)
        wt_words_add(x, ngettext_("%zu path", "%zu paths", q->path_count), q->path_count);
    const uint32_t updates = most(q->key_updates);
    if (updates)
        wt_words_add(x, ngettext_("%" PRIu32 " key update", "%" PRIu32 " key updates", updates), updates);
    loss(x, q);
    if (q->offloaded)
        wt_words_add(x,
                     ngettext_("%" PRIu64 " datagram captured before it was segmented",
                               "%" PRIu64 " datagrams captured before they were segmented",
                               (unsigned long)q->offloaded),
                     q->offloaded);
}

/* The first CONNECTION_CLOSE counts: the other side may answer with one of its own (RFC 9000, 10.2). */
static void quic_closing(struct wt_text *x, const struct wt_quic_story *q)
{
    const struct wt_quic_close_seen *close = q->close_count ? &q->closes[0] : NULL;
    if (close) {
        wt_words_add(x, "%s", close->from == WT_CLIENT ? _("closed by the client") : _("closed by the server"));
        wt_text_quic_close(x, close);
    } else if (q->reset_frame) {
        wt_words_add(x, _("ended by a stateless reset (packet %" PRIu32 ")"), q->reset_frame);
    } else {
        wt_words_add(x, "%s", _("its end is not in the capture"));
    }
}

static void carried(struct wt_text *x, const struct wt_quic_story *q)
{
    char a[48], b[48];
    if (q->stream_bytes[0] + q->stream_bytes[1])
        wt_words_add(x, _("streams: %s from the client, %s from the server"), wt_amount(a, q->stream_bytes[WT_CLIENT]),
                     wt_amount(b, q->stream_bytes[WT_SERVER]));
    if (q->datagram_bytes[0] + q->datagram_bytes[1])
        wt_words_add(x, _("DATAGRAM frames: %s from the client, %s from the server"),
                     wt_amount(a, q->datagram_bytes[WT_CLIENT]), wt_amount(b, q->datagram_bytes[WT_SERVER]));
}

bool wt_text_datagram_end(struct wt_text *x)
{
    const struct wt_quic_story *q = x->c->quic;
    if (!q)
        return false;
    carried(x, q);
    quic_closing(x, q);
    return true;
}

/* RFC 6347, 4.1.2.7, and RFC 9147, 4.5.2: datagrams end nothing; close_notify or a fatal alert does. */
bool wt_text_dtls_closing(struct wt_text *x)
{
    const struct wt_connection *c = x->c;
    if (!c->dtls)
        return false;
    for (size_t i = 0; i < c->alert_count; i++) {
        const struct wt_alert_seen *a = &c->alerts[i];
        if (!a->readable || (a->level != 2 && a->description != WT_ALERT_CLOSE_NOTIFY))
            continue;
        wt_words_add(x, "%s", a->from == WT_CLIENT ? _("closed by the client") : _("closed by the server"));
        return true;
    }
    wt_words_add(x, "%s", _("its end is not in the capture"));
    return true;
}
