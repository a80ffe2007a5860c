/* What is wrong with TLCP's two certificates of a side, in sentences. GB/T 38636-2020, 6.4.5.3: the signing certificate
 * comes first, the encryption certificate after it. */
#include "observer/judge.h"

#include "base/i18n.h"
#include "observer/state.h"

/* A side's chain, as input of the sentences. */
struct side_chain {
    struct wt_observer *o;
    struct wt_tls *tls;
    const struct wt_tls_chain *chain;
    const struct wt_judgement *v;
    unsigned side;
};

static const char *owner_of(unsigned side)
{
    return side == WT_SERVER ? _("The server") : _("The client");
}

static void close_pair(struct wt_tls *tls, const struct wt_list_finding *f, enum wt_fault fault)
{
    if (!f)
        return;
    wt_finding_grade(f, WT_ERROR);
    wt_finding_blame(tls, f, fault, WT_NOTICED_BY_NONE, false);
}

static enum wt_fault fault_of(unsigned side)
{
    return side == WT_SERVER ? WT_FAULT_SERVER : WT_FAULT_CLIENT;
}

/* With ECC a client encrypts for the server, and nobody for the client. */
static bool is_in_form(const struct wt_tls *tls, unsigned side, struct wt_pair pair)
{
    if (pair.signing == SIZE_MAX)
        return false;
    if (pair.encryption == SIZE_MAX)
        return side == WT_CLIENT && tls->agreed.kx != WT_KX_SM2_DHE;
    return pair.signing < pair.encryption;
}

static void say_pair_form(struct wt_tls *tls, unsigned side, struct wt_pair pair)
{
    for (size_t i = 0; i < tls->authentication.count[side]; i++)
        if (!tls->authentication.certificates[side][i]->parsed)
            return; /* what it is for is not known */
    if (is_in_form(tls, side, pair))
        return;
    close_pair(
        tls,
        wt_finding_say(
            tls, WT_FINDING_TLCP_CERTIFICATE_PAIR, wt_tls_chain(tls, side)->frame,
            pair.signing == SIZE_MAX
                ? _("%s sent no signing certificate: TLCP needs two, one to sign with and one to encrypt for, "
                    "which are told apart by their key usage.")
            : pair.encryption == SIZE_MAX
                ? _("%s sent no encryption certificate: TLCP needs two, one to sign with and one to encrypt for, "
                    "which are told apart by their key usage.")
                : _("%s sent its encryption certificate before its signing certificate: a peer that goes by the "
                    "order takes each for the other."),
            owner_of(side)),
        fault_of(side));
}

static void say_pair_time(const struct side_chain *t, const struct wt_certificate_facts *f, const char *which)
{
    char when[WT_DATE_ROOM];
    const int64_t now = t->chain->seconds;
    if (!f->parsed || t->chain->no_clock || (now >= f->not_before && now <= f->not_after))
        return;
    const bool expired = now > f->not_after;
    (void)wt_judge_date(expired ? f->not_after : f->not_before, when);
    close_pair(
        t->tls,
        wt_finding_say(t->tls, WT_FINDING_TLCP_CERTIFICATE_PAIR, t->chain->frame,
                       expired ? _("%s (%.80s), one of TLCP's two, expired on %s: %s it was out of date.")
                               : _("%s (%.80s), one of TLCP's two, is not valid before %s: %s that was in the future."),
                       which, wt_verdicts_name(f), when, wt_verdicts_clock(t->o)),
        fault_of(t->side));
}

/* What the encryption certificate's chain lacks, and the signing certificate's does not. */
static void say_pair_chain(const struct side_chain *t, const struct wt_judgement *encryption)
{
    const unsigned trust = 1u << WT_CHAIN_SELF_SIGNED | 1u << WT_CHAIN_INCOMPLETE | 1u << WT_CHAIN_UNKNOWN_ISSUER;
    const struct wt_certificate_facts *f = encryption->sent[0];
    const bool forged = encryption->faults & 1u << WT_CHAIN_SIGNATURE && encryption->point[WT_CHAIN_SIGNATURE].who == f;
    if (!forged && (!(encryption->faults & trust) || t->v->faults & trust || t->v->no_store))
        return;
    close_pair(
        t->tls,
        wt_finding_say(t->tls, WT_FINDING_TLCP_CERTIFICATE_PAIR, t->chain->frame,
                       forged ? _("%s (%.80s) has a signature that does not verify with the key of its issuer %.120s.")
                              : _("%s (%.80s), unlike the signing certificate, does not lead to a trusted root: its "
                                  "issuer is %.120s."),
                       t->side == WT_SERVER ? _("The server's encryption certificate")
                                            : _("The client's encryption certificate"),
                       wt_verdicts_name(f), f->issuer),
        fault_of(t->side));
}

/* GB/T 38636-2020, 6.4.5.8: the keys of both sides' encryption certificates go into an exchange with ECDHE. */
static void say_pair_absent(struct wt_tls *tls)
{
    const bool asked = wt_flow_has(&tls->flow, WT_FACT_CERTIFICATE_REQUESTED);
    if (tls->agreed.kx != WT_KX_SM2_DHE || !wt_flow_has(&tls->flow, WT_FACT_CLIENT_KEYS) ||
        tls->side[WT_CLIENT].missing || tls->side[WT_SERVER].missing)
        return;
    close_pair(
        tls,
        wt_finding_say(tls, WT_FINDING_TLCP_CERTIFICATE_PAIR, tls->seen.key_frame,
                       asked ? _("The client sent no certificates, although the key exchange is ECDHE: TLCP's needs "
                                 "both of the client's certificates.")
                             : _("The server chose ECDHE and asked for no client certificate: TLCP's ECDHE needs "
                                 "both of the client's certificates.")),
        asked ? WT_FAULT_CLIENT : WT_FAULT_SERVER);
}

void wt_verdicts_pair(struct wt_observer *o, struct wt_conversation *c, unsigned side, struct wt_pair pair,
                      const struct wt_judgement *chain)
{
    struct wt_tls *tls = c->tls;
    const struct side_chain t = {o, tls, wt_tls_chain(tls, side), wt_tls_chain(tls, side)->judgement, side};
    const struct wt_certificate_facts *const *list = tls->authentication.certificates[side];
    if (!tls->authentication.count[side]) {
        if (side == WT_CLIENT)
            say_pair_absent(tls);
        return;
    }
    say_pair_form(tls, side, pair);
    if (!t.v)
        return;
    if (pair.signing != SIZE_MAX)
        say_pair_time(&t, list[pair.signing],
                      side == WT_SERVER ? _("The server's signing certificate")
                                        : _("The client's signing certificate"));
    if (pair.encryption != SIZE_MAX)
        say_pair_time(&t, list[pair.encryption],
                      side == WT_SERVER ? _("The server's encryption certificate")
                                        : _("The client's encryption certificate"));
    if (chain)
        say_pair_chain(&t, chain);
}
