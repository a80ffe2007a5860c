/* Whether each handshake message may come where it came, as far as a watcher of two streams can say. */
#include "observer/dtls/dtls.h"
#include "observer/message/hello.h"
#include "observer/quic/messages.h"
#include "observer/quic/rules.h"
#include "observer/state.h"
#include "wording/handshake.h"

#include <stdio.h>

/* A capture that begins late or has lost bytes, or in which messages passed unread (the ClientHello among them, without
 * which nothing else has a place), says nothing about the peers' order; nor do the drafts of TLS 1.3, which had others.
 * DTLS's messages have numbers, which tell the order in which they were sent from that in which they came; QUIC's have
 * offsets in their streams, whose gaps nothing is read behind, whatever is missing or cannot be opened. */
static bool is_whole(const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    const bool unread = tls->keys && (tls->keys->by[0].unopened || tls->keys->by[1].unopened);
    if (tls->quic)
        return wt_quic_messages_are_ordered(tls->quic);
    if (unread)
        return false;
    return tls->dtls ? wt_dtls_is_whole(tls->dtls) && !wt_finding_of(tls, WT_FINDING_DTLS_FRAGMENT_CONFLICT)
                     : wt_transport_opened(&c->transport, 0);
}

static bool shows_order(const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    bool draft = wt_tls_is_13(tls) && tls->agreed.version != WT_TLS13 && tls->agreed.version != WT_DTLS13;
    return tls->flow.facts & WT_FACT_CLIENT_HELLO && !draft && !tls->side[0].missing && !tls->side[1].missing &&
           is_whole(c) && !wt_finding_of(tls, WT_FINDING_MESSAGE_TOO_LONG) &&
           !wt_finding_of(tls, WT_FINDING_NOT_A_RECORD);
}

/* A message that only later ones showed to be out of place: what was expected then is not known any more. */
static void unexpected(const struct wt_conversation *c, unsigned message, uint32_t frame)
{
    if (!shows_order(c))
        return;
    wt_finding_add(c->tls, WT_FINDING_UNEXPECTED, frame, wt_wording_message(message), message + 1, 0);
}

/* "certificate, server_key_exchange" */
static void names_of(const uint16_t *messages, size_t n, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s%s", i ? ", " : "", wt_wording_message(messages[i]));
}

/* What QUIC itself forbids is a breach of its rules, and told as that. */
static bool is_told_by_quic(const struct wt_tls *tls, const struct wt_flow *at, unsigned side, unsigned message)
{
    const uint64_t finished = side == WT_CLIENT ? WT_FACT_CLIENT_FINISHED : WT_FACT_SERVER_FINISHED;
    return tls->quic && message <= UINT8_MAX && wt_quic_rules_forbid((uint8_t)message, wt_flow_has(at, finished));
}

/* RFC 5246, 7.4: "Sending handshake messages in an unexpected order results in a fatal error." RFC 8446, 4: "A peer
 * which receives a handshake message in an unexpected order MUST abort the handshake with an 'unexpected_message'
 * alert." */
static void unexpected_at(const struct wt_conversation *c, const struct wt_flow *at, unsigned side, unsigned message,
                          uint32_t frame)
{
    uint16_t expected[8];
    char names[256], text[640];
    if (!shows_order(c) || is_told_by_quic(c->tls, at, side, message))
        return;
    size_t n = wt_flow_expected(at, side, expected, sizeof expected / sizeof *expected), kept = 0;
    /* RFC 5246, 7.4.1.1: "The HelloRequest message MAY be sent by the server at any time": no step of a handshake */
    for (size_t i = 0; i < n && n > 1; i++)
        if (expected[i] != WT_HANDSHAKE_HELLO_REQUEST)
            expected[kept++] = expected[i];
    names_of(expected, n > 1 ? kept : n, names, sizeof names);
    wt_wording_unexpected(side == WT_CLIENT, wt_wording_message(message), names,
                          wt_tls_is_13(c->tls) ? "RFC 8446, 4" : "RFC 5246, 7.4", text, sizeof text);
    wt_finding_set_message(wt_finding_say(c->tls, WT_FINDING_UNEXPECTED, frame, "%s", text), message);
}

/* A message whose place comes later: what had to come before it was left out. What could not be read whole may have
 * said otherwise. */
static bool skipped(const struct wt_conversation *c, unsigned side, unsigned message, uint32_t frame,
                    const struct wt_flow_row *const rows[], size_t n)
{
    struct wt_tls *tls = c->tls;
    char names[256], text[640];
    if (!n || wt_finding_of(tls, WT_FINDING_MALFORMED))
        return false;
    if (!shows_order(c))
        return true;
    uint16_t left_out[WT_FLOW_SKIPPED_MOST];
    for (size_t i = 0; i < n; i++)
        left_out[i] = (uint16_t)rows[i]->message;
    names_of(left_out, n, names, sizeof names);
    const bool resumes = rows[0]->state == WT_STATE_S_FLIGHT && !wt_flow_has(&tls->flow, WT_FACT_MAY_RESUME) &&
                         (message == WT_FLOW_CCS || message == WT_HANDSHAKE_NEW_SESSION_TICKET);
    wt_wording_skipped(resumes             ? WT_SKIPPED_RESUMED
                       : side == WT_CLIENT ? WT_SKIPPED_BY_CLIENT
                                           : WT_SKIPPED_BY_SERVER,
                       wt_wording_message(message), names, rows[0]->rfc, text, sizeof text);
    const struct wt_list_finding *f = wt_finding_say(tls, WT_FINDING_STEP_SKIPPED, frame, "%s", text);
    if (f)
        wt_finding_blame(tls, f, side == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER, WT_NOTICED_BY_NONE, false);
    return true;
}

/* What lenient rows presume: a side does it only because the other asked. RFC 5246, 7.4.6, the client's Certificate "is
 * only sent if the server requests a certificate"; RFC 8446, 4.1.2, a second ClientHello "when the server has responded
 * ... with a HelloRetryRequest". The two streams need not interleave in message order, and in TLS 1.3 the server's may
 * not be readable: while its flight has not been seen to the end, the request is presumed. */
static void presume(const struct wt_observer *o, struct wt_tls *tls, unsigned message, const struct wt_flow_row *row,
                    uint64_t before)
{
    const uint64_t presumable =
        WT_FACT_RETRY | WT_FACT_CERTIFICATE_REQUESTED | WT_FACT_CLIENT_AHEAD | WT_FACT_SERVER_AHEAD;
    if (!row->lenient || !(row->marks & presumable & ~before))
        return;
    tls->presumed.fact = row->marks & presumable;
    tls->presumed.type = (uint8_t)message;
    tls->presumed.frame = o->frame;
}

/* The other side's messages show whether what was presumed was so. */
static void settle_presumed(const struct wt_conversation *c, unsigned side, unsigned message)
{
    struct wt_tls *tls = c->tls;
    const bool retry = tls->presumed.fact & WT_FACT_RETRY, request = tls->presumed.fact & WT_FACT_CERTIFICATE_REQUESTED;
    bool asked, breach = false;
    if (retry || request) {
        asked = message == (retry ? WT_HANDSHAKE_HELLO_RETRY_REQUEST : WT_HANDSHAKE_CERTIFICATE_REQUEST);
        breach = retry ? message == WT_HANDSHAKE_SERVER_HELLO
                       : message == WT_HANDSHAKE_SERVER_HELLO_DONE || message == WT_HANDSHAKE_FINISHED;
        asked = side == WT_SERVER && asked;
        breach = side == WT_SERVER && breach;
    } else {
        asked = tls->presumed.fact & WT_FACT_CLIENT_AHEAD
                    ? side == WT_SERVER && message == WT_HANDSHAKE_CERTIFICATE_REQUEST
                    : side == WT_CLIENT && message == WT_HANDSHAKE_CLIENT_HELLO;
    }
    if (!asked && !breach)
        return;
    if (retry || request)
        tls->flow.facts &= ~tls->presumed.fact;
    if (breach)
        unexpected(c, tls->presumed.type, tls->presumed.frame);
    if (breach && retry && tls->flow.state[WT_CLIENT] == WT_STATE_C13_FLIGHT)
        tls->flow.state[WT_CLIENT] = WT_STATE_C_FLIGHT; /* what follows answers the first ClientHello */
    tls->presumed.fact = 0;
}

void wt_order_end(struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    if (tls->presumed.fact & (WT_FACT_CLIENT_AHEAD | WT_FACT_SERVER_AHEAD) && wt_transport_is_ending(&c->transport))
        unexpected(c, tls->presumed.type, tls->presumed.frame);
    tls->flow.facts &= ~tls->presumed.fact;
}

/* Up to TLS 1.2 a session is resumed where the server goes from its hello to what ends its flight; unless both hellos
 * say so, that is no proof where what it leaves out may be what the capture lacks, nor after a ClientKeyExchange, which
 * only full handshakes have (RFC 5246, 7.3). */
static bool shows_resumption(const struct wt_conversation *c, const struct wt_flow *before)
{
    const struct wt_tls *tls = c->tls;
    const bool lacks = tls->dtls ? !wt_dtls_is_whole(tls->dtls) : tls->side[WT_SERVER].missing > 0;
    return wt_flow_has(before, WT_FACT_MUST_RESUME) || (!lacks && !wt_flow_has(before, WT_FACT_CLIENT_KEYS));
}

static void resume(struct wt_observer *o, struct wt_conversation *c, const struct wt_flow *before)
{
    struct wt_tls *tls = c->tls;
    if (wt_flow_has(before, WT_FACT_RESUMED) || !wt_flow_has(&tls->flow, WT_FACT_RESUMED) || wt_tls_is_13(tls))
        return;
    if (shows_resumption(c, before))
        wt_hello_resumed(o, c);
    else
        tls->flow.facts &= ~WT_FACT_RESUMED;
}

bool wt_order_step(struct wt_observer *o, struct wt_conversation *c, unsigned side, unsigned message, uint64_t facts)
{
    struct wt_tls *tls = c->tls;
    const struct wt_flow_row *row, *missing[WT_FLOW_SKIPPED_MOST];
    if (tls->presumed.fact)
        settle_presumed(c, side, message);
    const struct wt_flow before = tls->flow;
    enum wt_flow_verdict verdict = wt_flow_step(&tls->flow, side, message, facts, WT_FLOW_LENIENT, &row);
    if (verdict != WT_FLOW_UNEXPECTED) {
        presume(o, tls, message, row, before.facts);
        if (row->marks & WT_FACT_RENEGOTIATION && message == WT_HANDSHAKE_CLIENT_HELLO)
            tls->agreed.renegotiations++;
        resume(o, c, &before);
        return true;
    }
    if (!skipped(c, side, message, o->frame, missing, wt_flow_skipped(&before, side, message, facts, missing)))
        unexpected_at(c, &before, side, message, o->frame);
    return !shows_order(c);
}
