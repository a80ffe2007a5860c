/* Every code of the engine that a person is told of has words. */
#include "wording/wording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_openings(void **state)
{
    (void)state;
    for (int i = 0; i <= WT_OPEN_TOO_LONG; i++) {
        const char *text = wt_wording_opening((enum wt_opening)i);
        assert_non_null(text);
        assert_int_equal(text[strlen(text) - 1], '.');
    }
    assert_null(wt_wording_opening((enum wt_opening)(WT_OPEN_TOO_LONG + 1)));
}

static void test_certificates(void **state)
{
    (void)state;
    assert_null(wt_wording_chain(WT_CHAIN_WHY_NONE));
    for (int i = WT_CHAIN_WHY_NONE + 1; i < WT_CHAIN_WHYS; i++)
        assert_non_null(wt_wording_chain((enum wt_chain_why)i));
    assert_null(wt_wording_chain(WT_CHAIN_WHYS));
    assert_null(wt_wording_ocsp(WT_OCSP_FINE));
    for (int i = WT_OCSP_FINE + 1; i < WT_OCSP_FAULTS; i++)
        assert_non_null(wt_wording_ocsp((enum wt_ocsp_fault)i));
    assert_null(wt_wording_ocsp(WT_OCSP_FAULTS));
}

static void test_banners(void **state)
{
    (void)state;
    assert_null(wt_wording_banner(WT_BANNER_NONE));
    for (int i = WT_BANNER_NONE + 1; i < WT_BANNER_COUNT; i++)
        assert_non_null(wt_wording_banner((enum wt_banner)i));
    assert_null(wt_wording_banner(WT_BANNER_COUNT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_openings), cmocka_unit_test(test_certificates),
                                       cmocka_unit_test(test_banners)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
