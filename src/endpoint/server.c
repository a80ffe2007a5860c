/* The server's choice: version, name, identity, suite, group, protocol. */
#include "endpoint/server.h"

#include "base/memory.h"
#include "codec/ext/ext.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/verify.h"

#include <stdlib.h>

const struct wt_client_hello *wt_server_hello_of(const struct wt_endpoint *e)
{
    return &wt_messages_newest(&e->h.messages, WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO)->body.client_hello;
}

/* --- what the hello asks for -------------------------------------------------------------------------------------- */

bool wt_server_offers(const struct wt_endpoint *e, enum wt_offer_set set, uint16_t code)
{
    return wt_agreed_has(&e->h.agreed, set, code) == WT_IS;
}

bool wt_server_staples(const struct wt_endpoint *e)
{
    return e->x->identity && e->x->identity->staple.n &&
           wt_agreed_offers(&e->h.agreed, WT_EXT_STATUS_REQUEST, NULL) == WT_IS;
}

/* RFC 6962, 3.3.1: "Servers MUST only send SCTs to clients who have indicated support for the extension in the
 * ClientHello". */
bool wt_server_stamps(const struct wt_endpoint *e)
{
    return e->x->identity && e->x->identity->timestamps.n &&
           wt_agreed_offers(&e->h.agreed, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, NULL) == WT_IS;
}

bool wt_server_accepts_scheme(const void *endpoint, uint16_t scheme)
{
    return wt_server_offers(endpoint, WT_SET_SCHEMES, scheme);
}

/* The highest that both have. RFC 8446, 4.2.1: "If this extension is present in the ClientHello, servers MUST NOT use
 * the ClientHello.legacy_version value for version negotiation and MUST use only the "supported_versions" extension".
 */
static uint16_t choose_version(const struct wt_endpoint *e)
{
    /* "If this extension is not present, servers … MUST negotiate TLS 1.2 or prior, even if ClientHello.legacy_version
     * is 0x0304 or later." */
    const bool listed = wt_agreed_offers(&e->h.agreed, WT_EXT_SUPPORTED_VERSIONS, NULL) == WT_IS;
    /* RFC 8446, 4.1.2, of a renegotiation: "it MUST retain the previous protocol version. In particular, it MUST NOT
     * negotiate TLS 1.3." */
    for (uint16_t v = listed && !e->again ? WT_TLS13 : WT_TLS12; v >= WT_TLS12; v--)
        if (wt_party_has_version(e->party, v) && wt_server_offers(e, WT_SET_VERSIONS, v))
            return v;
    return 0;
}

/* RFC 7507, 3: "If TLS_FALLBACK_SCSV appears in ClientHello.cipher_suites and the highest protocol version supported by
 * the server is higher than the version indicated in ClientHello.client_version, the server MUST respond with a fatal
 * inappropriate_fallback alert". */
static bool is_fallback(const struct wt_endpoint *e, const struct wt_client_hello *hello, uint16_t version)
{
    return version < e->party->o.max_version && wt_codes_have(hello->cipher_suites, WT_SCSV_FALLBACK);
}

static bool keep_name(struct wt_endpoint *e, const struct wt_client_hello *hello)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_CLIENT);
    union wt_ext_body body;
    if (!wt_extensions_get(&hello->extensions, WT_EXT_SERVER_NAME, &context, WT_IN_CH, &body))
        return true;
    const struct wt_span name = body.server_name.host_name;
    /* RFC 6066, 3: "represented as a byte string using ASCII encoding without a trailing dot" */
    if (!name.n || name.n > WT_LIMIT_HOST || memchr(name.p, 0, name.n))
        return wt_endpoint_fail(e, WT_ALERT_DECODE_ERROR, "malformed-message");
    free(e->host);
    e->host = wt_strndup((const char *)name.p, name.n);
    return e->host || wt_endpoint_broken(e);
}

/* --- ALPN --------------------------------------------------------------------------------------------------------- */

/* RFC 7301, 3.2: the server's order decides. "In the event that the server supports no protocols that the client
 * advertises, then the server SHALL respond with a fatal "no_application_protocol" alert." */
static bool choose_protocol(struct wt_endpoint *e)
{
    const struct wt_codec_context context = wt_handshake_context(&e->h, WT_CLIENT);
    union wt_ext_body body;
    struct wt_span ours = wt_buffer_span(&e->party->alpn), name, other;
    bool offered = wt_extensions_get(&wt_server_hello_of(e)->extensions, WT_EXT_ALPN, &context, WT_IN_CH, &body);
    while (offered && wt_ext_opaque_next(&ours, 1, &name)) {
        struct wt_span rest = body.alpn.protocol_name_list;
        while (wt_ext_opaque_next(&rest, 1, &other))
            if (wt_span_equal(name, other)) {
                e->x->alpn = name;
                return true;
            }
    }
    if (e->party->alpn.n && (offered || e->party->o.alpn_required))
        return wt_endpoint_fail(e, WT_ALERT_NO_APPLICATION_PROTOCOL, "no-shared-alpn");
    return true;
}

bool wt_server_choose_protocol(struct wt_endpoint *e)
{
    if (!wt_flight_asks(e, WT_ASK_ALPN) || wt_agreed_offers(&e->h.agreed, WT_EXT_ALPN, NULL) != WT_IS)
        return choose_protocol(e);
    if (!wt_flight_ask(e, WT_ASK_ALPN) || e->x->alpn.n || !e->party->o.alpn_required)
        return true;
    return wt_endpoint_fail(e, WT_ALERT_NO_APPLICATION_PROTOCOL, "no-shared-alpn");
}

void wt_server_add_alpn(struct wt_block *b, const struct wt_endpoint *e)
{
    uint8_t list[256];
    const struct wt_span name = e->x->alpn;
    if (!name.n)
        return;
    list[0] = (uint8_t)name.n;
    memcpy(list + 1, name.p, name.n);
    wt_block_add(b, WT_EXT_ALPN, &(union wt_ext_body){.alpn = {.protocol_name_list = wt_span_of(list, 1 + name.n)}});
}

/* --- identities --------------------------------------------------------------------------------------------------- */

bool wt_server_ask_identity(struct wt_endpoint *e)
{
    if (wt_flight_asks(e, WT_ASK_IDENTITY))
        (void)wt_flight_ask(e, WT_ASK_IDENTITY);
    return true;
}

/* Those for the name come first, then the first of all. */
const struct wt_identity *wt_server_identity(const struct wt_endpoint *e, size_t i)
{
    const struct wt_endpoint_options *o = &e->party->o;
    if (e->x->identity_given)
        return i ? NULL : e->x->identity;
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < o->identity_count; k++) {
            bool is = e->host && wt_identity_is_for(o->identities[k], e->host);
            if (is == (pass == 0) && i-- == 0)
                return o->identities[k];
        }
    return NULL;
}

/* RFC 8446, 4.4.2.4: "If the client does not send any certificates (i.e., it sends an empty Certificate message), the
 * server MAY at its discretion either continue the handshake without client authentication or abort the handshake with
 * a "certificate_required" alert." RFC 5246, 7.4.6: "or respond with a fatal handshake_failure alert". */
bool wt_server_check_certificate(struct wt_endpoint *e, const struct wt_certificate *m)
{
    if (m->list.n)
        return wt_endpoint_certificates(e, m);
    if (e->party->o.request == WT_REQUEST_REQUIRED)
        return wt_endpoint_fail(e,
                                e->h.agreed.chosen.tls13 ? WT_ALERT_CERTIFICATE_REQUIRED : WT_ALERT_HANDSHAKE_FAILURE,
                                "client-certificate-missing");
    return true;
}

/* --- the seat ----------------------------------------------------------------------------------------------------- */

static bool check_hello(struct wt_endpoint *e, const struct wt_received *m)
{
    const struct wt_client_hello *hello = &m->body->client_hello;
    if (!keep_name(e, hello))
        return false;
    e->x->version = choose_version(e);
    if (is_fallback(e, hello, e->x->version))
        return wt_endpoint_fail(e, WT_ALERT_INAPPROPRIATE_FALLBACK, "downgrade-refused");
    if (!e->x->version)
        return wt_endpoint_fail(e, WT_ALERT_PROTOCOL_VERSION, "no-shared-version");
    wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_HELLO});
    return true;
}

bool wt_server_check(struct wt_endpoint *e, const struct wt_received *m)
{
    if (m->type == WT_HANDSHAKE_CLIENT_HELLO)
        return check_hello(e, m);
    return e->h.agreed.chosen.tls13 ? wt_server13_check(e, m) : wt_server12_check(e, m);
}

bool wt_server_answer(struct wt_endpoint *e, const struct wt_received *m)
{
    bool tls13 = m->type == WT_HANDSHAKE_CLIENT_HELLO ? e->x->version == WT_TLS13 : e->h.agreed.chosen.tls13;
    return tls13 ? wt_server13_answer(e, m) : wt_server12_answer(e, m);
}
