/* How QUIC's keys are made is told where it is asked for; early data open with a pre-shared key. */
#include "wire.h"

static const struct how plain;

static int start_with_secrets(void **state)
{
    keep_secrets = true;
    return start(state);
}

static int start_with_secrets_without_keys(void **state)
{
    keep_secrets = true;
    return start_without_keys(state);
}

static int stop_all(void **state)
{
    keep_secrets = false;
    return stop(state);
}

#define INITIAL                                                                                                        \
    "2 quic_initial_secret, 2 client_initial_secret, 2 server_initial_secret, 0 quic_key, 0 quic_iv, 0 quic_hp, "      \
    "1 quic_key, 1 quic_iv, 1 quic_hp, "
#define KEYS(side) side " quic_key, " side " quic_iv, " side " quic_hp, "

/* RFC 9001, 5.1, 5.2 and 6.1: Initial keys first, each level's once, and of an update all but the key of the headers.
 */
static void steps_are_told(void **state)
{
    (void)state;
    shake_hands();
    say_data(WT_CLIENT, &plain, 0, 10);
    say_data(WT_CLIENT, &(struct how){.updates = 1}, 10, 10);
    say_data(WT_CLIENT, &(struct how){.updates = 1}, 20, 10);
    say_data(WT_CLIENT, &(struct how){.updates = 3}, 30, 10);
    finish();
    assert_int_equal(told.key_updates[WT_CLIENT], 3);
    assert_string_equal(told.steps,
                        INITIAL KEYS("1") KEYS("0") KEYS("0") "0 quic_secret_next, 0 quic_key, 0 quic_iv, "
                                                              "0 quic_secret_next, 0 quic_key, 0 quic_iv, "
                                                              "0 quic_secret_next, 0 quic_key, 0 quic_iv, ");
}

static void initial_keys_need_no_log(void **state)
{
    (void)state;
    shake_hands();
    finish();
    assert_string_equal(told.steps, INITIAL);
    assert_int_equal(told.state, WT_INCOMPLETE);
}

static void nobody_asks(void **state)
{
    (void)state;
    shake_hands();
    finish();
    assert_string_equal(told.steps, "");
}

/* --- early data --------------------------------------------------------------------------------------------------- */

static const uint8_t psk[32] = {7};

/* RFC 8446, 4.2.9 to 4.2.11. */
static void offer_psk(void)
{
    uint8_t body[64], binder[32] = {0};
    struct wt_writer w = wt_writer_start(more_extensions, sizeof more_extensions);
    struct wt_writer b = wt_writer_start(body, sizeof body);
    put_extension(&w, WT_EXT_PSK_KEY_EXCHANGE_MODES, "\1\1", 2);
    put_extension(&w, WT_EXT_EARLY_DATA, "", 0);
    wt_write_u16(&b, 2 + 6 + 4);
    wt_write_opaque(&b, wt_span_text("ticket"), 2, 0, 65535, "identity");
    wt_write_u32(&b, 0);
    wt_write_u16(&b, 33);
    wt_write_opaque(&b, wt_span_of(binder, sizeof binder), 1, 0, 255, "binder");
    put_extension(&w, WT_EXT_PRE_SHARED_KEY, body, b.n);
    more_extensions_length = w.n;
}

/* RFC 8446, 7.1: Derive-Secret(Early Secret, "c e traffic", ClientHello). */
static void make_early_secret(void)
{
    uint8_t hello[1024], early[WT_DIGEST_MOST], hash[WT_DIGEST_MOST], secret[WT_DIGEST_MOST];
    struct wt_schedule s;
    const size_t n = client_hello(hello, sizeof hello, 0);
    assert_true(wt_schedule_start(&s, o->crypto, WT_HASH_SHA256, WT_TLS13, NULL));
    assert_int_equal(wt_digest(o->crypto, WT_HASH_SHA256, wt_span_of(hello, n), hash), SECRET);
    assert_true(wt_early_secret(&s, wt_span_of(psk, sizeof psk), early));
    assert_true(wt_branch_secret(&s, WT_BRANCH_CLIENT_EARLY, early, wt_span_of(hash, SECRET), secret));
    memcpy(secrets[WT_LEVEL_0RTT][WT_CLIENT], secret, SECRET);
}

/* The store has the key, and no log. */
static int start_with_psk(void **state)
{
    (void)state;
    begin_ends();
    told = (struct told){0};
    enum wt_problem_id why;
    keys = wt_keys_new(NULL, NULL);
    assert_true(wt_keys_add_psk(keys, "ticket", 6, psk, sizeof psk, &why));
    const struct wt_observer_options options = {.size = sizeof options, .connection = hear, .keys = keys};
    o = wt_observer_new(&options, NULL);
    assert_non_null(o);
    wt_observer_file(o, "capture");
    return 0;
}

static void say_early(void)
{
    uint8_t data[50] = {0}, frames[128];
    const struct how early = {.to = first_id, .to_length = first_id_length};
    const struct wt_quic_frame f = {.kind = WT_FRAME_STREAM, .type = 0x0e, .data = wt_span_of(data, sizeof data)};
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    wt_quic_frame_write(&w, &f);
    say_client_hello((struct wt_span){0}, 0);
    send_sealed(WT_CLIENT, WT_QUIC_0RTT, &early, wt_span_of(frames, w.n));
}

static void a_psk_opens_early_data(void **state)
{
    (void)state;
    offer_psk();
    make_early_secret();
    say_early();
    finish();
    assert_int_equal(told.stream_bytes[WT_CLIENT], 50);
    assert_int_equal(told.opened[WT_CLIENT], 2);
}

static void another_psk_does_not(void **state)
{
    (void)state;
    offer_psk();
    make_early_secret();
    secrets[WT_LEVEL_0RTT][WT_CLIENT][0] ^= 1;
    say_early();
    finish();
    assert_int_equal(told.packets[WT_CLIENT], 2);
    assert_int_equal(told.opened[WT_CLIENT], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(steps_are_told, start_with_secrets, stop_all),
        cmocka_unit_test_setup_teardown(initial_keys_need_no_log, start_with_secrets_without_keys, stop_all),
        cmocka_unit_test_setup_teardown(nobody_asks, start, stop),
        cmocka_unit_test_setup_teardown(a_psk_opens_early_data, start_with_psk, stop),
        cmocka_unit_test_setup_teardown(another_psk_does_not, start_with_psk, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
