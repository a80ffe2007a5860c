/* How records are: their greatest size, padding, and the suites of all forms of protection. */
#include "endpoint/output.h"
#include "pair.h"

#include "registry/registry.h"

#include <stdlib.h>
#include <string.h>

static const uint16_t versions[] = {WT_TLS12, WT_TLS13};

/* --- sizes -------------------------------------------------------------------------------------------------------- */

/* The longest record of each side, as its header says. */
struct longest {
    size_t most[2], count[2];
    uint8_t head[2][5];
    size_t have[2], left[2];
};

static void measure(void *context, unsigned side, struct wt_span bytes)
{
    struct longest *l = context;
    for (size_t i = 0; i < bytes.n; i++) {
        if (l->left[side]) {
            l->left[side]--;
            continue;
        }
        l->head[side][l->have[side]++] = bytes.p[i];
        if (l->have[side] < 5)
            continue;
        l->have[side] = 0;
        l->left[side] = wt_get16(l->head[side] + 3);
        l->count[side]++;
        if (l->left[side] > l->most[side])
            l->most[side] = l->left[side];
    }
}

static void send_much(struct pair *p, struct longest *l)
{
    uint8_t *much = calloc(1, 20000);
    pair_assert_established(p);
    *l = (struct longest){0};
    p->tap = measure;
    p->context = l;
    for (unsigned side = 0; side < 2; side++)
        assert_int_equal(wt_endpoint_write(p->e[side], much, 20000), 20000);
    pair_run(p);
    free(much);
    assert_null(wt_endpoint_why(p->e[0]));
    assert_null(wt_endpoint_why(p->e[1]));
}

/* RFC 8449, 4: "the maximum size of record in octets that the endpoint is willing to receive": each way its own. */
static void size_limits(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++) {
        const size_t beside = versions[v] == WT_TLS13 ? 16 : 8 + 16;
        struct longest l;
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].max_version = versions[v];
        p.options[WT_CLIENT].record_size_limit = 64;
        p.options[WT_SERVER].record_size_limit = 1000;
        pair_connect(&p);
        pair_run(&p);
        send_much(&p, &l);
        assert_int_equal(l.most[WT_SERVER], 64 + beside);
        assert_int_equal(l.most[WT_CLIENT], 1000 + beside);
        pair_end(&p);
    }
}

/* Records of ours are no longer than the program wants, and no longer than the peer takes. */
static void own_size(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++) {
        const size_t beside = versions[v] == WT_TLS13 ? 1 + 16 : 8 + 16;
        struct longest l;
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].max_version = versions[v];
        p.options[WT_CLIENT].record_size = 500;
        p.options[WT_SERVER].record_size = 700;
        p.options[WT_CLIENT].record_size_limit = (uint16_t)(600 + (versions[v] == WT_TLS13));
        pair_connect(&p);
        pair_run(&p);
        send_much(&p, &l);
        assert_int_equal(l.most[WT_CLIENT], 500 + beside);
        assert_int_equal(l.most[WT_SERVER], 600 + beside);
        pair_end(&p);
    }
}

/* RFC 6066, 4, for a server that does not know RFC 8449; TLS 1.3's content type is beside it. */
static void fragment_lengths(void **state)
{
    static const uint16_t lengths[] = {512, 1024, 2048, 4096};
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (unsigned i = 0; i < 4; i++) {
            struct longest l;
            struct pair p;
            pair_start(&p, NULL);
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].max_fragment_length = lengths[i];
            pair_connect(&p);
            pair_run(&p);
            send_much(&p, &l);
            /* both extensions: the server's answer is to record_size_limit, which says the same */
            assert_int_equal(l.most[WT_SERVER], lengths[i] + (versions[v] == WT_TLS13 ? 1 + 16 : 8 + 16));
            pair_end(&p);
        }
}

/* RFC 8449, 4: "A TLS endpoint that receives a record larger than its advertised limit MUST generate a fatal
 * "record_overflow" alert". The server's limit is taken away behind its back. */
static void over_the_limit(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (unsigned more = 0; more < 2; more++) {
            static const uint8_t data[1000];
            const size_t type = versions[v] == WT_TLS13;
            struct pair p;
            pair_start(&p, NULL);
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].record_size_limit = 500;
            pair_connect(&p);
            pair_run(&p);
            pair_assert_established(&p);
            p.e[WT_SERVER]->h.agreed.offered.record_size_limit = 0x4001;
            assert_int_equal(wt_endpoint_write(p.e[WT_SERVER], data, 500 - type + more), 500 - type + more);
            pair_run(&p);
            if (more)
                pair_assert_failed(&p, WT_CLIENT, WT_ALERT_RECORD_OVERFLOW, "malformed-message");
            else
                assert_null(wt_endpoint_why(p.e[WT_CLIENT]));
            pair_end(&p);
        }
}

static void wrong_options(void **state)
{
    static const struct {
        const char *field;
        uint16_t limit, fragment, padding, size;
    } cases[] = {{"record_size_limit", 63, 0, 0, 0},    {"record_size_limit", 16386, 0, 0, 0},
                 {"max_fragment_length", 0, 513, 0, 0}, {"padding", 0, 0, 16385, 0},
                 {"record_size", 0, 0, 0, 63},          {"record_size", 0, 0, 0, 16385}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct wt_endpoint_options o = {.size = sizeof o,
                                              .host = "www.example.com",
                                              .record_size_limit = cases[i].limit,
                                              .max_fragment_length = cases[i].fragment,
                                              .padding = cases[i].padding,
                                              .record_size = cases[i].size};
        struct wt_error error;
        assert_null(wt_client_new(&o, &error));
        assert_int_equal(error.code, WT_VALUE);
        assert_string_equal(error.field, cases[i].field);
    }
}

/* RFC 8446, 5.4: "All encrypted TLS records can be padded"; not beyond what the peer takes. */
static void padded(void **state)
{
    struct longest l;
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    p.options[WT_SERVER].padding = 512;
    p.options[WT_CLIENT].record_size_limit = 1500;
    pair_connect(&p);
    pair_run(&p);
    send_much(&p, &l);
    assert_int_equal(l.most[WT_SERVER], 1500 + 16);
    l = (struct longest){0};
    assert_int_equal(wt_endpoint_write(p.e[WT_SERVER], "a", 1), 1);
    pair_run(&p);
    assert_int_equal(l.most[WT_SERVER], 512 + 16);
    assert_int_equal(l.count[WT_SERVER], 1);
    pair_end(&p);
}

/* --- suites ------------------------------------------------------------------------------------------------------- */

/* Whether a party takes it; if so, both are established with it. */
static bool takes(struct pair *rsa, struct pair *ec, uint16_t suite, bool *with_mac_outside)
{
    struct wt_error error;
    struct pair *p = wt_suite_find(suite)->auth == WT_AUTH_RSA ? rsa : ec;
    struct wt_endpoint_info info;
    for (unsigned side = 0; side < 2; side++) {
        p->options[side].suites = &suite;
        p->options[side].suite_count = 1;
    }
    p->party[WT_CLIENT] = wt_client_new(&p->options[WT_CLIENT], &error);
    if (!p->party[WT_CLIENT]) {
        assert_int_equal(error.code, WT_UNSUPPORTED);
        assert_string_equal(error.field, "suites");
        assert_int_equal(error.value, suite);
        return false;
    }
    wt_party_free(p->party[WT_CLIENT]);
    pair_connect(p);
    pair_run(p);
    pair_assert_established(p);
    wt_endpoint_info(p->e[WT_CLIENT], &info);
    assert_int_equal(info.suite, suite);
    *with_mac_outside = info.encrypt_then_mac;
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_free(p->e[side]);
        wt_party_free(p->party[side]);
        p->e[side] = NULL;
        p->party[side] = NULL;
    }
    return true;
}

/* All AEAD suites of the registry whose cipher libcrypto has, and CBC where it is named: with (EC)DHE, and certificates
 * of RSA or ECDSA (those with pre-shared keys: test_psk12.c). RFC 7366, 3: encrypt-then-MAC is for CBC alone. */
static void all_suites(void **state)
{
    const struct test_leaf with_rsa = {.type = "RSA"};
    struct pair rsa, ec;
    unsigned taken[WT_MODE_OTHER + 1] = {0};
    (void)state;
    pair_start(&rsa, &with_rsa);
    pair_start(&ec, NULL);
    for (uint32_t id = 0; id <= UINT16_MAX; id++) {
        const struct wt_suite *suite = wt_suite_find((uint16_t)id);
        bool outside;
        if (!suite || suite->auth == WT_AUTH_PSK || !takes(&rsa, &ec, (uint16_t)id, &outside))
            continue;
        const uint8_t mode = wt_cipher_of((enum wt_cipher_id)suite->cipher)->mode;
        taken[mode]++;
        assert_int_equal(outside, mode == WT_MODE_CBC);
        assert_true(suite->kx == WT_KX_TLS13 || suite->kx == WT_KX_ECDHE || suite->kx == WT_KX_DHE);
    }
    assert_true(taken[WT_MODE_GCM] >= 20 && taken[WT_MODE_CCM] >= 5 && taken[WT_MODE_CCM8] >= 5);
    assert_true(taken[WT_MODE_POLY1305] == 4 && taken[WT_MODE_CBC] >= 20);
    assert_int_equal(taken[WT_MODE_NULL] + taken[WT_MODE_STREAM] + taken[WT_MODE_POLY1305_OLD], 0);
    pair_end(&rsa);
    pair_end(&ec);
}

/* One changed byte of a record: refused in one way, whatever it was. RFC 5246, 7.2.2: bad_record_mac "also MUST be
 * returned if an alert is sent because a TLSCiphertext decrypted in an invalid way: either it wasn't an even multiple
 * of the block length, or its padding values, when checked, weren't correct." */
static void change(struct pair *p, size_t at, size_t cut)
{
    uint8_t record[200];
    assert_int_equal(wt_endpoint_write(p->e[WT_CLIENT], "twenty-one and a half", 21), 21);
    const struct wt_span out = wt_endpoint_outgoing(p->e[WT_CLIENT]);
    assert_true(out.n <= sizeof record);
    memcpy(record, out.p, out.n);
    wt_endpoint_sent(p->e[WT_CLIENT], out.n);
    record[5 + at % (out.n - 5)] ^= 0x41;
    record[4] = (uint8_t)(record[4] - cut);
    (void)wt_endpoint_receive(p->e[WT_SERVER], record, out.n - cut);
    pair_run(p);
    pair_assert_failed(p, WT_SERVER, WT_ALERT_BAD_RECORD_MAC, "record-corrupted");
}

static void changed_records(void **state)
{
    static const uint16_t suites[] = {0xc009, 0xc024,
                                      0xc02b}; /* ECDHE_ECDSA: AES-CBC with SHA, with SHA-384, AES-GCM */
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (unsigned outside = 0; outside < 2; outside++)
            for (size_t at = 0; at < 12; at++) {
                struct wt_endpoint_info info;
                struct pair p;
                pair_start(&p, NULL);
                p.alone = true;
                for (unsigned side = 0; side < 2; side++) {
                    p.options[side].suites = &suites[i];
                    p.options[side].suite_count = 1;
                    p.options[side].without_encrypt_then_mac = !outside;
                }
                pair_connect(&p);
                pair_run(&p);
                pair_assert_established(&p);
                wt_endpoint_info(p.e[WT_SERVER], &info);
                assert_int_equal(info.encrypt_then_mac, outside && i < 2);
                change(&p, at * 7, at & 1);
                pair_end(&p);
            }
}

/* The bytes of a record come whole, in two parts, or with the next one's: what was sent comes out, and the caller's
 * bytes stay as they are. */
static void however_they_come(void **state)
{
    static const uint16_t suites[] = {0x1301, 0xc02b, 0xc009};
    static const size_t parts[] = {SIZE_MAX, 3, 5, 700};
    static uint8_t text[1000], records[4096], before[4096];
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)(i * 7);
    for (size_t k = 0; k < 3 * 4 * 2; k++) {
        const bool two = k % 2;
        size_t had = 0, taken = 0;
        struct pair p;
        pair_start(&p, NULL);
        p.alone = true;
        for (unsigned side = 0; side < 2; side++) {
            p.options[side].suites = &suites[k / 8];
            p.options[side].suite_count = 1;
        }
        pair_connect(&p);
        pair_run(&p);
        pair_assert_established(&p);
        for (unsigned i = 0; i <= two; i++)
            assert_int_equal(wt_endpoint_write(p.e[WT_SERVER], text + 500 * i, 500), 500);
        const struct wt_span out = wt_endpoint_outgoing(p.e[WT_SERVER]);
        assert_true(out.n <= sizeof records);
        memcpy(records, out.p, out.n);
        memcpy(before, out.p, out.n);
        while (taken < out.n || wt_endpoint_data(p.e[WT_CLIENT]).n) {
            const struct wt_span data = wt_endpoint_data(p.e[WT_CLIENT]);
            assert_true(had + data.n <= sizeof text);
            assert_memory_equal(data.p, text + had, data.n);
            had += data.n;
            wt_endpoint_taken(p.e[WT_CLIENT], data.n);
            const size_t n = out.n - taken < parts[k / 2 % 4] ? out.n - taken : parts[k / 2 % 4];
            taken += wt_endpoint_receive(p.e[WT_CLIENT], records + taken, n);
        }
        assert_int_equal(had, two ? 1000 : 500);
        assert_memory_equal(records, before, out.n);
        pair_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_limits),    cmocka_unit_test(own_size),        cmocka_unit_test(fragment_lengths),
        cmocka_unit_test(over_the_limit), cmocka_unit_test(wrong_options),   cmocka_unit_test(padded),
        cmocka_unit_test(all_suites),     cmocka_unit_test(changed_records), cmocka_unit_test(however_they_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
