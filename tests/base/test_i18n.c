/* Sentences without a catalogue, and with one that this test writes. */
#include "base/i18n.h"

#include "wiretale/language.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char said[] = "handshake", translated[] = "\xe6\x8f\xa1\xe6\x89\x8b";

/* A catalogue of two rows as `info gettext "MO Files"` lays it out: seven words, a table of originals, one of
 * translations, the strings. */
static void write_catalogue(const char *path)
{
    static const char head[] = "Content-Type: text/plain; charset=UTF-8\n";
    enum { WORDS = 7, ROWS = 2, STRINGS = 4 * (WORDS + 4 * ROWS) };
    const char *const all[] = {"", said, head, translated};
    uint32_t words[WORDS + 4 * ROWS] = {0x950412de, 0, ROWS, 4 * WORDS, 4 * (WORDS + 2 * ROWS)};
    uint32_t at = STRINGS;
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (unsigned i = 0; i < 4; i++) {
        words[WORDS + 2 * i] = (uint32_t)strlen(all[i]);
        words[WORDS + 2 * i + 1] = at;
        at += (uint32_t)strlen(all[i]) + 1;
    }
    assert_int_equal(fwrite(words, sizeof words, 1, f), 1);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(fwrite(all[i], strlen(all[i]) + 1, 1, f), 1);
    assert_int_equal(fclose(f), 0);
}

static void test_none(void **state)
{
    (void)state;
    assert_non_null(setlocale(LC_ALL, "C"));
    wt_language_settle();
    assert_ptr_equal(_(said), said);
}

static void test_one(void **state)
{
    char folder[] = "/tmp/wiretale-i18n-XXXXXX", inner[80], file[120];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(inner, sizeof inner, "%s/zz", folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    (void)snprintf(inner, sizeof inner, "%s/zz/LC_MESSAGES", folder);
    assert_int_equal(mkdir(inner, 0700), 0);
    (void)snprintf(file, sizeof file, "%s/%s.mo", inner, WT_TEXT_DOMAIN);
    write_catalogue(file);

    assert_non_null(setlocale(LC_ALL, "C.UTF-8"));
    assert_int_equal(setenv("LANGUAGE", "zz", 1), 0);
    assert_non_null(bindtextdomain(WT_TEXT_DOMAIN, folder));
    wt_language_settle(); /* after test_none(): what was settled before is looked at anew */
    assert_string_equal(_(said), translated);
    assert_string_equal(_("no such sentence"), "no such sentence");
    assert_int_equal(setenv("LANGUAGE", "yy", 1), 0);
    assert_non_null(bindtextdomain(WT_TEXT_DOMAIN, "/nowhere")); /* until then gettext goes by what it remembers */
    wt_language_settle();
    assert_ptr_equal(_(said), said);

    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(inner), 0);
    *strrchr(inner, '/') = '\0';
    assert_int_equal(rmdir(inner), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_none), cmocka_unit_test(test_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
