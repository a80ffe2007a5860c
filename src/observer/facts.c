/* What passes and will be gone when a connection is over, noted for its findings; what a single message shows is told
 * at once. */
#include "observer/facts.h"

#include "base/bits.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "codec/ext/ext.h"
#include "observer/keys/sessions.h"
#include "observer/state.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

/* seven days: RFC 8446, 4.6.1, "Servers MUST NOT use any value greater than 604800 seconds" */
enum { TICKET_LIFETIME_MOST = 604800 };

static void note(struct wt_tls *tls, bool so, uint32_t what)
{
    if (so)
        tls->seen.flags |= what;
}

/* --- hellos ------------------------------------------------------------------------------------------------------- */

static void key_shares(struct wt_tls *tls, const struct wt_client_hello *hello)
{
    struct wt_tls_handshake *hs = tls->handshake;
    static const struct wt_codec_context context = {WT_TLS13, WT_KX_TLS13, 0, false};
    union wt_ext_body e;
    struct wt_span key;
    enum wt_code code;
    uint16_t group;
    if (!hs || tls->agreed.retried ||
        !wt_extensions_take(&hello->extensions, WT_EXT_KEY_SHARE, &context, WT_IN_CH, &e, NULL, &code))
        return;
    struct wt_span rest = e.key_share.client_shares;
    hs->share_count = 0;
    while (wt_ext_key_share_next(&rest, &group, &key))
        if (!wt_is_grease(group) && hs->share_count < sizeof hs->shares / sizeof *hs->shares)
            hs->shares[hs->share_count++] = group;
}

/* RFC 5746, 4.4: a client asks by a ClientHello of its own, or answers a HelloRequest. */
static void renegotiates(const struct wt_observer *o, struct wt_tls *tls)
{
    if (wt_tls_is_13(tls) || !wt_outcome_is_established(tls) || tls->seen.flags & WT_SEEN_CLIENT_RENEGOTIATION)
        return;
    if (!(tls->seen.flags & WT_SEEN_HELLO_REQUEST)) {
        tls->seen.flags |= WT_SEEN_CLIENT_RENEGOTIATION;
        tls->seen.renegotiation_frame = o->frame;
    }
    tls->seen.flags &= ~(uint32_t)WT_SEEN_HELLO_REQUEST;
}

void wt_facts_client_hello(struct wt_observer *o, struct wt_tls *tls, const struct wt_client_hello *hello,
                           uint32_t seen)
{
    renegotiates(o, tls);
    if (!tls->seen.hello_frame[WT_CLIENT])
        tls->seen.hello_frame[WT_CLIENT] = o->frame;
    tls->seen.flags |= seen;
    key_shares(tls, hello);
}

void wt_facts_hidden_handshake(struct wt_observer *o, struct wt_tls *tls, unsigned from)
{
    /* Up to TLS 1.2 a server has but one thing to begin with behind its Finished, and a client, too. */
    if (wt_tls_is_13(tls) || !tls->outcome.ready_ns || tls->side[0].missing || tls->side[1].missing)
        return;
    if (from == WT_CLIENT)
        renegotiates(o, tls);
    else
        tls->seen.flags |= WT_SEEN_HELLO_REQUEST;
}

void wt_facts_server_hello(struct wt_observer *o, struct wt_tls *tls, const struct wt_server_hello *hello)
{
    if (!tls->seen.hello_frame[WT_SERVER]) {
        tls->seen.hello_frame[WT_SERVER] = o->frame;
        if (tls->handshake) {
            tls->handshake->reach.hello = tls->handshake->reach.end[wt_tls_direction_of(tls, WT_SERVER)];
            tls->handshake->reach.hello_ns = o->now.ns;
            tls->handshake->reach.has_hello = true;
        }
    }
    note(tls, wt_extensions_has(&hello->extensions, WT_EXT_EXTENDED_MASTER_SECRET), WT_SEEN_EXTENDED_MASTER);
    note(tls, wt_extensions_has(&hello->extensions, WT_EXT_RENEGOTIATION_INFO), WT_SEEN_SECURE_RENEGOTIATION);
    if (wt_tls_is_13(tls)) {
        /* RFC 8446, 4.2.9: psk_ke, "In this mode, the server MUST NOT supply a 'key_share' value" */
        note(tls,
             wt_extensions_has(&hello->extensions, WT_EXT_PRE_SHARED_KEY) &&
                 !wt_extensions_has(&hello->extensions, WT_EXT_KEY_SHARE),
             WT_SEEN_PSK_ALONE);
    } else if (hello->compression_method) {
        tls->seen.flags |= WT_SEEN_COMPRESSION;
        tls->agreed.compression = hello->compression_method;
    }
}

static void group_name(uint16_t group, char out[32])
{
    const struct wt_group *g = wt_group_find(group);
    if (g)
        (void)snprintf(out, 32, "%s", g->name);
    else
        (void)snprintf(out, 32, "0x%04x", group);
}

static bool share_names(const struct wt_tls_handshake *hs, uint16_t group, char *out, size_t size)
{
    bool there = false;
    size_t n = 0;
    for (unsigned i = 0; i < hs->share_count; i++) {
        char name[32];
        group_name(hs->shares[i], name);
        int more = snprintf(out + n, size - n, "%s%s", n ? ", " : "", name);
        n += more > 0 && (size_t)more < size - n ? (size_t)more : 0;
        there |= hs->shares[i] == group;
    }
    return there;
}

void wt_facts_retry(struct wt_observer *o, struct wt_tls *tls, uint16_t group)
{
    const struct wt_tls_handshake *hs = tls->handshake;
    char wanted[32], names[256] = "";
    if (wt_finding_of(tls, WT_FINDING_HELLO_RETRY))
        return;
    group_name(group, wanted);
    bool there = hs && share_names(hs, group, names, sizeof names);
    if (!group || there)
        (void)wt_finding_say(tls, WT_FINDING_HELLO_RETRY, o->frame,
                             _("The server sent a HelloRetryRequest to have its cookie echoed, not to change the "
                               "group: this costs one more round trip."));
    else if (*names)
        (void)wt_finding_say(tls, WT_FINDING_HELLO_RETRY, o->frame,
                             _("The server requires %s and sent a HelloRetryRequest: the first ClientHello had key "
                               "shares only for %s. This costs one more round trip."),
                             wanted, names);
    else
        (void)wt_finding_say(tls, WT_FINDING_HELLO_RETRY, o->frame,
                             _("The server requires %s and sent a HelloRetryRequest: the first ClientHello had no key "
                               "share for it. This costs one more round trip."),
                             wanted);
}

/* --- other messages ----------------------------------------------------------------------------------------------- */

static void ticket(struct wt_observer *o, struct wt_tls *tls, const struct wt_new_session_ticket *t)
{
    if (t->lifetime <= TICKET_LIFETIME_MOST || wt_finding_of(tls, WT_FINDING_TICKET_LIFETIME_EXCESSIVE))
        return;
    const struct wt_list_finding *f = wt_finding_say(
        tls, WT_FINDING_TICKET_LIFETIME_EXCESSIVE, o->frame,
        t->tls13 ? _("The server gave its session ticket a lifetime of %" PRIu32 " seconds (%" PRIu32
                     " days); TLS 1.3 allows at most 7 days.")
                 : _("The server hints that its session ticket can be used for %" PRIu32 " seconds (%" PRIu32
                     " days): for that long, its ticket key can decrypt what is recorded now."),
        t->lifetime, t->lifetime / 86400);
    /* up to TLS 1.2 it is a hint that no RFC limits: RFC 5077, 3.3 */
    if (!t->tls13)
        wt_finding_grade(f, WT_NOTICE);
}

static bool is_weak(uint16_t scheme)
{
    const struct wt_scheme *s = wt_scheme_find(scheme);
    return s && (s->hash == WT_HASH_MD5 || s->hash == WT_HASH_SHA1);
}

void wt_facts_message(struct wt_observer *o, struct wt_tls *tls, unsigned from, const struct wt_message_body *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
        tls->seen.key_frame = o->frame;
        const size_t bits = wt_bits_of(m->server_key_exchange.dh_p);
        tls->agreed.dh_bits = bits <= UINT16_MAX ? (uint16_t)bits : 0;
        break;
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        if (from == WT_SERVER) {
            tls->seen.key_frame = o->frame;
        } else if (m->certificate_verify.has_scheme && is_weak(m->certificate_verify.signature_scheme)) {
            tls->seen.flags |= WT_SEEN_CLIENT_SHA1;
            tls->seen.proof_frame = o->frame;
        }
        break;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        ticket(o, tls, &m->new_session_ticket);
        break;
    case WT_HANDSHAKE_HELLO_REQUEST:
        tls->seen.flags |= WT_SEEN_HELLO_REQUEST;
        break;
    default:
        break;
    }
}

enum { HEARTBEAT_HEAD = 3, HEARTBEAT_PADDING = 16 }; /* RFC 6520, 4: type, payload_length; padding at least */

static void heartbeat_request(struct wt_observer *o, struct wt_tls *tls, unsigned from, uint32_t says, uint32_t there)
{
    tls->seen.heartbeat[from] = (uint16_t)((says < there ? says : there) + 1);
    tls->seen.flags &= ~(uint32_t)WT_SEEN_UNPADDED_HEARTBEAT;
    if (says <= there && says + HEARTBEAT_PADDING > there)
        tls->seen.flags |= WT_SEEN_UNPADDED_HEARTBEAT;
    if (wt_finding_of(tls, WT_FINDING_HEARTBLEED_ATTEMPT))
        return;
    if (says > there)
        wt_finding_add(tls, WT_FINDING_HEARTBLEED_ATTEMPT, o->frame, wt_tls_sender(from), says, there);
    else if (says + HEARTBEAT_PADDING > there)
        (void)wt_finding_say(tls, WT_FINDING_HEARTBLEED_ATTEMPT, o->frame,
                             _("%s sent a heartbeat request with %u bytes of payload and only %u of the 16 bytes of "
                               "padding that are mandatory: the receiver must discard it silently. It reads no memory; "
                               "it is how scanners look for servers that Heartbleed (CVE-2014-0160) affects, which "
                               "answer it."),
                             _(wt_tls_sender(from)), says, there - says);
}

/* RFC 6520, 4: "If the payload_length of a received HeartbeatMessage is too large, the received HeartbeatMessage MUST
 * be discarded silently." OpenSSL 1.0.1 to 1.0.1f answered it with its memory (CVE-2014-0160). "The padding_length MUST
 * be at least 16": the mend of 1.0.1g discards what lacks it, too, so that an answer shows that the mend is not there.
 */
void wt_facts_heartbeat(struct wt_observer *o, struct wt_tls *tls, unsigned from, struct wt_span head, uint32_t length)
{
    enum { REQUEST = 1, RESPONSE = 2 };
    if (head.n < HEARTBEAT_HEAD || length < HEARTBEAT_HEAD)
        return;
    uint32_t says = wt_get16(head.p + 1), there = length - HEARTBEAT_HEAD;
    if (head.p[0] == REQUEST) {
        heartbeat_request(o, tls, from, says, there);
    } else if (head.p[0] == RESPONSE && tls->seen.heartbeat[!from]) {
        uint32_t asked = tls->seen.heartbeat[!from] - 1u;
        uint32_t given = says < there ? says : there;
        if (given > asked && !wt_finding_of(tls, WT_FINDING_HEARTBLEED_LEAK))
            wt_finding_add(tls, WT_FINDING_HEARTBLEED_LEAK, o->frame, wt_tls_sender(from), given, asked);
        else if (tls->seen.flags & WT_SEEN_UNPADDED_HEARTBEAT)
            (void)wt_finding_say(
                tls, WT_FINDING_HEARTBLEED_ATTEMPT, o->frame,
                _("%s answered a heartbeat request without the mandatory padding, with no more than was "
                  "sent: it probably lacks the fix for Heartbleed (OpenSSL 1.0.1g), which discards such "
                  "requests."),
                _(wt_tls_sender(from)));
        tls->seen.heartbeat[!from] = 0;
        tls->seen.flags &= ~(uint32_t)WT_SEEN_UNPADDED_HEARTBEAT;
    }
}

/* TLS 1.1 and what was made of it put the IV into the record. */
static bool has_explicit_iv(const struct wt_tls *tls)
{
    return tls->agreed.version >= WT_TLS11 || tls->agreed.version == WT_TLCP;
}

/* How many bytes a record of up to TLS 1.2 holds beside its content, padding of CBC apart (RFC 5246, 6.2.3; RFC 5288,
 * 3; RFC 6655, 3; RFC 7905, 2); `block`: how many more may be padding that only fills a block. False: not known. */
static bool overhead(const struct wt_tls *tls, uint32_t *bytes, uint32_t *block)
{
    const struct wt_suite *suite =
        tls->agreed.has_suite && !wt_tls_is_13(tls) ? wt_suite_find(tls->agreed.suite) : NULL;
    const struct wt_cipher *cipher = suite ? wt_cipher_of((enum wt_cipher_id)suite->cipher) : NULL;
    const struct wt_hash_info *mac = suite && suite->mac ? wt_hash_info_of((enum wt_hash_id)suite->mac) : NULL;
    *block = 1;
    if (!cipher)
        return false;
    switch (cipher->mode) {
    case WT_MODE_STREAM:
        *bytes = mac ? mac->length : 0;
        return mac;
    case WT_MODE_CBC:
        *bytes = (mac ? mac->length : 0) + 1 + (has_explicit_iv(tls) ? cipher->block : 0);
        *block = cipher->block;
        return mac && cipher->block;
    case WT_MODE_GCM:
    case WT_MODE_CCM:
    case WT_MODE_CCM8:
        *bytes = cipher->tag + 8u;
        return true;
    case WT_MODE_POLY1305:
        *bytes = cipher->tag;
        return true;
    default:
        return false;
    }
}

uint32_t wt_facts_plaintext(const struct wt_tls *tls, uint32_t length)
{
    const uint32_t padding = 255; /* RFC 5246, 6.2.3.2: "up to 255 bytes", whoever needs no more than a block */
    uint32_t beside = 0, block = 1;
    if (wt_tls_is_13(tls))
        return length > tls->outcome.tag ? length - tls->outcome.tag : 0;
    if (tls->agreed.compression || !overhead(tls, &beside, &block))
        return 0;
    beside += block > 1 ? padding : 0;
    return length > beside ? length - beside : 0;
}

/* RFC 6520, 4: "The padding_length MUST be at least 16", and the answer carries "an exact copy of the payload": what is
 * too short to hold that, and what is answered with much more, cannot be in order. */
void wt_facts_hidden_heartbeat(struct wt_observer *o, struct wt_tls *tls, unsigned from, uint32_t length)
{
    enum { HEAD = HEARTBEAT_HEAD, PADDING = HEARTBEAT_PADDING };
    uint32_t beside = 0, block = 1, asked = tls->seen.heartbeat[!from];
    const struct wt_list_finding *f = NULL;
    const enum wt_fault fault = from == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER;
    if (length > UINT16_MAX || !overhead(tls, &beside, &block))
        return;
    if (asked && length >= beside + block + HEAD + PADDING + asked && !wt_finding_of(tls, WT_FINDING_HEARTBLEED_LEAK)) {
        f = wt_finding_say(tls, WT_FINDING_HEARTBLEED_LEAK, o->frame,
                           _("%s answered an encrypted heartbeat that is too short to be valid with %u bytes: it has "
                             "probably leaked its memory (Heartbleed)."),
                           _(wt_tls_sender(from)), length);
    } else if (length < beside + HEAD + PADDING) {
        tls->seen.heartbeat[from] = (uint16_t)length;
        if (!wt_finding_of(tls, WT_FINDING_HEARTBLEED_ATTEMPT))
            f = wt_finding_say(tls, WT_FINDING_HEARTBLEED_ATTEMPT, o->frame,
                               _("%s sent an encrypted heartbeat of %u bytes, which is too short for the mandatory "
                                 "padding: probably it tries to read the other side's memory (Heartbleed)."),
                               _(wt_tls_sender(from)), length);
    }
    if (f)
        wt_finding_blame(tls, f, fault, WT_NOTICED_BY_NONE, true);
}

/* --- how it passes and ends -----------------------------------------------------------------------------------------
 */

void wt_facts_pause(const struct wt_observer *o, struct wt_tls *tls, unsigned from, int64_t since)
{
    int64_t us = (o->now.ns - since) / 1000;
    if (tls->outcome.ready_ns || us <= tls->pace.us)
        return;
    tls->pace.us = us < UINT32_MAX ? (uint32_t)us : UINT32_MAX;
    tls->pace.frame = o->frame;
    tls->pace.from = (uint8_t)from;
}

bool wt_facts_has_closed(const struct wt_tls *tls, unsigned from)
{
    return tls->side[from].flags & (WT_SIDE_CLOSE_NOTIFY | WT_SIDE_FATAL | WT_SIDE_LAST_ALERT);
}

/* RFC 8446, 6.1: "Each party MUST send a 'close_notify' alert before closing its write side". A side that answers the
 * other's need not wait, and what comes behind the other's no longer cuts anything. */
void wt_facts_closed(struct wt_tls *tls, unsigned from, bool reset)
{
    const uint32_t any = WT_SEEN_CUT | WT_SEEN_CUT << 1;
    if (wt_facts_has_closed(tls, 0) || wt_facts_has_closed(tls, 1) || tls->seen.flags & any)
        return;
    tls->seen.flags |= (uint32_t)WT_SEEN_CUT << from | (reset ? WT_SEEN_CUT_RESET : 0u);
}

void wt_facts_not_closed(struct wt_tls *tls, unsigned from)
{
    const uint32_t cut = (uint32_t)WT_SEEN_CUT << from | WT_SEEN_CUT_RESET;
    if ((tls->seen.flags & cut) == cut)
        tls->seen.flags &= ~cut;
}

/* --- names ----------------------------------------------------------------------------------------------------------
 */

uint32_t wt_facts_host(struct wt_span name)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (uint32_t)tolower(name.p[i])) * 16777619u;
    return name.n ? h | 1u : 0;
}

/* RFC 6066, 3: "A server that implements this extension MUST NOT accept the request to resume the session if the
 * server_name extension contains a different name." */
void wt_facts_resumed(struct wt_observer *o, struct wt_tls *tls, uint64_t hash)
{
    uint32_t then = wt_session_host(o, hash), now = wt_facts_host(tls->agreed.sni);
    char name[512];
    if (!then || !now || then == now || wt_finding_of(tls, WT_FINDING_SESSION_ID_REUSED))
        return;
    wt_printable_into(name, sizeof name, tls->agreed.sni);
    (void)wt_finding_say(tls, WT_FINDING_SESSION_ID_REUSED, o->frame,
                         tls->agreed.resumption == WT_RESUMPTION_TICKET
                             ? _("The server resumed a session for %s with a ticket that stream %" PRIu32
                                 " got for another name: certificates and names are not checked again.")
                             : _("The server resumed a session for %s by the session id that stream %" PRIu32
                                 " got for another name: certificates and names are not checked again."),
                         name, tls->agreed.resumed_from);
}
