/* Connections that are put to sleep whenever they can be are told as if they never had been; and what the memory that
 * is given to all does to them. */
#include "observer/asleep.h"
#include "observer/budget.h"
#include "observer/state.h"
#include "wiretale/capture.h"

#include "segments.h"

#include <dirent.h>

enum { SECOND = 1000000000 };

static const char *captures_folder;
static unsigned slept[3]; /* by enum wt_asleep */

static void sleep_all(struct wt_observer *o)
{
    struct wt_conversation *c = wt_conversations_first(o->conversations, WT_LIST_OPEN);
    for (; c; c = wt_conversations_next(o->conversations, c))
        if (wt_asleep_put(o, c)) {
            wt_budget_count(o, c);
            assert_int_equal(c->held > 0, wt_asleep_bytes(c) > 0);
            slept[c->asleep]++;
        }
}

static bool add(void *context, const char *bytes, size_t length)
{
    return wt_buffer_add(context, bytes, length);
}

static void write_down(void *context, const struct wt_connection *c)
{
    struct wt_output output = {.write = add, .context = context};
    wt_report_json_connection(&output, c, NULL);
}

/* `kept`: messages, headers and segments are of the first connection alone; only the others sleep. */
static struct wt_buffer read_capture(const char *path, bool sleepy, bool kept)
{
    struct wt_buffer text = {0};
    struct wt_error error;
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = write_down,
                                                .context = &text,
                                                .keep_messages = kept,
                                                .keep_packet_headers = kept,
                                                .keep_segments = kept,
                                                .keep_connections = kept};
    struct wt_observer *o = wt_observer_new(&options, &error);
    struct wt_capture *capture = wt_capture_open(path, &error);
    struct wt_packet packet;
    assert_non_null(o);
    assert_non_null(capture);
    wt_observer_file(o, "capture");
    while (wt_capture_next(capture, &packet)) {
        wt_observer_packet(o, &packet);
        if (sleepy)
            sleep_all(o);
    }
    wt_observer_finish(o);
    assert_int_equal(o->held, 0);
    wt_capture_close(capture);
    wt_observer_free(o);
    assert_true(wt_buffer_add(&text, "", 1));
    return text;
}

static void test_told_alike(void **state)
{
    DIR *folder = opendir(captures_folder);
    unsigned captures = 0;
    (void)state;
    assert_non_null(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        char path[1024];
        const char *suffix = strrchr(e->d_name, '.');
        if (!suffix || (strcmp(suffix, ".pcap") != 0 && strcmp(suffix, ".pcapng") != 0))
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", captures_folder, e->d_name);
        for (unsigned kept = 0; kept < 2; kept++) {
            struct wt_buffer awake = read_capture(path, false, kept), asleep = read_capture(path, true, kept);
            assert_string_equal((const char *)awake.p, (const char *)asleep.p);
            wt_buffer_free(&awake);
            wt_buffer_free(&asleep);
        }
        captures++;
    }
    (void)closedir(folder);
    assert_true(captures > 50);
    assert_true(slept[WT_ASLEEP_JOURNAL] > 500 && slept[WT_ASLEEP_PACKED] > 500);
}

static void hear_within(uint64_t bytes)
{
    stop(&h);
    hear_with(&h, (struct wt_observer_options){.as_they_end = true, .max_memory = bytes}, "capture");
}

static void established(void)
{
    tls12_handshake(&d);
}

/* A SYN that comes again is for who sleeps, too: half of it was closed, and it goes on. */
static void test_syn_again(void **state)
{
    (void)state;
    established();
    hear_within(1 << 30);
    syn(40000, 1000);
    pass(40000, 1000, 0, 0);
    segment(WT_CLIENT, 40000, WT_TCP_FIN | WT_TCP_ACK,
            1001 + (uint32_t)d.turns[0].flight.b.n + (uint32_t)d.turns[2].flight.b.n, 6001, nothing, 0);
    slept[WT_ASLEEP_PACKED] = 0;
    sleep_all(h.observer);
    assert_int_equal(slept[WT_ASLEEP_PACKED], 1);
    segment(WT_CLIENT, 40000, WT_TCP_SYN, 1000, 0, nothing, 0);
    assert_int_equal(h.told, 0);
    finish();
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
}

/* Streams that a program feeds wake as packets' connections do, and may be fed beside them. */
static void test_fed(void **state)
{
    (void)state;
    tls12_handshake(&d);
    hear_within(1 << 30);
    struct wt_stream *s = wt_observer_stream(h.observer, &client_address, &server_address);
    assert_non_null(s);
    for (size_t i = 0; i < d.n; i++)
        wt_stream_bytes(s, d.turns[i].from, (struct wt_time){now, 9}, d.turns[i].flight.b.p, d.turns[i].flight.b.n);
    slept[WT_ASLEEP_PACKED] = 0;
    sleep_all(h.observer);
    assert_int_equal(slept[WT_ASLEEP_PACKED], 1);
    wt_stream_bytes(s, WT_CLIENT, (struct wt_time){now, 9}, "\x17\x03\x03\0\1x", 6);
    sleep_all(h.observer);
    wt_stream_close(s, (struct wt_time){now, 9}, false);
    assert_int_equal(h.told, 1);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
}

/* --- what is left when memory is used up ----------------------------------------------------------------------------
 */

static void hello_of(unsigned port)
{
    syn(port, 1000);
    segment(WT_CLIENT, port, WT_TCP_ACK, 1001, 6001, wt_buffer_span(&d.turns[0].flight.b), 0);
}

/* A hello takes 1 KiB beside its own bytes, an established connection 3/4 KiB, when nothing goes on with it. */
static void test_bytes(void **state)
{
    enum { MANY = 20000, ROOMY = 1 << 30 };
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    hear_within(ROOMY);
    const uint64_t empty = wt_budget_used(h.observer);
    for (unsigned i = 0; i < MANY; i++)
        hello_of(1024 + i);
    sleep_all(h.observer);
    const uint64_t each = (wt_budget_used(h.observer) - empty) / MANY;
    assert_true(each - d.turns[0].flight.b.n < 1024);
    forget(&d);
    established();
    hear_within(ROOMY);
    for (unsigned i = 0; i < MANY; i++) {
        syn(1024 + i, 1000);
        pass(1024 + i, 1000, 0, 0);
    }
    sleep_all(h.observer);
    assert_true((wt_budget_used(h.observer) - empty) / MANY < 768);
}

/* The oldest goes first; it is told as incomplete, nobody is blamed, and it is counted. */
static void test_used_up(void **state)
{
    enum { MANY = 3000, FEW_BYTES = 1 << 20 };
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    hear_within(FEW_BYTES);
    for (unsigned i = 0; i < MANY; i++) {
        hello_of(1024 + i);
        now += SECOND / 100;
    }
    assert_true(wt_budget_used(h.observer) <= FEW_BYTES / 8 * 9); /* it is looked at every 64 packets */
    assert_true(h.told > 500 && h.told < MANY);
    assert_int_equal(h.streams[0], 0); /* the first one was silent for the longest time */
    assert_int_equal(h.c.state, WT_INCOMPLETE);
    assert_string_equal(h.cause, "");
    assert_non_null(strstr(h.findings, "memory-limit "));
    assert_null(strstr(h.findings, "no-answer"));
    assert_non_null(strstr(h.last_text, " 1 MiB of --max-memory"));
    assert_int_equal(undecoded(&h, "memory_limit"), h.told);
    finish();
    assert_int_equal(h.told, MANY);
}

/* What never said anything is counted, and does not make a connection that failed. */
static void test_silent(void **state)
{
    enum { MANY = 10000, FEW_BYTES = 1 << 20 };
    (void)state;
    hear_within(FEW_BYTES);
    for (unsigned i = 0; i < MANY; i++)
        segment(WT_CLIENT, 1024 + i, WT_TCP_SYN, 1000, 0, nothing, 0);
    assert_true(wt_budget_used(h.observer) <= FEW_BYTES / 8 * 9);
    assert_true(undecoded(&h, "memory_limit") > MANY / 2);
    assert_int_equal(h.told, 0);
}

/* Below the limit nothing is let go. */
static void test_enough(void **state)
{
    enum { MANY = 100, BYTES = 1 << 20 };
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    hear_within(BYTES);
    for (unsigned i = 0; i < MANY; i++)
        hello_of(1024 + i);
    assert_int_equal(h.told, 0);
    assert_int_equal(undecoded(&h, "memory_limit"), 0);
    finish();
    assert_int_equal(h.told, MANY);
    assert_null(strstr(h.findings, "memory-limit"));
}

/* How much is used is looked at once in so many packets. */
static void test_looked_at(void **state)
{
    enum { FEW_BYTES = 1024, OTHERS = 50000 };
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    hear_within(FEW_BYTES);
    hello_of(1024);
    for (unsigned packets = 4; packets < WT_LIMIT_MEMORY_PACKETS - 1; packets++)
        segment(WT_CLIENT, OTHERS, WT_TCP_ACK, 1, 1, nothing, 0);
    assert_true(wt_budget_used(h.observer) > FEW_BYTES);
    assert_int_equal(undecoded(&h, "memory_limit"), 0);
    segment(WT_CLIENT, OTHERS, WT_TCP_ACK, 1, 1, nothing, 0);
    assert_true(wt_budget_used(h.observer) <= FEW_BYTES);
    assert_true(undecoded(&h, "memory_limit") > 0);
    assert_int_equal(h.told, 1);
}

/* Closed ones that wait for stragglers hold so many bytes and no more: those that were closed first end then. */
static void test_closing(void **state)
{
    unsigned port = 1024;
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    hear_within(1 << 30);
    const int64_t begun = now;
    while (h.observer->closing_bytes <= WT_LIMIT_CLOSING_BYTES) {
        assert_int_equal(h.told, 0);
        assert_true(h.observer->closing_count < WT_LIMIT_CLOSING);
        hello_of(port);
        segment(WT_CLIENT, port++, WT_TCP_RST, 1001 + (uint32_t)d.turns[0].flight.b.n, 0, nothing, 0);
        now = begun;
    }
    hello_of(port);
    assert_int_equal(h.told, 1);
    assert_int_equal(h.streams[0], 0);
    assert_true(h.observer->closing_bytes <= WT_LIMIT_CLOSING_BYTES);
    finish();
    assert_int_equal(h.told, port + 1 - 1024);
    assert_int_equal(h.observer->closing_bytes, 0);
}

/* The one that was closed last waits for its last packets, though it alone holds more than all may. */
static void test_closing_large(void **state)
{
    (void)state;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    hear_within(1 << 30);
    for (unsigned port = 1024; port < 1026; port++) {
        const uint32_t end = 1001 + (uint32_t)d.turns[0].flight.b.n;
        hello_of(port);
        assert_int_equal(h.told, 0);
        segment(WT_CLIENT, port, WT_TCP_RST, end, 0, nothing, 0);
        struct wt_closing *closing = &h.observer->closing[h.observer->closing_first + h.observer->closing_count - 1];
        h.observer->closing_bytes += WT_LIMIT_CLOSING_BYTES;
        closing->held += WT_LIMIT_CLOSING_BYTES;
        segment(WT_SERVER, port, WT_TCP_ACK, 5001, end, nothing, 0);
        assert_int_equal(h.told, port - 1024); /* the one before it */
        assert_int_equal(h.observer->closing_count, 1);
    }
    finish();
    assert_int_equal(h.told, 2);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_told_alike, start, clean),
        cmocka_unit_test_setup_teardown(test_syn_again, start, clean),
        cmocka_unit_test_setup_teardown(test_fed, start, clean),
        cmocka_unit_test_setup_teardown(test_bytes, start, clean),
        cmocka_unit_test_setup_teardown(test_used_up, start, clean),
        cmocka_unit_test_setup_teardown(test_silent, start, clean),
        cmocka_unit_test_setup_teardown(test_enough, start, clean),
        cmocka_unit_test_setup_teardown(test_looked_at, start, clean),
        cmocka_unit_test_setup_teardown(test_closing, start, clean),
        cmocka_unit_test_setup_teardown(test_closing_large, start, clean),
    };
    if (argc != 2)
        return 2;
    captures_folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
