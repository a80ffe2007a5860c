#include "crypto/private_key.h"

#include "base/memory.h"
#include "crypto/scheme_key.h"
#include "registry/limits.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct wt_private_key {
    EVP_PKEY *pkey;
    enum wt_scheme_key kind;
};

/* What was met on the way to a key, to say why there is none. */
struct search {
    OSSL_LIB_CTX *context;
    enum wt_private_key_use use;
    const char *password;
    EVP_PKEY *found;
    bool encrypted;    /* something wanted a password */
    bool other, large; /* a private key, but not of the kind; of the kind, but too long */
};

static bool has_private_half(EVP_PKEY *pkey, enum wt_scheme_key kind)
{
    BIGNUM *d = NULL;
    size_t n = 0;
    const bool rsa = kind == WT_KEY_RSA || kind == WT_KEY_RSA_PSS;
    const bool number = EVP_PKEY_get_bn_param(pkey, rsa ? OSSL_PKEY_PARAM_RSA_D : OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1;
    BN_clear_free(d);
    return number || (!rsa && EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, NULL, 0, &n) == 1);
}

static bool serves(enum wt_private_key_use use, enum wt_scheme_key kind)
{
    switch (use) {
    case WT_KEY_DECRYPTS:
        return kind == WT_KEY_RSA;
    case WT_KEY_DECRYPTS_SM2:
        return kind == WT_KEY_SM2;
    default:
        return kind != WT_KEY_OTHER;
    }
}

/* Takes the EVP_PKEY over. */
static void consider(struct search *s, EVP_PKEY *pkey)
{
    if (!pkey)
        return;
    const enum wt_scheme_key kind = wt_scheme_key_of(pkey);
    const bool rsa = kind == WT_KEY_RSA || kind == WT_KEY_RSA_PSS;
    if (!serves(s->use, kind))
        s->other = true;
    else if (rsa && EVP_PKEY_get_size(pkey) > WT_PRIVATE_RSA_MOST)
        s->large = true;
    else if (!s->found && has_private_half(pkey, kind)) {
        s->found = pkey;
        return;
    }
    EVP_PKEY_free(pkey);
}

static int give_password(char *room, size_t size, size_t *n, const OSSL_PARAM params[], void *context)
{
    struct search *s = context;
    (void)params;
    s->encrypted = true;
    if (!s->password || strlen(s->password) > size)
        return 0;
    *n = strlen(s->password);
    memcpy(room, s->password, *n);
    return 1;
}

/* PKCS #1, SEC 1 and PKCS #8, PEM or DER. A PEM file may hold certificates before its key. */
static void search_plain(struct search *s, struct wt_span file)
{
    EVP_PKEY *pkey = NULL;
    BIO *in = BIO_new_mem_buf(file.p, (int)file.n);
    OSSL_DECODER_CTX *c =
        OSSL_DECODER_CTX_new_for_pkey(&pkey, NULL, NULL, NULL, OSSL_KEYMGMT_SELECT_KEYPAIR, s->context, NULL);
    if (in && c && OSSL_DECODER_CTX_set_passphrase_cb(c, give_password, s) == 1) {
        for (int64_t before = -1, at = 0; !s->found && at > before && !BIO_eof(in); before = at, at = BIO_tell(in)) {
            pkey = NULL;
            if (OSSL_DECODER_from_bio(c, in) == 1)
                consider(s, pkey);
        }
    }
    OSSL_DECODER_CTX_free(c);
    BIO_free(in);
}

/* --- keys that GmSSL encrypts: PBES2 (RFC 8018, 6.2) with SM4-CBC and PBKDF2 with HMAC-SM3, which libcrypto 3.0 does
 * not know as a PRF -------------------------------------------------------------------------------------------------
 */

enum { SM4_KEY = 16, SM4_IV = 16, GM_ROUNDS_MOST = 10000000 };

static bool is_oid(const ASN1_OBJECT *object, const char *dotted)
{
    char text[64];
    return object && OBJ_obj2txt(text, sizeof text, object, 1) > 0 && strcmp(text, dotted) == 0;
}

static void *unpacked(const X509_ALGOR *a, const ASN1_ITEM *item)
{
    const ASN1_OBJECT *object = NULL;
    const void *value = NULL;
    int type = V_ASN1_UNDEF;
    X509_ALGOR_get0(&object, &type, &value, a);
    return type == V_ASN1_SEQUENCE ? ASN1_item_unpack(value, item) : NULL;
}

static bool gm_key(const struct search *s, const PBKDF2PARAM *how, uint8_t key[SM4_KEY])
{
    static const char hmac_sm3[] = "1.2.156.10197.1.401.2";
    const ASN1_OBJECT *prf = NULL;
    if (how->prf)
        X509_ALGOR_get0(&prf, NULL, NULL, how->prf);
    const int64_t rounds = ASN1_INTEGER_get(how->iter);
    if (!is_oid(prf, hmac_sm3) || !how->salt || how->salt->type != V_ASN1_OCTET_STRING || rounds < 1 ||
        rounds > GM_ROUNDS_MOST)
        return false;
    const ASN1_OCTET_STRING *salt = how->salt->value.octet_string;
    EVP_MD *sm3 = EVP_MD_fetch(s->context, "SM3", NULL);
    const bool made = sm3 && PKCS5_PBKDF2_HMAC(s->password, (int)strlen(s->password), ASN1_STRING_get0_data(salt),
                                               ASN1_STRING_length(salt), (int)rounds, sm3, SM4_KEY, key) == 1;
    EVP_MD_free(sm3);
    return made;
}

/* What is in it, of *n bytes, to be wiped and freed; NULL: it does not open. */
static uint8_t *gm_open(const struct search *s, const PBE2PARAM *how, const ASN1_OCTET_STRING *sealed, int *n)
{
    const ASN1_OBJECT *derivation = NULL, *cipher = NULL;
    const void *iv = NULL;
    int type = V_ASN1_UNDEF, rest = 0;
    uint8_t key[SM4_KEY];
    X509_ALGOR_get0(&derivation, NULL, NULL, how->keyfunc);
    X509_ALGOR_get0(&cipher, &type, &iv, how->encryption);
    if (OBJ_obj2nid(derivation) != NID_id_pbkdf2 || OBJ_obj2nid(cipher) != NID_sm4_cbc || type != V_ASN1_OCTET_STRING ||
        ASN1_STRING_length(iv) != SM4_IV)
        return NULL;
    PBKDF2PARAM *derived = unpacked(how->keyfunc, ASN1_ITEM_rptr(PBKDF2PARAM));
    uint8_t *out = wt_malloc((size_t)ASN1_STRING_length(sealed) + SM4_IV);
    EVP_CIPHER *sm4 = EVP_CIPHER_fetch(s->context, "SM4-CBC", NULL);
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    const bool opened = derived && out && sm4 && c && gm_key(s, derived, key) &&
                        EVP_DecryptInit_ex2(c, sm4, key, ASN1_STRING_get0_data(iv), NULL) == 1 &&
                        EVP_DecryptUpdate(c, out, n, ASN1_STRING_get0_data(sealed), ASN1_STRING_length(sealed)) == 1 &&
                        EVP_DecryptFinal_ex(c, out + *n, &rest) == 1;
    *n += rest;
    wt_wipe(key, sizeof key);
    EVP_CIPHER_CTX_free(c);
    EVP_CIPHER_free(sm4);
    PBKDF2PARAM_free(derived);
    if (opened)
        return out;
    free(out);
    return NULL;
}

static void search_gm(struct search *s, struct wt_span file)
{
    BIO *in = BIO_new_mem_buf(file.p, (int)file.n);
    const unsigned char *p = file.p;
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OCTET_STRING *sealed = NULL;
    X509_SIG *whole = s->password && in ? PEM_read_bio_PKCS8(in, NULL, NULL, NULL) : NULL;
    if (!whole && s->password)
        whole = d2i_X509_SIG(NULL, &p, (long)file.n);
    if (whole)
        X509_SIG_get0(whole, &algorithm, &sealed);
    PBE2PARAM *how = algorithm ? unpacked(algorithm, ASN1_ITEM_rptr(PBE2PARAM)) : NULL;
    int n = 0;
    uint8_t *text = how ? gm_open(s, how, sealed, &n) : NULL;
    p = text;
    PKCS8_PRIV_KEY_INFO *info = text ? d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, n) : NULL;
    if (info)
        consider(s, EVP_PKCS82PKEY_ex(info, s->context, NULL));
    PKCS8_PRIV_KEY_INFO_free(info);
    if (text)
        wt_wipe(text, (size_t)n);
    free(text);
    PBE2PARAM_free(how);
    X509_SIG_free(whole);
    BIO_free(in);
}

/* --- PKCS #12 ----------------------------------------------------------------------------------------------------- */

enum { NESTED_MOST = 8 }; /* levels of bags within bags; writers use one */

/* PKCS12_parse() stops at the first key, and up to OpenSSL 3.0 looks for ciphers in another library context. */
static void search_bags(struct search *s, const STACK_OF(PKCS12_SAFEBAG) * bags, const char *password, int length,
                        unsigned depth)
{
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags) && !s->found; i++) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        PKCS8_PRIV_KEY_INFO *opened = NULL;
        switch (PKCS12_SAFEBAG_get_nid(bag)) {
        case NID_keyBag:
            consider(s, EVP_PKCS82PKEY_ex(PKCS12_SAFEBAG_get0_p8inf(bag), s->context, NULL));
            break;
        case NID_pkcs8ShroudedKeyBag:
            opened = PKCS12_decrypt_skey_ex(bag, password, length, s->context, NULL);
            if (opened)
                consider(s, EVP_PKCS82PKEY_ex(opened, s->context, NULL));
            else
                s->encrypted = true;
            PKCS8_PRIV_KEY_INFO_free(opened);
            break;
        case NID_safeContentsBag:
            if (depth < NESTED_MOST)
                search_bags(s, PKCS12_SAFEBAG_get0_safes(bag), password, length, depth + 1);
            break;
        default:
            break;
        }
    }
}

static void search_safes(struct search *s, PKCS12 *file, const char *password, int length)
{
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(file);
    for (int i = 0; i < sk_PKCS7_num(safes) && !s->found; i++) {
        PKCS7 *safe = sk_PKCS7_value(safes, i);
        STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
        if (PKCS7_type_is_data(safe))
            bags = PKCS12_unpack_p7data(safe);
        else if (PKCS7_type_is_encrypted(safe))
            bags = PKCS12_unpack_p7encdata(safe, password, length);
        search_bags(s, bags, password, length, 0);
        sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
}

static void search_pkcs12(struct search *s, struct wt_span file)
{
    const unsigned char *p = file.p;
    PKCS12 *whole = PKCS12_init_ex(NID_pkcs7_data, s->context, NULL);
    if (whole && d2i_PKCS12(&whole, &p, (long)file.n)) {
        /* Without a password some writers take the empty one, with its two zeros, and some none at all. */
        const char *tries[2] = {s->password && *s->password ? s->password : "", NULL};
        size_t count = s->password && *s->password ? 1 : 2;
        bool fits = false;
        for (size_t i = 0; i < count && !fits; i++) {
            int length = tries[i] ? (int)strlen(tries[i]) : 0;
            fits = !PKCS12_mac_present(whole) || PKCS12_verify_mac(whole, tries[i], length) == 1;
            if (fits)
                search_safes(s, whole, tries[i], length);
        }
        s->encrypted = s->encrypted || !fits;
    }
    PKCS12_free(whole);
}

static enum wt_problem_id reason(const struct search *s)
{
    if (s->large)
        return WT_PROBLEM_RSA_LARGE;
    if (s->other)
        return s->use == WT_KEY_DECRYPTS       ? WT_PROBLEM_RSA_KIND
               : s->use == WT_KEY_DECRYPTS_SM2 ? WT_PROBLEM_SM2_KIND
                                               : WT_PROBLEM_KEY_KIND;
    if (s->encrypted)
        return s->password ? WT_PROBLEM_RSA_PASSWORD : WT_PROBLEM_RSA_ENCRYPTED;
    return WT_PROBLEM_RSA_NONE;
}

struct wt_private_key *wt_private_key_load(struct wt_crypto *crypto, struct wt_span file, const char *password,
                                           enum wt_private_key_use use, enum wt_problem_id *why)
{
    struct search s = {.context = wt_crypto_context(crypto), .use = use, .password = password};
    struct wt_private_key *key = NULL;
    if (file.n == 0 || file.n > WT_LIMIT_KEY_FILE) {
        *why = file.n ? WT_PROBLEM_RSA_FILE : WT_PROBLEM_RSA_EMPTY;
        return NULL;
    }
    /* Keys that old tools encrypted are under RC2 or DES; without the provider they will not open and that is said. */
    (void)wt_crypto_legacy(crypto);
    search_plain(&s, file);
    if (!s.found)
        search_gm(&s, file);
    if (!s.found)
        search_pkcs12(&s, file);
    ERR_clear_error();
    if (!s.found) {
        *why = reason(&s);
        return NULL;
    }
    key = wt_calloc(1, sizeof *key);
    if (!key) {
        *why = WT_PROBLEM_MEMORY;
        EVP_PKEY_free(s.found);
        return NULL;
    }
    key->pkey = s.found;
    key->kind = wt_scheme_key_of(s.found);
    return key;
}

void wt_private_key_free(struct wt_private_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

bool wt_private_key_fits(const struct wt_private_key *key, const struct wt_public_key *public_key)
{
    bool same =
        wt_public_key_kind(public_key) == key->kind && EVP_PKEY_eq(key->pkey, wt_public_key_evp(public_key)) == 1;
    ERR_clear_error();
    return same;
}

enum wt_scheme_key wt_private_key_kind(const struct wt_private_key *key)
{
    return key->kind;
}

EVP_PKEY *wt_private_key_evp(const struct wt_private_key *key)
{
    return key->pkey;
}
