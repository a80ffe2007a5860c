/* Filters that are too long, too deep or too dear. */
#include "../report/json_samples.h"

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

/* Each of n "a" may be taken alone or with the next: twice as many ways, about, with each. What takes more than the
 * limit does not match, also where it would by the pattern's end. */
static bool takes(size_t n)
{
    struct wt_connection c = sample_bare;
    uint8_t name[64];
    memset(name, 'a', sizeof name);
    c.sni = wt_span_of(name, n);
    struct wt_filter *filter = compiled("sni matches \"^(a|aa)+b|a$\"");
    const bool matches = wt_filter_match(filter, &c);
    wt_filter_free(filter);
    return matches;
}

/* libpcre2 counts in its own way, which differs between versions and is a small multiple of the ways. */
static void patterns(void **state)
{
    size_t n = 0;
    (void)state;
    double ways = 1, before = 1; /* as Fibonacci has them */
    while (n < 50 && takes(++n)) {
        const double next = ways + before;
        before = ways;
        ways = next;
    }
    assert_true(ways > WT_LIMIT_FILTER_MATCH / 50.0 && ways < WT_LIMIT_FILTER_MATCH);
    assert_false(takes(n + 1));
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
        cmocka_unit_test(bounds),
        cmocka_unit_test(exact_bounds),
        cmocka_unit_test(patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
