/* Secrets and keys of TLS 1.3 from whole handshakes: each that RFC 8448 gives, and what has to be refused. */
#include "traces.h"

#include "handshake/keys13.h"

static const struct {
    const char *label;
    unsigned side;
    enum wt_epoch epoch;
    enum wt_label log;
} secrets[] = {
    {"c e traffic", WT_CLIENT, WT_EPOCH_EARLY, WT_LABEL_EARLY_TRAFFIC},
    {"c hs traffic", WT_CLIENT, WT_EPOCH_HANDSHAKE, WT_LABEL_CLIENT_HANDSHAKE},
    {"s hs traffic", WT_SERVER, WT_EPOCH_HANDSHAKE, WT_LABEL_SERVER_HANDSHAKE},
    {"c ap traffic", WT_CLIENT, WT_EPOCH_TRAFFIC, WT_LABEL_CLIENT_TRAFFIC},
    {"s ap traffic", WT_SERVER, WT_EPOCH_TRAFFIC, WT_LABEL_SERVER_TRAFFIC},
};

static struct wt_keys13_input input(const struct traced *t)
{
    return (struct wt_keys13_input){.psk = t->psk, .shared = t->shared};
}

/* RFC 8446, 7.1: all traffic secrets of all five connections. */
static void traffic_secrets(void **state)
{
    static const unsigned given[] = {4, 5, 4, 4, 4}; /* in sections 3 to 7 */
    (void)state;
    for (unsigned section = 3; section <= 7; section++) {
        struct traced t;
        struct wt_schedule s;
        unsigned seen = 0;
        traced_start(&t, section, NULL, SIZE_MAX);
        const struct wt_keys13_input in = input(&t);
        assert_true(wt_keys13_schedule(&t.h, NULL, &s));
        for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
            uint8_t secret[WT_DIGEST_MOST];
            struct wt_span want = {0};
            for (unsigned side = WT_CLIENT; side <= WT_SERVER && !want.n; side++)
                want = traced_value(traced_step(&t, side, "derive", secrets[i].label, 0), "expanded");
            assert_int_equal(wt_keys13_label(secrets[i].side, secrets[i].epoch), secrets[i].log);
            if (!want.n)
                continue;
            assert_int_equal(wt_keys13_traffic(&t.h, &s, &in, secrets[i].side, secrets[i].epoch, secret), want.n);
            assert_memory_equal(secret, want.p, want.n);
            seen++;
        }
        assert_int_equal(seen, given[section - 3]);
        traced_end(&t);
    }
}

/* RFC 8446, 7.3: [sender]_write_key and [sender]_write_iv of each traffic secret. */
static void traffic_keys(void **state)
{
    unsigned seen = 0;
    (void)state;
    for (unsigned section = 3; section <= 7; section++) {
        struct traced t;
        struct wt_schedule s;
        traced_start(&t, section, NULL, SIZE_MAX);
        assert_true(wt_keys13_schedule(&t.h, NULL, &s));
        for (size_t i = 0; i < t.trace->count; i++) {
            struct trace_step *step = &t.trace->steps[i];
            struct wt_span prk = traced_value(step, "prk"), key = traced_value(step, "key"),
                           iv = traced_value(step, "iv");
            struct wt_side_keys keys;
            if (strcmp(step->what, "keys") != 0 || !prk.n)
                continue;
            assert_true(wt_keys13_keys(&s, wt_suite_find(t.h.agreed.chosen.suite), prk, &keys));
            assert_true(wt_span_equal(keys.how.key, key) && wt_span_equal(keys.how.iv, iv));
            assert_int_equal(keys.how.version, WT_TLS13);
            seen++;
        }
        traced_end(&t);
    }
    assert_int_equal(seen, 21);
}

/* RFC 8446, 4.6.1: "HKDF-Expand-Label(resumption_master_secret, "resumption", ticket_nonce, Hash.length)". */
static void ticket(void **state)
{
    struct traced t;
    struct wt_schedule s;
    uint8_t psk[WT_DIGEST_MOST];
    (void)state;
    traced_start(&t, 3, NULL, SIZE_MAX);
    const struct wt_keys13_input in = input(&t);
    struct trace_step *step = traced_step(&t, WT_SERVER, "ticket", "", 0);
    struct wt_span want = traced_value(step, "expanded"), nonce = traced_value(step, "hash");
    assert_true(wt_keys13_schedule(&t.h, NULL, &s));
    assert_int_equal(wt_keys13_ticket(&t.h, &s, &in, nonce, psk), want.n);
    assert_memory_equal(psk, want.p, want.n);
    assert_int_equal(wt_keys13_ticket(&t.h, &s, &in, wt_span_of("\1\0", 2), psk), want.n);
    assert_memory_not_equal(psk, want.p, want.n);
    traced_end(&t);
}

/* Both sides at once come to what each comes to alone. */
static void both_sides(void **state)
{
    static const struct {
        enum wt_epoch epoch;
        const char *label[2];
    } epochs[] = {{WT_EPOCH_HANDSHAKE, {"c hs traffic", "s hs traffic"}},
                  {WT_EPOCH_TRAFFIC, {"c ap traffic", "s ap traffic"}}};
    struct traced t;
    (void)state;
    traced_start(&t, 3, NULL, SIZE_MAX);
    const struct wt_keys13_input in = input(&t);
    for (size_t i = 0; i < 2; i++) {
        uint8_t got[2][WT_DIGEST_MOST];
        struct wt_side_keys keys[2];
        assert_true(wt_keys13_both(&t.h, &in, epochs[i].epoch, NULL, got, keys));
        for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
            struct wt_span want =
                traced_value(traced_step(&t, WT_SERVER, "derive", epochs[i].label[side], 0), "expanded");
            assert_int_equal(want.n, 32);
            assert_memory_equal(got[side], want.p, 32);
            assert_int_equal(keys[side].how.key.n, 16);
        }
        assert_memory_not_equal(keys[0].key, keys[1].key, 16);
    }
    traced_end(&t);
}

/* Each secret of the trunk is extracted once, whoever asks first; one that was passed is extracted from the bottom. */
static void one_trunk(void **state)
{
    static const unsigned orders[][6] = {{0, 1, 2, 3, 4, 3}, {4, 3, 2, 1, 0, 4}, {2, 4, 1, 3, 0, 2}};
    const uint8_t *newest = NULL;
    (void)state;
    for (size_t k = 0; k < sizeof orders / sizeof *orders; k++) {
        struct wt_keys13_trunk trunk = {.climbed = 0};
        struct traced t;
        struct wt_schedule s;
        uint8_t with[WT_DIGEST_MOST], without[WT_DIGEST_MOST], before[WT_DIGEST_MOST];
        traced_start(&t, 4, NULL, SIZE_MAX);
        const struct wt_keys13_input in = input(&t);
        struct wt_keys13_input climbing = in;
        climbing.trunk = &trunk;
        newest = trunk.secret;
        assert_true(wt_keys13_schedule(&t.h, NULL, &s));
        for (size_t i = 0; i < 6; i++) {
            const unsigned side = secrets[orders[k][i]].side, climbed = trunk.climbed;
            const enum wt_epoch epoch = secrets[orders[k][i]].epoch;
            memcpy(before, newest, sizeof before);
            assert_int_equal(wt_keys13_traffic(&t.h, &s, &in, side, epoch, without), 32);
            assert_int_equal(wt_keys13_traffic(&t.h, &s, &climbing, side, epoch, with), 32);
            assert_memory_equal(with, without, 32);
            assert_int_equal(trunk.climbed, climbed > epoch ? climbed : (unsigned)epoch + 1);
            assert_int_equal(memcmp(before, newest, sizeof before) == 0, climbed > epoch);
        }
        /* what was extracted is taken, not made again: another one gives other secrets */
        trunk.secret[0] ^= 1;
        assert_int_equal(wt_keys13_exporter(&t.h, &s, &in, without), 32);
        assert_int_equal(wt_keys13_exporter(&t.h, &s, &climbing, with), 32);
        assert_memory_not_equal(with, without, 32);
        traced_end(&t);
    }
}

/* A secret is of what its messages are, and of what the schedule begins with. */
static void other_inputs(void **state)
{
    static const struct change random = {WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 10};
    struct traced t;
    struct wt_schedule s;
    uint8_t secret[WT_DIGEST_MOST], shared[32];
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        traced_start(&t, 3, i == 0 ? &random : NULL, SIZE_MAX);
        struct wt_keys13_input in = input(&t);
        struct wt_span want = traced_value(traced_step(&t, WT_SERVER, "derive", "s hs traffic", 0), "expanded");
        memcpy(shared, in.shared.p, sizeof shared);
        shared[31] ^= i == 1;
        in.shared = wt_span_of(shared, sizeof shared);
        if (i == 2)
            in.psk = wt_span_of("\1", 1);
        assert_true(wt_keys13_schedule(&t.h, NULL, &s));
        assert_int_equal(wt_keys13_traffic(&t.h, &s, &in, WT_SERVER, WT_EPOCH_HANDSHAKE, secret), want.n);
        assert_memory_not_equal(secret, want.p, want.n);
        traced_end(&t);
    }
}

/* What is derived with a message that has not come is nothing: not a secret of fewer messages. */
static void missing_messages(void **state)
{
    struct traced t;
    struct wt_schedule s;
    uint8_t secret[WT_DIGEST_MOST], both[2][WT_DIGEST_MOST];
    struct wt_side_keys keys[2];
    (void)state;
    traced_start(&t, 3, NULL, 1); /* the ClientHello: there is no suite */
    struct wt_keys13_input in = input(&t);
    assert_false(wt_keys13_schedule(&t.h, NULL, &s));
    assert_false(wt_keys13_both(&t.h, &in, WT_EPOCH_HANDSHAKE, NULL, both, keys));
    traced_end(&t);
    traced_start(&t, 3, NULL, 5); /* up to CertificateVerify */
    in = input(&t);
    assert_true(wt_keys13_schedule(&t.h, NULL, &s));
    assert_int_equal(wt_keys13_traffic(&t.h, &s, &in, WT_SERVER, WT_EPOCH_HANDSHAKE, secret), 32);
    assert_int_equal(wt_keys13_traffic(&t.h, &s, &in, WT_SERVER, WT_EPOCH_TRAFFIC, secret), 0);
    assert_false(wt_keys13_both(&t.h, &in, WT_EPOCH_TRAFFIC, NULL, both, keys));
    assert_int_equal(wt_keys13_traffic(&t.h, &s, &in, WT_SERVER, WT_EPOCH_EARLY, secret), 0); /* the server has none */
    assert_int_equal(wt_keys13_ticket(&t.h, &s, &in, wt_span_of("\0", 1), secret), 0);
    t.h.messages.broken = true; /* one before it is missing */
    assert_int_equal(wt_keys13_traffic(&t.h, &s, &in, WT_SERVER, WT_EPOCH_HANDSHAKE, secret), 0);
    t.h.agreed.chosen.suite = 0xfafa;
    assert_false(wt_keys13_schedule(&t.h, NULL, &s));
    traced_end(&t);
}

/* RFC 8446, 4.2.10: early data are under a suite of the client's list that has the PSK's hash. */
static void early_suites(void **state)
{
    const struct wt_client_hello hello = {.cipher_suites = wt_span_of("\x0a\x0a\xc0\x2f\x13\x02\x13\x01\x13\x03", 10)};
    (void)state;
    assert_int_equal(wt_keys13_early_suite(&hello, 0, 0)->id, 0x1302);
    assert_int_equal(wt_keys13_early_suite(&hello, 1, 0)->id, 0x1301);
    assert_int_equal(wt_keys13_early_suite(&hello, 2, 0)->id, 0x1303);
    assert_null(wt_keys13_early_suite(&hello, 3, 0));
    assert_int_equal(wt_keys13_early_suite(&hello, 0, 32)->id, 0x1301);
    assert_int_equal(wt_keys13_early_suite(&hello, 0, 48)->id, 0x1302);
    assert_null(wt_keys13_early_suite(&hello, 1, 48));
    assert_null(wt_keys13_early_suite(&hello, 0, 20));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(traffic_secrets), cmocka_unit_test(traffic_keys), cmocka_unit_test(ticket),
        cmocka_unit_test(both_sides),      cmocka_unit_test(other_inputs), cmocka_unit_test(missing_messages),
        cmocka_unit_test(early_suites),    cmocka_unit_test(one_trunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
