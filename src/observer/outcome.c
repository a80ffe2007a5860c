/* How it ended: established, failed or incomplete, also for TLS 1.3 without keys, by what only such a peer can send. */
#include "observer/dtls/dtls.h"
#include "observer/endless.h"
#include "observer/quic/settle.h"
#include "observer/state.h"

/* Bytes of a TLS 1.3 record that holds an unpadded alert: two, its content type, the tag (RFC 8446, 5.2). */
static uint32_t alert_length(const struct wt_tls *tls)
{
    return 3u + tls->outcome.tag;
}

/* RFC 8446, 4.5: an unpadded EndOfEarlyData is a header, its content type and the tag. */
static uint32_t end_of_early_data_length(const struct wt_tls *tls)
{
    return 5u + tls->outcome.tag;
}

/* TLS 1.3: whether the client's record can hold its Finished: it comes after the server's flight has begun, and is long
 * enough. Where early data may still be under way only a record of just that length counts. */
static bool may_be_finished(const struct wt_tls *tls, uint32_t length)
{
    if (!tls->side[WT_SERVER].hidden)
        return false;
    if (wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED) && tls->agreed.early_data != WT_EARLY_REJECTED)
        return length == tls->outcome.finished_length;
    return length >= tls->outcome.finished_length;
}

/* RFC 8446, 5.4: "All encrypted TLS records can be padded". The JDK adds 16 zeros to all that is not application data;
 * others pad nothing. */
static uint32_t padded_alert_length(const struct wt_tls *tls)
{
    const uint32_t padding = 16;
    return alert_length(tls) + padding;
}

/* What the packet whose bytes are read acknowledges; 0: nothing, or it is not known. */
uint32_t wt_outcome_acknowledgment(const struct wt_observer *o, const struct wt_conversation *c)
{
    if (c->transport.kind != WT_TRANSPORT_TCP)
        return 0;
    return o->tcp.waited ? o->tcp.held.acknowledgment : o->tcp.now.acknowledgment;
}

/* RFC 9293, 3.4: numbers are compared modulo 2^32. */
static bool reaches(uint32_t acknowledgment, uint32_t number)
{
    return (int32_t)(acknowledgment - number) >= 0;
}

/* An alert behind one of the server's is the answer to it. */
static void client_after(struct wt_tls *tls, uint32_t length)
{
    struct wt_reach *reach = tls->handshake ? &tls->handshake->reach : NULL;
    bool first = !(tls->outcome.after & (WT_AFTER_SERVER_ALERT | WT_AFTER_SERVER_PADDED));
    tls->outcome.after &= (uint8_t)~WT_AFTER_CLIENT_PADDED;
    if (length == padded_alert_length(tls))
        tls->outcome.after |= WT_AFTER_CLIENT_PADDED;
    if (reach && !reach->has_goodbye && (length == alert_length(tls) || length == padded_alert_length(tls))) {
        reach->goodbye = reach->end[tls->client];
        reach->has_goodbye = length == alert_length(tls); /* a padded one: once it is known to be an alert */
    }
    if (length != alert_length(tls))
        tls->outcome.after |= WT_AFTER_CLIENT_DATA;
    else if (first)
        tls->outcome.after |= WT_AFTER_CLIENT_ALERT;
}

static void server_after(struct wt_tls *tls, uint32_t length, uint32_t acknowledged)
{
    const uint8_t said = WT_AFTER_SERVER_ALERT | WT_AFTER_SERVER_DATA | WT_AFTER_SERVER_PADDED;
    struct wt_reach *reach = tls->handshake ? &tls->handshake->reach : NULL;
    /* RFC 8446, 4.4.4: "servers MAY send data after sending their first flight", before the client's Finished has come:
     * such records show nothing of it */
    if (reach && reach->has_finished && acknowledged && !reaches(acknowledged, reach->finished))
        return;
    if (reach && !(tls->outcome.after & said))
        reach->answer = acknowledged;
    bool alert = length == alert_length(tls),
         padded = length == padded_alert_length(tls) && !(tls->outcome.after & said);
    /* data of just that length is not rare; but who has sent its FIN behind it has said close_notify */
    if ((alert || padded) && tls->outcome.after & WT_AFTER_CLIENT_PADDED && tls->end.fin[tls->client].frame) {
        tls->outcome.after |= WT_AFTER_CLIENT_ALERT;
        if (reach)
            reach->has_goodbye = true;
    }
    if (tls->outcome.after & WT_AFTER_SERVER_PADDED)
        tls->outcome.after |= WT_AFTER_SERVER_DATA; /* nothing follows an alert that refuses */
    else
        tls->outcome.after |= alert ? WT_AFTER_SERVER_ALERT : padded ? WT_AFTER_SERVER_PADDED : WT_AFTER_SERVER_DATA;
}

/* RFC 8446, 4.4.2: an empty Certificate is a header, a context of no bytes and a list of none; alone in its record,
 * with its content type and the tag, or before the Finished. Early data may be as long. */
static bool may_be_empty_certificate(const struct wt_tls *tls, const struct wt_tls_side *side, uint32_t length)
{
    const uint32_t empty = 4 + 1 + 3;
    const bool early = wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED) && tls->agreed.early_data != WT_EARLY_REJECTED;
    return tls->side[WT_SERVER].hidden && !early && side->hidden == 1 &&
           (length == empty + 1 + tls->outcome.tag || length == empty + tls->outcome.finished_length);
}

static void client_record(struct wt_observer *o, struct wt_tls *tls, struct wt_tls_side *side, uint32_t length)
{
    if (!(side->flags & WT_SIDE_FINISHED) && may_be_empty_certificate(tls, side, length))
        tls->seen.flags |= WT_SEEN_EMPTY_CERTIFICATE;
    if (side->flags & WT_SIDE_FINISHED) {
        client_after(tls, length);
    } else if (tls->side[WT_SERVER].flags & WT_SIDE_LAST_ALERT) {
        return; /* its flight ends in a Finished, which is longer: the server has refused something before */
    } else if (may_be_finished(tls, length)) {
        side->flags |= WT_SIDE_FINISHED;
        if (!tls->outcome.ready_ns)
            tls->outcome.ready_ns = o->now.ns;
        if (tls->handshake) {
            tls->handshake->reach.finished = tls->handshake->reach.end[tls->client];
            tls->handshake->reach.has_finished = true;
        }
    } else if (wt_flow_has(&tls->flow, WT_FACT_EARLY_OFFERED) && tls->agreed.early_data == WT_EARLY_NONE &&
               length == end_of_early_data_length(tls)) {
        /* RFC 8446, 4.2.10: EndOfEarlyData is sent only when the server accepted early data. */
        tls->agreed.early_data = WT_EARLY_ACCEPTED;
    }
}

/* RFC 8446, 4.3.1, 4.4.2 to 4.4.4: bytes of the messages of a server's flight, with their headers of four: the least of
 * a certificate is a raw public key of Ed25519 (RFC 7250; RFC 8032), the least of a signature has 64 bytes. */
enum {
    LEAST_EXTENSIONS = 4 + 2,
    LEAST_CERTIFICATE = 4 + 1 + 3 + 3 + 44 + 2,
    VERIFY = 4 + 4, /* and the signature */
    LEAST_SIGNATURE = 64,
};

static uint32_t finished_bytes(const struct wt_tls *tls)
{
    return tls->outcome.finished_length - 1u - tls->outcome.tag;
}

/* A record for each message, as most libraries write them: the last three are Certificate, CertificateVerify, Finished.
 * What a server says after them (RFC 8446, 4.6.1: tickets need not wait for the client's Finished) is no part of it. */
static bool flight_is_told_apart(const struct wt_tls *tls)
{
    const uint16_t *flight = tls->handshake->flight;
    return flight[0] == finished_bytes(tls) && flight[1] >= VERIFY + LEAST_SIGNATURE && flight[2] >= LEAST_CERTIFICATE;
}

/* One of the server's flight, without its content type and tag. */
static void flight_record(struct wt_tls *tls, uint32_t length)
{
    struct wt_tls_handshake *hs = tls->handshake;
    if (!flight_is_told_apart(tls)) {
        memmove(hs->flight + 1, hs->flight, sizeof hs->flight - sizeof *hs->flight);
        hs->flight[0] = (uint16_t)length;
    }
    if (hs->flight_bytes < UINT32_MAX - length)
        hs->flight_bytes += length;
}

void wt_outcome_hidden_record(struct wt_observer *o, struct wt_conversation *c, unsigned from, uint32_t length)
{
    struct wt_tls *tls = c->tls;
    struct wt_tls_side *side = &tls->side[from];
    if (!wt_tls_is_13(tls) || !wt_flow_has(&tls->flow, WT_FACT_SERVER_HELLO))
        return;
    side->hidden++;
    if (from == WT_SERVER && tls->handshake && length > 1u + tls->outcome.tag)
        flight_record(tls, length - 1u - tls->outcome.tag);
    if (length == alert_length(tls))
        side->flags |= WT_SIDE_LAST_ALERT;
    side->hidden_frame = o->frame;
    const uint32_t acknowledged = wt_outcome_acknowledgment(o, c);
    if (tls->handshake)
        tls->handshake->reach.acknowledgment[from] = acknowledged;
    if (from == WT_CLIENT)
        client_record(o, tls, side, length);
    else if (tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED)
        server_after(tls, length, acknowledged);
    /* nobody will ask for what was offered any more */
    if (tls->outcome.after & WT_AFTER_SERVER_DATA && !wt_keyring_awaited(o))
        wt_tls_end_handshake(tls);
}

/* What may be known by lengths alone is known for certain here. A fatal alert as all that follows the client's Finished
 * refuses it; close_notify does not. */
void wt_outcome_opened_record(struct wt_observer *o, struct wt_conversation *c, unsigned from, uint8_t type,
                              struct wt_span text)
{
    struct wt_tls *tls = c->tls;
    bool refuses = type == WT_CONTENT_ALERT && text.n == 2 && text.p[1] != WT_ALERT_CLOSE_NOTIFY &&
                   text.p[1] != WT_ALERT_USER_CANCELED;
    if (!wt_flow_has(&tls->flow, WT_FACT_SERVER_HELLO))
        return;
    tls->side[from].hidden++;
    tls->side[from].hidden_frame = o->frame;
    if (!(tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED))
        return;
    if (from == WT_CLIENT)
        tls->outcome.after |=
            refuses && !(tls->outcome.after & WT_AFTER_SERVER_ALERT) ? WT_AFTER_CLIENT_ALERT : WT_AFTER_CLIENT_DATA;
    else
        tls->outcome.after |= refuses ? WT_AFTER_SERVER_ALERT : WT_AFTER_SERVER_DATA;
}

/* TLS 1.3: the client sends Finished only after it has verified the server's; what the server sends behind it, if it is
 * more than an alert, shows that the client's was taken. A server that answers with nothing but one alert refused. */
static bool established13(const struct wt_tls *tls)
{
    const uint8_t said = tls->outcome.after & (WT_AFTER_SERVER_DATA | WT_AFTER_SERVER_ALERT | WT_AFTER_SERVER_PADDED);
    unsigned server = wt_tls_direction_of(tls, WT_SERVER);
    if (!(tls->side[WT_CLIENT].flags & WT_SIDE_FINISHED) || tls->outcome.after & WT_AFTER_SERVER_LEFT)
        return false;
    /* a short word may be as long as a padded alert: one that ends the connection is taken for one */
    bool leaves = wt_transport_end_by(&tls->end, server);
    bool refuses = said == WT_AFTER_SERVER_ALERT || (said == WT_AFTER_SERVER_PADDED && leaves);
    return !refuses || tls->outcome.after & WT_AFTER_CLIENT_ALERT;
}

bool wt_outcome_flight_is_short(const struct wt_tls *tls)
{
    const struct wt_tls_handshake *hs = tls->handshake;
    /* a server that a PSK vouches for sends no certificate */
    uint32_t proof = LEAST_CERTIFICATE + VERIFY + LEAST_SIGNATURE;
    return hs && tls->outcome.finished_length &&
           hs->flight_bytes < LEAST_EXTENSIONS + finished_bytes(tls) + (hs->common.agreed.chosen.has_psk ? 0 : proof);
}

uint32_t wt_outcome_certificate_most(const struct wt_tls *tls, uint32_t *signature)
{
    const uint32_t fragment = 512; /* RFC 6066, 4: nobody makes smaller ones of a longer message */
    const struct wt_tls_handshake *hs = tls->handshake;
    *signature = 0;
    if (!hs || !tls->outcome.finished_length || hs->common.agreed.chosen.has_psk || wt_outcome_flight_is_short(tls) ||
        tls->side[WT_SERVER].missing)
        return 0;
    if (flight_is_told_apart(tls) && hs->flight[3] < fragment) {
        *signature = hs->flight[1] - VERIFY;
        return hs->flight[2];
    }
    /* where the last one may be the server's own alert, the Finished was not sent */
    if (tls->side[WT_SERVER].flags & WT_SIDE_LAST_ALERT)
        return 0;
    return hs->flight_bytes - LEAST_EXTENSIONS - VERIFY - LEAST_SIGNATURE - finished_bytes(tls);
}

bool wt_outcome_is_established(const struct wt_tls *tls)
{
    if (wt_tls_is_13(tls))
        return established13(tls);
    return tls->side[0].flags & tls->side[1].flags & WT_SIDE_FINISHED;
}

void wt_outcome_finished(struct wt_observer *o, struct wt_conversation *c)
{
    if (!c->tls->outcome.ready_ns && wt_outcome_is_established(c->tls))
        c->tls->outcome.ready_ns = o->now.ns;
}

/* By the packets' acknowledgments rather than by their order: whether the server's first record after the Finished
 * answers the client's close (RFC 8446, 6.1) or what came before it, and whether the server got the Finished at all
 * before it left. */
static void order_by_acknowledgment(const struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    const struct wt_reach *reach = tls->handshake ? &tls->handshake->reach : NULL;
    const unsigned client = tls->client;
    if (!reach || !reach->has_finished || !wt_tls_is_13(tls))
        return;
    if (reach->answer && (!reach->has_goodbye || reaches(reach->answer, reach->goodbye)) &&
        (reach->has_goodbye || wt_transport_follows_fin(&c->transport, client, reach->answer)))
        tls->outcome.after |= WT_AFTER_CLIENT_ALERT;
    else if (reach->answer)
        tls->outcome.after &= (uint8_t)~WT_AFTER_CLIENT_ALERT;
    /* what ends it after the client's own end may answer that */
    if (!(tls->outcome.after & WT_AFTER_SERVER_DATA) && wt_transport_left_first(&c->transport, !client) &&
        wt_transport_is_short_of(&c->transport, client, reach->finished))
        tls->outcome.after |= WT_AFTER_SERVER_LEFT;
    else
        tls->outcome.after &= (uint8_t)~WT_AFTER_SERVER_LEFT;
}

/* A teardown before the end of the handshake: an alert that ends it, a RST, or a FIN. */
static bool torn_down(const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    if (wt_dtls_lacks(tls->dtls))
        return false;
    if ((tls->side[0].flags | tls->side[1].flags) & (WT_SIDE_FATAL | WT_SIDE_CLOSE_NOTIFY | WT_SIDE_NOT_TLS))
        return true;
    const struct wt_transport *t = &c->transport; /* that holds one from only does not show what the other did */
    bool both = wt_transport_seen(t, 0) && wt_transport_seen(t, 1);
    return (both || wt_transport_is_fed(t)) && wt_transport_is_ending(t);
}

/* Whether a side has said more than is here: bytes are missing, or a FIN that was acknowledged alone. */
static bool said_more(const struct wt_conversation *c, unsigned side)
{
    return c->tls->side[side].missing || wt_transport_ended_unseen(&c->transport, wt_tls_direction_of(c->tls, side));
}

/* What OpenSSL and others say to who closes amid the handshake; what is not here may have been a FIN, or wrong. */
static bool echoes_unseen(const struct wt_conversation *c)
{
    for (const struct wt_list_alert *a = c->tls->report.alerts; a; a = a->next)
        if (a->alert.readable && a->alert.level == 2 && a->alert.description != WT_ALERT_CLOSE_NOTIFY)
            return said_more(c, !a->alert.from) &&
                   (a->alert.description == WT_ALERT_DECODE_ERROR || a->alert.description == WT_ALERT_INTERNAL_ERROR ||
                    a->alert.description == WT_ALERT_UNEXPECTED_MESSAGE);
    return false;
}

/* An alert is all that was said, on a connection that was seen from its first byte on: a client whose settings leave it
 * nothing to offer, or a server that is not to be asked. */
static bool refused_at_once(const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    return wt_transport_opened_both(&c->transport) && !said_more(c, 0) && !said_more(c, 1) &&
           wt_tls_record_count(tls, 0) <= 1 && wt_tls_record_count(tls, 1) <= 1;
}

/* A ClientHello of which the rest never came, on a connection that was seen from its first byte on. */
static bool stays_unfinished(const struct wt_observer *o, const struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    const struct wt_record_cursor *cursor = &tls->cursor[tls->client];
    uint8_t type = 0;
    uint32_t length = 0;
    bool begun = tls->client_known && cursor->record.type == WT_CONTENT_HANDSHAKE && tls->handshake &&
                 wt_framing_pending(&tls->handshake->reader[tls->client], &type, &length) &&
                 type == WT_HANDSHAKE_CLIENT_HELLO;
    bool whole = !tls->side[0].missing && !tls->side[1].missing &&
                 (wt_transport_is_fed(&c->transport) ||
                  (wt_transport_opened_both(&c->transport) && wt_transport_from_start(&c->transport, tls->client)));
    return begun && whole && (torn_down(c) || wt_outcome_is_stalled(o, c));
}

/* A side's first bytes here are of no hello, and it may have said others before: the answer to the other's, too. */
static bool begins_within(const struct wt_conversation *c, unsigned side)
{
    const struct wt_tls *tls = c->tls;
    const unsigned direction = wt_tls_direction_of(tls, side);
    return wt_tls_record_count(tls, side) && !(tls->side[side].flags & WT_SIDE_HELLO) &&
           !wt_transport_from_start(&c->transport, direction) && !wt_transport_is_fed(&c->transport);
}

void wt_outcome_settle(const struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    bool hello = tls->flow.facts & (WT_FACT_CLIENT_HELLO | WT_FACT_SERVER_HELLO);
    bool fatal = (tls->side[0].flags | tls->side[1].flags) & WT_SIDE_FATAL;
    order_by_acknowledgment(c);
    if (tls->quic) {
        tls->outcome.state = (uint8_t)wt_quic_settle_state(tls->quic);
    } else if (tls->seen.flags & WT_SEEN_NEVER_TLS) {
        tls->outcome.state = WT_FAILED;
    } else if (wt_outcome_is_established(tls)) {
        tls->outcome.state = WT_ESTABLISHED;
    } else if (tls->flow.facts & WT_FACT_SERVER_HELLO && tls->side[0].data.records && tls->side[1].data.records &&
               !fatal && !wt_tls_is_13(tls)) {
        /* The end of the handshake was lost, or could not be read; up to TLS 1.2 only a finished peer sends
         * application data (RFC 5246, 7.3), and the server none before the client's Finished. */
        tls->outcome.state = WT_ESTABLISHED;
    } else if (tls->flow.facts & WT_FACT_CLIENT_HELLO && torn_down(c) &&
               !(tls->side[0].missing || tls->side[1].missing || begins_within(c, WT_SERVER) ||
                 (fatal && echoes_unseen(c)))) {
        /* whose ClientHello was not seen may have closed before the capture began, or said more than it holds */
        tls->outcome.state = WT_FAILED;
    } else if ((hello || refused_at_once(c)) && fatal && !echoes_unseen(c)) {
        tls->outcome.state = WT_FAILED;
    } else if (fatal && wt_transport_is_one_sided(&c->transport)) {
        tls->outcome.state = WT_FAILED;
    } else if (tls->flow.facts & WT_FACT_CLIENT_HELLO && wt_outcome_is_undelivered(c)) {
        tls->outcome.state = WT_FAILED;
    } else if (!(tls->seen.flags & WT_SEEN_LET_GO) && (hello ? wt_outcome_is_stalled(o, c) : stays_unfinished(o, c))) {
        tls->outcome.state = WT_FAILED;
    } else {
        tls->outcome.state = WT_INCOMPLETE;
    }
    if (tls->outcome.state != WT_ESTABLISHED)
        tls->outcome.ready_ns = 0;
}
