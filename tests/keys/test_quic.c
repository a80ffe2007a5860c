/* QUIC's keys: RFC 9001, A.1 and A.5, RFC 9369, A.1 and A.5; and what is told of each step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "keys/quic.h"
#include "wiretale/report.h"

static struct wt_crypto *crypto;

static const struct {
    uint32_t version;
    const char *client, *client_key, *client_iv, *client_hp;
    const char *server, *server_key, *server_iv, *server_hp;
    const char *chacha_key, *chacha_iv, *chacha_hp, *chacha_ku;
} rows[] = {
    {0x00000001, "c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea", "1f369613dd76d5467730efcbe3b1a22d",
     "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2",
     "3c199828fd139efd216c155ad844cc81fb82fa8d7446fa7d78be803acdda951b", "cf3a5331653c364c88f0f379b6067e37",
     "0ac1493ca1905853b0bba03e", "c206b8d9b9f0f37644430b490eeaa314",
     "c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8", "e0459b3474bdd0e44a41c144",
     "25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4",
     "1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9"},
    {0x6b3343cf, "14ec9d6eb9fd7af83bf5a668bc17a7e283766aade7ecd0891f70f9ff7f4bf47b", "8b1a0bc121284290a29e0971b5cd045d",
     "91f73e2351d8fa91660e909f", "45b95e15235d6f45a6b19cbcb0294ba9",
     "0263db1782731bf4588e7e4d93b7463907cb8cd8200b5da55a8bd488eafc37c1", "82db637861d55e1d011f19ea71d5d2a7",
     "dd13c276499c0249d3310652", "edf6d05c83121201b436e16877593c3a",
     "3bfcddd72bcf02541d7fa0dd1f5f9eeea817e09a6963a0e6c7df0f9a1bab90f2", "a6b5bc6ab7dafce30ffff5dd",
     "d659760d2ba434a226fd37b35c69e2da8211d10c4f12538787d65645d5d1b8e2",
     "c69374c49e3d2a9466fa689e49d476db5d0dfbc87d32ceeaa6343fd0ae4c7d88"},
};

static const uint8_t dcid[] = {0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08};

static void expect(const uint8_t *found, const char *hex)
{
    for (size_t i = 0; hex[2 * i]; i++) {
        uint8_t byte;
        assert_int_equal(sscanf(hex + 2 * i, "%2hhx", &byte), 1);
        assert_int_equal(found[i], byte);
    }
}

static void keys_are_the_rfcs(void **state)
{
    static const char secret[] = "9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b";
    struct wt_schedule s;
    (void)state;
    assert_true(wt_schedule_start(&s, crypto, WT_HASH_SHA256, WT_TLS13, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct wt_quic_version *version = wt_quic_version_find(rows[i].version);
        uint8_t sides[2][32], traffic[32];
        struct wt_quic_keys keys;
        assert_true(wt_quic_initial_secrets(&s, version, wt_span_of(dcid, sizeof dcid), sides[0], sides[1]));
        expect(sides[0], rows[i].client);
        expect(sides[1], rows[i].server);
        assert_true(wt_quic_keys_of(&s, version, wt_span_of(sides[0], 32), 16, &keys));
        expect(keys.key, rows[i].client_key);
        expect(keys.iv, rows[i].client_iv);
        expect(keys.hp, rows[i].client_hp);
        assert_true(wt_quic_keys_of(&s, version, wt_span_of(sides[1], 32), 16, &keys));
        expect(keys.key, rows[i].server_key);
        expect(keys.iv, rows[i].server_iv);
        expect(keys.hp, rows[i].server_hp);
        for (size_t b = 0; b < sizeof traffic; b++)
            assert_int_equal(sscanf(secret + 2 * b, "%2hhx", &traffic[b]), 1);
        assert_true(wt_quic_keys_of(&s, version, wt_span_of(traffic, 32), 32, &keys));
        expect(keys.key, rows[i].chacha_key);
        expect(keys.iv, rows[i].chacha_iv);
        expect(keys.hp, rows[i].chacha_hp);
        assert_int_equal(keys.length, 32);
        assert_true(wt_quic_update(&s, version, traffic));
        expect(traffic, rows[i].chacha_ku);
    }
}

static void lengths_that_are_none_are_refused(void **state)
{
    const uint8_t secret[32] = {0};
    struct wt_schedule s;
    struct wt_quic_keys keys = {.length = 1};
    (void)state;
    assert_true(wt_schedule_start(&s, crypto, WT_HASH_SHA256, WT_TLS13, NULL));
    assert_false(wt_quic_keys_of(&s, wt_quic_version_find(1), wt_span_of(secret, 32), WT_QUIC_KEY_MOST + 1, &keys));
    assert_int_equal(keys.length, 0);
}

/* --- what is told of it ------------------------------------------------------------------------------------------ */

struct heard {
    const char *ids[16];
    char labels[16][24];
    size_t n;
};

static void hear(void *context, const struct wt_step *step)
{
    struct heard *heard = context;
    assert_true(heard->n < 16);
    assert_non_null(step->rfc);
    assert_non_null(wt_step_text(step));
    heard->ids[heard->n] = step->id;
    heard->labels[heard->n][0] = 0;
    for (size_t i = 0; i < step->in_count; i++)
        if (step->in[i].text)
            (void)snprintf(heard->labels[heard->n], sizeof heard->labels[0], "%.*s", (int)step->in[i].bytes.n,
                           (const char *)step->in[i].bytes.p);
    heard->n++;
}

static void each_step_is_told(void **state)
{
    static const struct {
        const char *id, *label;
    } wanted[] = {
        {"quic_initial_secret", ""},
        {"client_initial_secret", "tls13 client in"},
        {"server_initial_secret", "tls13 server in"},
        {"quic_key", "tls13 quicv2 key"},
        {"quic_iv", "tls13 quicv2 iv"},
        {"quic_hp", "tls13 quicv2 hp"},
        {"quic_secret_next", "tls13 quicv2 ku"},
    };
    struct heard heard = {.n = 0};
    const struct wt_steps steps = {hear, &heard};
    const struct wt_quic_version *version = wt_quic_version_find(0x6b3343cf);
    uint8_t client[32], server[32];
    struct wt_quic_keys keys;
    struct wt_schedule s;
    (void)state;
    assert_true(wt_schedule_start(&s, crypto, WT_HASH_SHA256, WT_TLS13, &steps));
    assert_true(wt_quic_initial_secrets(&s, version, wt_span_of(dcid, sizeof dcid), client, server));
    assert_true(wt_quic_keys_of(&s, version, wt_span_of(client, 32), 16, &keys));
    assert_true(wt_quic_update(&s, version, client));
    assert_int_equal(heard.n, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < heard.n; i++) {
        assert_string_equal(heard.ids[i], wanted[i].id);
        assert_string_equal(heard.labels[i], wanted[i].label);
    }
}

static int open_library(void **state)
{
    (void)state;
    crypto = wt_crypto_new();
    return crypto ? 0 : -1;
}

static int close_library(void **state)
{
    (void)state;
    wt_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_the_rfcs),
        cmocka_unit_test(lengths_that_are_none_are_refused),
        cmocka_unit_test(each_step_is_told),
    };
    return cmocka_run_group_tests(tests, open_library, close_library);
}
