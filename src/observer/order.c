/* Whether each handshake message may come where it came, as far as a watcher of two streams can say. */
#include "observer/state.h"

/* A capture that begins late or has lost bytes, or in which messages passed unread (the ClientHello among them, without
 * which nothing else has a place), says nothing about the peers' order. */
static bool shows_order(const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    bool unread = tls->keys && (tls->keys->by[0].unopened || tls->keys->by[1].unopened);
    return tls->flow.facts & WT_FACT_CLIENT_HELLO && !unread && !tls->side[0].missing && !tls->side[1].missing &&
           wt_transport_opened(&c->transport, 0);
}

static void unexpected(const struct wt_conversation *c, uint8_t type, uint32_t frame)
{
    if (shows_order(c))
        wt_finding_add(c->tls, WT_FINDING_UNEXPECTED, frame, wt_registry_name(WT_REG_HANDSHAKE_TYPE, type), 0, 0);
}

/* What the client does only because the server asked: RFC 5246, 7.4.6, its Certificate "is only sent if the server
 * requests a certificate"; RFC 8446, 4.1.2, a second ClientHello "when the server has responded ... with a
 * HelloRetryRequest". The two streams need not interleave in message order, and in TLS 1.3 the server's may not be
 * readable: while its flight has not been seen to the end, the request is presumed. */
static uint32_t presumable(const struct wt_tls *tls, uint8_t type)
{
    uint32_t facts = tls->flow.facts;
    switch (type) {
    case WT_HANDSHAKE_CERTIFICATE:
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
    case WT_HANDSHAKE_CERTIFICATE_URL:
        return facts & (WT_FACT_CERTIFICATE_REQUESTED | WT_FACT_SERVER_DONE | WT_FACT_SERVER_FINISHED)
                   ? 0
                   : WT_FACT_CERTIFICATE_REQUESTED;
    case WT_HANDSHAKE_CLIENT_HELLO:
        return tls->flow.state[WT_CLIENT] != WT_STATE_C_FLIGHT ||
                       facts & (WT_FACT_RETRY | WT_FACT_VERIFY_REQUEST | WT_FACT_SERVER_HELLO)
                   ? 0
                   : WT_FACT_RETRY;
    default:
        return 0;
    }
}

static void presume(const struct wt_observer *o, struct wt_tls *tls, uint8_t type)
{
    uint32_t fact = presumable(tls, type);
    if (!fact)
        return;
    wt_flow_learn(&tls->flow, fact);
    tls->presumed = fact;
    tls->presumed_type = type;
    tls->presumed_frame = o->frame;
}

/* The server's messages show whether what was presumed was so. */
static void settle_presumed(const struct wt_conversation *c, unsigned message)
{
    struct wt_tls *tls = c->tls;
    bool retry = tls->presumed == WT_FACT_RETRY;
    if (!tls->presumed)
        return;
    if (retry ? message == WT_HANDSHAKE_SERVER_HELLO
              : message == WT_HANDSHAKE_SERVER_HELLO_DONE || message == WT_HANDSHAKE_FINISHED) {
        tls->flow.facts &= ~tls->presumed;
        unexpected(c, tls->presumed_type, tls->presumed_frame);
    } else if (message != (retry ? WT_HANDSHAKE_HELLO_RETRY_REQUEST : WT_HANDSHAKE_CERTIFICATE_REQUEST)) {
        return;
    }
    tls->presumed = 0;
}

void wt_order_step(struct wt_observer *o, struct wt_conversation *c, unsigned direction, uint8_t type, unsigned message,
                   struct wt_message *kept)
{
    struct wt_tls *tls = c->tls;
    const struct wt_flow_row *row;
    bool was_resumed = wt_flow_has(&tls->flow, WT_FACT_RESUMED);
    if (direction == tls->client)
        presume(o, tls, type);
    else
        settle_presumed(c, message);
    enum wt_flow_verdict verdict = wt_flow_step(&tls->flow, wt_tls_side_of(tls, direction), message, &row);
    if (verdict == WT_FLOW_EXPECTED || verdict == WT_FLOW_EARLY) {
        if (row && row->marks & WT_FACT_RENEGOTIATION && type == WT_HANDSHAKE_CLIENT_HELLO)
            tls->renegotiations++;
        if (!was_resumed && wt_flow_has(&tls->flow, WT_FACT_RESUMED) && !wt_tls_is_13(tls))
            wt_tls_resumed(o, c);
        return;
    }
    if (kept && shows_order(c))
        kept->flags |= WT_MESSAGE_UNEXPECTED;
    unexpected(c, type, o->frame);
}
