/* A story without a language, put into words. */
#include "base/arena.h"
#include "base/memory.h"
#include "base/sentences.h"
#include "wiretale/story.h"

#include <stddef.h>
#include <stdlib.h>

/* What is handed out is its first member. */
struct spoken {
    struct wt_connection story;
    struct wt_arena arena;
};

/* The text itself where it has no sentence, or there is no memory. */
static const char *speak(struct spoken *s, const char *text)
{
    struct wt_buffer b = {0};
    if (!text || !strchr(text, WT_SENTENCE_BEGIN))
        return text;
    wt_sentence_speak(&b, text);
    struct wt_span kept = {0};
    if (!b.failed)
        kept = wt_arena_copy(&s->arena, wt_buffer_span(&b));
    wt_buffer_free(&b);
    s->arena.refused |= !kept.p;
    return kept.p ? (const char *)kept.p : text;
}

static const struct wt_alternative *alternatives(struct spoken *s, const struct wt_finding *f)
{
    struct wt_alternative *all = wt_arena_alloc(&s->arena, (f->alternative_count + 1) * sizeof *all);
    for (size_t i = 0; all && i < f->alternative_count; i++) {
        all[i] = f->alternatives[i];
        all[i].settle = speak(s, all[i].settle);
    }
    return all;
}

static void findings(struct spoken *s, const struct wt_connection *c)
{
    struct wt_finding *all = wt_arena_alloc(&s->arena, (c->finding_count + 1) * sizeof *all);
    for (size_t i = 0; all && i < c->finding_count; i++) {
        all[i] = c->findings[i];
        all[i].text = speak(s, all[i].text);
        all[i].advice = speak(s, all[i].advice);
        all[i].alternatives = alternatives(s, &c->findings[i]);
    }
    s->story.findings = all;
}

const struct wt_connection *wt_connection_spoken(const struct wt_connection *c)
{
    struct spoken *s = wt_calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->story = *c;
    findings(s, c);
    s->story.not_decrypted = speak(s, c->not_decrypted);
    if (!s->arena.refused)
        return &s->story;
    wt_connection_spoken_free(&s->story);
    return NULL;
}

void wt_connection_spoken_free(const struct wt_connection *spoken)
{
    struct spoken *s = (struct spoken *)(uintptr_t)spoken;
    if (!s)
        return;
    wt_arena_free(&s->arena);
    free(s);
}
