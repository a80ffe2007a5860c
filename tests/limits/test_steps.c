/* How many steps of keys, and of how many bytes of records, are kept: what a connection has is what tests measure
 * first, and the limit is that, or one less. */
#include "../observer/met.h"
#include "../observer/undecoded.h"

#include "registry/limits.h"
#include "registry/registry.h"

enum { UNLIMITED = 1 << 20, RECORDS = 8 };

size_t test_steps, test_record_bytes; /* the limits: lower.h */

static void read_with(const struct wt_buffer *log, size_t steps, size_t bytes)
{
    WT_LIMIT_STEPS = steps;
    WT_LIMIT_RECORD_STEPS_BYTES = bytes;
    see_no_more(&s);
    see(&s, (char *)log->p, (struct wt_observer_options){.keep_secrets = true, .keep_record_steps = RECORDS});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    assert_int_equal(s.n, 1);
}

static uint64_t lost(void)
{
    return undecoded_by(s.observer, "step_limit");
}

static void meet(const struct plan *plan)
{
    peers_meet(&p, plan);
    peers_say(&p, WT_CLIENT, "one");
    peers_say(&p, WT_SERVER, "two");
}

/* Without the handshake's secrets the records of a flight are tried with what follows, under several numbers: of these
 * tries the last one counts. */
static void test_count(void **state)
{
    static const struct {
        struct plan plan;
        const char *labels;
    } rows[] = {
        {{.version = WT_TLS12}, "CLIENT_RANDOM "},
        {{.version = WT_TLS13},
         "CLIENT_HANDSHAKE_TRAFFIC_SECRET SERVER_HANDSHAKE_TRAFFIC_SECRET CLIENT_TRAFFIC_SECRET_0 "
         "SERVER_TRAFFIC_SECRET_0 "},
        {{.version = WT_TLS13, .client_certificate = true}, "CLIENT_TRAFFIC_SECRET_0 "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        meet(&rows[i].plan);
        struct wt_buffer log = peers_log(&p, rows[i].labels);
        read_with(&log, UNLIMITED, UNLIMITED);
        const size_t derived = s.told[0].c.derivation_count, all = derived + s.told[0].c.record_step_count;
        assert_true(derived > 0 && all > derived);
        assert_int_equal(lost(), 0);
        for (size_t less = 0; less < 3; less++) {
            read_with(&log, all - less, UNLIMITED);
            assert_int_equal(s.told[0].c.derivation_count + s.told[0].c.record_step_count, all - less);
            assert_int_equal(lost(), less);
        }
        read_with(&log, 0, UNLIMITED);
        assert_int_equal(s.told[0].c.derivation_count + s.told[0].c.record_step_count, 0);
        assert_int_equal(lost(), all);
        wt_buffer_free(&log);
        (void)part(NULL);
    }
}

/* Records that were shown. */
static size_t shown(void)
{
    size_t n = 0;
    for (const char *at = s.told[0].record; (at = strstr(at, "ciphertext ")); at++)
        n++;
    return n;
}

/* A connection's first encrypted records, while all that are shown have no more than so many bytes. */
static void test_bytes(void **state)
{
    (void)state;
    meet(&(struct plan){.version = WT_TLS12});
    struct wt_buffer log = peers_log(&p, "CLIENT_RANDOM ");
    read_with(&log, UNLIMITED, UNLIMITED);
    const size_t all = shown();
    size_t bytes = 0;
    for (size_t i = 0, encrypted[2] = {0, 0}; i < p.n; i++) {
        const uint8_t *record = p.pieces[i].b.p;
        encrypted[p.pieces[i].from] += record[0] == WT_CONTENT_CHANGE_CIPHER_SPEC;
        if (encrypted[p.pieces[i].from] && record[0] != WT_CONTENT_CHANGE_CIPHER_SPEC)
            bytes += p.pieces[i].b.n - 5;
    }
    assert_int_equal(all, 4); /* a Finished and a word from each side */
    read_with(&log, UNLIMITED, bytes);
    assert_int_equal(shown(), all);
    read_with(&log, UNLIMITED, bytes - 1);
    assert_int_equal(shown(), all - 1);
    assert_int_equal(lost(), 0); /* so many first records were asked for as the limit allows */
    wt_buffer_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_count, part),
        cmocka_unit_test_teardown(test_bytes, part),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
