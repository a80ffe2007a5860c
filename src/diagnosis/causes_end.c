/* Failures without an alert that can be read: what TCP tells, what passed encrypted, and silence. */
#include "diagnosis/causes_case.h"

#include "base/i18n.h"

#include <stdio.h>

/* Who ended the stream first, by what. */
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

/* Seconds that nothing was said before the end, with a decimal. */
static double quiet(const struct wt_case *k, bool over)
{
    int64_t until = over ? k->c->seen_ns : k->o->latest_ns;
    return until > k->c->last_ns ? (double)(until - k->c->last_ns) / 1e9 : 0;
}

/* A client that left a moment ago did not wait; one that was silent for long gave up. Packets behind the close
 * (retransmissions, the other side's FIN) lie later than it: the time of the end itself counts. */
static double waited(const struct wt_case *k)
{
    return k->tls->end.ns > k->c->last_ns ? (double)(k->tls->end.ns - k->c->last_ns) / 1e9 : 0;
}

static bool answered(const struct wt_case *k)
{
    return k->tls->flow.facts & WT_FACT_SERVER_HELLO || k->tls->agreed.retried || wt_tls_record_count(k->tls, WT_SERVER) ||
           k->tls->report.alert_count;
}

/* The receiver's TCP has the whole hello. */
static bool acknowledged(const struct wt_case *k)
{
    return wt_transport_is_acknowledged(&k->c->transport, wt_tls_direction_of(k->tls, WT_CLIENT));
}

static bool no_answer(struct wt_case *k, double seconds, bool left, bool late)
{
    const uint32_t segment = 1400; /* bytes: about what a packet holds; RFC 9293, 3.7.1 with Ethernet's 1500 */
    const struct wt_tls_side *client = &k->tls->side[WT_CLIENT];
    char at[WT_CASE_AT], repeats[96] = "";
    bool acked = acknowledged(k) || wt_transport_is_fed(&k->c->transport), large = k->hello_length > segment;
    const struct wt_list_finding *f;
    wt_case_at(k->hello_frame ? k->hello_frame : client->message_frame, at);
    unsigned again = wt_transport_repeats(&k->c->transport, wt_tls_direction_of(k->tls, WT_CLIENT));
    if (again)
        (void)snprintf(repeats, sizeof repeats, _(", although it was sent %u times"), again + 1u);
    if (!acked && large)
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_ANSWER, k->hello_frame,
            _("Nothing comes back to the ClientHello%s in %.1f s%s, not even its acknowledgment: at %u bytes "
              "it takes more than one segment, and probably the path drops packets of full size (MTU) or a "
              "middlebox drops large hellos."),
            at, seconds, repeats, k->hello_length);
    else if (!acked)
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_ANSWER, k->hello_frame,
            _("Nothing comes back to the ClientHello%s in %.1f s%s, not even its acknowledgment: probably "
              "something between the two drops it."),
            at, seconds, repeats);
    else if (large)
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_ANSWER, k->hello_frame,
            _("The server has the ClientHello%s (its TCP acknowledged it) and answers nothing in %.1f s%s. At "
              "%u bytes it takes more than one segment: probably the server, or a middlebox that answered "
              "for it, cannot read a hello in pieces."),
            at, seconds, repeats, k->hello_length);
    else
        f = wt_finding_say(
            k->tls, WT_FINDING_NO_ANSWER, k->hello_frame,
            late   ? _("The server has the ClientHello%s and answers only when the client, after %.1f s, has left%s.")
            : left ? _("The server has the ClientHello%s and answers nothing: after %.1f s the client leaves%s.")
                   : _("The server has the ClientHello%s and answers nothing in %.1f s%s."),
            at, seconds, repeats);
    return wt_case_conclude(k, f, acked ? WT_FAULT_SERVER : WT_FAULT_BETWEEN, WT_NOTICED_BY_CLIENT, !acked || large);
}

/* Before any answer. */
static bool unanswered(struct wt_case *k, const struct ending *e, bool late)
{
    char at[WT_CASE_AT], end[WT_CASE_AT];
    const struct wt_list_finding *f;
    /* what crossed the client's close came no sooner for that */
    double seconds = late ? (double)(k->tls->end.ns - k->tls->outcome.start_ns) / 1e9 : waited(k);
    if (!e->reset && !e->fin)
        return no_answer(k, quiet(k, false), false, false);
    if (e->side == WT_CLIENT && seconds * 1e9 >= WT_LIMIT_PATIENCE_NS)
        return no_answer(k, seconds, true, late);
    wt_case_at(k->hello_frame, at);
    wt_case_at(e->frame, end);
    if (e->reset && e->side == WT_SERVER) {
        f = wt_finding_say(k->tls, WT_FINDING_RESET_AFTER_HELLO, e->frame,
                           _("The answer to the ClientHello%s is a TCP RST%s from the server's side, %.1f ms later."),
                           at, end, seconds * 1e3);
        return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
    }
    f = e->side == WT_SERVER
            ? wt_finding_say(
                  k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e->frame,
                  _("The server closes the connection (FIN%s) behind the ClientHello%s, %.1f ms later, without a TLS "
                    "record."),
                  end, at, seconds * 1e3)
            : wt_finding_say(
                  k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e->frame,
                  _("The client ends the connection (%s%s) behind its own ClientHello%s, before the server has "
                    "answered."),
                  e->reset ? "RST" : "FIN", end, at);
    return wt_case_conclude(k, f, wt_case_fault(e->side), wt_case_noticed(!e->side), false);
}

/* The client left before the server's first message, which crossed its close on the way. */
static bool crossed(const struct wt_case *k, const struct ending *e)
{
    const struct wt_tls_side *server = &k->tls->side[WT_SERVER];
    uint32_t answer = k->tls->seen.hello_frame[WT_SERVER];
    if (!answer && server->has_message)
        answer = server->message_frame;
    return (e->fin || e->reset) && e->frame && e->side == WT_CLIENT && answer > e->frame;
}

/* --- encrypted
 * --------------------------------------------------------------------------------------------------------- */

/* What fits a client's refusal that cannot be read, by what it could have seen. */
static bool rejected_by_client(struct wt_case *k, uint32_t frame)
{
    char at[WT_CASE_AT];
    const struct wt_server_facts *s = k->facts;
    const struct wt_certificate_facts *leaf = k->tls->authentication.count[WT_CLIENT] ? NULL
                                              : k->tls->authentication.count[WT_SERVER]
                                                  ? k->tls->authentication.certificates[WT_SERVER][0]
                                                  : NULL;
    if (!leaf && s)
        leaf = s->leaf;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_REJECTED_BY_CLIENT, frame,
        _("The client ends the handshake behind the server's flight: its only answer%s is as long as an alert. What it "
          "says "
          "passed encrypted; probably it refuses the server's certificate%s%s: its issuer, its dates or its names."),
        wt_case_at(frame, at), leaf && leaf->parsed ? ", " : "",
        leaf && leaf->parsed && leaf->subject ? leaf->subject : "");
    return wt_case_conclude(k, f, WT_FAULT_NONE, WT_NOTICED_BY_CLIENT, true);
}

static bool rejected_by_server(struct wt_case *k, uint32_t frame)
{
    char at[WT_CASE_AT];
    bool more = k->tls->side[WT_CLIENT].hidden > 1;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_REJECTED_BY_SERVER, frame,
                       more ? _("The server ends the handshake behind the client's flight: its only answer%s is as "
                                "long as an alert. What it "
                                "says passed encrypted. The client sent more than a Finished, so it was probably asked "
                                "for a certificate: "
                                "probably that is missing or refused.")
                            : _("The server ends the handshake behind the client's Finished: its only answer%s is as "
                                "long as an alert. What "
                                "it says passed encrypted; probably it misses or refuses a client certificate, or the "
                                "Finished does not "
                                "fit."),
                       wt_case_at(frame, at));
    return wt_case_conclude(k, f, WT_FAULT_NONE, WT_NOTICED_BY_SERVER, true);
}

/* A flight ends in a Finished. Where an alert stands in its stead the server refuses what it found behind its
 * ServerHello: there is not much of the ClientHello that it looks at so late. Behind the client's first record it is
 * that which it refuses: RFC 8446, 4.4, has Certificate stand there. */
static bool rejected_amid_flight(struct wt_case *k, uint32_t frame)
{
    const struct wt_tls *tls = k->tls;
    struct wt_offer offer = {0};
    char at[WT_CASE_AT];
    const struct wt_list_finding *f;
    wt_case_at(frame, at);
    if (k->has_hello)
        wt_case_offer(k, &offer);
    const struct wt_list_finding *odd = wt_finding_of(tls, WT_FINDING_UNEXPECTED);
    if (!wt_tls_flight_is_short(tls) && !tls->side[WT_CLIENT].hidden && odd && odd->text) {
        f = wt_finding_say(
            k->tls, WT_FINDING_MALFORMED, odd->frame,
            _("%s of the client came where the handshake has no place for it; probably that is what the "
              "server refuses behind its flight, by a record%s that is as long as an alert. What it says "
              "passed encrypted."),
            odd->text, at);
        return wt_case_conclude(k, f, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER, true);
    }
    if (!wt_tls_flight_is_short(tls) && tls->side[WT_CLIENT].hidden)
        f = wt_finding_say(k->tls, WT_FINDING_REJECTED_BY_SERVER, frame,
                           _("The server ends the handshake before the client's Finished: its only answer%s to the "
                             "client's first encrypted message is as long as an alert. What it says passed encrypted; "
                             "probably it asked for a certificate, and that is missing or refused."),
                           at);
    else
        f = wt_finding_say(k->tls, WT_FINDING_REJECTED_BY_SERVER, frame,
                           offer.protocols.n
                               ? _("The server ends the handshake behind its own ServerHello: its last encrypted "
                                   "record%s is as long as an alert. What it says passed encrypted; probably it finds "
                                   "none of the application protocols that the client offers (ALPN) to be its own, or "
                                   "it has no certificate that fits.")
                               : _("The server ends the handshake behind its own ServerHello: its last encrypted "
                                   "record%s is as long as an alert. What it says passed encrypted; probably it has no "
                                   "certificate that fits, or something failed within it."),
                           at);
    return wt_case_conclude(k, f, WT_FAULT_NONE, WT_NOTICED_BY_SERVER, true);
}

/* Up to TLS 1.2 an alert under keys shows its type. */
static bool hidden_alert12(struct wt_case *k)
{
    char at[WT_CASE_AT];
    for (const struct wt_list_alert *a = k->tls->report.alerts; a; a = a->next) {
        unsigned side = a->alert.from;
        uint32_t closed = k->tls->end.fin_frame[wt_tls_direction_of(k->tls, !a->alert.from)];
        /* behind the other side's FIN it says no more than that */
        if (a->alert.readable || (closed && closed < a->alert.frame))
            continue;
        const struct wt_list_finding *f = wt_finding_say(
            k->tls, side == WT_CLIENT ? WT_FINDING_REJECTED_BY_CLIENT : WT_FINDING_REJECTED_BY_SERVER, a->alert.frame,
            _("%s ends the handshake with an alert%s that passed encrypted, behind %s of %s: probably the Finished or "
              "the "
              "keys do not fit%s."),
            wt_case_side_first(side), wt_case_at(a->alert.frame, at), wt_case_last(k, !side), wt_case_side(!side),
            side == WT_SERVER && k->tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED
                ? _(", or the client's certificate is missing or refused")
                : "");
        return wt_case_conclude(k, f, WT_FAULT_NONE, wt_case_noticed(side), true);
    }
    return false;
}

/* What is said to who has closed already says no more than that. */
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
        return rejected_amid_flight(k, server->hidden_frame);
    if (closed_before(tls, WT_SERVER, client->hidden_frame))
        return false;
    /* less than a Finished, behind the server's flight, is an alert; early data lies before the flight */
    return client->hidden && server->hidden && client->hidden_frame >= tls->side[WT_SERVER].message_frame &&
           !wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED) && rejected_by_client(k, client->hidden_frame);
}

/* --- amid the handshake
 * ------------------------------------------------------------------------------------------------ */

/* TLS 1.3: whether the server has not come to its Finished, as the keys show, or the lengths. */
static bool flight_is_open(const struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_keyring *keys = tls->keys;
    const struct wt_opener *op = keys ? &keys->by[WT_SERVER] : NULL;
    if (op && op->opened && !op->failed && !op->unopened)
        return !(tls->flow.facts & WT_FACT_SERVER_FINISHED);
    return wt_tls_flight_is_short(tls);
}

/* Without keys lengths alone do not tell a flight without its Finished from a whole one. */
static bool flight_may_be_open(const struct wt_case *k)
{
    return wt_tls_is_13(k->tls) && k->tls->flow.facts & WT_FACT_SERVER_HELLO &&
           !(k->tls->flow.facts & WT_FACT_SERVER_FINISHED) && !(k->tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED);
}

/* Whose turn it is: the server's until its flight is whole, else of who did not speak last. */
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
        f = wt_finding_say(
            k->tls, WT_FINDING_HANDSHAKE_STALLED, frame,
            _("The handshake stands still for %.1f s behind %s of %s%s: it is the turn of %s, which says "
              "nothing; then %s leaves (%s)."),
            seconds, wt_case_last(k, !side), wt_case_side(!side), at, wt_case_side(side), wt_case_side(e->side),
            e->reset ? "RST" : "FIN");
    else
        f = wt_finding_say(
            k->tls, WT_FINDING_HANDSHAKE_STALLED, frame,
            _("The handshake stands still behind %s of %s%s: it is the turn of %s, which says nothing in the "
              "%.1f s that the capture goes on%s."),
            wt_case_last(k, !side), wt_case_side(!side), at, wt_case_side(side), seconds,
            wt_transport_repeats(&k->c->transport, wt_tls_direction_of(k->tls, !side))
                ? _(", although it was sent again")
                : "");
    return wt_case_conclude(k, f, wt_case_fault(side), wt_case_noticed(!side), flight_may_be_open(k));
}

/* What the server said came here, but for a hole, and no further: the client acknowledged what stands before it alone.
 */
static bool unreached(struct wt_case *k, const struct ending *e)
{
    char at[WT_CASE_AT];
    if (!(k->tls->side[WT_SERVER].flags & WT_SIDE_UNREACHED))
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_HANDSHAKE_STALLED, e->frame,
        _("A part of the server's answer never came: the client acknowledges only what stands before it, although what "
          "follows it passed, and leaves%s after %.1f s. Something on the way drops it: probably packets of full size "
          "(path MTU)."),
        wt_case_at(e->frame, at), waited(k));
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, WT_NOTICED_BY_CLIENT, true);
}

/* What was said last was sent again and again, and never acknowledged: it does not reach the other side, whose turn it
 * would be. */
static bool in_vain(struct wt_case *k, const struct ending *e)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_transport *t = &k->c->transport;
    unsigned side = tls->pace.last_from, repeats = wt_transport_repeats(t, wt_tls_direction_of(tls, tls->pace.last_from));
    bool ends = e->fin || e->reset;
    char at[WT_CASE_AT];
    /* an alert that only echoes the close, behind it, did not shorten the wait */
    double seconds = !ends                         ? quiet(k, false)
                     : k->c->last_ns > tls->end.ns ? (double)(tls->end.ns - tls->outcome.start_ns) / 1e9
                                                   : waited(k);
    if (!repeats || wt_transport_is_acknowledged(t, wt_tls_direction_of(tls, tls->pace.last_from)) ||
        seconds * 1e9 < WT_LIMIT_PATIENCE_NS)
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_HANDSHAKE_STALLED, tls->side[tls->pace.last_from].message_frame,
        ngettext_("What %s sent last, %s%s, is never acknowledged, although it was sent again %u time in %.1f s: "
                  "something on the way to %s drops it, probably packets of full size (path MTU), or its answers.",
                  "What %s sent last, %s%s, is never acknowledged, although it was sent again %u times in %.1f s: "
                  "something on the way to %s drops it, probably packets of full size (path MTU), or its answers.",
                  repeats),
        wt_case_side(side), wt_case_last(k, side), wt_case_at(tls->side[tls->pace.last_from].message_frame, at), repeats,
        seconds, wt_case_side(!side));
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, wt_case_noticed(side), true);
}

/* Certain signs that have no alert beside them: what else broke before the end. */
static bool by_finding(struct wt_case *k, const struct ending *e)
{
    static const uint8_t rows[] = {WT_FINDING_BINDER_MISMATCH, WT_FINDING_SIGNATURE_MISMATCH,
                                   WT_FINDING_FINISHED_MISMATCH, WT_FINDING_RECORD_CORRUPTED};
    /* where both do not fit it is what they cover that is another for each side */
    bool other = k->tls->proofs[WT_PROOF_SERVER_SIGNATURE].result == WT_PROOF_BAD &&
                 k->tls->proofs[WT_PROOF_SERVER_FINISHED].result == WT_PROOF_BAD;
    for (size_t i = 0; i < sizeof rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i]);
        if (f && !(other && rows[i] == WT_FINDING_SIGNATURE_MISMATCH))
            return wt_case_conclude(k, f, WT_FAULT_BETWEEN, wt_case_noticed(e->side), true);
    }
    return false;
}

/* RFC 5246, 7.4.6: "If the client does not send any certificates, the server MAY at its discretion either continue the
 * handshake without client authentication, or respond with a fatal handshake_failure alert." Some leave instead. */
static bool without_certificate(struct wt_case *k, const struct ending *e)
{
    const uint64_t facts = WT_FACT_CERTIFICATE_REQUESTED | WT_FACT_CLIENT_CERTIFICATE;
    char at[WT_CASE_AT];
    if (e->side != WT_SERVER || !(e->fin || e->reset) || (k->tls->flow.facts & facts) != facts ||
        k->tls->authentication.count[WT_CLIENT] || turn_of(k) != WT_SERVER)
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_CLIENT_CERTIFICATE_MISSING, e->frame,
        _("The server asked for a client certificate, the client sent none (an empty Certificate), and the server "
          "leaves (%s%s) without an alert: it probably requires one."),
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
    if (in_vain(k, &e))
        return true;
    unsigned turn = turn_of(k);
    if (turn == WT_CLIENT && e.side == WT_CLIENT && (e.fin || e.reset) && flight_may_be_open(k) &&
        waited(k) * 1e9 >= WT_LIMIT_PATIENCE_NS)
        turn = WT_SERVER; /* who leaves after a while has waited for something */
    bool gave_up = (e.fin || e.reset) && e.side != turn && waited(k) * 1e9 >= WT_LIMIT_PATIENCE_NS;
    if ((!e.fin && !e.reset && wt_tls_is_stalled(k->o, k->c)) || gave_up)
        return stalled(k, turn, e.fin || e.reset ? waited(k) : quiet(k, false), &e);
    if (without_certificate(k, &e))
        return true;
    const struct wt_tls_side *sides = k->tls->side;
    for (unsigned d = 0; d < 2; d++)
        if (sides[d].flags & WT_SIDE_CLOSE_NOTIFY) {
            unsigned side = d;
            f = wt_finding_say(
                k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e.frame,
                _("%s closes the connection in good order (close_notify) amid the handshake, behind %s of "
                  "%s."),
                wt_case_side_first(side), wt_case_last(k, !side), wt_case_side(!side));
            return wt_case_conclude(k, f, wt_case_fault(side), wt_case_noticed(!side), false);
        }
    wt_case_at(e.frame, at);
    f = wt_finding_say(
        k->tls, WT_FINDING_CLOSED_DURING_HANDSHAKE, e.frame,
        _("%s ends the connection (%s%s) amid the handshake and says no reason; the last that it got was %s of "
          "%s."),
        wt_case_side_first(e.side), e.reset ? "RST" : "FIN", at, wt_case_last(k, !e.side), wt_case_side(!e.side));
    return wt_case_conclude(k, f, wt_case_fault(e.side), wt_case_noticed(!e.side), false);
}

/* --- renegotiation
 * ------------------------------------------------------------------------------------------------------ */

/* RFC 5246, 7.2.2: no_renegotiation is "sent by the client in response to a hello request or by the server in response
 * to a client hello after initial handshaking"; the side that asked may then end the connection. Where nothing can be
 * read a handshake record behind the handshake and an alert of the other side behind it are as good. */
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
    /* where the connection went on nothing has failed */
    bool ended = (tls->side[0].flags | tls->side[1].flags) & WT_SIDE_FATAL;
    unsigned side = no->from;
    const struct wt_list_finding *f;
    if (!ended)
        return false;
    f = wt_finding_say(
        k->tls, WT_FINDING_RENEGOTIATION_REFUSED, no->frame,
        side == WT_SERVER
            ? _("The client asks for a renegotiation, and the server refuses it (alert %s%s); that ends the "
                "connection.")
            : _("The server asks for a renegotiation, and the client refuses it (alert %s%s); that ends the "
                "connection."),
        wt_registry_name(WT_REG_ALERT, no->description), wt_case_at(no->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_BOTH, wt_case_noticed(side), false);
}
