/* A file of many roots as an X509_LOOKUP of libcrypto. Reading all of them costs more than verifying the chains of
 * most captures: only each name is read, and the rest when a chain asks for it. */
#include "certificate/bundle.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "registry/limits.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

/* Of a name: what it has in common with every name that RFC 5280, 7.1, calls equal. */
struct wt_name_key {
    uint32_t sum;
    bool known; /* false: it may equal any */
};

struct wt_bundled {
    struct wt_name_key subject;
    struct wt_span der;
    X509 *read; /* of a name that may equal any: it is compared with every one that is looked for */
    bool taken; /* already in the store */
};

struct wt_bundle {
    struct wt_judge *judge;
    struct wt_buffer file; /* certificates are decoded where their text was */
    struct wt_bundled *entries;
    size_t n, room;
};

/* RFC 5280, 7.1: names are compared without regard to case and to the amount of white space, whatever their strings are
 * encoded as, and the attributes of one RDN have no order. So letters count alike, white space not at all, and each
 * byte wherever it is; a string that another encoding would write with other bytes makes a name that may equal any. */
static void add_string(struct wt_name_key *g, int tag, struct wt_span s)
{
    g->known = g->known && tag != V_ASN1_BMPSTRING && tag != V_ASN1_UNIVERSALSTRING && tag != V_ASN1_T61STRING;
    for (size_t i = 0; i < s.n; i++) {
        uint32_t c = s.p[i];
        if (c == ' ' || (c >= '\t' && c <= '\r'))
            continue;
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        g->known = g->known && (c < 0x80 || tag == V_ASN1_UTF8STRING || tag == V_ASN1_OBJECT);
        g->sum += c * c * c;
    }
}

/* False when it is not DER. */
static bool read_key(struct wt_name_key *g, const uint8_t *p, const uint8_t *end)
{
    const int constructed = 0x20, indefinite = 0x01, failed = 0x80;
    *g = (struct wt_name_key){.known = true};
    while (p < end) { /* what is in a constructed value comes next */
        long length = 0;
        int tag = 0, class = 0, form = ASN1_get_object(&p, &length, &tag, &class, (long)(end - p));
        if (form & (failed | indefinite) || length > end - p)
            return false;
        if (form & constructed)
            continue;
        add_string(g, tag, wt_span_of(p, (size_t)length));
        p += length;
    }
    return true;
}

/* What precedes a certificate's subject in its TBSCertificate (RFC 5280, 4.1): version, serialNumber, signature,
 * issuer, validity. */
static bool read_subject(struct wt_span der, struct wt_name_key *g)
{
    const uint8_t *p = der.p, *end = der.p + der.n;
    long length = 0;
    int tag = 0, class = 0;
    for (int depth = 0; depth < 2; depth++)
        if (ASN1_get_object(&p, &length, &tag, &class, (long)(end - p)) & 0x80 || tag != V_ASN1_SEQUENCE)
            return false;
    for (int field = 0; field < 4;) {
        if (ASN1_get_object(&p, &length, &tag, &class, (long)(end - p)) & 0x80 || length > end - p)
            return false;
        field += class == V_ASN1_UNIVERSAL; /* version alone is tagged, and may be left out */
        p += length;
    }
    if (ASN1_get_object(&p, &length, &tag, &class, (long)(end - p)) & 0x80 || tag != V_ASN1_SEQUENCE ||
        length > end - p)
        return false;
    return read_key(g, p, p + length);
}

static bool may_equal(const struct wt_name_key *a, const struct wt_name_key *b)
{
    return !a->known || !b->known || a->sum == b->sum;
}

static void add(struct wt_bundle *b, struct wt_span der)
{
    struct wt_name_key subject;
    if (read_subject(der, &subject) && wt_array_grow(&b->entries, b->n, &b->room, sizeof *b->entries, 64))
        b->entries[b->n++] = (struct wt_bundled){.subject = subject, .der = der};
}

enum { NO_DIGIT = 255, SPACE = 64 };

/* What each character is in base64: RFC 4648, 4; white space is ignored (RFC 7468, 3). */
static void fill_digits(uint8_t digits[256])
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    memset(digits, NO_DIGIT, 256);
    digits[' '] = digits['\t'] = digits['\r'] = digits['\n'] = SPACE;
    for (uint8_t i = 0; i < 64; i++)
        digits[(uint8_t)alphabet[i]] = i;
}

/* Decodes to where the text begins; *end is where it ends. */
static struct wt_span decode(const uint8_t digits[256], uint8_t *p, const uint8_t *limit, const uint8_t **end)
{
    uint8_t *out = p;
    const uint8_t *at = p;
    uint32_t bits = 1; /* a mark before those that were read */
    for (; at < limit && digits[*at] != NO_DIGIT; at++) {
        if (digits[*at] == SPACE)
            continue;
        bits = bits << 6 | digits[*at];
        if (bits >> 24) {
            *out++ = (uint8_t)(bits >> 16);
            *out++ = (uint8_t)(bits >> 8);
            *out++ = (uint8_t)bits;
            bits = 1;
        }
    }
    while (at < limit && (*at == '=' || digits[*at] == SPACE))
        at++;
    if (bits >> 18) {
        *out++ = (uint8_t)(bits >> 10);
        *out++ = (uint8_t)(bits >> 2);
    } else if (bits >> 12) {
        *out++ = (uint8_t)(bits >> 4);
    }
    *end = at;
    return wt_span_of(p, (size_t)(out - p));
}

/* RFC 7468, 3: a line says what begins, base64 follows, and a line says what has ended. OpenSSL's "TRUSTED CERTIFICATE"
 * has settings of its own after the certificate: not read here. */
static void read_all(struct wt_bundle *b)
{
    static const char begin[] = "-----BEGIN ", end[] = "-----END ";
    uint8_t digits[256], *p = b->file.p;
    const uint8_t *limit = p + b->file.n, *after;
    fill_digits(digits);
    while (b->n < WT_LIMIT_TRUST && (p = memmem(p, (size_t)(limit - p), begin, sizeof begin - 1))) {
        const uint8_t *label = p += sizeof begin - 1;
        while (p < limit && *p != '-')
            p++;
        const struct wt_span name = wt_span_of(label, (size_t)(p - label));
        while (p < limit && *p == '-')
            p++;
        const bool wanted = wt_span_equal(name, wt_span_text(PEM_STRING_X509)) ||
                            wt_span_equal(name, wt_span_text(PEM_STRING_X509_OLD));
        if (!wanted)
            continue;
        const struct wt_span der = decode(digits, p, limit, &after);
        if ((size_t)(limit - after) >= sizeof end - 1 && !memcmp(after, end, sizeof end - 1))
            add(b, der);
        p += after - p;
    }
}

static void read_file(struct wt_bundle *b, BIO *bio)
{
    enum { PIECE = 1 << 16 };
    uint8_t *room;
    int n;
    while (b->file.n < WT_LIMIT_TRUST_FILE && (room = wt_buffer_room(&b->file, PIECE)) &&
           (n = BIO_read(bio, room, PIECE)) > 0)
        b->file.n += (size_t)n;
}

/* To be freed. */
static X509 *read_of(const struct wt_bundle *b, struct wt_bundled *e)
{
    X509 *x = e->read ? e->read : wt_judge_x509_of(b->judge, e->der);
    if (!e->subject.known)
        e->read = x;
    if (e->read)
        X509_up_ref(x);
    return x;
}

static int by_subject(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name, X509_OBJECT *out)
{
    struct wt_bundle *b = X509_LOOKUP_get_method_data(lookup);
    X509_STORE *store = X509_LOOKUP_get_store(lookup);
    bool found = false;
    if (type != X509_LU_X509)
        return 0;
    struct wt_name_key wanted;
    uint8_t *der = NULL;
    int length = i2d_X509_NAME(name, &der);
    if (length < 0 || !read_key(&wanted, der, der + length))
        wanted.known = false;
    OPENSSL_free(der);
    for (size_t i = 0; i < b->n; i++) {
        struct wt_bundled *e = &b->entries[i];
        if (e->taken || !may_equal(&e->subject, &wanted))
            continue;
        X509 *x = read_of(b, e);
        if (x && X509_NAME_cmp(X509_get_subject_name(x), name) == 0 && X509_STORE_add_cert(store, x)) {
            e->taken = true;
            /* the caller counts its own reference: ours is the store's */
            if (!found && X509_OBJECT_set1_X509(out, x)) {
                X509_free(x);
                found = true;
            }
        }
        X509_free(x);
    }
    return found;
}

struct wt_bundle *wt_bundle_open(struct wt_judge *j, const char *path)
{
    struct wt_bundle *b = wt_calloc(1, sizeof *b);
    BIO *bio = b ? BIO_new_file(path, "r") : NULL;
    if (bio) {
        b->judge = j;
        read_file(b, bio);
        if (b->file.n)
            read_all(b);
    }
    BIO_free(bio);
    if (b && !b->n) {
        wt_bundle_free(b);
        b = NULL;
    }
    return b;
}

bool wt_bundle_look_up(struct wt_judge *j)
{
    j->method = X509_LOOKUP_meth_new("bundle");
    X509_LOOKUP *lookup = j->method && X509_LOOKUP_meth_set_get_by_subject(j->method, by_subject)
                              ? X509_STORE_add_lookup(j->store, j->method)
                              : NULL;
    return lookup && X509_LOOKUP_set_method_data(lookup, j->bundle);
}

void wt_bundle_free(struct wt_bundle *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < b->n; i++)
        X509_free(b->entries[i].read);
    wt_buffer_free(&b->file);
    free(b->entries);
    free(b);
}
