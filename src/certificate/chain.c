/* Whether a chain leads to a trusted root, and if not, what is wrong with it. libcrypto builds and verifies; what its
 * errors mean here, and what completes a chain, is decided by which certificates are known.
 *
 * RFC 5280, 6.1 is libcrypto's part. Strength is judged by rows of our own, not by its security levels: an observer
 * needs to know whether a weak signature is valid. */
#include "certificate/chain.h"

#include "base/memory.h"
#include "certificate/chain_gap.h"
#include "certificate/judgements.h"
#include "certificate/sct.h"
#include "registry/limits.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

/* --- one attempt -------------------------------------------------------------------------------------------------- */

enum { ERRORS_MOST = 24 };

/* What libcrypto reported about one way to build the chain. */
struct attempt {
    struct {
        int error, depth;
        const struct wt_certificate_facts *who;
    } errors[ERRORS_MOST];
    unsigned n;
    STACK_OF(X509) * chain;
    struct wt_judge *judge;
    struct wt_judgement *v;
    X509_STORE_CTX_verify_fn verify; /* libcrypto's own */
    enum wt_untried untried;
};

/* Kept with the judgement. */
static const struct wt_certificate_facts *facts_of(struct wt_judgement *v, X509 *x)
{
    uint8_t *der = NULL;
    int n = x ? i2d_X509(x, &der) : 0;
    const struct wt_certificate_facts *f =
        n > 0 ? wt_certificates_intern(v->judge->certificates, wt_span_of(der, (size_t)n)) : NULL;
    OPENSSL_free(der);
    return f ? wt_judgement_hold(v, f) : NULL;
}

/* --- what is tried ------------------------------------------------------------------------------------------------ */

/* How verifications by that certificate's key went; NULL without memory. */
static struct wt_key_record *record_of(struct wt_judgement *v, X509 *x)
{
    const struct wt_certificate_facts *f = facts_of(v, x);
    return f ? wt_certificates_record(f) : NULL;
}

static enum wt_untried may_verify(struct attempt *a, STACK_OF(X509) * chain)
{
    struct wt_work *work = wt_crypto_work(a->judge->crypto);
    const int links = sk_X509_num(chain) - 1;
    if (!work->limited)
        return WT_TRIED;
    if (links > WT_LIMIT_CHAIN_LINKS)
        return WT_UNTRIED_LINKS;
    uint32_t sum = 0;
    for (int i = 1; i <= links; i++) {
        const struct wt_key_record *record = record_of(a->v, sk_X509_value(chain, i));
        EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(chain, i));
        uint32_t price = key ? wt_price_of(key) : 1; /* libcrypto says what it does not like */
        if (!price)
            return WT_UNTRIED_KEY;
        if (record && wt_key_is_given_up(record, work))
            return WT_UNTRIED_FAILING;
        sum += price;
    }
    return !sum || wt_work_spend(work, sum) == WT_AFFORDED ? WT_TRIED : WT_UNTRIED_WORK;
}

/* libcrypto has built the chain, and is about to check signatures and dates: dates are ours when it must not. */
static int on_verify(X509_STORE_CTX *ctx)
{
    struct attempt *a = X509_STORE_CTX_get_app_data(ctx);
    a->untried = may_verify(a, X509_STORE_CTX_get0_chain(ctx));
    return a->untried ? 1 : a->verify(ctx);
}

/* Whose signatures held, and whose did not. */
static void note_keys(const struct attempt *a)
{
    const struct wt_work *work = wt_crypto_work(a->judge->crypto);
    for (int i = 1; !a->untried && i < sk_X509_num(a->chain); i++) {
        struct wt_key_record *record = record_of(a->v, sk_X509_value(a->chain, i));
        bool failed = false;
        for (unsigned e = 0; e < a->n; e++)
            failed |= a->errors[e].depth == i - 1 && a->errors[e].error == X509_V_ERR_CERT_SIGNATURE_FAILURE;
        if (record && (failed || record->failed))
            wt_key_note(record, work, !failed);
    }
}

/* --- one attempt: libcrypto's ------------------------------------------------------------------------------------- */

/* Every error is recorded, and none ends the verification: all of them are of interest. */
static int on_error(int ok, X509_STORE_CTX *ctx)
{
    struct attempt *a = X509_STORE_CTX_get_app_data(ctx);
    if (!ok && a->n < ERRORS_MOST) {
        a->errors[a->n].error = X509_STORE_CTX_get_error(ctx);
        a->errors[a->n].depth = X509_STORE_CTX_get_error_depth(ctx);
        a->errors[a->n++].who = facts_of(a->v, X509_STORE_CTX_get_current_cert(ctx));
    }
    return 1;
}

static bool try(struct attempt *a, X509 *leaf, STACK_OF(X509) * others, unsigned side, int64_t seconds)
{
    X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(wt_crypto_context(a->judge->crypto), NULL);
    bool ok = ctx && X509_STORE_CTX_init(ctx, a->judge->store, leaf, others);
    if (ok) {
        X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
        X509_STORE_CTX_set_app_data(ctx, a);
        X509_STORE_CTX_set_verify_cb(ctx, on_error);
        a->verify = X509_STORE_CTX_get_verify(ctx);
        X509_STORE_CTX_set_verify(ctx, on_verify);
        X509_VERIFY_PARAM_set_time(p, (time_t)seconds);
        /* what the user calls trusted is trusted, root or not */
        (void)X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_auth_level(p, 0);
        X509_VERIFY_PARAM_set_depth(p, 2 * (int)WT_LIMIT_CHAIN_JUDGED);
        (void)X509_STORE_CTX_set_purpose(ctx, side == WT_SERVER ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
        ok = X509_verify_cert(ctx) >= 0;
        a->chain = X509_STORE_CTX_get1_chain(ctx);
        note_keys(a);
    }
    X509_STORE_CTX_free(ctx);
    return ok && a->chain;
}

static bool is_missing(int error)
{
    return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT || error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

static bool has(const struct attempt *a, int error)
{
    for (unsigned i = 0; i < a->n; i++)
        if (a->errors[i].error == error)
            return true;
    return false;
}

static bool lacks_issuer(const struct attempt *a)
{
    for (unsigned i = 0; i < a->n; i++)
        if (is_missing(a->errors[i].error))
            return true;
    return false;
}

static bool untrusted_root(const struct attempt *a)
{
    return has(a, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN) || has(a, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) ||
           has(a, X509_V_ERR_CERT_UNTRUSTED) || has(a, X509_V_ERR_CERT_REJECTED);
}

/* --- what its errors are here ------------------------------------------------------------------------------------- */

static void blame(struct wt_judgement *v, enum wt_chain_fault fault, const struct wt_certificate_facts *who,
                  enum wt_chain_why why)
{
    if (v->faults & 1u << fault)
        return; /* the first is the nearest to the leaf */
    v->faults |= (uint16_t)(1u << fault);
    v->point[fault] = (struct wt_chain_point){who, why};
}

/* What forbids the use, as far as libcrypto reports it. */
static enum wt_chain_why purpose_why(int error)
{
    switch (error) {
    case X509_V_ERR_INVALID_PURPOSE:
        return WT_CHAIN_KEY_USAGE;
    case X509_V_ERR_INVALID_CA:
        return WT_CHAIN_NO_AUTHORITY;
    case X509_V_ERR_PATH_LENGTH_EXCEEDED:
        return WT_CHAIN_PATH_LENGTH;
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        return WT_CHAIN_NO_CERT_SIGN;
    case X509_V_ERR_PERMITTED_VIOLATION:
    case X509_V_ERR_EXCLUDED_VIOLATION:
        return WT_CHAIN_NAME_CONSTRAINTS;
    default:
        return WT_CHAIN_WHY_NONE;
    }
}

/* RFC 5280, 4.2: "A certificate-using system MUST reject the certificate if it encounters a critical extension it
 * does not recognize". Which those are depends on each system, except for the one that nobody may recognize: RFC
 * 6962, 3.1, the poison "is ... to ensure that the Precertificate cannot be validated by a standard X.509v3 client". */
static void blame_critical(struct wt_judge *j, struct wt_judgement *v, const struct wt_certificate_facts *who)
{
    X509 *x = who ? wt_judge_x509(j, who) : NULL;
    bool poison = x && X509_get_ext_by_NID(x, NID_ct_precert_poison, -1) >= 0;
    X509_free(x);
    if (v->faults & 1u << WT_CHAIN_PURPOSE)
        return;
    v->strange = !poison;
    blame(v, WT_CHAIN_PURPOSE, who, poison ? WT_CHAIN_PRECERTIFICATE : WT_CHAIN_CRITICAL);
}

static void sort_error(struct wt_judge *j, struct wt_judgement *v, int error, const struct wt_certificate_facts *who)
{
    switch (error) {
    case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION:
        blame_critical(j, v, who);
        return;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        blame(v, WT_CHAIN_EXPIRED, who, WT_CHAIN_WHY_NONE);
        return;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        blame(v, WT_CHAIN_NOT_YET, who, WT_CHAIN_WHY_NONE);
        return;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
        blame(v, WT_CHAIN_SIGNATURE, who, WT_CHAIN_WHY_NONE);
        return;
    default:
        break;
    }
    if (is_missing(error) || error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
        error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT || error == X509_V_ERR_CERT_UNTRUSTED ||
        error == X509_V_ERR_CERT_REJECTED)
        return; /* by and by */
    enum wt_chain_why why = purpose_why(error);
    blame(v, why == WT_CHAIN_WHY_NONE ? WT_CHAIN_OTHER : WT_CHAIN_PURPOSE, who, why);
}

static void sort_errors(struct wt_judgement *v, const struct attempt *a)
{
    int deepest = 0;
    for (unsigned i = 0; i < a->n; i++)
        deepest = a->errors[i].depth > deepest ? a->errors[i].depth : deepest;
    for (int depth = 0; depth <= deepest; depth++)
        for (unsigned i = 0; i < a->n; i++)
            if (a->errors[i].depth == depth)
                sort_error(a->judge, v, a->errors[i].error, a->errors[i].who);
    if (a->untried)
        v->untried = (uint8_t)a->untried;
}

/* What libcrypto checks with the signatures. */
static void judge_dates(struct wt_judgement *v, int64_t seconds)
{
    for (size_t i = 0; v->untried && i < v->path_count; i++) {
        if (v->path[i]->parsed && v->path[i]->not_after < seconds)
            blame(v, WT_CHAIN_EXPIRED, v->path[i], WT_CHAIN_WHY_NONE);
        if (v->path[i]->parsed && v->path[i]->not_before > seconds)
            blame(v, WT_CHAIN_NOT_YET, v->path[i], WT_CHAIN_WHY_NONE);
    }
}

static void blame_weak(struct wt_judgement *v, const struct wt_certificate_facts *who, enum wt_chain_why why, bool leaf)
{
    bool first = !(v->faults & 1u << WT_CHAIN_WEAK);
    if (first && leaf)
        v->weak_leaf = true;
    else if (!first && v->weak_leaf && !v->weak_next.who)
        v->weak_next = (struct wt_chain_point){who, why};
    blame(v, WT_CHAIN_WEAK, who, why);
}

/* RFC 9325, 4.5: with RSA, "servers MUST authenticate using certificates with at least a 2048-bit modulus for the
 * public key"; NIST SP 800-57 puts EC below 224 bits under 112 bits of security. RFC 9325, 4.5, RFC 9155, 1 and
 * CA/Browser Forum's Baseline Requirements, 7.1.3.2: MD5 and SHA-1 must not sign any more. A root's signature on itself
 * proves nothing and is ignored. */
static void judge_strength(struct wt_judgement *v, const struct attempt *a)
{
    v->weak_leaf = false;
    v->weak_next = (struct wt_chain_point){0};
    for (int i = 0; i < sk_X509_num(a->chain); i++) {
        X509 *x = sk_X509_value(a->chain, i);
        const struct wt_certificate_facts *f = facts_of(v, x);
        int md = NID_undef, key = NID_undef, bits = 0;
        if (!f || !f->parsed)
            continue;
        bool rsa = f->key_type && (!strcmp(f->key_type, "RSA") || !strcmp(f->key_type, "RSA-PSS"));
        bool dsa = f->key_type && !strcmp(f->key_type, "DSA"), ec = f->key_type && !strcmp(f->key_type, "EC");
        if (f->key_bits && (((rsa || dsa) && f->key_bits < 2048) || (ec && f->key_bits < 224)))
            blame_weak(v, f, WT_CHAIN_SHORT_KEY, i == 0);
        if (f->self_issued || !X509_get_signature_info(x, &md, &key, &bits, NULL))
            continue;
        if (md == NID_md2 || md == NID_md4 || md == NID_md5)
            blame_weak(v, f, WT_CHAIN_MD5, false);
        else if (md == NID_sha1)
            blame_weak(v, f, WT_CHAIN_SHA1, false);
    }
}

static bool was_sent(const struct wt_judgement *v, const struct wt_certificate_facts *f)
{
    for (size_t i = 0; i < v->sent_count; i++)
        if (v->sent[i] == f)
            return true;
    return false;
}

static void keep_path(struct wt_judgement *v, const struct attempt *a)
{
    const int n = sk_X509_num(a->chain);
    const struct wt_certificate_facts **path =
        n > 0 ? wt_malloc((size_t)n * sizeof(struct wt_certificate_facts *)) : NULL;
    free((void *)(uintptr_t)v->path);
    v->path_count = 0;
    for (int i = 0; path && i < n && (path[v->path_count] = facts_of(v, sk_X509_value(a->chain, i))); i++)
        v->path_count++;
    v->path = path;
}

/* Between which times the verdict is valid. */
static void bound(struct wt_judgement *v, const struct wt_certificate_facts *f, int64_t seconds)
{
    /* a certificate is expired from the second after its end */
    const int64_t ends[2] = {f->not_before, f->not_after + 1};
    for (unsigned i = 0; f->parsed && i < 2; i++) {
        if (ends[i] <= seconds && ends[i] > v->from)
            v->from = ends[i];
        if (ends[i] > seconds && ends[i] < v->until)
            v->until = ends[i];
    }
}

/* --- what is missing ---------------------------------------------------------------------------------------------- */

/* The certificate whose key signed `below`, of those that fit; to be freed. NULL: none, or it cannot be tried. */
static X509 *signer_of(struct wt_judge *j, struct wt_judgement *v, X509 *below)
{
    const struct wt_certificate_facts *fit[WT_LIMIT_CHAIN_TRIES];
    const struct wt_issuer_key wanted = wt_authorities_issuer_of(below);
    const size_t n = wt_authorities_find(j->authorities, &wanted, 0, fit);
    for (size_t i = 0; i < n; i++) {
        const struct wt_public_key *key = wt_certificates_key(j->certificates, fit[i]);
        switch (key ? wt_judge_is_signed(j, below, wt_public_key_evp(key)) : WT_NOT_SIGNED) {
        case WT_SIGNED:
            return wt_judge_x509(j, fit[i]);
        case WT_SIGNED_OVERSPENT:
            v->untried = WT_UNTRIED_WORK;
            return NULL;
        default:
            break;
        }
    }
    return NULL;
}

/* What was sent, and of what is known from elsewhere that which continues it from its last certificate; NULL: nothing
 * does. */
static STACK_OF(X509) * completed(struct wt_judge *j, struct wt_judgement *v, X509 *last, const STACK_OF(X509) * sent)
{
    STACK_OF(X509) *all = NULL;
    X509 *above;
    for (int links = 0; last && links < WT_LIMIT_CHAIN_LINKS && (above = signer_of(j, v, last)); links++) {
        if (!all)
            all = X509_chain_up_ref(
                (STACK_OF(X509) *)(uintptr_t)sent); /* a copy would lose the identity that SM2 needs */
        last = all && sk_X509_push(all, above) ? above : NULL;
        if (!last)
            X509_free(above);
        else if (X509_get_extension_flags(last) & EXFLAG_SI)
            last = NULL; /* its own issuer */
    }
    return all;
}

/* CAs of the chain that vouch for the one below them, and so perhaps for others. Their own root is not for them to
 * send. */
static void learn(struct wt_judge *j, const struct wt_judgement *v, const struct attempt *a)
{
    const bool trusted = !lacks_issuer(a) && !untrusted_root(a);
    for (int i = 1; !a->untried && i < sk_X509_num(a->chain) && i < v->path_count; i++) {
        const struct wt_certificate_facts *f = v->path[i];
        if (v->faults & 1u << WT_CHAIN_SIGNATURE && v->point[WT_CHAIN_SIGNATURE].who == v->path[i - 1])
            return;
        if (f->is_ca && !f->self_issued)
            wt_authorities_add(j->authorities, f, sk_X509_value(a->chain, i), trusted);
    }
}

/* RFC 8446, 4.4.2: "a certificate that specifies a trust anchor MAY be omitted from the chain". Everything else
 * between leaf and root has to be sent. */
static const struct wt_certificate_facts *left_out(struct wt_judgement *v, const struct attempt *a)
{
    for (int i = 1; i < sk_X509_num(a->chain); i++) {
        const struct wt_certificate_facts *f = facts_of(v, sk_X509_value(a->chain, i));
        if (f && !f->self_issued && !was_sent(v, f))
            return f;
    }
    return NULL;
}

static void note_missing(struct wt_judge *j, struct wt_judgement *v, const struct attempt *a)
{
    X509 *last = sk_X509_value(a->chain, sk_X509_num(a->chain) - 1);
    const struct wt_certificate_facts *f = facts_of(v, last);
    v->missing = f ? f->issuer : NULL;
    v->missing_key = wt_authorities_issuer_of(last);
    v->pool = wt_authorities_next(j->authorities);
}

/* The server's certificates lead to no root: does another certificate complete them? */
static void judge_missing(struct wt_judge *j, struct wt_judgement *v, struct attempt *a, X509 *leaf,
                          const STACK_OF(X509) * sent, int64_t seconds)
{
    struct attempt more = {.judge = j, .v = v};
    const struct wt_certificate_facts *absent = NULL;
    note_missing(j, v, a);
    X509 *last = sk_X509_value(a->chain, sk_X509_num(a->chain) - 1);
    STACK_OF(X509) *all = completed(j, v, last, sent);
    if (all && try(&more, leaf, all, v->side, seconds))
        absent = left_out(v, &more);
    if (absent) {
        v->proved = true;
        v->trusted_then = !lacks_issuer(&more) && !untrusted_root(&more);
        blame(v, WT_CHAIN_INCOMPLETE, absent, WT_CHAIN_WHY_NONE);
        sort_errors(v, &more);
        keep_path(v, &more);
    } else {
        const struct wt_certificate_facts *f = v->path_count ? v->path[v->path_count - 1] : NULL;
        enum wt_chain_why why = f ? wt_chain_gap_evidence(v, last) : WT_CHAIN_WHY_NONE;
        if (wt_chain_gap_other_key(j, v, last, sent))
            blame(v, WT_CHAIN_SIGNATURE, f, WT_CHAIN_WHY_NONE);
        else if (!v->untried) /* else what was sent may be its issuer */
            blame(v, why ? WT_CHAIN_INCOMPLETE : WT_CHAIN_UNKNOWN_ISSUER, f, why);
    }
    sk_X509_pop_free(more.chain, X509_free);
    sk_X509_pop_free(all, X509_free);
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

static void look_at_leaf(struct wt_judge *j, struct wt_judgement *v, X509 *leaf, const struct attempt *a)
{
    /* RFC 7633, 4.1: "status_request" in a certificate's TLS Features says that the server staples. */
    TLS_FEATURE *features = X509_get_ext_d2i(leaf, NID_tlsfeature, NULL, NULL);
    for (int i = 0; i < sk_ASN1_INTEGER_num(features); i++) {
        long feature = ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i));
        v->must_staple |= feature == WT_EXT_STATUS_REQUEST || feature == WT_EXT_STATUS_REQUEST_V2;
    }
    TLS_FEATURE_free(features);
    /* RFC 6962, 3.3: the list as an OCTET STRING inside the extension */
    int at = X509_get_ext_by_NID(leaf, NID_ct_precert_scts, -1);
    const ASN1_OCTET_STRING *outer = at >= 0 ? X509_EXTENSION_get_data(X509_get_ext(leaf, at)) : NULL;
    const uint8_t *p = outer ? ASN1_STRING_get0_data(outer) : NULL;
    ASN1_OCTET_STRING *inner = p ? d2i_ASN1_OCTET_STRING(NULL, &p, ASN1_STRING_length(outer)) : NULL;
    if (inner) {
        struct wt_sct_result r;
        wt_sct_judge(j, wt_span_of(ASN1_STRING_get0_data(inner), (size_t)ASN1_STRING_length(inner)), leaf,
                     a->chain && sk_X509_num(a->chain) > 1 ? sk_X509_value(a->chain, 1) : NULL, true, &r);
        v->sct_count = r.count;
        v->sct_verified = r.verified;
        v->sct_bad = r.bad;
        v->sct_unknown = r.unknown;
        v->sct_latest = r.latest;
    }
    ASN1_OCTET_STRING_free(inner);
}

void wt_chain_verify(struct wt_judge *j, struct wt_judgement *v, int64_t seconds)
{
    struct attempt a = {.judge = j, .v = v};
    X509 *leaf = wt_judge_x509(j, v->sent[0]);
    STACK_OF(X509) *others = sk_X509_new_null();
    for (size_t i = 1; leaf && others && i < v->sent_count && i < WT_LIMIT_CHAIN_JUDGED; i++) {
        X509 *x = wt_judge_x509(j, v->sent[i]);
        if (x && !sk_X509_push(others, x))
            X509_free(x);
    }
    if (!leaf || !others || !try(&a, leaf, others, v->side, seconds) || sk_X509_num(a.chain) < 1) {
        blame(v, WT_CHAIN_UNREADABLE, v->sent[0], WT_CHAIN_WHY_NONE);
    } else {
        keep_path(v, &a);
        sort_errors(v, &a);
        judge_strength(v, &a);
        learn(j, v, &a);
        if (lacks_issuer(&a))
            judge_missing(j, v, &a, leaf, others, seconds);
        else if (has(&a, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT))
            blame(v, WT_CHAIN_SELF_SIGNED, v->sent[0], WT_CHAIN_WHY_NONE);
        else if (untrusted_root(&a))
            blame(v, WT_CHAIN_UNKNOWN_ISSUER, v->path_count ? v->path[v->path_count - 1] : NULL, WT_CHAIN_WHY_NONE);
        look_at_leaf(j, v, leaf, &a);
        judge_dates(v, seconds);
    }
    sk_X509_pop_free(a.chain, X509_free);
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    v->no_store = j->empty;
    for (size_t i = 0; i < v->sent_count; i++)
        bound(v, v->sent[i], seconds);
    for (size_t i = 0; i < v->path_count; i++)
        bound(v, v->path[i], seconds);
}
