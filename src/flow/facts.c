/* What messages show that decides what may follow them. */
#include "flow/flow.h"

/* `fact` where the extension is there. */
static uint64_t fact_if(const struct wt_extensions *extensions, uint16_t id, uint64_t fact)
{
    return wt_extensions_has(extensions, id) ? fact : 0;
}

static uint64_t client_hello(const struct wt_client_hello *hello)
{
    const struct wt_extensions *e = &hello->extensions;
    struct wt_span ticket;
    uint64_t facts = fact_if(e, WT_EXT_EARLY_DATA, WT_FACT_EARLY_OFFERED) |
                     fact_if(e, WT_EXT_COMPRESS_CERTIFICATE, WT_FACT_CLIENT_INFLATES) |
                     fact_if(e, WT_EXT_POST_HANDSHAKE_AUTH, WT_FACT_POST_AUTH_OFFERED);
    if (wt_extensions_find(e, WT_EXT_SESSION_TICKET, &ticket) && ticket.n)
        facts |= WT_FACT_TICKET_OFFERED;
    return wt_version_is_dtls(hello->legacy_version) ? facts | WT_FACT_DTLS : facts;
}

/* RFC 8446, 4.2.11: pre_shared_key in the ServerHello; RFC 8773, 5: with tls_cert_with_extern_psk certificates are used
 * as well. */
static uint64_t server_hello13(const struct wt_extensions *e)
{
    bool psk = wt_extensions_has(e, WT_EXT_PRE_SHARED_KEY);
    return WT_FACT_TLS13 | (psk ? WT_FACT_RESUMED : 0) |
           (psk && !wt_extensions_has(e, WT_EXT_TLS_CERT_WITH_EXTERN_PSK) ? WT_FACT_NO_SERVER_CERTIFICATE
                                                                          : WT_FACT_NEEDS_SERVER_CERTIFICATE);
}

/* What the suite's key exchange has and has not (RFC 5246, 7.4.2 and 7.4.3, and who defines the others). */
static uint64_t suite_facts(uint16_t id)
{
    const struct wt_suite *suite = wt_suite_find(id);
    const struct wt_kx_info *kx = suite && suite->kx != WT_KX_NULL ? wt_kx_info_of((enum wt_kx)suite->kx) : NULL;
    uint64_t facts = 0;
    if (!kx)
        return 0;
    unsigned certificate = kx->certificate;
    if (suite->kx == WT_KX_SRP) /* RFC 5054, 2.5.2 and 2.7: a certificate where the suite's name has RSA or DSS */
        certificate = suite->auth == WT_AUTH_SRP ? WT_NEVER : WT_ALWAYS;
    facts |= certificate == WT_ALWAYS  ? WT_FACT_NEEDS_SERVER_CERTIFICATE
             : certificate == WT_NEVER ? WT_FACT_NO_SERVER_CERTIFICATE
                                       : 0;
    facts |= kx->server_key_exchange == WT_ALWAYS  ? WT_FACT_NEEDS_SERVER_KEYS
             : kx->server_key_exchange == WT_NEVER ? WT_FACT_NO_SERVER_KEYS
                                                   : 0;
    /* RFC 5246, 7.4.8: CertificateVerify follows "all certificates except those containing fixed Diffie-Hellman
     * parameters"; RFC 4492, 3: so those of fixed ECDH; Fortezza's and GOST's client keys may take part as well. */
    if (suite->kx == WT_KX_DH || suite->kx == WT_KX_DH_EXPORT || suite->kx == WT_KX_ECDH ||
        suite->kx == WT_KX_FORTEZZA || suite->kx == WT_KX_GOST)
        facts |= WT_FACT_IMPLICIT_VERIFY;
    return facts;
}

/* RFC 5246, 7.4.1.3: "the same value as was supplied by the client [...] indicates a resumed session". RFC 5077, 3.4:
 * "If the server accepts the ticket and the Session ID is not empty, then it MUST respond with the same Session ID
 * present in the ClientHello"; with an empty one the client learns it from the next message. Whose ClientHello was not
 * seen may have offered anything. */
static uint64_t resumption(const struct wt_flow *flow, struct wt_span answer, struct wt_span offered)
{
    if (!wt_flow_has(flow, WT_FACT_HELLO_UNANSWERED))
        return WT_FACT_MAY_RESUME;
    if (offered.n)
        return answer.n == offered.n && memcmp(answer.p, offered.p, offered.n) == 0
                   ? WT_FACT_MAY_RESUME | WT_FACT_MUST_RESUME
                   : 0;
    return wt_flow_has(flow, WT_FACT_TICKET_OFFERED) ? WT_FACT_MAY_RESUME : 0;
}

static uint64_t server_hello(const struct wt_flow *flow, const struct wt_server_hello *hello, struct wt_span session_id)
{
    const struct wt_extensions *e = &hello->extensions;
    uint16_t version = hello->legacy_version;
    struct wt_span selected;
    if (wt_server_hello_is_retry(hello))
        return 0;
    if (wt_extensions_find(e, WT_EXT_SUPPORTED_VERSIONS, &selected) && selected.n == 2)
        version = wt_get16(selected.p);
    if (wt_version_is_tls13(version) || version == WT_DTLS13)
        return server_hello13(e);
    uint64_t facts = suite_facts(hello->cipher_suite) | resumption(flow, hello->session_id, session_id) |
                     fact_if(e, WT_EXT_STATUS_REQUEST, WT_FACT_STATUS_PROMISED) |
                     fact_if(e, WT_EXT_STATUS_REQUEST_V2, WT_FACT_STATUS_PROMISED) |
                     fact_if(e, WT_EXT_SESSION_TICKET, WT_FACT_TICKET_PROMISED) |
                     fact_if(e, WT_EXT_CLIENT_CERTIFICATE_URL, WT_FACT_URL_AGREED) |
                     fact_if(e, WT_EXT_NEXT_PROTOCOL_NEGOTIATION, WT_FACT_NEXT_PROTOCOL_PROMISED) |
                     fact_if(e, WT_EXT_CHANNEL_ID, WT_FACT_CHANNEL_ID_PROMISED) |
                     fact_if(e, WT_EXT_CHANNEL_ID_OLD, WT_FACT_CHANNEL_ID_PROMISED);
    /* RFC 4680, 3: extensions that agree on it; RFC 4681, RFC 5878 */
    if (wt_extensions_has(e, WT_EXT_USER_MAPPING) || wt_extensions_has(e, WT_EXT_CLIENT_AUTHZ) ||
        wt_extensions_has(e, WT_EXT_SERVER_AUTHZ))
        facts |= WT_FACT_CLIENT_MAY_SUPPLEMENT | WT_FACT_SERVER_MAY_SUPPLEMENT;
    /* RFC 5246, 7.4.6: "If no suitable certificate is available, the client MUST send a certificate message containing
     * no certificates"; RFC 4346, 7.4.6: "SHOULD"; RFC 6101, 5.6.6: "should send a no_certificate alert instead". */
    return version == WT_TLS12 || version == WT_DTLS12 ? facts : facts | WT_FACT_CERTIFICATE_MAY_BE_OMITTED;
}

/* RFC 8446, 4.2.10: a HelloRetryRequest rejects early data, whatever the extension says. RFC 9147, 5.7, figure 9: over
 * datagrams no EndOfEarlyData is sent: early data have an epoch of their own. RFC 9001, 8.3: "Clients MUST NOT send the
 * EndOfEarlyData message." */
static uint64_t encrypted_extensions(const struct wt_flow *flow, const struct wt_extensions *e)
{
    bool early = wt_flow_has(flow, WT_FACT_EARLY_OFFERED | WT_FACT_RESUMED) && !wt_flow_has(flow, WT_FACT_RETRY) &&
                 !(flow->facts & (WT_FACT_DTLS | WT_FACT_QUIC));
    return (early ? fact_if(e, WT_EXT_EARLY_DATA, WT_FACT_EARLY_ACCEPTED) : 0) |
           fact_if(e, WT_EXT_APPLICATION_SETTINGS, WT_FACT_SETTINGS_PROMISED) |
           fact_if(e, WT_EXT_APPLICATION_SETTINGS_OLD, WT_FACT_SETTINGS_PROMISED);
}

static uint64_t client_certificate(const struct wt_flow *flow, bool empty)
{
    if (empty)
        return WT_FACT_NO_CLIENT_VERIFY;
    return wt_flow_has(flow, WT_FACT_IMPLICIT_VERIFY) ? 0 : WT_FACT_NEEDS_CLIENT_VERIFY;
}

/* A Certificate without certificates has an empty request_context (a byte) and an empty list (three). After the
 * handshake the context is not empty, and only what is inside tells. */
static uint64_t compressed_certificate(const struct wt_flow *flow, uint32_t length)
{
    const uint32_t none = 1 + 3;
    if (flow->state[0] == WT_STATE_C13_DONE)
        return 0;
    return client_certificate(flow, length <= none);
}

uint64_t wt_flow_facts(const struct wt_flow *flow, unsigned side, const struct wt_message_body *m,
                       struct wt_span session_id)
{
    const bool client = side == 0;
    switch (m->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        return client_hello(&m->client_hello);
    case WT_HANDSHAKE_SERVER_HELLO:
        return server_hello(flow, &m->server_hello, session_id);
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        return client ? 0 : encrypted_extensions(flow, &m->encrypted_extensions.extensions);
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        return fact_if(&m->certificate_request.extensions, WT_EXT_COMPRESS_CERTIFICATE, WT_FACT_SERVER_INFLATES);
    case WT_HANDSHAKE_CERTIFICATE:
        return client ? client_certificate(flow, !m->certificate.list.n) : 0;
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
        return client ? compressed_certificate(flow, m->compressed_certificate.uncompressed_length) : 0;
    default:
        return 0;
    }
}
