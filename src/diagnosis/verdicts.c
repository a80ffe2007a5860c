/* What is wrong with certificates, in sentences with their evidence.
 *
 * Severities are those of observations: whether the client rejected the certificate for it is decided in causes.c,
 * which makes one of them fatal. They follow from what was at stake on a connection that continued: an expired
 * certificate or one for another host means that the client verifies nothing (RFC 5280, 6.1.3; RFC 9525, 6.6: error). A
 * root that is not in the trust store of the machine that reads the capture says nothing about the client's store: a
 * notice, unless the user said what is trusted. */
#include "observer/judge.h"

#include "base/date.h"
#include "base/i18n.h"
#include "base/uninitialized.h"
#include "certificate/clock.h"
#include "observer/state.h"
#include "wording/wording.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>

#define DAY ((int64_t)86400)
#define SOON                                                                                                           \
    (14 * DAY)   /* RFC 8555's clients renew a 90-day certificate when 30 days are left: by then they have failed */
#define NAMES 4u /* of a certificate in one sentence */

/* A side's chain, as input of the sentences. */
struct side_chain {
    struct wt_observer *o;
    struct wt_tls *tls;
    const struct wt_tls_chain *chain;
    const struct wt_judgement *v;
    unsigned side;
};

const char *wt_verdicts_name(const struct wt_certificate_facts *f)
{
    if (!f || !f->parsed)
        return "?";
    if (f->common_name && *f->common_name)
        return f->common_name;
    if (f->san_count && *f->san[0])
        return f->san[0];
    return *f->subject ? f->subject : f->serial;
}

/* The start of a sentence; the name follows in parentheses. */
static const char *kind_of(const struct side_chain *t, const struct wt_certificate_facts *f)
{
    if (f == t->v->sent[0])
        return t->side == WT_SERVER ? _("The server's certificate") : _("The client's certificate");
    return f && f->self_issued ? _("The root certificate") : _("The intermediate certificate");
}

const char *wt_verdicts_clock(const struct wt_observer *o)
{
    return o->judge->trust->has_time ? _("at the time given with --at") : _("by the capture's clock");
}

const char *wt_judge_date(int64_t seconds, char out[WT_DATE_ROOM])
{
    struct tm tm;
    if (!wt_date_of(seconds, &tm) || !strftime(out, WT_DATE_ROOM, "%Y-%m-%d %H:%M:%S UTC", &tm))
        (void)snprintf(out, WT_DATE_ROOM, "%" PRId64, seconds);
    return out;
}

static const char *span(int64_t seconds, char out[60])
{
    if (seconds >= 2 * DAY)
        (void)snprintf(out, 60, ngettext_("%" PRId64 " day", "%" PRId64 " days", (unsigned long)(seconds / DAY)),
                       seconds / DAY);
    else if (seconds >= 7200)
        (void)snprintf(out, 60, ngettext_("%" PRId64 " hour", "%" PRId64 " hours", (unsigned long)(seconds / 3600)),
                       seconds / 3600);
    else if (seconds >= 120)
        (void)snprintf(out, 60, ngettext_("%" PRId64 " minute", "%" PRId64 " minutes", (unsigned long)(seconds / 60)),
                       seconds / 60);
    else
        (void)snprintf(out, 60, ngettext_("%" PRId64 " second", "%" PRId64 " seconds", (unsigned long)seconds),
                       seconds);
    return out;
}

/* The rows' advice is for servers. */
static enum wt_advice advice_for_client(enum wt_finding_id id)
{
    switch (id) {
    case WT_FINDING_CERTIFICATE_EXPIRED:
        return WT_ADVICE_CLIENT_EXPIRED;
    case WT_FINDING_CERTIFICATE_NOT_YET_VALID:
        return WT_ADVICE_CLIENT_NOT_YET;
    case WT_FINDING_CERTIFICATE_WRONG_PURPOSE:
        return WT_ADVICE_CLIENT_PURPOSE;
    case WT_FINDING_CERTIFICATE_WEAK:
        return WT_ADVICE_CLIENT_WEAK;
    default:
        return WT_ADVICE_OF_ROW;
    }
}

static void close_finding(const struct side_chain *t, const struct wt_list_finding *f, enum wt_severity severity,
                          bool probable)
{
    if (!f)
        return;
    wt_finding_grade(f, severity);
    wt_finding_blame(t->tls, f, t->side == WT_SERVER ? WT_FAULT_SERVER : WT_FAULT_CLIENT, WT_NOTICED_BY_NONE, probable);
    if (t->side == WT_CLIENT)
        wt_finding_advise(f, advice_for_client((enum wt_finding_id)f->row));
}

static bool has(const struct side_chain *t, enum wt_chain_fault fault)
{
    return t->v->faults & 1u << fault;
}

/* --- times -------------------------------------------------------------------------------------------------------- */

/* Neither side is at fault if the client accepted it: the capture's clock is behind, and perhaps the client's. */
static void say_behind(const struct side_chain *t, const struct wt_certificate_facts *f)
{
    const unsigned behind = t->chain->behind;
    char when[WT_DATE_ROOM], by[60], then[WT_DATE_ROOM];
    int64_t latest = behind & WT_CLOCK_LOG      ? t->v->sct_latest
                     : behind & WT_CLOCK_STAPLE ? t->chain->extras->ocsp.this_update
                                                : 0;
    for (size_t i = 1; !(behind & (WT_CLOCK_LOG | WT_CLOCK_STAPLE)) && i < t->v->sent_count; i++)
        if (t->v->sent[i]->parsed && !t->v->sent[i]->self_issued && t->v->sent[i]->not_before > latest)
            latest = t->v->sent[i]->not_before;
    char reason[200];
    if (behind & WT_CLOCK_LOG)
        (void)snprintf(reason, sizeof reason, _("a Certificate Transparency log signed it on %s"),
                       wt_judge_date(latest, then));
    else if (behind & WT_CLOCK_STAPLE)
        (void)snprintf(reason, sizeof reason, _("the stapled OCSP response is dated %s"), wt_judge_date(latest, then));
    else
        (void)snprintf(reason, sizeof reason, _("the issuers' certificates are also dated later, up to %s"),
                       wt_judge_date(latest, then));
    const struct wt_list_finding *said = wt_finding_say(
        t->tls, WT_FINDING_CERTIFICATE_NOT_YET_VALID, t->chain->frame,
        _("%s (%.80s) is not valid before %s: that was still %s in the future %s. Probably that clock is behind: %s."),
        kind_of(t, f), wt_verdicts_name(f), wt_judge_date(f->not_before, when),
        span(f->not_before - t->chain->seconds, by), wt_verdicts_clock(t->o), reason);
    if (!said)
        return;
    wt_finding_grade(said, WT_NOTICE);
    wt_finding_blame(t->tls, said, WT_FAULT_NONE, WT_NOTICED_BY_NONE, true);
}

static void say_times(const struct side_chain *t)
{
    char when[WT_DATE_ROOM], by[60];
    int64_t now = t->chain->seconds;
    const struct wt_certificate_facts *f = t->v->point[WT_CHAIN_EXPIRED].who;
    if (has(t, WT_CHAIN_EXPIRED) && f)
        close_finding(t,
                      /* TRANSLATORS: "The server's certificate (example.org) expired on DATE: it was 3 days out of
                       * date by the capture's clock." */
                      wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_EXPIRED, t->chain->frame,
                                     _("%s (%.80s) expired on %s: it was %s out of date %s."), kind_of(t, f),
                                     wt_verdicts_name(f), wt_judge_date(f->not_after, when),
                                     span(now - f->not_after, by), wt_verdicts_clock(t->o)),
                      f->self_issued && f != t->v->sent[0] ? WT_WARNING : WT_ERROR, false);
    f = t->v->point[WT_CHAIN_NOT_YET].who;
    if (has(t, WT_CHAIN_NOT_YET) && f && t->chain->behind)
        say_behind(t, f);
    else if (has(t, WT_CHAIN_NOT_YET) && f)
        close_finding(t,
                      wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_NOT_YET_VALID, t->chain->frame,
                                     _("%s (%.80s) is not valid before %s: that was still %s in the future %s."),
                                     kind_of(t, f), wt_verdicts_name(f), wt_judge_date(f->not_before, when),
                                     span(f->not_before - now, by), wt_verdicts_clock(t->o)),
                      WT_ERROR, false);
}

/* A certificate with a lifetime of days is always near its end: what counts is that more than two thirds of its time
 * are over, when automatic renewal should have happened. */
static void say_soon(const struct side_chain *t)
{
    const struct wt_certificate_facts *soonest = NULL;
    char when[WT_DATE_ROOM], left[60];
    int64_t now = t->chain->seconds;
    for (size_t i = 0; i < t->v->path_count && i < t->v->sent_count; i++) {
        const struct wt_certificate_facts *f = t->v->path[i];
        int64_t rest = f->not_after - now, all = f->not_after - f->not_before;
        if (f->parsed && !(f->self_issued && i) && rest >= 0 && rest <= SOON && rest < all / 3 &&
            (!soonest || f->not_after < soonest->not_after))
            soonest = f;
    }
    if (soonest)
        close_finding(t,
                      wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_EXPIRES_SOON, t->chain->frame,
                                     _("%s (%.80s) expires on %s, with %s left %s."), kind_of(t, soonest),
                                     wt_verdicts_name(soonest), wt_judge_date(soonest->not_after, when),
                                     span(soonest->not_after - now, left), wt_verdicts_clock(t->o)),
                      WT_WARNING, false);
}

/* --- trust -------------------------------------------------------------------------------------------------------- */

/* Whether the user said what is trusted; if not, the system's store stands in for the client's, which is unknown. */
static bool store_was_given(const struct side_chain *t)
{
    return t->o->judge->trust->anchor_count || t->o->judge->trust->path_count;
}

static const char *store_of(const struct side_chain *t)
{
    return store_was_given(t) ? _("the system's trust store or among the roots given with --ca-file and --ca-path")
                              : _("this system's trust store");
}

/* One that cannot be read may be the one that seems to be missing. */
static const struct wt_list_finding *say_damaged(const struct side_chain *t)
{
    for (unsigned i = 1; i < t->v->sent_count; i++)
        if (!t->v->sent[i]->parsed)
            return wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_CHAIN_INCOMPLETE, t->chain->frame,
                                  _("Certificate %u of the server's chain is not valid DER: it is damaged. Without it "
                                    "the chain ends at %.80s, which is not issued by a trusted root."),
                                  i + 1, wt_verdicts_name(t->v->point[WT_CHAIN_INCOMPLETE].who));
    return NULL;
}

static void say_incomplete(const struct side_chain *t)
{
    const struct wt_certificate_facts *f = t->v->point[WT_CHAIN_INCOMPLETE].who;
    const struct wt_list_finding *said;
    /* RFC 8446, 4.4.2 allows a trust anchor to be left out; what issued an intermediate may have become one under
     * its own name */
    bool anchor = t->v->proved && !t->v->trusted_then && t->v->path_count > 1 && t->v->path[1] != f;
    if (!t->v->proved && (said = say_damaged(t))) {
        close_finding(t, said, WT_WARNING, true);
        wt_finding_advise(said, WT_ADVICE_CERTIFICATE_DAMAGED);
        return;
    }
    if (anchor)
        said = wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_CHAIN_INCOMPLETE, t->chain->frame,
                              _("The server did not send the certificate of %.80s. It is known here as an intermediate "
                                "(from another connection or --untrusted), and its root is not in this system's trust "
                                "store; a client that trusts %.80s as a root does not need it."),
                              wt_verdicts_name(f), wt_verdicts_name(f));
    else if (t->v->proved)
        said = wt_finding_say(
            t->tls, WT_FINDING_CERTIFICATE_CHAIN_INCOMPLETE, t->chain->frame,
            t->v->trusted_then
                ? _("The server did not send the intermediate certificate %.80s. With it (known here from another "
                    "connection or --untrusted) the chain leads to a trusted root.")
                : _("The server did not send the intermediate certificate %.80s (known here from another connection or "
                    "--untrusted). Its root is not in this system's trust store either."),
            wt_verdicts_name(f));
    else
        said = wt_finding_say(
            t->tls, WT_FINDING_CERTIFICATE_CHAIN_INCOMPLETE, t->chain->frame,
            _("The server probably did not send the intermediate certificate %.120s, which issued %.80s and is not a "
              "trusted root itself: %s. Pass that certificate with --untrusted to confirm."),
            t->v->missing ? t->v->missing : "?", wt_verdicts_name(f),
            _(wt_wording_chain(t->v->point[WT_CHAIN_INCOMPLETE].why)));
    bool sure = t->v->proved && !anchor;
    close_finding(t, said, sure ? WT_WARNING : WT_NOTICE, !sure);
}

/* A proxy makes a certificate for the name that the client asked for. The vendor's own hosts and appliances have
 * certificates of the vendor's, too: those are for other names, for the vendor's domain, or for a serial number. */
static bool is_made_for_client(const struct side_chain *t, const char *product)
{
    const struct wt_certificate_facts *leaf = t->v->sent[0];
    struct wt_mismatch wrong;
    char vendor[24];
    size_t n = strcspn(product, " ");
    bool host = leaf->common_name && strchr(leaf->common_name, '.');
    if (n >= sizeof vendor)
        return false;
    memcpy(vendor, product, n);
    vendor[n] = '\0';
    for (size_t i = 0; i < leaf->san_count; i++) {
        host |= strchr(leaf->san[i], '.') != NULL;
        if (strcasestr(leaf->san[i], vendor))
            return false;
    }
    if (!host || (leaf->common_name && strcasestr(leaf->common_name, vendor)))
        return false;
    wt_judge_names(t->o, t->tls, &wrong);
    return !wrong.wrong_asked;
}

static bool say_intercepted(const struct side_chain *t)
{
    const char *product = t->v->inspector;
    /* what everybody trusts is no proxy's */
    if (!product || (!t->v->faults && !t->v->no_store && !store_was_given(t)) || !is_made_for_client(t, product))
        return false;
    const struct wt_list_finding *f = wt_finding_say(
        t->tls, WT_FINDING_TLS_INTERCEPTED, t->chain->frame,
        _("The certificate %.80s was issued by %.120s: that is the name of %s, a proxy that inspects TLS "
          "and answers in the server's place."),
        wt_verdicts_name(t->v->sent[0]), t->v->sent[0]->issuer && *t->v->sent[0]->issuer ? t->v->sent[0]->issuer : "?",
        product);
    if (f)
        wt_finding_blame(t->tls, f, WT_FAULT_BETWEEN, WT_NOTICED_BY_NONE, true);
    return f != NULL;
}

static void say_trust(const struct side_chain *t)
{
    enum wt_severity severity = store_was_given(t) ? WT_WARNING : WT_NOTICE;
    const struct wt_certificate_facts *f = t->v->point[WT_CHAIN_UNKNOWN_ISSUER].who;
    if (has(t, WT_CHAIN_SELF_SIGNED))
        close_finding(t,
                      wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_SELF_SIGNED, t->chain->frame,
                                     _("%s (%.80s) is self-signed and is not in %s."), kind_of(t, t->v->sent[0]),
                                     wt_verdicts_name(t->v->sent[0]), store_of(t)),
                      severity, false);
    if (has(t, WT_CHAIN_INCOMPLETE) && (!t->v->no_store || t->v->proved))
        say_incomplete(t);
    if (!has(t, WT_CHAIN_UNKNOWN_ISSUER) || t->v->no_store)
        return;
    if (f && f->self_issued)
        close_finding(t,
                      wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_UNKNOWN_ISSUER, t->chain->frame,
                                     _("The chain ends at the root %.80s, which is not in %s."), wt_verdicts_name(f),
                                     store_of(t)),
                      severity, false);
    else
        close_finding(t,
                      wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_UNKNOWN_ISSUER, t->chain->frame,
                                     _("The chain ends at %.80s, whose issuer %.120s is not in %s."),
                                     wt_verdicts_name(f), t->v->missing ? t->v->missing : "?", store_of(t)),
                      severity, false);
}

/* --- form --------------------------------------------------------------------------------------------------------- */

static void say_strength(const struct side_chain *t)
{
    const struct wt_chain_point *p = &t->v->point[WT_CHAIN_WEAK];
    /* if the handshake did not fail, a short key of the server is reported as weak-key */
    if (t->side == WT_SERVER && t->tls->outcome.state != WT_FAILED && t->v->weak_leaf)
        p = &t->v->weak_next;
    const struct wt_certificate_facts *f = p->who;
    if (!has(t, WT_CHAIN_WEAK) || !f)
        return;
    close_finding(t,
                  wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_WEAK, t->chain->frame,
                                 _("%s (%.80s) is weak: %s (%s key of %d bits, %s)."), kind_of(t, f),
                                 wt_verdicts_name(f), _(wt_wording_chain(p->why)), f->key_type, f->key_bits,
                                 f->signature_algorithm),
                  WT_WARNING, false);
}

/* The row's advice, and the client's, are for the wrong usage; the rest is the same for both sides. */
static void advise_purpose(const struct wt_list_finding *f, enum wt_chain_why why)
{
    static const enum wt_advice advice[WT_CHAIN_WHYS] = {
        [WT_CHAIN_NO_AUTHORITY] = WT_ADVICE_AUTHORITY_NOT_ALLOWED,
        [WT_CHAIN_PATH_LENGTH] = WT_ADVICE_AUTHORITY_NOT_ALLOWED,
        [WT_CHAIN_NO_CERT_SIGN] = WT_ADVICE_AUTHORITY_NOT_ALLOWED,
        [WT_CHAIN_NAME_CONSTRAINTS] = WT_ADVICE_NAME_CONSTRAINTS,
        [WT_CHAIN_PRECERTIFICATE] = WT_ADVICE_PRECERTIFICATE,
        [WT_CHAIN_CRITICAL] = WT_ADVICE_CRITICAL_EXTENSION,
    };
    if (advice[why] != WT_ADVICE_OF_ROW)
        wt_finding_advise(f, advice[why]);
}

static void say_purpose(const struct side_chain *t)
{
    const struct wt_chain_point *p = &t->v->point[WT_CHAIN_PURPOSE];
    const struct wt_list_finding *said;
    if (!has(t, WT_CHAIN_PURPOSE) || !p->who)
        return;
    if (t->v->strange)
        said = wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_WRONG_PURPOSE, t->chain->frame,
                              _("%s (%.80s) has a critical extension that is unknown here: a peer that does not "
                                "know it either must reject the certificate."),
                              kind_of(t, p->who), wt_verdicts_name(p->who));
    else
        said = wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_WRONG_PURPOSE, t->chain->frame,
                              t->side == WT_SERVER ? _("%s (%.80s) must not be used for a TLS server: %s.")
                                                   : _("%s (%.80s) must not be used for a TLS client: %s."),
                              kind_of(t, p->who), wt_verdicts_name(p->who), _(wt_wording_chain(p->why)));
    close_finding(t, said, t->v->strange ? WT_NOTICE : WT_ERROR, t->v->strange);
    advise_purpose(said, p->why);
}

static void say_form(const struct side_chain *t)
{
    const struct wt_chain_point *p = &t->v->point[WT_CHAIN_SIGNATURE];
    if (has(t, WT_CHAIN_SIGNATURE) && p->who)
        close_finding(
            t,
            wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_BAD_SIGNATURE, t->chain->frame,
                           _("%s (%.80s) has a signature that does not verify with the key of its issuer %.120s."),
                           kind_of(t, p->who), wt_verdicts_name(p->who), p->who->issuer),
            WT_ERROR, false);
    say_purpose(t);
    say_strength(t);
}

/* --- names -------------------------------------------------------------------------------------------------------- */

static void list_names(const struct wt_certificate_facts *f, char *out, size_t size)
{
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < f->san_count && i < NAMES && n < size; i++)
        n += (size_t)snprintf(out + n, size - n, "%s%.80s", i ? ", " : "", f->san[i]);
    if (f->san_count > NAMES && n < size)
        (void)snprintf(out + n, size - n, _(" and %zu more"), f->san_count - NAMES);
    if (!f->san_count && f->common_name)
        (void)snprintf(out, size, "%.80s", f->common_name);
    if (!*out)
        (void)snprintf(out, size, "%s", _("no host name"));
}

static void say_names(const struct side_chain *t)
{
    struct wt_mismatch wrong;
    char names[400] WT_UNINITIALIZED;
    wt_judge_names(t->o, t->tls, &wrong);
    if (!wrong.wrong_asked && !wrong.wrong_host)
        return;
    list_names(t->v->sent[0], names, sizeof names);
    /* RFC 7672, 2.2 and RFC 7435: opportunistic TLS does not check names */
    close_finding(t,
                  wt_finding_say(t->tls, WT_FINDING_CERTIFICATE_HOST_MISMATCH, t->chain->frame,
                                 wrong.wrong_asked
                                     ? _("The server's certificate is for %s, but the client asked for %.200s.")
                                     : _("The server's certificate is for %s, but it should be for %.200s."),
                                 names, wrong.wrong_asked ? wrong.asked : t->o->judge->trust->host),
                  t->tls->starttls && wrong.wrong_asked ? WT_WARNING : WT_ERROR, false);
}

/* --- OCSP --------------------------------------------------------------------------------------------------------- */

static void say_revoked(const struct side_chain *t, const struct wt_chain_extras *e)
{
    char when[WT_DATE_ROOM];
    close_finding(
        t,
        wt_finding_say(
            t->tls, WT_FINDING_CERTIFICATE_REVOKED, e->staple_frame,
            _("The stapled OCSP response says that the server's certificate (%.80s) was revoked on %s (reason: %s)."),
            wt_verdicts_name(t->v->sent[0]), wt_judge_date(e->ocsp.revoked_at, when),
            e->revoked_why ? e->revoked_why : _("none given")),
        WT_ERROR, false);
}

/* Whether the server's flight went past the place of its response. */
static bool staple_is_due(const struct side_chain *t)
{
    const struct wt_tls *tls = t->tls;
    if (!tls->authentication.asked_status || tls->side[WT_SERVER].missing)
        return false;
    return wt_tls_is_13(tls) || wt_flow_has(&tls->flow, WT_FACT_SERVER_DONE) || tls->outcome.state == WT_ESTABLISHED;
}

static void say_staple(const struct side_chain *t)
{
    const struct wt_chain_extras *e = t->chain->extras;
    bool stapled = e && e->ocsp.stapled;
    if (!stapled && t->v->must_staple && staple_is_due(t))
        close_finding(t,
                      wt_finding_say(t->tls, WT_FINDING_OCSP_STAPLE_MISSING, t->chain->frame,
                                     _("The server's certificate (%.80s) requires a stapled OCSP response (TLS Feature "
                                       "status_request) and the client asked for one, but the server sent none."),
                                     wt_verdicts_name(t->v->sent[0])),
                      WT_WARNING, false);
    if (!stapled)
        return;
    if (e->ocsp.status == WT_OCSP_REVOKED && e->ocsp.verified.result != WT_PROOF_BAD)
        say_revoked(t, e);
    if (e->ocsp.verified.result == WT_PROOF_BAD)
        close_finding(t,
                      wt_finding_say(t->tls, WT_FINDING_OCSP_STAPLE_BAD, e->staple_frame,
                                     _("The stapled OCSP response cannot be used: %s."), _(e->ocsp.verified.reason)),
                      WT_WARNING, false);
    else if (e->ocsp.status == WT_OCSP_UNKNOWN)
        close_finding(
            t,
            wt_finding_say(
                t->tls, WT_FINDING_OCSP_STAPLE_BAD, e->staple_frame,
                _("The stapled OCSP response gives the status of the server's certificate (%.80s) as unknown."),
                wt_verdicts_name(t->v->sent[0])),
            WT_WARNING, false);
}

void wt_verdicts_say(struct wt_observer *o, struct wt_conversation *c, unsigned side)
{
    struct wt_tls *tls = c->tls;
    const struct side_chain t = {o, tls, wt_tls_chain(tls, side), wt_tls_chain(tls, side)->judgement, side};
    if (has(&t, WT_CHAIN_UNREADABLE))
        return;
    say_times(&t);
    say_form(&t);
    if (side == WT_SERVER) {
        /* which issuers a server trusts for its clients is its own choice, which no system's store knows */
        /* whose root it is says why it is not trusted */
        if (!say_intercepted(&t))
            say_trust(&t);
        say_names(&t);
        say_staple(&t);
        say_soon(&t);
    }
}
