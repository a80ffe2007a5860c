#include "certificate/certificates.h"

#include "base/arena.h"
#include "base/date.h"
#include "base/fold.h"
#include "base/memory.h"
#include "certificate/extensions.h"
#include "certificate/printed.h"
#include "registry/limits.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

struct known {
    struct wt_certificate_facts facts;
    const uint8_t *der; /* facts.length bytes */
    struct wt_certificates *table;
    struct known *older, *newer; /* of those that nobody keeps */
    struct wt_arena arena;       /* of all of it */
    uint64_t hash;
    struct wt_public_key *key; /* made when it is first asked for */
    struct wt_key_record record;
    uint32_t keepers;
    bool asked;
};

struct slot {
    uint64_t hash;
    struct known *known; /* NULL: free */
};

enum { RECENT = 64 }; /* places: where a certificate is looked for before all of its bytes are hashed */

struct wt_certificates {
    struct wt_crypto *crypto;
    struct wt_arena arena; /* of the certificate that is being read */
    struct slot *slots;    /* 2^n, at most three quarters in use */
    struct known *recent[RECENT];
    struct {
        uint8_t of[32]; /* its SHA-256 */
        X509 *x;
    } read[WT_LIMIT_PARSED];
    size_t slot_count, count;
    struct known *oldest, *newest; /* of those that nobody keeps, by use */
    size_t bytes;
    bool (*release)(void *context);
    void *context;
    uint64_t key[4];
    uint64_t refused;
    struct wt_printed printed; /* names in the making */
};

/* KEY_BYTES: what libcrypto takes for a public key, about; TEXT_BYTES: what the facts of the usual certificate are. */
enum { SLOTS_FIRST = 64, KEY_BYTES = 3072, TEXT_BYTES = 768 };

struct wt_certificates *wt_certificates_new(struct wt_crypto *crypto)
{
    struct wt_certificates *c = wt_calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->crypto = crypto;
    c->slot_count = SLOTS_FIRST;
    c->slots = wt_calloc(c->slot_count, sizeof *c->slots);
    wt_printed_start(&c->printed, &c->arena);
    /* A key that is not random weakens protection against crafted collisions, not correctness. */
    if (getrandom(c->key, sizeof c->key, GRND_NONBLOCK) != (ssize_t)sizeof c->key)
        c->key[0] = (uint64_t)(uintptr_t)c ^ (uint64_t)time(NULL);
    c->key[2] |= 1;
    c->key[3] |= 1;
    if (!c->slots || !c->printed.bio) {
        wt_certificates_free(c);
        return NULL;
    }
    return c;
}

static void forget(struct known *k)
{
    struct wt_arena arena = k->arena; /* it holds k, too */
    wt_public_key_free(k->key);
    wt_arena_free(&arena);
}

void wt_certificates_free(struct wt_certificates *c)
{
    if (!c)
        return;
    for (size_t i = 0; c->slots && i < c->slot_count; i++)
        if (c->slots[i].known)
            forget(c->slots[i].known);
    for (size_t i = 0; i < WT_LIMIT_PARSED; i++)
        X509_free(c->read[i].x);
    wt_printed_free(&c->printed);
    wt_arena_free(&c->arena);
    free(c->slots);
    free(c);
}

void wt_certificates_on_full(struct wt_certificates *c, bool (*release)(void *context), void *context)
{
    c->release = release;
    c->context = context;
}

size_t wt_certificates_bytes(const struct wt_certificates *c)
{
    return c->bytes;
}

uint64_t wt_certificates_refused(const struct wt_certificates *c)
{
    return c->refused;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

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
        h = wt_fold(load(p) ^ key[2] ^ h, load(p + 8) ^ key[3]);
    uint8_t last[16] = {0};
    if (n)
        memcpy(last, p, n);
    h = wt_fold(load(last) ^ key[2] ^ h, load(last + 8) ^ key[3]);
    return wt_fold(h ^ key[1], key[3]);
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

/* By the end of its signature, which is as good as random unless somebody made it so. */
static struct known **recent_of(struct wt_certificates *c, struct wt_span der)
{
    const uint64_t end = der.n >= 8 ? load(der.p + der.n - 8) : 0;
    return &c->recent[(end * 0x9e3779b97f4a7c15u) >> 58];
}
_Static_assert(RECENT == 1 << (64 - 58), "the bits that are left are its index");

static bool grow(struct wt_certificates *c)
{
    size_t count = c->slot_count * 2;
    struct slot *slots = wt_calloc(count, sizeof *slots);
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

/* --- what is remembered ------------------------------------------------------------------------------------------- */

static void take_out(struct wt_certificates *c, struct known *k)
{
    *(k->older ? &k->older->newer : &c->oldest) = k->newer;
    *(k->newer ? &k->newer->older : &c->newest) = k->older;
    k->older = k->newer = NULL;
}

static void put_last(struct wt_certificates *c, struct known *k)
{
    k->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = k;
    c->newest = k;
}

const struct wt_certificate_facts *wt_certificates_keep(const struct wt_certificate_facts *facts)
{
    struct known *k = (struct known *)(uintptr_t)facts;
    if (k->keepers++ == 0)
        take_out(k->table, k);
    return facts;
}

void wt_certificates_release(const struct wt_certificate_facts *facts)
{
    struct known *k = (struct known *)(uintptr_t)facts;
    if (--k->keepers == 0)
        put_last(k->table, k);
}

/* What comes behind the free place may have been put there because it was taken. */
static void clear_slot(struct wt_certificates *c, size_t at)
{
    const size_t mask = c->slot_count - 1;
    c->slots[at].known = NULL;
    for (size_t i = (at + 1) & mask; c->slots[i].known; i = (i + 1) & mask) {
        const size_t home = (size_t)c->slots[i].hash & mask;
        if (((i - home) & mask) < ((i - at) & mask))
            continue;
        c->slots[at] = c->slots[i];
        c->slots[i].known = NULL;
        at = i;
    }
}

static void evict(struct wt_certificates *c, struct known *k)
{
    const struct slot *slot = find(c->slots, c->slot_count, k->hash, wt_span_of(k->der, k->facts.length));
    struct known **recent = recent_of(c, wt_span_of(k->der, k->facts.length));
    clear_slot(c, (size_t)(slot - c->slots));
    if (*recent == k)
        *recent = NULL;
    take_out(c, k);
    c->count--;
    c->bytes -= k->arena.used + (k->key ? KEY_BYTES : 0);
    forget(k);
}

/* False: all that there is is kept, and too much. */
static bool make_room(struct wt_certificates *c, size_t bytes)
{
    while (c->bytes + bytes > WT_LIMIT_CERTIFICATES_BYTES && (c->oldest || (c->release && c->release(c->context))))
        if (c->oldest)
            evict(c, c->oldest);
    return c->bytes + bytes <= WT_LIMIT_CERTIFICATES_SHOWN;
}

/* --- facts -------------------------------------------------------------------------------------------------------- */

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
        return wt_printed_string(&c->printed, value);
    c->printed.text.n = 0;
    wt_printed_add(&c->printed, wt_span_of(utf8, (size_t)length), false);
    OPENSSL_free(utf8);
    return wt_printed_keep(&c->printed);
}

/* The number's bytes without padding. RFC 5280, 4.1.2.2: "Note: Non-conforming CAs may issue certificates with
 * serial numbers that are negative or zero." A negative one is given in two's complement, as in the certificate. */
static const char *serial(struct wt_certificates *c, const ASN1_INTEGER *number)
{
    struct wt_span s = wt_span_of(ASN1_STRING_get0_data(number), (size_t)ASN1_STRING_length(number));
    while (s.n > 1 && s.p[0] == 0)
        s = wt_span_cut(s, 1, SIZE_MAX);
    c->printed.text.n = 0;
    if (s.n == 0)
        wt_buffer_add_text(&c->printed.text, "00");
    if (ASN1_STRING_type(number) != V_ASN1_NEG_INTEGER) {
        wt_buffer_add_hex(&c->printed.text, s);
        return wt_printed_keep(&c->printed);
    }
    size_t last = s.n; /* last byte that is not zero: all before it are inverted, all after it stay */
    while (last > 0 && s.p[last - 1] == 0)
        last--;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t byte = i + 1 < last ? (uint8_t)~s.p[i] : (uint8_t)-s.p[i];
        if (i == 0 && !(byte & 0x80))
            wt_buffer_add_text(&c->printed.text, "ff");
        wt_buffer_add_hex(&c->printed.text, wt_span_of(&byte, 1));
    }
    return wt_printed_keep(&c->printed);
}

static int64_t seconds(const ASN1_TIME *t)
{
    struct tm tm;
    return t && ASN1_TIME_to_tm(t, &tm) ? wt_date_seconds(&tm) : 0;
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
    return wt_printed_copy(&c->printed, wt_span_text(dotted));
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

static void names(struct wt_certificates *c, const X509 *x, struct wt_certificate_facts *f)
{
    GENERAL_NAMES *all = wt_certificate_extension(x, NID_subject_alt_name);
    int n = all ? sk_GENERAL_NAME_num(all) : 0;
    const char **san = n > 0 ? wt_arena_alloc(&c->arena, (size_t)n * sizeof *san) : NULL;
    for (int i = 0; san && i < n && !c->arena.refused; i++) {
        int type = 0;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(all, i), &type);
        if (type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI)
            san[f->san_count++] = wt_printed_string(&c->printed, value);
        else if (type == GEN_IPADD)
            san[f->san_count++] = wt_printed_address(&c->printed, value);
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
    f->subject = wt_printed_name(&c->printed, subject);
    /* RFC 5280, 3.2: "Self-issued certificates are CA certificates in which the issuer and subject are the same
     * entity." Set for any certificate whose names match by that RFC's rules of comparison. */
    f->self_issued = X509_NAME_cmp(subject, issuer) == 0;
    f->issuer = wt_printed_name(&c->printed, issuer);
    f->common_name = common_name(c, subject);
    f->serial = serial(c, X509_get0_serialNumber(x));
    f->not_before = seconds(X509_get0_notBefore(x));
    f->not_after = seconds(X509_get0_notAfter(x));
    names(c, x, f);
    key(c, x, f);
    X509_get0_signature(NULL, &signature, x);
    X509_ALGOR_get0(&algorithm, NULL, NULL, signature);
    f->signature_algorithm = oid_name(c, algorithm);
    wt_certificate_extensions(&c->printed, x, f);
}

/* Reading one costs a hundred times what comparing names with it does, and what verifying a signature does: an
 * authority is in many chains, a certificate for *.example.org is asked for under a thousand names. */
static void keep_read(struct wt_certificates *c, const struct wt_certificate_facts *f, X509 *x)
{
    const size_t at = f->sha256[0] % WT_LIMIT_PARSED;
    X509_free(c->read[at].x);
    c->read[at].x = x;
    memcpy(c->read[at].of, f->sha256, sizeof f->sha256);
}

struct x509_st *wt_certificates_x509(struct wt_certificates *c, const struct wt_certificate_facts *facts)
{
    const size_t at = facts->sha256[0] % WT_LIMIT_PARSED;
    if (!facts->parsed)
        return NULL;
    if (!c->read[at].x || memcmp(c->read[at].of, facts->sha256, sizeof facts->sha256) != 0) {
        struct wt_span der = wt_certificates_der(facts);
        keep_read(c, facts, wt_x509_read(c->crypto, &der));
    }
    if (c->read[at].x)
        X509_up_ref(c->read[at].x);
    return c->read[at].x;
}

static void parse(struct wt_certificates *c, struct wt_span der, struct wt_certificate_facts *f)
{
    uint8_t digest[WT_DIGEST_MOST];
    if (wt_digest(c->crypto, WT_HASH_SHA256, der, digest) == sizeof f->sha256)
        memcpy(f->sha256, digest, sizeof f->sha256);
    if (wt_digest(c->crypto, WT_HASH_SHA1, der, digest) == sizeof f->sha1)
        memcpy(f->sha1, digest, sizeof f->sha1);
    ERR_set_mark(); /* the program's own errors stay, ours are removed */
    X509 *x = wt_x509_read(c->crypto, &der);
    if (x && !der.n)
        tell(c, x, f);
    ERR_pop_to_mark();
    if (f->parsed)
        keep_read(c, f, x);
    else
        X509_free(x);
}

/* NULL when there is no memory. */
static struct known *read_new(struct wt_certificates *c, struct wt_span der)
{
    const size_t facts = sizeof(struct known) + TEXT_BYTES, all = facts + der.n;
    c->arena =
        (struct wt_arena){.limit = WT_LIMIT_CERTIFICATES_BYTES, .first = (uint16_t)(all < UINT16_MAX ? all : facts)};
    c->printed.text.failed = false;
    struct known *known = der.n <= INT32_MAX ? wt_arena_alloc(&c->arena, sizeof *known) : NULL;
    known = known && (known->der = wt_arena_copy(&c->arena, der).p) ? known : NULL;
    if (known) {
        known->facts.length = (uint32_t)der.n;
        known->facts.der = wt_span_of(known->der, der.n);
        parse(c, der, &known->facts);
    }
    if (known && !c->arena.refused && !c->printed.text.failed) {
        known->table = c;
        known->arena = c->arena;
    } else {
        known = NULL;
        wt_arena_free(&c->arena);
    }
    c->arena = (struct wt_arena){0};
    return known;
}

/* As one that was used now. */
static const struct wt_certificate_facts *again(struct wt_certificates *c, struct known *known)
{
    if (!known->keepers && known != c->newest) {
        take_out(c, known);
        put_last(c, known);
    }
    return &known->facts;
}

const struct wt_certificate_facts *wt_certificates_intern(struct wt_certificates *c, struct wt_span der)
{
    struct known **recent = recent_of(c, der);
    if (*recent && wt_span_equal(wt_span_of((*recent)->der, (*recent)->facts.length), der))
        return again(c, *recent);
    uint64_t hash = hash_of(c, der);
    struct known *known = find(c->slots, c->slot_count, hash, der)->known;
    if (known) {
        *recent = known;
        return again(c, known);
    }
    known = c->count < c->slot_count / 4 * 3 || grow(c) ? read_new(c, der) : NULL;
    if (known && !make_room(c, known->arena.used)) {
        forget(known);
        known = NULL;
    }
    if (!known) {
        c->refused++;
        return NULL;
    }
    known->hash = hash;
    *find(c->slots, c->slot_count, hash, der) = (struct slot){hash, known};
    put_last(c, known);
    c->bytes += known->arena.used;
    c->count++;
    *recent = known;
    return &known->facts;
}

struct wt_span wt_certificates_der(const struct wt_certificate_facts *facts)
{
    const struct known *known = (const struct known *)facts;
    return wt_span_of(known->der, facts->length);
}

struct wt_public_key *wt_certificates_key(struct wt_certificates *c, const struct wt_certificate_facts *facts)
{
    /* facts are the first member of a known certificate, and are only handed out from there */
    struct known *known = (struct known *)(uintptr_t)facts;
    if (!known->asked) {
        known->asked = true;
        X509 *x = wt_certificates_x509(c, facts);
        known->key = x ? wt_public_key_of_x509(x)
                       : wt_public_key_of_certificate(c->crypto, wt_span_of(known->der, facts->length));
        X509_free(x);
        c->bytes += known->key ? KEY_BYTES : 0;
    }
    return known->key;
}

struct wt_key_record *wt_certificates_record(const struct wt_certificate_facts *facts)
{
    return &((struct known *)(uintptr_t)facts)->record;
}
