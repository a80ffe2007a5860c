/* Findings: what each row is made of, and that no connection has too many of them. */
#include "diagnosis/about.h"
#include "diagnosis/findings.h"

#include "observer/tls.h"
#include "registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* "%s", then numbers, each at most once: what story.c gives them. */
static void check_format(const char *text)
{
    unsigned names = 0, numbers = 0;
    for (const char *p = text; (p = strchr(p, '%')) != NULL; p++) {
        size_t n = strspn(p + 1, "l");
        if (p[1] == 's') {
            assert_int_equal(numbers, 0);
            names++;
        } else {
            assert_true(n > 0 && p[1 + n] == 'u');
            numbers++;
        }
    }
    assert_true(names <= 1 && numbers <= 2);
}

static void test_rows(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WT_FINDING_COUNT; i++) {
        const struct wt_finding_row *row = wt_finding_row((enum wt_finding_id)i);
        assert_int_equal(strspn(row->id, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(row->id));
        assert_true(row->severity <= WT_FATAL);
        check_format(row->text);
        assert_int_equal(row->text[strlen(row->text) - 1] == '.' || strstr(row->text, ": %s"), 1);
        assert_true(!row->advice || !strchr(row->advice, '%'));
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(row->id, wt_finding_row((enum wt_finding_id)k)->id);
    }
}

static void test_once(void **state)
{
    struct wt_tls tls = {0};
    char name[] = "one";
    (void)state;
    wt_finding_add(&tls, WT_FINDING_MALFORMED, 7, name, 1, 2);
    wt_finding_add(&tls, WT_FINDING_MALFORMED, 8, name, 3, 4);
    name[0] = 'O'; /* copied, so that it is another now */
    wt_finding_add(&tls, WT_FINDING_MALFORMED, 9, name, 5, 6);
    wt_finding_add(&tls, WT_FINDING_UNEXPECTED, 9, name, 5, 6);
    wt_finding_add(&tls, WT_FINDING_UNEXPECTED, 9, NULL, 5, 6);
    wt_finding_add(&tls, WT_FINDING_UNEXPECTED, 9, NULL, 5, 6);
    assert_int_equal(tls.report.finding_count, 4);
    assert_string_equal(tls.report.findings->text, "one");
    assert_int_equal(tls.report.findings->frame, 7);
    assert_int_equal(tls.report.findings->number[0], 1);
    assert_string_equal(tls.report.findings->next->text, "One");
    wt_arena_free(&tls.arena);
}

static void test_sum(void **state)
{
    struct wt_tls tls = {0};
    (void)state;
    wt_finding_sum(&tls, WT_FINDING_CAPTURE_TRUNCATED, 7, "the client", 60);
    wt_finding_sum(&tls, WT_FINDING_CAPTURE_TRUNCATED, 8, "the server", 5);
    wt_finding_sum(&tls, WT_FINDING_CAPTURE_TRUNCATED, 9, "the client", 40);
    assert_int_equal(tls.report.finding_count, 2);
    assert_int_equal(tls.report.findings->number[0], 100);
    assert_int_equal(tls.report.findings->frame, 7);
    assert_int_equal(tls.report.findings->next->number[0], 5);
    wt_arena_free(&tls.arena);
}

static void test_limit(void **state)
{
    struct wt_tls tls = {0};
    (void)state;
    for (unsigned i = 0; i < 10 * WT_LIMIT_FINDINGS; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "%u", i);
        wt_finding_add(&tls, WT_FINDING_MALFORMED, i, text, 0, 0);
    }
    const unsigned most = WT_LIMIT_FINDINGS - 8; /* the last places are for root causes */
    assert_int_equal(tls.report.finding_count, most);
    unsigned n = 0;
    for (const struct wt_list_finding *f = tls.report.findings; f; f = f->next, n++)
        assert_int_equal(f->frame, n);
    assert_int_equal(n, most);
    wt_arena_free(&tls.arena);
}

/* A packet may hold a whole flight: RFC 5246, 7.3. */
static void test_about(void **state)
{
    enum { HELLO = 1, CERTIFICATE, KEY_EXCHANGE, SWITCH, ALERT };
    static const struct wt_message flight[] = {
        {.frame = 7, .content_type = WT_CONTENT_HANDSHAKE, .type = WT_HANDSHAKE_SERVER_HELLO, .flags = WT_MESSAGE_TYPED},
        {.frame = 7, .content_type = WT_CONTENT_HANDSHAKE, .type = WT_HANDSHAKE_CERTIFICATE, .flags = WT_MESSAGE_TYPED},
        {.frame = 7, .content_type = WT_CONTENT_HANDSHAKE, .type = WT_HANDSHAKE_SERVER_KEY_EXCHANGE,
         .flags = WT_MESSAGE_TYPED | WT_MESSAGE_MALFORMED},
        {.frame = 9, .content_type = WT_CONTENT_CHANGE_CIPHER_SPEC},
        {.frame = 9, .content_type = WT_CONTENT_ALERT, .flags = WT_MESSAGE_ENCRYPTED},
    };
    static const struct {
        enum wt_finding_id id;
        uint32_t frame;
        bool cause;
        uint32_t about;
    } rows[] = {
        {WT_FINDING_CERTIFICATE_EXPIRED, 7, true, CERTIFICATE},
        {WT_FINDING_CERTIFICATE_EXPIRED, 9, true, ALERT}, /* as the alert has it */
        {WT_FINDING_CERTIFICATE_EXPIRED, 9, false, 0},
        {WT_FINDING_CERTIFICATE_EXPIRED, 8, true, 0},
        {WT_FINDING_CERTIFICATE_EXPIRED, 0, true, 0},
        {WT_FINDING_OCSP_STAPLE_BAD, 7, false, CERTIFICATE}, /* TLS 1.3 has no message of its own for it */
        {WT_FINDING_WEAK_DH, 7, true, KEY_EXCHANGE},
        {WT_FINDING_MALFORMED, 7, false, KEY_EXCHANGE},
        {WT_FINDING_DEPRECATED_VERSION, 7, false, 0},
        {WT_FINDING_NO_SHARED_GROUP, 9, true, ALERT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wt_list_finding f = {.row = (uint8_t)rows[i].id, .frame = rows[i].frame};
        assert_int_equal(wt_finding_about(&f, rows[i].cause, flight, sizeof flight / sizeof *flight), rows[i].about);
        assert_int_equal(wt_finding_about(&f, rows[i].cause, NULL, 0), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_sum),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
