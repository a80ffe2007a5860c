#include "observer/findings.h"

#include "base/i18n.h"
#include "observer/tls.h"
#include "registry/limits.h"

#include <inttypes.h>

static const struct wt_finding_row rows[] = {
#define WT_FINDING(id_, name_, severity_, text_, advice_, anchor_) {name_, severity_, text_, advice_, anchor_},
#include "observer/findings.def"
#undef WT_FINDING
};

const struct wt_finding_row *wt_finding_row(enum wt_finding_id id)
{
    return &rows[id];
}

static bool same(const struct wt_list_finding *f, enum wt_finding_id id, const char *text)
{
    return f->row == id && (f->text == text || (f->text && text && strcmp(f->text, text) == 0));
}

void wt_finding_add(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame, const char *text, uint64_t a,
                    uint64_t b)
{
    struct wt_list_finding **at = &tls->findings;
    for (; *at; at = &(*at)->next)
        if (same(*at, id, text))
            return;
    if (tls->finding_count >= WT_LIMIT_FINDINGS)
        return;
    struct wt_list_finding *f = wt_arena_alloc(&tls->arena, sizeof *f);
    if (!f)
        return;
    const char *kept = text ? (const char *)wt_arena_copy(&tls->arena, wt_span_text(text)).p : NULL;
    *f = (struct wt_list_finding){NULL, (uint8_t)id, frame, {a, b}, kept};
    *at = f;
    tls->finding_count++;
}

void wt_finding_sum(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame, const char *text, uint64_t n)
{
    for (struct wt_list_finding *f = tls->findings; f; f = f->next)
        if (same(f, id, text)) {
            f->number[0] += n;
            return;
        }
    wt_finding_add(tls, id, frame, text, n, 0);
}
