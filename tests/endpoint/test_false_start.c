/* TLS 1.2: data before the server's Finished (RFC 7918). */
#include "pair.h"

#include "registry/registry.h"

#include <string.h>

static const char *const protocols[] = {"http/1.1"};
static const char text[] = "GET / HTTP/1.0\r\n\r\n", more[] = "more";

static void start(struct pair *p)
{
    pair_start(p, NULL);
    for (unsigned side = 0; side < 2; side++) {
        p->options[side].alpn = protocols;
        p->options[side].alpn_count = 1;
    }
    p->options[WT_CLIENT].max_version = WT_TLS12;
    p->options[WT_CLIENT].false_start = true;
}

static struct wt_endpoint_info info_of(const struct pair *p)
{
    struct wt_endpoint_info info;
    wt_endpoint_info(p->e[WT_CLIENT], &info);
    return info;
}

/* Until the client may send data. */
static bool open_before_established(struct pair *p)
{
    while (!info_of(p).false_started && !info_of(p).established && pair_step(p))
        continue;
    return info_of(p).false_started && !info_of(p).established;
}

/* What was written before the handshake, and what is written then, is sent at once, behind the client's Finished. */
static void sent_before(void **state)
{
    struct pair p;
    (void)state;
    start(&p);
    pair_connect(&p);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], text, strlen(text)), strlen(text));
    assert_true(open_before_established(&p));
    const size_t before = wt_endpoint_outgoing(p.e[WT_CLIENT]).n;
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], more, strlen(more)), strlen(more));
    /* RFC 5246, 6.2.3.3: header, explicit nonce, tag */
    assert_int_equal(wt_endpoint_outgoing(p.e[WT_CLIENT]).n, before + 5 + 8 + strlen(more) + 16);
    assert_true(pair_step(&p)); /* the server has it all, and nothing of its Finished was read */
    pair_run(&p);
    assert_int_equal(p.got_n[WT_SERVER], strlen(text) + strlen(more));
    assert_memory_equal(p.got[WT_SERVER], text, strlen(text));
    assert_true(info_of(&p).established && info_of(&p).false_started);
    p.got_n[WT_SERVER] = 0;
    pair_assert_established(&p);
    pair_end(&p);
}

/* Ended meanwhile, the handshake is still seen through: what was sent is sure to have come to its server. */
static void ended_before(void **state)
{
    struct pair p;
    (void)state;
    start(&p);
    pair_connect(&p);
    assert_true(open_before_established(&p));
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], text, strlen(text)), strlen(text));
    wt_endpoint_end(p.e[WT_CLIENT]);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], more, strlen(more)), 0);
    pair_run(&p);
    assert_true(info_of(&p).established);
    assert_int_equal(p.got_n[WT_SERVER], strlen(text));
    assert_null(wt_endpoint_why(p.e[WT_CLIENT]));
    pair_end(&p);
}

/* RFC 7918, 4: "The symmetric cipher defined by the cipher suite negotiated in this handshake has been whitelisted for
 * use with False Start": not those of CBC. Nor without a protocol, in TLS 1.3, or unless it is asked for. */
static void not_before(void **state)
{
    static const uint16_t cbc[] = {0xc009};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct pair p;
        start(&p);
        if (i == 0)
            p.options[WT_CLIENT].false_start = false;
        if (i == 1)
            p.options[WT_SERVER].alpn_count = 0;
        if (i == 2)
            p.options[WT_CLIENT].max_version = WT_TLS13;
        for (unsigned side = 0; i == 3 && side < 2; side++) {
            p.options[side].suites = cbc;
            p.options[side].suite_count = 1;
        }
        pair_connect(&p);
        assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], text, strlen(text)), strlen(text));
        assert_false(open_before_established(&p));
        pair_run(&p);
        assert_false(info_of(&p).false_started);
        p.got_n[WT_SERVER] = 0;
        pair_assert_established(&p);
        pair_end(&p);
    }
}

/* Whose certificate is wrong gets nothing. */
static void not_to_others(void **state)
{
    static const struct test_leaf expired = {.expired = true};
    struct pair p;
    (void)state;
    start(&p);
    wt_identity_free(p.identity);
    p.identity = test_identity(&p.ca, &expired);
    pair_connect(&p);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], text, strlen(text)), strlen(text));
    assert_false(open_before_established(&p));
    pair_run(&p);
    assert_int_equal(p.got_n[WT_SERVER], 0);
    pair_assert_failed(&p, WT_CLIENT, WT_ALERT_CERTIFICATE_EXPIRED, "certificate-expired");
    pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sent_before),
        cmocka_unit_test(ended_before),
        cmocka_unit_test(not_before),
        cmocka_unit_test(not_to_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
