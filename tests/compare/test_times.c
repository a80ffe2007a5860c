/* Which capture lies nearer to the client, how far they are apart, and how far their clocks. */
#include "places.h"

static void flat(struct places *s)
{
    for (unsigned k = 0; k < 2; k++)
        for (size_t i = 0; i < s->at[k].n; i++)
            s->at[k].list[i].ttl = 64;
}

static void test_apart(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    s.at[1].clock = 2500ll * MS;
    compare(&t, &s);
    assert_int_equal(t.c.near, WT_COMPARE_NEAR_A);
    assert_int_equal(t.c.between, (THERE + BACK) * MS);
    assert_true(t.c.has_clock);
    assert_int_equal(t.c.clock, 2500ll * MS + (THERE - BACK) * MS / 2);
    assert_int_equal(t.c.clock_error, (THERE + BACK) * MS / 2);
    assert_non_null(strstr(t.text, "A is closer to the client, round trip between A and B 12.0 ms"));
    compare_as(&t, &s, 1);
    assert_int_equal(t.c.near, WT_COMPARE_NEAR_B);
    assert_int_equal(t.c.between, (THERE + BACK) * MS);
    assert_int_equal(t.c.clock, -2500ll * MS - (THERE - BACK) * MS / 2);
    assert_non_null(strstr(t.text, "B's clock is 2.5 s behind A's"));
    end(&s);
}

/* No router between: the times tell. */
static void test_by_times(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    flat(&s);
    compare(&t, &s);
    assert_int_equal(t.c.near, WT_COMPARE_NEAR_A);
    compare_as(&t, &s, 1);
    assert_int_equal(t.c.near, WT_COMPARE_NEAR_B);
    assert_string_equal(t.ids, "");
    end(&s);
}

/* Neither: what is concluded from the order of the places is not certain then. */
static void test_unknown(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    for (unsigned known = 0; known < 2; known++) {
        begin(&s);
        talk(&s);
        size_t reset = send_to(&s, A, WT_SERVER, WT_TCP_RST, NULL, 0);
        if (!known) {
            flat(&s);
            for (size_t i = 0; i < s.at[0].n; i++)
                s.at[1].list[i].ns = s.at[0].list[i].ns + 5 * MS;
        }
        s.at[0].list[reset].ns = s.at[1].list[reset - 2].ns; /* while both ran */
        compare(&t, &s);
        assert_int_equal(t.c.near, known ? WT_COMPARE_NEAR_A : WT_COMPARE_NEAR_UNKNOWN);
        assert_int_equal(t.differences[only_one(&t, "reset-injected")].probable, !known);
        assert_true((strstr(t.text, "neither TTLs nor times show") != NULL) == !known);
        assert_true((strstr(t.json, "nearer_to_client") != NULL) == known);
        end(&s);
    }
}

/* What was sent twice is not measured (RFC 6298, 3). */
static void test_round_trip(void **state)
{
    struct places s;
    struct told t;
    (void)state;
    begin(&s);
    talk(&s);
    compare(&t, &s);
    int64_t once = t.c.seen[0].round_trip;
    assert_int_equal(once, 20 * MS + BACK * MS);
    assert_int_equal(t.c.seen[1].round_trip, 20 * MS - THERE * MS);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_by_times),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
