/* The peer's bytes: split into records, opened where they lie, and handed on by what they hold. */
#include "endpoint/input.h"

#include "base/memory.h"
#include "endpoint/buffers.h"
#include "endpoint/early.h"
#include "endpoint/exchange12.h"
#include "endpoint/failure.h"
#include "endpoint/messages.h"
#include "endpoint/output.h"
#include "endpoint/tap.h"
#include "handshake/rules.h"

/* --- one record's content ----------------------------------------------------------------------------------------- */

static bool unexpected(struct wt_endpoint *e)
{
    return wt_endpoint_fail(e, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
}

/* RFC 8446, 5.1: "Handshake messages MUST NOT be interleaved with other record types. That is, if a handshake message
 * is split over two or more records, there MUST NOT be any other records between them." */
static bool interrupts(const struct wt_endpoint *e)
{
    uint8_t type;
    uint32_t length;
    return e->framing.held.n || wt_framing_pending(&e->framing, &type, &length);
}

/* RFC 8446, 5.1: "Handshake messages MUST NOT span key changes. Implementations MUST verify that all messages
 * immediately preceding a key change align with a record boundary; if not, then they MUST terminate the connection with
 * an "unexpected_message" alert." */
bool wt_endpoint_is_aligned(struct wt_endpoint *e)
{
    return !e->keys_changed || !interrupts(e) || unexpected(e);
}

static bool handshake(struct wt_endpoint *e, struct wt_span text)
{
    uint8_t type;
    uint32_t length;
    /* RFC 8446, 5.1: "Implementations MUST NOT send zero-length fragments of Handshake types, even if those fragments
     * contain padding." */
    if (!text.n)
        return unexpected(e);
    e->keys_changed = false;
    wt_framing_record(&e->framing);
    if (!wt_framing_feed(&e->framing, text, wt_endpoint_message, e))
        return e->failure.id ? false : unexpected(e);
    if (e->failure.id)
        return false;
    if (!wt_endpoint_is_aligned(e))
        return false;
    if (wt_framing_pending(&e->framing, &type, &length) && length > WT_LIMIT_ENDPOINT_MESSAGE)
        return wt_endpoint_too_long(e, length);
    return wt_endpoint_answer_due(e);
}

static bool application(struct wt_endpoint *e, struct wt_span text)
{
    /* RFC 8446, 2: application data "MUST NOT be sent prior to sending the Finished message", and 5:
     * "unexpected_message"; up to TLS 1.2 it waits for both Finished (RFC 5246, 7.3). */
    if (interrupts(e))
        return unexpected(e);
    if (!e->established && !wt_early_takes(e, text.n))
        return false;
    /* RFC 5246, 7.1: after its ChangeCipherSpec the peer's Finished is next, also in a renegotiation */
    if (e->again && wt_flow_has(&e->flow, e->peer == WT_CLIENT ? WT_FACT_CLIENT_CCS : WT_FACT_SERVER_CCS))
        return unexpected(e);
    e->updates = e->again_count = 0;
    e->data = text;
    return true;
}

/* Records that say nothing cost their sender little. */
static bool counts(struct wt_endpoint *e, uint8_t type, struct wt_span text)
{
    if (text.n && type != WT_CONTENT_CHANGE_CIPHER_SPEC) {
        e->empties = 0;
        return true;
    }
    return ++e->empties <= WT_LIMIT_EMPTY_RECORDS ||
           wt_endpoint_too_much(e, WT_EXCESS_EMPTY_RECORDS, WT_LIMIT_EMPTY_RECORDS);
}

static bool content(struct wt_endpoint *e, uint8_t type, struct wt_span text)
{
    e->failure.content = type;
    e->failure.message = 0;
    if (!counts(e, type, text))
        return false;
    switch (type) {
    case WT_CONTENT_HANDSHAKE:
        return handshake(e, text);
    case WT_CONTENT_APPLICATION_DATA:
        return application(e, text);
    case WT_CONTENT_ALERT:
        if (interrupts(e))
            return unexpected(e);
        wt_endpoint_alert(e, text);
        return !e->failure.id;
    case WT_CONTENT_CHANGE_CIPHER_SPEC:
        if (interrupts(e))
            return unexpected(e);
        if (text.n != 1 || text.p[0] != 1)
            return wt_endpoint_fail(e, text.n == 1 ? WT_ALERT_ILLEGAL_PARAMETER : WT_ALERT_DECODE_ERROR,
                                    "malformed-message");
        return wt_endpoint_changed(e);
    default:
        return unexpected(e);
    }
}

/* --- protection --------------------------------------------------------------------------------------------------- */

static uint16_t version_of(const struct wt_endpoint *e)
{
    return e->h.agreed.chosen.version;
}

/* RFC 8446, 5: "An implementation may receive an unencrypted record of type change_cipher_spec consisting of the single
 * byte value 0x01 at any time after the first ClientHello message has been sent or received and before the peer's
 * Finished message has been received and MUST simply drop it without further processing." Before it "stateless servers
 * may not be able to distinguish these cases from allowed cases". */
static bool is_dropped(const struct wt_endpoint *e, uint8_t type, struct wt_span fragment)
{
    const bool hello = e->h.agreed.offered.seen;
    const bool begins = !e->h.agreed.chosen.seen && wt_party_has_version(e->party, WT_TLS13);
    bool may = e->h.agreed.chosen.tls13 || (begins && (hello || (e->side == WT_SERVER && e->party->o.cookie)));
    return type == WT_CONTENT_CHANGE_CIPHER_SPEC && may && !e->established && fragment.n == 1 && fragment.p[0] == 1 &&
           (e->side == WT_CLIENT || !e->h.agreed.finished[WT_CLIENT]);
}

/* A peer that cannot read our first flight has no keys to say so under: its alert is in the clear. Once it has shown
 * that it has keys, nothing else is taken. */
static bool is_plain_alert(const struct wt_endpoint *e, uint8_t type, struct wt_span fragment)
{
    return type == WT_CONTENT_ALERT && e->h.agreed.chosen.tls13 && !e->opened && fragment.n == 2;
}

static bool failed_to_open(struct wt_endpoint *e, enum wt_opening opening)
{
    /* RFC 8446, 5.2: "the receiver MUST terminate the connection with a "bad_record_mac" alert"; RFC 5246, 7.2.2: the
     * same for padding, so that nobody learns which it was. What is authentic, and all the same wrong, is told apart.
     */
    if (opening == WT_OPEN_TOO_LONG)
        return wt_endpoint_fail(e, WT_ALERT_RECORD_OVERFLOW, "malformed-message");
    if (opening == WT_OPEN_NO_TYPE) /* RFC 8446, 5.4 */
        return unexpected(e);
    return wt_endpoint_fail(e, WT_ALERT_BAD_RECORD_MAC,
                            wt_exchange12_is_unsure(e) ? "psk-mismatch" : "record-corrupted");
}

static bool is_within(struct wt_endpoint *e, struct wt_record_shape *shape)
{
    struct wt_breaches breaches;
    shape->version = version_of(e);
    shape->is_protected = e->open;
    shape->most = wt_endpoint_most(e, e->peer, &shape->most_is_size);
    wt_rules_record(e->peer, shape, &breaches);
    return !breaches.count ||
           wt_endpoint_fail_at(e, breaches.list[0].alert, "malformed-message", &breaches.list[0].error);
}

/* RFC 8449, 4: "A TLS endpoint that receives a record larger than its advertised limit MUST generate a fatal
 * "record_overflow" alert". What is inside is known now. */
static bool is_within_opened(struct wt_endpoint *e, size_t n, const struct wt_opened *opened)
{
    const size_t beside = version_of(e) == WT_TLS13 ? 1 + (size_t)opened->padding : 0;
    struct wt_record_shape shape = {.length = (uint32_t)n, .plaintext = (uint32_t)(opened->text.n + beside)};
    return is_within(e, &shape);
}

/* Opened into the buffer at p, where the fragment may lie. */
static bool record(struct wt_endpoint *e, uint8_t type, uint16_t version, struct wt_span fragment, uint8_t *p)
{
    const size_t n = fragment.n;
    struct wt_opened opened;
    if (is_dropped(e, type, fragment))
        return counts(e, type, fragment);
    if (!e->open && wt_early_skips(e, type, n))
        return counts(e, type, fragment);
    if (!e->open || is_plain_alert(e, type, fragment))
        return content(e, type, fragment);
    /* RFC 8446, 5.2: "opaque_type: The outer opaque_type field of a TLSCiphertext record is always set to the value
     * 23". */
    if (version_of(e) == WT_TLS13 && type != WT_CONTENT_APPLICATION_DATA)
        return unexpected(e);
    const bool trial = e->x && e->x->early.skip && !e->early_accepted;
    enum wt_opening opening = wt_record_protector_open(e->open, type, version, fragment, p, trial, &opened, NULL);
    if (opening != WT_OPENED)
        return (trial && wt_early_skips(e, type, n)) || failed_to_open(e, opening);
    if (trial)
        e->x->early.skip = 0;
    e->opened = true;
    /* RFC 8446, 5: "An implementation which receives any other change_cipher_spec value or which receives a protected
     * change_cipher_spec record MUST abort the handshake with an "unexpected_message" alert." */
    if (version_of(e) == WT_TLS13 && opened.type == WT_CONTENT_CHANGE_CIPHER_SPEC)
        return unexpected(e);
    return is_within_opened(e, n, &opened) && content(e, opened.type, opened.text);
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

/* What the first bytes show is no TLS. */
static bool not_tls(struct wt_endpoint *e, uint8_t alert)
{
    bool first = !e->h.agreed.offered.seen || (e->side == WT_CLIENT && !e->h.agreed.chosen.seen && !e->retried);
    const char *other = e->side == WT_SERVER ? "client-not-tls" : "peer-not-tls";
    return wt_endpoint_fail(e, alert, first ? other : "record-boundary-lost");
}

static bool header(struct wt_endpoint *e, uint8_t type, uint16_t version, uint32_t length)
{
    struct wt_record_shape shape = {.length = length, .plaintext = e->open ? 0 : length};
    if (type < WT_CONTENT_CHANGE_CIPHER_SPEC || type > WT_CONTENT_APPLICATION_DATA)
        return not_tls(e, WT_ALERT_UNEXPECTED_MESSAGE);
    /* RFC 8446, 5.1: legacy_record_version "MUST be ignored for all purposes"; that its first byte is 3 tells TLS from
     * other protocols. Up to TLS 1.2 it is "the version of the protocol being employed" (RFC 5246, 6.2.1). */
    if (version >> 8 != 3 || (version_of(e) == WT_TLS12 && version != WT_TLS12))
        return not_tls(e, WT_ALERT_PROTOCOL_VERSION);
    return is_within(e, &shape);
}

/* False: there is no whole record to go on with, or nothing is to be gone on with. */
static bool next_record(struct wt_endpoint *e)
{
    size_t have = e->in.n - e->begin;
    if (e->read_all || e->data.n || e->ask || have < WT_RECORD_HEADER)
        return false;
    uint8_t *p = e->in.p + e->begin;
    uint8_t type = p[0];
    uint16_t version = wt_get16(p + 1), length = wt_get16(p + 3);
    if (!header(e, type, version, length) || have - WT_RECORD_HEADER < length)
        return false;
    e->begin += WT_RECORD_HEADER + (size_t)length;
    p += WT_RECORD_HEADER;
    return record(e, type, version, wt_span_of(p, length), p);
}

void wt_endpoint_go_on(struct wt_endpoint *e)
{
    while (next_record(e))
        ;
    if (e->read_all)
        e->begin = e->in.n;
    if (e->begin == e->in.n && !e->data.n) {
        wt_buffers_give(e->party, &e->in);
        e->begin = 0;
    }
}

/* --- the ports ---------------------------------------------------------------------------------------------------- */

static bool wants_bytes(const struct wt_endpoint *e)
{
    return !e->read_all && !e->closed && !e->data.n && !e->ask;
}

/* Room for the rest of the record that has begun, at least. */
uint8_t *wt_endpoint_room(struct wt_endpoint *e, size_t *n)
{
    *n = 0;
    if (!wants_bytes(e))
        return NULL;
    if (!e->in.p && !wt_buffers_take(e->party, &e->in)) {
        (void)wt_endpoint_broken(e);
        return NULL;
    }
    size_t have = e->in.n - e->begin;
    size_t whole = WT_RECORD_HEADER;
    if (have >= WT_RECORD_HEADER)
        whole += wt_get16(e->in.p + e->begin + 3);
    if (e->begin && e->in.cap - e->begin < whole) {
        memmove(e->in.p, e->in.p + e->begin, have);
        e->in.n = have;
        e->begin = 0;
    }
    *n = e->in.cap - e->in.n;
    return e->in.p + e->in.n;
}

void wt_endpoint_received(struct wt_endpoint *e, size_t n)
{
    struct wt_tapped came;
    if (!wants_bytes(e) || !e->in.p || n > e->in.cap - e->in.n)
        return;
    wt_tap_take(e, wt_span_of(e->in.p + e->in.n, n), &came);
    e->in.n += n;
    wt_endpoint_go_on(e);
    wt_tap_taken(e, &came);
}

/* What came as one whole record is opened out of it into our buffer, instead of being copied there first. Its bytes,
 * which are read; 0: it is not that. */
static size_t open_from(struct wt_endpoint *e, const uint8_t *bytes, size_t n)
{
    size_t room;
    if (!e->open || e->tap || e->in.n > e->begin || n < WT_RECORD_HEADER)
        return 0;
    const uint16_t version = wt_get16(bytes + 1), length = wt_get16(bytes + 3);
    const size_t whole = WT_RECORD_HEADER + (size_t)length;
    uint8_t *p = whole == n ? wt_endpoint_room(e, &room) : NULL;
    if (!p || whole > room)
        return 0;
    e->in.n += whole;
    e->begin = e->in.n;
    if (header(e, bytes[0], version, length))
        (void)record(e, bytes[0], version, wt_span_of(bytes + WT_RECORD_HEADER, length), p + WT_RECORD_HEADER);
    wt_endpoint_go_on(e);
    return whole;
}

size_t wt_endpoint_receive(struct wt_endpoint *e, const void *bytes, size_t n)
{
    size_t taken = open_from(e, bytes, n), room;
    while (taken < n) {
        uint8_t *p = wt_endpoint_room(e, &room);
        if (!p)
            break;
        if (room > n - taken)
            room = n - taken;
        memcpy(p, (const uint8_t *)bytes + taken, room);
        wt_endpoint_received(e, room);
        taken += room;
    }
    if (e->read_all || e->closed)
        wt_tap_bytes(e, false, wt_span_of((const uint8_t *)bytes + taken, n - taken));
    return taken;
}

struct wt_span wt_endpoint_data(const struct wt_endpoint *e)
{
    return e->data;
}

void wt_endpoint_taken(struct wt_endpoint *e, size_t n)
{
    e->data = wt_span_cut(e->data, n, SIZE_MAX);
    if (!e->data.n) {
        e->data = (struct wt_span){0};
        wt_endpoint_go_on(e);
    }
}
