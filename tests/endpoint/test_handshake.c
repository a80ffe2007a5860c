/* Client and server of ours, against each other. */
#include "pair.h"

#include "base/span.h"
#include "registry/registry.h"

#include <string.h>

static void run(struct pair *p)
{
    pair_connect(p);
    pair_run(p);
}

static void established(struct pair *p)
{
    run(p);
    pair_assert_established(p);
}

static const uint16_t versions[] = {WT_TLS12, WT_TLS13};
#define EACH_VERSION(v) (size_t v = 0; v < sizeof versions / sizeof *versions; v++)

static void both_versions(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
        {
            struct pair p;
            struct wt_endpoint_info info;
            pair_start(&p, NULL);
            p.options[WT_CLIENT].max_version = versions[v];
            established(&p);
            wt_endpoint_info(p.e[WT_CLIENT], &info);
            assert_int_equal(info.version, versions[v]);
            assert_true(info.verified);
            assert_true(info.extended_master == (versions[v] == WT_TLS12));
            assert_int_equal(info.certificate_count, 1);
            assert_null(wt_endpoint_why(p.e[WT_CLIENT]));
            wt_endpoint_info(p.e[WT_SERVER], &info);
            assert_int_equal(info.host.n, strlen("www.example.com"));
            pair_end(&p);
        }
}

static void each_suite(void **state)
{
    (void)state;
    for (size_t i = 0; wt_endpoint_default(WT_REG_CIPHER_SUITE, i); i++) {
        const uint16_t suite = wt_endpoint_default(WT_REG_CIPHER_SUITE, i);
        const struct test_leaf leaf = {.type = wt_suite_find(suite)->auth == WT_AUTH_RSA ? "RSA" : "EC"};
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, &leaf);
        p.options[WT_CLIENT].suites = &suite;
        p.options[WT_CLIENT].suite_count = 1;
        established(&p);
        wt_endpoint_info(p.e[WT_SERVER], &info);
        assert_int_equal(info.suite, suite);
        pair_end(&p);
    }
}

/* Of suites that are equal the client's order decides, of others the server's. RFC 8446, 4.1.2, of cipher_suites: "in
 * descending order of client preference". */
static void ranks(void **state)
{
    static const struct {
        uint16_t ours[3], theirs[3], chosen;
        uint8_t ranks[3];
    } cases[] = {
        {{0xc02b, 0xc02c, 0xcca9}, {0xcca9, 0xc02c, 0xc02b}, 0xc02b, {0, 1, 1}},
        {{0xc02b, 0xc02c, 0xcca9}, {0xcca9, 0xc02c, 0xc02b}, 0xcca9, {0, 0, 0}},
        {{0xc02b, 0xc02c, 0xcca9}, {0xcca9, 0xc02c}, 0xcca9, {0, 1, 1}},
        {{0xc02b, 0xc02c, 0xcca9}, {0xc02c, 0xcca9}, 0xc02c, {0, 1, 1}},
        {{0xc02b, 0xc02c, 0xcca9}, {0xcca9, 0xc02c}, 0xc02c, {0, 0, 1}},
        {{0xc02b, 0xc02c, 0xcca9}, {0xcca9}, 0xcca9, {0, 0, 1}},
        {{0x1301, 0x1302, 0x1303}, {0x1303, 0x1302, 0x1301}, 0x1303, {7, 7, 7}},
        {{0x1301, 0x1302, 0x1303}, {0x1303, 0x1302, 0x1301}, 0x1302, {7, 7, 9}},
        {{0x1301, 0x1302, 0x1303}, {0x1303, 0x1302, 0x1301}, 0x1301, {1, 2, 1}},
    };
    struct wt_endpoint_options o = {.size = sizeof o, .host = "www.example.com", .suite_ranks = cases[0].ranks};
    struct wt_error error;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_SERVER].suites = cases[i].ours;
        p.options[WT_SERVER].suite_ranks = cases[i].ranks;
        p.options[WT_SERVER].suite_count = 3;
        p.options[WT_CLIENT].suites = cases[i].theirs;
        p.options[WT_CLIENT].suite_count = cases[i].theirs[2] ? 3 : cases[i].theirs[1] ? 2 : 1;
        established(&p);
        wt_endpoint_info(p.e[WT_SERVER], &info);
        assert_int_equal(info.suite, cases[i].chosen);
        pair_end(&p);
    }
    assert_null(wt_client_new(&o, &error)); /* of no list */
    assert_string_equal(error.field, "suite_ranks");
}

/* The client sends a share of the first alone: of the others the server asks with a HelloRetryRequest. */
static void each_group(void **state)
{
    static const uint16_t first = WT_GROUP_X448;
    static const struct test_leaf leaf = {.type = "RSA"};
    (void)state;
    for
        EACH_VERSION(v)
    for (size_t i = 0; wt_endpoint_default(WT_REG_GROUP, i); i++) {
        const uint16_t group = wt_endpoint_default(WT_REG_GROUP, i), groups[2] = {first, group};
        const uint8_t kind = wt_group_find(group)->kind;
        const bool only13 = kind == WT_GROUP_FF || kind == WT_GROUP_HYBRID || kind == WT_GROUP_PQ;
        struct wt_endpoint_info info;
        struct wt_error error;
        struct pair p;
        pair_start(&p, &leaf);
        p.options[WT_CLIENT].max_version = versions[v];
        p.options[WT_CLIENT].groups = groups;
        p.options[WT_CLIENT].group_count = 2;
        p.options[WT_SERVER].groups = &group;
        p.options[WT_SERVER].group_count = 1;
        struct wt_party *probe = wt_client_new(&p.options[WT_CLIENT], &error);
        bool skip = !probe || (versions[v] == WT_TLS12 && only13); /* a group that libcrypto lacks */
        wt_party_free(probe);
        if (!skip) {
            established(&p);
            wt_endpoint_info(p.e[WT_CLIENT], &info);
            assert_int_equal(info.group, group);
            assert_true(info.retried == (versions[v] == WT_TLS13 && group != first));
        }
        pair_end(&p);
    }
}

static void each_key(void **state)
{
    static const struct test_leaf leaves[] = {
        {.type = "EC"},
        {.type = "EC", .curve = "P-384"},
        {.type = "EC", .curve = "P-521"},
        {.type = "RSA"},
        {.type = "RSA-PSS"},
        {.type = "ED25519"},
        {.type = "ED448"},
    };
    (void)state;
    for
        EACH_VERSION(v)
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        struct pair p;
        pair_start(&p, &leaves[i]);
        p.options[WT_CLIENT].max_version = versions[v];
        established(&p);
        pair_end(&p);
    }
}

/* The same octets whatever pieces they come in. */
static void pieces(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 5, 6, 100, 1000};
    (void)state;
    for
        EACH_VERSION(v)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].max_version = versions[v];
        p.options[WT_SERVER].request = WT_REQUEST_OPTIONAL;
        p.piece = sizes[i];
        established(&p);
        pair_end(&p);
    }
}

static void protocols(void **state)
{
    static const char *const ours[] = {"h2", "http/1.1"}, *const theirs[] = {"spdy/3", "http/1.1", "h2"};
    (void)state;
    for
        EACH_VERSION(v)
        {
            struct wt_endpoint_info info;
            struct pair p;
            pair_start(&p, NULL);
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].alpn = ours;
            p.options[WT_CLIENT].alpn_count = 2;
            p.options[WT_SERVER].alpn = theirs;
            p.options[WT_SERVER].alpn_count = 3;
            established(&p);
            wt_endpoint_info(p.e[WT_CLIENT], &info);
            assert_int_equal(info.alpn.n, 8); /* RFC 7301, 3.2: the server's preference */
            assert_memory_equal(info.alpn.p, "http/1.1", 8);
            pair_end(&p);
            pair_start(&p, NULL);
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].alpn = ours;
            p.options[WT_CLIENT].alpn_count = 2;
            p.options[WT_SERVER].alpn = theirs;
            p.options[WT_SERVER].alpn_count = 1;
            run(&p);
            pair_assert_failed(&p, WT_SERVER, WT_ALERT_NO_APPLICATION_PROTOCOL, "no-shared-alpn");
            pair_end(&p);
        }
}

static void client_certificates(void **state)
{
    static const struct test_leaf client = {.name = "me", .client = true, .type = "ED25519"};
    (void)state;
    for
        EACH_VERSION(v)
    for (unsigned with = 0; with < 2; with++) {
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, NULL);
        struct wt_identity *identity = test_identity(&p.ca, &client);
        p.options[WT_CLIENT].max_version = versions[v];
        p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
        if (with) {
            p.options[WT_CLIENT].identities = (const struct wt_identity *const *)&identity;
            p.options[WT_CLIENT].identity_count = 1;
            established(&p);
            wt_endpoint_info(p.e[WT_SERVER], &info);
            assert_true(info.verified);
            assert_string_equal(info.certificates[0]->common_name, "me");
        } else {
            /* RFC 8446, 4.4.2.4: certificate_required; RFC 5246, 7.4.6: handshake_failure */
            run(&p);
            pair_assert_failed(&p, WT_SERVER,
                               versions[v] == WT_TLS13 ? WT_ALERT_CERTIFICATE_REQUIRED : WT_ALERT_HANDSHAKE_FAILURE,
                               "client-certificate-missing");
        }
        pair_end(&p);
        wt_identity_free(identity);
    }
}

static void wrong_certificates(void **state)
{
    static const struct {
        struct test_leaf leaf;
        uint8_t alert;
        const char *finding;
    } cases[] = {
        {{.expired = true}, WT_ALERT_CERTIFICATE_EXPIRED, "certificate-expired"},
        {{.name = "other.example.com"}, WT_ALERT_BAD_CERTIFICATE, "certificate-host-mismatch"},
        {{.self_signed = true}, WT_ALERT_UNKNOWN_CA, "certificate-self-signed"},
        {{.client = true}, WT_ALERT_UNSUPPORTED_CERTIFICATE, "certificate-wrong-purpose"},
    };
    (void)state;
    for
        EACH_VERSION(v)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned without = 0; without < 2; without++) {
            struct wt_endpoint_info info;
            struct pair p;
            pair_start(&p, &cases[i].leaf);
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_CLIENT].without_verification = without;
            run(&p);
            if (!without) {
                pair_assert_failed(&p, WT_CLIENT, cases[i].alert, cases[i].finding);
            } else {
                pair_assert_established(&p);
                wt_endpoint_info(p.e[WT_CLIENT], &info);
                assert_false(info.verified);
                assert_string_equal(info.wrong[0], cases[i].finding);
            }
            pair_end(&p);
        }
}

/* Another authority than the one that the client trusts. */
static void unknown_authority(void **state)
{
    struct test_ca other;
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    test_ca_start(&other);
    wt_trust_free(p.trust);
    p.trust = test_ca_trust(&other);
    p.options[WT_CLIENT].trust = p.options[WT_SERVER].trust = p.trust;
    run(&p);
    pair_assert_failed(&p, WT_CLIENT, WT_ALERT_UNKNOWN_CA, "certificate-unknown-issuer");
    pair_end(&p);
    test_ca_end(&other);
}

static void nothing_in_common(void **state)
{
    static const uint16_t a[] = {WT_GROUP_X25519}, b[] = {WT_GROUP_SECP256R1}, aes[] = {0x1301, 0xc02b},
                          chacha[] = {0x1303, 0xcca9}, rsa[] = {WT_SCHEME_RSA_PSS_RSAE_SHA256};
    (void)state;
    for
        EACH_VERSION(v)
    for (unsigned what = 0; what < 3; what++) {
        static const char *const findings[] = {"no-shared-group", "no-shared-cipher-suite",
                                               "no-shared-signature-scheme"};
        struct pair p;
        pair_start(&p, NULL);
        struct wt_endpoint_options *c = &p.options[WT_CLIENT], *s = &p.options[WT_SERVER];
        c->max_version = versions[v];
        c->groups = what == 0 ? a : NULL;
        s->groups = what == 0 ? b : NULL;
        c->suites = what == 1 ? aes : NULL;
        s->suites = what == 1 ? chacha : NULL;
        c->schemes = what == 2 ? rsa : NULL;
        c->group_count = s->group_count = c->scheme_count = 1;
        c->suite_count = s->suite_count = 2;
        run(&p);
        pair_assert_failed(&p, WT_SERVER, WT_ALERT_HANDSHAKE_FAILURE, findings[what]);
        pair_end(&p);
    }
    struct pair p;
    pair_start(&p, NULL);
    p.options[WT_CLIENT].max_version = WT_TLS12;
    p.options[WT_SERVER].min_version = WT_TLS13;
    run(&p);
    pair_assert_failed(&p, WT_SERVER, WT_ALERT_PROTOCOL_VERSION, "no-shared-version");
    pair_end(&p);
}

static void exporters(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
        {
            uint8_t out[2][40];
            struct pair p;
            pair_start(&p, NULL);
            p.options[WT_CLIENT].max_version = versions[v];
            pair_connect(&p);
            assert_false(wt_endpoint_export(p.e[0], "EXPORTER-test", (struct wt_span){0}, out[0], sizeof out[0]));
            pair_run(&p);
            for (unsigned side = 0; side < 2; side++)
                assert_true(
                    wt_endpoint_export(p.e[side], "EXPORTER-test", (struct wt_span){0}, out[side], sizeof out[0]));
            assert_memory_equal(out[0], out[1], sizeof out[0]);
            pair_end(&p);
        }
}

static void key_updates(void **state)
{
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    assert_false(wt_endpoint_key_update(p.e[WT_CLIENT], false));
    pair_run(&p);
    for (unsigned i = 0; i < 4; i++) {
        assert_true(wt_endpoint_key_update(p.e[i & 1], i & 2));
        pair_run(&p);
        pair_assert_established(&p);
    }
    pair_end(&p);
}

static void ends(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
        {
            struct pair p;
            pair_start(&p, NULL);
            p.options[WT_CLIENT].max_version = versions[v];
            established(&p);
            wt_endpoint_end(p.e[WT_CLIENT]);
            pair_run(&p);
            if (versions[v] == WT_TLS13) /* RFC 8446, 6.1: one direction alone is closed */
                assert_int_equal(wt_endpoint_write(p.e[WT_SERVER], "more", 4), 4);
            wt_endpoint_end(p.e[WT_SERVER]);
            pair_run(&p);
            for (unsigned side = 0; side < 2; side++) {
                assert_int_equal(wt_endpoint_wants(p.e[side]), WT_ENDED);
                assert_null(wt_endpoint_why(p.e[side]));
            }
            pair_end(&p);
            pair_start(&p, NULL);
            established(&p);
            wt_endpoint_closed(p.e[WT_CLIENT], true);
            assert_string_equal(wt_endpoint_why(p.e[WT_CLIENT])->id, "truncated-close");
            assert_int_equal(wt_endpoint_wants(p.e[WT_CLIENT]), WT_ENDED);
            pair_end(&p);
        }
}

/* What the server says of it: the client's alert does not tell what it has seen. */
static void told_by_alert(void **state)
{
    static const struct {
        struct test_leaf leaf;
        const char *id, *text;
    } cases[] = {
        {{.expired = true},
         "certificate-expired",
         "To the client the server's certificate has expired or is not valid yet. The client ended the connection with "
         "alert certificate_expired."},
        {{.self_signed = true},
         "certificate-self-signed",
         "The client does not trust the server's certificate, which is self-signed. The client ended the connection "
         "with "
         "alert unknown_ca."},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pair p;
        pair_start(&p, &cases[i].leaf);
        run(&p);
        const struct wt_finding *why = wt_endpoint_why(p.e[WT_SERVER]);
        assert_string_equal(why->id, cases[i].id);
        assert_string_equal(why->text, cases[i].text);
        pair_end(&p);
    }
}

/* RFC 8422, 2.2: a suite of both that no key of the server's is for. */
static void no_key_for_a_suite(void **state)
{
    static const uint16_t rsa[] = {0xc02f}, schemes[] = {0x0403};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        const struct test_leaf leaf = {.type = i ? "RSA" : "EC"};
        struct pair p;
        pair_start(&p, &leaf);
        p.options[WT_CLIENT].suites = rsa;
        p.options[WT_CLIENT].schemes = schemes;
        p.options[WT_CLIENT].suite_count = p.options[WT_CLIENT].scheme_count = 1;
        run(&p);
        pair_assert_failed(&p, WT_SERVER, WT_ALERT_HANDSHAKE_FAILURE,
                           i ? "no-shared-signature-scheme" : "no-shared-cipher-suite");
        pair_end(&p);
    }
}

/* RFC 5246, 7.4.3: a finite field is named by its numbers; which group of RFC 7919 that is both know. */
static void finite_fields(void **state)
{
    static const uint16_t suite = 0x009e, groups[] = {WT_GROUP_FFDHE2048, WT_GROUP_FFDHE3072};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, &(struct test_leaf){.type = "RSA"});
        for (unsigned side = 0; side < 2; side++) {
            p.options[side].max_version = WT_TLS12;
            p.options[side].suites = &suite;
            p.options[side].suite_count = 1;
        }
        p.options[WT_SERVER].groups = &groups[i];
        p.options[WT_SERVER].group_count = 1;
        run(&p);
        pair_assert_established(&p);
        for (unsigned side = 0; side < 2; side++) {
            wt_endpoint_info(p.e[side], &info);
            assert_int_equal(info.group, groups[i]);
        }
        pair_end(&p);
    }
}

/* The hello of a client whose share has a byte less at its front, and lengths that fit. */
static size_t shorten_share(struct wt_span hello, uint8_t *out)
{
    static const uint8_t head[] = {0x01, 0x04, 0x01, 0x00, 0x01, 0x00}; /* list, ffdhe2048, 256 bytes */
    size_t at = 0;
    for (size_t i = 0; i + sizeof head <= hello.n; i++)
        if (!memcmp(hello.p + i, head, sizeof head))
            at = i;
    assert_true(at);
    memcpy(out, hello.p, at + sizeof head);
    memcpy(out + at + sizeof head, hello.p + at + sizeof head + 1, hello.n - at - sizeof head - 1);
    /* record, message (its block's length follows), extension, list, share */
    const size_t block = 5 + 4 + 2 + 32 + 1 + 32, suites = block + 2 + wt_get16(out + block) + 2;
    const size_t lengths[] = {3, 5 + 2, suites, at - 2, at, at + 4};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        if (out[lengths[i] + 1]-- == 0)
            out[lengths[i]]--;
    return hello.n - 1;
}

/* RFC 8446, 4.2.8.1: "encoded as a big-endian integer and padded to the left with zeros to the size of p in bytes" */
static void short_share(void **state)
{
    static const uint16_t groups[] = {WT_GROUP_FFDHE2048};
    (void)state;
    for (unsigned shorter = 0; shorter < 2; shorter++) {
        uint8_t bytes[4096];
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].groups = groups;
        p.options[WT_CLIENT].group_count = 1;
        p.alone = true; /* one of them is none of ours */
        pair_connect(&p);
        const struct wt_span hello = wt_endpoint_outgoing(p.e[WT_CLIENT]);
        assert_true(hello.n < sizeof bytes);
        memcpy(bytes, hello.p, hello.n);
        const size_t n = shorter ? shorten_share(hello, bytes) : hello.n;
        assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], bytes, n), n);
        const struct wt_finding *why = wt_endpoint_why(p.e[WT_SERVER]);
        if (shorter) {
            const struct wt_span alert = wt_endpoint_outgoing(p.e[WT_SERVER]);
            assert_string_equal(why->id, "malformed-message");
            assert_non_null(strstr(why->text, "4.2.8.1"));
            assert_int_equal(alert.p[6], WT_ALERT_ILLEGAL_PARAMETER);
        } else {
            assert_null(why);
        }
        pair_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions),
        cmocka_unit_test(each_suite),
        cmocka_unit_test(ranks),
        cmocka_unit_test(each_group),
        cmocka_unit_test(each_key),
        cmocka_unit_test(pieces),
        cmocka_unit_test(protocols),
        cmocka_unit_test(client_certificates),
        cmocka_unit_test(wrong_certificates),
        cmocka_unit_test(unknown_authority),
        cmocka_unit_test(nothing_in_common),
        cmocka_unit_test(exporters),
        cmocka_unit_test(key_updates),
        cmocka_unit_test(finite_fields),
        cmocka_unit_test(ends),
        cmocka_unit_test(short_share),
        cmocka_unit_test(told_by_alert),
        cmocka_unit_test(no_key_for_a_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
