/* What a client rejects in the server's first flight apart from its certificate, and lengths that a peer does not
 * accept. */
#include "diagnosis/case.h"
#include "diagnosis/causes.h"

#include "base/i18n.h"
#include "observer/breaches.h"

#include <inttypes.h>

/* The newest message of a type, decoded. */
static bool message_of(const struct wt_case *k, unsigned side, uint8_t type, struct wt_message_body *out,
                       uint32_t *frame)
{
    const struct wt_tls_handshake *hs = k->tls->handshake;
    size_t at = hs ? wt_messages_find(&hs->common.messages, side, type) : SIZE_MAX;
    if (at == SIZE_MAX)
        return false;
    const struct wt_codec_context context = wt_handshake_context(&hs->common, side);
    const struct wt_message_body *body = wt_messages_body(&hs->common.messages, at, &context);
    if (!body)
        return false;
    *out = *body;
    *frame = hs->common.messages.list[at]->frame;
    return true;
}

/* Bits of an unsigned number. */
static unsigned bits_of(struct wt_span number)
{
    size_t i = 0;
    while (i < number.n && !number.p[i])
        i++;
    unsigned bits = (unsigned)(8 * (number.n - i));
    for (unsigned top = 0x80; i < number.n && !(number.p[i] & top); top >>= 1)
        bits--;
    return bits;
}

/* RFC 9325, 4.5: "DH key lengths of at least 2048 bits are REQUIRED"; RFC 7919, 3.1 lets a client end the connection
 * with insufficient_security; many send handshake_failure or illegal_parameter. */
bool wt_cause_weak_dh(struct wt_case *k)
{
    const unsigned enough = 2048;
    struct wt_message_body m;
    char at[WT_CASE_AT];
    uint32_t frame;
    if (k->from != WT_CLIENT || !message_of(k, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, &m, &frame) ||
        !m.server_key_exchange.dh_p.n || k->tls->flow.facts & WT_FACT_CLIENT_KEYS)
        return false;
    unsigned bits = bits_of(m.server_key_exchange.dh_p);
    if (bits >= enough)
        return false;
    const struct wt_list_finding *f = wt_finding_say(k->tls, WT_FINDING_WEAK_DH, frame,
                                                     _("The ServerKeyExchange%s has a Diffie-Hellman group of %u bits, "
                                                       "which the client rejected as too small with alert %s."),
                                                     wt_case_at(frame, at), bits, wt_case_alert(k));
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, bits > 1024);
}

/* RFC 8446, 4.1.3: clients "MUST check that the last 8 bytes are not equal to either of these values" and, if they are,
 * "abort the handshake with an illegal_parameter alert". */
bool wt_cause_downgrade(struct wt_case *k)
{
    char at[WT_CASE_AT], chosen[16], offered[16];
    if (!k->has_server_hello || wt_tls_is_13(k->tls) || !wt_server_hello_downgrade(&k->server_hello) ||
        k->tls->agreed.version >= k->tls->agreed.offered)
        return false;
    wt_breach_joins(k->tls, WT_FINDING_DOWNGRADE_DETECTED, k->server_hello_frame, 0);
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_DOWNGRADE_DETECTED, k->server_hello_frame,
        k->from == WT_CLIENT
            ? _("The ServerHello chose %s, but its random%s carries the downgrade sentinel: the server supports a "
                "newer version, and the client offered %s. The client rejected it with alert %s: the ClientHello was "
                "probably modified on the way.")
            : _("The ServerHello chose %s, but its random%s carries the downgrade sentinel: the server supports a "
                "newer version, and the client offered %s. The client continued, but the server found that the keys do "
                "not match and sent alert %s: the ClientHello was probably modified on the way."),
        wt_case_name(WT_REG_VERSION, k->tls->agreed.version, chosen), wt_case_at(k->server_hello_frame, at),
        wt_case_name(WT_REG_VERSION, k->tls->agreed.offered, offered), wt_case_alert(k));
    return wt_case_conclude(k, f, WT_FAULT_BETWEEN, WT_NOTICED_BY_CLIENT, true);
}

/* A choice that the client did not offer: RFC 5246, 7.4.3: "the signature algorithm … MUST be" one of the client's. */
static bool unoffered(struct wt_case *k)
{
    struct wt_offer offer;
    struct wt_message_body m;
    char at[WT_CASE_AT], name[16], list[WT_CASE_LIST];
    const struct wt_list_finding *f = NULL;
    uint32_t frame;
    if (!k->has_hello || !message_of(k, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, &m, &frame))
        return false;
    offer = k->offer;
    const struct wt_server_key_exchange *x = &m.server_key_exchange;
    if (x->has_scheme && offer.has_schemes && !wt_codes_have(offer.schemes, x->signature_scheme))
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_SCHEME, frame,
                           _("The server signed its key exchange%s with %s, which the client does not offer; it offers "
                             "%s. The client sent alert %s."),
                           wt_case_at(frame, at), wt_case_name(WT_REG_SIGNATURE_SCHEME, x->signature_scheme, name),
                           wt_case_list(WT_REG_SIGNATURE_SCHEME, offer.schemes, list), wt_case_alert(k));
    else if (x->curve_type == 3 && offer.has_groups && !wt_codes_have(offer.groups, x->named_curve))
        f = wt_finding_say(k->tls, WT_FINDING_NO_SHARED_GROUP, frame,
                           _("The server's key exchange%s uses %s, which the client does not offer; it offers %s. The "
                             "client sent alert %s."),
                           wt_case_at(frame, at), wt_case_name(WT_REG_GROUP, x->named_curve, name),
                           wt_case_list(WT_REG_GROUP, offer.groups, list), wt_case_alert(k));
    if (f)
        wt_breach_joins(k->tls, WT_FINDING_MALFORMED, frame,
                        f->row == WT_FINDING_NO_SHARED_SCHEME ? x->signature_scheme : x->named_curve);
    return f && wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
}

/* --- what the ServerHello has no right to ------------------------------------------------------------------------- */

static bool refused_choice(struct wt_case *k, enum wt_registry registry, uint16_t code)
{
    char at[WT_CASE_AT], name[16];
    wt_breach_joins(k->tls, WT_FINDING_MALFORMED, k->server_hello_frame, code);
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_MALFORMED, k->server_hello_frame,
        _("The server chose %s, which the client does not offer; the client rejected it with alert %s%s."),
        wt_case_name(registry, code, name), wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
}

static bool has_share(struct wt_span shares, uint16_t wanted)
{
    struct wt_span key;
    uint16_t group;
    while (wt_ext_key_share_next(&shares, &group, &key))
        if (group == wanted)
            return true;
    return false;
}

/* RFC 8446, 4.1.3: "A client which receives a cipher suite that was not offered MUST abort the handshake with an
 * 'illegal_parameter' alert"; 4.2.1 requires the same for versions, 4.2.8 for key shares. RFC 5246, 7.4.1.3: the
 * suite is one of those in the ClientHello. */
static bool foreign_choice(struct wt_case *k)
{
    const struct wt_server_hello *h = &k->server_hello;
    struct wt_offer offer;
    union wt_ext_body body;
    offer = k->offer;
    if (!wt_codes_have(offer.suites, h->cipher_suite))
        return refused_choice(k, WT_REG_CIPHER_SUITE, h->cipher_suite);
    if (wt_case_extension(&h->extensions, WT_EXT_SUPPORTED_VERSIONS, WT_IN_SH, &body) &&
        !wt_codes_have(offer.versions, body.supported_versions.selected_version))
        return refused_choice(k, WT_REG_VERSION, body.supported_versions.selected_version);
    if (wt_case_extension(&h->extensions, WT_EXT_KEY_SHARE, WT_IN_SH, &body) && !wt_server_hello_is_retry(h) &&
        !has_share(offer.shares, body.key_share.group))
        return refused_choice(k, WT_REG_GROUP, body.key_share.group);
    const struct wt_span methods = k->hello.compression_methods;
    if (h->compression_method && (!methods.n || !memchr(methods.p, h->compression_method, methods.n)))
        return refused_choice(k, WT_REG_COMPRESSION_METHOD, h->compression_method);
    return false;
}

/* RFC 8446, 4.2: "Implementations MUST NOT send extension responses if the remote endpoint did not send the
 * corresponding extension requests, with the exception of the 'cookie' extension in the HelloRetryRequest." RFC
 * 5746, 3.3: the signaling cipher suite value is equivalent to renegotiation_info. */
static bool foreign_extension(struct wt_case *k)
{
    struct wt_span rest = k->server_hello.extensions.block, body;
    struct wt_extension e;
    char at[WT_CASE_AT], name[16];
    const bool retry = wt_server_hello_is_retry(&k->server_hello);
    while (wt_extensions_next(&rest, &e)) {
        if (wt_extensions_find(&k->hello.extensions, e.id, &body) || (retry && e.id == WT_EXT_COOKIE) ||
            (e.id == WT_EXT_RENEGOTIATION_INFO && wt_codes_have(k->hello.cipher_suites, 0x00ff)))
            continue;
        wt_breach_joins(k->tls, WT_FINDING_MALFORMED, k->server_hello_frame, e.id);
        const struct wt_list_finding *f = wt_finding_say(
            k->tls, WT_FINDING_MALFORMED, k->server_hello_frame,
            _("The ServerHello contains the extension %s, which the ClientHello does not have; the client rejected it "
              "with alert %s%s."),
            wt_case_name(WT_REG_EXTENSION, e.id, name), wt_case_alert(k), wt_case_at(k->alert->frame, at));
        return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, false);
    }
    return false;
}

/* RFC 5246, 7.4.2: "The server MUST send a Certificate message whenever the agreed-upon key exchange method uses
 * certificates for authentication". */
static bool no_certificate(struct wt_case *k)
{
    char at[WT_CASE_AT];
    const struct wt_tls *tls = k->tls;
    const struct wt_suite *suite = tls->agreed.has_suite ? wt_suite_find(tls->agreed.suite) : NULL;
    const uint64_t facts = tls->flow.facts;
    if (!suite || wt_tls_is_13(tls) || tls->side[WT_SERVER].missing || facts & WT_FACT_RESUMED ||
        !(facts & WT_FACT_SERVER_DONE) ||
        wt_messages_has(&tls->handshake->common.messages, WT_SERVER, WT_HANDSHAKE_CERTIFICATE) ||
        (suite->auth != WT_AUTH_RSA && suite->auth != WT_AUTH_DSS && suite->auth != WT_AUTH_ECDSA))
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, WT_FINDING_MALFORMED, k->alert->frame,
        _("The server sent no Certificate, although %s requires one: the client found the next message out of order "
          "and sent alert %s%s. The server left the Certificate out, or it was dropped on the way."),
        suite->name, wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, true);
}

/* One side claims more than the other accepts: in the length of a message, or of a heartbeat's payload. RFC 6520, 4
 * requires such a heartbeat to be discarded, and forbids any during a handshake. */
static bool claims_too_much(struct wt_case *k)
{
    const struct wt_list_finding *large = wt_finding_of(k->tls, WT_FINDING_MESSAGE_TOO_LONG),
                                 *beat = wt_finding_of(k->tls, WT_FINDING_HEARTBLEED_ATTEMPT),
                                 *found = large ? large : beat;
    char at[WT_CASE_AT], seen[WT_CASE_AT];
    const char *sender = wt_tls_sender(!k->from);
    if (!found || !found->text || strcmp(found->text, sender) != 0 || found->frame > k->alert->frame)
        return false;
    wt_case_at(found->frame, seen);
    wt_case_at(k->alert->frame, at);
    const struct wt_list_finding *f =
        large ? wt_finding_say(
                    k->tls, WT_FINDING_MALFORMED, found->frame,
                    _("%s announced a handshake message of %" PRIu64 " bytes%s, and %s rejected it with alert %s%s."),
                    _(sender), found->number[0], seen, wt_case_side(k->from), wt_case_alert(k), at)
              : wt_finding_say(k->tls, WT_FINDING_MALFORMED, found->frame,
                               _("%s sent a heartbeat that claims %" PRIu64 " bytes but has %" PRIu64
                                 "%s, and %s rejected it with alert %s%s."),
                               _(sender), found->number[0], found->number[1], seen, wt_case_side(k->from),
                               wt_case_alert(k), at);
    return wt_case_conclude(k, f, wt_case_fault(!k->from), wt_case_noticed(k->from), false);
}

bool wt_cause_choice(struct wt_case *k)
{
    if (claims_too_much(k))
        return true;
    if (k->from != WT_CLIENT || !k->has_hello || !k->has_server_hello)
        return false;
    if (foreign_choice(k))
        return true;
    switch (k->alert->description) {
    case WT_ALERT_UNSUPPORTED_EXTENSION:
    case WT_ALERT_ILLEGAL_PARAMETER:
        return foreign_extension(k) || unoffered(k);
    case WT_ALERT_UNEXPECTED_MESSAGE:
        return no_certificate(k);
    default:
        return false;
    }
}

/* RFC 5746, 4.1: a client may reject a server that does not send renegotiation_info; OpenSSL 3 does. */
static bool no_secure_renegotiation(struct wt_case *k)
{
    char at[WT_CASE_AT];
    struct wt_span body;
    if (!k->has_server_hello || wt_tls_is_13(k->tls) ||
        wt_extensions_find(&k->server_hello.extensions, WT_EXT_RENEGOTIATION_INFO, &body))
        return false;
    const struct wt_list_finding *f =
        wt_finding_say(k->tls, WT_FINDING_REJECTED_BY_CLIENT, k->alert->frame,
                       _("The client rejected the ServerHello with alert %s%s, probably because it lacks "
                         "renegotiation_info (RFC 5746): current clients refuse servers without secure renegotiation "
                         "(OpenSSL: unsafe legacy renegotiation disabled)."),
                       wt_case_alert(k), wt_case_at(k->alert->frame, at));
    return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, true);
}

bool wt_cause_refused_server_hello(struct wt_case *k)
{
    return wt_cause_downgrade(k) || wt_cause_choice(k) || unoffered(k) || no_secure_renegotiation(k) ||
           (k->tls->authentication.count[WT_SERVER] && wt_cause_server_certificate(k));
}
