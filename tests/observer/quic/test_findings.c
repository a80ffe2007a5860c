/* What is concluded from QUIC's packets, and near misses. */
#include "wire.h"

static const struct how plain;

static bool found(const char *id)
{
    const char *at = strstr(told.findings, id);
    return at && at[strlen(id)] == ' ';
}

static void send_retry(uint8_t spoil)
{
    uint8_t retry[128], tag[WT_QUIC_TAG];
    struct wt_writer w = wt_writer_start(retry, sizeof retry);
    wt_write_u8(&w, 0xf0);
    wt_write_u32(&w, version);
    wt_write_opaque(&w, wt_span_of(ends[WT_CLIENT].id, 8), 1, 0, 20, "dcid");
    wt_write_opaque(&w, wt_span_text("retry-id"), 1, 0, 20, "scid");
    wt_write_bytes(&w, wt_span_text("token"));
    assert_true(wt_quic_retry_tag(o->crypto, wt_quic_version_find(version), wt_span_of(first_id, first_id_length),
                                  wt_span_of(retry, w.n), tag));
    tag[3] ^= spoil;
    wt_write_bytes(&w, wt_span_of(tag, sizeof tag));
    send_datagram(WT_SERVER, retry, w.n);
}

/* RFC 9000, 17.2.5.3. */
static void after_retry(uint8_t variant)
{
    struct parameters p = right_parameters();
    uint8_t original[8];
    memcpy(original, first_id, 8);
    say_client_hello((struct wt_span){0}, 0);
    send_retry(0);
    memcpy(first_id, "retry-id", 8);
    p.original = wt_span_of(original, 8);
    p.retry = wt_span_text("retry-id");
    say_client_hello(wt_span_text("token"), variant);
    answer(&p);
    client_finishes();
    finish();
    assert_true(found("quic-retry"));
    assert_false(found("quic-retry-bad-tag"));
    assert_false(found("quic-connection-id-mismatch"));
    assert_int_equal(told.state, WT_ESTABLISHED);
}

static void a_hello_that_changes_after_a_retry(void **state)
{
    (void)state;
    after_retry(1);
    assert_true(found("quic-hello-changed-after-retry"));
}

static void a_hello_that_stays_the_same(void **state)
{
    (void)state;
    after_retry(0);
    assert_false(found("quic-hello-changed-after-retry"));
}

/* RFC 9000, 17.2.5.2: it is discarded, and the server's own may follow. */
static void a_retry_before_the_servers(void **state)
{
    (void)state;
    struct parameters p = right_parameters();
    uint8_t original[8];
    memcpy(original, first_id, 8);
    say_client_hello((struct wt_span){0}, 0);
    send_retry(1);
    send_retry(0);
    memcpy(first_id, "retry-id", 8);
    p.original = wt_span_of(original, 8);
    p.retry = wt_span_text("retry-id");
    say_client_hello(wt_span_text("token"), 0);
    answer(&p);
    client_finishes();
    finish();
    assert_int_equal(told.state, WT_ESTABLISHED);
    assert_true(told.retry);
    assert_int_equal(told.retry_tag.result, WT_PROOF_OK);
    assert_true(found("quic-retry"));
    assert_true(found("quic-retry-bad-tag"));
}

static void a_retry_that_was_made_up(void **state)
{
    (void)state;
    say_client_hello((struct wt_span){0}, 0);
    send_retry(1);
    finish();
    assert_true(found("quic-retry-bad-tag"));
    assert_false(found("quic-retry"));
}

/* RFC 9000, 7.3: each of the ids, and that they are there. */
static void mismatch_of(const struct parameters *p, bool expected)
{
    say_client_hello((struct wt_span){0}, 0);
    answer(p);
    finish();
    assert_int_equal(found("quic-connection-id-mismatch"), expected);
}

static void right_ids(void **state)
{
    (void)state;
    const struct parameters p = right_parameters();
    mismatch_of(&p, false);
}

static void another_original_id(void **state)
{
    (void)state;
    struct parameters p = right_parameters();
    p.original = wt_span_text("another!");
    mismatch_of(&p, true);
}

static void another_source_id(void **state)
{
    (void)state;
    struct parameters p = right_parameters();
    p.source = wt_span_text("another!");
    mismatch_of(&p, true);
}

static void no_source_id(void **state)
{
    (void)state;
    struct parameters p = right_parameters();
    p.no_source = true;
    mismatch_of(&p, true);
}

static void a_retry_that_never_was(void **state)
{
    (void)state;
    struct parameters p = right_parameters();
    p.retry = wt_span_text("retry-id");
    mismatch_of(&p, true);
}

/* RFC 9000, 12.4 and 19. */
static void violation_of(unsigned from, enum wt_quic_packet type, const char *frames, size_t n, bool expected)
{
    shake_hands();
    send_sealed(from, type, &plain, wt_span_of(frames, n));
    finish();
    assert_int_equal(found("quic-protocol-violation"), expected);
}

static void a_frame_of_an_unknown_type(void **state)
{
    (void)state;
    violation_of(WT_CLIENT, WT_QUIC_1RTT, "\x40\x99\0\0", 4, true);
}

static void a_stream_in_a_handshake_packet(void **state)
{
    (void)state;
    violation_of(WT_CLIENT, WT_QUIC_HANDSHAKE, "\x08\0xx", 4, true);
}

static void a_client_says_handshake_done(void **state)
{
    (void)state;
    violation_of(WT_CLIENT, WT_QUIC_1RTT, "\x1e\0\0\0", 4, true);
}

static void a_server_says_handshake_done(void **state)
{
    (void)state;
    violation_of(WT_SERVER, WT_QUIC_1RTT, "\x1e\0\0\0", 4, false);
}

static void a_length_beyond_the_packet(void **state)
{
    (void)state;
    violation_of(WT_SERVER, WT_QUIC_1RTT, "\x06\0\x7f\xff", 4, true);
}

/* RFC 9000, 9.3. */
static void move(bool validated, int64_t waited, bool expected)
{
    const struct wt_quic_frame challenge = {
        .kind = WT_FRAME_PATH_CHALLENGE, .type = 0x1a, .data = wt_span_text("12345678")};
    const struct wt_quic_frame response = {
        .kind = WT_FRAME_PATH_RESPONSE, .type = 0x1b, .data = wt_span_text("12345678")};
    shake_hands();
    ends[WT_CLIENT].port++;
    for (unsigned i = 0; i < 4; i++)
        say_data(WT_CLIENT, &plain, 0, 10);
    send_frame(WT_SERVER, &plain, &challenge);
    if (validated)
        send_frame(WT_CLIENT, &plain, &response);
    now += waited;
    say_data(WT_CLIENT, &plain, 0, 10);
    finish();
    assert_int_equal(told.paths, 2);
    assert_int_equal(found("quic-path-not-validated"), expected);
}

static void a_path_that_is_not_validated(void **state)
{
    (void)state;
    move(false, 3000000000, true);
}

/* RFC 9000, 8.2.4: the answer may still be under way. */
static void a_path_that_is_new(void **state)
{
    (void)state;
    move(false, 500000000, false);
}

/* The client asks as well, and again; and an older challenge is answered. */
static void probe(unsigned times, bool answered, bool expected)
{
    static const char *const data[] = {"first...", "second..", "third..."};
    struct wt_quic_frame f = {.kind = WT_FRAME_PATH_CHALLENGE, .type = 0x1a};
    shake_hands();
    ends[WT_CLIENT].port++;
    for (unsigned i = 0; i < times; i++) {
        f.data = wt_span_text(data[i]);
        send_frame(WT_CLIENT, &plain, &f);
    }
    f = (struct wt_quic_frame){.kind = WT_FRAME_PATH_RESPONSE, .type = 0x1b, .data = wt_span_text(data[0])};
    if (answered)
        send_frame(WT_SERVER, &plain, &f);
    ends[WT_CLIENT].port--;
    now += 2000000000;
    say_data(WT_CLIENT, &plain, 0, 10);
    finish();
    assert_int_equal(found("quic-path-not-validated"), expected);
}

static void a_probe_that_is_not_answered(void **state)
{
    (void)state;
    probe(3, false, true);
}

static void a_probe_whose_first_try_is(void **state)
{
    (void)state;
    probe(3, true, false);
}

static void a_single_probe_of_two_seconds(void **state)
{
    (void)state;
    probe(1, false, false);
}

static void a_path_that_is(void **state)
{
    (void)state;
    move(true, 3000000000, false);
}

/* RFC 9000, 10.1: max_idle_timeout of both is 1 s. */
static void pass_by(int64_t ns)
{
    const uint16_t port = ends[WT_CLIENT].port;
    now += ns;
    ends[WT_CLIENT].port = 1;
    send_datagram(WT_CLIENT, (const uint8_t *)"something else", 14);
    ends[WT_CLIENT].port = port;
    finish();
    assert_int_equal(told.count, 1);
}

static void silence(int64_t ns, bool expected)
{
    shake_hands();
    pass_by(ns);
    assert_int_equal(found("quic-idle-timeout"), expected);
}

static void longer_than_the_idle_timeout(void **state)
{
    (void)state;
    silence(1100000000, true);
}

static void shorter_than_the_idle_timeout(void **state)
{
    (void)state;
    silence(900000000, false);
}

/* 10.1: no less than three PTO, which a handshake of 400 ms makes 3.7 s of. */
static void after_a_slow_handshake(int64_t ns, bool expected)
{
    const struct parameters p = right_parameters();
    say_client_hello((struct wt_span){0}, 0);
    now += 200000000;
    answer(&p);
    now += 200000000;
    client_finishes();
    pass_by(ns);
    assert_int_equal(found("quic-idle-timeout"), expected);
}

static void shorter_than_three_timeouts(void **state)
{
    (void)state;
    after_a_slow_handshake(3000000000, false);
}

static void longer_than_three_timeouts(void **state)
{
    (void)state;
    after_a_slow_handshake(4000000000, true);
}

/* A close may be among what nobody can open. */
static void what_is_hidden_may_close(void **state)
{
    (void)state;
    shake_hands();
    memset(secrets[WT_LEVEL_1RTT], 0x77, sizeof secrets[WT_LEVEL_1RTT]);
    say_data(WT_CLIENT, &plain, 0, 10);
    pass_by(5000000000);
    assert_false(found("quic-idle-timeout"));
}

/* --- ICMP --------------------------------------------------------------------------------------------------------- */

/* Type 3, code 3 about a datagram of that side's, by the other's host: RFC 792. */
static void send_unreachable(unsigned about)
{
    uint8_t packet[56];
    const struct end *a = &ends[about], *b = &ends[!about];
    struct wt_writer w = wt_writer_start(packet, sizeof packet);
    for (unsigned quoted = 0; quoted < 2; quoted++) {
        const struct end *from = quoted ? a : b, *to = quoted ? b : a;
        wt_write_u16(&w, 0x4500);
        wt_write_u16(&w, quoted ? HEADS + 100 : sizeof packet);
        wt_write_u32(&w, 0);
        wt_write_u32(&w, quoted ? 0x40110000 : 0x40010000);
        wt_write_u32(&w, 0xc0000200 + from->address);
        wt_write_u32(&w, 0xc0000200 + to->address);
        if (!quoted) {
            wt_write_u32(&w, 0x03030000);
            wt_write_u32(&w, 0);
        }
    }
    wt_write_u16(&w, a->port);
    wt_write_u16(&w, b->port);
    wt_write_u32(&w, (8 + 100) << 16);
    now += 1000000;
    const struct wt_packet p = {.frame = ++frame,
                                .link = RAW,
                                .time = {now, 9},
                                .data = packet,
                                .length = (uint32_t)w.n,
                                .original = (uint32_t)w.n};
    wt_observer_packet(o, &p);
}

static void a_peer_that_is_gone(void **state)
{
    (void)state;
    shake_hands();
    say_data(WT_CLIENT, &plain, 0, 10);
    send_unreachable(WT_CLIENT);
    pass_by(5000000000);
    assert_true(found("peer-unreachable"));
    assert_false(found("quic-idle-timeout")); /* that says less */
}

static void a_peer_that_goes_on(void **state)
{
    (void)state;
    shake_hands();
    say_data(WT_CLIENT, &plain, 0, 10);
    send_unreachable(WT_CLIENT);
    say_data(WT_SERVER, &plain, 0, 10);
    finish();
    assert_false(found("peer-unreachable"));
}

/* Who has closed and left is no longer there for what was under way. */
static void a_peer_that_has_closed(void **state)
{
    (void)state;
    const struct wt_quic_frame f = {.kind = WT_FRAME_APPLICATION_CLOSE, .type = 0x1d, .error_code = 0x100};
    shake_hands();
    send_frame(WT_SERVER, &plain, &f);
    say_data(WT_CLIENT, &plain, 0, 10);
    send_unreachable(WT_CLIENT);
    finish();
    assert_false(found("peer-unreachable"));
}

/* RFC 9001, 4.1.1: its handshake is complete when it sends 1-RTT packets, though the capture has cut the ServerHello;
 * what else was in that nobody can say. */
static void after_a_cut_answer(bool finished, unsigned about)
{
    static uint8_t cut[ROOM];
    uint8_t hello[1024], frames[1200];
    say_client_hello((struct wt_span){0}, 0);
    const size_t n = put_crypto(frames, sizeof frames, 0, wt_span_of(hello, server_hello(hello, sizeof hello)));
    const size_t all = seal(cut, WT_SERVER, WT_QUIC_INITIAL, &plain, wt_span_of(frames, n));
    send_as(WT_SERVER, cut, all, all - 20);
    if (finished)
        say_data(WT_CLIENT, &plain, 0, 10);
    send_unreachable(about);
    finish();
    assert_int_equal(told.state, WT_INCOMPLETE);
    assert_false(found("handshake-stalled"));
    assert_true(found("capture-truncated-packets"));
}

static void a_client_that_had_finished(void **state)
{
    (void)state;
    after_a_cut_answer(true, WT_SERVER);
}

static void a_client_of_whom_it_is_not_known(void **state)
{
    (void)state;
    after_a_cut_answer(false, WT_CLIENT);
}

/* RFC 9000, 8.1: the server has sent what it may, and goes on when the client has sent more. */
static void flight(size_t padded, bool expected)
{
    static uint8_t padding[1100], out[ROOM];
    const struct parameters p = right_parameters();
    uint8_t hello[1024], frames[2048], part[1024];
    const struct how first = {.to = first_id, .to_length = first_id_length};
    size_t at = put_crypto(frames, sizeof frames, 0, wt_span_of(hello, client_hello(hello, sizeof hello, 0)));
    memset(frames + at, 0, 1150 - at);
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &first, wt_span_of(frames, 1150)); /* 1,200 bytes */
    send_crypto(WT_SERVER, WT_QUIC_INITIAL, &plain, 0, wt_span_of(hello, server_hello(hello, sizeof hello)));
    const size_t n = server_flight(part, sizeof part, &p);
    for (unsigned i = 0; i < padded; i++)
        send_datagram(WT_SERVER, out, seal(out, WT_SERVER, WT_QUIC_HANDSHAKE, &plain, wt_span_of(padding, 1100)));
    now += 50000000;
    send_sealed(WT_CLIENT, WT_QUIC_INITIAL, &plain, wt_span_of(padding, 1150));
    at = put_crypto(frames, sizeof frames, 0, wt_span_of(part, n));
    memset(frames + at, 0, 1150 - at);
    send_sealed(WT_SERVER, WT_QUIC_HANDSHAKE, &plain, wt_span_of(frames, 1150));
    client_finishes();
    finish();
    assert_int_equal(found("quic-amplification-stall"), expected);
}

static void a_flight_that_is_too_large(void **state)
{
    (void)state;
    flight(3, true);
}

static void a_flight_that_is_not(void **state)
{
    (void)state;
    flight(1, false);
}

/* RFC 9001, 8.1 has no_application_protocol for it; a reason phrase may say it where the alert does not. */
static void refusal(const char *reason, bool expected)
{
    uint8_t frames[64];
    struct wt_writer w = wt_writer_start(frames, sizeof frames);
    const struct wt_quic_frame f = {.kind = WT_FRAME_CONNECTION_CLOSE,
                                    .type = 0x1c,
                                    .error_code = 0x100 + WT_ALERT_HANDSHAKE_FAILURE,
                                    .reason_phrase = wt_span_text(reason)};
    say_client_hello((struct wt_span){0}, 0);
    wt_quic_frame_write(&w, &f);
    send_sealed(WT_SERVER, WT_QUIC_INITIAL, &plain, wt_span_of(frames, w.n));
    finish();
    assert_int_equal(told.state, WT_FAILED);
    assert_int_equal(found("no-shared-alpn"), expected);
    assert_false(found("no-shared-version")); /* RFC 9001, 4.2: nobody offers older ones */
}

static void a_reason_phrase_that_says_more(void **state)
{
    (void)state;
    refusal("No common ALPN protocols", true);
}

static void a_reason_phrase_that_does_not(void **state)
{
    (void)state;
    refusal("handshake failure", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hello_that_changes_after_a_retry, start, stop),
        cmocka_unit_test_setup_teardown(a_hello_that_stays_the_same, start, stop),
        cmocka_unit_test_setup_teardown(a_retry_that_was_made_up, start, stop),
        cmocka_unit_test_setup_teardown(a_retry_before_the_servers, start, stop),
        cmocka_unit_test_setup_teardown(right_ids, start, stop),
        cmocka_unit_test_setup_teardown(another_original_id, start, stop),
        cmocka_unit_test_setup_teardown(another_source_id, start, stop),
        cmocka_unit_test_setup_teardown(no_source_id, start, stop),
        cmocka_unit_test_setup_teardown(a_retry_that_never_was, start, stop),
        cmocka_unit_test_setup_teardown(a_frame_of_an_unknown_type, start, stop),
        cmocka_unit_test_setup_teardown(a_stream_in_a_handshake_packet, start, stop),
        cmocka_unit_test_setup_teardown(a_client_says_handshake_done, start, stop),
        cmocka_unit_test_setup_teardown(a_server_says_handshake_done, start, stop),
        cmocka_unit_test_setup_teardown(a_length_beyond_the_packet, start, stop),
        cmocka_unit_test_setup_teardown(a_path_that_is_not_validated, start, stop),
        cmocka_unit_test_setup_teardown(a_path_that_is, start, stop),
        cmocka_unit_test_setup_teardown(a_path_that_is_new, start, stop),
        cmocka_unit_test_setup_teardown(a_probe_that_is_not_answered, start, stop),
        cmocka_unit_test_setup_teardown(a_probe_whose_first_try_is, start, stop),
        cmocka_unit_test_setup_teardown(a_single_probe_of_two_seconds, start, stop),
        cmocka_unit_test_setup_teardown(longer_than_the_idle_timeout, start, stop),
        cmocka_unit_test_setup_teardown(shorter_than_the_idle_timeout, start, stop),
        cmocka_unit_test_setup_teardown(shorter_than_three_timeouts, start, stop),
        cmocka_unit_test_setup_teardown(longer_than_three_timeouts, start, stop),
        cmocka_unit_test_setup_teardown(what_is_hidden_may_close, start, stop),
        cmocka_unit_test_setup_teardown(a_peer_that_is_gone, start, stop),
        cmocka_unit_test_setup_teardown(a_peer_that_goes_on, start, stop),
        cmocka_unit_test_setup_teardown(a_client_that_had_finished, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(a_client_of_whom_it_is_not_known, start_without_keys, stop),
        cmocka_unit_test_setup_teardown(a_peer_that_has_closed, start, stop),
        cmocka_unit_test_setup_teardown(a_flight_that_is_too_large, start, stop),
        cmocka_unit_test_setup_teardown(a_flight_that_is_not, start, stop),
        cmocka_unit_test_setup_teardown(a_reason_phrase_that_says_more, start, stop),
        cmocka_unit_test_setup_teardown(a_reason_phrase_that_does_not, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
