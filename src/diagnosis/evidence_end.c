/* Evidence: how the connection ended where no alert could be read: what TCP did, what was sent encrypted, and silence.
 */
#include "diagnosis/case.h"
#include "observer/keys/opener.h"
#include "observer/quic/standstill.h"
#include "starttls/starttls.h"

static void add(struct wt_case *k, enum wt_evidence id, uint32_t frame, bool seen)
{
    if (seen)
        wt_evidence_add(k, id, frame, 0);
}

static bool is_over(const struct wt_case *k)
{
    return k->end.fin || k->end.reset;
}

/* --- how TCP ended ------------------------------------------------------------------------------------------------ */

static bool answered(const struct wt_case *k)
{
    return (k->tls->quic && wt_quic_standstill_is_answered(k->tls->quic)) ||
           k->tls->flow.facts & WT_FACT_SERVER_HELLO || k->tls->agreed.retried ||
           wt_tls_record_count(k->tls, WT_SERVER) || k->tls->report.alert_count;
}

/* The client closed before the server's first message was sent: the two crossed on the way. What its close acknowledges
 * had come; what it does not may have been lost, and its time tells. By clocks that differ that is not known. */
static bool crossed(const struct wt_case *k)
{
    const struct wt_tls_side *server = &k->tls->side[WT_SERVER];
    const struct wt_reach *reach = k->tls->handshake ? &k->tls->handshake->reach : NULL;
    if (!is_over(k) || !k->end.frame || k->end.side != WT_CLIENT)
        return false;
    if (!reach || !reach->has_hello)
        return server->has_message && !wt_case_had_come(0, server->message_frame, k->end);
    if (k->end.acknowledgment && wt_case_had_come(reach->hello, 0, k->end))
        return false;
    return !wt_transport_is_skewed(&k->c->transport) && reach->hello_ns > k->tls->end.ns;
}

static bool is_patient(double seconds)
{
    return seconds * 1e9 >= WT_LIMIT_PATIENCE_NS;
}

/* The port is one where the client asks for TLS in the clear, and this one did not ask. Not of a server that was seen
 * to do without, nor of a client that names what it will speak: some of these protocols have a way to start with TLS at
 * once, and ask for ALPN in it (PostgreSQL 17; XEP-0368). */
static bool skips_upgrade(const struct wt_case *k)
{
    const uint16_t port = k->c->port[wt_tls_direction_of(k->tls, WT_SERVER)];
    return k->has_hello && !k->tls->starttls && !k->tls->quic && !k->offer.protocols.n && wt_starttls_of_port(port) &&
           !(k->server && k->server->direct);
}

static void ending(struct wt_case *k)
{
    const uint32_t segment = 1400; /* bytes: about what one packet carries; RFC 9293, 3.7.1 with Ethernet's 1500 */
    const unsigned client = wt_tls_direction_of(k->tls, WT_CLIENT);
    bool late = crossed(k);
    add(k, WT_EVIDENCE_ENDED, k->end.frame, is_over(k));
    add(k, WT_EVIDENCE_RESET, k->end.frame, k->end.reset);
    add(k, WT_EVIDENCE_ENDED_BY_SERVER, k->end.frame, is_over(k) && k->end.side == WT_SERVER);
    add(k, WT_EVIDENCE_ANSWER_LATE, 0, late);
    add(k, WT_EVIDENCE_UNANSWERED, k->hello_frame, late || !answered(k));
    add(k, WT_EVIDENCE_UPGRADE_PORT, k->hello_frame, skips_upgrade(k));
    /* an answer that crossed the client's close was no earlier for that */
    add(k, WT_EVIDENCE_WAITED, k->hello_frame,
        !is_over(k) ||
            (k->end.side == WT_CLIENT &&
             is_patient(late ? (double)(k->tls->end.ns - k->tls->outcome.start_ns) / 1e9 : wt_case_waited(k))));
    add(k, WT_EVIDENCE_HELLO_ACKNOWLEDGED, 0,
        wt_transport_is_acknowledged(&k->c->transport, client) || wt_transport_is_fed(&k->c->transport) ||
            (k->tls->quic && wt_quic_standstill_is_heard(k->tls->quic, WT_CLIENT)));
    add(k, WT_EVIDENCE_HELLO_LARGE, k->hello_frame, k->hello_length > segment);
    for (unsigned side = 2; side--;)
        if (k->tls->side[side].flags & WT_SIDE_CLOSE_NOTIFY)
            wt_evidence_add(k, WT_EVIDENCE_CLOSE_NOTIFY, 0, side);
}

/* --- encrypted ---------------------------------------------------------------------------------------------------- */

/* What is sent to a side that has closed already only reacts to the close. */
static bool closed_before(const struct wt_case *k, unsigned side, uint32_t frame)
{
    const struct wt_tls *tls = k->tls;
    unsigned direction = wt_tls_direction_of(tls, side);
    const struct wt_transport_end *end = &tls->end;
    uint32_t acknowledged = tls->handshake ? tls->handshake->reach.acknowledgment[!side] : 0;
    return wt_transport_follows_end(&k->c->transport, end, direction, frame, acknowledged) ||
           (end->reset_seen && end->reset_by == direction && end->reset_frame < frame);
}

/* Up to TLS 1.2 the record type shows an encrypted alert; after the other side's FIN it only reacts to that. */
static void hidden_alert12(struct wt_case *k)
{
    for (const struct wt_list_alert *a = k->tls->report.alerts; a; a = a->next) {
        if (a->alert.readable ||
            wt_transport_follows_end(&k->c->transport, &k->tls->end, wt_tls_direction_of(k->tls, !a->alert.from),
                                     a->alert.frame, a->acknowledgment))
            continue;
        wt_evidence_add(k, WT_EVIDENCE_HIDDEN_ALERT_12, a->alert.frame, a->alert.from);
        return;
    }
}

static void hidden_in_flight(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const uint32_t frame = tls->side[WT_SERVER].hidden_frame, answered = tls->side[WT_CLIENT].hidden;
    const struct wt_list_finding *odd = wt_finding_of(tls, WT_FINDING_UNEXPECTED);
    bool whole = !wt_outcome_flight_is_short(tls);
    unsigned message;
    wt_evidence_add(k, WT_EVIDENCE_HIDDEN_IN_FLIGHT, frame, 0);
    add(k, WT_EVIDENCE_HIDDEN_AFTER_FLIGHT, frame, whole && answered && !(tls->outcome.after & WT_AFTER_SERVER_LEFT));
    add(k, WT_EVIDENCE_OUT_OF_PLACE, odd ? odd->frame : 0,
        whole && !answered && odd && wt_finding_message(odd, &message));
}

static void encrypted(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_tls_side *client = &tls->side[WT_CLIENT], *server = &tls->side[WT_SERVER];
    if (tls->quic)
        return; /* its packets are no records: a length tells nothing of what is inside */
    if (!wt_tls_is_13(tls)) {
        hidden_alert12(k);
    } else if (client->flags & WT_SIDE_FINISHED && !(tls->outcome.after & WT_AFTER_SERVER_LEFT)) {
        bool ended = tls->outcome.after & (WT_AFTER_SERVER_ALERT | WT_AFTER_SERVER_PADDED);
        add(k, WT_EVIDENCE_HIDDEN_AFTER_FINISHED, server->hidden_frame, ended);
        add(k, WT_EVIDENCE_EMPTY_BY_LENGTH, server->hidden_frame, ended && tls->seen.flags & WT_SEEN_EMPTY_CERTIFICATE);
    } else if (server->flags & WT_SIDE_LAST_ALERT && !closed_before(k, WT_CLIENT, server->hidden_frame)) {
        hidden_in_flight(k);
    } else if (!closed_before(k, WT_SERVER, client->hidden_frame)) {
        /* a record shorter than a Finished, after the server's flight, is an alert; early data comes before it */
        add(k, WT_EVIDENCE_HIDDEN_BY_CLIENT, client->hidden_frame,
            !(client->flags & WT_SIDE_FINISHED) && client->hidden && server->hidden &&
                client->hidden_frame >= server->message_frame && !wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED));
    }
}

/* --- during the handshake ----------------------------------------------------------------------------------------- */

/* TLS 1.3: whether the server has not sent its Finished yet, according to the keys or to the lengths. */
static bool flight_is_open(const struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_keyring *keys = tls->keys;
    const struct wt_opener *op = keys ? &keys->by[WT_SERVER] : NULL;
    if (op && op->opened && !op->failed && !op->unopened)
        return !(tls->flow.facts & WT_FACT_SERVER_FINISHED);
    return wt_outcome_flight_is_short(tls);
}

/* Without keys, lengths alone cannot distinguish a flight that lacks its Finished from a complete one. */
static bool flight_may_be_open(const struct wt_case *k)
{
    return wt_tls_is_13(k->tls) && k->tls->flow.facts & WT_FACT_SERVER_HELLO &&
           !(k->tls->flow.facts & WT_FACT_SERVER_FINISHED) && !(k->tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED);
}

/* Which side should send next: the server until its flight is complete, otherwise the side that did not send last. */
static unsigned turn_of(const struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const uint64_t facts = tls->flow.facts;
    unsigned last = tls->pace.last_from;
    if (wt_record_is_partial(&tls->cursor[wt_tls_direction_of(tls, tls->pace.last_from)]))
        return last;
    if (wt_tls_is_13(tls) && facts & WT_FACT_SERVER_HELLO && flight_is_open(k))
        return WT_SERVER;
    /* RFC 5246, 7.3: who sent last, be it a heartbeat, does not decide, but whose message comes next. In TLS 1.3 the
     * messages of a flight need not be readable. */
    const bool client = wt_flow_can_go_on(&tls->flow, WT_CLIENT), server = wt_flow_can_go_on(&tls->flow, WT_SERVER);
    if (!wt_tls_is_13(tls) && facts & WT_FACT_SERVER_HELLO && client != server)
        return client ? WT_CLIENT : WT_SERVER;
    return !last;
}

static void stalling(struct wt_case *k)
{
    bool patient = is_patient(wt_case_waited(k));
    unsigned turn = turn_of(k);
    k->turn = turn;
    if (turn == WT_CLIENT && k->end.side == WT_CLIENT && is_over(k) && flight_may_be_open(k) && patient)
        k->turn = WT_SERVER; /* a client that closes after a while has waited for something */
    bool gave_up = is_over(k) && k->end.side != k->turn && patient;
    add(k, WT_EVIDENCE_STALLED, 0, (!is_over(k) && !k->tls->quic && wt_outcome_is_stalled(k->o, k->c)) || gave_up);
    add(k, WT_EVIDENCE_LEFT_BEFORE_FINISHED, k->end.frame,
        k->tls->outcome.after & WT_AFTER_SERVER_LEFT && is_over(k) && k->end.side == WT_SERVER);
    add(k, WT_EVIDENCE_FLIGHT_MAY_BE_OPEN, 0, flight_may_be_open(k));
    /* RFC 5246, 7.4.6: "If the client does not send any certificates, the server MAY at its discretion either continue
     * the handshake without client authentication, or respond with a fatal handshake_failure alert." Some just close.
     */
    const uint64_t empty = WT_FACT_CERTIFICATE_REQUESTED | WT_FACT_CLIENT_CERTIFICATE;
    add(k, WT_EVIDENCE_CLOSED_UPON_NO_CERTIFICATE, k->end.frame,
        k->end.side == WT_SERVER && is_over(k) && (k->tls->flow.facts & empty) == empty &&
            !k->tls->authentication.count[WT_CLIENT] && turn == WT_SERVER);
}

/* Over UDP nothing is acknowledged but by an answer. */
static void unheard(struct wt_case *k, unsigned direction)
{
    const unsigned own = wt_transport_repeats(&k->c->transport, direction),
                   repeats = own ? own : wt_transport_repeats(&k->c->transport, !direction);
    const struct wt_tls_side *client = &k->tls->side[WT_CLIENT];
    if (!repeats || k->tls->quic || !is_patient(wt_case_quiet(k)) || wt_evidence_has(k, WT_EVIDENCE_UNANSWERED))
        return;
    wt_evidence_add(k, WT_EVIDENCE_UNHEARD, k->tls->side[k->tls->pace.last_from].message_frame, repeats);
    add(k, WT_EVIDENCE_FINISHED_UNHEARD, client->message_frame,
        own && k->tls->pace.last_from == WT_CLIENT && !wt_tls_is_13(k->tls) &&
            k->tls->flow.facts & WT_FACT_CLIENT_KEYS && !(k->tls->flow.facts & WT_FACT_SERVER_CCS));
}

/* The last message was never acknowledged, although it was retransmitted, or the other side's end acknowledges less
 * (RFC 9293, 3.8.6.3: an acknowledgment waits for no more than half a second): it does not reach the side that should
 * answer. */
static void unacknowledged(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const unsigned last = wt_tls_direction_of(tls, tls->pace.last_from);
    if (wt_transport_is_datagrams(&k->c->transport)) {
        unheard(k, last);
        return;
    }
    const struct wt_tcp_direction *d = &k->c->transport.tcp[last];
    unsigned repeats = wt_transport_repeats(&k->c->transport, last);
    bool missed = is_over(k) && k->end.side != tls->pace.last_from && k->end.acknowledgment &&
                  wt_transport_is_short_of(&k->c->transport, last, d->next) && !tls->side[tls->pace.last_from].missing;
    if ((repeats || missed) && !wt_transport_is_acknowledged(&k->c->transport, last) && is_patient(wt_case_unheard(k)))
        wt_evidence_add(k, WT_EVIDENCE_UNACKNOWLEDGED, tls->side[tls->pace.last_from].message_frame, repeats);
}

/* --- renegotiation ------------------------------------------------------------------------------------------------ */

/* RFC 5246, 7.2.2: no_renegotiation is "sent by the client in response to a hello request or by the server in
 * response to a client hello after initial handshaking"; the side that asked may then end the connection. If the
 * connection continued, nothing failed. */
static void renegotiation(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    if (wt_tls_is_13(tls) || !((tls->side[0].flags | tls->side[1].flags) & WT_SIDE_FATAL))
        return;
    for (const struct wt_list_alert *a = tls->report.alerts; a; a = a->next) {
        const struct wt_alert_seen *s = &a->alert;
        if (s->readable && (s->description == WT_ALERT_NO_RENEGOTIATION ||
                            (s->description == WT_ALERT_HANDSHAKE_FAILURE && tls->agreed.renegotiations))) {
            wt_evidence_add(k, WT_EVIDENCE_RENEGOTIATION_REFUSED, s->frame, s->description);
            k->from = s->from;
            return;
        }
    }
}

/* Which side refused, if its alert cannot be read: who sent that in TLS 1.3, else who ended the connection. */
static unsigned refuser(const struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const bool client = tls->side[WT_CLIENT].flags & WT_SIDE_LAST_ALERT,
               server = tls->side[WT_SERVER].flags & WT_SIDE_LAST_ALERT;
    return wt_tls_is_13(tls) && client != server ? (client ? WT_CLIENT : WT_SERVER) : k->end.side;
}

/* A rule by which a peer MUST abort was broken, and the other side left without a readable alert: RFC 8446, 6.2, alerts
 * of TLS 1.3 are encrypted; and some peers close without one. */
static void broken_rule(struct wt_case *k)
{
    const unsigned side = refuser(k);
    if (!k->alert && is_over(k) && wt_evidence_proof_silent_breach(k, side))
        wt_evidence_add(k, WT_EVIDENCE_BROKEN_RULE_SILENT, k->end.frame, side);
}

void wt_evidence_end(struct wt_case *k)
{
    if (k->tls->outcome.state == WT_ESTABLISHED) {
        wt_evidence_add(k, WT_EVIDENCE_ESTABLISHED, 0, 0);
        renegotiation(k);
        return;
    }
    ending(k);
    encrypted(k);
    stalling(k);
    unacknowledged(k);
    broken_rule(k);
}
