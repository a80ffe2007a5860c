/* Evidence: what the server chose and sent in its first flight, apart from its certificate. */
#include "diagnosis/case.h"

#include "base/bits.h"

static void version(struct wt_case *k)
{
    const uint16_t chosen = k->tls->agreed.version, offered = k->tls->agreed.offered;
    const uint16_t newest = chosen ? chosen : k->offer.tls13 ? 0 : offered;
    if (chosen)
        wt_evidence_add(k, WT_EVIDENCE_VERSION_CHOSEN, k->server_hello_frame, chosen);
    /* RFC 8446, 4.2.1: "Servers MUST only select a version of TLS present in that extension", supported_versions */
    if (chosen && (chosen < WT_TLS12 || (k->offer.versions.n && !wt_codes_have(k->offer.versions, chosen))))
        wt_evidence_add(k, WT_EVIDENCE_VERSION_CHOSEN_OLD, k->server_hello_frame, chosen);
    if (newest == WT_TLS10 || newest == WT_TLS11)
        wt_evidence_add(k, WT_EVIDENCE_VERSION_OLD, k->server_hello_frame ? k->server_hello_frame : k->hello_frame,
                        newest);
}

/* --- choices that were not offered -------------------------------------------------------------------------------- */

static void foreign(struct wt_case *k, enum wt_registry registry, uint16_t code)
{
    if (!wt_evidence_has(k, WT_EVIDENCE_FOREIGN_CHOICE))
        wt_evidence_add(k, WT_EVIDENCE_FOREIGN_CHOICE, k->server_hello_frame, (uint64_t)registry << 16 | code);
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
static void foreign_choice(struct wt_case *k)
{
    const struct wt_server_hello *h = &k->server_hello;
    const struct wt_offer *o = &k->offer;
    const struct wt_span methods = k->hello.compression_methods;
    union wt_ext_body body;
    if (!wt_codes_have(o->suites, h->cipher_suite))
        foreign(k, WT_REG_CIPHER_SUITE, h->cipher_suite);
    if (wt_case_extension(&h->extensions, WT_EXT_SUPPORTED_VERSIONS, WT_IN_SH, &body) &&
        !wt_codes_have(o->versions, body.supported_versions.selected_version))
        foreign(k, WT_REG_VERSION, body.supported_versions.selected_version);
    if (wt_case_extension(&h->extensions, WT_EXT_KEY_SHARE, WT_IN_SH, &body) && !wt_server_hello_is_retry(h) &&
        !has_share(o->shares, body.key_share.group))
        foreign(k, WT_REG_GROUP, body.key_share.group);
    if (h->compression_method && (!methods.n || !memchr(methods.p, h->compression_method, methods.n)))
        foreign(k, WT_REG_COMPRESSION_METHOD, h->compression_method);
}

/* RFC 8446, 4.2: "Implementations MUST NOT send extension responses if the remote endpoint did not send the
 * corresponding extension requests, with the exception of the 'cookie' extension in the HelloRetryRequest." RFC
 * 5746, 3.3: the signaling cipher suite value is equivalent to renegotiation_info. */
static void foreign_extension(struct wt_case *k)
{
    struct wt_span rest = k->server_hello.extensions.block, body;
    struct wt_extension e;
    const bool retry = wt_server_hello_is_retry(&k->server_hello);
    while (wt_extensions_next(&rest, &e)) {
        if (wt_extensions_find(&k->hello.extensions, e.id, &body) || (retry && e.id == WT_EXT_COOKIE) ||
            (e.id == WT_EXT_RENEGOTIATION_INFO && wt_codes_have(k->hello.cipher_suites, 0x00ff)))
            continue;
        wt_evidence_add(k, WT_EVIDENCE_FOREIGN_EXTENSION, k->server_hello_frame, e.id);
        return;
    }
}

/* --- the key exchange --------------------------------------------------------------------------------------------- */

/* RFC 9325, 4.5: "DH key lengths of at least 2048 bits are REQUIRED"; RFC 7919, 3.1 lets a client end the connection
 * with insufficient_security; many send handshake_failure or illegal_parameter. RFC 5246, 7.4.3: "the signature
 * algorithm … MUST be" one of the client's. */
static void key_exchange(struct wt_case *k)
{
    const unsigned enough = 2048, tiny = 1024;
    uint32_t frame;
    const struct wt_message_body *m = wt_case_message(k, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, &frame);
    if (!m)
        return;
    const struct wt_server_key_exchange *x = &m->server_key_exchange;
    const unsigned bits = x->dh_p.n ? (unsigned)wt_bits_of(x->dh_p) : enough;
    if (bits < enough)
        wt_evidence_add(k, WT_EVIDENCE_DH_SMALL, frame, bits);
    if (bits <= tiny)
        wt_evidence_add(k, WT_EVIDENCE_DH_TINY, frame, bits);
    if (k->has_hello && x->has_scheme && k->offer.has_schemes && !wt_codes_have(k->offer.schemes, x->signature_scheme))
        wt_evidence_add(k, WT_EVIDENCE_FOREIGN_SCHEME, frame, x->signature_scheme);
    if (k->has_hello && x->curve_type == 3 && k->offer.has_groups && !wt_codes_have(k->offer.groups, x->named_curve))
        wt_evidence_add(k, WT_EVIDENCE_FOREIGN_GROUP, frame, x->named_curve);
}

/* RFC 5246, 7.4.2: "The server MUST send a Certificate message whenever the agreed-upon key exchange method uses
 * certificates for authentication". */
static void certificate_left_out(struct wt_case *k)
{
    const struct wt_tls *tls = k->tls;
    const struct wt_suite *suite = tls->agreed.has_suite ? wt_suite_find(tls->agreed.suite) : NULL;
    const uint64_t facts = tls->flow.facts;
    if (!suite || wt_tls_is_13(tls) || tls->side[WT_SERVER].missing || facts & WT_FACT_RESUMED ||
        !(facts & WT_FACT_SERVER_DONE) || !tls->handshake ||
        wt_messages_has(&tls->handshake->common.messages, WT_SERVER, WT_HANDSHAKE_CERTIFICATE) ||
        (suite->auth != WT_AUTH_RSA && suite->auth != WT_AUTH_DSS && suite->auth != WT_AUTH_ECDSA))
        return;
    wt_evidence_add(k, WT_EVIDENCE_NO_SERVER_CERTIFICATE, 0, 0);
}

/* What an older server leaves out of its ServerHello, and clients demand. RFC 5746, 4.1: a client may reject a server
 * that does not send renegotiation_info; OpenSSL 3 does. RFC 7627, 5.2: "If a client receives a ServerHello without
 * the extension, it SHOULD abort the handshake if it does not wish to interoperate with legacy servers"; FIPS 140-3
 * (SP 800-135) allows nothing else in TLS 1.2. */
static void left_out(struct wt_case *k)
{
    struct wt_span body;
    const struct wt_extensions *offered = &k->hello.extensions, *chosen = &k->server_hello.extensions;
    if (wt_tls_is_13(k->tls) || k->tls->agreed.version < WT_SSL3)
        return;
    if (!wt_extensions_find(chosen, WT_EXT_RENEGOTIATION_INFO, &body))
        wt_evidence_add(k, WT_EVIDENCE_NO_RENEGOTIATION_INFO, k->server_hello_frame, 0);
    if (k->has_hello && wt_extensions_find(offered, WT_EXT_EXTENDED_MASTER_SECRET, &body) &&
        !wt_extensions_find(chosen, WT_EXT_EXTENDED_MASTER_SECRET, &body))
        wt_evidence_add(k, WT_EVIDENCE_NO_EXTENDED_MASTER_SECRET, k->server_hello_frame, 0);
}

void wt_evidence_answer(struct wt_case *k)
{
    version(k);
    key_exchange(k);
    certificate_left_out(k);
    if (!k->has_server_hello)
        return;
    left_out(k);
    if (!wt_tls_is_13(k->tls) && wt_server_hello_downgrade(&k->server_hello) &&
        k->tls->agreed.version < k->tls->agreed.offered)
        wt_evidence_add(k, WT_EVIDENCE_DOWNGRADE_SENTINEL, k->server_hello_frame, 0);
    if (k->has_hello) {
        foreign_choice(k);
        foreign_extension(k);
    }
}
