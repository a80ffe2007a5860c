/* The peer's certificates: kept, judged by certificate/judge.h as the observer judges them, and what is wrong told by
 * the same ids. An endpoint takes no doubt for a yes: what was not verified is refused. */
#include "endpoint/verify.h"

#include "base/array.h"
#include "certificate/chain_names.h"
#include "endpoint/failure.h"
#include "endpoint/flight.h"
#include "endpoint/status.h"

/* --- what came ---------------------------------------------------------------------------------------------------- */

/* Those of an earlier handshake of the connection, or of an earlier request. */
static void forget(struct wt_endpoint *e)
{
    while (e->certificate_count)
        wt_certificates_release(e->certificates[--e->certificate_count]);
    if (e->judgement)
        wt_judgement_release(e->judgement);
    e->judgement = NULL;
    e->verified = false;
    e->wrong_count = e->status = 0;
    e->staple.n = e->timestamps.n = 0;
    e->scts = (struct wt_scts){0};
}

bool wt_endpoint_certificates(struct wt_endpoint *e, const struct wt_certificate *certificate)
{
    struct wt_span rest = certificate->list;
    struct wt_certificate_entry entry;
    forget(e);
    while (wt_certificate_next(certificate, &rest, &entry)) {
        if (e->certificate_count == WT_LIMIT_PEER_CERTIFICATES)
            return wt_endpoint_too_much(e, WT_EXCESS_CERTIFICATES, WT_LIMIT_PEER_CERTIFICATES);
        const size_t size = sizeof *e->certificates; /* NOLINT(bugprone-sizeof-expression): pointers */
        if (!wt_array_grow(&e->certificates, e->certificate_count, &e->certificate_room, size, 4))
            return wt_endpoint_broken(e);
        const struct wt_certificate_facts *facts = wt_certificates_intern(e->party->certificates, entry.data);
        if (!facts)
            return wt_endpoint_broken(e);
        e->certificates[e->certificate_count++] = wt_certificates_keep(facts);
    }
    return true;
}

const struct wt_certificate *wt_endpoint_certificate_of(const struct wt_endpoint *e, const struct wt_received *m)
{
    const struct wt_handshake_message *inner =
        m->type == WT_HANDSHAKE_COMPRESSED_CERTIFICATE ? e->h.messages.list[m->at]->inner : NULL;
    return inner ? &inner->body.certificate : &m->body->certificate;
}

struct wt_public_key *wt_endpoint_peer_key(struct wt_endpoint *e)
{
    struct wt_public_key *key =
        e->certificate_count ? wt_certificates_key(e->party->certificates, e->certificates[0]) : NULL;
    if (!key)
        (void)wt_endpoint_fail(e, WT_ALERT_BAD_CERTIFICATE, "malformed-message");
    return key;
}

static bool has_text(const struct wt_text_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (!strcmp(list->items[i], text))
            return true;
    return false;
}

/* RFC 8446, 4.4.2.2: "The certificate MUST allow the key to be used for signing (i.e., the digitalSignature bit MUST be
 * set if the Key Usage extension is present)"; RFC 5246, 7.4.2, for suites that sign. RFC 8422, 5.3: up to TLS 1.2 the
 * curve of a server's key "MUST respect the client's choice of elliptic curves". */
bool wt_endpoint_may_sign(struct wt_endpoint *e)
{
    const struct wt_certificate_facts *leaf = e->certificates[0];
    if (leaf->key_usage.count && !has_text(&leaf->key_usage, "digitalSignature"))
        return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "certificate-wrong-purpose");
    if (e->h.agreed.chosen.tls13 || e->side != WT_CLIENT || !leaf->key_curve)
        return true;
    const struct wt_span groups = wt_buffer_span(&e->party->groups);
    for (size_t i = 0; i < wt_codes_count(groups); i++) {
        const struct wt_group *group = wt_group_find(wt_codes_at(groups, i));
        if (!strcmp(group->name, leaf->key_curve) || (group->openssl && !strcmp(group->openssl, leaf->key_curve)))
            return true;
    }
    return wt_endpoint_fail(e, WT_ALERT_ILLEGAL_PARAMETER, "no-shared-group");
}

/* --- the verdict -------------------------------------------------------------------------------------------------- */

/* Worst first: the first is the reason. */
static const struct {
    uint8_t fault; /* enum wt_chain_fault */
    uint8_t alert;
    const char *finding;
} faults[] = {
    {WT_CHAIN_UNREADABLE, WT_ALERT_BAD_CERTIFICATE, "malformed-message"},
    {WT_CHAIN_SIGNATURE, WT_ALERT_BAD_CERTIFICATE, "certificate-bad-signature"},
    {WT_CHAIN_EXPIRED, WT_ALERT_CERTIFICATE_EXPIRED, "certificate-expired"},
    {WT_CHAIN_NOT_YET, WT_ALERT_CERTIFICATE_EXPIRED, "certificate-not-yet-valid"},
    {WT_CHAIN_SELF_SIGNED, WT_ALERT_UNKNOWN_CA, "certificate-self-signed"},
    {WT_CHAIN_INCOMPLETE, WT_ALERT_UNKNOWN_CA, "certificate-chain-incomplete"},
    {WT_CHAIN_UNKNOWN_ISSUER, WT_ALERT_UNKNOWN_CA, "certificate-unknown-issuer"},
    {WT_CHAIN_PURPOSE, WT_ALERT_UNSUPPORTED_CERTIFICATE, "certificate-wrong-purpose"},
    {WT_CHAIN_WEAK, WT_ALERT_BAD_CERTIFICATE, "certificate-weak"},
    {WT_CHAIN_OTHER, WT_ALERT_BAD_CERTIFICATE, "certificate-wrong-purpose"},
};

static void wrong(struct wt_endpoint *e, uint8_t alert, const char *finding)
{
    if (!e->wrong_count)
        e->wrong_alert = alert;
    if (e->wrong_count < sizeof e->wrong / sizeof *e->wrong)
        e->wrong[e->wrong_count++] = finding;
}

static void judge_chain(struct wt_endpoint *e, const struct wt_judgement *v)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (v->faults & 1u << faults[i].fault)
            wrong(e, faults[i].alert, faults[i].finding);
    /* what was too much to verify is not verified; without any trusted root nothing is */
    if (!e->wrong_count && v->untried != WT_TRIED)
        wrong(e, WT_ALERT_BAD_CERTIFICATE, "certificate-weak");
    if (!e->wrong_count && v->no_store)
        wrong(e, WT_ALERT_UNKNOWN_CA, "certificate-unknown-issuer");
}

/* RFC 9525, 6.1: the client holds the name that it wanted against the certificate. */
static void judge_name(struct wt_endpoint *e, const struct wt_judgement *v)
{
    if (e->side == WT_CLIENT && e->host && !wt_chain_names_match(e->party->judge, v, e->host))
        wrong(e, WT_ALERT_BAD_CERTIFICATE, "certificate-host-mismatch");
}

static void judge_status(struct wt_endpoint *e, struct wt_judgement *v)
{
    uint8_t alert;
    const char *finding = e->side == WT_CLIENT ? wt_status_judge(e, v, &alert) : NULL;
    if (finding)
        wrong(e, alert, finding);
}

int64_t wt_endpoint_judged_at(const struct wt_endpoint *e)
{
    const struct wt_trust *trust = e->party->judge->trust;
    return trust->has_time ? trust->time : e->now_ms / 1000;
}

/* The key of a chain's leaf has to be of the kind that signed: that is the signature's own check. */
static bool judge(struct wt_endpoint *e)
{
    struct wt_judgement *judgement =
        wt_chain_judge(e->party->judge, e->peer, e->certificates, e->certificate_count, wt_endpoint_judged_at(e));
    e->judgement = judgement;
    if (!judgement)
        return wt_endpoint_broken(e);
    judge_chain(e, e->judgement);
    judge_name(e, e->judgement);
    judge_status(e, judgement);
    if (e->side == WT_CLIENT && !wt_status_timestamps(e, judgement))
        return false;
    e->verified = !e->wrong_count;
    e->x->judged = true;
    return true;
}

/* A server's own certificate has findings of its own; of a client's it is first of all told that it was refused. */
static bool refuse(struct wt_endpoint *e)
{
    const uint8_t alert = e->wrong_count ? e->wrong_alert : WT_ALERT_CERTIFICATE_UNKNOWN;
    if (e->side == WT_SERVER)
        return wt_endpoint_fail(e, alert, "client-certificate-rejected");
    return wt_endpoint_fail(e, alert, e->wrong_count ? e->wrong[0] : "rejected-by-client");
}

/* What is wrong with what is taken all the same. */
static void warn(struct wt_endpoint *e)
{
    for (size_t i = 0; i < e->wrong_count; i++)
        wt_endpoint_event(e, &(struct wt_event){.kind = WT_EVENT_WARNING, .finding = e->wrong[i]});
}

static bool is_accepted(const struct wt_endpoint *e)
{
    return wt_flight_asks(e, WT_ASK_VERDICT) ? e->x->accepted : e->verified || e->party->o.without_verification;
}

bool wt_endpoint_verify(struct wt_endpoint *e)
{
    if (!e->certificate_count)
        return true;
    if (!e->x->judged && !judge(e))
        return false;
    if (wt_flight_asks(e, WT_ASK_VERDICT) && !wt_flight_ask(e, WT_ASK_VERDICT))
        return true;
    if (!is_accepted(e))
        return refuse(e);
    warn(e);
    return true;
}
