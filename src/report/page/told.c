/* Lines of the text report that the page shows as prose. Most follow from few facts, and are made once for all connections
 * that have these. */
#include "report/page/told.h"

#include "report/explain/head.h"
#include "report/explain/proofs.h"
#include "report/explain/records.h"
#include "report/text/proofs.h"

/* The numbers of the lines that have been reported so far. */
static void lines(struct wt_page *p, struct wt_json *j)
{
    struct wt_span rest = wt_buffer_span(&p->lines), line;
    while (wt_page_next_line(&rest, &line))
        wt_json_number(j, wt_page_values_line(&p->values, (const char *)line.p, line.n));
    p->lines.n = 0;
}

/* Where the value that follows from these facts has its number; NULL without memory, and then it is not new. */
static uint32_t *known(struct wt_page *p, enum wt_page_kind kind, const void *facts, size_t n, bool *is_new)
{
    const size_t at = wt_page_values_enter(&p->known, kind, wt_span_of(facts, n), is_new);
    return at == SIZE_MAX ? NULL : &p->known.list[at].first;
}

/* That number; of a new one the lines are those that have just been reported. */
static void give(struct wt_page *p, struct wt_json *j, uint32_t *number, bool is_new)
{
    if (!number)
        return;
    if (is_new)
        *number = (uint32_t)wt_page_lines(p);
    wt_json_number(j, *number);
}

/* What decides the upper layers: in p->key. */
static void above_facts(struct wt_page *p, const struct wt_connection *c)
{
    const uint8_t numbers[] = {(uint8_t)(c->version >> 8), (uint8_t)c->version, (uint8_t)c->protocol};
    const struct wt_span texts[] = {wt_span_text(c->application ? c->application : ""), c->alpn,
                                    wt_span_text(c->starttls ? c->starttls : "")};
    p->key.n = 0;
    (void)wt_buffer_add(&p->key, numbers, sizeof numbers);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        (void)wt_buffer_add(&p->key, &texts[i].n, sizeof texts[i].n);
        (void)wt_buffer_add(&p->key, texts[i].p, texts[i].n);
    }
    p->values.failed |= p->key.failed;
}

static void above(struct wt_page *p, struct wt_json *j, struct wt_text *x)
{
    bool is_new;
    above_facts(p, x->c);
    uint32_t *number = known(p, WT_PAGE_ABOVE, p->key.p, p->key.n, &is_new);
    if (is_new)
        wt_explain_above(x);
    give(p, j, number, is_new);
}

static void flight(struct wt_page *p, struct wt_json *j, struct wt_text *x)
{
    struct wt_explain_flight f;
    bool is_new;
    wt_explain_flight_of(&f, x->c);
    uint32_t *number = known(p, WT_PAGE_FLIGHT, &f, sizeof f, &is_new);
    if (is_new)
        wt_explain_flight(x, &f);
    give(p, j, number, is_new);
}

static void protection(struct wt_page *p, struct wt_json *j, struct wt_text *x)
{
    struct wt_explain_protection f;
    bool is_new;
    wt_explain_protection_of(&f, x->c);
    uint32_t *number = known(p, WT_PAGE_PROTECTION, &f, sizeof f, &is_new);
    if (is_new)
        wt_explain_protection(x, &f);
    give(p, j, number, is_new);
}

/* A sentence on a proof names one packet, and is the same for all but that: made with this number, it falls into what is
 * before and what is after. */
#define ANY_PACKET UINT32_MAX
static const char any_packet[] = "4294967295";

/* Both parts are lines of their own, whose numbers are `first` and `count` of the known facts. */
static void part_verdict(struct wt_page *p, struct wt_page_value *parts)
{
    struct wt_span made = wt_buffer_span(&p->lines), line;
    if (!wt_page_next_line(&made, &line))
        return;
    const uint8_t *number = memmem(line.p, line.n, any_packet, sizeof any_packet - 1);
    const size_t before = number ? (size_t)(number - line.p) : line.n;
    const struct wt_span after = wt_span_cut(line, before + sizeof any_packet - 1, SIZE_MAX);
    parts->first = (uint32_t)wt_page_values_line(&p->values, (const char *)line.p, before);
    parts->count = (uint32_t)wt_page_values_line(&p->values, (const char *)after.p, after.n);
    p->lines.n = 0;
}

static void verdict(struct wt_page *p, struct wt_json *j, struct wt_text *x, enum wt_proof proof)
{
    struct wt_explain_verdict v;
    const uint32_t frame = x->c->proofs[proof].frame;
    bool is_new;
    wt_explain_verdict_of(&v, x->c, proof);
    const size_t at = wt_page_values_enter(&p->known, frame ? WT_PAGE_VERDICT : WT_PAGE_VERDICT_ALONE,
                                           wt_span_of((const uint8_t *)&v, sizeof v), &is_new);
    if (at == SIZE_MAX)
        return;
    if (is_new) {
        wt_explain_verdict(x, &v, frame ? ANY_PACKET : 0);
        part_verdict(p, &p->known.list[at]);
    }
    if (!frame) {
        wt_json_number(j, p->known.list[at].first);
        return;
    }
    wt_json_open(j, '[');
    wt_json_number(j, p->known.list[at].first);
    wt_json_number(j, frame);
    wt_json_number(j, p->known.list[at].count);
    wt_json_close(j, ']');
}

static void verdicts(struct wt_page *p, struct wt_json *j, struct wt_text *x)
{
    enum wt_proof order[WT_PROOF_COUNT] = {0};
    if (!wt_explain_proofs_head(x))
        return;
    lines(p, j);
    wt_text_proof_order(x->c, order);
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++)
        if (x->c->proofs[order[i]].result != WT_PROOF_ABSENT)
            verdict(p, j, x, order[i]);
}

void wt_page_told(struct wt_page *p, struct wt_json *j, struct wt_text *x)
{
    wt_json_key(j, "told");
    wt_json_open(j, '{');
    wt_json_key(j, "layers");
    wt_json_open(j, '[');
    above(p, j, x);
    wt_explain_below(x);
    lines(p, j);
    flight(p, j, x);
    verdicts(p, j, x);
    wt_json_close(j, ']');
    wt_json_key(j, "records");
    wt_json_open(j, '[');
    protection(p, j, x);
    wt_json_close(j, ']');
    wt_json_close(j, '}');
}
