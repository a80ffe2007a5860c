/* Evidence: QUIC handshakes that stand still or were closed without an alert. */
#include "diagnosis/case.h"
#include "observer/quic/close.h"
#include "observer/quic/settle.h"
#include "observer/quic/standstill.h"

static void standstill(struct wt_case *k)
{
    static const enum wt_evidence of[] = {[WT_QUIC_UNHEARD] = WT_EVIDENCE_QUIC_UNHEARD,
                                          [WT_QUIC_SILENT] = WT_EVIDENCE_QUIC_SILENT,
                                          [WT_QUIC_LIMITED] = WT_EVIDENCE_QUIC_LIMITED};
    const struct wt_quic_stands s = wt_quic_standstill(k->tls->quic);
    if (s.kind == WT_QUIC_GOES_ON || s.kind == WT_QUIC_UNANSWERED)
        return;
    wt_evidence_add(k, of[s.kind], s.frame, s.side);
    k->turn = s.side;
}

/* The first close counts: the other side may answer with one of its own (RFC 9000, 10.2). */
static void close(struct wt_case *k)
{
    const struct wt_quic *q = k->tls->quic;
    const struct wt_quic_close *first = wt_quic_close_first(q);
    if (first && !k->alert) {
        wt_evidence_add(k, WT_EVIDENCE_QUIC_CLOSED, first->frame, first->from);
        k->from = first->from;
    } else if (q->flags & WT_QUIC_RESET) {
        wt_evidence_add(k, WT_EVIDENCE_QUIC_RESET, q->reset_frame, q->reset_from);
        k->from = q->reset_from;
    }
}

/* RFC 9000, 11: "a generic error code (such as PROTOCOL_VIOLATION or INTERNAL_ERROR) can always be used in place of
 * specific error codes". */
static bool is_for(const struct wt_quic_close *close, const struct wt_quic_violation *v)
{
    return !close->application && (close->code == v->code || close->code == WT_QUIC_PROTOCOL_VIOLATION);
}

/* What the other side must have closed for. */
static void broken(struct wt_case *k)
{
    const struct wt_quic *q = k->tls->quic;
    if (q->flags & WT_QUIC_RETRY_BAD && !(q->flags & WT_QUIC_RETRY_SEEN) &&
        !q->side[WT_SERVER].packets[WT_QUIC_INITIAL])
        wt_evidence_add(k, WT_EVIDENCE_QUIC_RETRY_BAD, q->retry_bad_frame, 0);
    /* RFC 9001, 4.8: "The AlertDescription value is added to 0x0100 to produce a QUIC error code" */
    if (k->alert && q->violation.count && q->violation.from == !k->from && q->violation.frame <= k->alert->frame &&
        q->violation.code == WT_QUIC_CRYPTO_ERROR + (uint64_t)k->alert->description)
        wt_evidence_add(k, WT_EVIDENCE_QUIC_VIOLATION_ALERT, q->violation.frame, !k->from);
    if (!wt_evidence_has(k, WT_EVIDENCE_QUIC_CLOSED))
        return;
    const struct wt_quic_verified *v = &q->verified[!k->from];
    if (v->mismatch)
        wt_evidence_add(k, WT_EVIDENCE_QUIC_MISMATCH, v->frame, !k->from);
    if (q->violation.count && q->violation.from == !k->from && is_for(wt_quic_close_first(q), &q->violation))
        wt_evidence_add(k, WT_EVIDENCE_QUIC_VIOLATION, q->violation.frame, !k->from);
}

/* Whose packets were not delivered is all that is known where nobody has said much since. */
static void undelivered(struct wt_case *k)
{
    for (unsigned side = 0; side < 2; side++)
        if (wt_icmp_about(k->c, wt_tls_direction_of(k->tls, side))) {
            wt_evidence_add(k, WT_EVIDENCE_QUIC_UNHEARD, k->tls->quic->news_frame, side);
            k->turn = side;
        }
}

void wt_evidence_quic(struct wt_case *k)
{
    if (!k->tls->quic || k->tls->outcome.state == WT_ESTABLISHED)
        return;
    if (wt_evidence_has(k, WT_EVIDENCE_UNANSWERED) && !k->tls->quic->side[WT_SERVER].datagrams)
        wt_evidence_add(k, WT_EVIDENCE_QUIC_UNANSWERED, k->hello_frame, 0);
    standstill(k);
    close(k);
    broken(k);
    if (!wt_evidence_has(k, WT_EVIDENCE_QUIC_SILENT) && !wt_evidence_has(k, WT_EVIDENCE_QUIC_LIMITED) &&
        !wt_evidence_has(k, WT_EVIDENCE_QUIC_UNHEARD) && wt_quic_standstill_is_undelivered(k->tls->quic))
        undelivered(k);
}
