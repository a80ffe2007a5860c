/* Sentences: packets that were not delivered, as ICMP says. What it says follows them: evidence_path.c. */
#include "diagnosis/sentences.h"

#include "base/i18n.h"
#include "diagnosis/case.h"

const struct wt_list_finding *wt_sentence_undelivered(struct wt_case *k, enum wt_finding_id id)
{
    const unsigned last = k->tls->pace.last_from;
    const uint32_t frame = k->tls->side[last].message_frame;
    char at[WT_CASE_AT];
    if (wt_evidence_has(k, WT_EVIDENCE_UNANSWERED))
        return wt_finding_say(k->tls, id, k->hello_frame, _("No answer to the ClientHello%s within %.1f s."),
                              wt_case_at(k->hello_frame, at), wt_case_unheard(k));
    return wt_finding_say(k->tls, id, frame, _("The handshake stalled after %s from %s%s."), wt_case_last(k, last),
                          wt_case_side(last), wt_case_at(frame, at));
}
