/* The root cause of a failed connection: what was offered and chosen, which side sent which alert, how TCP ended,
 * what proofs and certificates showed. A sentence says "probably", and what would settle it, unless the cause is
 * certain. */
#include "diagnosis/causes_case.h"

#include "base/i18n.h"

#include <stdio.h>

/* --- words -------------------------------------------------------------------------------------------------------- */

const char *wt_case_at(uint32_t frame, char out[WT_CASE_AT])
{
    out[0] = '\0';
    if (frame)
        (void)snprintf(out, WT_CASE_AT, _(" (packet %u)"), frame);
    return out;
}

const char *wt_case_name(enum wt_registry registry, uint16_t code, char out[16])
{
    const char *name = registry == WT_REG_VERSION ? wt_version_name(code) : wt_registry_name(registry, code);
    if (name)
        return name;
    (void)snprintf(out, 16, "0x%04x", code);
    return out;
}

/* GREASE is no offer (RFC 8701, 3.1), and signalling values are no suites. */
static bool is_offer(enum wt_registry registry, uint16_t code)
{
    return !wt_is_grease(code) && !(registry == WT_REG_CIPHER_SUITE && (code == 0x00ff || code == 0x5600));
}

const char *wt_case_list(enum wt_registry registry, struct wt_span codes, char out[WT_CASE_LIST])
{
    const unsigned most = 4;
    unsigned listed = 0, more = 0;
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < wt_codes_count(codes); i++) {
        uint16_t code = wt_codes_at(codes, i);
        char number[16];
        if (!is_offer(registry, code))
            continue;
        if (listed == most) {
            more++;
            continue;
        }
        n += (size_t)snprintf(out + n, WT_CASE_LIST - n, "%s%s", listed ? ", " : "",
                              wt_case_name(registry, code, number));
        listed++;
    }
    if (!listed)
        (void)snprintf(out, WT_CASE_LIST, "%s", _("none"));
    else if (more)
        (void)snprintf(out + n, WT_CASE_LIST - n, _(" and %u more"), more);
    return out;
}

const char *wt_case_span(struct wt_span text, char out[72])
{
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < 67; i++)
        out[n++] = text.p[i] > 0x20 && text.p[i] < 0x7f ? (char)text.p[i] : '?';
    out[n] = '\0';
    if (text.n > n)
        memcpy(out + n, "...", 4);
    return out;
}

const char *wt_case_alert(const struct wt_case *k)
{
    const char *name = wt_registry_name(WT_REG_ALERT, k->alert->description);
    return name ? name : _("(unregistered)");
}

const char *wt_case_side(unsigned side)
{
    return side == WT_CLIENT ? _("the client") : _("the server");
}

const char *wt_case_side_first(unsigned side)
{
    return side == WT_CLIENT ? _("The client") : _("The server");
}

const char *wt_case_last(const struct wt_case *k, unsigned side)
{
    const struct wt_tls_side *s = &k->tls->side[side];
    const char *name = s->has_message ? wt_registry_name(WT_REG_HANDSHAKE_TYPE, s->message) : NULL;
    if (s->hidden || (s->cover == WT_COVER_KEYS && s->flags & WT_SIDE_FINISHED && s->message != WT_HANDSHAKE_FINISHED))
        return _("encrypted messages");
    return name ? name : _("nothing");
}

/* --- the case ----------------------------------------------------------------------------------------------------- */

bool wt_case_conclude(const struct wt_case *k, const struct wt_list_finding *finding, enum wt_fault fault,
                      enum wt_noticed noticed, bool probable)
{
    if (!finding)
        return false;
    wt_finding_blame(k->tls, finding, fault, noticed, probable);
    wt_finding_cause(k->tls, finding);
    return true;
}

enum wt_noticed wt_case_noticed(unsigned side)
{
    return side == WT_CLIENT ? WT_NOTICED_BY_CLIENT : WT_NOTICED_BY_SERVER;
}

enum wt_fault wt_case_fault(unsigned side)
{
    return side == WT_CLIENT ? WT_FAULT_CLIENT : WT_FAULT_SERVER;
}

bool wt_case_extension(const struct wt_extensions *extensions, uint16_t id, enum wt_ext_where where,
                       union wt_ext_body *out)
{
    const struct wt_codec_context context = {.from_server = where != WT_IN_CH};
    return wt_extensions_get(extensions, id, &context, where, out);
}

void wt_case_offer(const struct wt_case *k, struct wt_offer *out)
{
    const struct wt_extensions *e = &k->hello.extensions;
    union wt_ext_body body;
    *out = (struct wt_offer){.suites = k->hello.cipher_suites};
    if (wt_case_extension(e, WT_EXT_SUPPORTED_VERSIONS, WT_IN_CH, &body))
        out->versions = body.supported_versions.versions;
    if ((out->has_groups = wt_case_extension(e, WT_EXT_SUPPORTED_GROUPS, WT_IN_CH, &body)))
        out->groups = body.supported_groups.named_group_list;
    if ((out->has_schemes = wt_case_extension(e, WT_EXT_SIGNATURE_ALGORITHMS, WT_IN_CH, &body)))
        out->schemes = body.signature_algorithms.supported_signature_algorithms;
    if ((out->has_shares = wt_case_extension(e, WT_EXT_KEY_SHARE, WT_IN_CH, &body)))
        out->shares = body.key_share.client_shares;
    if (wt_case_extension(e, WT_EXT_ALPN, WT_IN_CH, &body))
        out->protocols = body.alpn.protocol_name_list;
    out->has_sni = k->tls->agreed.sni.n > 0;
    for (size_t i = 0; i < wt_codes_count(out->versions); i++) {
        out->tls13 |= wt_version_is_tls13(wt_codes_at(out->versions, i));
        out->tls12 |= wt_codes_at(out->versions, i) >> 8 == 3 && wt_codes_at(out->versions, i) <= WT_TLS12;
    }
    if (!out->versions.n)
        out->tls12 = true;
}

/* The newest hello of a side. One of SSL 2.0's form is left out: it has no handshake header. */
static const struct wt_handshake_message *hello_of(const struct wt_case *k, unsigned side, uint8_t type)
{
    const struct wt_tls_handshake *hs = k->tls->handshake;
    const struct wt_handshake_message *m = hs ? wt_messages_newest(&hs->common.messages, side, type) : NULL;
    return m && !m->headless ? m : NULL;
}

static void find_hellos(struct wt_case *k)
{
    const struct wt_handshake_message *m = hello_of(k, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO);
    if ((k->has_hello = m)) {
        k->hello = m->body.client_hello;
        k->hello_frame = m->frame;
        k->hello_length = (uint32_t)m->bytes.n;
    }
    m = hello_of(k, WT_SERVER, WT_HANDSHAKE_SERVER_HELLO);
    if ((k->has_server_hello = m)) {
        k->server_hello = m->body.server_hello;
        k->server_hello_frame = m->frame;
    }
}

/* RFC 8446, 6: "All the alerts listed in Section 6.2 MUST be sent with AlertLevel=fatal and MUST be treated as error
 * alerts when received regardless of the AlertLevel"; up to TLS 1.2 the level decides. The first of several counts:
 * the others only follow from it. */
static void find_alert(struct wt_case *k)
{
    for (const struct wt_list_alert *a = k->tls->report.alerts; a && !k->alert; a = a->next) {
        const struct wt_alert_seen *s = &a->alert;
        if (!s->readable || s->description == WT_ALERT_CLOSE_NOTIFY ||
            (s->level != 2 && !(wt_tls_is_13(k->tls) && s->description != WT_ALERT_USER_CANCELED)))
            continue;
        k->alert = s;
        k->from = s->from;
        k->acknowledgment = a->acknowledgment;
    }
    /* user_canceled has the level warning (RFC 5246, 7.2.2), and may be the only reason that was given */
    for (const struct wt_list_alert *a = k->tls->report.alerts; a && !k->alert; a = a->next)
        if (a->alert.readable && a->alert.description == WT_ALERT_USER_CANCELED) {
            k->alert = &a->alert;
            k->from = a->alert.from;
        }
}

/* --- by alert ----------------------------------------------------------------------------------------------------- */

/* A client that answers internal_error to a certificate that no client should accept means that certificate: GnuTLS
 * does so if the key usage forbids the key exchange. */
static bool error_upon_certificate(struct wt_case *k)
{
    static const uint8_t rows[] = {WT_FINDING_CERTIFICATE_WRONG_PURPOSE, WT_FINDING_CERTIFICATE_BAD_SIGNATURE,
                                   WT_FINDING_CERTIFICATE_EXPIRED, WT_FINDING_CERTIFICATE_NOT_YET_VALID};
    if (k->from != WT_CLIENT || k->alert->description != WT_ALERT_INTERNAL_ERROR ||
        k->tls->flow.facts & WT_FACT_CLIENT_KEYS)
        return false;
    for (size_t i = 0; i < sizeof rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i]);
        if (f)
            return wt_case_conclude(k, f, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT, true);
    }
    return false;
}

static bool internal_error(struct wt_case *k)
{
    char at[WT_CASE_AT];
    const struct wt_list_finding *f;
    bool canceled = k->alert->description == WT_ALERT_USER_CANCELED;
    unsigned other = !k->from;
    if (canceled)
        f = wt_finding_say(k->tls, WT_FINDING_PEER_INTERNAL_ERROR, k->alert->frame,
                           _("%s canceled the handshake with alert user_canceled%s; this is not a protocol error."),
                           wt_case_side_first(k->from), wt_case_at(k->alert->frame, at));
    else if (!(k->tls->flow.facts & (WT_FACT_CLIENT_HELLO | WT_FACT_SERVER_HELLO)))
        f = wt_finding_say(
            k->tls, WT_FINDING_PEER_INTERNAL_ERROR, k->alert->frame,
            _("%s gave up with alert %s%s before any hello was sent: the error is its own. Probably its configuration "
              "leaves nothing to offer (versions, cipher suites, signature schemes), or it has no certificate or key."),
            wt_case_side_first(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at));
    else
        f = wt_finding_say(k->tls, WT_FINDING_PEER_INTERNAL_ERROR, k->alert->frame,
                           _("%s gave up with alert %s%s after %s from %s: it reports an error of its own, not one in "
                             "what it received."),
                           wt_case_side_first(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at),
                           wt_case_last(k, other), wt_case_side(other));
    return wt_case_conclude(k, f, wt_case_fault(k->from), wt_case_noticed(k->from), false);
}

/* An alert that gives no reason known here, or one that does not fit where it was sent. */
static bool rejected(struct wt_case *k)
{
    char at[WT_CASE_AT];
    unsigned other = !k->from;
    const enum wt_finding_id row = k->from == WT_CLIENT ? WT_FINDING_REJECTED_BY_CLIENT : WT_FINDING_REJECTED_BY_SERVER;
    if (wt_transport_is_one_sided(&k->c->transport)) {
        const struct wt_list_finding *one = wt_finding_say(
            k->tls, row, k->alert->frame,
            wt_tls_record_count(k->tls, k->from) == 1 ? _("%s answered the first message from %s with alert %s%s and "
                                                          "nothing else: it refused that message, which "
                                                          "is not in the capture.")
                                                      : _("%s ended the handshake: what it last received from %s, "
                                                          "which is not in the capture, it answered with "
                                                          "alert %s%s."),
            wt_case_side_first(k->from), wt_case_side(other), wt_case_alert(k), wt_case_at(k->alert->frame, at));
        return wt_case_conclude(k, one, WT_FAULT_NONE, wt_case_noticed(k->from), false);
    }
    const struct wt_list_finding *f = wt_finding_say(
        k->tls, row, k->alert->frame,
        _("%s ended the handshake with alert %s%s after %s from %s; the capture does not show what it objected to."),
        wt_case_side_first(k->from), wt_case_alert(k), wt_case_at(k->alert->frame, at), wt_case_last(k, other),
        wt_case_side(other));
    return wt_case_conclude(k, f, WT_FAULT_NONE, wt_case_noticed(k->from), false);
}

/* Up to TLS 1.2 a client rejects the server's certificate, key exchange or parameters; a server rejects a
 * ClientHello, or what the client sent last. */
static bool handshake_failure(struct wt_case *k)
{
    bool answered = k->tls->flow.facts & WT_FACT_SERVER_HELLO;
    if (k->from == WT_CLIENT)
        return wt_cause_weak_dh(k) || wt_cause_crypto(k) || wt_cause_refused_server_hello(k);
    if (!answered)
        return wt_cause_refused_hello(k);
    return wt_cause_client_certificate(k) || wt_cause_crypto(k);
}

static bool certificate(struct wt_case *k)
{
    return k->from == WT_CLIENT ? wt_cause_server_certificate(k) : wt_cause_client_certificate(k);
}

static bool by_alert(struct wt_case *k)
{
    switch (k->alert->description) {
    case WT_ALERT_PROTOCOL_VERSION:
        return wt_cause_version(k);
    case WT_ALERT_HANDSHAKE_FAILURE:
    case WT_ALERT_INSUFFICIENT_SECURITY:
    case WT_ALERT_EXPORT_RESTRICTION:
        return handshake_failure(k);
    case WT_ALERT_BAD_CERTIFICATE:
    case WT_ALERT_UNSUPPORTED_CERTIFICATE:
    case WT_ALERT_CERTIFICATE_REVOKED:
    case WT_ALERT_CERTIFICATE_EXPIRED:
    case WT_ALERT_CERTIFICATE_UNKNOWN:
    case WT_ALERT_UNKNOWN_CA:
    case WT_ALERT_CERTIFICATE_REQUIRED:
    case WT_ALERT_NO_CERTIFICATE:
    case WT_ALERT_ACCESS_DENIED:
        return certificate(k);
    case WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:
        return wt_cause_staple(k);
    case WT_ALERT_DECRYPT_ERROR:
    case WT_ALERT_BAD_RECORD_MAC:
    case WT_ALERT_DECRYPTION_FAILED:
        return wt_cause_crypto(k);
    case WT_ALERT_UNKNOWN_PSK_IDENTITY:
        return wt_cause_psk_identity(k);
    case WT_ALERT_UNRECOGNIZED_NAME:
        return wt_cause_server_name(k);
    case WT_ALERT_NO_APPLICATION_PROTOCOL:
        return wt_cause_alpn(k);
    case WT_ALERT_INAPPROPRIATE_FALLBACK:
        return wt_cause_fallback(k);
    case WT_ALERT_ILLEGAL_PARAMETER:
        return wt_cause_downgrade(k) || wt_cause_weak_dh(k) || wt_cause_malformed(k);
    case WT_ALERT_UNEXPECTED_MESSAGE:
    case WT_ALERT_RECORD_OVERFLOW:
    case WT_ALERT_DECOMPRESSION_FAILURE:
    case WT_ALERT_DECODE_ERROR:
    case WT_ALERT_MISSING_EXTENSION:
    case WT_ALERT_UNSUPPORTED_EXTENSION:
    case WT_ALERT_BAD_CERTIFICATE_HASH_VALUE:
        return wt_cause_malformed(k);
    case WT_ALERT_INTERNAL_ERROR:
    case WT_ALERT_USER_CANCELED:
    case WT_ALERT_GENERAL_ERROR:
    case WT_ALERT_CERTIFICATE_UNOBTAINABLE:
        return error_upon_certificate(k) || (k->alert->description == WT_ALERT_INTERNAL_ERROR && wt_cause_broken(k)) ||
               internal_error(k);
    default:
        return false;
    }
}

/* An earlier finding that explains everything after it: one side does not speak TLS. */
static bool by_finding(struct wt_case *k)
{
    static const struct {
        uint8_t row, fault, noticed;
    } rows[] = {
        {WT_FINDING_STARTTLS_REFUSED, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT},
        {WT_FINDING_PEER_NOT_TLS, WT_FAULT_SERVER, WT_NOTICED_BY_CLIENT},
        {WT_FINDING_CLIENT_NOT_TLS, WT_FAULT_CLIENT, WT_NOTICED_BY_SERVER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_list_finding *f = wt_finding_of(k->tls, (enum wt_finding_id)rows[i].row);
        if (f)
            return wt_case_conclude(k, f, (enum wt_fault)rows[i].fault, (enum wt_noticed)rows[i].noticed, false);
    }
    return false;
}

/* An alert that only reacts to the other side's close (OpenSSL sends decode_error upon an unexpected end): the close
 * came first. */
static bool is_echo_of_close(const struct wt_case *k)
{
    /* there was nothing else to react to */
    bool silent = !wt_tls_record_count(k->tls, !k->from) && !wt_transport_is_one_sided(&k->c->transport);
    if (!silent && !wt_transport_follows_end(&k->c->transport, &k->tls->end, wt_tls_direction_of(k->tls, !k->from),
                                             k->alert->frame, k->acknowledgment))
        return false;
    return k->alert->description == WT_ALERT_DECODE_ERROR || k->alert->description == WT_ALERT_INTERNAL_ERROR ||
           k->alert->description == WT_ALERT_UNEXPECTED_MESSAGE;
}

/* Both sides had sent Finished, and then one rejected what it was shown (a late check, or post-handshake
 * authentication), or could not decrypt a record. */
static bool refused_later(struct wt_case *k)
{
    find_alert(k);
    if (!k->alert)
        return false;
    switch (k->alert->description) {
    case WT_ALERT_BAD_RECORD_MAC:
        /* RFC 8446, 6.2: "always fatal"; in a capture from the other end the record may be intact */
        return wt_cause_crypto(k);
    case WT_ALERT_BAD_CERTIFICATE:
    case WT_ALERT_UNSUPPORTED_CERTIFICATE:
    case WT_ALERT_CERTIFICATE_REVOKED:
    case WT_ALERT_CERTIFICATE_EXPIRED:
    case WT_ALERT_CERTIFICATE_UNKNOWN:
    case WT_ALERT_UNKNOWN_CA:
    case WT_ALERT_CERTIFICATE_REQUIRED:
    case WT_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:
        return by_alert(k) || rejected(k);
    default:
        return false;
    }
}

void wt_causes_settle(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    struct wt_case k = {.o = o, .c = c, .tls = tls};
    if (tls->outcome.state == WT_INCOMPLETE || tls->report.cause)
        return;
    if (tls->outcome.state == WT_ESTABLISHED) {
        (void)(wt_cause_renegotiation(&k) || refused_later(&k));
        return;
    }
    find_alert(&k);
    find_hellos(&k);
    k.facts = wt_servers_find(o, c);
    if (k.alert && is_echo_of_close(&k))
        k.alert = NULL;
    if (!by_finding(&k) && !(k.alert && (by_alert(&k) || wt_cause_broken(&k) || rejected(&k))))
        (void)wt_cause_end(&k);
}
