/* JSON of certificates that is kept: the same bytes as without, whatever came before, and only what is known by its
 * digest. */
#include "report/json/cache.h"

#include "registry/limits.h"
#include "report/json/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct text {
    char bytes[65536];
    size_t n;
};

static bool take(void *context, const char *bytes, size_t n)
{
    struct text *t = context;
    assert_true(t->n + n < sizeof t->bytes);
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    return true;
}

static struct wt_certificate_facts facts(uint8_t first, uint8_t second, const char *subject)
{
    struct wt_certificate_facts f = {.parsed = true, .subject = subject, .issuer = "CN=Issuer", .serial = "01"};
    f.sha256[0] = first;
    f.sha256[1] = second;
    f.sha256[31] = (uint8_t)strlen(subject);
    return f;
}

static void written(const struct wt_certificate_facts *f, struct text *t)
{
    struct wt_output output = {.write = take, .context = t};
    struct wt_json j;
    t->n = 0;
    wt_json_start(&j, &output);
    wt_json_certificate(&j, f);
    wt_json_flush(&j);
}

static void same(struct wt_json_cache *cache, const struct wt_certificate_facts *f)
{
    static struct text t;
    written(f, &t);
    struct wt_span kept = wt_json_cache_certificate(cache, f);
    assert_int_equal(kept.n, t.n);
    assert_memory_equal(kept.p, t.bytes, t.n);
}

static void test_known_again(void **state)
{
    struct wt_json_cache *cache = wt_json_cache_new();
    struct wt_certificate_facts a = facts(1, 2, "CN=a"), elsewhere = a;
    (void)state;
    assert_non_null(cache);
    same(cache, &a);
    const uint8_t *first = wt_json_cache_certificate(cache, &a).p;
    /* by its bytes' digest, not by where its facts are */
    assert_ptr_equal(wt_json_cache_certificate(cache, &elsewhere).p, first);
    wt_json_cache_free(cache);
    wt_json_cache_free(NULL);
}

static void test_one_slot_for_two(void **state)
{
    struct wt_json_cache *cache = wt_json_cache_new();
    /* the same bits of the digest choose the slot */
    struct wt_certificate_facts a = facts(1, 2, "CN=a"), b = facts(1, 2, "CN=another");
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        same(cache, &a);
        same(cache, &b);
    }
    wt_json_cache_free(cache);
}

static void test_not_kept(void **state)
{
    struct wt_json_cache *cache = wt_json_cache_new();
    struct wt_certificate_facts none = facts(0, 0, ""), large = facts(3, 4, "CN=large");
    static char name[WT_LIMIT_JSON_CACHE_OBJECT + 1];
    static struct text t;
    (void)state;
    assert_int_equal(wt_json_cache_certificate(cache, &none).n, 0);
    /* an object of so many bytes is kept, and none with one more */
    large.subject = name;
    written(&large, &t);
    memset(name, 'n', WT_LIMIT_JSON_CACHE_OBJECT - t.n + 1);
    assert_int_equal(wt_json_cache_certificate(cache, &large).n, 0);
    name[WT_LIMIT_JSON_CACHE_OBJECT - t.n] = 0;
    assert_int_equal(wt_json_cache_certificate(cache, &large).n, WT_LIMIT_JSON_CACHE_OBJECT);
    wt_json_cache_free(cache);
}

/* Whether what is known by the digest of number i was kept with another subject than it is asked for with. */
static bool is_kept(struct wt_json_cache *cache, unsigned i)
{
    struct wt_certificate_facts f = facts((uint8_t)(i >> 8), (uint8_t)i, "CN=asks");
    const struct wt_span json = wt_json_cache_certificate(cache, &f);
    return memmem(json.p, json.n, "CN=kept", 7);
}

/* As many as there are slots, and one more, which takes the place of one of them. */
static void test_slots(void **state)
{
    struct wt_json_cache *cache = wt_json_cache_new();
    (void)state;
    for (unsigned i = 0; i <= WT_LIMIT_JSON_CACHE_SLOTS; i++) {
        struct wt_certificate_facts f = facts((uint8_t)(i >> 8), (uint8_t)i, "CN=kept");
        for (unsigned k = 0; i == WT_LIMIT_JSON_CACHE_SLOTS && k < i; k++)
            assert_true(is_kept(cache, k));
        same(cache, &f);
    }
    assert_true(is_kept(cache, WT_LIMIT_JSON_CACHE_SLOTS));
    assert_false(is_kept(cache, 0));
    for (unsigned k = 1; k < WT_LIMIT_JSON_CACHE_SLOTS; k++)
        assert_true(is_kept(cache, k));
    wt_json_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_again),
        cmocka_unit_test(test_one_slot_for_two),
        cmocka_unit_test(test_not_kept),
        cmocka_unit_test(test_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
