/* Sentences: failures without a readable alert. */
#include "diagnosis/sentences.h"

#include "base/i18n.h"
#include "diagnosis/case.h"
#include "starttls/starttls.h"
#include "wording/handshake.h"

#include <stdio.h>

static const char *how(const struct wt_case *k)
{
    return k->end.reset ? "RST" : "FIN";
}

/* --- before any answer -------------------------------------------------------------------------------------------- */

/* ", although it was sent 3 times", or "" */
static const char *repeated(const struct wt_case *k, char out[96])
{
    unsigned again = wt_transport_repeats(&k->c->transport, wt_tls_direction_of(k->tls, WT_CLIENT));
    out[0] = '\0';
    if (again)
        (void)snprintf(out, 96, _(", although it was sent %u times"), again + 1u);
    return out;
}

/* How long the client waited for an answer. */
static double patience(const struct wt_case *k)
{
    if (!k->end.fin && !k->end.reset)
        return wt_case_quiet(k);
    return wt_evidence_has(k, WT_EVIDENCE_ANSWER_LATE) ? (double)(k->tls->end.ns - k->tls->outcome.start_ns) / 1e9
                                                       : wt_case_waited(k);
}

static uint32_t hello_frame(const struct wt_case *k)
{
    return k->hello_frame ? k->hello_frame : k->tls->side[WT_CLIENT].message_frame;
}

const struct wt_list_finding *wt_sentence_hello_lost(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], repeats[96];
    wt_case_at(hello_frame(k), at);
    if (wt_transport_is_datagrams(&k->c->transport))
        return wt_finding_say(k->tls, id, k->hello_frame,
                              _("No answer to the ClientHello%s within %.1f s%s: nobody speaks this protocol on that "
                                "port, or something on the path drops UDP, there or on the way back."),
                              at, patience(k), repeated(k, repeats));
    if (wt_evidence_has(k, WT_EVIDENCE_HELLO_LARGE))
        return wt_finding_say(
            k->tls, id, k->hello_frame,
            _("No answer to the ClientHello%s within %.1f s%s, not even a TCP acknowledgment. At %u "
              "bytes it needs more than one segment: probably the path drops full-size packets (MTU), "
              "or a middlebox drops large ClientHellos."),
            at, patience(k), repeated(k, repeats), k->hello_length);
    return wt_finding_say(k->tls, id, k->hello_frame,
                          _("No answer to the ClientHello%s within %.1f s%s, not even a TCP acknowledgment: probably "
                            "something on the path drops it."),
                          at, patience(k), repeated(k, repeats));
}

const struct wt_list_finding *wt_sentence_hello_in_pieces(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], repeats[96];
    return wt_finding_say(
        k->tls, id, k->hello_frame,
        _("The server received the ClientHello%s (its TCP acknowledged it) but did not answer within %.1f s%s. At "
          "%u bytes it needs more than one segment: probably the server, or a middlebox that acknowledged it in "
          "the server's place, cannot handle a ClientHello in several pieces."),
        wt_case_at(hello_frame(k), at), patience(k), repeated(k, repeats), k->hello_length);
}

const struct wt_list_finding *wt_sentence_hello_unanswered(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], repeats[96];
    bool late = wt_evidence_has(k, WT_EVIDENCE_ANSWER_LATE), left = k->end.fin || k->end.reset;
    return wt_finding_say(
        k->tls, id, k->hello_frame,
        late   ? _("The server received the ClientHello%s but answered only after the client had given up, %.1f s "
                     "later%s.")
        : left ? _("The server received the ClientHello%s but did not answer; the client gave up after %.1f s%s.")
               : _("The server received the ClientHello%s but did not answer within %.1f s%s."),
        wt_case_at(hello_frame(k), at), patience(k), repeated(k, repeats));
}

const struct wt_list_finding *wt_sentence_hello_reset(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], end[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->end.frame,
                          _("The ClientHello%s was answered by a TCP RST%s from the server's side, %.1f ms later."),
                          wt_case_at(k->hello_frame, at), wt_case_at(k->end.frame, end), patience(k) * 1e3);
}

const struct wt_list_finding *wt_sentence_reset_forged(struct wt_case *k, enum wt_finding_id id)
{
    const struct wt_reset_facts *r = &wt_life_of(k->tls)->reset;
    char at[WT_CASE_AT], end[WT_CASE_AT];
    return wt_finding_say(k->tls, id, r->frame,
                          _("The ClientHello%s was answered by a TCP RST%s from the server's side, %.1f ms later."),
                          wt_case_at(k->hello_frame, at), wt_case_at(r->frame, end), r->after_us / 1e3);
}

const struct wt_list_finding *wt_sentence_hello_closed(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], end[WT_CASE_AT];
    wt_case_at(k->hello_frame, at);
    wt_case_at(k->end.frame, end);
    if (k->end.side == WT_SERVER)
        return wt_finding_say(k->tls, id, k->end.frame,
                              _("The server closed the connection with FIN%s, without sending a TLS record; the "
                                "ClientHello%s had been sent %.1f ms earlier."),
                              end, at, patience(k) * 1e3);
    return wt_finding_say(
        k->tls, id, k->end.frame,
        _("The client ended the connection with %s%s after its own ClientHello%s, before the server answered."), how(k),
        end, at);
}

const struct wt_list_finding *wt_sentence_upgrade_skipped(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], end[WT_CASE_AT];
    const uint16_t port = k->c->port[wt_tls_direction_of(k->tls, WT_SERVER)];
    const struct wt_starttls *row = wt_starttls_of_port(port);
    wt_case_at(k->hello_frame, at);
    wt_case_at(k->end.frame, end);
    return wt_finding_say(
        k->tls, id, k->end.frame,
        /* TRANSLATORS: "with RST (packet 6)", "the ClientHello (packet 4)" */
        _("The server ended the connection with %s%s in answer to the ClientHello%s. Port %u is that of "
          "%s, where the client has to ask for TLS in plaintext first (%s): probably the server "
          "does not expect a ClientHello there."),
        how(k), end, at, port, row ? row->title : "?", row ? row->source : "?");
}

/* --- encrypted ---------------------------------------------------------------------------------------------------- */

/* Reasons that fit an unreadable rejection by the client, from what it could have seen. */
const struct wt_list_finding *wt_sentence_hidden_by_client(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_authentication *a = &k->tls->authentication;
    const uint32_t frame = k->seen[WT_EVIDENCE_HIDDEN_BY_CLIENT].frame;
    const struct wt_certificate_facts *leaf =
        !a->count[WT_CLIENT] && a->count[WT_SERVER] ? a->certificates[WT_SERVER][0] : NULL;
    const char *subject = leaf ? leaf->subject : k->server ? k->server->subject : NULL;
    return wt_finding_say(k->tls, id, frame,
                          _("The client ended the handshake after the server's flight: its only response%s is an "
                            "encrypted record of an alert's length. The alert cannot be read; probably the client "
                            "rejected the server's certificate%s%s: its issuer, dates or names."),
                          wt_case_at(frame, at), subject ? " " : "", subject ? subject : "");
}

const struct wt_list_finding *wt_sentence_hidden_after_finished(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const uint32_t frame = k->seen[WT_EVIDENCE_HIDDEN_AFTER_FINISHED].frame;
    return wt_finding_say(
        k->tls, id, frame,
        k->tls->side[WT_CLIENT].hidden > 1
            ? _("The server ended the handshake after the client's flight: its only response%s is an encrypted record "
                "of an alert's length, which cannot be read. The client sent more than a Finished, so it was probably "
                "asked for a certificate, which is missing or was rejected.")
            : _("The server ended the handshake after the client's Finished: its only response%s is an encrypted "
                "record of an alert's length, which cannot be read. Probably a client certificate is missing or was "
                "rejected, or the Finished did not verify."),
        wt_case_at(frame, at));
}

/* RFC 8446, 4.4.2.4: "If the client does not send any certificates (i.e., it sends an empty Certificate message), the
 * server MAY at its discretion either continue the handshake without client authentication or abort the handshake with
 * a 'certificate_required' alert." */
const struct wt_list_finding *wt_sentence_empty_by_length(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const uint32_t frame = k->seen[WT_EVIDENCE_EMPTY_BY_LENGTH].frame;
    return wt_finding_say(
        k->tls, id, frame,
        _("The server ended the handshake after the client's Finished: its only response%s is an encrypted "
          "record of an alert's length, which cannot be read. By its length, what the client sent before "
          "its Finished is an empty Certificate: the server requested a client certificate, the client "
          "has none, and the server probably requires one."),
        wt_case_at(frame, at));
}

/* RFC 8446, 4.4.4: the server has to receive the client's Finished; TCP says that it did not. */
const struct wt_list_finding *wt_sentence_left_unfinished(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], finished[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->end.frame,
        _("The server ended the connection with %s%s during the handshake, without an alert, before it "
          "received the client's Finished%s: it never acknowledged that."),
        how(k), wt_case_at(k->end.frame, at), wt_case_at(k->tls->side[WT_CLIENT].hidden_frame, finished));
}

const struct wt_list_finding *wt_sentence_out_of_place(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_list_finding *odd = wt_finding_of(k->tls, WT_FINDING_UNEXPECTED);
    unsigned message;
    (void)wt_finding_message(odd, &message); /* it is evidence only where it has one */
    return wt_finding_say(
        k->tls, id, odd->frame,
        _("The client sent %s where the protocol does not allow it; probably the server rejected that: after its "
          "own flight it sent an encrypted record%s of an alert's length, which cannot be read."),
        wt_wording_message(message), wt_case_at(k->seen[WT_EVIDENCE_HIDDEN_IN_FLIGHT].frame, at));
}

const struct wt_list_finding *wt_sentence_hidden_after_flight(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const uint32_t frame = k->seen[WT_EVIDENCE_HIDDEN_IN_FLIGHT].frame;
    return wt_finding_say(k->tls, id, frame,
                          _("The server ended the handshake before the client's Finished: its only response%s to the "
                            "client's first encrypted message is a record of an alert's length, which cannot be read. "
                            "Probably the server requested a certificate, which is missing or was rejected."),
                          wt_case_at(frame, at));
}

const struct wt_list_finding *wt_sentence_hidden_in_flight(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const uint32_t frame = k->seen[WT_EVIDENCE_HIDDEN_IN_FLIGHT].frame;
    return wt_finding_say(
        k->tls, id, frame,
        k->offer.protocols.n
            ? _("The server ended the handshake after its own ServerHello: its last encrypted record%s has an "
                "alert's length and cannot be read. Probably the server supports none of the application protocols "
                "that the client offers (ALPN), or it has no suitable certificate.")
            : _("The server ended the handshake after its own ServerHello: its last encrypted record%s has an "
                "alert's length and cannot be read. Probably the server has no suitable certificate, or it had an "
                "internal error."),
        wt_case_at(frame, at));
}

const struct wt_list_finding *wt_sentence_hidden_12(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_HIDDEN_ALERT_12];
    const unsigned side = (unsigned)seen->value;
    (void)id;
    k->from = side;
    return wt_finding_say(
        k->tls, side == WT_CLIENT ? WT_FINDING_REJECTED_BY_CLIENT : WT_FINDING_REJECTED_BY_SERVER, seen->frame,
        _("%s ended the handshake with an encrypted alert%s after %s from %s: probably the Finished did not "
          "verify, or the keys do not match%s."),
        wt_case_side_first(side), wt_case_at(seen->frame, at), wt_case_last(k, !side), wt_case_side(!side),
        side == WT_SERVER && k->tls->flow.facts & WT_FACT_CERTIFICATE_REQUESTED
            ? _(", or the client's certificate is missing or was rejected")
            : "");
}

/* --- during the handshake ----------------------------------------------------------------------------------------- */

const struct wt_list_finding *wt_sentence_unacknowledged(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const unsigned side = k->tls->pace.last_from;
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_UNACKNOWLEDGED];
    if (!seen->value)
        return wt_finding_say(
            k->tls, id, seen->frame,
            _("The last message from %s, %s%s, was never acknowledged within %.1f s: something on the "
              "path to %s drops it (probably full-size packets: path MTU), or drops the "
              "acknowledgments."),
            wt_case_side(side), wt_case_last(k, side), wt_case_at(seen->frame, at), wt_case_unheard(k),
            wt_case_side(!side));
    return wt_finding_say(
        k->tls, id, seen->frame,
        ngettext_("The last message from %s, %s%s, was never acknowledged, although it was retransmitted %u time "
                  "within %.1f s: something on the path to %s drops it (probably full-size packets: path MTU), or "
                  "drops the acknowledgments.",
                  "The last message from %s, %s%s, was never acknowledged, although it was retransmitted %u times "
                  "within %.1f s: something on the path to %s drops it (probably full-size packets: path MTU), or "
                  "drops the acknowledgments.",
                  (unsigned)seen->value),
        wt_case_side(side), wt_case_last(k, side), wt_case_at(seen->frame, at), (unsigned)seen->value,
        wt_case_unheard(k), wt_case_side(!side));
}

const struct wt_list_finding *wt_sentence_unheard(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const unsigned side = k->tls->pace.last_from;
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_UNHEARD];
    wt_case_at(seen->frame, at);
    if (wt_transport_repeats(&k->c->transport, wt_tls_direction_of(k->tls, !side)))
        return wt_finding_say(k->tls, id, seen->frame,
                              _("What %s sent last, %s%s, was not answered within %.1f s, while %s sent "
                                "its own last messages again: it does not reach %s. Something on the path drops it "
                                "(probably large datagrams: path MTU, or a firewall that drops IP fragments)."),
                              wt_case_side(side), wt_case_last(k, side), at, wt_case_quiet(k), wt_case_side(!side),
                              wt_case_side(!side));
    return wt_finding_say(k->tls, id, seen->frame,
                          _("What %s sent last, %s%s, was sent again and not answered within %.1f s: it does not reach "
                            "%s, whose answer does not come back, or who gave up without a word."),
                          wt_case_side(side), wt_case_last(k, side), at, wt_case_quiet(k), wt_case_side(!side));
}

const struct wt_list_finding *wt_sentence_stalled(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const unsigned side = k->turn;
    const uint32_t frame = k->tls->side[!side].message_frame;
    wt_case_at(frame, at);
    if (k->end.fin || k->end.reset)
        return wt_finding_say(k->tls, id, frame,
                              _("The handshake stalled for %.1f s after %s from %s%s: %s should have sent the next "
                                "message but sent nothing, until %s ended the connection (%s)."),
                              wt_case_waited(k), wt_case_last(k, !side), wt_case_side(!side), at, wt_case_side(side),
                              wt_case_side(k->end.side), how(k));
    return wt_finding_say(k->tls, id, frame,
                          _("The handshake stalled after %s from %s%s: %s should have sent the next message but sent "
                            "nothing in the remaining %.1f s of the capture%s."),
                          wt_case_last(k, !side), wt_case_side(!side), at, wt_case_side(side), wt_case_quiet(k),
                          wt_transport_repeats(&k->c->transport, wt_tls_direction_of(k->tls, !side))
                              ? _(", although that message was retransmitted")
                              : "");
}

const struct wt_list_finding *wt_sentence_closed_upon_no_certificate(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(
        k->tls, id, k->end.frame,
        _("The server requested a client certificate, the client sent none (an empty Certificate), and "
          "the server closed the connection with %s%s and no alert: it probably requires one."),
        how(k), wt_case_at(k->end.frame, at));
}

const struct wt_list_finding *wt_sentence_closed_cleanly(struct wt_case *k, enum wt_finding_id id)
{
    const unsigned side = (unsigned)k->seen[WT_EVIDENCE_CLOSE_NOTIFY].value;
    k->from = side;
    return wt_finding_say(k->tls, id, k->end.frame,
                          _("%s closed the connection cleanly (close_notify) during the handshake, after %s from %s."),
                          wt_case_side_first(side), wt_case_last(k, !side), wt_case_side(!side));
}

const struct wt_list_finding *wt_sentence_closed(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    return wt_finding_say(k->tls, id, k->end.frame,
                          _("%s ended the connection with %s%s during the handshake, without an alert; the last it "
                            "received was %s from %s."),
                          wt_case_side_first(k->end.side), how(k), wt_case_at(k->end.frame, at),
                          wt_case_last(k, !k->end.side), wt_case_side(!k->end.side));
}

const struct wt_list_finding *wt_sentence_renegotiation(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_evidence_seen *seen = &k->seen[WT_EVIDENCE_RENEGOTIATION_REFUSED];
    return wt_finding_say(k->tls, id, seen->frame,
                          k->from == WT_SERVER
                              ? _("The client requested a renegotiation and the server refused it with "
                                  "alert %s%s; that ended the connection.")
                              : _("The server requested a renegotiation and the client refused it with "
                                  "alert %s%s; that ended the connection."),
                          wt_registry_name(WT_REG_ALERT, (uint16_t)seen->value), wt_case_at(seen->frame, at));
}
