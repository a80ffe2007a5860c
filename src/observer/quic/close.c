#include "observer/quic/close.h"

#include "observer/udp/connections.h"

/* RFC 9001, 4.8: "a QUIC endpoint MUST treat any alert from TLS as if it were at the "fatal" level", and CRYPTO_ERROR's
 * code is 0x0100 more than the alert's description. */
static void as_alert(struct wt_quic *q, const struct wt_quic_close *close)
{
    enum { FATAL = 2 };
    const struct wt_alert_seen alert = {close->frame, close->from, true, FATAL, (uint8_t)(close->code & 0xff)};
    if (!close->application && close->code >= WT_QUIC_CRYPTO_ERROR && close->code <= WT_QUIC_CRYPTO_ERROR_LAST)
        (void)wt_tls_alert(q->c->tls, &alert);
}

static bool is_known(const struct wt_quic *q, const struct wt_quic_close *close)
{
    for (unsigned i = 0; i < q->close_count; i++)
        if (q->closes[i].from == close->from && q->closes[i].application == close->application &&
            q->closes[i].code == close->code)
            return true;
    return false;
}

/* RFC 9000, 10.2.3: until the handshake is confirmed, "another CONNECTION_CLOSE frame MAY be sent in a packet that uses
 * a lower packet protection level", and 10.2.1: again "in response to any incoming packet": it is one close. */
void wt_quic_close_take(struct wt_quic *q, const struct wt_quic_sent *p, const struct wt_quic_frame *f)
{
    struct wt_tls *tls = q->c->tls;
    const struct wt_quic_close close = {.code = f->error_code,
                                        .frame_type = f->frame_type,
                                        .frame = q->o->frame,
                                        .from = (uint8_t)p->from,
                                        .application = f->kind == WT_FRAME_APPLICATION_CLOSE,
                                        .before_ready = !wt_outcome_is_established(tls)};
    if (q->close_count >= WT_LIMIT_QUIC_CLOSES || is_known(q, &close))
        return;
    struct wt_quic_close *kept = &q->closes[q->close_count++];
    *kept = close;
    if (f->reason_phrase.n)
        kept->reason = wt_arena_copy(&tls->arena, f->reason_phrase);
    if (close.before_ready && wt_quic_close_is_error(q, kept))
        tls->side[p->from].flags |= WT_SIDE_FATAL;
    as_alert(q, kept);
    wt_udp_closes(q->c);
}

const struct wt_quic_close *wt_quic_close_first(const struct wt_quic *q)
{
    return q->close_count ? &q->closes[0] : NULL;
}

/* "h3", and "h3-29" of the drafts. */
static bool is_http3(const struct wt_quic *q)
{
    return wt_span_starts(q->c->tls->agreed.alpn, "h3");
}

bool wt_quic_close_is_error(const struct wt_quic *q, const struct wt_quic_close *close)
{
    enum { H3_NO_ERROR = 0x100 };
    return close->code != WT_QUIC_NO_ERROR && !(close->application && is_http3(q) && close->code == H3_NO_ERROR);
}

bool wt_quic_close_precedes(const struct wt_quic *q, unsigned from, uint32_t frame)
{
    for (unsigned i = 0; i < q->close_count; i++)
        if (q->closes[i].from == from && q->closes[i].frame < frame)
            return true;
    return false;
}

const char *wt_quic_close_name(const struct wt_quic *q, const struct wt_quic_close *close)
{
    if (close->application)
        return is_http3(q) ? wt_registry_name(WT_REG_HTTP3_ERROR, close->code) : NULL;
    if (close->code >= WT_QUIC_CRYPTO_ERROR && close->code <= WT_QUIC_CRYPTO_ERROR_LAST)
        return "CRYPTO_ERROR";
    return wt_registry_name(WT_REG_QUIC_ERROR, close->code);
}

bool wt_quic_close_mentions(const struct wt_quic *q, const char *word)
{
    const size_t n = strlen(word);
    for (unsigned i = 0; i < q->close_count; i++)
        for (size_t at = 0; at + n <= q->closes[i].reason.n; at++)
            if (memcmp(q->closes[i].reason.p + at, word, n) == 0)
                return true;
    return false;
}
