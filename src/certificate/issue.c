/* An authority and a certificate of it, made for trying things out: thin on libcrypto. */
#include "wiretale/issue.h"

#include "base/memory.h"
#include "crypto/library.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <ctype.h>

enum { DAY = 86400, HOUR = 3600, AUTHORITY_DAYS = 3650, HOST_DAYS = 397, HOST_MOST = 253, COMMON_NAME_MOST = 64 };

/* RFC 1123, 2.1: letters, digits and hyphens, in labels of 63 at most (RFC 1035, 2.3.4); RFC 9525, 6.3: a wildcard is
 * the whole first label. */
static bool is_name(const char *host)
{
    const char *p = !strncmp(host, "*.", 2) ? host + 2 : host;
    size_t label = 0;
    if (strlen(host) > HOST_MOST)
        return false;
    for (; *p; p++) {
        if (*p == '.' ? !label : !isalnum((unsigned char)*p) && *p != '-' && *p != '_')
            return false;
        label = *p == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return label > 0;
}

static bool is_address(const char *host)
{
    uint8_t bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

static bool add(X509 *x, X509 *issuer, int id, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, id, value);
    const bool ok = e && X509_add_ext(x, e, -1) == 1;
    X509_EXTENSION_free(e);
    return ok;
}

static bool add_name(X509_NAME *name, const char *common)
{
    return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common, -1, -1, 0) ==
           1;
}

/* RFC 5280, 4.1.2.2: positive, and at most 20 octets: of 16 random ones no two meet. */
static bool set_serial(X509 *x, OSSL_LIB_CTX *lib)
{
    unsigned char bytes[16];
    if (RAND_bytes_ex(lib, bytes, sizeof bytes, 0) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40);
    BIGNUM *n = BN_bin2bn(bytes, sizeof bytes, NULL);
    const bool ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
    BN_free(n);
    return ok;
}

/* A certificate without its extensions; issuer NULL: its own. */
static X509 *begin(struct wt_crypto *crypto, EVP_PKEY *key, const char *common, X509 *issuer, int64_t now, int days)
{
    OSSL_LIB_CTX *lib = wt_crypto_context(crypto);
    X509 *x = X509_new_ex(lib, NULL);
    const bool ok = x && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x, lib) &&
                    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)(now - HOUR)) &&
                    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(now + (int64_t)days * DAY)) &&
                    X509_set_pubkey(x, key) == 1 && add_name(X509_get_subject_name(x), common) &&
                    X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x)) == 1;
    if (ok)
        return x;
    X509_free(x);
    return NULL;
}

static X509 *make_authority(struct wt_crypto *crypto, EVP_PKEY *key, int64_t now)
{
    X509 *x = begin(crypto, key, "wiretale test authority", NULL, now, AUTHORITY_DAYS);
    if (x && add(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") && add(x, x, NID_subject_key_identifier, "hash") &&
        X509_sign(x, key, EVP_sha256()) > 0)
        return x;
    X509_free(x);
    return NULL;
}

static X509 *make_leaf(struct wt_crypto *crypto, const char *host, EVP_PKEY *key, X509 *authority, EVP_PKEY *signer,
                       int64_t now)
{
    char names[HOST_MOST + 8];
    const bool address = is_address(host);
    const char *common = strlen(host) <= COMMON_NAME_MOST ? host : "wiretale test";
    (void)snprintf(names, sizeof names, "%s:%s", address ? "IP" : "DNS", host);
    X509 *x = begin(crypto, key, common, authority, now, HOST_DAYS);
    if (x && add(x, authority, NID_basic_constraints, "critical,CA:FALSE") &&
        add(x, authority, NID_key_usage, "critical,digitalSignature") &&
        add(x, authority, NID_ext_key_usage, "serverAuth,clientAuth") &&
        add(x, authority, NID_subject_alt_name, names) && add(x, authority, NID_subject_key_identifier, "hash") &&
        add(x, authority, NID_authority_key_identifier, "keyid:always") && X509_sign(x, signer, EVP_sha256()) > 0)
        return x;
    X509_free(x);
    return NULL;
}

/* --- PEM ---------------------------------------------------------------------------------------------------------- */

/* What was written to the BIO, which goes. */
static char *text_of(BIO *bio, bool ok)
{
    char *p = NULL;
    const long n = ok ? BIO_get_mem_data(bio, &p) : 0;
    char *text = n > 0 ? wt_malloc((size_t)n + 1) : NULL; /* what is in a BIO ends without a NUL */
    if (text) {
        memcpy(text, p, (size_t)n);
        text[n] = '\0';
    }
    if (p && n > 0)
        wt_wipe(p, (size_t)n);
    BIO_free(bio);
    return text;
}

static char *certificate_text(X509 *x)
{
    BIO *bio = BIO_new(BIO_s_mem());
    return text_of(bio, bio && PEM_write_bio_X509(bio, x) == 1);
}

static char *key_text(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    return text_of(bio, bio && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
}

static bool make(struct wt_crypto *crypto, const char *host, int64_t now, struct wt_issued *out)
{
    OSSL_LIB_CTX *lib = wt_crypto_context(crypto);
    EVP_PKEY *signer = EVP_PKEY_Q_keygen(lib, NULL, "EC", "P-256"), *key = EVP_PKEY_Q_keygen(lib, NULL, "EC", "P-256");
    X509 *authority = signer && key ? make_authority(crypto, signer, now) : NULL;
    X509 *leaf = authority ? make_leaf(crypto, host, key, authority, signer, now) : NULL;
    if (leaf)
        *out = (struct wt_issued){certificate_text(authority), key_text(signer), certificate_text(leaf), key_text(key)};
    X509_free(leaf);
    X509_free(authority);
    EVP_PKEY_free(key);
    EVP_PKEY_free(signer);
    return out->authority && out->authority_key && out->chain && out->key;
}

bool wt_issue(const char *host, int64_t now, struct wt_issued *out, enum wt_problem_id *why)
{
    *out = (struct wt_issued){0};
    *why = WT_PROBLEM_TRUST_HOST;
    if (!is_name(host) && !is_address(host))
        return false;
    *why = WT_PROBLEM_MEMORY;
    ERR_set_mark();
    struct wt_crypto *crypto = wt_crypto_new();
    const bool ok = crypto && make(crypto, host, now, out);
    wt_crypto_free(crypto);
    ERR_pop_to_mark();
    if (!ok)
        wt_issued_free(out);
    return ok;
}

static void wipe(char *text)
{
    if (text)
        wt_wipe(text, strlen(text));
    free(text);
}

void wt_issued_free(struct wt_issued *issued)
{
    free(issued->authority);
    wipe(issued->authority_key);
    free(issued->chain);
    wipe(issued->key);
    *issued = (struct wt_issued){0};
}
