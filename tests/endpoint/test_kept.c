/* Sessions as programs keep them: what their bytes say, whom they are for, and what is wrong with them. */
#include "base/span.h"
#include "pair.h"

#include "registry/limits.h"
#include "registry/registry.h"

#include <string.h>

enum { PORT = 8443, MOST = 1024, MARK = 8, SUITE = MARK + 3 };

static const uint16_t versions[] = {WT_TLS12, WT_TLS13};

/* A first connection, and the session that it leaves. */
static struct wt_span first(struct pair *p, uint16_t version, uint8_t bytes[MOST])
{
    static const char *const protocols[] = {"h2", "http/1.1"};
    pair_start(p, NULL);
    for (unsigned side = 0; side < 2; side++) {
        p->options[side].alpn = protocols;
        p->options[side].alpn_count = 2;
        p->options[side].early_data = 1000;
    }
    p->options[WT_CLIENT].max_version = version;
    p->options[WT_CLIENT].port = PORT;
    pair_first(p);
    return (struct wt_span){bytes, wt_endpoint_session(p->e[WT_CLIENT], bytes, MOST)};
}

static void info(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        struct wt_session_info i;
        struct wt_error error;
        uint8_t bytes[MOST];
        struct pair p;
        const struct wt_span session = first(&p, versions[v], bytes);
        assert_true(wt_session_info(session, &i, &error));
        assert_int_equal(error.code, WT_OK);
        assert_int_equal(i.host.n, strlen(p.options[WT_CLIENT].host));
        assert_memory_equal(i.host.p, p.options[WT_CLIENT].host, i.host.n);
        assert_memory_equal(i.alpn.p, "h2", 2);
        assert_int_equal(i.port, PORT);
        assert_int_equal(i.version, versions[v]);
        assert_true(i.suite && i.verified);
        assert_int_equal(i.made, TEST_MS(TEST_NOW));
        assert_int_equal(i.expires, TEST_MS(TEST_NOW + 7200));
        assert_int_equal(i.early_data, versions[v] == WT_TLS13 ? 1000 : 0);
        assert_memory_equal(bytes, "wiretale", MARK);
        /* every length, and every bit: where it is wrong */
        for (size_t n = 0; n < session.n; n++) {
            assert_false(wt_session_info(wt_span_cut(session, 0, n), &i, &error));
            assert_int_equal(error.code, n < MARK ? WT_FORMAT : WT_TRUNCATED);
            assert_true(error.field && error.offset <= n);
            assert_int_equal(i.version, 0);
        }
        for (size_t at = 0; at < session.n; at++)
            for (unsigned bit = 0; bit < 8; bit += 3) {
                bytes[at] ^= (uint8_t)(1u << bit);
                assert_false(wt_session_info(session, &i, &error));
                assert_true(error.code != WT_OK && error.field && error.offset <= session.n);
                assert_true((error.code == WT_FORMAT) == (at < MARK));
                assert_true((error.code == WT_UNSUPPORTED) == (at == MARK));
                bytes[at] ^= (uint8_t)(1u << bit);
            }
        bytes[SUITE + 1] ^= 0xff; /* a suite that nobody has */
        assert_false(wt_session_info(session, &i, &error));
        assert_string_equal(error.field, "cipher_suite");
        assert_int_equal(error.offset, SUITE);
        bytes[SUITE + 1] ^= 0xff;
        bytes[session.n - 1] ^= 1;
        assert_false(wt_session_info(session, &i, &error));
        assert_string_equal(error.field, "digest");
        assert_int_equal(error.offset, session.n - 32);
        assert_false(wt_session_info(session, &i, NULL));
        pair_end(&p);
    }
}

static struct wt_party *other(const struct pair *p, const struct wt_endpoint_options *o)
{
    struct wt_error error;
    struct wt_party *party = wt_client_new(o, &error);
    (void)p;
    assert_non_null(party);
    return party;
}

static void assert_fault(struct pair *p, const struct wt_endpoint_options *o, struct wt_span session,
                         enum wt_session_fault fault)
{
    struct wt_party *party = other(p, o);
    assert_int_equal(wt_client_session_fault(party, NULL, o->port, TEST_MS(TEST_NOW + 1), session), fault);
    wt_party_free(party);
}

/* Each of them, and that the session is then not offered. */
static void faults(void **state)
{
    static const char *const alpn[] = {"imap"};
    static const uint16_t suite[] = {0x1303, 0xc02c};
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        uint8_t bytes[MOST];
        struct pair p;
        const struct wt_span session = first(&p, versions[v], bytes);
        const struct wt_party *c = p.party[WT_CLIENT];
        assert_int_equal(wt_client_session_fault(c, NULL, PORT, TEST_MS(TEST_NOW), session), WT_SESSION_FITS);
        assert_int_equal(wt_client_session_fault(c, "x.example", PORT, TEST_MS(TEST_NOW), session),
                         WT_SESSION_OTHER_HOST);
        assert_int_equal(wt_client_session_fault(c, NULL, PORT + 1, TEST_MS(TEST_NOW), session), WT_SESSION_OTHER_PORT);
        assert_int_equal(wt_client_session_fault(c, NULL, PORT, TEST_MS(TEST_NOW + 7199), session), WT_SESSION_FITS);
        assert_int_equal(wt_client_session_fault(c, NULL, PORT, TEST_MS(TEST_NOW + 7200), session), WT_SESSION_EXPIRED);
        assert_int_equal(
            wt_client_session_fault(c, NULL, PORT, TEST_MS(TEST_NOW) - WT_LIMIT_EARLY_WINDOW_MS - 1, session),
            WT_SESSION_EXPIRED);
        assert_int_equal(
            wt_client_session_fault(c, NULL, PORT, TEST_MS(TEST_NOW), wt_span_cut(session, 0, session.n - 1)),
            WT_SESSION_MALFORMED);
        struct wt_endpoint_options o = p.options[WT_CLIENT];
        o.max_version = WT_TLS13;
        o.min_version = o.max_version = versions[!v];
        assert_fault(&p, &o, session, WT_SESSION_OTHER_VERSION);
        o = p.options[WT_CLIENT];
        o.suites = suite;
        o.suite_count = 2;
        assert_fault(&p, &o, session, WT_SESSION_OTHER_SUITE);
        o = p.options[WT_CLIENT];
        o.alpn = alpn;
        o.alpn_count = 1;
        assert_fault(&p, &o, session, WT_SESSION_OTHER_ALPN);
        wt_endpoint_free(p.e[WT_CLIENT]);
        p.e[WT_CLIENT] = wt_client_connect_to(p.party[WT_CLIENT], NULL, PORT + 1, TEST_MS(TEST_NOW + 1), session);
        wt_endpoint_free(p.e[WT_SERVER]);
        p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], TEST_MS(TEST_NOW + 1));
        pair_assert_resumed(&p, false);
        pair_again_with(&p, TEST_NOW + 1, session);
        pair_assert_resumed(&p, true);
        pair_end(&p);
    }
}

static void unverified(void **state)
{
    const struct test_leaf expired = {.expired = true};
    uint8_t bytes[MOST];
    struct pair p;
    (void)state;
    pair_start(&p, &expired);
    p.options[WT_CLIENT].without_verification = true;
    pair_connect(&p);
    pair_run(&p);
    const struct wt_span session = {bytes, wt_endpoint_session(p.e[WT_CLIENT], bytes, sizeof bytes)};
    assert_true(session.n);
    assert_fault(&p, &p.options[WT_CLIENT], session, WT_SESSION_FITS);
    struct wt_endpoint_options o = p.options[WT_CLIENT];
    o.without_verification = false;
    assert_fault(&p, &o, session, WT_SESSION_UNVERIFIED);
    pair_end(&p);
}

/* Two servers of one name are two, by their ports: neither gets what the other has given, nor takes its place. */
static void ports(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++) {
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].max_version = versions[v];
        p.options[WT_CLIENT].port = PORT;
        pair_first(&p);
        for (unsigned i = 0; i < 2 * WT_LIMIT_HOST_SESSIONS; i++) {
            wt_endpoint_free(p.e[WT_CLIENT]);
            wt_endpoint_free(p.e[WT_SERVER]);
            p.e[WT_CLIENT] =
                wt_client_connect_to(p.party[WT_CLIENT], NULL, PORT + 1, TEST_MS(TEST_NOW), (struct wt_span){0});
            p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], TEST_MS(TEST_NOW));
            pair_assert_resumed(&p, i > 0);
        }
        pair_then(&p, 1, true);
        pair_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info),
        cmocka_unit_test(faults),
        cmocka_unit_test(unverified),
        cmocka_unit_test(ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
