#include "diagnosis/evidence.h"

#include "diagnosis/case.h"

struct row {
    struct wt_evidence_bearing supports, contradicts;
};

/* clang-format off */
#define NOTHING {0, 0}
#define BEARS(weight, about) {WT_WEIGHT_##weight, about}
/* clang-format on */
static const struct row rows[] = {
#define WT_EVIDENCE(id, supports, contradicts) {supports, contradicts},
#include "diagnosis/evidence.def"
#undef WT_EVIDENCE
};

const struct wt_evidence_bearing *wt_evidence_supports(enum wt_evidence id)
{
    return &rows[id].supports;
}

const struct wt_evidence_bearing *wt_evidence_contradicts(enum wt_evidence id)
{
    return &rows[id].contradicts;
}

void wt_evidence_add(struct wt_case *k, enum wt_evidence id, uint32_t frame, uint64_t value)
{
    k->seen[id] = (struct wt_evidence_seen){value, frame, true};
}

bool wt_evidence_has(const struct wt_case *k, enum wt_evidence id)
{
    return k->seen[id].seen;
}

void wt_evidence_gather(struct wt_case *k)
{
    wt_evidence_alert(k);
    wt_evidence_offer(k);
    wt_evidence_answer(k);
    wt_evidence_certificate(k);
    wt_evidence_proof(k);
    wt_evidence_end(k);
    wt_evidence_quic(k);
    if (k->tls->outcome.state != WT_ESTABLISHED)
        wt_evidence_path(k);
    if (k->tls->outcome.state == WT_FAILED && !k->alert)
        wt_evidence_flight(k);
}
