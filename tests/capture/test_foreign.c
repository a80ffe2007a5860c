/* Files that are no captures are named, with what converts them. */
#include "make.h"

#include "capture/foreign.h"

static void expect(const void *bytes, size_t n, const char *name, const char *sentence)
{
    struct wt_error error;
    char words[256];
    assert_null(wt_capture_open_memory(wt_span_of(bytes, n), &error));
    assert_int_equal(error.code, WT_FORMAT);
    assert_string_equal(error.field, name);
    (void)wt_error_format(&error, words, sizeof words);
    if (!strstr(words, sentence))
        fail_msg("\"%s\" is not in \"%s\"", sentence, words);
}

#define BYTES(text) text, sizeof(text) - 1

static void test_named(void **state)
{
    uint8_t etl[80] = {0, 0, 1, 0}, erf[20] = {0, 0, 0, 0, 1, 2, 3, 0x60, 2, 4, 0, 80, 0, 0, 0, 60};
    (void)state;
    expect(BYTES("snoop\0\0\0\0\0\0\2\0\0\0\4"), "snoop (Solaris)", "editcap IN OUT.pcapng");
    expect(BYTES("GMBU\0\2\1\0"), "Network Monitor 2", "editcap");
    expect(BYTES("BZh91AY&SY"), "bzip2", "bunzip2");
    expect(BYTES("\3757zXZ\0\0\4"), "xz", "unxz");
    expect(BYTES("PK\3\4\24\0"), "zip", "unzip");
    expect(BYTES("{\n  \"log\": {\"version\": \"1.2\", \"entries\": []}}"), "HAR (JSON)", "no packets");
    etl[72] = 2, etl[75] = 0xc0;
    expect(etl, sizeof etl, "ETL (Windows)", "etl2pcapng");
    expect(erf, sizeof erf, "ERF", "editcap");
    expect("", 0, "capture", "empty");
}

static void test_not_known(void **state)
{
    uint8_t etl[80] = {1, 0, 1, 0};
    (void)state;
    etl[72] = 2, etl[75] = 0xc0;
    expect(etl, sizeof etl, "capture", "not in this format");
    expect(BYTES("snoopy\0\0"), "capture", "not in this format");
    expect(BYTES("see \"log\": {}"), "capture", "not in this format");
    expect(BYTES("PK"), "capture", "not in this format");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_named), cmocka_unit_test(test_not_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
