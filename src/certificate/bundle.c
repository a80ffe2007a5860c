/* A file of many roots as an X509_LOOKUP of libcrypto. Reading all of them costs more than verifying the chains of
 * most captures: only each name is read, and the rest when a chain asks for it. */
#include "certificate/bundle.h"
#include "base/array.h"
#include "registry/limits.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>

struct wt_bundled {
    unsigned long subject; /* hash of its name */
    struct wt_span der;
    bool taken; /* already in the store */
};

struct wt_bundle {
    struct wt_judge *judge;
    struct wt_bundled *entries;
    size_t n, room;
};

/* What precedes a certificate's subject in its TBSCertificate (RFC 5280, 4.1): version, serialNumber, signature,
 * issuer, validity. */
static X509_NAME *subject_of(struct wt_span der)
{
    const uint8_t *p = der.p, *end = der.p + der.n;
    long length = 0;
    int tag = 0, class = 0;
    for (int depth = 0; depth < 2; depth++)
        if (ASN1_get_object(&p, &length, &tag, &class, (long)(end - p)) & 0x80 || tag != V_ASN1_SEQUENCE)
            return NULL;
    for (int field = 0; field < 4;) {
        if (ASN1_get_object(&p, &length, &tag, &class, (long)(end - p)) & 0x80 || length > end - p)
            return NULL;
        field += class == V_ASN1_UNIVERSAL; /* version alone is tagged, and may be left out */
        p += length;
    }
    return d2i_X509_NAME(NULL, &p, (long)(end - p));
}

static bool add(struct wt_bundle *b, uint8_t *der, size_t length)
{
    X509_NAME *name = subject_of(wt_span_of(der, length));
    bool added = name && wt_array_grow(&b->entries, b->n, &b->room, sizeof *b->entries, 64);
    if (added) {
        b->entries[b->n++] = (struct wt_bundled){
            X509_NAME_hash_ex(name, wt_crypto_context(b->judge->crypto), NULL, NULL), wt_span_of(der, length), false};
    } else {
        OPENSSL_free(der);
    }
    X509_NAME_free(name);
    return added;
}

static void read_all(struct wt_bundle *b, BIO *bio)
{
    char *name = NULL, *header = NULL;
    uint8_t *data = NULL;
    long length = 0;
    while (b->n < WT_LIMIT_TRUST && PEM_read_bio(bio, &name, &header, &data, &length)) {
        /* OpenSSL's "TRUSTED CERTIFICATE" has settings of its own after the certificate: not read here */
        if (!strcmp(name, PEM_STRING_X509) || !strcmp(name, PEM_STRING_X509_OLD))
            (void)add(b, data, (size_t)length);
        else
            OPENSSL_free(data);
        OPENSSL_free(name);
        OPENSSL_free(header);
    }
}

static int by_subject(X509_LOOKUP *lookup, X509_LOOKUP_TYPE type, const X509_NAME *name, X509_OBJECT *out)
{
    struct wt_bundle *b = X509_LOOKUP_get_method_data(lookup);
    X509_STORE *store = X509_LOOKUP_get_store(lookup);
    bool found = false;
    if (type != X509_LU_X509)
        return 0;
    unsigned long hash = X509_NAME_hash_ex(name, wt_crypto_context(b->judge->crypto), NULL, NULL);
    for (size_t i = 0; i < b->n; i++) {
        struct wt_bundled *e = &b->entries[i];
        if (e->subject != hash || e->taken)
            continue;
        X509 *x = wt_judge_x509_of(b->judge, e->der);
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
    struct wt_bundle *b = calloc(1, sizeof *b);
    BIO *bio = b ? BIO_new_file(path, "r") : NULL;
    if (bio) {
        b->judge = j;
        read_all(b, bio);
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
    for (size_t i = 0; b && i < b->n; i++)
        OPENSSL_free((void *)(uintptr_t)b->entries[i].der.p);
    if (b)
        free(b->entries);
    free(b);
}
