#include "endpoint/identity.h"

#include "base/memory.h"
#include "certificate/bundle.h"
#include "codec/ext/ext.h"
#include "crypto/scheme_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool add24(struct wt_buffer *b, struct wt_span bytes)
{
    const uint8_t length[3] = {(uint8_t)(bytes.n >> 16), (uint8_t)(bytes.n >> 8), (uint8_t)bytes.n};
    return wt_buffer_add(b, length, sizeof length) && wt_buffer_add(b, bytes.p, bytes.n);
}

static bool add_issuer(struct wt_identity *identity, const X509 *x)
{
    uint8_t *der = NULL;
    int n = i2d_X509_NAME(X509_get_issuer_name(x), &der);
    const uint8_t length[2] = {(uint8_t)(n >> 8), (uint8_t)n};
    bool ok = n > 0 && n <= UINT16_MAX && wt_buffer_add(&identity->issuers, length, sizeof length) &&
              wt_buffer_add(&identity->issuers, der, (size_t)n);
    OPENSSL_free(der);
    return ok;
}

/* One more certificate of the chain; the first is the identity's own. */
static bool add(struct wt_identity *identity, X509 *x)
{
    uint8_t *der = NULL;
    int n = i2d_X509(x, &der);
    bool ok = n > 0 && add24(&identity->chain, wt_span_of(der, (size_t)n));
    OPENSSL_free(der);
    ok = ok && add_issuer(identity, x);
    if (!identity->leaf) {
        identity->leaf = x;
        return ok;
    }
    X509_free(x);
    return ok;
}

static bool read_pem(struct wt_identity *identity, struct wt_span file)
{
    BIO *bio = file.n <= WT_LIMIT_IDENTITY ? BIO_new_mem_buf(file.p, (int)file.n) : NULL;
    bool ok = bio;
    while (ok) {
        X509 *x = X509_new_ex(wt_crypto_context(identity->crypto), NULL);
        if (!x || !PEM_read_bio_X509(bio, &x, NULL, NULL)) {
            X509_free(x);
            break;
        }
        ok = add(identity, x);
    }
    BIO_free(bio);
    return ok && identity->leaf;
}

static bool read_chain(struct wt_identity *identity, struct wt_span file)
{
    ERR_set_mark();
    bool ok = read_pem(identity, file);
    if (!ok && !identity->leaf) {
        struct wt_span rest = file;
        X509 *x = wt_x509_read(identity->crypto, &rest);
        ok = x && !rest.n && add(identity, x);
        if (!ok && x && !identity->leaf)
            X509_free(x);
    }
    ERR_pop_to_mark();
    return ok;
}

/* --- the lists of TLS 1.3 ----------------------------------------------------------------------------------------- */

static bool add16(struct wt_buffer *b, size_t n)
{
    const uint8_t bytes[2] = {(uint8_t)(n >> 8), (uint8_t)n};
    return wt_buffer_add(b, bytes, sizeof bytes);
}

/* RFC 8446, 4.4.2.1: "In TLS 1.3, the server's OCSP information is carried in an extension in the CertificateEntry
 * containing the associated certificate." */
static bool add_staple(struct wt_buffer *list, struct wt_span staple)
{
    static const uint8_t ocsp = 1;
    return add16(list, WT_EXT_STATUS_REQUEST) && add16(list, 1 + 3 + staple.n) && wt_buffer_add(list, &ocsp, 1) &&
           add24(list, staple);
}

static bool add_timestamps(struct wt_buffer *list, struct wt_span timestamps)
{
    return add16(list, WT_EXT_SIGNED_CERTIFICATE_TIMESTAMP) && add16(list, timestamps.n) &&
           wt_buffer_add(list, timestamps.p, timestamps.n);
}

/* The identity's own certificate with its extensions, the others without. */
static bool make_list(struct wt_identity *identity, struct wt_buffer *list, unsigned with)
{
    const struct wt_certificate certificate = {.list = wt_buffer_span(&identity->chain)};
    const struct wt_span none = {0};
    struct wt_span rest = certificate.list;
    struct wt_certificate_entry entry;
    bool ok = true;
    list->n = 0;
    for (size_t i = 0; ok && wt_certificate_next(&certificate, &rest, &entry); i++) {
        const unsigned its = i ? 0 : with;
        const struct wt_span staple = its & WT_WITH_STAPLE ? wt_buffer_span(&identity->staple) : none;
        const struct wt_span timestamps = its & WT_WITH_TIMESTAMPS ? wt_buffer_span(&identity->timestamps) : none;
        ok = add24(list, entry.data) &&
             add16(list, (staple.n ? 4 + 1 + 3 + staple.n : 0) + (timestamps.n ? 4 + timestamps.n : 0)) &&
             (!staple.n || add_staple(list, staple)) && (!timestamps.n || add_timestamps(list, timestamps));
    }
    return ok;
}

uint16_t wt_identity_algorithm(const struct wt_identity *identity, size_t i)
{
    static const uint16_t ours[WT_IDENTITY_DEFLATED - WT_LIMIT_IDENTITY_COMPRESSIONS] = {3, 1}; /* zstd, zlib */
    return i < WT_LIMIT_IDENTITY_COMPRESSIONS ? identity->by[i].algorithm : ours[i - WT_LIMIT_IDENTITY_COMPRESSIONS];
}

/* By the program: what it makes is kept as it is. */
static bool deflate_by(const struct wt_deflater *by, struct wt_span body, struct wt_buffer *out)
{
    enum { MORE = 1024 };
    out->n = 0;
    uint8_t *room = wt_buffer_room(out, body.n + MORE);
    const size_t n = room ? by->deflate(by->context, body, room, body.n + MORE) : 0;
    out->n = n <= body.n + MORE ? n : 0;
    return out->n;
}

/* By us: what does not get shorter is not kept. */
static bool deflate_here(uint16_t algorithm, struct wt_span body, struct wt_buffer *out)
{
    const bool ok = wt_compressed_certificate_deflate(algorithm, body, out) == WT_OK;
    if (out->n >= body.n)
        out->n = 0;
    return ok;
}

/* RFC 8879, 4: compressed is the Certificate message without its header. */
static bool deflate_list(const struct wt_identity *identity, struct wt_identity_list *of)
{
    static const uint8_t no_context[1] = {0};
    struct wt_buffer body = {0};
    bool ok = wt_buffer_add(&body, no_context, sizeof no_context) && add24(&body, wt_buffer_span(&of->list));
    const struct wt_span bytes = wt_buffer_span(&body);
    for (size_t i = 0; ok && i < identity->by_count; i++)
        ok = deflate_by(&identity->by[i], bytes, &of->deflated[i]);
    for (size_t i = WT_LIMIT_IDENTITY_COMPRESSIONS; ok && identity->compress && i < WT_IDENTITY_DEFLATED; i++)
        ok = deflate_here(wt_identity_algorithm(identity, i), bytes, &of->deflated[i]);
    wt_buffer_free(&body);
    return ok;
}

static bool make_lists(struct wt_identity *identity)
{
    for (unsigned i = 0; i < WT_IDENTITY_LISTS; i++)
        if (!make_list(identity, &identity->lists[i].list, i) ||
            ((identity->compress || identity->by_count) && !deflate_list(identity, &identity->lists[i])))
            return false;
    return true;
}

bool wt_identity_staple(struct wt_identity *identity, const void *response, size_t length)
{
    /* bytes: what the extensions of an entry have room for */
    enum { MOST = 0xffff - 8 - 4 - WT_LIMIT_OWN_TIMESTAMPS };
    identity->staple.n = 0;
    if (length > MOST || !wt_buffer_add(&identity->staple, response, response ? length : 0))
        return false;
    return make_lists(identity);
}

static bool is_timestamps(struct wt_span list)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, list, NULL);
    return list.n <= WT_LIMIT_OWN_TIMESTAMPS && wt_ext_sct_list_read(&r).n && wt_reader_close(&r, "sct_list");
}

bool wt_identity_timestamps(struct wt_identity *identity, const void *list, size_t length)
{
    identity->timestamps.n = 0;
    if (list && !is_timestamps(wt_span_of(list, length)))
        return false;
    return wt_buffer_add(&identity->timestamps, list, list ? length : 0) && make_lists(identity);
}

bool wt_identity_compress(struct wt_identity *identity)
{
    identity->compress = true;
    return make_lists(identity);
}

bool wt_identity_compress_by(struct wt_identity *identity, uint16_t algorithm, wt_deflate *deflate, void *context)
{
    if (!algorithm || identity->by_count == WT_LIMIT_IDENTITY_COMPRESSIONS)
        return false;
    identity->by[identity->by_count++] = (struct wt_deflater){algorithm, deflate, context};
    if (make_lists(identity))
        return true;
    identity->by[--identity->by_count] = (struct wt_deflater){0};
    for (unsigned i = 0; i < WT_IDENTITY_LISTS; i++)
        identity->lists[i].deflated[identity->by_count].n = 0;
    return false;
}

/* --- making ------------------------------------------------------------------------------------------------------- */

static bool read_key(struct wt_identity *identity, struct wt_span key, const char *password, enum wt_problem_id *why)
{
    if (!key.p) { /* elsewhere */
        identity->signing = wt_signing_new_elsewhere(identity->public_key, NULL);
        *why = identity->signing ? WT_PROBLEM_NONE : WT_PROBLEM_KEY_KIND;
        return identity->signing;
    }
    identity->key = wt_private_key_load(identity->crypto, key, password, WT_KEY_SIGNS, why);
    if (!identity->key)
        return false;
    *why = WT_PROBLEM_KEY_OTHER;
    if (!wt_private_key_fits(identity->key, identity->public_key))
        return false;
    identity->signing = wt_signing_new(identity->crypto, identity->key);
    *why = identity->signing ? WT_PROBLEM_NONE : WT_PROBLEM_KEY_KIND;
    return identity->signing;
}

struct wt_identity *wt_identity_new(const void *chain, size_t chain_length, const void *key, size_t key_length,
                                    const char *password, enum wt_problem_id *why)
{
    struct wt_identity *identity = wt_calloc(1, sizeof *identity);
    *why = WT_PROBLEM_MEMORY;
    if (!identity)
        return NULL;
    identity->crypto = wt_crypto_new();
    if (identity->crypto) {
        *why = WT_PROBLEM_TRUST_NONE;
        if (read_chain(identity, wt_span_of(chain, chain_length)) && make_lists(identity)) {
            *why = WT_PROBLEM_KEY_KIND;
            identity->public_key = wt_public_key_of_x509(identity->leaf);
            if (identity->public_key)
                identity->curve = wt_scheme_key_curve(wt_public_key_evp(identity->public_key));
            if (identity->public_key && read_key(identity, wt_span_of(key, key_length), password, why))
                return identity;
        }
    }
    wt_identity_free(identity);
    return NULL;
}

void wt_identity_free(struct wt_identity *identity)
{
    if (!identity)
        return;
    wt_signing_free(identity->signing);
    wt_private_key_free(identity->key);
    wt_public_key_free(identity->public_key);
    X509_free(identity->leaf);
    wt_buffer_free(&identity->chain);
    wt_buffer_free(&identity->issuers);
    for (unsigned i = 0; i < WT_IDENTITY_LISTS; i++) {
        wt_buffer_free(&identity->lists[i].list);
        for (size_t k = 0; k < WT_IDENTITY_DEFLATED; k++)
            wt_buffer_free(&identity->lists[i].deflated[k]);
    }
    wt_buffer_free(&identity->staple);
    wt_buffer_free(&identity->timestamps);
    wt_crypto_free(identity->crypto);
    free(identity);
}

/* --- choosing ----------------------------------------------------------------------------------------------------- */

bool wt_identity_is_of(const struct wt_identity *identity, struct wt_span authorities)
{
    struct wt_span issuers = wt_buffer_span(&identity->issuers), issuer, authority;
    while (wt_dn_next(&issuers, &issuer)) {
        struct wt_span rest = authorities;
        while (wt_dn_next(&rest, &authority))
            if (wt_span_equal(issuer, authority))
                return true;
    }
    return false;
}

bool wt_identity_is_for(const struct wt_identity *identity, const char *name)
{
    return X509_check_host(identity->leaf, name, strlen(name), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1 ||
           X509_check_ip_asc(identity->leaf, name, 0) == 1;
}

/* RFC 8446, 4.2.3: RSASSA-PKCS1-v1_5 and SHA-1 "refer solely to signatures which appear in certificates … and are not
 * defined for use in signed TLS handshake messages". */
static bool is_for_tls13(uint16_t id)
{
    const struct wt_scheme *scheme = wt_scheme_find(id);
    const bool old = scheme->hash == WT_HASH_MD5 || scheme->hash == WT_HASH_SHA1 || scheme->hash == WT_HASH_SHA224;
    return !old && scheme->key != WT_KEY_DSA && (scheme->key != WT_KEY_RSA || scheme->pss);
}

uint16_t wt_identity_scheme(const struct wt_identity *identity, struct wt_span preferred, bool tls13,
                            bool (*accepts)(const void *context, uint16_t scheme), const void *context)
{
    for (size_t i = 0; i < wt_codes_count(preferred); i++) {
        uint16_t scheme = wt_codes_at(preferred, i);
        if (tls13 && !is_for_tls13(scheme))
            continue;
        if (wt_signing_can(identity->signing, scheme, tls13) && accepts(context, scheme))
            return scheme;
    }
    return 0;
}

/* RFC 8422, 5.3: the certificates of ECDHE_ECDSA "MUST contain an ECDSA- or EdDSA-capable public key"; those of
 * ECDHE_RSA "an RSA public key". */
bool wt_identity_fits(const struct wt_identity *identity, enum wt_auth auth)
{
    switch (wt_public_key_kind(identity->public_key)) {
    case WT_KEY_RSA:
    case WT_KEY_RSA_PSS:
        return auth == WT_AUTH_RSA;
    case WT_KEY_EC:
    case WT_KEY_ED25519:
    case WT_KEY_ED448:
        return auth == WT_AUTH_ECDSA;
    default:
        return false;
    }
}
