#include "base/i18n.h"
#include "base/memory.h"
#include "filter/eval.h"
#include "filter/fields.h"
#include "filter/lex.h"
#include "filter/parse.h"
#include "registry/limits.h"

#include <stdlib.h>

/* A pattern from a stranger must not stop the run. */
static bool bound_matches(struct wt_filter *filter)
{
    filter->match = pcre2_match_context_create(NULL);
    if (!filter->match)
        return false;
    (void)pcre2_set_match_limit(filter->match, WT_LIMIT_FILTER_MATCH);
    (void)pcre2_set_depth_limit(filter->match, WT_LIMIT_FILTER_MATCH);
    (void)pcre2_set_heap_limit(filter->match, WT_LIMIT_FILTER_MATCH_HEAP);
    return true;
}

struct wt_filter *wt_filter_compile(const char *text, struct wt_filter_error *error)
{
    struct wt_filter *filter = wt_calloc(1, sizeof *filter);
    struct wt_filter_lexer l = {.text = text, .n = strlen(text), .error = error};
    *error = (struct wt_filter_error){0};
    if (!filter || !bound_matches(filter)) {
        (void)wt_filter_fail(&l, 1, 0, _("out of memory"));
        wt_filter_free(filter);
        return NULL;
    }
    filter->arena.limit = WT_LIMIT_FILTER_MEMORY;
    filter->limited = wt_arena_alloc(&filter->arena, sizeof *filter->limited);
    l.arena = &filter->arena;
    if (!filter->limited)
        (void)wt_filter_fail(&l, 1, 0, _("out of memory"));
    else if (l.n > WT_LIMIT_FILTER_TEXT)
        (void)wt_filter_fail(&l, WT_LIMIT_FILTER_TEXT + 1, 0, _("the filter is longer than %u bytes"),
                             WT_LIMIT_FILTER_TEXT);
    else
        filter->root = wt_filter_parse(filter, &l);
    if (!filter->root) {
        wt_filter_free(filter);
        return NULL;
    }
    return filter;
}

bool wt_filter_match(const struct wt_filter *filter, const struct wt_connection *connection)
{
    return wt_filter_evaluate(filter, connection);
}

bool wt_filter_may_match(const struct wt_filter *filter, const struct wt_connection *begun)
{
    return !(filter->needs & WT_FILTER_OF_ENDS) || wt_filter_evaluate_early(filter, begun);
}

bool wt_filter_needs_messages(const struct wt_filter *filter)
{
    return filter->needs & WT_FILTER_OF_MESSAGES;
}

bool wt_filter_needs_application(const struct wt_filter *filter)
{
    return filter->needs & WT_FILTER_OF_APPLICATION;
}

uint64_t wt_filter_limited(const struct wt_filter *filter)
{
    return *filter->limited;
}

void wt_filter_free(struct wt_filter *filter)
{
    if (!filter)
        return;
    for (struct wt_filter_pattern *p = filter->patterns; p; p = p->next)
        pcre2_code_free(p->code);
    pcre2_match_context_free(filter->match);
    wt_arena_free(&filter->arena);
    free(filter);
}

bool wt_filter_field(size_t index, const char **name, const char **type, const char **text)
{
    static const char *const types[] = {
        [WT_FILTER_PRESENCE] = "boolean", [WT_FILTER_BOOLEAN] = "boolean", [WT_FILTER_NUMBER] = "number",
        [WT_FILTER_SECONDS] = "number",   [WT_FILTER_TIME] = "time",       [WT_FILTER_STRING] = "string",
        [WT_FILTER_BYTES] = "bytes",      [WT_FILTER_ADDRESS] = "address",
    };
    if (index >= wt_filter_field_count())
        return false;
    const struct wt_filter_field *field = wt_filter_field_at(index);
    *name = field->name;
    *type = types[field->kind];
    *text = _(field->text);
    return true;
}
