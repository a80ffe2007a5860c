/* Failures without a readable alert: how TCP ended, what was sent encrypted, and silence. */
#include "base/i18n.h"
#include "diagnosis/case.h"
#include "diagnosis/causes.h"
#include "observer/keys/opener.h"

#include <stdio.h>

/* Which side ended the stream first, and how. */
struct ending {
    bool reset, fin;
    unsigned side;
    uint32_t frame;
};

static struct ending ending_of(const struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    struct ending e = {0};
    for (unsigned d = 0; d < 2; d++)
        if (wt_transport_ended(&k->c->transport, d) && (!e.fin || tls->end.fin_frame[d] < e.frame)) {
            e.fin = true;
            e.side = wt_tls_side_of(tls, d);
            e.frame = tls->end.fin_frame[d];
        }
    if (wt_transport_is_reset(&k->c->transport) && (!e.fin || (tls->end.reset_seen && tls->end.reset_frame < e.frame)))
        e = (struct ending){
            .reset = true, .side = wt_tls_side_of(tls, tls->end.reset_by), .frame = tls->end.reset_frame};
    return e;
}

/* Seconds of silence before the end. */
static double quiet(const struct wt_case *k, bool over)
{
    int64_t until = over ? k->c->seen_ns : k->o->latest_ns;
    return until > k->c->last_ns ? (double)(until - k->c->last_ns) / 1e9 : 0;
}

/* A client that closes at once did not wait; one that was silent for long gave up. Packets after the close
 * (retransmissions, the other side's FIN) have later times, so the time of the close itself counts. */
static double waited(const struct wt_case *k)
{
    return k->tls->end.ns > k->c->last_ns ? (double)(k->tls->end.ns - k->c->last_ns) / 1e9 : 0;
}

static bool answered(const struct wt_case *k)
{
    return k->tls->flow.facts & WT_FACT_SERVER_HELLO || k->tls->agreed.retried ||
           wt_tls_record_count(k->tls, WT_SERVER) || k->tls->report.alert_count;
}

/* The receiver's TCP has acknowledged the whole ClientHello. */
static bool acknowledged(const struct wt_case *k)
{
    return wt_transport_is_acknowledged(&k->c->transport, wt_tls_direction_of(k->tls, WT_CLIENT));
}

static bool no_answer(struct wt_case *k, double seconds, bool left, bool late)
{
    const uint32_t segment = 1400; /* bytes: about what one packet carries; RFC 9293, 3.7.1 with Ethernet's 1500 */
    const struct wt_tls_side *client = &k->tls->side[WT_CLIENT];
    char at[WT_CASE_AT], repeats[96] = "";
    bool acked = acknowledged(k) || wt_transport_is_fed(&k->c->transport), large = k->hello_length > segment;
    const struct wt_list_finding *f;
    wt_case_at(k->hello_frame ? k->hello_frame : client->message_frame, at);
    unsigned again = wt_transport_repeats(&k->c->transport, wt_tls_direction_of(k->tls, WT_CLIENT));
    if (again)
        (void)snprintf(repeats, sizeof repeats, _(", although it was sent %u times"), again + 1u);
    if (!acked && large)
        f = wt_finding_say(k->tls, WT_FINDING_NO_ANSWER, k->hello_frame,
                           _("No answer to the ClientHello%s within %.1f s%s, not even a TCP acknowledgment. At %u "
                             "bytes it needs more than one segment: probably the path drops full-size packets (MTU), "
                             "or a middlebox drops large ClientHellos."),
                           at, seconds, repeats, k->hello_length);
    else if (!acked)
        f = wt_finding_say(k->tls, WT_FINDING_NO_ANSWER, k->hello_frame,
                           _("No answer to the ClientHello%s within %.1f s%s, not even a TCP acknowledgment: probably "
                             "something on the path drops it."),
                           at, seconds, repeats);
    else if (large)
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_ANSWER, k->hello_frame,
            _("The server received the ClientHello%s (its TCP acknowledged it) but did not answer within %.1f s%s. At "
              "%u bytes it needs more than one segment: probably the server, or a middlebox that acknowledged it in "
              "the server's place, cannot handle a ClientHello in several pieces."),
            at, seconds, repeats, k->hello_length);
    else
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_ANSWER, k->hello_frame,
            late   ? _("The server received the ClientHello%s but answered only after the client had given up, %.1f s "
                         "later%s.")
            : left ? _("The server received the ClientHello%s but did not answer; the client gave up after %.1f s%s.")
                   : _("The server received the ClientHello%s but did not answer within %.1f s%s."),
            at, seconds, repeats);
    return wt_case_conclude(k, f, acked ? WT_FAULT_SERVER : WT_FAULT_BETWEEN, WT_NOTICED_BY_CLIENT, !acked || large);
}

/* Before any answer. */
static bool unanswered(struct wt_case *k, const struct ending *e, bool late)
{
    char at[WT_CASE_AT], end[WT_CASE_AT];
    const struct wt_list_finding *f;
    /* an answer that crossed the client's close was no earlier for that */
    double seconds = late ? (double)(k->tls->end.ns - k->tls->outcome.start_ns) / 1e9 : waited(k);
    if (!e->reset && !e->fin)
        return no_answer(k, quiet(k, false), false, false);
    if (e->side == WT_CLIENT && seconds * 1e9 >= WT_LIMIT_PATIENCE_NS)
        return no_answer(k, seconds, true, late);
    wt_case_at(k->hello_frame, at);
    wt_case_at(e->frame, end);
    if (e->reset && e->side == WT_SERVER) {
        f = wt_finding_say(k->tls, WT_FINDING_RESET_AFTER_HELLO, e->frame,
                           _("The ClientHello%s was answered by a TCP RST%s from the server's side, %.1f ms later."),
                           at, end, seconds * 1e3);
        return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
    }
    f = e->side == WT_SERVER ? wt_finding_say(k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e->frame,
                                              _("The server closed the connection with FIN%s, without sending a TLS "
                                                "record; the ClientHello%s had been sent %.1f ms earlier."),
                                              end, at, seconds * 1e3)
                             : wt_finding_say(k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e->frame,
                                              _("The client ended the connection with %s%s after its own "
                                                "ClientHello%s, before the server answered."),
                                              e->reset ? "RST" : "FIN", end, at);
    return wt_case_conclude(k, f, wt_case_fault(e->side), wt_case_noticed(!e->side), false);
}

/* The client closed before the server's first message arrived: the two crossed on the way. */
static bool crossed(const struct wt_case *k, const struct ending *e)
{
    const struct wt_tls_side *server = &k->tls->side[WT_SERVER];
    uint32_t answer = k->tls->seen.hello_frame[WT_SERVER];
    if (!answer && server->has_message)
        answer = server->message_frame;
    return (e->fin || e->reset) && e->frame && e->side == WT_CLIENT && answer > e->frame;
}

/* --- encrypted ---------------------------------------------------------------------------------------------------- */

/* Reasons that fit an unreadable rejection by the client, from what it could have seen. */
static bool rejected_by_client(struct wt_case *k, uint32_t frame)
{
    char at[WT_CASE_AT];
    const struct wt_server_facts *s = k->server;
    const struct wt_certificate_facts *leaf = k->tls->authentication.count[WT_CLIENT] ? NULL
                                              : k->tls->authentication.count[WT_SERVER]
                                                  ? k->tls->authentication.certificates[WT_SERVER][0]
                                                  : NULL;
    if (!leaf && s)
        leaf = s->leaf;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_REJECTED_BY_CLIENT, frame,
                       _("The client ended the handshake after the server's flight: its only response%s is an "
                         "encrypted record of an alert's length. The alert cannot be read; probably the client "
                         "rejected the server's certificate%s%s: its issuer, dates or names."),
                       wt_case_at(frame, at), leaf && leaf->parsed ? " " : "",
                       leaf && leaf->parsed && leaf->subject ? leaf->subject : "");
    return wt_case_conclude(k, f, WT_FAULT_NONE, WT_NOTICED_BY_CLIENT, true);
}

static bool rejected_by_server(struct wt_case *k, uint32_t frame)
{
    char at[WT_CASE_AT];
    bool more = k->tls->side[WT_CLIENT].hidden > 1;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_REJECTED_BY_SERVER, frame,
        more ? _("The server ended the handshake after the client's flight: its only response%s is an encrypted record "
                 "of an alert's length, which cannot be read. The client sent more than a Finished, so it was probably "
                 "asked for a certificate, which is missing or was rejected.")
             : _("The server ended the handshake after the client's Finished: its only response%s is an encrypted "
                 "record of an alert's length, which cannot be read. Probably a client certificate is missing or was "
                 "rejected, or the Finished did not verify."),
        wt_case_at(frame, at));
    return wt_case_conclude(k, f, WT_FAULT_NONE, WT_NOTICED_BY_SERVER, true);
}

/* A flight ends with a Finished. If an alert is sent in its place, the server rejects something that it found after
 * its ServerHello: it checks little of the ClientHello that late. After the client's first record it rejects that
 * record, which carries the Certificate (RFC 8446, 4.4). */
static bool rejected_during_flight(struct wt_case *k, uint32_t frame)
{
    const struct wt_tls *tls = k->tls;
    struct wt_offer offer = {0};
    char at[WT_CASE_AT];
    const struct wt_list_finding *f;
    wt_case_at(frame, at);
    if (k->has_hello)
        offer = k->offer;
    const struct wt_list_finding *odd = wt_finding_of(tls, WT_FINDING_UNEXPECTED);
    if (!wt_outcome_flight_is_short(tls) && !tls->side[WT_CLIENT].hidden && odd && odd->text) {
        f = wt_finding_say(
            k->tls, WT_FINDING_MALFORMED, odd->frame,
            _("The client sent %s where the protocol does not allow it; probably the server rejected that: after its "
              "own flight it sent an encrypted record%s of an alert's length, which cannot be read."),
            odd->text, at);
        return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, true);
    }
    if (!wt_outcome_flight_is_short(tls) && tls->side[WT_CLIENT].hidden)
        f = wt_finding_say(k->tls, WT_FINDING_REJECTED_BY_SERVER, frame,
                           _("The server ended the handshake before the client's Finished: its only response%s to the "
                             "client's first encrypted message is a record of an alert's length, which cannot be read. "
                             "Probably the server requested a certificate, which is missing or was rejected."),
                           at);
    else
        f = wt_finding_say(
            k->tls, WT_FINDING_REJECTED_BY_SERVER, frame,
            offer.protocols.n
                ? _("The server ended the handshake after its own ServerHello: its last encrypted record%s has an "
                    "alert's length and cannot be read. Probably the server supports none of the application protocols "
                    "that the client offers (ALPN), or it has no suitable certificate.")
                : _("The server ended the handshake after its own ServerHello: its last encrypted record%s has an "
                    "alert's length and cannot be read. Probably the server has no suitable certificate, or it had an "
                    "internal error."),
            at);
    return wt_case_conclude(k, f, WT_FAULT_NONE, WT_NOTICED_BY_SERVER, true);
}

/* Up to TLS 1.2 the record type shows an encrypted alert. */
static bool hidden_alert12(struct wt_case *k)
{
    char at[WT_CASE_AT];
    for (const struct wt_list_alert *a = k->tls->report.alerts; a; a = a->next) {
        unsigned side = a->alert.from;
        uint32_t closed = k->tls->end.fin_frame[!a->alert.from];
        /* after the other side's FIN it only reacts to that */
        if (a->alert.readable || (closed && closed < a->alert.frame))
            continue;
        const struct wt_list_finding *f = wt_finding_say(
            k->tls, side == WT_CLIENT ? WT_FINDING_REJECTED_BY_CLIENT : WT_FINDING_REJECTED_BY_SERVER, a->alert.frame,
            _("%s ended the handshake with an encrypted alert%s after %s from %s: probably the Finished did not "
              "verify, or the keys do not match%s."),
            wt_case_side_first(side), wt_case_at(a->alert.frame, at), wt_case_last(k, !side), wt_case_side(!side),
            side == WT_SERVER && k->tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED
                ? _(", or the client's certificate is missing or was rejected")
                : "");
        return wt_case_conclude(k, f, WT_FAULT_NONE, wt_case_noticed(side), true);
    }
    return false;
}

/* What is sent to a side that has closed already only reacts to the close. */
static bool closed_before(const struct wt_tls *tls, unsigned side, uint32_t frame)
{
    unsigned direction = wt_tls_direction_of(tls, side);
    const struct wt_transport_end *end = &tls->end;
    uint32_t fin = end->fin_frame[direction];
    return (fin && fin < frame) || (end->reset_seen && end->reset_by == direction && end->reset_frame < frame);
}

static bool encrypted(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_tls_side *client = &tls->side[WT_CLIENT], *server = &tls->side[WT_SERVER];
    if (!wt_tls_is_13(tls))
        return hidden_alert12(k);
    if (client->flags & WT_SIDE_FINISHED)
        return tls->outcome.after & (WT_AFTER_SERVER_ALERT | WT_AFTER_SERVER_PADDED) &&
               rejected_by_server(k, server->hidden_frame);
    if (server->flags & WT_SIDE_LAST_ALERT && !closed_before(tls, WT_CLIENT, server->hidden_frame))
        return rejected_during_flight(k, server->hidden_frame);
    if (closed_before(tls, WT_SERVER, client->hidden_frame))
        return false;
    /* a record shorter than a Finished, after the server's flight, is an alert; early data comes before the flight */
    return client->hidden && server->hidden && client->hidden_frame >= tls->side[WT_SERVER].message_frame &&
           !wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED) && rejected_by_client(k, client->hidden_frame);
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
    if (!wt_tls_is_13(tls) && facts & WT_FACT_SERVER_HELLO && !(facts & (WT_FACT_SERVER_DONE | WT_FACT_RESUMED)))
        return WT_SERVER;
    if (wt_tls_is_13(tls) && facts & WT_FACT_SERVER_HELLO && flight_is_open(k))
        return WT_SERVER;
    return !last;
}

static bool stalled(struct wt_case *k, unsigned side, double seconds, const struct ending *e)
{
    char at[WT_CASE_AT];
    const struct wt_tls_side *other = &k->tls->side[!side];
    const struct wt_list_finding *f;
    uint32_t frame = other->message_frame;
    wt_case_at(frame, at);
    if (e->fin || e->reset)
        f = wt_finding_say(k->tls, WT_FINDING_HANDSHAKE_STALLED, frame,
                           _("The handshake stalled for %.1f s after %s from %s%s: %s should have sent the next "
                             "message but sent nothing, until %s ended the connection (%s)."),
                           seconds, wt_case_last(k, !side), wt_case_side(!side), at, wt_case_side(side),
                           wt_case_side(e->side), e->reset ? "RST" : "FIN");
    else
        f = wt_finding_say(k->tls, WT_FINDING_HANDSHAKE_STALLED, frame,
                           _("The handshake stalled after %s from %s%s: %s should have sent the next message but sent "
                             "nothing in the remaining %.1f s of the capture%s."),
                           wt_case_last(k, !side), wt_case_side(!side), at, wt_case_side(side), seconds,
                           wt_transport_repeats(&k->c->transport, wt_tls_direction_of(k->tls, !side))
                               ? _(", although that message was retransmitted")
                               : "");
    return wt_case_conclude(k, f, wt_case_fault(side), wt_case_noticed(!side), flight_may_be_open(k));
}

/* The server's data reached the capture but not the client, which acknowledged only what comes before a gap. */
static bool unreached(struct wt_case *k, const struct ending *e)
{
    char at[WT_CASE_AT];
    if (!(k->tls->side[WT_SERVER].flags & WT_SIDE_UNREACHED))
        return false;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_HANDSHAKE_STALLED, e->frame,
                       _("Part of the server's answer never reached the client: the client acknowledged only the data "
                         "before it, although the data after it was sent as well, and gave up%s after %.1f s. "
                         "Something on the path drops it: probably full-size packets are lost (path MTU)."),
                       wt_case_at(e->frame, at), waited(k));
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, WT_NOTICED_BY_CLIENT, true);
}

/* The last message was retransmitted and never acknowledged: it does not reach the side that should answer. */
static bool unacknowledged(struct wt_case *k, const struct ending *e)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_transport *t = &k->c->transport;
    unsigned side = tls->pace.last_from,
             repeats = wt_transport_repeats(t, wt_tls_direction_of(tls, tls->pace.last_from));
    bool ends = e->fin || e->reset;
    char at[WT_CASE_AT];
    /* an alert after the close that only reacts to it did not shorten the wait */
    double seconds = !ends                         ? quiet(k, false)
                     : k->c->last_ns > tls->end.ns ? (double)(tls->end.ns - tls->outcome.start_ns) / 1e9
                                                   : waited(k);
    if (!repeats || wt_transport_is_acknowledged(t, wt_tls_direction_of(tls, tls->pace.last_from)) ||
        seconds * 1e9 < WT_LIMIT_PATIENCE_NS)
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_HANDSHAKE_STALLED, tls->side[tls->pace.last_from].message_frame,
        ngettext_("The last message from %s, %s%s, was never acknowledged, although it was retransmitted %u time "
                  "within %.1f s: something on the path to %s drops it (probably full-size packets: path MTU), or "
                  "drops the acknowledgments.",
                  "The last message from %s, %s%s, was never acknowledged, although it was retransmitted %u times "
                  "within %.1f s: something on the path to %s drops it (probably full-size packets: path MTU), or "
                  "drops the acknowledgments.",
                  repeats),
        wt_case_side(side), wt_case_last(k, side), wt_case_at(tls->side[tls->pace.last_from].message_frame, at),
        repeats, seconds, wt_case_side(!side));
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, wt_case_noticed(side), true);
}

/* Findings that explain the end without an alert. */
static bool by_finding(struct wt_case *k, const struct ending *e)
{
    static const uint8_t rows[] = {WT_FINDING_BINDER_MISMATCH, WT_FINDING_SIGNATURE_MISMATCH,
                                   WT_FINDING_FINISHED_MISMATCH, WT_FINDING_RECORD_CORRUPTED};
    /* if both are wrong, the two sides have different transcripts, and the signature is not the cause */
    bool other = k->tls->proofs[WT_PROOF_SERVER_SIGNATURE].result == WT_PROOF_BAD &&
                 k->tls->proofs[WT_PROOF_SERVER_FINISHED].result == WT_PROOF_BAD;
    for (size_t i = 0; i < sizeof rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i]);
        if (f && !(other && rows[i] == WT_FINDING_SIGNATURE_MISMATCH))
            return wt_case_conclude(k, f, WT_FAULT_BETWEEN, wt_case_noticed(e->side), true);
    }
    return false;
}

/* RFC 5246, 7.4.6: "If the client does not send any certificates, the server MAY at its discretion either continue
 * the handshake without client authentication, or respond with a fatal handshake_failure alert." Some just close. */
static bool without_certificate(struct wt_case *k, const struct ending *e)
{
    const uint64_t facts = WT_FACT_CERTIFICATE_REQUESTED | WT_FACT_CLIENT_CERTIFICATE;
    char at[WT_CASE_AT];
    if (e->side != WT_SERVER || !(e->fin || e->reset) || (k->tls->flow.facts & facts) != facts ||
        k->tls->authentication.count[WT_CLIENT] || turn_of(k) != WT_SERVER)
        return false;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_CLIENT_CERTIFICATE_MISSING, e->frame,
                       _("The server requested a client certificate, the client sent none (an empty Certificate), and "
                         "the server closed the connection with %s%s and no alert: it probably requires one."),
                       e->reset ? "RST" : "FIN", wt_case_at(e->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, true);
}

bool wt_cause_end(struct wt_case *k)
{
    struct ending e = ending_of(k);
    char at[WT_CASE_AT];
    const struct wt_list_finding *f;
    if (unreached(k, &e))
        return true;
    bool late = crossed(k, &e);
    if (!answered(k) || late)
        return unanswered(k, &e, late);
    if (by_finding(k, &e) || encrypted(k))
        return true;
    if (unacknowledged(k, &e))
        return true;
    unsigned turn = turn_of(k);
    if (turn == WT_CLIENT && e.side == WT_CLIENT && (e.fin || e.reset) && flight_may_be_open(k) &&
        waited(k) * 1e9 >= WT_LIMIT_PATIENCE_NS)
        turn = WT_SERVER; /* a client that closes after a while has waited for something */
    bool gave_up = (e.fin || e.reset) && e.side != turn && waited(k) * 1e9 >= WT_LIMIT_PATIENCE_NS;
    if ((!e.fin && !e.reset && wt_outcome_is_stalled(k->o, k->c)) || gave_up)
        return stalled(k, turn, e.fin || e.reset ? waited(k) : quiet(k, false), &e);
    if (without_certificate(k, &e))
        return true;
    const struct wt_tls_side *sides = k->tls->side;
    for (unsigned d = 0; d < 2; d++)
        if (sides[d].flags & WT_SIDE_CLOSE_NOTIFY) {
            unsigned side = d;
            f = wt_finding_say(
                k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e.frame,
                _("%s closed the connection cleanly (close_notify) during the handshake, after %s from %s."),
                wt_case_side_first(side), wt_case_last(k, !side), wt_case_side(!side));
            return wt_case_conclude(k, f, wt_case_fault(side), wt_case_noticed(!side), false);
        }
    wt_case_at(e.frame, at);
    f = wt_finding_say(k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e.frame,
                       _("%s ended the connection with %s%s during the handshake, without an alert; the last it "
                         "received was %s from %s."),
                       wt_case_side_first(e.side), e.reset ? "RST" : "FIN", at, wt_case_last(k, !e.side),
                       wt_case_side(!e.side));
    return wt_case_conclude(k, f, wt_case_fault(e.side), wt_case_noticed(!e.side), false);
}

/* --- renegotiation ------------------------------------------------------------------------------------------------ */

/* RFC 5246, 7.2.2: no_renegotiation is "sent by the client in response to a hello request or by the server in
 * response to a client hello after initial handshaking"; the side that asked may then end the connection. */
bool wt_cause_renegotiation(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    char at[WT_CASE_AT];
    const struct wt_alert_seen *no = NULL;
    if (wt_tls_is_13(tls))
        return false;
    for (const struct wt_list_alert *a = tls->report.alerts; a && !no; a = a->next) {
        const struct wt_alert_seen *s = &a->alert;
        bool readable = s->readable && (s->description == WT_ALERT_NO_RENEGOTIATION ||
                                        (s->description == WT_ALERT_HANDSHAKE_FAILURE && tls->agreed.renegotiations));
        if (readable)
            no = s;
    }
    if (!no)
        return false;
    /* if the connection continued, nothing failed */
    bool ended = (tls->side[0].flags | tls->side[1].flags) & WT_SIDE_FATAL;
    unsigned side = no->from;
    const struct wt_list_finding *f;
    if (!ended)
        return false;
    f = wt_finding_say(k->tls, WT_FINDING_RENEGOTIATION_REFUSED, no->frame,
                       side == WT_SERVER ? _("The client requested a renegotiation and the server refused it with "
                                             "alert %s%s; that ended the connection.")
                                         : _("The server requested a renegotiation and the client refused it with "
                                             "alert %s%s; that ended the connection."),
                       wt_registry_name(WT_REG_ALERT, no->description), wt_case_at(no->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_BOTH, wt_case_noticed(side), false);
}
