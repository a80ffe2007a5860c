/* Records under keys: what opens is handed on in order, what does not is counted and judged, and what a capture lacks
 * stops the direction that lacks it. */
#include "met.h"

#include "registry/limits.h"
#include "undecoded.h"

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

static void talk(const struct plan *plan)
{
    peers_meet(&p, plan);
    peers_say(&p, WT_CLIENT, "one");
    peers_say(&p, WT_SERVER, "two");
    peers_say(&p, WT_CLIENT, "three");
    peers_say(&p, WT_SERVER, "four");
}

static const char *whole_log(void)
{
    assert_true(wt_buffer_add_char(&p.log, 0));
    p.log.n--;
    return (const char *)p.log.p;
}

/* --- what is handed on ----------------------------------------------------------------------------------------------
 */

static void test_pieces(void **state)
{
    static const struct plan plans[] = {
        {.version = WT_TLS13}, {.version = WT_TLS13, .padding = 300},
        {.suite = 0xc02f},     {.suite = 0xc013},
        {.suite = 0x0005},     {.suite = 0x0002},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(plans); i++) {
        talk(&plans[i]);
        const struct told *t = see_whole(&s, &p, FIN);
        assert_string_equal(s.said, ">one;<two;>three;<four;.");
        assert_string_equal(t->why, "");
        assert_int_equal(t->c.plaintext[WT_CLIENT].bytes, 8);
        assert_int_equal(t->c.plaintext[WT_SERVER].bytes, 7);
        uint8_t digest[WT_DIGEST_MOST];
        assert_int_equal(wt_digest(p.crypto, WT_HASH_SHA256, wt_span_text("onethree"), digest), 32);
        assert_memory_equal(t->c.plaintext[WT_CLIENT].sha256, digest, 32);
        (void)part(NULL);
    }
}

/* No digest is made that nobody asked for; a record without text (as TLS 1.0's peers send against BEAST) is no piece.
 */
static void test_empty(void **state)
{
    static const uint8_t none[32];
    (void)state;
    peers_meet(&p, &(struct plan){.version = WT_TLS10, .suite = 0xc013});
    peers_say(&p, WT_CLIENT, "");
    peers_say(&p, WT_CLIENT, "text");
    see(&s, whole_log(), (struct wt_observer_options){0});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    assert_string_equal(s.said, ">text;.");
    assert_int_equal(s.told[0].c.plaintext[WT_CLIENT].opened, 3);
    assert_memory_equal(s.told[0].c.plaintext[WT_CLIENT].sha256, none, 32);
}

/* RFC 8446, 4.6.3, in both directions, again and again. */
static void test_updates(void **state)
{
    (void)state;
    talk(&(struct plan){.version = WT_TLS13, .suite = 0x1302});
    for (unsigned i = 0; i < 3; i++) {
        peers_update(&p, WT_SERVER);
        peers_say(&p, WT_SERVER, "new");
        peers_update(&p, WT_CLIENT);
        peers_update(&p, WT_CLIENT);
        peers_say(&p, WT_CLIENT, "newer");
    }
    const struct told *t = see_whole(&s, &p, FIN);
    assert_string_equal(s.said, ">one;<two;>three;<four;<new;>newer;<new;>newer;<new;>newer;.");
    assert_string_equal(t->findings, "");
    assert_string_equal(t->why, "");
}

static void test_alerts(void **state)
{
    (void)state;
    for (unsigned tls13 = 0; tls13 < 2; tls13++) {
        talk(&(struct plan){.version = tls13 ? WT_TLS13 : 0});
        peers_alert(&p, WT_CLIENT, 1, WT_ALERT_CLOSE_NOTIFY);
        const struct told *t = see_whole(&s, &p, FIN);
        assert_int_equal(t->c.alert_count, 1);
        assert_int_equal(t->c.state, WT_ESTABLISHED);
        assert_string_equal(t->findings, "");
        (void)part(NULL);
    }
}

/* --- what is known in part -------------------------------------------------------------------------------------------
 */

/* TLS 1.3: each secret opens its part of its direction; trial finds where it begins. */
static void test_some_secrets(void **state)
{
    static const struct {
        const char *labels, *said, *lacks, *proofs;
    } rows[] = {
        {"CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 ", ">one;<two;>three;<four;.",
         "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "u-uu-"},
        {"SERVER_TRAFFIC_SECRET_0 ", "<two;<four;.", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "u-uu-"},
        {"CLIENT_TRAFFIC_SECRET_0 ", ">one;>three;.", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "u-uu-"},
        {"CLIENT_HANDSHAKE_TRAFFIC_SECRET CLIENT_TRAFFIC_SECRET_0 ", ">one;>three;.", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
         "u-uu-"},
        {"SERVER_HANDSHAKE_TRAFFIC_SECRET SERVER_TRAFFIC_SECRET_0 ", "<two;<four;.", "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
         "o-uo-"},
        {"CLIENT_HANDSHAKE_TRAFFIC_SECRET SERVER_HANDSHAKE_TRAFFIC_SECRET ", "", "CLIENT_TRAFFIC_SECRET_0", "o-oo-"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (unsigned certificate = 0; certificate < 2; certificate++) {
            talk(&(struct plan){.version = WT_TLS13, .client_certificate = certificate});
            struct wt_buffer log = peers_log(&p, rows[i].labels);
            see(&s, (char *)log.p, (struct wt_observer_options){0});
            see_stream(&s, &p, AS_PASSED, 0, FIN);
            wt_buffer_free(&log);
            assert_string_equal(s.said, rows[i].said);
            assert_string_equal(s.told[0].findings, "");
            assert_non_null(strstr(s.told[0].why, rows[i].lacks));
            assert_int_equal(s.told[0].c.state, WT_ESTABLISHED);
            if (!certificate)
                expect_proofs(&s.told[0], rows[i].proofs);
            for (unsigned side = 0; side < 2; side++)
                assert_int_equal(s.told[0].c.plaintext[side].failed, 0);
            (void)part(NULL);
        }
}

/* What is said behind the handshake that nobody read is no surprise: tickets, key updates, requests for certificates.
 */
static void test_behind_unread(void **state)
{
    (void)state;
    talk(&(struct plan){.version = WT_TLS13});
    peers_ticket(&p, "ticket", "n");
    peers_ask_certificate(&p, WHOLE);
    peers_update(&p, WT_SERVER);
    peers_say(&p, WT_SERVER, "five");
    struct wt_buffer log = peers_log(&p, "CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 ");
    see(&s, (char *)log.p, (struct wt_observer_options){0});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    wt_buffer_free(&log);
    assert_string_equal(s.said, ">one;<two;>three;<four;<five;.");
    assert_string_equal(s.told[0].findings, "");
}

static void feed(const char *labels)
{
    struct wt_buffer text = peers_log(&p, labels);
    struct wt_keys_log *log = wt_keys_log_open(s.keys, "more", false);
    wt_keys_log_feed(log, text.p, text.n);
    wt_keys_log_close(log);
    wt_buffer_free(&text);
}

/* For records in an order of the test's own. */
static struct wt_stream *open_stream(void)
{
    struct wt_address client = {{[10] = 255, [11] = 255, [12] = 1}, (uint16_t)s.port}, server = client;
    server.port = 443;
    struct wt_stream *stream = wt_observer_stream(s.observer, &client, &server);
    assert_non_null(stream);
    return stream;
}

static void pass_record(struct wt_stream *stream, size_t k)
{
    wt_stream_bytes(stream, p.pieces[k].from, (struct wt_time){s.now, 9}, p.pieces[k].b.p, p.pieces[k].b.n);
}

/* A log that lags behind the packets: where a record's number is all that opening hangs on it begins in the middle. */
static void test_late(void **state)
{
    static const struct {
        struct plan plan;
        const char *said, *why;
    } rows[] = {
        {{.suite = 0xc02f}, ">three;<four;.", "records from the client, which stay encrypted."},
        {{.version = WT_TLS13}, ">three;<four;.", "records from the client, which stay encrypted."},
        {{.suite = 0xc013}, ">three;<four;.", "records from the client, which stay encrypted."},
        {{.suite = 0x0005}, "", "cannot be picked up midstream"},
        {{.suite = 0xc013, .version = WT_TLS10}, "", "cannot be picked up midstream"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        talk(&rows[i].plan);
        size_t n = p.n;
        see(&s,
            "CLIENT_RANDOM 00000000000000000000000000000000000000000000000000000000000000ff "
            "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\n",
            (struct wt_observer_options){0});
        struct wt_stream *stream = open_stream();
        for (size_t k = 0; k < n; k++) {
            if (k == n - 2)
                feed("CLIENT_RANDOM CLIENT_HANDSHAKE_TRAFFIC_SECRET SERVER_HANDSHAKE_TRAFFIC_SECRET "
                     "CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 ");
            pass_record(stream, k);
        }
        wt_stream_close(stream, (struct wt_time){s.now, 9}, false);
        assert_string_equal(s.told[0].findings, "");
        assert_string_equal(s.said, rows[i].said);
        assert_non_null(strstr(s.told[0].why, rows[i].why));
        (void)part(NULL);
    }
}

/* RFC 8446, 4.2.10: a server that refuses early data skips records that do not open under the client's handshake keys.
 * After so many of them nothing of its direction is tried any more. */
static void test_trials(void **state)
{
    const struct plan plan = {.version = WT_TLS13,
                              .psk = wt_span_of("0123456789abcdef0123456789abcdef", 32),
                              .identity = "me",
                              .early = "soon",
                              .early_refused = true};
    (void)state;
    for (unsigned n = WT_LIMIT_TRIALS; n <= WT_LIMIT_TRIALS + 1; n++) {
        peers_meet(&p, &plan);
        peers_say(&p, WT_CLIENT, "one");
        struct wt_buffer log = peers_log(&p, "CLIENT_HANDSHAKE_TRAFFIC_SECRET SERVER_HANDSHAKE_TRAFFIC_SECRET "
                                             "CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 ");
        see(&s, (char *)log.p, (struct wt_observer_options){0});
        struct wt_stream *stream = open_stream();
        enum { EARLY = 2 }; /* the hello, ChangeCipherSpec, the early data: here they come after the server's flight */
        size_t k = EARLY + 1;
        assert_int_equal(p.pieces[EARLY].b.p[0], WT_CONTENT_APPLICATION_DATA);
        pass_record(stream, 0);
        while (p.pieces[k].from == WT_SERVER)
            pass_record(stream, k++);
        for (unsigned i = 0; i < n; i++)
            pass_record(stream, EARLY);
        while (k < p.n)
            pass_record(stream, k++);
        wt_stream_close(stream, (struct wt_time){s.now, 9}, false);
        const bool over = n > WT_LIMIT_TRIALS;
        assert_string_equal(s.said, over ? "" : ">one;.");
        assert_int_equal(undecoded_by(s.observer, "trial_limit"), over);
        assert_non_null(strstr(s.told[0].why, "do not include CLIENT_EARLY_TRAFFIC_SECRET"));
        wt_buffer_free(&log);
        (void)part(NULL);
    }
}

/* A secret of TLS 1.3 that comes after so many records of its epoch still opens the next one. */
static void test_late_records(void **state)
{
    (void)state;
    for (unsigned n = WT_LIMIT_LATE; n <= WT_LIMIT_LATE + 1; n++) {
        peers_meet(&p, &(struct plan){.version = WT_TLS13});
        for (unsigned i = 0; i < n; i++)
            peers_say(&p, WT_CLIENT, "before");
        peers_say(&p, WT_CLIENT, "one");
        struct wt_buffer log = peers_log(&p, "CLIENT_HANDSHAKE_TRAFFIC_SECRET SERVER_HANDSHAKE_TRAFFIC_SECRET ");
        see(&s, (char *)log.p, (struct wt_observer_options){0});
        struct wt_stream *stream = open_stream();
        for (size_t k = 0; k < p.n; k++) {
            if (k == p.n - 1)
                feed("CLIENT_TRAFFIC_SECRET_0 ");
            pass_record(stream, k);
        }
        wt_stream_close(stream, (struct wt_time){s.now, 9}, false);
        char why[64];
        (void)snprintf(why, sizeof why, "available after %u records from the client", n);
        assert_non_null(strstr(s.told[0].why, why));
        assert_string_equal(s.said, n > WT_LIMIT_LATE ? "" : ">one;.");
        wt_buffer_free(&log);
        (void)part(NULL);
    }
}

/* --- what was changed
 * ------------------------------------------------------------------------------------------------- */

static void test_damage(void **state)
{
    static const struct plan plans[] = {{.version = WT_TLS13},
                                        {.suite = 0xc02f},
                                        {.suite = 0xc013},
                                        {.suite = 0xc013, .encrypt_then_mac = true},
                                        {.suite = 0x0005}};
    (void)state;
    for (size_t i = 0; i < COUNT(plans); i++)
        for (unsigned side = 0; side < 2; side++) {
            peers_meet(&p, &plans[i]);
            p.plan.damage = side == WT_CLIENT ? CLIENT_RECORD : SERVER_RECORD;
            peers_say(&p, side, "changed");
            peers_say(&p, side, "whole");
            peers_say(&p, !side, "other");
            const struct told *t = see_whole(&s, &p, FIN);
            assert_string_equal(s.said, side == WT_CLIENT ? ">whole;<other;." : "<whole;>other;.");
            assert_string_equal(t->findings, "record-corrupted/e ");
            assert_int_equal(t->c.plaintext[side].failed, 1);
            assert_int_equal(t->c.plaintext[!side].failed, 0);
            assert_non_null(strstr(t->why, side == WT_CLIENT ? "from the client." : "from the server."));
            (void)part(NULL);
        }
}

/* The peer says the same: then it is the root cause. */
static void test_damage_ends(void **state)
{
    (void)state;
    peers_meet(&p, &(struct plan){.damage = EVERY_RECORD});
    p.plan.damage = WHOLE;
    peers_alert(&p, WT_SERVER, 2, WT_ALERT_BAD_RECORD_MAC);
    const struct told *t = see_whole(&s, &p, FIN);
    assert_non_null(strstr(t->findings, "record-corrupted/"));
    assert_null(strstr(t->findings, "keys-do-not-fit"));
}

/* Not one record opens: the secrets are those of another leg. */
static void test_other_keys(void **state)
{
    static const uint8_t secret[48] = {1};
    (void)state;
    for (unsigned tls13 = 0; tls13 < 2; tls13++) {
        struct wt_span random;
        talk(&(struct plan){.version = tls13 ? WT_TLS13 : 0});
        random = wt_span_of(p.random[WT_CLIENT], 32);
        p.log.n = 0;
        for (unsigned label = WT_LABEL_CLIENT_HANDSHAKE; tls13 && label <= WT_LABEL_SERVER_TRAFFIC; label++)
            peers_note(&p, label, random, wt_span_of(secret, 32));
        if (!tls13)
            peers_note(&p, WT_LABEL_MASTER, random, wt_span_of(secret, 48));
        see(&s, whole_log(), (struct wt_observer_options){0});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        assert_string_equal(s.told[0].findings, "keys-do-not-fit/w keys-do-not-fit/w ");
        assert_int_equal(s.told[0].c.decryption, WT_DECRYPTION_NONE);
        assert_int_equal(s.told[0].c.state, WT_ESTABLISHED);
        assert_string_equal(s.said, "");
        (void)part(NULL);
    }
}

/* After so many failures in a row nothing more is tried. */
static void test_gives_up(void **state)
{
    (void)state;
    peers_meet(&p, &(struct plan){0});
    p.plan.damage = EVERY_RECORD;
    for (unsigned i = 0; i < 40; i++)
        peers_say(&p, WT_CLIENT, "changed");
    p.plan.damage = WHOLE;
    peers_say(&p, WT_CLIENT, "whole");
    see(&s, whole_log(), (struct wt_observer_options){0});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    assert_string_equal(s.said, "");
    assert_int_equal(s.told[0].c.plaintext[WT_CLIENT].failed, WT_LIMIT_FAILURES + 1);
    assert_string_equal(s.told[0].findings, "record-corrupted/e ");
}

/* --- what is missing
 * ---------------------------------------------------------------------------------------------------- */

/* A gap stops its direction, and only that. */
static void test_gaps(void **state)
{
    (void)state;
    for (unsigned tls13 = 0; tls13 < 2; tls13++)
        for (unsigned side = 0; side < 2; side++) {
            talk(&(struct plan){.version = tls13 ? WT_TLS13 : 0});
            unsigned number = 0;
            for (size_t k = 0; k < p.n; k++)
                number += p.pieces[k].from == side;
            see(&s, whole_log(), (struct wt_observer_options){0});
            see_packets(&s, &p, side, (uint64_t)1 << (number - 1));
            assert_int_equal(s.n, 1);
            assert_string_equal(s.said, side == WT_CLIENT ? "<two;<four;." : ">one;>three;.");
            assert_non_null(strstr(s.told[0].why, "The capture lacks "));
            assert_non_null(strstr(s.told[0].why, side == WT_CLIENT ? "from the client" : "from the server"));
            assert_string_equal(s.told[0].findings, "capture-gap/w ");
            assert_true(s.told[0].c.missing[side] > 0);
            (void)part(NULL);
        }
}

/* --- one record, step by step
 * -------------------------------------------------------------------------------------------- */

static void show(uint32_t record, enum wt_side side)
{
    see(&s, whole_log(), (struct wt_observer_options){.record = record, .record_side = (uint8_t)side});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
}

static void test_steps(void **state)
{
    static const struct plan plans[] = {{.version = WT_TLS13, .padding = 3}, {0}, {.suite = 0xc013}};
    (void)state;
    for (size_t i = 0; i < COUNT(plans); i++) {
        talk(&plans[i]);
        show(1, WT_CLIENT); /* the hello */
        assert_string_equal(s.told[0].record, "fragment header ");
        assert_int_equal(s.told[0].c.derivation_count, 0);
        see_no_more(&s);
        unsigned last = 0;
        for (size_t k = 0; k < p.n; k++)
            last += p.pieces[k].from == WT_SERVER;
        show(last, WT_SERVER);
        assert_non_null(strstr(s.told[0].record, "record "));
        assert_true(s.told[0].c.record_step_count > 3);
        see_no_more(&s);
        show(last + 1, WT_SERVER); /* there is none */
        assert_string_equal(s.told[0].record, "");
        see_no_more(&s);
        /* without keys: as it stands */
        see(&s, NULL, (struct wt_observer_options){.record = last, .record_side = WT_SERVER});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        assert_string_equal(s.told[0].record, "ciphertext header ");
        (void)part(NULL);
    }
}

/* A record is shown of a connection whose handshake nobody follows any more, and another begins behind keys. */
static void test_steps_without_handshake(void **state)
{
    (void)state;
    talk(&(struct plan){0});
    peers_meet_again(&p, &(struct plan){.seed = 3});
    see(&s, NULL, (struct wt_observer_options){.record = 1, .record_side = WT_CLIENT});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    assert_string_equal(s.told[0].record, "fragment header ");
    assert_string_equal(s.told[0].why, "No key log or other secret was given.");
}

/* A record that does not open shows how far it went. */
static void test_steps_of_a_failure(void **state)
{
    (void)state;
    peers_meet(&p, &(struct plan){.version = WT_TLS13});
    p.plan.damage = CLIENT_RECORD;
    peers_say(&p, WT_CLIENT, "changed");
    unsigned last = 0;
    for (size_t k = 0; k < p.n; k++)
        last += p.pieces[k].from == WT_CLIENT;
    show(last, WT_CLIENT);
    assert_true(s.told[0].c.record_step_count > 0);
    assert_string_equal(s.told[0].findings, "record-corrupted/e ");
}

/* --- what nobody asks for
 * ---------------------------------------------------------------------------------------------
 */

struct asked {
    struct seen seen; /* the observer's context */
    unsigned times;
    struct wt_connection begun;
};

static bool refuse(void *context, const struct wt_connection *begun)
{
    struct asked *a = context;
    a->times++;
    a->begun = *begun;
    return false;
}

/* It counts as it would otherwise, and nothing is reported of it; after a long record that was left as it is, short
 * ones are read still: a fatal alert refuses it. */
static void test_unwanted(void **state)
{
    static const struct plan plans[] = {{.version = WT_TLS13}, {.suite = 0xc02f}, {.suite = 0xc013}, {.suite = 0x0005}};
    static struct asked a;
    char text[4201];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    for (size_t i = 0; i < COUNT(plans); i++) {
        struct wt_summary summary[2];
        for (unsigned asks = 0; asks < 2; asks++) {
            talk(&plans[i]);
            peers_say(&p, WT_SERVER, text);
            peers_alert(&p, WT_SERVER, 2, WT_ALERT_ACCESS_DENIED);
            see(&a.seen, whole_log(),
                (struct wt_observer_options){.wanted = asks ? refuse : NULL, .keep_messages = true});
            see_stream(&a.seen, &p, AS_PASSED, 1000, FIN);
            wt_observer_finish(a.seen.observer);
            summary[asks] = *wt_observer_summary(a.seen.observer);
            assert_int_equal(a.seen.n, !asks);
            assert_int_equal(a.seen.said[0] == 0, asks);
            see_no_more(&a.seen);
            peers_part(&p);
        }
        assert_int_equal(a.times, i + 1);
        assert_int_equal(a.begun.stream, 0);
        assert_int_equal(a.begun.protocol, WT_PROTOCOL_TLS);
        assert_int_equal(summary[0].connections, summary[1].connections);
        assert_int_equal(summary[0].established, summary[1].established);
        assert_int_equal(summary[0].failed, summary[1].failed);
        assert_int_equal(summary[0].incomplete, summary[1].incomplete);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_pieces, part),
        cmocka_unit_test_teardown(test_empty, part),
        cmocka_unit_test_teardown(test_updates, part),
        cmocka_unit_test_teardown(test_alerts, part),
        cmocka_unit_test_teardown(test_some_secrets, part),
        cmocka_unit_test_teardown(test_behind_unread, part),
        cmocka_unit_test_teardown(test_late, part),
        cmocka_unit_test_teardown(test_trials, part),
        cmocka_unit_test_teardown(test_late_records, part),
        cmocka_unit_test_teardown(test_damage, part),
        cmocka_unit_test_teardown(test_damage_ends, part),
        cmocka_unit_test_teardown(test_other_keys, part),
        cmocka_unit_test_teardown(test_gives_up, part),
        cmocka_unit_test_teardown(test_gaps, part),
        cmocka_unit_test_teardown(test_unwanted, part),
        cmocka_unit_test_teardown(test_steps, part),
        cmocka_unit_test_teardown(test_steps_without_handshake, part),
        cmocka_unit_test_teardown(test_steps_of_a_failure, part),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
