/* Connection IDs of few bytes, or of none: whose packet it is shows by its addresses. RFC 9000, 5.1: each side chooses
 * its own, and nothing keeps one from choosing what the other has chosen. */
#include "wire.h"

/* A handshake and packets of both sides behind it; each side sends half of all packets. */
static void talk(size_t client, size_t server, unsigned packets)
{
    const struct how plain = {0};
    ends[WT_CLIENT].id_length = client;
    ends[WT_SERVER].id_length = server;
    shake_hands();
    for (unsigned i = 0; i < packets; i++) {
        say_data(WT_SERVER, &plain, i, 1);
        say_data(WT_CLIENT, &plain, i, 1);
    }
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_int_equal(told.paths, 1);
    for (unsigned side = 0; side < 2; side++) {
        assert_int_equal(told.packets[side], 2 + packets);
        assert_int_equal(told.opened[side], 2 + packets);
    }
}

static void both_chose_the_same(void **state)
{
    (void)state;
    for (size_t n = 1; n <= WT_QUIC_CID_MOST; n++) {
        memcpy(ends[WT_CLIENT].id, ends[WT_SERVER].id, n);
        talk(n, n, 4);
        (void)stop(NULL), (void)start(NULL);
    }
}

static void one_begins_with_the_other(void **state)
{
    (void)state;
    memcpy(ends[WT_CLIENT].id, ends[WT_SERVER].id, WT_QUIC_CID_MOST);
    talk(8, 1, 4);
    (void)stop(NULL), (void)start(NULL);
    memcpy(ends[WT_CLIENT].id, ends[WT_SERVER].id, WT_QUIC_CID_MOST);
    talk(2, 20, 4);
}

/* What goes to one without an id begins, in one packet of 256, with the byte that is the other's. */
static void one_has_none(void **state)
{
    (void)state;
    talk(0, 1, 1200);
    (void)stop(NULL), (void)start(NULL);
    talk(1, 0, 1200);
}

static void neither_has_one(void **state)
{
    (void)state;
    talk(0, 0, 4);
}

/* ... and the client's second Initial packet goes to none, as its first cannot. */
static void an_initial_to_none(void **state)
{
    const struct how plain = {0};
    const struct parameters p = right_parameters();
    const uint8_t ping[4] = {1};
    (void)state;
    ends[WT_CLIENT].id_length = ends[WT_SERVER].id_length = 0;
    say_client_hello((struct wt_span){0}, 0);
    answer(&p);
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &plain, wt_span_of(ping, sizeof ping));
    client_finishes();
    finish();
    assert_int_equal(told.count, 1);
    assert_int_equal(told.opened[WT_CLIENT], 3);
}

/* ... or to the id that the server has chosen in a packet that the capture lacks, where the client has none that shows
 * whose packet it is. The keys do: those of a new connection are made of the id. */
static void after_an_answer_that_is_missing(void **state)
{
    const struct how plain = {0};
    const uint8_t ping[4] = {1};
    (void)state;
    ends[WT_CLIENT].id_length = 0;
    say_client_hello((struct wt_span){0}, 0);
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &plain, wt_span_of(ping, sizeof ping));
    memset(first_id, 0xe1, sizeof first_id);
    ends[WT_CLIENT].number[0] = 0;
    say_client_hello((struct wt_span){0}, 1);
    finish();
    assert_int_equal(told.count, 2);
    assert_int_equal(told.opened[WT_CLIENT], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_chose_the_same, start, stop),
        cmocka_unit_test_setup_teardown(one_begins_with_the_other, start, stop),
        cmocka_unit_test_setup_teardown(one_has_none, start, stop),
        cmocka_unit_test_setup_teardown(neither_has_one, start, stop),
        cmocka_unit_test_setup_teardown(an_initial_to_none, start, stop),
        cmocka_unit_test_setup_teardown(after_an_answer_that_is_missing, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
