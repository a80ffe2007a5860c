#include "endpoint/offers.h"

#include "codec/ext/ext.h"
#include "endpoint/server.h"

enum { PLAINTEXT = 1 << 14 };

/* --- sizes of records --------------------------------------------------------------------------------------------- */

/* RFC 8449, 4: "The value of RecordSizeLimit is the maximum size of record in octets that the endpoint is willing to
 * receive." "The value includes the content type and padding added in TLS 1.3": 2^14 + 1 is no limit there. */
static uint16_t own_limit(const struct wt_endpoint *e, bool tls13)
{
    const struct wt_endpoint_options *o = &e->party->o;
    const uint16_t most = (uint16_t)(PLAINTEXT + (tls13 ? 1 : 0));
    uint16_t limit = o->record_size_limit ? o->record_size_limit : most;
    if (e->side == WT_CLIENT && o->max_fragment_length && o->max_fragment_length + (tls13 ? 1 : 0) < limit)
        limit = (uint16_t)(o->max_fragment_length + (tls13 ? 1 : 0));
    return limit < most ? limit : most;
}

static void add_limit(struct wt_block *b, const struct wt_endpoint *e, bool tls13)
{
    wt_block_add(b, WT_EXT_RECORD_SIZE_LIMIT,
                 &(union wt_ext_body){.record_size_limit = {.record_size_limit = own_limit(e, tls13)}});
}

/* RFC 6066, 4: 1 for 2^9 bytes, up to 4 for 2^12. */
static uint8_t fragment_code(uint16_t bytes)
{
    uint8_t code = 0;
    while (bytes >> (9 + code))
        code++;
    return code;
}

static void add_fragment(struct wt_block *b, uint8_t code)
{
    wt_block_add(b, WT_EXT_MAX_FRAGMENT_LENGTH,
                 &(union wt_ext_body){.max_fragment_length = {.max_fragment_length = code}});
}

/* RFC 8449, 5: "A server that supports the "record_size_limit" extension MUST ignore a "max_fragment_length" that
 * appears in a ClientHello if both extensions appear." */
static void answer_limits(struct wt_block *b, const struct wt_endpoint *e)
{
    const struct wt_offered *o = &e->h.agreed.offered;
    if (o->record_size_limit)
        add_limit(b, e, e->x->version == WT_TLS13);
    else if (o->max_fragment_length)
        add_fragment(b, o->max_fragment_length);
}

/* --- encrypt-then-MAC --------------------------------------------------------------------------------------------- */

bool wt_offers_is_cbc(uint16_t suite)
{
    const struct wt_suite *s = wt_suite_find(suite);
    return s && wt_cipher_of((enum wt_cipher_id)s->cipher)->mode == WT_MODE_CBC;
}

static bool has_cbc(const struct wt_endpoint *e)
{
    const struct wt_span ours = wt_buffer_span(&e->party->suites);
    for (size_t i = 0; !e->party->o.without_encrypt_then_mac && i < wt_codes_count(ours); i++)
        if (wt_offers_is_cbc(wt_codes_at(ours, i)))
            return wt_party_has_version(e->party, WT_TLS12);
    return false;
}

static void add_empty(struct wt_block *b, uint16_t id)
{
    wt_block_add(b, id, &(union wt_ext_body){.empty = {true}});
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

/* RFC 8879, 7.3: what libraries of ours inflate, the densest first. */
static void add_inflates(struct wt_block *b, const struct wt_endpoint *e)
{
    static const uint8_t algorithms[] = {0, 2, 0, 3, 0, 1}; /* brotli, zstd, zlib */
    if (e->party->o.inflates)
        wt_block_add(
            b, WT_EXT_COMPRESS_CERTIFICATE,
            &(union wt_ext_body){.compress_certificate = {.algorithms = wt_span_of(algorithms, sizeof algorithms)}});
}

/* RFC 8446, 4.2.3: for signatures in certificates, where they may be by other schemes than those of the handshake. */
static void add_certificate_schemes(struct wt_block *b, const struct wt_endpoint *e)
{
    const struct wt_span schemes = wt_buffer_span(&e->party->certificate_schemes);
    if (schemes.n)
        wt_block_add(b, WT_EXT_SIGNATURE_ALGORITHMS_CERT,
                     &(union wt_ext_body){.signature_algorithms = {.supported_signature_algorithms = schemes}});
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* RFC 6962, 3.3.1: "Clients that support the extension SHOULD send a ClientHello extension with the appropriate type
 * and empty "extension_data"." */
static void add_timestamps(struct wt_block *b, const struct wt_endpoint *e)
{
    if (e->party->o.timestamps)
        wt_block_add(b, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP, &(union wt_ext_body){0});
}

void wt_offers_of_client(struct wt_block *b, const struct wt_endpoint *e)
{
    const bool tls13 = wt_party_has_version(e->party, WT_TLS13);
    add_limit(b, e, tls13);
    if (e->party->o.max_fragment_length)
        add_fragment(b, fragment_code(e->party->o.max_fragment_length));
    if (has_cbc(e))
        add_empty(b, WT_EXT_ENCRYPT_THEN_MAC);
    add_certificate_schemes(b, e);
    add_timestamps(b, e);
    if (tls13) {
        add_inflates(b, e);
        if (e->party->o.post_handshake_auth)
            add_empty(b, WT_EXT_POST_HANDSHAKE_AUTH);
    }
}

void wt_offers_answer(struct wt_block *b, const struct wt_endpoint *e, const struct wt_client_hello *hello)
{
    answer_limits(b, e);
    if (e->x->version == WT_TLS13)
        return;
    /* RFC 7366, 3: "If a server receives an encrypt-then-MAC request extension from a client and then selects a stream
     * or Authenticated Encryption with Associated Data (AEAD) ciphersuite, it MUST NOT send an encrypt-then-MAC
     * response extension back to the client." */
    if (!e->party->o.without_encrypt_then_mac && wt_offers_is_cbc(e->x->suite) &&
        wt_extensions_has(&hello->extensions, WT_EXT_ENCRYPT_THEN_MAC))
        add_empty(b, WT_EXT_ENCRYPT_THEN_MAC);
    if (wt_server_staples(e))
        wt_block_add(b, WT_EXT_STATUS_REQUEST, &(union wt_ext_body){0});
    /* RFC 6962, 3.3.1: "if the session is resumed, the server is not expected to process it or include the extension in
     * the ServerHello" */
    if (!e->resumed && wt_server_stamps(e))
        wt_block_add(b, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP,
                     &(union wt_ext_body){.signed_certificate_timestamp = {
                                              wt_span_cut(wt_buffer_span(&e->x->identity->timestamps), 2, SIZE_MAX)}});
}

void wt_offers_of_request(struct wt_block *b, const struct wt_endpoint *e)
{
    const struct wt_span authorities = wt_buffer_span(&e->party->authorities);
    wt_block_add(b, WT_EXT_SIGNATURE_ALGORITHMS,
                 &(union wt_ext_body){
                     .signature_algorithms = {.supported_signature_algorithms = wt_buffer_span(&e->party->schemes)}});
    if (authorities.n)
        wt_block_add(b, WT_EXT_CERTIFICATE_AUTHORITIES,
                     &(union wt_ext_body){.certificate_authorities = {.authorities = authorities}});
    add_certificate_schemes(b, e);
    add_inflates(b, e);
}
