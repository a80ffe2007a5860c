/* Several master secrets of one ClientHello's random: GnuTLS's DTLS clients renegotiate with the random that they had.
 */
#include "keys/keylog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void on_fault(void *context, const struct wt_keys_fault *f)
{
    char *told = context, why[128];
    (void)wt_problem_format(f->problem, why, sizeof why);
    (void)sprintf(told + strlen(told), "%u %s\n", (unsigned)f->line, why);
}

static void further_ones_are_kept(void **state)
{
    char told[256] = "";
    struct wt_keylog *log = wt_keylog_new(on_fault, told);
    struct wt_keylog_source *source = wt_keylog_source(log, "keys", WT_SOURCE_KEYLOG);
    struct wt_secret secret;
    uint8_t random[32];
    const struct wt_span by = wt_span_of(random, sizeof random);
    (void)state;
    memset(random, 0x43, sizeof random);
    for (int i = 0; i < 2 * (2 + WT_KEYLOG_MASTERS); i++) { /* each line twice: both peers write the same log */
        char line[256] = "CLIENT_RANDOM ";
        for (int k = 0; k < 32; k++)
            (void)strcat(line, "43");
        (void)strcat(line, " ");
        for (int k = 0; k < 48; k++)
            (void)sprintf(line + strlen(line), "%02x", 0xa0 + i / 2);
        (void)strcat(line, "\n");
        wt_keylog_feed(source, wt_span_text(line));
    }
    wt_keylog_source_end(source);
    /* renegotiations are no fault of the log's: what has no room is */
    assert_string_equal(told,
                        "9 left out: earlier lines have as many other master secrets for the same client random as are "
                        "kept\n10 left out: earlier lines have as many other master secrets for the same client random "
                        "as are kept\n");
    assert_true(wt_keylog_find(log, WT_LABEL_MASTER, by, &secret));
    assert_int_equal(secret.bytes.p[0], 0xa0);
    for (unsigned i = 0; i < WT_KEYLOG_MASTERS; i++) {
        assert_true(wt_keylog_find(log, (enum wt_label)(WT_LABEL_MASTER_AGAIN + i), by, &secret));
        assert_int_equal(secret.bytes.p[0], 0xa1 + i);
    }
    assert_false(wt_keylog_find(log, (enum wt_label)(WT_LABEL_MASTER_AGAIN + WT_KEYLOG_MASTERS), by, &secret));
    assert_false(wt_keylog_find(log, WT_LABEL_COUNT, by, &secret));
    wt_keylog_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(further_ones_are_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
