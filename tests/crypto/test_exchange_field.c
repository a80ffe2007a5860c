/* Key exchange in finite fields: of RFC 7919, and of numbers that a server names. */
#include "exchange_check.h"

#include "registry/limits.h"

#include <openssl/bn.h>

/* RFC 8446, 4.2.8.1: "Peers MUST validate each other's public key Y by ensuring that 1 < Y < p-1." */
static void test_field(void **state)
{
    const struct setup *s = *state;
    struct wt_span p, g;
    uint8_t y[256] = {0};
    struct wt_share share;
    struct wt_shared shared;
    assert_true(wt_exchange_dh(s->groups, WT_GROUP_FFDHE2048, &p, &g));
    assert_int_equal(p.n, sizeof y);
    same(g.p, g.n, "02");
    check_bad(s, WT_GROUP_FFDHE2048, y, sizeof y);
    y[255] = 1;
    check_bad(s, WT_GROUP_FFDHE2048, y, sizeof y);
    y[255] = 2;
    assert_int_equal(
        wt_exchange_answer(s->groups, WT_GROUP_FFDHE2048, &s->random, wt_span_of(y, sizeof y), &share, &shared),
        WT_EXCHANGED);
    memcpy(y, p.p, p.n); /* ends with 0xff */
    check_bad(s, WT_GROUP_FFDHE2048, y, sizeof y);
    y[255]--;
    check_bad(s, WT_GROUP_FFDHE2048, y, sizeof y);
    y[255]--;
    assert_int_equal(
        wt_exchange_answer(s->groups, WT_GROUP_FFDHE2048, &s->random, wt_span_of(y, sizeof y), &share, &shared),
        WT_EXCHANGED);
    memset(y, 0xff, sizeof y);
    check_bad(s, WT_GROUP_FFDHE2048, y, sizeof y);
    assert_false(wt_exchange_dh(s->groups, WT_GROUP_X25519, &p, &g));
    assert_false(wt_exchange_dh(s->groups, 0xaaaa, &p, &g));
}

/* Numbers of a ServerKeyExchange: both sides against each other. The value 2 that RFC 5246 does not pad comes short. */
static void test_named(void **state)
{
    const struct setup *s = *state;
    uint8_t p[257] = {0}, g[] = {0, 2};
    BIGNUM *prime = BN_get_rfc3526_prime_2048(NULL);
    struct wt_share a, b;
    struct wt_shared one, other;
    enum wt_exchanged why;
    assert_int_equal(BN_bn2binpad(prime, p, sizeof p), sizeof p); /* with a zero before it */
    assert_int_equal(wt_exchange_dh_find(s->groups, wt_span_of(p, sizeof p), wt_span_of(g, 2)), 0);
    struct wt_exchange *mine =
        wt_exchange_new_dh(s->groups, wt_span_of(p, sizeof p), wt_span_of(g, 2), &s->random, &a, &why);
    struct wt_exchange *theirs =
        wt_exchange_new_dh(s->groups, wt_span_of(p + 1, 256), wt_span_of(g + 1, 1), &s->random, &b, &why);
    assert_non_null(mine);
    assert_non_null(theirs);
    assert_int_equal(why, WT_EXCHANGED);
    assert_int_equal(a.n, 256);
    assert_int_equal(wt_exchange_finish(mine, wt_span_of(b.bytes, b.n), &one), WT_EXCHANGED);
    assert_int_equal(wt_exchange_finish(theirs, wt_span_of(a.bytes, a.n), &other), WT_EXCHANGED);
    assert_int_equal(one.n, 256);
    assert_memory_equal(one.bytes, other.bytes, 256);
    wt_exchange_free(mine);
    wt_exchange_free(theirs);
    mine = wt_exchange_new_dh(s->groups, wt_span_of(p, sizeof p), wt_span_of(g, 2), &s->random, &a, &why);
    assert_int_equal(wt_exchange_finish(mine, wt_span_of(g + 1, 1), &one), WT_EXCHANGED);
    wt_exchange_free(mine);
    BN_free(prime);
}

/* One of RFC 7919 is known by its prime and generator. */
static void test_recognised(void **state)
{
    const struct setup *s = *state;
    static const uint16_t fields[] = {WT_GROUP_FFDHE2048, WT_GROUP_FFDHE3072, WT_GROUP_FFDHE4096, WT_GROUP_FFDHE6144,
                                      WT_GROUP_FFDHE8192};
    static const uint8_t three[] = {3}, two[] = {0, 0, 2};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct wt_span p, g;
        assert_true(wt_exchange_dh(s->groups, fields[i], &p, &g));
        assert_int_equal(wt_exchange_dh_find(s->groups, p, g), fields[i]);
        assert_int_equal(wt_exchange_dh_find(s->groups, p, wt_span_of(two, 3)), fields[i]);
        assert_int_equal(wt_exchange_dh_find(s->groups, p, wt_span_of(three, 1)), 0);
        assert_int_equal(wt_exchange_dh_find(s->groups, wt_span_cut(p, 1, p.n), g), 0);
    }
    struct wt_span p, g;
    struct wt_share a, b;
    struct wt_shared one, other;
    enum wt_exchanged why;
    assert_true(wt_exchange_dh(s->groups, WT_GROUP_FFDHE2048, &p, &g));
    struct wt_exchange *server = wt_exchange_new(s->groups, WT_GROUP_FFDHE2048, &s->random, &a);
    struct wt_exchange *client = wt_exchange_new_dh(s->groups, p, g, &s->random, &b, &why);
    assert_int_equal(wt_exchange_finish(server, wt_span_of(b.bytes, b.n), &one), WT_EXCHANGED);
    assert_int_equal(wt_exchange_finish(client, wt_span_of(a.bytes, a.n), &other), WT_EXCHANGED);
    assert_memory_equal(one.bytes, other.bytes, one.n);
    wt_exchange_free(server);
    wt_exchange_free(client);
}

/* An odd number of so many bits, which nobody asks whether it is a prime. */
static struct wt_span odd(uint8_t *bytes, unsigned bits)
{
    const size_t n = (bits + 7) / 8;
    memset(bytes, 0x5a, n);
    bytes[0] = (uint8_t)(1u << (bits - 1) % 8);
    bytes[n - 1] |= 1;
    return wt_span_of(bytes, n);
}

static enum wt_exchanged try_dh(const struct setup *s, struct wt_span p, struct wt_span g)
{
    struct wt_share share;
    enum wt_exchanged why;
    struct wt_exchange *e = wt_exchange_new_dh(s->groups, p, g, &s->random, &share, &why);
    assert_true(!e == (why != WT_EXCHANGED));
    wt_exchange_free(e);
    return why;
}

/* WT_LIMIT_DH_BITS and WT_LIMIT_DH_BITS_LEAST */
static void test_dh_limits(void **state)
{
    const struct setup *s = *state;
    uint8_t bytes[WT_LIMIT_DH_BITS / 8 + 1], two[] = {2}, much[WT_LIMIT_DH_BITS / 8 + 1];
    const struct wt_span g = wt_span_of(two, 1);
    assert_int_equal(try_dh(s, odd(bytes, WT_LIMIT_DH_BITS), g), WT_EXCHANGED);
    assert_int_equal(try_dh(s, odd(bytes, WT_LIMIT_DH_BITS + 1), g), WT_EXCHANGE_BAD_SHARE);
    assert_int_equal(try_dh(s, odd(bytes, WT_LIMIT_DH_BITS_LEAST), g), WT_EXCHANGED);
    assert_int_equal(try_dh(s, odd(bytes, WT_LIMIT_DH_BITS_LEAST - 1), g), WT_EXCHANGE_BAD_SHARE);
    /* An even one, none, and generators that generate nothing. */
    struct wt_span p = odd(bytes, 2048);
    bytes[p.n - 1] ^= 1;
    assert_int_equal(try_dh(s, p, g), WT_EXCHANGE_BAD_SHARE);
    assert_int_equal(try_dh(s, (struct wt_span){0}, g), WT_EXCHANGE_BAD_SHARE);
    p = odd(bytes, 2048);
    assert_int_equal(try_dh(s, p, (struct wt_span){0}), WT_EXCHANGE_BAD_SHARE);
    two[0] = 0;
    assert_int_equal(try_dh(s, p, g), WT_EXCHANGE_BAD_SHARE);
    two[0] = 1;
    assert_int_equal(try_dh(s, p, g), WT_EXCHANGE_BAD_SHARE);
    assert_int_equal(try_dh(s, p, p), WT_EXCHANGE_BAD_SHARE);
    memcpy(much, bytes, p.n);
    much[p.n - 1]--;
    assert_int_equal(try_dh(s, p, wt_span_of(much, p.n)), WT_EXCHANGE_BAD_SHARE);
    memset(much, 1, sizeof much);
    assert_int_equal(try_dh(s, p, wt_span_of(much, sizeof much)), WT_EXCHANGE_BAD_SHARE);
}

/* RFC 5246, 8.1.2: "Leading bytes of Z that contain all zero bits are stripped before it is used as the
 * pre_master_secret." */
static void test_strip(void **state)
{
    (void)state;
    static const uint8_t z[] = {0, 0, 7, 0};
    const struct wt_span left = wt_exchange_strip(wt_span_of(z, sizeof z));
    assert_ptr_equal(left.p, z + 2);
    assert_int_equal(left.n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field),     cmocka_unit_test(test_named), cmocka_unit_test(test_recognised),
        cmocka_unit_test(test_dh_limits), cmocka_unit_test(test_strip),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
