/* Ranks the possible causes of a failure by what speaks for and against them. */
#include "diagnosis/hypotheses.h"

#include "base/i18n.h"
#include "diagnosis/advice.h"
#include "diagnosis/case.h"
#include "diagnosis/evidence_path.h"
#include "diagnosis/sentences.h"

#include <limits.h>

enum bearing { NO_BEARING, IS_NEEDED, IS_ONE_OF, IS_EXCLUDED, SUPPORTS, CONTRADICTS, DOUBTS };

enum {
    MOST = 16,                /* evidence of one row */
    CLOSE = WT_WEIGHT_WEAK,   /* a cause for which so much less speaks is still an alternative */
    LEAST = WT_WEIGHT_SLIGHT, /* what fewer points speak for is none */
};

struct speaks {
    uint8_t bearing; /* enum bearing */
    uint8_t weight;  /* enum wt_weight */
    uint16_t evidence;
};

struct row {
    uint32_t about;
    uint8_t finding;        /* enum wt_finding_id */
    uint8_t fault, noticed; /* enum wt_party */
    uint8_t advice;         /* enum wt_advice */
    bool certain;           /* once its evidence is there */
    const char *settle;     /* what would settle it; NULL: it is never an alternative */
    const struct wt_list_finding *(*say)(struct wt_case *, enum wt_finding_id);
    struct speaks speaks[MOST];
};

/* clang-format off */
#define NEEDED(e) {IS_NEEDED, WT_WEIGHT_SLIGHT, WT_EVIDENCE_##e},
#define ONE_OF(e) {IS_ONE_OF, WT_WEIGHT_SLIGHT, WT_EVIDENCE_##e},
#define EXCLUDED(e) {IS_EXCLUDED, WT_WEIGHT_NONE, WT_EVIDENCE_##e},
#define FOR(weight, e) {SUPPORTS, WT_WEIGHT_##weight, WT_EVIDENCE_##e},
#define AGAINST(weight, e) {CONTRADICTS, WT_WEIGHT_##weight, WT_EVIDENCE_##e},
#define DOUBT(e) {DOUBTS, WT_WEIGHT_NONE, WT_EVIDENCE_##e},
/* clang-format on */
enum { PROBABLE, CERTAIN };

static const struct row rows[] = {
    [WT_HYPOTHESIS_NONE] = {0},
#define WT_HYPOTHESIS(id, finding_, about_, fault_, noticed_, certainty_, sentence_, advice_, settle_, evidence_)      \
    [WT_HYPOTHESIS_##id] = {.about = (about_),                                                                         \
                            .finding = WT_FINDING_##finding_,                                                          \
                            .fault = WT_PARTY_##fault_,                                                                \
                            .noticed = WT_PARTY_##noticed_,                                                            \
                            .advice = WT_ADVICE_##advice_,                                                             \
                            .certain = (certainty_) == CERTAIN,                                                        \
                            .settle = (settle_),                                                                       \
                            .say = wt_sentence_##sentence_,                                                            \
                            .speaks = {evidence_}},
#include "diagnosis/hypotheses.def"
#undef WT_HYPOTHESIS
};

/* What was seen and bears on whole groups of causes. */
struct general {
    struct wt_evidence_bearing list[2 * WT_EVIDENCE_COUNT];
    bool against[2 * WT_EVIDENCE_COUNT];
    size_t n;
};

static void generalize(const struct wt_case *k, struct general *g)
{
    g->n = 0;
    for (unsigned e = 0; e < WT_EVIDENCE_COUNT; e++) {
        const struct wt_evidence_bearing *both[2] = {wt_evidence_supports((enum wt_evidence)e),
                                                     wt_evidence_contradicts((enum wt_evidence)e)};
        for (unsigned against = 0; wt_evidence_has(k, (enum wt_evidence)e) && against < 2; against++)
            if (both[against]->weight) {
                g->against[g->n] = against;
                g->list[g->n++] = *both[against];
            }
    }
}

/* INT_MIN when it cannot be the cause. What a cause needs counts as well: one that needs more says more. */
static int weigh(const struct wt_case *k, const struct row *row, const struct general *g, bool *certain)
{
    bool choice = false, chosen = false;
    int points = 0;
    *certain = row->certain;
    for (size_t i = 0; i < MOST && row->speaks[i].bearing; i++) {
        const struct speaks *s = &row->speaks[i];
        bool seen = wt_evidence_has(k, (enum wt_evidence)s->evidence);
        if ((s->bearing == IS_NEEDED && !seen) || (s->bearing == IS_EXCLUDED && seen))
            return INT_MIN;
        if (s->bearing == IS_ONE_OF) {
            choice = true;
            chosen |= seen;
            continue;
        }
        if (!seen)
            continue;
        points += s->bearing == CONTRADICTS ? -(int)s->weight : (int)s->weight;
        *certain =
            s->bearing == DOUBTS ? false : *certain || (s->bearing == SUPPORTS && s->weight == WT_WEIGHT_CERTAIN);
    }
    if (choice && !chosen)
        return INT_MIN;
    for (size_t i = 0; i < g->n; i++)
        if (g->list[i].about & row->about) {
            points += g->against[i] ? -(int)g->list[i].weight : (int)g->list[i].weight;
            *certain |= !g->against[i] && g->list[i].weight == WT_WEIGHT_CERTAIN;
        }
    return points + choice;
}

static uint8_t resolve(const struct wt_case *k, uint8_t party)
{
    switch (party) {
    case WT_PARTY_ENDER:
        return (uint8_t)wt_case_fault(k->from);
    case WT_PARTY_OTHER:
        return (uint8_t)wt_case_fault(!k->from);
    case WT_PARTY_LATE:
        return (uint8_t)wt_case_fault(k->turn);
    case WT_PARTY_WAITING:
        return (uint8_t)wt_case_fault(!k->turn);
    default:
        return party;
    }
}

static enum wt_noticed noticed_of(uint8_t fault)
{
    return fault == WT_FAULT_CLIENT   ? WT_NOTICED_BY_CLIENT
           : fault == WT_FAULT_SERVER ? WT_NOTICED_BY_SERVER
                                      : WT_NOTICED_BY_NONE;
}

const char *wt_hypotheses_settle(enum wt_hypothesis_id id, enum wt_finding_id *finding)
{
    *finding = (enum wt_finding_id)rows[id].finding;
    return rows[id].settle;
}

static bool is_said(const struct wt_case *k, const struct wt_list_finding *f, uint8_t finding, uint8_t fault)
{
    bool said = finding == f->row && (fault == f->fault || f->fault == WT_FAULT_NONE || fault == WT_FAULT_NONE);
    const struct wt_other_cause *others = k->tls->report.others;
    for (size_t i = 0; i < WT_FINDING_ALTERNATIVES && others[i].hypothesis; i++)
        said |= rows[others[i].hypothesis].finding == finding;
    return said;
}

/* Causes that come close, the likeliest first. */
static void add_alternatives(const struct wt_case *k, const struct wt_list_finding *f, const int points[], int best)
{
    struct wt_other_cause *others = k->tls->report.others;
    size_t n = 0;
    for (int enough = best; enough >= best - CLOSE && enough >= LEAST; enough--)
        for (size_t i = 1; i < WT_HYPOTHESIS_COUNT && n < WT_FINDING_ALTERNATIVES; i++) {
            uint8_t fault = resolve(k, rows[i].fault);
            if (points[i] == enough && rows[i].settle && !is_said(k, f, rows[i].finding, fault))
                others[n++] = (struct wt_other_cause){(uint8_t)i, fault};
        }
}

/* What was seen of the evidence that the row names, unless it speaks against it. */
static void add_words(const struct wt_case *k, const struct row *row, const struct wt_list_finding *f)
{
    char words[WT_EVIDENCE_WORDS];
    uint16_t said[MOST];
    size_t n = 0;
    for (size_t i = 0; i < MOST && row->speaks[i].bearing; i++) {
        const struct speaks *s = &row->speaks[i];
        bool again = s->bearing == IS_EXCLUDED || s->bearing == CONTRADICTS;
        for (size_t j = 0; j < n; j++)
            again |= said[j] == s->evidence;
        if (!again && wt_evidence_words(k, (enum wt_evidence)s->evidence, words)) {
            said[n++] = s->evidence;
            wt_finding_more(k->tls, f, words);
        }
    }
}

bool wt_hypotheses_conclude(struct wt_case *k)
{
    struct general general;
    int points[WT_HYPOTHESIS_COUNT];
    size_t best = 0;
    bool certain = false, sure;
    generalize(k, &general);
    points[0] = INT_MIN;
    for (size_t i = 1; i < WT_HYPOTHESIS_COUNT; i++) {
        points[i] = weigh(k, &rows[i], &general, &sure);
        if (points[i] > points[best]) {
            best = i;
            certain = sure;
        }
    }
    const struct row *row = &rows[best];
    const struct wt_list_finding *f = best ? row->say(k, (enum wt_finding_id)row->finding) : NULL;
    if (!f)
        return false;
    certain &= !f->probable; /* what was seen of a certificate may itself be uncertain */
    wt_finding_blame(k->tls, f, (enum wt_fault)resolve(k, row->fault), noticed_of(resolve(k, row->noticed)), !certain);
    if (row->advice != WT_ADVICE_OF_ROW) /* a finding that was said before may have better advice than its row's */
        wt_finding_advise(f, (enum wt_advice)row->advice);
    wt_finding_cause(k->tls, f);
    add_words(k, row, f);
    if (!certain)
        add_alternatives(k, f, points, points[best]);
    return true;
}
