/* What a connection's certificates are found to be: gathers what passed, has it judged, notes the proofs. The sentences
 * are verdicts.c's. */
#include "observer/judge.h"

#include "base/i18n.h"
#include "base/memory.h"
#include "certificate/chain_names.h"
#include "certificate/clock.h"
#include "certificate/judgements.h"
#include "certificate/ocsp.h"
#include "codec/ext/ext.h"
#include "observer/state.h"
#include "wording/wording.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

enum reason {
#define WT_REASON(id, text) REASON_##id,
#include "wording/proofs.def"
#undef WT_REASON
};

/* --- what passes ----------------------------------------------------------------------------------------------------
 */

const struct wt_tls_chain *wt_tls_chain(const struct wt_tls *tls, unsigned side)
{
    static const struct wt_tls_chain none;
    return side == WT_SERVER                  ? &tls->authentication.server_chain
           : tls->authentication.client_chain ? tls->authentication.client_chain
                                              : &none;
}

/* NULL without memory. */
static struct wt_tls_chain *chain_of(struct wt_tls *tls, unsigned side)
{
    if (side == WT_SERVER)
        return &tls->authentication.server_chain;
    if (!tls->authentication.client_chain)
        tls->authentication.client_chain = wt_arena_alloc(&tls->arena, sizeof *tls->authentication.client_chain);
    return tls->authentication.client_chain;
}

static int64_t seconds_of(int64_t ns)
{
    const int64_t second = 1000000000;
    return ns / second - (ns % second < 0);
}

void wt_judge_chain(const struct wt_observer *o, struct wt_tls *tls, unsigned side)
{
    struct wt_tls_chain *chain = chain_of(tls, side);
    if (!chain)
        return;
    chain->frame = o->frame;
    chain->seconds = seconds_of(o->now.ns);
}

static struct wt_chain_extras *extras_of(struct wt_tls *tls, unsigned side)
{
    struct wt_tls_chain *chain = chain_of(tls, side);
    if (!chain)
        return NULL;
    if (!chain->extras)
        chain->extras = wt_arena_alloc(&tls->arena, sizeof *chain->extras);
    return chain->extras;
}

void wt_judge_staple(const struct wt_observer *o, struct wt_tls *tls, unsigned side, struct wt_span response)
{
    struct wt_chain_extras *e = extras_of(tls, side);
    if (!e || e->staple.n || !response.n || response.n > WT_LIMIT_STAPLE)
        return;
    e->staple = wt_arena_copy(&tls->arena, response);
    e->staple_frame = o->frame;
}

void wt_judge_scts(struct wt_tls *tls, unsigned side, struct wt_span list)
{
    struct wt_chain_extras *e = extras_of(tls, side);
    if (e && !e->scts.n)
        e->scts = wt_arena_copy(&tls->arena, list);
}

void wt_judge_delegated(struct wt_tls *tls, unsigned side, struct wt_span credential)
{
    struct wt_chain_extras *e = extras_of(tls, side);
    if (e && !e->delegated.n)
        e->delegated = wt_arena_copy(&tls->arena, credential);
}

void wt_judge_begin(struct wt_observer *o)
{
    wt_work_begin(wt_crypto_work(o->crypto), seconds_of(o->now.ns));
}

void wt_judge_forget(struct wt_tls *tls)
{
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_judgement *v = wt_tls_chain(tls, side)->judgement;
        if (v)
            wt_judgement_release(v);
        for (size_t i = 0; i < tls->authentication.count[side]; i++)
            wt_certificates_release(tls->authentication.certificates[side][i]);
    }
}

/* --- proofs ---------------------------------------------------------------------------------------------------------
 */

static void note(struct wt_tls *tls, enum wt_proof which, enum wt_proof_result result, enum reason reason)
{
    tls->proofs[which] =
        (struct wt_tls_proof){tls->authentication.server_chain.frame, (uint8_t)result, (uint8_t)reason};
}

static bool has(const struct wt_judgement *v, enum wt_chain_fault fault)
{
    return v->faults & 1u << fault;
}

static void note_chain(struct wt_tls *tls, const struct wt_judgement *v)
{
    static const struct {
        enum wt_chain_fault fault;
        enum reason reason;
        bool by_store; /* it is so for want of trusted roots */
    } order[] = {
        {WT_CHAIN_UNREADABLE, REASON_CHAIN_UNREADABLE, false},
        {WT_CHAIN_SIGNATURE, REASON_CHAIN_SIGNATURE, false},
        {WT_CHAIN_EXPIRED, REASON_CHAIN_EXPIRED, false},
        {WT_CHAIN_NOT_YET, REASON_CHAIN_NOT_YET, false},
        {WT_CHAIN_PURPOSE, REASON_CHAIN_PURPOSE, false},
        {WT_CHAIN_OTHER, REASON_CHAIN_OTHER, false},
        {WT_CHAIN_SELF_SIGNED, REASON_CHAIN_SELF_SIGNED, true},
        {WT_CHAIN_INCOMPLETE, REASON_CHAIN_INCOMPLETE, true},
        {WT_CHAIN_UNKNOWN_ISSUER, REASON_CHAIN_UNKNOWN_ISSUER, true},
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (!has(v, order[i].fault))
            continue;
        if (order[i].fault == WT_CHAIN_NOT_YET && tls->authentication.server_chain.behind)
            note(tls, WT_PROOF_CHAIN, WT_PROOF_UNKNOWN, REASON_CHAIN_CLOCK);
        else if (order[i].fault == WT_CHAIN_UNREADABLE)
            note(tls, WT_PROOF_CHAIN, WT_PROOF_UNKNOWN, order[i].reason);
        else if (v->no_store && order[i].by_store)
            note(tls, WT_PROOF_CHAIN, WT_PROOF_UNKNOWN, REASON_CHAIN_NO_STORE);
        else
            note(tls, WT_PROOF_CHAIN, WT_PROOF_BAD, order[i].reason);
        return;
    }
    static const uint8_t untried[] = {
        [WT_UNTRIED_KEY] = REASON_TOO_LARGE,
        [WT_UNTRIED_LINKS] = REASON_LINKS,
        [WT_UNTRIED_WORK] = REASON_SPENT,
        [WT_UNTRIED_FAILING] = REASON_FAILING,
    };
    if (v->untried)
        note(tls, WT_PROOF_CHAIN, WT_PROOF_UNKNOWN, (enum reason)untried[v->untried]);
    else
        note(tls, WT_PROOF_CHAIN, WT_PROOF_OK, REASON_NONE);
}

/* --- names ----------------------------------------------------------------------------------------------------------
 */

/* RFC 6066, 3: "HostName contains the fully qualified DNS hostname … without a trailing dot." Some send it all the
 * same. */
static bool sni_name(const struct wt_tls *tls, char out[256])
{
    struct wt_span s = tls->agreed.sni;
    if (s.n && s.p[s.n - 1] == '.')
        s.n--;
    if (!s.n || s.n > 255 || memchr(s.p, '\0', s.n))
        return false;
    memcpy(out, s.p, s.n);
    out[s.n] = '\0';
    return true;
}

void wt_judge_names(struct wt_observer *o, struct wt_tls *tls, struct wt_mismatch *out)
{
    const struct wt_judgement *v = tls->authentication.server_chain.judgement;
    const char *host = o->judge->trust->host;
    *out = (struct wt_mismatch){0};
    if (!v || has(v, WT_CHAIN_UNREADABLE))
        return;
    if (sni_name(tls, out->asked)) {
        out->judged = true;
        out->wrong_asked = !wt_chain_names_match(o->judge, v, out->asked);
    }
    if (host) {
        out->judged = true;
        out->wrong_host = !wt_chain_names_match(o->judge, v, host);
    }
}

/* --- OCSP, SCTs, delegated credentials -------------------------------------------------------------------------------
 */

static void judge_staple(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_tls_chain *chain = &tls->authentication.server_chain;
    struct wt_chain_extras *e = chain->extras;
    struct wt_judgement *v = (struct wt_judgement *)(uintptr_t)chain->judgement;
    const struct wt_judged_staple *s = wt_ocsp_judge(o->judge, v, e->staple);
    if (!s)
        return;
    enum wt_ocsp_fault fault = wt_ocsp_fault_at(s, chain->seconds);
    if (!o->judge->trust->has_time)
        chain->behind = (uint8_t)wt_clock_behind(v, s->this_update, chain->seconds);
    if ((fault == WT_OCSP_EARLY && chain->behind) ||
        ((fault == WT_OCSP_EARLY || fault == WT_OCSP_OLD) && chain->no_clock))
        fault = WT_OCSP_CLOCK;
    bool untried = fault == WT_OCSP_UNTRIED_KEY || fault == WT_OCSP_UNTRIED_WORK;
    bool unknown = fault == WT_OCSP_NO_ISSUER || fault == WT_OCSP_CLOCK || untried;
    o->lost[WT_LOST_SIGNATURES] += untried;
    e->ocsp_fault = (uint8_t)fault;
    e->revoked_why = s->revoked_why;
    e->in_staple = (struct wt_sct_result){s->scts, s->sct_verified, s->sct_bad, s->sct_unknown};
    e->ocsp = (struct wt_ocsp){
        .stapled = true,
        .status = s->status,
        .this_update = s->this_update,
        .next_update = s->next_update,
        .revoked_at = s->revoked_at,
        .verified = {(uint8_t)(fault == WT_OCSP_FINE ? WT_PROOF_OK
                               : unknown             ? WT_PROOF_UNKNOWN
                                                     : WT_PROOF_BAD),
                     wt_wording_ocsp(fault), e->staple_frame},
    };
}

/* RFC 9345, 4.2: the leaf "has the DelegationUsage extension" and its key usage, if any, allows digitalSignature. */
static bool may_delegate(X509 *leaf)
{
    ASN1_OBJECT *usage = OBJ_txt2obj("1.3.6.1.4.1.44363.44", 1);
    bool found = usage && X509_get_ext_by_OBJ(leaf, usage, -1) >= 0;
    ASN1_OBJECT_free(usage);
    uint32_t key = X509_get_key_usage(leaf);
    return found && key & KU_DIGITAL_SIGNATURE;
}

/* *untried: the signature was not verified. */
static const char *credential_fault(struct wt_observer *o, const struct wt_tls *tls, unsigned side,
                                    const struct wt_ext_delegated_credential *dc, struct wt_span all, bool *untried)
{
    const struct wt_certificate_facts *leaf = wt_tls_chain(tls, side)->judgement->sent[0];
    static const char labels[2][34] = {"TLS, client delegated credentials", "TLS, server delegated credentials"};
    const int64_t week = 7 * (int64_t)86400;
    uint8_t pad[64];
    struct wt_public_key *key = wt_certificates_key(o->certificates, leaf);
    int64_t end = leaf->not_before + dc->valid_time, now = wt_tls_chain(tls, side)->seconds;
    X509 *x = wt_judge_x509(o->judge, leaf);
    bool may = x && may_delegate(x);
    X509_free(x);
    /* RFC 9345, 4.1.1: signed is "the octet 32 (0x20) repeated 64 times", the context string, 0, the leaf's DER, the
     * credential, its algorithm. */
    size_t cred = 4 + 2 + 3 + dc->subject_public_key_info.n + 2;
    memset(pad, 0x20, sizeof pad);
    const struct wt_span parts[] = {wt_span_of(pad, sizeof pad), wt_span_of(labels[side], sizeof *labels),
                                    wt_certificates_der(leaf), wt_span_cut(all, 0, cred)};
    enum wt_verdict verdict =
        key ? wt_signature_verify(o->crypto, key, dc->algorithm, true, parts, 4, dc->signature) : WT_CANNOT;
    *untried = verdict == WT_TOO_LARGE || verdict == WT_SPENT;
    if (*untried)
        return verdict == WT_TOO_LARGE ? wt_wording_ocsp(WT_OCSP_UNTRIED_KEY) : wt_wording_ocsp(WT_OCSP_UNTRIED_WORK);
    if (verdict != WT_HOLDS)
        return N_("its signature does not verify with the certificate's key");
    if (!may)
        return N_("the certificate must not delegate credentials (DelegationUsage, digitalSignature)");
    /* RFC 9345, 4.1.3: not expired, and the rest of its time at most "7 days (604800 seconds)" */
    if (end <= now)
        return N_("it has expired");
    return end - now > week ? N_("it is valid for more than seven days") : NULL;
}

static void judge_credential(struct wt_observer *o, struct wt_tls *tls, unsigned side)
{
    struct wt_chain_extras *e = wt_tls_chain(tls, side)->extras;
    struct wt_codec_context context = {.version = tls->agreed.version, .from_server = side == WT_SERVER};
    union wt_ext_body body;
    struct wt_error error;
    const struct wt_judgement *v = wt_tls_chain(tls, side)->judgement;
    e->credential.present = true;
    e->credential.verified =
        (struct wt_proof_verdict){WT_PROOF_BAD, N_("it is malformed"), wt_tls_chain(tls, side)->frame};
    if (has(v, WT_CHAIN_UNREADABLE) || wt_extension_decode(WT_EXT_DELEGATED_CREDENTIAL, &context, WT_IN_CT,
                                                           e->delegated, NULL, &body, &error) != WT_OK)
        return;
    const struct wt_ext_delegated_credential *dc = &body.delegated_credential;
    bool untried = false;
    const char *fault = credential_fault(o, tls, side, dc, e->delegated, &untried);
    e->credential.scheme = dc->dc_cert_verify_algorithm;
    e->credential.valid_until = v->sent[0]->not_before + dc->valid_time;
    e->credential.verified.result = untried ? WT_PROOF_UNKNOWN : fault ? WT_PROOF_BAD : WT_PROOF_OK;
    o->lost[WT_LOST_SIGNATURES] += untried;
    e->credential.verified.reason = fault;
}

static void judge_scts(struct wt_observer *o, struct wt_tls *tls)
{
    struct wt_chain_extras *e = tls->authentication.server_chain.extras;
    const struct wt_judgement *v = tls->authentication.server_chain.judgement;
    X509 *leaf = o->judge->trust->log_count ? wt_judge_x509(o->judge, v->sent[0]) : NULL;
    wt_sct_judge(o->judge, e->scts, leaf, NULL, false, &e->in_extension);
    X509_free(leaf);
}

/* --- the whole ------------------------------------------------------------------------------------------------------
 */

static void settle_side(struct wt_observer *o, struct wt_conversation *c, unsigned side)
{
    struct wt_tls *tls = c->tls;
    uint8_t type = side == WT_SERVER ? tls->agreed.server_certificate_type : tls->agreed.client_certificate_type;
    if (!tls->authentication.count[side] || type != 0) /* RFC 7250: no X.509 */
        return;
    struct wt_tls_chain *chain = chain_of(tls, side);
    if (!chain)
        return;
    if (o->judge->trust->has_time)
        chain->seconds = o->judge->trust->time;
    else if (!chain->seconds)
        chain->seconds = seconds_of(tls->outcome.start_ns);
    /* SSL is of 1995: a capture that says it is older has no clock. Then only what can be said without one is. */
    const int64_t first = 788918400;
    chain->no_clock =
        chain->seconds < first && !o->judge->trust->has_time && tls->authentication.certificates[side][0]->parsed;
    if (chain->no_clock)
        chain->seconds = tls->authentication.certificates[side][0]->not_before;
    const struct wt_certificate_facts *room[WT_LIMIT_CHAIN_JUDGED];
    const struct wt_certificate_facts *const *sent = wt_judge_pair_signing(tls, side, room);
    const size_t most = sent == room ? WT_LIMIT_CHAIN_JUDGED : SIZE_MAX, count = tls->authentication.count[side];
    const struct wt_judgement *v = wt_chain_judge(o->judge, side, sent, count < most ? count : most, chain->seconds);
    if (!v) {
        (void)wt_memory_refused(); /* if it was libcrypto, nobody else counts it */
        if (side == WT_SERVER)
            note(tls, WT_PROOF_CHAIN, WT_PROOF_UNKNOWN, REASON_MEMORY);
        return;
    }
    chain->judgement = v;
    o->lost[WT_LOST_SIGNATURES] += v->untried != WT_TRIED;
    if (chain->extras && chain->extras->delegated.n)
        judge_credential(o, tls, side);
    if (side == WT_SERVER) {
        struct wt_mismatch names;
        if (!o->judge->trust->has_time)
            chain->behind = (uint8_t)wt_clock_behind(chain->judgement, 0, chain->seconds);
        if (chain->extras && chain->extras->staple.n)
            judge_staple(o, tls);
        if (chain->extras && chain->extras->scts.n)
            judge_scts(o, tls);
        note_chain(tls, chain->judgement);
        if (chain->extras && chain->extras->ocsp.status == WT_OCSP_REVOKED &&
            chain->extras->ocsp.verified.result == WT_PROOF_OK && tls->proofs[WT_PROOF_CHAIN].result != WT_PROOF_BAD)
            note(tls, WT_PROOF_CHAIN, WT_PROOF_BAD, REASON_CHAIN_REVOKED);
        wt_judge_names(o, tls, &names);
        if (names.judged)
            note(tls, WT_PROOF_HOST_NAME, names.wrong_asked || names.wrong_host ? WT_PROOF_BAD : WT_PROOF_OK,
                 names.wrong_asked || names.wrong_host ? REASON_HOST : REASON_NONE);
    }
    wt_verdicts_say(o, c, side);
}

void wt_judge_settle(struct wt_observer *o, struct wt_conversation *c)
{
    if (o->options.verify == WT_VERIFY_NONE)
        return;
    wt_judge_begin(o);
    settle_side(o, c, WT_SERVER);
    settle_side(o, c, WT_CLIENT);
    wt_judge_pair(o, c, WT_SERVER);
    wt_judge_pair(o, c, WT_CLIENT);
}

void wt_judge_fill(struct wt_observer *o, const struct wt_tls *tls, struct wt_connection *out)
{
    const struct wt_tls_chain *chain = &tls->authentication.server_chain;
    const struct wt_judgement *v = chain->judgement;
    const struct wt_chain_extras *e = chain->extras;
    if (!v)
        return;
    out->path = v->path;
    out->path_count = v->path_count;
    out->scts = (struct wt_scts){.certificate = v->sct_count,
                                 .verified = v->sct_verified,
                                 .bad = v->sct_bad,
                                 .unknown_log = v->sct_unknown,
                                 .judged = o->judge->trust->log_count > 0};
    if (!e)
        return;
    out->ocsp = e->ocsp;
    out->delegated = e->credential;
    out->scts.extension = e->in_extension.count;
    out->scts.ocsp = e->in_staple.count;
    out->scts.verified = (uint16_t)(out->scts.verified + e->in_extension.verified + e->in_staple.verified);
    out->scts.bad = (uint16_t)(out->scts.bad + e->in_extension.bad + e->in_staple.bad);
    out->scts.unknown_log = (uint16_t)(out->scts.unknown_log + e->in_extension.unknown + e->in_staple.unknown);
}
