/* What a server answers: ServerHello, HelloRetryRequest, EncryptedExtensions, ServerKeyExchange. */
#include "base/span_hash.h"
#include "codec/ext/ext.h"
#include "handshake/agreed.h"

static bool body_of(const struct wt_extensions *extensions, uint16_t id, enum wt_ext_where where,
                    union wt_ext_body *out)
{
    static const struct wt_codec_context none;
    enum wt_code code;
    if (!wt_extensions_take(extensions, id, &none, where, out, NULL, &code))
        return false;
    return code == WT_OK || code == WT_VALUE || code == WT_DUPLICATE || code == WT_LIMIT;
}

uint16_t wt_agreed_version_of(const struct wt_server_hello *hello)
{
    union wt_ext_body e;
    enum wt_ext_where where = wt_server_hello_is_retry(hello) ? WT_IN_HRR : WT_IN_SH;
    if (body_of(&hello->extensions, WT_EXT_SUPPORTED_VERSIONS, where, &e) && e.supported_versions.selected_version)
        return e.supported_versions.selected_version;
    return hello->legacy_version;
}

bool wt_agreed_resumes(const struct wt_agreed *a, const struct wt_server_hello *hello)
{
    const struct wt_offered *o = &a->offered;
    return o->seen && o->session_id_length &&
           wt_span_equal(hello->session_id, wt_span_of(o->session_id, o->session_id_length)) &&
           !wt_version_is_tls13(wt_agreed_version_of(hello));
}

void wt_agreed_retry(struct wt_agreed *a, const struct wt_server_hello *hello)
{
    union wt_ext_body e;
    struct wt_retry *r = &a->retry;
    *r = (struct wt_retry){
        .seen = true, .has_suite = true, .version = wt_agreed_version_of(hello), .suite = hello->cipher_suite};
    if (body_of(&hello->extensions, WT_EXT_KEY_SHARE, WT_IN_HRR, &e) ||
        body_of(&hello->extensions, WT_EXT_KEY_SHARE_OLD, WT_IN_HRR, &e))
        r->group = e.key_share.group;
    if (body_of(&hello->extensions, WT_EXT_COOKIE, WT_IN_HRR, &e)) {
        r->has_cookie = true;
        r->cookie = wt_span_hash(e.cookie.cookie);
    }
    struct wt_span rest = hello->extensions.block;
    struct wt_extension x;
    while (wt_extensions_next(&rest, &x))
        r->other |= x.id != WT_EXT_SUPPORTED_VERSIONS && x.id != WT_EXT_KEY_SHARE && x.id != WT_EXT_KEY_SHARE_OLD &&
                    x.id != WT_EXT_COOKIE && x.id != WT_EXT_ENCRYPTED_CLIENT_HELLO;
    a->offered.stale = !a->offered.second;
    /* RFC 8446, 4.2.10: a server that does not take early data may answer "with a HelloRetryRequest" */
    if (wt_agreed_offers(a, WT_EXT_EARLY_DATA, NULL) == WT_IS)
        a->chosen.early_data = WT_EARLY_REJECTED;
}

void wt_agreed_old_retry(struct wt_agreed *a, const struct wt_hello_retry_request *retry)
{
    const struct wt_server_hello as = {
        .legacy_version = retry->server_version, .cipher_suite = retry->cipher_suite, .extensions = retry->extensions};
    wt_agreed_retry(a, &as);
    a->retry.has_suite = retry->has_cipher_suite;
}

/* --- what both hellos and EncryptedExtensions answer ----------------------------------------------------------------
 */

static void take_protocol(struct wt_chosen *c, const struct wt_extensions *extensions, enum wt_ext_where where)
{
    union wt_ext_body e;
    struct wt_span rest, name;
    if (!body_of(extensions, WT_EXT_ALPN, where, &e))
        return;
    rest = e.alpn.protocol_name_list;
    if (!wt_ext_opaque_next(&rest, 1, &name))
        return;
    c->alpn_length = (uint8_t)name.n;
    memcpy(c->alpn, name.p, name.n < sizeof c->alpn ? name.n : sizeof c->alpn);
}

/* What stands in the ServerHello up to TLS 1.2 and in EncryptedExtensions after it. */
static void take_answers(struct wt_chosen *c, const struct wt_extensions *x, enum wt_ext_where where)
{
    union wt_ext_body e;
    take_protocol(c, x, where);
    if (body_of(x, WT_EXT_SERVER_CERTIFICATE_TYPE, where, &e))
        c->server_certificate_type = e.certificate_type.certificate_type;
    if (body_of(x, WT_EXT_CLIENT_CERTIFICATE_TYPE, where, &e))
        c->client_certificate_type = e.certificate_type.certificate_type;
    if (body_of(x, WT_EXT_MAX_FRAGMENT_LENGTH, where, &e))
        c->max_fragment_length = e.max_fragment_length.max_fragment_length;
    if (body_of(x, WT_EXT_RECORD_SIZE_LIMIT, where, &e))
        c->record_size_limit = e.record_size_limit.record_size_limit;
    if (body_of(x, WT_EXT_HEARTBEAT, where, &e))
        c->heartbeat = e.heartbeat.mode;
}

static void take_13(struct wt_agreed *a, const struct wt_extensions *x)
{
    struct wt_chosen *c = &a->chosen;
    union wt_ext_body e;
    c->has_share = body_of(x, WT_EXT_KEY_SHARE, WT_IN_SH, &e) || body_of(x, WT_EXT_KEY_SHARE_OLD, WT_IN_SH, &e);
    if (c->has_share)
        c->group = e.key_share.group;
    c->has_psk = body_of(x, WT_EXT_PRE_SHARED_KEY, WT_IN_SH, &e);
    if (c->has_psk) {
        c->psk = e.pre_shared_key.selected_identity;
        /* an identity that was made elsewhere resumes nothing; of a ClientHello that was not seen nobody knows */
        const bool external = c->psk < WT_LIMIT_OFFERED_PSKS && a->offered.external_psks >> c->psk & 1;
        c->resumption = c->psk < a->offered.psks && !external ? WT_RESUMPTION_PSK : WT_RESUMPTION_NONE;
    } else if (wt_agreed_offers(a, WT_EXT_EARLY_DATA, NULL) == WT_IS) {
        /* RFC 8446, 4.2.10: "In order to accept early data, the server MUST have accepted a PSK cipher suite". */
        c->early_data = WT_EARLY_REJECTED;
    }
}

/* RFC 7627, 5.2; RFC 7366, 3; RFC 6066, 7 and 8; RFC 5077, 3.2; RFC 5746, 3.4. */
static void take_12(struct wt_agreed *a, const struct wt_extensions *x)
{
    struct wt_chosen *c = &a->chosen;
    c->extended_master = wt_extensions_has(x, WT_EXT_EXTENDED_MASTER_SECRET);
    c->encrypt_then_mac = wt_extensions_has(x, WT_EXT_ENCRYPT_THEN_MAC);
    c->truncated_hmac = wt_extensions_has(x, WT_EXT_TRUNCATED_HMAC);
    c->secure_renegotiation = wt_extensions_has(x, WT_EXT_RENEGOTIATION_INFO);
    c->ticket_promised = wt_extensions_has(x, WT_EXT_SESSION_TICKET);
    c->status_promised = wt_extensions_has(x, WT_EXT_STATUS_REQUEST) || wt_extensions_has(x, WT_EXT_STATUS_REQUEST_V2);
    c->supplemental_promised = wt_extensions_has(x, WT_EXT_CLIENT_AUTHZ) || wt_extensions_has(x, WT_EXT_SERVER_AUTHZ) ||
                               wt_extensions_has(x, WT_EXT_USER_MAPPING);
    c->next_protocol_promised = wt_extensions_has(x, WT_EXT_NEXT_PROTOCOL_NEGOTIATION);
    c->channel_id_promised = wt_extensions_has(x, WT_EXT_CHANNEL_ID) || wt_extensions_has(x, WT_EXT_CHANNEL_ID_OLD);
    take_answers(c, x, WT_IN_SH12);
}

void wt_agreed_server_hello(struct wt_agreed *a, const struct wt_server_hello *hello, bool whole)
{
    struct wt_chosen *c = &a->chosen;
    if (wt_server_hello_is_retry(hello)) {
        wt_agreed_retry(a, hello);
        return;
    }
    const struct wt_suite *suite = wt_suite_find(hello->cipher_suite);
    /* one that ends before it has chosen nothing, and TLS_NULL_WITH_NULL_NULL least of all */
    *c = (struct wt_chosen){.seen = true,
                            .whole = whole,
                            .version = wt_agreed_version_of(hello),
                            .suite = hello->cipher_suite,
                            .has_suite = whole || hello->cipher_suite,
                            .kx = suite ? suite->kx : WT_KX_NULL,
                            .auth = suite ? suite->auth : WT_AUTH_NONE,
                            .compression = hello->compression_method,
                            .early_data = c->early_data,
                            .has_random = hello->random.n == 32};
    c->tls13 = wt_version_is_tls13(c->version);
    /* drafts before 16 said 0x0304 themselves, in a form without legacy_session_id_echo */
    c->draft = c->tls13 && ((c->version != WT_TLS13 && c->version != WT_DTLS13) || !hello->has_session_id);
    if (c->has_random)
        memcpy(c->random, hello->random.p, 32);
    c->session_id_length = (uint8_t)(hello->session_id.n <= sizeof c->session_id ? hello->session_id.n : 0);
    if (c->session_id_length)
        memcpy(c->session_id, hello->session_id.p, c->session_id_length);
    if (c->tls13)
        take_13(a, &hello->extensions);
    else
        take_12(a, &hello->extensions);
}

void wt_agreed_encrypted_extensions(struct wt_agreed *a, const struct wt_encrypted_extensions *in)
{
    struct wt_chosen *c = &a->chosen;
    c->answered = true;
    take_answers(c, &in->extensions, WT_IN_EE);
    /* draft-vvv-tls-alps-01, 4: the client answers with an EncryptedExtensions of its own */
    c->settings_promised = wt_extensions_has(&in->extensions, WT_EXT_APPLICATION_SETTINGS) ||
                           wt_extensions_has(&in->extensions, WT_EXT_APPLICATION_SETTINGS_OLD);
    if (wt_extensions_has(&in->extensions, WT_EXT_EARLY_DATA))
        c->early_data = WT_EARLY_ACCEPTED;
    else if (wt_agreed_offers(a, WT_EXT_EARLY_DATA, NULL) == WT_IS)
        c->early_data = WT_EARLY_REJECTED;
}

/* --- later messages -------------------------------------------------------------------------------------------------
 */

/* RFC 7919, appendix A: the primes of ffdhe2048 to ffdhe8192 begin with the digits of e, in lengths of their own, so
 * that a ServerKeyExchange that spells one out names its group. */
uint16_t wt_agreed_ffdhe(struct wt_span p)
{
    static const uint8_t e[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xad, 0xf8, 0x54, 0x58, 0xa2, 0xbb, 0x4a, 0x9a};
    if (p.n < sizeof e || memcmp(p.p, e, sizeof e) != 0)
        return 0;
    switch (p.n) {
    case 256:
        return WT_GROUP_FFDHE2048;
    case 384:
        return WT_GROUP_FFDHE3072;
    case 512:
        return WT_GROUP_FFDHE4096;
    case 768:
        return WT_GROUP_FFDHE6144;
    case 1024:
        return WT_GROUP_FFDHE8192;
    default:
        return 0;
    }
}

void wt_agreed_server_key_exchange(struct wt_agreed *a, const struct wt_server_key_exchange *in)
{
    if (in->curve_type == 3) /* named_curve: RFC 8422, 5.4 */
        a->chosen.group = in->named_curve;
    else if (in->dh_p.n)
        a->chosen.group = wt_agreed_ffdhe(in->dh_p);
    if (in->has_scheme)
        a->chosen.scheme = in->signature_scheme;
}

void wt_agreed_certificate_verify(struct wt_agreed *a, unsigned side, const struct wt_certificate_verify *in)
{
    if (in->has_scheme)
        *(side == WT_CLIENT ? &a->chosen.client_scheme : &a->chosen.scheme) = in->signature_scheme;
}

void wt_agreed_finished(struct wt_agreed *a, unsigned side, struct wt_span verify_data)
{
    if (side > 1)
        return;
    a->finished[side] = true;
    a->verify_data_length[side] = (uint8_t)(verify_data.n <= sizeof a->verify_data[side] ? verify_data.n : 0);
    if (a->verify_data_length[side])
        memcpy(a->verify_data[side], verify_data.p, verify_data.n);
}

/* RFC 5077, 3.4: "If a ticket is presented by the client, the server MUST NOT attempt to use the Session ID in the
 * ClientHello for stateful session resumption". Of a ClientHello that was not seen only an empty Session ID in the
 * answer tells that it had a ticket. */
void wt_agreed_resumed(struct wt_agreed *a)
{
    const bool ticket = a->offered.seen ? a->offered.ticket : !a->chosen.session_id_length;
    a->chosen.resumption = ticket            ? WT_RESUMPTION_TICKET
                           : a->offered.seen ? WT_RESUMPTION_SESSION_ID
                                             : WT_RESUMPTION_NONE;
}
