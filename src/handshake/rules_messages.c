/* What comes after the hellos. */
#include "base/span_hash.h"
#include "handshake/rules_check.h"

/* --- EncryptedExtensions ------------------------------------------------------------------------------------------ */

static void encrypted_extensions(const struct wt_rules_case *k, const struct wt_encrypted_extensions *in)
{
    const struct wt_chosen *c = &k->agreed->chosen;
    struct wt_span body;
    /* draft-vvv-tls-alps-01, 4: the client's answers the server's application_settings, in a message of this type */
    if (k->side != WT_SERVER)
        return;
    wt_rules_extensions(k, &in->extensions, WT_IN_EE);
    wt_rules_answers(k, &in->extensions, WT_IN_EE);
    if (c->seen && c->whole && wt_extensions_find(&in->extensions, WT_EXT_EARLY_DATA, &body) &&
        (!c->has_psk || c->psk != 0))
        wt_rules_broken(k, WT_RULE_EARLY_DATA_PSK, body.p - 4, WT_EXT_EARLY_DATA, 0);
}

/* --- ServerKeyExchange -------------------------------------------------------------------------------------------- */

/* Whether a scheme's kind of key is the suite's: RFC 5246, 7.4.3. True where that is not known. */
static bool fits_key(uint8_t auth, const struct wt_scheme *scheme)
{
    switch (auth) {
    case WT_AUTH_RSA:
        return scheme->key == WT_KEY_RSA || scheme->key == WT_KEY_RSA_PSS || scheme->key == WT_KEY_OTHER;
    case WT_AUTH_DSS:
        return scheme->key == WT_KEY_DSA;
    case WT_AUTH_ECDSA: /* RFC 8422, 5.10: EdDSA's certificates are for these suites too */
        return scheme->key != WT_KEY_RSA && scheme->key != WT_KEY_RSA_PSS && scheme->key != WT_KEY_DSA;
    default:
        return true;
    }
}

static void server_key_exchange(const struct wt_rules_case *k, const struct wt_server_key_exchange *in)
{
    const struct wt_agreed *a = k->agreed;
    const struct wt_scheme *scheme = in->has_scheme ? wt_scheme_find(in->signature_scheme) : NULL;
    const uint8_t *at = in->params.n ? in->params.p + in->params.n : NULL;
    if (in->curve_type == 3) { /* named_curve: RFC 8422, 5.4 */
        const uint8_t *curve = in->ec_point.n ? in->ec_point.p - 3 : NULL;
        if (wt_is_grease(in->named_curve) || a->sets[WT_SET_GROUPS].present)
            wt_rules_listed(k, WT_RULE_KEY_EXCHANGE_GROUP, WT_SET_GROUPS, curve, in->named_curve);
    }
    if (!in->has_scheme)
        return;
    if (a->sets[WT_SET_SCHEMES].present && wt_agreed_has(a, WT_SET_SCHEMES, in->signature_scheme) == WT_IS_NOT)
        wt_rules_broken(k, WT_RULE_KEY_EXCHANGE_SCHEME, at, in->signature_scheme, 0);
    else if (scheme && a->chosen.has_suite && !fits_key(a->chosen.auth, scheme))
        wt_rules_broken(k, WT_RULE_KEY_EXCHANGE_SCHEME_KEY, at, in->signature_scheme, 0);
}

/* --- CertificateVerify -------------------------------------------------------------------------------------------- */

/* RFC 8446, 4.4.3, has an exception for the server's: "unless no valid certificate chain can be produced without
 * unsupported algorithms". It is about chains; a signature here that the client does not know it cannot verify. */
static void verify_13(const struct wt_rules_case *k, const struct wt_certificate_verify *in)
{
    const struct wt_agreed *a = k->agreed;
    const bool client = k->side == WT_CLIENT;
    const enum wt_offer_set set = client ? WT_SET_REQUEST_SCHEMES : WT_SET_SCHEMES;
    const struct wt_scheme *scheme = wt_scheme_find(in->signature_scheme);
    if (scheme && (scheme->hash == WT_HASH_SHA1 || scheme->hash == WT_HASH_MD5))
        wt_rules_broken(k, WT_RULE_VERIFY_SHA1, k->body.p, in->signature_scheme, 0);
    else if (scheme && scheme->key == WT_KEY_RSA && !scheme->pss)
        wt_rules_broken(k, WT_RULE_VERIFY_PKCS1, k->body.p, in->signature_scheme, 0);
    else if (a->sets[set].present)
        wt_rules_listed(k, client ? WT_RULE_VERIFY_SCHEME_CLIENT : WT_RULE_VERIFY_SCHEME, set, k->body.p,
                        in->signature_scheme);
}

static void certificate_verify(const struct wt_rules_case *k, const struct wt_certificate_verify *in)
{
    const uint16_t version = k->agreed->chosen.version;
    if (!in->has_scheme || !k->agreed->chosen.seen)
        return;
    if (wt_rules_chose_13(k->agreed))
        verify_13(k, in);
    else if (wt_rules_is_12(version) && k->side == WT_CLIENT && k->agreed->sets[WT_SET_REQUEST_SCHEMES].present)
        wt_rules_listed(k, WT_RULE_VERIFY_SCHEME_CLIENT_12, WT_SET_REQUEST_SCHEMES, k->body.p, in->signature_scheme);
}

/* --- Certificate -------------------------------------------------------------------------------------------------- */

static void entries(const struct wt_rules_case *k, const struct wt_certificate *in)
{
    const struct wt_chosen *c = &k->agreed->chosen;
    const uint8_t type = k->side == WT_SERVER ? c->server_certificate_type : c->client_certificate_type;
    enum { RAW_PUBLIC_KEY = 2 }; /* RFC 7250, 3 */
    struct wt_span rest = in->list;
    struct wt_certificate_entry entry;
    unsigned count = 0;
    while (wt_certificate_next(in, &rest, &entry)) {
        const struct wt_extensions extensions = {.block = entry.extensions, .present = true};
        if (++count == 2 && c->answered && type == RAW_PUBLIC_KEY)
            wt_rules_broken(k, WT_RULE_CERTIFICATE_RAW_KEYS, entry.data.p - 3, count, 1);
        if (entry.extensions.n)
            wt_rules_extensions(k, &extensions, WT_IN_CT);
    }
}

/* RFC 8446, 4.4.2; RFC 5246, 7.4.2: the server's list is never empty, which a decoder cannot know. */
static void certificate(const struct wt_rules_case *k, const struct wt_certificate *in)
{
    const struct wt_agreed *a = k->agreed;
    if (k->side == WT_SERVER && !in->list.n)
        wt_rules_broken(k, WT_RULE_CERTIFICATE_EMPTY, k->body.p + (in->tls13 ? 1 + in->request_context.n : 0), 0, 0);
    if (!in->tls13 || !wt_rules_chose_13(a))
        return;
    bool context = k->side == WT_SERVER ? !in->request_context.n
                                        : !a->requested.seen || wt_agreed_request_is_unsure(a) ||
                                              (in->request_context.n == a->requested.context_length &&
                                               (uint32_t)wt_span_hash(in->request_context) == a->requested.context);
    if (!context)
        wt_rules_broken(k, WT_RULE_CERTIFICATE_CONTEXT, k->body.p, 0, 0);
    entries(k, in);
}

static void compressed_certificate(const struct wt_rules_case *k, const struct wt_compressed_certificate *in)
{
    const enum wt_offer_set set = k->side == WT_SERVER ? WT_SET_CERTIFICATE_COMPRESSION : WT_SET_REQUEST_COMPRESSION;
    wt_rules_listed(k, WT_RULE_COMPRESSION_ALGORITHM, set, k->body.p, in->algorithm);
}

/* --- CertificateRequest, NewSessionTicket
 * ----------------------------------------------------------------------------- */

/* RFC 8446, 4.3.2 and 4.6.2: before the server's Finished it belongs to the handshake, behind it to what comes after.
 */
static void certificate_request(const struct wt_rules_case *k, const struct wt_certificate_request *in)
{
    const struct wt_agreed *a = k->agreed;
    struct wt_span body;
    if (!wt_rules_chose_13(a))
        return;
    wt_rules_extensions(k, &in->extensions, WT_IN_CR);
    if (!wt_extensions_find(&in->extensions, WT_EXT_SIGNATURE_ALGORITHMS, &body))
        wt_rules_broken(k, WT_RULE_REQUEST_SCHEMES_MISSING, NULL, WT_EXT_SIGNATURE_ALGORITHMS, 0);
    if (!a->finished[WT_SERVER]) {
        if (in->request_context.n && a->chosen.answered)
            wt_rules_broken(k, WT_RULE_REQUEST_CONTEXT, k->body.p, in->request_context.n, 0);
    } else if (wt_agreed_offers(a, WT_EXT_POST_HANDSHAKE_AUTH, NULL) == WT_IS_NOT) {
        wt_rules_broken(k, WT_RULE_REQUEST_UNASKED, k->body.p, 0, 0);
    }
}

static void new_session_ticket(const struct wt_rules_case *k, const struct wt_new_session_ticket *in)
{
    enum { SEVEN_DAYS = 604800 };
    if (!in->tls13 || !wt_rules_chose_13(k->agreed))
        return;
    if (in->lifetime > SEVEN_DAYS)
        wt_rules_broken(k, WT_RULE_TICKET_LIFETIME, k->body.p, in->lifetime, SEVEN_DAYS);
    wt_rules_extensions(k, &in->extensions, WT_IN_NST);
}

void wt_rules_later(const struct wt_rules_case *k, const struct wt_message_body *m)
{
    switch (m->type) {
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        if (wt_rules_chose_13(k->agreed))
            encrypted_extensions(k, &m->encrypted_extensions);
        break;
    case WT_HANDSHAKE_SERVER_KEY_EXCHANGE:
        server_key_exchange(k, &m->server_key_exchange);
        break;
    case WT_HANDSHAKE_CERTIFICATE_VERIFY:
        certificate_verify(k, &m->certificate_verify);
        break;
    case WT_HANDSHAKE_CERTIFICATE:
        certificate(k, &m->certificate);
        break;
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
        compressed_certificate(k, &m->compressed_certificate);
        break;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        certificate_request(k, &m->certificate_request);
        break;
    case WT_HANDSHAKE_NEW_SESSION_TICKET:
        new_session_ticket(k, &m->new_session_ticket);
        break;
    default:
        break;
    }
}
