/* When the page closes a block and begins the next. */
#include "json_samples.h"

#include "registry/limits.h"
#include "report/page/page.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Bytes of the block that is being filled. */
static size_t filled(const struct wt_page *p)
{
    return p->connections.n + p->certificates.n + p->values.json.n + p->values.bytes.n;
}

/* A connection that fills a block but for a byte leaves it open; one that fills it is its last one. */
static void test_block(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct wt_page *p = wt_page_new(NULL);
        assert_non_null(p);
        const size_t none = filled(p);
        assert_true(wt_page_add(p, &sample_full));
        const size_t first = filled(p);
        assert_true(wt_page_add(p, &sample_full));
        const size_t each = filled(p) - first; /* what they have in common is there once */
        for (size_t left = WT_LIMIT_PAGE_BLOCK - 1 + more - each - filled(p); left; left--)
            assert_true(wt_buffer_add_char(&p->connections, ' '));
        assert_true(wt_page_add(p, &sample_full));
        assert_int_equal(p->block_count, more);
        assert_int_equal(filled(p), more ? none : WT_LIMIT_PAGE_BLOCK - 1);
        assert_true(wt_page_add(p, &sample_full));
        assert_int_equal(p->block_count, 1);
        assert_int_equal(filled(p), more ? first : none);
        assert_true(p->blocks[0].json >= WT_LIMIT_PAGE_BLOCK - p->values.bytes.n);
        wt_page_free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
