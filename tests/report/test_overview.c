/* The overview: what is counted, in what order it is told, and that it stays within its bounds. */
#include "keyed_samples.h"

#include "registry/limits.h"
#include "report/overview.h"
#include "report/term.h"

static char *overview_text(const struct wt_overview *o, unsigned columns, bool ascii)
{
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    const struct wt_text_options options = {.size = sizeof options, .columns = columns, .ascii = ascii};
    wt_report_text_overview(&output, o, &options);
    return p.text;
}

static char *overview_json(const struct wt_overview *o)
{
    struct printed p = {NULL, 0, 0};
    struct wt_output output = {printed_write, &p, false};
    struct wt_summary s = {.files = 1};
    wt_report_json_summary(&output, &s, o);
    return p.text;
}

static const struct wt_finding gap = {.id = "capture-gap", .severity = WT_WARNING, .text = "x"};
static const struct wt_finding expired = {.id = "certificate-expired", .severity = WT_FATAL, .text = "x"};

static struct wt_overview *sample(void)
{
    struct wt_overview *o = wt_overview_new();
    struct story *s = story_tls12_full();
    struct wt_finding twice[2] = {gap, gap};
    assert_non_null(o);
    s->c.file = "a.pcap";
    s->facts[0].not_after = s->c.start.ns / 1000000000 + 5 * 86400 + 7;
    wt_overview_add(o, &s->c);
    s->c.stream = 9;
    s->c.sni = wt_span_text("WWW.Example.com");
    s->c.findings = twice;
    s->c.finding_count = 2;
    wt_overview_add(o, &s->c);
    s->c.stream = 12;
    s->c.sni = wt_span_text("名前.example\x1b[31m");
    s->c.state = WT_FAILED;
    s->c.has_suite = false;
    s->c.findings = &expired;
    s->c.finding_count = 1;
    wt_overview_add(o, &s->c);
    s->c.stream = 13;
    s->c.finding_count = 0;
    s->c.alert_count = 0;
    s->c.reset = true;
    wt_overview_add(o, &s->c);
    story_free(s);
    return o;
}

static void counts_and_orders(void **state)
{
    struct wt_overview *o = sample();
    char *text = overview_text(o, 100, false);
    (void)state;
    has(text, "overview of 4 TLS connections: 2 established, 2 failed, 0 incomplete\n");
    has(text, "           1  certificate-expired");
    has(text, "first seen in stream 12\n");
    has(text, "           1  reset");
    /* names have no case, escapes from the wire do not pass, the failed come first */
    has(text, "           2       2       0  名前.example\\x1b[31m  192.0.2.80:443\n");
    has(text, "           2       0       0  www.example.com  192.0.2.80:443\n");
    assert_true(strstr(text, "\\x1b[31m") < strstr(text, "www.example.com"));
    has(text, "           4   100 %  TLS 1.2  "); /* beside it the groups */
    has(text, "           4   100 %  secp256r1\n");
    has(text, "           2    50 %  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n");
    has(text, "              fatal 1, warning 1\n"); /* the fatal ones have stood above */
    assert_null(strstr(text, "fatal    certificate-expired"));
    has(text, "           1  warning  capture-gap"); /* twice in one connection */
    has(text, "           5  ");                     /* days left */
    free(text);
    wt_overview_free(o);
}

/* Connections may be added as they end: what names one names the first by its number, and rows that are alike come in
 * the order of these. */
static void any_order(void **state)
{
    static const char *const names[] = {"a.example", "b.example", "c.example", "b.example"};
    static const unsigned orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}};
    const struct wt_finding both[2][2] = {{gap, expired}, {expired, gap}};
    char *first = NULL;
    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct wt_overview *o = wt_overview_new();
        for (size_t k = 0; k < 4; k++) {
            struct story *s = story_tls12_full();
            s->c.file = "a.pcap";
            s->c.stream = orders[i][k];
            s->c.sni = wt_span_text(names[s->c.stream]);
            s->c.findings = (struct wt_finding *)(uintptr_t)both[s->c.stream % 2];
            s->c.finding_count = 2;
            wt_overview_add(o, &s->c);
            story_free(s);
        }
        char *json = overview_json(o);
        if (first)
            assert_string_equal(json, first);
        else
            first = strdup(json);
        free(json);
        wt_overview_free(o);
    }
    free(first);
}

static void lines_stay_within(void **state)
{
    struct wt_overview *o = sample();
    (void)state;
    for (unsigned columns = 60; columns <= 200; columns += 7) {
        char *text = overview_text(o, columns, columns % 2);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            assert_true(wt_width(line) <= columns);
        free(text);
    }
    wt_overview_free(o);
}

static void days(void **state)
{
    struct wt_overview *o = wt_overview_new();
    struct wt_overview_certificate c = {.not_after = 86400 * 10, .seen = 86400 * 3};
    (void)state;
    assert_non_null(o);
    assert_int_equal(wt_overview_days(o, &c), 7);
    wt_overview_at(o, 86400 * 10);
    assert_int_equal(wt_overview_days(o, &c), 0);
    wt_overview_at(o, 86400 * 10 + 1); /* over since a second: not "0 days left" */
    assert_int_equal(wt_overview_days(o, &c), -1);
    wt_overview_free(o);
}

static void json(void **state)
{
    struct wt_overview *o = sample();
    (void)state;
    wt_overview_at(o, 0);
    char *text = overview_json(o);
    has(text,
        "\"told\":4,\"causes\":[{\"id\":\"certificate-expired\",\"connections\":1,\"file\":\"a.pcap\",\"stream\":12},"
        "{\"reset\":true,\"connections\":1,\"file\":\"a.pcap\",\"stream\":13}]");
    has(text, "\"versions\":[{\"version\":\"TLS 1.2\",\"connections\":4}]");
    has(text, "{\"id\":\"capture-gap\",\"severity\":\"warning\",\"connections\":1,\"file\":\"a.pcap\",\"stream\":9}");
    has(text, "\"days_left\":");
    lacks(text, "untold");
    free(text);
    wt_overview_free(o);
}

/* More servers than there are rows: the sums stay right. */
static void bounds(void **state)
{
    struct wt_overview *o = wt_overview_new();
    struct story *s = story_tls12_full();
    uint64_t all = 0;
    (void)state;
    assert_non_null(o);
    for (uint32_t i = 0; i < WT_LIMIT_OVERVIEW_ROWS + 1000; i++) {
        memcpy(s->c.server.ip + 12, &i, sizeof i);
        wt_overview_add(o, &s->c);
    }
    assert_int_equal(o->servers.count, WT_LIMIT_OVERVIEW_ROWS);
    assert_int_equal(wt_tally_sum(o->servers.untold), 1000);
    for (uint32_t i = 0; i < o->servers.count; i++)
        all += wt_tally_sum(o->servers.rows[i].count);
    assert_int_equal(all, WT_LIMIT_OVERVIEW_ROWS);
    char *text = overview_text(o, 100, false);
    has(text, "and more than 16372 more\n");
    free(text);
    text = overview_json(o);
    has(text, "\"servers_untold\":16384");
    free(text);
    story_free(s);
    wt_overview_free(o);
}

/* Kinds, and bytes of names. */
static void kinds(void **state)
{
    struct story *s = story_tls12_full();
    (void)state;
    for (uint32_t more = 0; more < 2; more++) {
        struct wt_overview *o = wt_overview_new();
        for (uint32_t i = 0; i < WT_LIMIT_OVERVIEW_KINDS + more; i++) {
            s->c.cipher_suite = (uint16_t)(0x8000 + i);
            wt_overview_add(o, &s->c);
        }
        assert_int_equal(o->suites.count, WT_LIMIT_OVERVIEW_KINDS);
        assert_int_equal(wt_tally_sum(o->suites.untold), more);
        wt_overview_free(o);
    }
    story_free(s);
}

/* Adds connections to servers of their own, each with a certificate of its own, until one finds no room. */
static void add_until_full(struct wt_overview *o, struct story *s, uint32_t number)
{
    const uint64_t before = wt_tally_sum(o->servers.untold);
    while (wt_tally_sum(o->servers.untold) == before) {
        number++;
        memcpy(s->facts[0].sha256, &number, sizeof number);
        memcpy(s->c.server.ip + 12, &number, sizeof number);
        wt_overview_add(o, &s->c);
    }
    assert_true(number % (1 << 20) < WT_LIMIT_OVERVIEW_ROWS);
}

/* Bytes of names: up to the limit, where smaller ones fill what larger ones leave; what does not fit is counted. */
static void name_bytes(void **state)
{
    enum { LAST = 32 + 32 }; /* a row's name takes that much at least: its bytes, and the arena's own */
    struct story *s = story_tls12_full();
    struct wt_overview *o = wt_overview_new();
    static char name[1001];
    (void)state;
    memset(name, 'a', sizeof name - 1);
    s->facts[0].subject = s->facts[0].common_name = name;
    s->c.sni = wt_span_of(name, 253);
    wt_overview_add(o, &s->c);
    const size_t one = o->arena.used;
    assert_true(one < WT_LIMIT_OVERVIEW_BYTES / 1000);
    add_until_full(o, s, 0);
    const uint64_t servers = o->servers.count;
    s->c.sni = wt_span_of(name, 0);
    add_until_full(o, s, 1 << 20);
    assert_in_range(o->arena.used, WT_LIMIT_OVERVIEW_BYTES - LAST, WT_LIMIT_OVERVIEW_BYTES);
    assert_in_range(servers, 10000, WT_LIMIT_OVERVIEW_ROWS - 1);
    assert_int_equal(wt_tally_sum(o->servers.untold), 2);
    wt_overview_free(o);
    story_free(s);
}

/* Whatever it is that finds no room: each connection is counted once in every list, by name or among the others. */
static void no_room(void **state)
{
    struct story *s = story_tls12_full();
    (void)state;
    s->c.file = "a.pcap";
    s->facts[0].common_name = "www.example.com";
    for (uint32_t room = 1; room < 3000; room += 8) {
        struct wt_overview *o = wt_overview_new();
        o->arena.limit = room;
        for (unsigned i = 0; i < 2; i++)
            wt_overview_add(o, &s->c);
        assert_int_equal(o->files, 1);
        const struct wt_tally *lists[] = {&o->servers, &o->certificates};
        for (unsigned i = 0; i < 2; i++)
            assert_int_equal(
                wt_tally_sum(lists[i]->untold) + (lists[i]->count ? wt_tally_sum(lists[i]->rows[0].count) : 0), 2);
        char *text = overview_text(o, 100, false), *json = overview_json(o);
        has(text, "overview of 2 TLS connections");
        assert_true(strstr(json, "\"subject\"") || strstr(json, "\"certificates_untold\":2"));
        assert_true(strstr(json, "192.0.2.80") || strstr(json, "\"servers_untold\":2"));
        free(text);
        free(json);
        wt_overview_free(o);
    }
    story_free(s);
}

static void nothing(void **state)
{
    struct wt_overview *o = wt_overview_new();
    (void)state;
    assert_null(overview_text(o, 80, false));
    wt_overview_free(o);
    wt_overview_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_and_orders),
        cmocka_unit_test(any_order),
        cmocka_unit_test(lines_stay_within),
        cmocka_unit_test(days),
        cmocka_unit_test(json),
        cmocka_unit_test(bounds),
        cmocka_unit_test(kinds),
        cmocka_unit_test(name_bytes),
        cmocka_unit_test(no_room),
        cmocka_unit_test(nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
