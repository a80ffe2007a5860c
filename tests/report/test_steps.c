/* Every step that the engine derives has its sentence, by its own case or by its id. */
#include "wiretale/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *id, const char *why)
{
    const char *text = wt_step_text(&(struct wt_step){.id = id, .why = why});
    if (!text || text[strlen(text) - 1] != '.')
        fail_msg("%s, %s: %s", id, why ? why : "-", text ? text : "nothing");
}

static void test_derivations(void **state)
{
    (void)state;
#define WT_TRUNK(ID, id, name, salt, ikm, why, rfc) expect(id, why);
#include "keys/schedule.def"
#undef WT_TRUNK
#define WT_BRANCH(ID, id, trunk, label, old, why, rfc) expect(id, why);
#include "keys/schedule.def"
#undef WT_BRANCH
#define WT_TWIG(ID, id, from, label, old, why, rfc) expect(id, why);
#include "keys/schedule.def"
#undef WT_TWIG
#define WT_DERIVED(ID, id, label, ssl3, tls10, tls11, tls12, tlcp, why) expect(id, why);
#include "keys/prf.def"
#undef WT_DERIVED
}

/* What differs goes before what both have in common; what is not known has nothing to say. */
static void test_cases(void **state)
{
    (void)state;
    const char *old = wt_step_text(&(struct wt_step){.id = "master_secret"});
    const char *new = wt_step_text(&(struct wt_step){.id = "master_secret", .why = "tls13_master_secret"});
    assert_non_null(old);
    assert_non_null(new);
    assert_string_not_equal(old, new);
    assert_non_null(wt_step_text(&(struct wt_step){.id = "failure", .why = "open_bad_mac"}));
    assert_null(wt_step_text(&(struct wt_step){.id = "failure"}));
    assert_null(wt_step_text(&(struct wt_step){.id = "an application's own"}));
    assert_null(wt_step_text(&(struct wt_step){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_derivations), cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
