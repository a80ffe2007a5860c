/* Filters that are too long, too deep or too dear. */
#include "../report/json_samples.h"

#include "filter/ast.h"
#include "registry/limits.h"
#include "wiretale/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct wt_filter *compiled(const char *text)
{
    struct wt_filter_error error;
    struct wt_filter *filter = wt_filter_compile(text, &error);
    if (!filter)
        fail_msg("%s: column %u: %s", text, error.column, error.message);
    return filter;
}

static char *repeated(const char *head, const char *part, size_t n, const char *tail)
{
    size_t room = strlen(head) + n * strlen(part) + strlen(tail) + 1;
    char *text = malloc(room), *at = text;
    assert_non_null(text);
    at = stpcpy(at, head);
    for (size_t i = 0; i < n; i++)
        at = stpcpy(at, part);
    (void)stpcpy(at, tail);
    return text;
}

static void refused(char *text, const char *says)
{
    struct wt_filter_error e;
    struct wt_filter *filter = wt_filter_compile(text, &e);
    assert_null(filter);
    if (!strstr(e.message, says))
        fail_msg("%s", e.message);
    free(text);
}

/* Compiles, and with one more of the part does not. */
static void most(const char *head, const char *part, size_t n, const char *tail, const char *says)
{
    char *text = repeated(head, part, n, tail);
    wt_filter_free(compiled(text));
    free(text);
    refused(repeated(head, part, n + 1, tail), says);
}

static void exact_bounds(void **state)
{
    (void)state;
    most("tcp", " ", WT_LIMIT_FILTER_TEXT - 3, "", "longer");
    most("", "!", WT_LIMIT_FILTER_DEPTH, "tcp", "deeper");
    most("tcp.port in {1", ",2", WT_LIMIT_FILTER_NODES - 4, "}", "parts"); /* and what holds them */
}

/* What one match may take, as libpcre2 counts it, which differs between versions. */
struct budget {
    uint32_t steps, heap;
};

/* Whether the filter's one pattern matches within that. */
static bool matches_within(const struct wt_filter *filter, struct wt_span subject, struct budget budget)
{
    pcre2_match_context *context = pcre2_match_context_create(NULL);
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    assert_true(context && data);
    (void)pcre2_set_match_limit(context, budget.steps);
    (void)pcre2_set_heap_limit(context, budget.heap);
    const int found = pcre2_match(filter->patterns->code, subject.p, subject.n, 0, 0, data, context);
    assert_true(found >= 0 || found == PCRE2_ERROR_MATCHLIMIT || found == PCRE2_ERROR_HEAPLIMIT);
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    return found >= 0;
}

/* A pattern that every "aaa…ab" matches, the longer the dearer: those that match are those that do so within the limit,
 * and a little less is too little for them. Of the longer ones it is recorded that they were not matched to the end. */
static void check_pattern(const char *pattern, struct budget less)
{
    const struct budget limit = {WT_LIMIT_FILTER_MATCH, WT_LIMIT_FILTER_MATCH_HEAP};
    enum { MOST = 1 << 18 };
    struct wt_filter *filter = compiled(pattern);
    struct wt_connection c = sample_bare;
    uint8_t *text = malloc(MOST);
    size_t matching = 1, longer = MOST;
    assert_non_null(text);
    memset(text, 'a', MOST - 1);
    text[MOST - 1] = 'b';
    while (longer - matching > 1) {
        const size_t n = matching + (longer - matching) / 2;
        *(matches_within(filter, wt_span_of(text + MOST - n, n), limit) ? &matching : &longer) = n;
    }
    assert_in_range(matching, 1000, MOST - 2);
    assert_false(matches_within(filter, wt_span_of(text + MOST - matching, matching), less));
    for (unsigned more = 0; more < 2; more++) {
        c.sni = wt_span_of(text + MOST - matching - more, matching + more);
        assert_int_equal(wt_filter_match(filter, &c), !more);
        assert_int_equal(wt_filter_limited(filter), more);
    }
    wt_filter_free(filter);
    free(text);
}

static void patterns(void **state)
{
    (void)state;
    /* a step for each "a", and no memory; a group that is repeated keeps what it has taken */
    check_pattern("sni matches \"^.*?b\"", (struct budget){WT_LIMIT_FILTER_MATCH - 1, WT_LIMIT_FILTER_MATCH_HEAP});
    check_pattern("sni matches \"^(a|b)*b$\"", (struct budget){WT_LIMIT_FILTER_MATCH, WT_LIMIT_FILTER_MATCH_HEAP - 1});
}

/* As many values as a field may have, and one more, which is not looked at; that is recorded. */
static void values(void **state)
{
    struct wt_connection c = sample_bare;
    uint32_t *streams = calloc(WT_LIMIT_FILTER_VALUES + 1, sizeof *streams);
    struct wt_filter *filter = compiled("same_as == 7");
    (void)state;
    assert_non_null(streams);
    c.same_as = streams;
    for (unsigned more = 0; more < 2; more++) {
        c.same_count = WT_LIMIT_FILTER_VALUES + more;
        streams[WT_LIMIT_FILTER_VALUES - 1 + more] = 7;
        assert_int_equal(wt_filter_match(filter, &c), !more);
        assert_int_equal(wt_filter_limited(filter), more);
        streams[WT_LIMIT_FILTER_VALUES - 1] = 0;
    }
    wt_filter_free(filter);
    free(streams);
}

/* Strings of a list each take the memory that they need. */
static void strings(void **state)
{
    char *text = repeated("sni in {\"\"", ",\"ab\"", 10000, ",\"www.example.com\"}");
    (void)state;
    struct wt_filter *filter = compiled(text);
    wt_filter_free(filter);
    free(text);
}

static void bounds(void **state)
{
    char *text;
    (void)state;
    refused(repeated("", "(", 1000, "tcp"), "deeper");
    refused(repeated("", "!", 1000, "tcp"), "deeper");
    refused(repeated("", "upper(", 1000, "sni"), "deeper");
    refused(repeated("tcp", "||tcp", 12000, ""), "parts");
    refused(repeated("tcp", " ", 70000, ""), "longer");
    /* long chains are lists: neither the parser nor the answer recurses into them */
    text = repeated("udp", "||udp", 8000, "||tcp");
    struct wt_filter *filter = compiled(text);
    assert_true(wt_filter_match(filter, &sample_bare));
    wt_filter_free(filter);
    free(text);
    text = repeated("tcp.port in {1", ",2", 8000, ",443}");
    filter = compiled(text);
    assert_true(wt_filter_match(filter, &sample_full));
    wt_filter_free(filter);
    free(text);
    /* a pattern that would take longer than the universe has does not match, soon */
    struct wt_connection c = sample_bare;
    uint8_t name[200];
    memset(name, 'a', sizeof name);
    c.sni = wt_span_of(name, sizeof name);
    filter = compiled("sni matches \"^(a+)+b$\"");
    assert_false(wt_filter_match(filter, &c));
    wt_filter_free(filter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds), cmocka_unit_test(exact_bounds), cmocka_unit_test(patterns),
        cmocka_unit_test(values), cmocka_unit_test(strings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
