/* A story that was made without a language, in words. */
#include "base/i18n.h"
#include "wiretale/story.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_spoken(void **state)
{
    char text[128], settle[128], closed[128];
    struct wt_alternative other = {.id = "tcp-loss", .settle = settle};
    struct wt_finding findings[] = {
        {.id = "a", .text = text, .alternatives = &other, .alternative_count = 1, .frame = 7},
        {.id = "b", .text = "as it is", .advice = text},
    };
    const struct wt_connection c = {
        .stream = 5, .findings = findings, .finding_count = 2, .not_decrypted = closed, .file = "f"};
    (void)state;
    assert_non_null(setlocale(LC_ALL, "C"));
    assert_false(wt_text_neutral(true));
    (void)snprintf(text, sizeof text, _("offers %s"), "TLS 1.2");
    (void)snprintf(settle, sizeof settle, "%s", _("probably"));
    (void)snprintf(closed, sizeof closed, "(%s)", _("probably"));
    assert_true(wt_text_neutral(false));

    const struct wt_connection *spoken = wt_connection_spoken(&c);
    assert_non_null(spoken);
    assert_int_equal(spoken->stream, 5);
    assert_ptr_equal(spoken->file, c.file); /* shared */
    assert_int_equal(spoken->finding_count, 2);
    assert_string_equal(spoken->findings[0].text, "offers TLS 1.2");
    assert_null(spoken->findings[0].advice);
    assert_int_equal(spoken->findings[0].frame, 7);
    assert_string_equal(spoken->findings[0].alternatives[0].settle, "probably");
    assert_string_equal(spoken->findings[0].alternatives[0].id, "tcp-loss");
    assert_string_equal(spoken->findings[1].text, "as it is");
    assert_string_equal(spoken->findings[1].advice, "offers TLS 1.2");
    assert_string_equal(spoken->not_decrypted, "(probably)");
    assert_null(strstr(text, "offers")); /* the other is as it was */
    wt_connection_spoken_free(spoken);
    wt_connection_spoken_free(NULL);
}

static void test_empty(void **state)
{
    const struct wt_connection c = {0}, *spoken = wt_connection_spoken(&c);
    (void)state;
    assert_non_null(spoken);
    assert_int_equal(spoken->finding_count, 0);
    assert_null(spoken->not_decrypted);
    wt_connection_spoken_free(spoken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_spoken), cmocka_unit_test(test_empty)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
