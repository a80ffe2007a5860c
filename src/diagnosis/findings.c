#include "diagnosis/findings.h"

#include "base/format.h"
#include "base/i18n.h"
#include "base/uninitialized.h"
#include "diagnosis/hypotheses.h"
#include "observer/tls.h"
#include "registry/limits.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const struct wt_finding_row rows[] = {
#define WT_FINDING(id_, name_, severity_, text_, advice_, anchor_) {name_, severity_, text_, advice_, anchor_},
#include "diagnosis/causes.def"
#include "diagnosis/findings.def"
#include "diagnosis/judgements.def"
#include "diagnosis/observations.def"
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

void wt_finding_add(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame, const char *text, uint64_t a, uint64_t b)
{
    struct wt_list_finding **at = &tls->report.findings;
    for (; *at; at = &(*at)->next)
        if (same(*at, id, text))
            return;
    /* there is always room for a root cause */
    if (tls->report.finding_count >= WT_LIMIT_FINDINGS - (rows[id].severity == WT_FATAL ? 0u : 8u))
        return;
    struct wt_list_finding *f = wt_arena_alloc(&tls->arena, sizeof *f);
    if (!f)
        return;
    const char *kept = text ? (const char *)wt_arena_copy(&tls->arena, wt_span_text(text)).p : NULL;
    *f = (struct wt_list_finding){.row = (uint8_t)id, .frame = frame, .number = {a, b}, .text = kept};
    if (tls->handshake)
        memcpy(f->reach, tls->handshake->reach.end, sizeof f->reach);
    *at = f;
    tls->report.finding_count++;
}

const struct wt_list_finding *wt_finding_say(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame,
                                             const char *format, ...)
{
    char text[1024] WT_UNINITIALIZED;
    va_list args;
    va_start(args, format);
    (void)wt_format_list(text, sizeof text, format, args); // NOLINT(clang-analyzer-valist.*): started above
    va_end(args);
    wt_finding_add(tls, id, frame, text, 0, 0);
    for (struct wt_list_finding *f = tls->report.findings; f; f = f->next)
        if (same(f, id, text)) {
            f->told = true;
            return f;
        }
    return NULL;
}

const struct wt_list_finding *wt_finding_of(const struct wt_tls *tls, enum wt_finding_id id)
{
    for (const struct wt_list_finding *f = tls->report.findings; f; f = f->next)
        if (f->row == id)
            return f;
    return NULL;
}

/* One more than the message, since hello_request is 0. */
void wt_finding_set_message(const struct wt_list_finding *finding, unsigned message)
{
    if (finding)
        ((struct wt_list_finding *)(uintptr_t)finding)->number[0] = message + 1;
}

bool wt_finding_message(const struct wt_list_finding *finding, unsigned *message)
{
    *message = (unsigned)finding->number[0] - 1;
    return finding->number[0] != 0;
}

void wt_finding_blame(struct wt_tls *tls, const struct wt_list_finding *finding, enum wt_fault fault,
                      enum wt_noticed noticed, bool probable)
{
    struct wt_list_finding *f = (struct wt_list_finding *)(uintptr_t)finding;
    f->fault = (uint8_t)fault;
    f->noticed = (uint8_t)noticed;
    f->probable = probable;
    (void)tls;
}

void wt_finding_advise(const struct wt_list_finding *finding, enum wt_advice advice)
{
    if (finding)
        ((struct wt_list_finding *)(uintptr_t)finding)->advice = (uint8_t)advice;
}

const char *wt_finding_advice(const struct wt_list_finding *finding)
{
    static const char *const texts[] = {
        [WT_ADVICE_OF_ROW] = NULL,
#define WT_ADVICE(id, text) [WT_ADVICE_##id] = (text),
#include "diagnosis/advice.def"
#undef WT_ADVICE
    };
    return finding->advice ? texts[finding->advice] : rows[finding->row].advice;
}

bool wt_finding_alternative(const struct wt_tls *tls, unsigned number, struct wt_alternative *out)
{
    enum wt_finding_id id;
    if (number >= WT_FINDING_ALTERNATIVES || !tls->report.others[number].hypothesis)
        return false;
    out->settle = wt_hypotheses_settle((enum wt_hypothesis_id)tls->report.others[number].hypothesis, &id);
    out->id = rows[id].id;
    out->fault = tls->report.others[number].fault;
    return true;
}

void wt_finding_more(struct wt_tls *tls, const struct wt_list_finding *finding, const char *sentences)
{
    struct wt_list_finding *f = (struct wt_list_finding *)(uintptr_t)finding;
    char text[1024];
    if (!f->told || !*sentences)
        return;
    (void)snprintf(text, sizeof text, "%s%s", f->text, sentences);
    struct wt_span kept = wt_arena_copy(&tls->arena, wt_span_text(text));
    if (kept.p)
        f->text = (const char *)kept.p;
}

void wt_finding_grade(const struct wt_list_finding *finding, enum wt_severity severity)
{
    if (finding)
        ((struct wt_list_finding *)(uintptr_t)finding)->grade = (uint8_t)(severity + 1);
}

void wt_finding_cause(struct wt_tls *tls, const struct wt_list_finding *finding)
{
    tls->report.cause = finding;
}

void wt_finding_sum(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame, const char *text, uint64_t n)
{
    for (struct wt_list_finding *f = tls->report.findings; f; f = f->next)
        if (same(f, id, text)) {
            f->number[0] += n;
            return;
        }
    wt_finding_add(tls, id, frame, text, n, 0);
}

void wt_finding_most(struct wt_tls *tls, enum wt_finding_id id, uint32_t frame, uint64_t n)
{
    struct wt_list_finding *f = (struct wt_list_finding *)(uintptr_t)wt_finding_of(tls, id);
    if (!f)
        wt_finding_add(tls, id, frame, "", n, 0);
    else if (f->number[0] < n)
        f->number[0] = n;
}
