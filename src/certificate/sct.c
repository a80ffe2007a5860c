/* Signed certificate timestamps: counted, and verified where the log is known (RFC 6962, 3.2). */
#include "certificate/sct.h"

#include "codec/ext/ext.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

static const struct wt_trust_log *log_of(const struct wt_trust *t, struct wt_span id)
{
    for (size_t i = 0; i < t->log_count; i++)
        if (wt_span_equal(wt_span_of(t->logs[i].id, 32), id))
            return &t->logs[i];
    return NULL;
}

/* What the log signed: the certificate itself, or, before it was issued, its TBSCertificate without the list ("with the
 * poison extension removed") and the issuer's key. */
struct entry {
    struct wt_span certificate; /* DER, or the TBSCertificate's */
    uint8_t issuer[32];         /* SHA-256 of its SubjectPublicKeyInfo */
    bool precert;
};

static void put(uint8_t *p, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        p[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static enum wt_verdict verify(struct wt_judge *j, const struct wt_trust_log *log, const struct wt_sct *sct,
                              const struct entry *e)
{
    uint8_t head[12], length[3], end[2];
    struct wt_public_key *key = wt_public_key_of_spki(j->crypto, log->key);
    head[0] = 0; /* v1 */
    head[1] = 0; /* certificate_timestamp */
    put(head + 2, sct->timestamp, 8);
    put(head + 10, e->precert, 2);
    put(length, e->certificate.n, 3);
    put(end, sct->extensions.n, 2);
    const struct wt_span parts[] = {
        wt_span_of(head, sizeof head),     wt_span_of(e->issuer, e->precert ? sizeof e->issuer : 0),
        wt_span_of(length, sizeof length), e->certificate,
        wt_span_of(end, sizeof end),       sct->extensions};
    enum wt_verdict verdict = key ? wt_signature_verify(j->crypto, key, sct->algorithm, false, parts,
                                                        sizeof parts / sizeof *parts, sct->signature)
                                  : WT_CANNOT;
    wt_public_key_free(key);
    return verdict;
}

/* Bytes that libcrypto allocated. */
static struct wt_span tbs_without_list(X509 *leaf, uint8_t **der)
{
    X509 *x = X509_dup(leaf);
    int at = x ? X509_get_ext_by_NID(x, NID_ct_precert_scts, -1) : -1, n = 0;
    if (at >= 0) {
        X509_EXTENSION_free(X509_delete_ext(x, at));
        n = i2d_re_X509_tbs(x, der);
    }
    X509_free(x);
    return wt_span_of(*der, n > 0 ? (size_t)n : 0);
}

static bool make_entry(struct wt_judge *j, X509 *leaf, X509 *issuer, bool precert, struct entry *e, uint8_t **der)
{
    *e = (struct entry){.precert = precert};
    if (!precert) {
        int n = i2d_X509(leaf, der);
        e->certificate = wt_span_of(*der, n > 0 ? (size_t)n : 0);
        return n > 0;
    }
    uint8_t *spki = NULL, digest[WT_DIGEST_MOST];
    int n = issuer ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(issuer), &spki) : 0;
    bool ok = n > 0 && wt_digest(j->crypto, WT_HASH_SHA256, wt_span_of(spki, (size_t)n), digest) == sizeof e->issuer;
    OPENSSL_free(spki);
    if (!ok)
        return false;
    memcpy(e->issuer, digest, sizeof e->issuer);
    e->certificate = tbs_without_list(leaf, der);
    return e->certificate.n > 0;
}

void wt_sct_judge(struct wt_judge *j, struct wt_span list, X509 *leaf, X509 *issuer, bool precert,
                  struct wt_sct_result *out)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, list, NULL);
    struct wt_span rest = wt_ext_sct_list_read(&r);
    struct wt_sct sct;
    struct entry e;
    uint8_t *der = NULL;
    *out = (struct wt_sct_result){0};
    ERR_set_mark();
    bool can = j->trust->log_count && leaf && make_entry(j, leaf, issuer, precert, &e, &der);
    while (out->count < 256 && wt_ext_sct_next(&rest, &sct)) {
        const struct wt_trust_log *log = sct.sct_version == 0 ? log_of(j->trust, sct.id) : NULL;
        enum wt_verdict verdict = can && log ? verify(j, log, &sct, &e) : WT_CANNOT;
        out->count++;
        const int64_t seconds = (int64_t)(sct.timestamp / 1000);
        out->latest = seconds > out->latest ? seconds : out->latest;
        out->verified += verdict == WT_HOLDS;
        out->bad += verdict == WT_FAILS || verdict == WT_WRONG_KEY;
        out->unknown += verdict == WT_CANNOT;
    }
    OPENSSL_free(der);
    ERR_pop_to_mark();
}
