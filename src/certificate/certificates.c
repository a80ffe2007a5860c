#include "certificate/certificates.h"

#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"
#include "registry/limits.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

struct known {
    struct wt_certificate_facts facts;
    const uint8_t *der;        /* facts.length bytes */
    struct wt_public_key *key; /* made when it is first asked for */
    uint32_t held;             /* signatures by this key that were verified */
    bool asked;
};

struct slot {
    uint64_t hash;
    struct known *known; /* NULL: free */
};

struct authority {
    const struct wt_certificate_facts *facts;
    unsigned long subject; /* hash of its name */
};

struct wt_certificates {
    struct wt_crypto *crypto;
    struct wt_arena arena;
    struct slot *slots; /* 2^n, at most three quarters in use */
    size_t slot_count, count;
    uint64_t key[4];
    uint64_t refused;
    BIO *bio;              /* names are printed into it */
    struct wt_buffer text; /* and made printable in this one */
    struct authority *authorities;
    size_t authority_count, authority_room;
};

enum { SLOTS_FIRST = 64 };

struct wt_certificates *wt_certificates_new(struct wt_crypto *crypto)
{
    struct wt_certificates *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->crypto = crypto;
    c->slot_count = SLOTS_FIRST;
    c->slots = calloc(c->slot_count, sizeof *c->slots);
    c->bio = BIO_new(BIO_s_mem());
    c->arena.limit = WT_LIMIT_CERTIFICATES_BYTES;
    /* A key that is not random weakens protection against crafted collisions, not correctness. */
    if (getrandom(c->key, sizeof c->key, GRND_NONBLOCK) != (ssize_t)sizeof c->key)
        c->key[0] = (uint64_t)(uintptr_t)c ^ (uint64_t)time(NULL);
    c->key[2] |= 1;
    c->key[3] |= 1;
    if (!c->slots || !c->bio) {
        wt_certificates_free(c);
        return NULL;
    }
    return c;
}

void wt_certificates_free(struct wt_certificates *c)
{
    if (!c)
        return;
    for (size_t i = 0; c->slots && i < c->slot_count; i++)
        if (c->slots[i].known)
            wt_public_key_free(c->slots[i].known->key);
    BIO_free(c->bio);
    wt_buffer_free(&c->text);
    wt_arena_free(&c->arena);
    free(c->slots);
    free(c->authorities);
    free(c);
}

uint64_t wt_certificates_refused(const struct wt_certificates *c)
{
    return c->refused;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 wide;

static uint64_t fold(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* A few bytes per cycle: most certificates are repeats, and memcmp() decides in the end. Keyed, so that a peer
 * cannot make its certificates fall into one slot. */
static uint64_t hash_of(const struct wt_certificates *c, struct wt_span der)
{
    const uint64_t *key = c->key;
    uint64_t h = key[0] ^ der.n;
    const uint8_t *p = der.p;
    size_t n = der.n;
    for (; n >= 16; n -= 16, p += 16)
        h = fold(load(p) ^ key[2] ^ h, load(p + 8) ^ key[3]);
    uint8_t last[16] = {0};
    if (n)
        memcpy(last, p, n);
    h = fold(load(last) ^ key[2] ^ h, load(last + 8) ^ key[3]);
    return fold(h ^ key[1], key[3]);
}

static struct slot *find(struct slot *slots, size_t count, uint64_t hash, struct wt_span der)
{
    size_t i = (size_t)hash & (count - 1);
    for (;; i = (i + 1) & (count - 1)) {
        struct slot *s = &slots[i];
        if (!s->known || (s->hash == hash && wt_span_equal(wt_span_of(s->known->der, s->known->facts.length), der)))
            return s;
    }
}

static bool grow(struct wt_certificates *c)
{
    size_t count = c->slot_count * 2;
    struct slot *slots = calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < c->slot_count; i++) {
        if (!c->slots[i].known)
            continue;
        size_t at = (size_t)c->slots[i].hash & (count - 1);
        while (slots[at].known)
            at = (at + 1) & (count - 1);
        slots[at] = c->slots[i];
    }
    free(c->slots);
    c->slots = slots;
    c->slot_count = count;
    return true;
}

/* --- text --------------------------------------------------------------------------------------------------------- */

/* Length of the UTF-8 sequence of one printable character; 0 for anything else: broken sequences, controls, and what
 * reorders or hides the text around it (so that a name cannot look like another one). */
static size_t printable(const uint8_t *p, size_t n)
{
    if (p[0] < 0x80)
        return p[0] >= 0x20 && p[0] != 0x7f;
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n < length)
        return 0;
    uint32_t u = p[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        u = u << 6 | (p[i] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (u < least[length] || u > 0x10ffff || (u >= 0xd800 && u <= 0xdfff))
        return 0;
    bool hidden = u < 0xa0 || u == 0xad || u == 0x61c || u == 0x180e || (u >= 0x200b && u <= 0x200f) ||
                  (u >= 0x2028 && u <= 0x202e) || (u >= 0x2060 && u <= 0x206f) || u == 0xfeff ||
                  (u >= 0xfff9 && u <= 0xfffb) || (u & 0xfffe) == 0xfffe || (u >= 0xe0000 && u <= 0xe0fff);
    return hidden ? 0 : length;
}

/* Adds text with unprintable bytes as RFC 4514's \XX. A backslash is escaped unless the text is escaped already. */
static void add_printable(struct wt_buffer *b, struct wt_span s, bool escaped)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t i = 0, plain = 0;
    while (i < s.n) {
        size_t n = printable(s.p + i, s.n - i);
        if (n && (escaped || s.p[i] != '\\')) {
            i += n;
            continue;
        }
        wt_buffer_add(b, s.p + plain, i - plain);
        char out[3] = {'\\', digits[s.p[i] >> 4], digits[s.p[i] & 15]};
        if (s.p[i] == '\\')
            wt_buffer_add(b, "\\\\", 2);
        else
            wt_buffer_add(b, out, 3);
        plain = ++i;
    }
    wt_buffer_add(b, s.p + plain, s.n - plain);
}

static const char *keep(struct wt_certificates *c, struct wt_span s)
{
    return (const char *)wt_arena_copy(&c->arena, s).p;
}

static const char *keep_text(struct wt_certificates *c)
{
    return keep(c, wt_buffer_span(&c->text));
}

static const char *keep_string(struct wt_certificates *c, const ASN1_STRING *s)
{
    int n = ASN1_STRING_length(s);
    c->text.n = 0;
    if (n > 0)
        add_printable(&c->text, wt_span_of(ASN1_STRING_get0_data(s), (size_t)n), false);
    return keep_text(c);
}

/* --- facts -------------------------------------------------------------------------------------------------------- */

static const char *name(struct wt_certificates *c, const X509_NAME *n)
{
    /* RFC 4514 requires UTF-8; RFC 2253's flags would turn all but ASCII into \XX. */
    unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    char *p = NULL;
    (void)BIO_reset(c->bio);
    c->text.n = 0;
    if (X509_NAME_print_ex(c->bio, n, 0, flags) >= 0) {
        long length = BIO_get_mem_data(c->bio, &p);
        if (length > 0)
            add_printable(&c->text, wt_span_of(p, (size_t)length), true);
    } else if ((p = X509_NAME_oneline(n, NULL, 0))) {
        /* A value that does not match the character set that it claims: OpenSSL's old form, which escapes bytes. */
        add_printable(&c->text, wt_span_text(p), true);
        OPENSSL_free(p);
    }
    return keep_text(c);
}

/* The last one, as libcrypto itself takes it: RDNs go from the most significant to the most specific. */
static const char *common_name(struct wt_certificates *c, const X509_NAME *n)
{
    int at = -1;
    for (int i = -1; (i = X509_NAME_get_index_by_NID(n, NID_commonName, i)) >= 0;)
        at = i;
    if (at < 0)
        return NULL;
    const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(n, at));
    uint8_t *utf8 = NULL;
    int length = ASN1_STRING_to_UTF8(&utf8, value);
    if (length < 0)
        return keep_string(c, value);
    c->text.n = 0;
    add_printable(&c->text, wt_span_of(utf8, (size_t)length), false);
    OPENSSL_free(utf8);
    return keep_text(c);
}

/* The number's bytes without padding. RFC 5280, 4.1.2.2: "Note: Non-conforming CAs may issue certificates with
 * serial numbers that are negative or zero." A negative one is given in two's complement, as in the certificate. */
static const char *serial(struct wt_certificates *c, const ASN1_INTEGER *number)
{
    struct wt_span s = wt_span_of(ASN1_STRING_get0_data(number), (size_t)ASN1_STRING_length(number));
    while (s.n > 1 && s.p[0] == 0)
        s = wt_span_cut(s, 1, SIZE_MAX);
    c->text.n = 0;
    if (s.n == 0)
        wt_buffer_add_text(&c->text, "00");
    if (ASN1_STRING_type(number) != V_ASN1_NEG_INTEGER) {
        wt_buffer_add_hex(&c->text, s);
        return keep_text(c);
    }
    size_t last = s.n; /* last byte that is not zero: all before it are inverted, all after it stay */
    while (last > 0 && s.p[last - 1] == 0)
        last--;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t byte = i + 1 < last ? (uint8_t)~s.p[i] : (uint8_t)-s.p[i];
        if (i == 0 && !(byte & 0x80))
            wt_buffer_add_text(&c->text, "ff");
        wt_buffer_add_hex(&c->text, wt_span_of(&byte, 1));
    }
    return keep_text(c);
}

static int64_t seconds(const ASN1_TIME *t)
{
    struct tm tm;
    return t && ASN1_TIME_to_tm(t, &tm) ? (int64_t)timegm(&tm) : 0;
}

/* Algorithms that libcrypto may be too old to know. */
static const struct {
    const char *oid, *name;
} algorithms[] = {
    {"2.16.840.1.101.3.4.3.17", "ML-DSA-44"}, /* RFC 9881 */
    {"2.16.840.1.101.3.4.3.18", "ML-DSA-65"},          {"2.16.840.1.101.3.4.3.19", "ML-DSA-87"},
    {"2.16.840.1.101.3.4.3.20", "SLH-DSA-SHA2-128s"}, /* RFC 9909 */
    {"2.16.840.1.101.3.4.3.21", "SLH-DSA-SHA2-128f"},  {"2.16.840.1.101.3.4.3.22", "SLH-DSA-SHA2-192s"},
    {"2.16.840.1.101.3.4.3.23", "SLH-DSA-SHA2-192f"},  {"2.16.840.1.101.3.4.3.24", "SLH-DSA-SHA2-256s"},
    {"2.16.840.1.101.3.4.3.25", "SLH-DSA-SHA2-256f"},  {"2.16.840.1.101.3.4.3.26", "SLH-DSA-SHAKE-128s"},
    {"2.16.840.1.101.3.4.3.27", "SLH-DSA-SHAKE-128f"}, {"2.16.840.1.101.3.4.3.28", "SLH-DSA-SHAKE-192s"},
    {"2.16.840.1.101.3.4.3.29", "SLH-DSA-SHAKE-192f"}, {"2.16.840.1.101.3.4.3.30", "SLH-DSA-SHAKE-256s"},
    {"2.16.840.1.101.3.4.3.31", "SLH-DSA-SHAKE-256f"},
};

static const char *oid_name(struct wt_certificates *c, const ASN1_OBJECT *object)
{
    char dotted[128];
    int nid = OBJ_obj2nid(object), n = 0;
    if (nid != NID_undef)
        return OBJ_nid2ln(nid);
    /* Truncated if too long: no registered OID comes near. */
    n = OBJ_obj2txt(dotted, sizeof dotted, object, 1);
    if (n <= 0)
        dotted[0] = '\0';
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if (strcmp(algorithms[i].oid, dotted) == 0)
            return algorithms[i].name;
    return keep(c, wt_span_text(dotted));
}

/* The names that the standards of TLS use; libcrypto keeps X9.62's for two of them. */
static const char *curve_name(struct wt_certificates *c, const ASN1_OBJECT *object)
{
    switch (OBJ_obj2nid(object)) {
    case NID_X9_62_prime192v1:
        return "secp192r1";
    case NID_X9_62_prime256v1:
        return "secp256r1";
    case NID_sm2:
        return "curveSM2";
    case NID_undef:
        return oid_name(c, object);
    default:
        return OBJ_nid2sn(OBJ_obj2nid(object));
    }
}

static const char *key_type(struct wt_certificates *c, const ASN1_OBJECT *object)
{
    switch (OBJ_obj2nid(object)) {
    case NID_rsaEncryption:
        return "RSA";
    case NID_rsassaPss:
        return "RSA-PSS";
    case NID_X9_62_id_ecPublicKey:
        return "EC";
    case NID_dsa:
    case NID_dsa_2:
        return "DSA";
    case NID_dhKeyAgreement:
    case NID_dhpublicnumber:
        return "DH";
    case NID_ED25519:
        return "Ed25519";
    case NID_ED448:
        return "Ed448";
    default:
        return oid_name(c, object);
    }
}

static void key(struct wt_certificates *c, const X509 *x, struct wt_certificate_facts *f)
{
    ASN1_OBJECT *algorithm = NULL;
    X509_ALGOR *parameters = NULL;
    if (!X509_PUBKEY_get0_param(&algorithm, NULL, NULL, &parameters, X509_get_X509_PUBKEY(x)))
        return;
    f->key_type = key_type(c, algorithm);
    /* NULL if libcrypto lacks the algorithm or the key is malformed. */
    EVP_PKEY *pkey = X509_get0_pubkey(x);
    int bits = pkey ? EVP_PKEY_get_bits(pkey) : 0;
    f->key_bits = bits > 0 ? bits : 0;
    if (OBJ_obj2nid(algorithm) == NID_X9_62_id_ecPublicKey) {
        int type = V_ASN1_UNDEF;
        const void *value = NULL;
        X509_ALGOR_get0(NULL, &type, &value, parameters);
        if (type == V_ASN1_OBJECT)
            f->key_curve = curve_name(c, value);
    }
}

static const char *address(struct wt_certificates *c, const ASN1_STRING *s)
{
    char out[INET6_ADDRSTRLEN];
    int n = ASN1_STRING_length(s);
    const uint8_t *p = ASN1_STRING_get0_data(s);
    if ((n == 4 || n == 16) && inet_ntop(n == 4 ? AF_INET : AF_INET6, p, out, sizeof out))
        return keep(c, wt_span_text(out));
    /* RFC 5280, 4.2.1.6: "the octet string MUST contain exactly four octets" or "exactly sixteen octets". */
    c->text.n = 0;
    wt_buffer_add_hex(&c->text, wt_span_of(p, n > 0 ? (size_t)n : 0));
    return keep_text(c);
}

static void *extension(const X509 *x, int nid)
{
    int at = X509_get_ext_by_NID(x, nid, -1);
    return at < 0 ? NULL : X509V3_EXT_d2i(X509_get_ext(x, at));
}

static void names(struct wt_certificates *c, const X509 *x, struct wt_certificate_facts *f)
{
    GENERAL_NAMES *all = extension(x, NID_subject_alt_name);
    int n = all ? sk_GENERAL_NAME_num(all) : 0;
    const char **san = n > 0 ? wt_arena_alloc(&c->arena, (size_t)n * sizeof *san) : NULL;
    for (int i = 0; san && i < n && !c->arena.refused; i++) {
        int type = 0;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, i), &type);
        if (type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI)
            san[f->san_count++] = keep_string(c, value);
        else if (type == GEN_IPADD)
            san[f->san_count++] = address(c, value);
    }
    f->san = san;
    GENERAL_NAMES_free(all);
}

static void tell(struct wt_certificates *c, const X509 *x, struct wt_certificate_facts *f)
{
    const X509_NAME *subject = X509_get_subject_name(x), *issuer = X509_get_issuer_name(x);
    const X509_ALGOR *signature = NULL;
    const ASN1_OBJECT *algorithm = NULL;
    f->parsed = true;
    f->subject = name(c, subject);
    /* RFC 5280, 3.2: "Self-issued certificates are CA certificates in which the issuer and subject are the same
     * entity." Set for any certificate whose names match by that RFC's rules of comparison. */
    f->self_issued = X509_NAME_cmp(subject, issuer) == 0;
    f->issuer = name(c, issuer);
    f->common_name = common_name(c, subject);
    f->serial = serial(c, X509_get0_serialNumber(x));
    f->not_before = seconds(X509_get0_notBefore(x));
    f->not_after = seconds(X509_get0_notAfter(x));
    names(c, x, f);
    key(c, x, f);
    X509_get0_signature(NULL, &signature, x);
    X509_ALGOR_get0(&algorithm, NULL, NULL, signature);
    f->signature_algorithm = oid_name(c, algorithm);
    /* Not X509_check_ca(), which works through every extension. */
    BASIC_CONSTRAINTS *basic = extension(x, NID_basic_constraints);
    f->is_ca = basic && basic->ca;
    BASIC_CONSTRAINTS_free(basic);
}

static void note_authority(struct wt_certificates *c, const X509 *x, const struct wt_certificate_facts *f)
{
    if (c->authority_count >= WT_LIMIT_CHAIN_POOL ||
        !wt_array_grow(&c->authorities, c->authority_count, &c->authority_room, sizeof *c->authorities, 1))
        return;
    c->authorities[c->authority_count++] = (struct authority){f, X509_subject_name_hash((X509 *)(uintptr_t)x)};
}

static void parse(struct wt_certificates *c, struct wt_span der, struct wt_certificate_facts *f)
{
    uint8_t digest[WT_DIGEST_MOST];
    if (wt_digest(c->crypto, WT_HASH_SHA256, der, digest) == sizeof f->sha256)
        memcpy(f->sha256, digest, sizeof f->sha256);
    if (wt_digest(c->crypto, WT_HASH_SHA1, der, digest) == sizeof f->sha1)
        memcpy(f->sha1, digest, sizeof f->sha1);
    const uint8_t *p = der.p;
    ERR_set_mark(); /* the program's own errors stay, ours are removed */
    X509 *x = d2i_X509(NULL, &p, (long)der.n);
    if (x && p == der.p + der.n) {
        tell(c, x, f);
        if (f->is_ca)
            note_authority(c, x, f);
    }
    X509_free(x);
    ERR_pop_to_mark();
}

const struct wt_certificate_facts *wt_certificates_intern(struct wt_certificates *c, struct wt_span der)
{
    uint64_t hash = hash_of(c, der);
    struct slot *slot = find(c->slots, c->slot_count, hash, der);
    if (slot->known)
        return &slot->known->facts;
    if (c->count >= c->slot_count / 4 * 3) {
        if (!grow(c)) {
            c->refused++;
            return NULL;
        }
        slot = find(c->slots, c->slot_count, hash, der);
    }
    c->arena.refused = c->text.failed = false;
    struct known *known = der.n <= INT32_MAX ? wt_arena_alloc(&c->arena, sizeof *known) : NULL;
    known = known && (known->der = wt_arena_copy(&c->arena, der).p) ? known : NULL;
    if (known) {
        known->facts.length = (uint32_t)der.n;
        parse(c, der, &known->facts);
    }
    if (!known || c->arena.refused || c->text.failed) {
        c->refused++;
        return NULL;
    }
    *slot = (struct slot){hash, known};
    c->count++;
    return &known->facts;
}

struct wt_span wt_certificates_der(const struct wt_certificate_facts *facts)
{
    const struct known *known = (const struct known *)facts;
    return wt_span_of(known->der, facts->length);
}

const struct wt_certificate_facts *wt_certificates_authority(const struct wt_certificates *c, size_t at,
                                                             unsigned long *hash)
{
    if (at >= c->authority_count)
        return NULL;
    *hash = c->authorities[at].subject;
    return c->authorities[at].facts;
}

struct wt_public_key *wt_certificates_key(struct wt_certificates *c, const struct wt_certificate_facts *facts,
                                          uint32_t **held)
{
    /* facts are the first member of a known certificate, and are only handed out from there */
    struct known *known = (struct known *)(uintptr_t)facts;
    if (!known->asked) {
        known->asked = true;
        known->key = wt_public_key_of_certificate(c->crypto, wt_span_of(known->der, facts->length));
    }
    *held = &known->held;
    return known->key;
}
