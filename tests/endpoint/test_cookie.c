/* HelloRetryRequest with a cookie, after which the server remembers nothing (RFC 8446, 4.2.2). */
#include "endpoint/engine.h"
#include "pair.h"

#include <string.h>

static void start(struct pair *p)
{
    pair_start(p, NULL);
    p->options[WT_SERVER].cookie = true;
}

static void established(struct pair *p)
{
    struct wt_endpoint_info info;
    pair_run(p);
    pair_assert_established(p);
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_info(p->e[side], &info);
        assert_true(info.retried);
    }
}

static void asks(void **state)
{
    static const uint16_t ours[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1}, theirs[] = {WT_GROUP_SECP256R1};
    static const uint16_t sha384[] = {0x1302};
    (void)state;
    for (unsigned what = 0; what < 4; what++)
        for (size_t piece = 0; piece < 2; piece++) {
            struct pair p;
            start(&p);
            p.piece = piece;
            p.options[WT_CLIENT].groups = ours;
            p.options[WT_CLIENT].group_count = 2;
            if (what & 1) { /* a group beside it */
                p.options[WT_SERVER].groups = theirs;
                p.options[WT_SERVER].group_count = 1;
            }
            if (what & 2) {
                p.options[WT_SERVER].suites = sha384;
                p.options[WT_SERVER].suite_count = 1;
            }
            pair_connect(&p);
            established(&p);
            pair_again(&p, TEST_NOW + 1);
            established(&p);
            struct wt_endpoint_info info;
            wt_endpoint_info(p.e[WT_SERVER], &info);
            assert_true(info.resumed);
            pair_end(&p);
        }
}

/* The hello to a first endpoint, what that answers, and then another one: of this party, or of another. */
static void elsewhere(struct pair *p, int64_t later)
{
    pair_connect(p);
    struct wt_span out = wt_endpoint_outgoing(p->e[WT_CLIENT]);
    assert_int_equal(wt_endpoint_receive(p->e[WT_SERVER], out.p, out.n), out.n);
    wt_endpoint_sent(p->e[WT_CLIENT], out.n);
    out = wt_endpoint_outgoing(p->e[WT_SERVER]);
    assert_int_equal(wt_endpoint_receive(p->e[WT_CLIENT], out.p, out.n), out.n);
    wt_endpoint_free(p->e[WT_SERVER]);
    p->e[WT_SERVER] = wt_server_accept(p->party[WT_SERVER], TEST_MS(TEST_NOW + later));
}

static void nothing_is_kept(void **state)
{
    static const int64_t times[] = {0, WT_LIMIT_COOKIE_SECONDS, WT_LIMIT_COOKIE_SECONDS + 1, -WT_LIMIT_COOKIE_SECONDS,
                                    -WT_LIMIT_COOKIE_SECONDS - 1};
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct pair p;
        start(&p);
        elsewhere(&p, times[i]);
        if (times[i] >= -WT_LIMIT_COOKIE_SECONDS && times[i] <= WT_LIMIT_COOKIE_SECONDS) {
            established(&p);
        } else {
            pair_run(&p);
            pair_assert_failed(&p, WT_SERVER, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
        }
        pair_end(&p);
    }
}

/* The key is the party's, or is shared. */
static void other_party(void **state)
{
    static const uint8_t key[32] = {1};
    (void)state;
    for (unsigned shared = 0; shared < 2; shared++) {
        struct wt_error error;
        struct pair p;
        start(&p);
        p.options[WT_SERVER].ticket_key = shared ? (struct wt_span){key, sizeof key} : (struct wt_span){0};
        elsewhere(&p, 0);
        wt_endpoint_free(p.e[WT_SERVER]);
        wt_party_free(p.party[WT_SERVER]);
        p.party[WT_SERVER] = wt_server_new(&p.options[WT_SERVER], &error);
        p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], TEST_MS(TEST_NOW));
        if (shared) {
            established(&p);
        } else {
            pair_run(&p);
            pair_assert_failed(&p, WT_SERVER, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
        }
        pair_end(&p);
    }
}

/* The second hello, each byte of its cookie changed. */
static void changed(void **state)
{
    (void)state;
    for (size_t i = 0, n = 1; i < n; i++) {
        uint8_t hello[4096];
        struct wt_endpoint_info info;
        struct pair p;
        start(&p);
        elsewhere(&p, 0);
        const struct wt_span out = wt_endpoint_outgoing(p.e[WT_CLIENT]);
        assert_true(out.n <= sizeof hello);
        memcpy(hello, out.p, out.n);
        size_t at = 0;
        for (size_t k = 60; k + 5 < out.n && !at; k++) /* extension 44, a cookie of 76 bytes in it */
            if (!hello[k] && hello[k + 1] == 44 && !hello[k + 2] && hello[k + 3] == 78 && !hello[k + 4] &&
                hello[k + 5] == 76)
                at = k + 6;
        assert_true(at);
        n = 76;
        hello[at + i] ^= 0x10;
        (void)wt_endpoint_receive(p.e[WT_SERVER], hello, out.n);
        wt_endpoint_info(p.e[WT_SERVER], &info);
        assert_true(info.has_alert && info.alert_sent);
        assert_int_equal(info.alert, WT_ALERT_ILLEGAL_PARAMETER);
        pair_end(&p);
    }
}

/* A second hello without the cookie is no answer: the first one again. */
struct first {
    uint8_t bytes[4096];
    size_t n;
};

static struct wt_span first_again(void *context, unsigned side, struct wt_span sent)
{
    struct first *f = context;
    if (side == WT_SERVER)
        return sent;
    if (!f->n) {
        assert_true(sent.n <= sizeof f->bytes);
        memcpy(f->bytes, sent.p, sent.n);
        f->n = sent.n;
    }
    return wt_span_of(f->bytes, f->n);
}

static void missing(void **state)
{
    struct first first = {.n = 0};
    struct pair p;
    (void)state;
    start(&p);
    p.between = first_again;
    p.context = &first;
    pair_connect(&p);
    pair_run(&p);
    pair_assert_failed(&p, WT_SERVER, WT_ALERT_ILLEGAL_PARAMETER, "malformed-message");
    pair_end(&p);
}

/* TLS 1.2 has none (DTLS does). */
static void older_version(void **state)
{
    struct pair p;
    (void)state;
    start(&p);
    p.options[WT_CLIENT].max_version = WT_TLS12;
    pair_connect(&p);
    pair_run(&p);
    pair_assert_established(&p);
    pair_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks),    cmocka_unit_test(nothing_is_kept), cmocka_unit_test(other_party),
        cmocka_unit_test(changed), cmocka_unit_test(missing),         cmocka_unit_test(older_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
