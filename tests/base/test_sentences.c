/* Sentences without a language: their numbers, what is filled in, and back into words. */
#include "base/sentences.h"

#include "base/i18n.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const char sentence_of[] = "offers %s";

static void spoken(const char *text, const char *expected)
{
    struct wt_buffer b = {0};
    wt_sentence_speak(&b, text);
    (void)wt_buffer_add_char(&b, 0);
    assert_string_equal((const char *)b.p, expected);
    wt_buffer_free(&b);
}

static void test_back_and_forth(void **state)
{
    char text[256], inner[128];
    (void)state;
    assert_non_null(setlocale(LC_ALL, "C"));
    (void)wt_text_neutral(true);
    (void)snprintf(text, sizeof text, _("offers %s"), "TLS 1.2");
    assert_int_equal(text[0], WT_SENTENCE_BEGIN);
    assert_null(strstr(text, "offers"));
    spoken(text, "offers TLS 1.2");
    /* one in the other, between literal text, and in both forms of number */
    (void)snprintf(inner, sizeof inner, ngettext_("%zu suite", "%zu suites", 1), (size_t)1);
    (void)snprintf(text, sizeof text, _("offers %s"), inner);
    strncat(text, " / ", sizeof text - strlen(text) - 1);
    (void)snprintf(inner, sizeof inner, ngettext_("%zu suite", "%zu suites", 28), (size_t)28);
    strncat(text, inner, sizeof text - strlen(text) - 1);
    spoken(text, "offers 1 suite / 28 suites");
    (void)wt_text_neutral(false);
    assert_string_equal(_("offers %s"), sentence_of);
}

static void test_unknown(void **state)
{
    static const char nowhere[] = "a sentence that no catalogue has";
    (void)state;
    assert_ptr_equal(wt_sentence_neutral(nowhere, false), nowhere);
    assert_null(wt_sentence(1u << 20));
}

/* Whatever was cut or made up is put into some words, and ends. */
static void test_damaged(void **state)
{
    struct wt_buffer b = {0};
    static const char *const texts[] = {"\001",     "\0019999999\003", "\0010\002\0010\002\0010\002", "\003\002\001",
                                        "\001x\003", "a\002b\003c",     "\00199999999999999999999999.1\002"};
    char deep[512];
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        wt_sentence_speak(&b, texts[i]);
    for (size_t i = 0; i + 3 < sizeof deep; i += 3)
        memcpy(deep + i, "\0010\002", 4);
    wt_sentence_speak(&b, deep);
    spoken("plain % text", "plain % text");
    wt_buffer_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back_and_forth),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
