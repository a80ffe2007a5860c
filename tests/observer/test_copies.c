/* Segments that come twice with different bytes, and resets that no receiver takes. */
#include "observer/state.h"

#include "segments.h"

enum { PORT = 40000, ISN = 1000 };

static const char *const names[2] = {"first.example", "other.example"}; /* as long as each other */

static struct flight hello_for(const char *name)
{
    struct flight f = {0};
    client_hello(&f, (struct hello){.sni = name});
    return f;
}

/* The ClientHello twice, for one name and for another, as the checksums say. The second begins with the byte. */
static void send_hellos(unsigned first, unsigned second, uint8_t begin)
{
    struct flight hellos[2] = {hello_for(names[0]), hello_for(names[1])};
    hellos[1].b.p[0] = begin;
    syn(PORT, ISN);
    for (unsigned i = 0; i < 2; i++) {
        checksums = i ? second : first;
        segment(WT_CLIENT, PORT, WT_TCP_ACK | WT_TCP_PSH, ISN + 1, ISN + 5001, wt_buffer_span(&hellos[i].b), 0);
    }
    assert_int_equal(hellos[0].b.n, hellos[1].b.n);
    struct flight *f = say(&d, WT_CLIENT);
    wt_buffer_add(&f->b, hellos[0].b.p, hellos[0].b.n);
    wt_buffer_free(&hellos[0].b);
    wt_buffer_free(&hellos[1].b);
}

/* Then the rest of the handshake. */
static void send_twice(unsigned syns, unsigned first, unsigned second)
{
    checksums = syns;
    send_hellos(first, second, WT_CONTENT_HANDSHAKE);
    checksums = syns;
    complete12(&d, (struct hello){0});
    pass(PORT, ISN, 1, 0);
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
}

static bool found(const char *id)
{
    return strstr(h.findings, id) != NULL;
}

/* RFC 9293, 3.10: a segment whose checksum is wrong is dropped: its receiver takes the copy, whichever came first. */
static void the_right_checksum_wins(void **state)
{
    send_twice(CHECKSUM_RIGHT, CHECKSUM_WRONG, CHECKSUM_RIGHT);
    assert_string_equal(h.sni, names[1]);
    assert_true(found("damaged-segment ") && !found("tcp-overlap-conflict "));
    (void)clean(state);
    (void)start(state);
    send_twice(CHECKSUM_RIGHT, CHECKSUM_RIGHT, CHECKSUM_WRONG);
    assert_string_equal(h.sni, names[0]);
    assert_true(found("damaged-segment ") && !found("tcp-overlap-conflict "));
}

/* Both are right, or none: the first is used, and that is reported. */
static void no_checksum_decides(void **state)
{
    static const unsigned both[] = {CHECKSUM_RIGHT, CHECKSUM_WRONG, CHECKSUM_NONE};
    for (unsigned i = 0; i < 3; i++) {
        send_twice(i ? CHECKSUM_NONE : CHECKSUM_RIGHT, both[i], both[i]);
        assert_string_equal(h.sni, names[0]);
        assert_true(found("tcp-overlap-conflict ") && !found("damaged-segment "));
        (void)clean(state);
        (void)start(state);
    }
}

/* With keys, and no Finished that would decide: the first is used, and that is reported, also where the second is no
 * TLS at all. */
static void no_finished_decides(void **state)
{
    static const uint8_t begins[] = {WT_CONTENT_HANDSHAKE, 'G'};
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    assert_non_null(keys);
    for (unsigned i = 0; i < sizeof begins; i++) {
        stop(&h);
        hear_with(&h, (struct wt_observer_options){.keys = keys, .keep_messages = true}, "capture");
        send_hellos(CHECKSUM_NONE, CHECKSUM_NONE, begins[i]);
        segment(WT_SERVER, PORT, WT_TCP_ACK | WT_TCP_FIN, ISN + 5001, ISN + 1 + (uint32_t)d.turns[0].flight.b.n,
                wt_span_text("HTTP/1.1 400 Bad Request\r\n\r\n"), 0);
        finish();
        assert_int_equal(h.told, 1);
        assert_string_equal(h.sni, names[0]);
        assert_true(found("tcp-overlap-conflict "));
        assert_string_equal(h.cause, "peer-not-tls");
        (void)clean(state);
        (void)start(state);
    }
    wt_keys_free(keys);
}

/* Where the SYN's checksum is wrong and no other is right, the sender's network card makes them: that of the first copy
 * is wrong as all others are, and the second was made on the way. */
static void wrong_checksums_mean_nothing(void **state)
{
    (void)state;
    send_twice(CHECKSUM_WRONG, CHECKSUM_WRONG, CHECKSUM_RIGHT);
    assert_string_equal(h.sni, names[0]);
    assert_true(found("tcp-overlap-conflict ") && !found("damaged-segment "));
}

/* Segments of a handshake are remembered with their TCP headers, of 20 bytes, up to the limit. When it was reached a
 * copy is not compared any more, and that is counted. */
static void so_many_bytes_are_compared(void **state)
{
    enum { HEADER = 20, PIECE = 1000 };
    static const uint8_t zeros[PIECE];
    for (unsigned more = 0; more < 2; more++) {
        struct flight hello = hello_for(names[0]), other = hello_for(names[1]), f = {0};
        checksums = CHECKSUM_RIGHT;
        syn(PORT, ISN);
        segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&hello.b), 0);
        server_hello(&f, (struct hello){0});
        wt_buffer_add(&f.b, "\x16\3\3\x40\0\x0b\x0f\0\0", 9); /* a Certificate that has only begun */
        uint32_t at = ISN + 5001;
        size_t left = WT_LIMIT_JOURNAL + more - HEADER - hello.b.n - HEADER - f.b.n;
        segment(WT_SERVER, PORT, WT_TCP_ACK, at, ISN + 1 + (uint32_t)hello.b.n, wt_buffer_span(&f.b), 0);
        at += (uint32_t)f.b.n;
        while (left) {
            const size_t n = left < HEADER + PIECE + HEADER + 1 ? left : HEADER + PIECE, bytes = n - HEADER;
            const size_t now_n = bytes > PIECE ? bytes / 2 : bytes;
            segment(WT_SERVER, PORT, WT_TCP_ACK, at, ISN + 1 + (uint32_t)hello.b.n, wt_span_of(zeros, now_n), 0);
            at += (uint32_t)now_n;
            left -= HEADER + now_n;
        }
        segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&other.b), 0);
        assert_int_equal(undecoded(&h, "copy_limit"), more);
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(found("tcp-overlap-conflict "), !more);
        wt_buffer_free(&hello.b);
        wt_buffer_free(&other.b);
        wt_buffer_free(&f.b);
        (void)clean(state);
        (void)start(state);
    }
}

/* Those of all handshakes take half of the memory at most. */
static void half_of_the_memory_is_for_copies(void **state)
{
    struct flight hello = hello_for(names[0]);
    const uint64_t enough = (uint64_t)1 << 20;
    for (unsigned more = 0; more < 2; more++) {
        stop(&h);
        hear_with(&h, (struct wt_observer_options){.max_memory = enough}, "capture");
        syn(PORT, ISN);
        segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&hello.b), 0);
        h.observer->options.max_memory = 2 * (h.observer->journal_bytes - more);
        for (unsigned again = 0; again < 2; again++) {
            syn(PORT + 1, ISN);
            segment(WT_CLIENT, PORT + 1, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&hello.b), 0);
        }
        assert_int_equal(undecoded(&h, "copy_limit"), more);
        h.observer->options.max_memory = enough;
        finish();
    }
    wt_buffer_free(&hello.b);
    (void)state;
}

/* A handshake's room is used again for the next one, of so many: nothing of the last is in it. */
static void the_next_handshake_is_another_of(unsigned many)
{
    send_twice(CHECKSUM_RIGHT, CHECKSUM_WRONG, CHECKSUM_RIGHT);
    forget(&d);
    assert_int_equal(h.observer->spare_journals, 1);
    for (unsigned i = 0; i < many; i++) {
        struct flight hello = hello_for(names[i % 2]);
        syn(PORT + 1 + i, ISN);
        segment(WT_CLIENT, PORT + 1 + i, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&hello.b), 0);
        wt_buffer_free(&hello.b);
    }
    assert_int_equal(h.observer->spare_journals, 0);
    for (unsigned i = 0; i < many; i++) { /* the same once more: a copy, whose bytes do not differ */
        struct flight hello = hello_for(names[i % 2]);
        segment(WT_CLIENT, PORT + 1 + i, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&hello.b), 0);
        wt_buffer_free(&hello.b);
    }
    finish();
    assert_int_equal(h.told, 1 + many);
    assert_false(found("tcp-overlap-conflict ") || found("damaged-segment "));
}

static void the_next_handshake_is_another(void **state)
{
    for (unsigned many = WT_LIMIT_SPARE_JOURNALS - 1; many <= WT_LIMIT_SPARE_JOURNALS + 1; many++) {
        the_next_handshake_is_another_of(many);
        assert_int_equal(h.observer->spare_journals, many < WT_LIMIT_SPARE_JOURNALS ? many : WT_LIMIT_SPARE_JOURNALS);
        (void)clean(state);
        (void)start(state);
    }
}

/* A handshake that is read anew is of the same connection: its silences, windows and resets stay what they were. */
static void what_its_packets_showed_stays(void **state)
{
    (void)state;
    struct flight hello = hello_for(names[0]);
    const uint32_t end = ISN + 1 + (uint32_t)hello.b.n;
    checksums = CHECKSUM_RIGHT;
    syn(PORT, ISN);
    checksums = CHECKSUM_WRONG;
    segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&hello.b), 0);
    checksums = CHECKSUM_RIGHT;
    segment(WT_SERVER, PORT, WT_TCP_ACK, ISN + 5001, end, nothing, 0);
    now += 40000000000;
    hello.b.p[hello.b.n - 1] ^= 1;
    for (unsigned i = 0; i < 4; i++) {
        segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&hello.b), 0);
        now += 1000000000;
    }
    wt_buffer_free(&hello.b);
    finish();
    assert_int_equal(h.told, 1);
    assert_true(found("damaged-segment "));
    assert_non_null(strstr((const char *)h.json.p, "\"silence\":{\"seconds\":40.001"));
    assert_non_null(strstr((const char *)h.json.p, "\"retransmissions\":{\"client\":3}"));
}

/* RFC 9293, 3.10.7.4: "If the RST bit is set and the sequence number is outside the current receive window, silently
 * drop the segment." */
static void a_reset_outside_the_window_ends_nothing(void **state)
{
    for (unsigned inside = 0; inside < 2; inside++) {
        struct flight hello = hello_for(names[0]);
        syn(PORT, ISN);
        segment(WT_CLIENT, PORT, WT_TCP_ACK, ISN + 1, ISN + 5001, wt_buffer_span(&hello.b), 0);
        segment(WT_SERVER, PORT, WT_TCP_ACK, ISN + 5001, ISN + 1 + (uint32_t)hello.b.n, nothing, 0);
        wt_buffer_free(&hello.b);
        segment(WT_SERVER, PORT, WT_TCP_RST, ISN + 5001 + (inside ? 0 : 1u << 30), 0, nothing, 0);
        finish();
        assert_int_equal(h.told, 1);
        assert_int_equal(found("stray-reset "), !inside);
        assert_int_equal(h.c.state, inside ? WT_FAILED : WT_INCOMPLETE);
        (void)clean(state);
        (void)start(state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_right_checksum_wins, start, clean),
        cmocka_unit_test_setup_teardown(no_checksum_decides, start, clean),
        cmocka_unit_test_setup_teardown(no_finished_decides, start, clean),
        cmocka_unit_test_setup_teardown(wrong_checksums_mean_nothing, start, clean),
        cmocka_unit_test_setup_teardown(so_many_bytes_are_compared, start, clean),
        cmocka_unit_test_setup_teardown(half_of_the_memory_is_for_copies, start, clean),
        cmocka_unit_test_setup_teardown(the_next_handshake_is_another, start, clean),
        cmocka_unit_test_setup_teardown(what_its_packets_showed_stays, start, clean),
        cmocka_unit_test_setup_teardown(a_reset_outside_the_window_ends_nothing, start, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
