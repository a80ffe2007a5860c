#include "diagnosis/causes.h"

#include "diagnosis/case.h"
#include "diagnosis/hypotheses.h"

/* Both sides had sent Finished, and then one rejected what it was shown (a late check, or post-handshake
 * authentication), could not decrypt a record, or found a message or record that is not allowed. RFC 5246, 7.2.2:
 * bad_record_mac "is always fatal"; in a capture from the other end the record may be intact. */
static bool failed_later(const struct wt_case *k)
{
    return wt_evidence_has(k, WT_EVIDENCE_RENEGOTIATION_REFUSED) ||
           (k->alert &&
            (k->alert->description == WT_ALERT_BAD_RECORD_MAC || wt_evidence_has(k, WT_EVIDENCE_ALERT_MESSAGE) ||
             wt_evidence_has(k, WT_EVIDENCE_ALERT_BAD_STATUS) ||
             (wt_evidence_has(k, WT_EVIDENCE_ALERT_CERTIFICATE) && k->alert->description != WT_ALERT_NO_CERTIFICATE &&
              k->alert->description != WT_ALERT_ACCESS_DENIED)));
}

/* No connection that came up fails later without one: an alert that could be read and does not merely close it. */
static bool has_alert(const struct wt_tls *tls)
{
    for (const struct wt_list_alert *a = tls->report.alerts; a; a = a->next)
        if (a->alert.readable && a->alert.description != WT_ALERT_CLOSE_NOTIFY)
            return true;
    return false;
}

void wt_causes_settle(struct wt_observer *o, struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    struct wt_case k = {0};
    if (tls->outcome.state == WT_INCOMPLETE || tls->report.cause)
        return;
    if (tls->outcome.state == WT_ESTABLISHED && !has_alert(tls))
        return;
    wt_case_open(&k, o, c);
    wt_evidence_gather(&k);
    if (tls->outcome.state != WT_ESTABLISHED || failed_later(&k))
        (void)wt_hypotheses_conclude(&k);
}
