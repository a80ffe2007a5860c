/* A stapled OCSP response: whether it is for this certificate, who signed it, and what it says (RFC 6960). */
#include "certificate/ocsp.h"

#include "base/date.h"
#include "base/memory.h"
#include "certificate/judgements.h"
#include "certificate/sct.h"
#include "registry/limits.h"
#include "wiretale/story.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <time.h>

/* seconds: that the clocks of responder and peers may differ; OpenSSL's tools and nginx allow as much */
#define SKEW 300

static int64_t seconds_of(const ASN1_GENERALIZEDTIME *t)
{
    struct tm tm;
    return t && ASN1_TIME_to_tm(t, &tm) ? wt_date_seconds(&tm) : 0;
}

/* The leaf and its issuer. */
struct parties {
    X509 *leaf, *issuer;
};

/* The single response for this leaf: its CertID uses the hash that the responder chose. */
static OCSP_SINGLERESP *answer_about(OCSP_BASICRESP *basic, const struct parties *p)
{
    for (int i = 0; i < OCSP_resp_count(basic) && i < 64; i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(single);
        ASN1_OBJECT *hash = NULL;
        (void)OCSP_id_get0_info(NULL, &hash, NULL, NULL, (OCSP_CERTID *)(uintptr_t)id);
        const EVP_MD *md = hash ? EVP_get_digestbyobj(hash) : NULL;
        OCSP_CERTID *own = md ? OCSP_cert_to_id(md, p->leaf, p->issuer) : NULL;
        bool same = own && OCSP_id_cmp(own, id) == 0;
        OCSP_CERTID_free(own);
        if (same)
            return single;
    }
    return NULL;
}

static bool same_key(X509 *a, X509 *b)
{
    return X509_cmp(a, b) == 0;
}

static enum wt_ocsp_fault untried(enum wt_signed how)
{
    return how == WT_SIGNED_TOO_DEAR ? WT_OCSP_UNTRIED_KEY : WT_OCSP_UNTRIED_WORK;
}

/* RFC 6960, 4.2.2.2: the signer is the issuer itself, or holds a certificate "issued directly by the CA that is
 * identified in the request" with id-kp-OCSPSigning in its extended key usage. */
static enum wt_ocsp_fault may_sign(struct wt_judge *j, X509 *signer, X509 *issuer)
{
    if (same_key(signer, issuer))
        return WT_OCSP_FINE;
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    bool usage =
        X509_get_extension_flags(signer) & EXFLAG_XKUSAGE && X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN;
    if (!usage || !key || X509_check_issued(issuer, signer) != X509_V_OK)
        return WT_OCSP_NOT_AUTHORIZED;
    const enum wt_signed how = wt_judge_is_signed(j, signer, key);
    return how == WT_SIGNED ? WT_OCSP_FINE : how == WT_NOT_SIGNED ? WT_OCSP_NOT_AUTHORIZED : untried(how);
}

static enum wt_ocsp_fault verify(struct wt_judge *j, OCSP_BASICRESP *basic, X509 *signer, STACK_OF(X509) * known)
{
    EVP_PKEY *key = X509_get0_pubkey(signer);
    switch (key ? wt_work_spend(wt_crypto_work(j->crypto), wt_price_of(key)) : WT_AFFORDED) {
    case WT_TOO_DEAR:
        return WT_OCSP_UNTRIED_KEY;
    case WT_OVERSPENT:
        return WT_OCSP_UNTRIED_WORK;
    default:
        return OCSP_basic_verify(basic, known, NULL, OCSP_NOVERIFY) == 1 ? WT_OCSP_FINE : WT_OCSP_SIGNATURE;
    }
}

static enum wt_ocsp_fault check_signature(struct wt_judge *j, OCSP_BASICRESP *basic, X509 *issuer)
{
    X509 *signer = NULL, *own = NULL;
    STACK_OF(X509) *known = sk_X509_new_null();
    enum wt_ocsp_fault fault = WT_OCSP_NO_SIGNER;
    if (known && sk_X509_push(known, issuer) && OCSP_resp_get0_signer(basic, &signer, known) == 1 && signer) {
        /* from the response it comes without our library context */
        uint8_t *der = NULL;
        int n = i2d_X509(signer, &der);
        const uint8_t *p = der;
        own = n > 0 ? X509_new_ex(wt_crypto_context(j->crypto), NULL) : NULL;
        if (own && !d2i_X509(&own, &p, n))
            own = NULL;
        OPENSSL_free(der);
        fault = own ? may_sign(j, own, issuer) : WT_OCSP_NOT_AUTHORIZED;
        if (fault == WT_OCSP_FINE)
            fault = verify(j, basic, own, known);
    }
    X509_free(own);
    sk_X509_free(known);
    return fault;
}

static void tell_answer(struct wt_judged_staple *s, OCSP_SINGLERESP *single)
{
    ASN1_GENERALIZEDTIME *this_update = NULL, *next_update = NULL, *revoked = NULL;
    int reason = -1;
    switch (OCSP_single_get0_status(single, &reason, &revoked, &this_update, &next_update)) {
    case V_OCSP_CERTSTATUS_GOOD:
        s->status = WT_OCSP_GOOD;
        break;
    case V_OCSP_CERTSTATUS_REVOKED:
        s->status = WT_OCSP_REVOKED;
        s->revoked_why = reason >= 0 ? OCSP_crl_reason_str(reason) : NULL;
        break;
    default:
        s->status = WT_OCSP_UNKNOWN;
    }
    s->this_update = seconds_of(this_update);
    s->next_update = seconds_of(next_update);
    s->revoked_at = seconds_of(revoked);
}

/* RFC 6962, 3.3: an extension of the single response with a TLS-encoded list in an OCTET STRING. */
static void tell_scts(struct wt_judge *j, struct wt_judged_staple *s, OCSP_SINGLERESP *single, const struct parties *p)
{
    int at = OCSP_SINGLERESP_get_ext_by_NID(single, NID_ct_cert_scts, -1);
    const ASN1_OCTET_STRING *outer = at >= 0 ? X509_EXTENSION_get_data(OCSP_SINGLERESP_get_ext(single, at)) : NULL;
    const uint8_t *bytes = outer ? ASN1_STRING_get0_data(outer) : NULL;
    ASN1_OCTET_STRING *inner = bytes ? d2i_ASN1_OCTET_STRING(NULL, &bytes, ASN1_STRING_length(outer)) : NULL;
    struct wt_sct_result r = {0};
    if (inner)
        wt_sct_judge(j, wt_span_of(ASN1_STRING_get0_data(inner), (size_t)ASN1_STRING_length(inner)), p->leaf, p->issuer,
                     false, &r);
    ASN1_OCTET_STRING_free(inner);
    s->scts = r.count;
    s->sct_verified = r.verified;
    s->sct_bad = r.bad;
    s->sct_unknown = r.unknown;
}

static enum wt_ocsp_fault look(struct wt_judge *j, struct wt_judged_staple *s, const struct parties *p)
{
    const uint8_t *at = s->der;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)s->length);
    OCSP_BASICRESP *basic = NULL;
    OCSP_SINGLERESP *single;
    enum wt_ocsp_fault fault = WT_OCSP_FINE;
    if (!response || at != s->der + s->length)
        fault = WT_OCSP_UNREADABLE;
    /* RFC 6960, 4.2.1: without "successful" it contains no response */
    else if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        fault = WT_OCSP_NOT_SUCCESSFUL;
    else if (!(basic = OCSP_response_get1_basic(response)))
        fault = WT_OCSP_UNREADABLE;
    else if (!p->leaf || !p->issuer)
        fault = WT_OCSP_NO_ISSUER;
    else if (!(single = answer_about(basic, p)))
        fault = WT_OCSP_OTHER_CERTIFICATE;
    else {
        tell_answer(s, single);
        tell_scts(j, s, single, p);
        fault = check_signature(j, basic, p->issuer);
    }
    /* without the issuer it cannot be matched; what a lone response says can be read */
    if (fault == WT_OCSP_NO_ISSUER && OCSP_resp_count(basic) == 1)
        tell_answer(s, OCSP_resp_get0(basic, 0));
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    return fault;
}

void wt_ocsp_free(struct wt_judged_staple *s)
{
    if (s)
        free(s->der);
    free(s);
}

const struct wt_judged_staple *wt_ocsp_judge(struct wt_judge *j, struct wt_judgement *v, struct wt_span response)
{
    struct wt_judged_staple *s = v->staple;
    if (s && s->fault != WT_OCSP_UNTRIED_WORK && wt_span_equal(wt_span_of(s->der, s->length), response))
        return s;
    /* a server keeps one response for hours: the last one of a chain is kept, and replaces the one before */
    wt_ocsp_free(s);
    v->staple = s = wt_calloc(1, sizeof *s);
    uint8_t *der = s ? wt_malloc(response.n ? response.n : 1) : NULL;
    if (!der) {
        free(s);
        v->staple = NULL;
        return NULL;
    }
    if (response.n)
        memcpy(der, response.p, response.n);
    *s = (struct wt_judged_staple){.der = der, .length = response.n};
    wt_judgement_count(v);
    ERR_set_mark();
    struct parties p = {wt_judge_x509(j, v->sent[0]), v->path_count > 1 ? wt_judge_x509(j, v->path[1]) : NULL};
    s->fault = (uint8_t)look(j, s, &p);
    X509_free(p.leaf);
    X509_free(p.issuer);
    ERR_pop_to_mark();
    return s;
}

enum wt_ocsp_fault wt_ocsp_fault_at(const struct wt_judged_staple *s, int64_t seconds)
{
    if (s->fault != WT_OCSP_FINE)
        return (enum wt_ocsp_fault)s->fault;
    /* RFC 6960, 3.2: "The time at which the status being indicated is known to be correct (thisUpdate) is sufficiently
     * recent", "the time at or before which newer information will be available … (nextUpdate) is greater than the
     * current time". */
    if (s->this_update > seconds + SKEW)
        return WT_OCSP_EARLY;
    return s->next_update && s->next_update < seconds - SKEW ? WT_OCSP_OLD : WT_OCSP_FINE;
}
